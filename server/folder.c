/* SPDX-License-Identifier: MIT */
/* Writing aside, syncing and placing files, relative to open folders. */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define ASIDE_PREFIX ".aside-"

/* Close, and keep the errno of what failed before. */
static void close_quietly(int file)
{
    int saved = errno;
    close(file);
    errno = saved;
}

static void unlink_quietly(int folder, const char *name)
{
    int saved = errno;
    unlinkat(folder, name, 0);
    errno = saved;
}

int folder_open(int folder, const char *name)
{
    return openat(folder, name,
                  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* A new folder is synced by whoever finds it, too: who made it may be dead. */
int folder_make(int folder, const char *name)
{
    if (mkdirat(folder, name, 0777) != 0 && errno != EEXIST)
        return -1;
    if (!folder_sync(folder))
        return -1;
    return folder_open(folder, name);
}

/* Some network file systems know no syncing of folders, and say EINVAL. */
bool folder_sync(int folder)
{
    return fsync(folder) == 0 || errno == EINVAL;
}

/* ------------------------------------------------------------------------
 * Reading
 */

/* Read 'size' bytes; a file that ends before has changed meanwhile. */
static bool read_all(int file, char *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = read(file, bytes + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

static char *read_open(int file, size_t *size)
{
    struct stat about;
    if (fstat(file, &about) != 0)
        return NULL;
    if (!S_ISREG(about.st_mode)) {
        errno = EINVAL;
        return NULL;
    }
    size_t n = (size_t)about.st_size;
    char *bytes = malloc(n + 1);
    if (bytes == NULL)
        return NULL;
    if (!read_all(file, bytes, n)) {
        free(bytes);
        return NULL;
    }
    bytes[n] = '\0';
    *size = n;
    return bytes;
}

/* Not blocking: what is there could be a pipe. */
char *folder_read(int folder, const char *name, size_t *size)
{
    int file =
        openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return NULL;
    char *bytes = read_open(file, size);
    close_quietly(file);
    return bytes;
}

/* ------------------------------------------------------------------------
 * Writing
 */

static bool write_all(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(file, bytes, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes += n;
        size -= (size_t)n;
    }
    return true;
}

/* A name that no other writer has, on whatever host it runs. */
static bool name_aside(char aside[FOLDER_ASIDE])
{
    uint64_t number;
    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        return false;
    snprintf(aside, FOLDER_ASIDE, ASIDE_PREFIX "%016llx",
             (unsigned long long)number);
    return true;
}

/* Some file systems tell only at the end that there was no room. */
static bool write_open(int file, const void *bytes, size_t size)
{
    bool done = write_all(file, bytes, size) && fsync(file) == 0;
    if (!done) {
        close_quietly(file);
        return false;
    }
    return close(file) == 0;
}

bool folder_write(int folder, const void *bytes, size_t size,
                  char aside[FOLDER_ASIDE])
{
    if (!name_aside(aside))
        return false;
    int file =
        openat(folder, aside,
               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file < 0)
        return false;
    if (write_open(file, bytes, size))
        return true;
    unlink_quietly(folder, aside);
    return false;
}

bool folder_place(int folder, const char *aside, const char *name)
{
    if (renameat(folder, aside, folder, name) == 0)
        return folder_sync(folder);
    unlink_quietly(folder, aside);
    return false;
}

/*
 * Over a network the answer to a link(2) that was done may be lost, and the
 * next try finds the name taken: but then the file has two names.
 */
static bool is_linked(int folder, const char *aside)
{
    struct stat about;
    return fstatat(folder, aside, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
           about.st_nlink == 2;
}

bool folder_place_new(int folder, const char *aside, const char *name)
{
    bool placed = linkat(folder, aside, folder, name, 0) == 0;
    if (!placed && errno == EEXIST) {
        placed = is_linked(folder, aside);
        errno = EEXIST;
    }
    unlink_quietly(folder, aside);
    return placed && folder_sync(folder);
}

/* ------------------------------------------------------------------------
 * Looking through a folder
 */

/* A stream with a place of its own, however often 'folder' is listed. */
static DIR *list_open(int folder)
{
    int own = folder_open(folder, ".");
    if (own < 0)
        return NULL;
    DIR *list = fdopendir(own);
    if (list == NULL)
        close_quietly(own);
    return list;
}

bool folder_each(int folder, folder_visit *visit, void *argument)
{
    DIR *list = list_open(folder);
    struct dirent *entry;
    if (list == NULL)
        return false;
    bool more = true;
    while (more && (errno = 0, entry = readdir(list)) != NULL)
        if (entry->d_name[0] != '.')
            more = visit(argument, entry->d_name);
    int failed = more ? errno : 0;
    closedir(list);
    errno = failed;
    return failed == 0;
}

void folder_sweep(int folder, time_t before)
{
    DIR *list = list_open(folder);
    struct dirent *entry;
    struct stat about;
    if (list == NULL)
        return;
    while ((entry = readdir(list)) != NULL) {
        const char *name = entry->d_name;
        if (strncmp(name, ASIDE_PREFIX, sizeof ASIDE_PREFIX - 1) == 0 &&
            fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
            about.st_mtime < before)
            unlinkat(folder, name, 0);
    }
    closedir(list);
}
