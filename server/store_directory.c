/* SPDX-License-Identifier: MIT */
/* Recipes as files: DIR/ns/name/<64 hex>.json, and which one is current. */
#include "store_files.h"

#include "folder.h"
#include "log.h"
#include "repo_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME (STORE_HEX + sizeof STORE_SUFFIX)

/* Nobody takes so long to write a document. */
#define STALE_SECONDS 3600

/* ------------------------------------------------------------------------
 * What errno means
 */

static const struct {
    int number;
    enum store_status status;
} meanings[] = {
    {ENOENT, STORE_MISSING},  {ENOTDIR, STORE_MISSING},
    {ENOSPC, STORE_FULL},     {EDQUOT, STORE_FULL},
    {EROFS, STORE_READ_ONLY}, {EACCES, STORE_READ_ONLY},
    {EPERM, STORE_READ_ONLY}, {ENOMEM, STORE_NO_MEMORY},
};

static enum store_status meaning(int number)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].number == number)
            return meanings[i].status;
    return STORE_FAILED;
}

/* Log that 'what' could not be done to 'name', unless it is just missing. */
static enum store_status tell(const struct store_directory *directory,
                              const char *what, const char *name,
                              enum store_status status, const char *why)
{
    if (status != STORE_MISSING)
        log_line(status == STORE_FAILED ? LEVEL_ERROR : LEVEL_WARN,
                 "can't %s %s/%s: %s", what, directory->path, name, why);
    return status;
}

/* Writing: what was just made and is gone again is no answer for a client. */
static enum store_status fail_writing(const struct store_directory *directory,
                                      const char *name)
{
    int number = errno;
    enum store_status status = meaning(number);
    if (status == STORE_MISSING)
        status = STORE_FAILED;
    return tell(directory, "write", name, status, strerror(number));
}

/* Reading: what may not be read has failed; being read-only does no harm. */
enum store_status store_fail_reading(const struct store_directory *directory,
                                     const char *name)
{
    int number = errno;
    enum store_status status = meaning(number);
    if (status == STORE_READ_ONLY || status == STORE_FULL)
        status = STORE_FAILED;
    return tell(directory, "read", name, status, strerror(number));
}

/* ------------------------------------------------------------------------
 * Names of files
 */

static void file_name(const uint8_t version[SOW_DIGEST_BYTES],
                      char name[FILE_NAME])
{
    sow_digest_hex(version, name);
    memcpy(name + STORE_HEX, STORE_SUFFIX, sizeof STORE_SUFFIX);
}

/* The bytes that two lower-case digits stand for, or -1. */
static int byte_of(const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    const char *high = hex[0] ? strchr(digits, hex[0]) : NULL;
    const char *low = high && hex[1] ? strchr(digits, hex[1]) : NULL;
    return low ? (int)((high - digits) << 4 | (low - digits)) : -1;
}

/* Read a version that 'text' begins with and 'end' follows. */
bool store_version_read(const char *text, const char *end,
                        uint8_t version[SOW_DIGEST_BYTES])
{
    if (strnlen(text, STORE_HEX) < STORE_HEX ||
        strcmp(text + STORE_HEX, end) != 0)
        return false;
    for (size_t i = 0; i < SOW_DIGEST_BYTES; i++) {
        int byte = byte_of(text + 2 * i);
        if (byte < 0)
            return false;
        version[i] = (uint8_t)byte;
    }
    return true;
}

/* Open the folder of a recipe, DIR/ns/name, each part by 'open_part'. */
static int name_open(const struct store_directory *directory, const char *name,
                     int (*open_part)(int folder, const char *part))
{
    char ns[REPO_NAME];
    const char *slash = strchr(name, '/');
    snprintf(ns, sizeof ns, "%.*s", (int)(slash - name), name);
    int parent = open_part(directory->root, ns);
    if (parent < 0)
        return -1;
    int folder = open_part(parent, slash + 1);
    int saved = errno;
    close(parent);
    errno = saved;
    return folder;
}

int store_name_open(const struct store_directory *directory, const char *name)
{
    return name_open(directory, name, folder_open);
}

/* ------------------------------------------------------------------------
 * Reading
 */

enum store_status store_current_read(const struct store_directory *directory,
                                     int folder, const char *name,
                                     uint8_t version[SOW_DIGEST_BYTES])
{
    size_t size;
    char *text = folder_read(folder, STORE_CURRENT, &size);
    if (text == NULL)
        return store_fail_reading(directory, name);
    bool good =
        size == STORE_HEX + 1 && store_version_read(text, "\n", version);
    free(text);
    if (good)
        return STORE_OK;
    return tell(directory, "read", name, STORE_FAILED,
                "'" STORE_CURRENT
                "' is not 64 hexadecimal digits and a newline");
}

static enum store_status directory_current(void *self, const char *name,
                                           uint8_t version[SOW_DIGEST_BYTES])
{
    const struct store_directory *directory = self;
    int folder = store_name_open(directory, name);
    if (folder < 0)
        return store_fail_reading(directory, name);
    enum store_status status =
        store_current_read(directory, folder, name, version);
    close(folder);
    return status;
}

static enum store_status document_read(const struct store_directory *directory,
                                       int folder, const char *name,
                                       const uint8_t version[SOW_DIGEST_BYTES],
                                       char **bytes, size_t *size)
{
    uint8_t found[SOW_DIGEST_BYTES];
    char file[FILE_NAME];
    file_name(version, file);
    char *read = folder_read(folder, file, size);
    if (read == NULL)
        return store_fail_reading(directory, name);
    sow_digest(read, *size, found);
    if (memcmp(found, version, sizeof found) == 0) {
        *bytes = read;
        return STORE_OK;
    }
    free(read);
    return tell(directory, "read", name, STORE_FAILED,
                "a document is not what its name says; restore it, or PUT it "
                "again");
}

static enum store_status directory_read(void *self, const char *name,
                                        const uint8_t version[SOW_DIGEST_BYTES],
                                        char **bytes, size_t *size)
{
    const struct store_directory *directory = self;
    int folder = store_name_open(directory, name);
    if (folder < 0)
        return store_fail_reading(directory, name);
    enum store_status status =
        document_read(directory, folder, name, version, bytes, size);
    close(folder);
    return status;
}

/* ------------------------------------------------------------------------
 * Writing
 */

static bool document_write(int folder, const void *bytes, size_t size,
                           const uint8_t version[SOW_DIGEST_BYTES])
{
    char aside[FOLDER_ASIDE], file[FILE_NAME];
    file_name(version, file);
    return folder_write(folder, bytes, size, aside) &&
           folder_place(folder, aside, file);
}

/*
 * Make 'version' the current one.  'created' when there was none, for one of
 * those who find none at the same time; with 'create' the others fail with
 * EEXIST.  Where files can't have two names, whoever looks may be mistaken.
 */
static bool current_write(int folder, bool create,
                          const uint8_t version[SOW_DIGEST_BYTES],
                          bool *created)
{
    char aside[FOLDER_ASIDE], text[STORE_HEX + 2];
    sow_digest_hex(version, text);
    memcpy(text + STORE_HEX, "\n", 2);
    *created = true;
    if (!folder_write(folder, text, STORE_HEX + 1, aside))
        return false;
    if (folder_place_new(folder, aside, STORE_CURRENT))
        return true;
    if (create || errno != EEXIST)
        return false;
    *created = false;
    return folder_write(folder, text, STORE_HEX + 1, aside) &&
           folder_place(folder, aside, STORE_CURRENT);
}

static enum store_status put(const struct store_directory *directory,
                             int folder, const char *name, const void *bytes,
                             size_t size, bool create, bool *created,
                             const uint8_t version[SOW_DIGEST_BYTES])
{
    if (create &&
        faccessat(folder, STORE_CURRENT, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return STORE_EXISTS;
    if (document_write(folder, bytes, size, version) &&
        current_write(folder, create, version, created))
        return STORE_OK;
    return create && errno == EEXIST ? STORE_EXISTS
                                     : fail_writing(directory, name);
}

static enum store_status
directory_write(void *self, const char *name, const void *bytes, size_t size,
                bool create, uint8_t version[SOW_DIGEST_BYTES], bool *created)
{
    const struct store_directory *directory = self;
    int folder = name_open(directory, name, folder_make);
    if (folder < 0)
        return fail_writing(directory, name);
    sow_digest(bytes, size, version);
    enum store_status status =
        put(directory, folder, name, bytes, size, create, created, version);
    close(folder);
    return status;
}

static enum store_status directory_remove(void *self, const char *name)
{
    const struct store_directory *directory = self;
    int folder = store_name_open(directory, name);
    if (folder < 0)
        return store_fail_reading(directory, name);
    enum store_status status = STORE_OK;
    if (unlinkat(folder, STORE_CURRENT, 0) != 0)
        status =
            errno == ENOENT ? STORE_MISSING : fail_writing(directory, name);
    else if (!folder_sync(folder))
        status = fail_writing(directory, name);
    close(folder);
    return status;
}

/* ------------------------------------------------------------------------
 * Opening and closing
 */

/*
 * Open the root, where links may be followed, or make it, to stay: whoever
 * made it may have died too early.
 */
static int root_open(const char *path)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST && errno != EROFS)
        return -1;
    int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int parent = root < 0 ? -1 : folder_open(root, "..");
    if (parent >= 0) {
        (void)folder_sync(parent);
        close(parent);
    }
    return root;
}

static struct store_directory *no_directory(const char *path, char error[512])
{
    snprintf(error, 512, "can't open the folder of recipes '%.300s': %s", path,
             strerror(errno));
    return NULL;
}

struct store_directory *store_directory_open(const char *path, char error[512])
{
    int root = root_open(path);
    if (root < 0)
        return no_directory(path, error);
    struct store_directory *directory = malloc(sizeof *directory);
    char *copy = strdup(path);
    if (directory == NULL || copy == NULL) {
        free(directory);
        free(copy);
        close(root);
        errno = ENOMEM;
        return no_directory(path, error);
    }
    *directory = (struct store_directory){
        .store = {directory, directory_current, directory_read, directory_write,
                  directory_remove, store_list, store_versions},
        .root = root,
        .path = copy,
    };
    store_sweep(directory, time(NULL) - STALE_SECONDS);
    return directory;
}

bool store_directory_start(const char *path, struct store_directory **directory)
{
    char error[512];
    *directory = NULL;
    if (path == NULL)
        return true;
    *directory = store_directory_open(path, error);
    if (*directory == NULL)
        fprintf(stderr, "sowd: --recipes: %s\n", error);
    return *directory != NULL;
}

const struct store *store_directory_store(struct store_directory *directory)
{
    return directory == NULL ? NULL : &directory->store;
}

void store_directory_close(struct store_directory *directory)
{
    if (directory == NULL)
        return;
    close(directory->root);
    free(directory->path);
    free(directory);
}
