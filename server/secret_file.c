/* SPDX-License-Identifier: MIT */
/* Reading what nobody else should see. */
#include "secret_file.h"

#include "log.h"
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Read up to 'room' bytes; how many, or -1 with errno. */
static ssize_t read_all(int fd, char *bytes, size_t room)
{
    size_t size = 0;
    while (size < room) {
        ssize_t n = read(fd, bytes + size, room - size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        size += (size_t)n;
    }
    return (ssize_t)size;
}

/* What is wrong with an open file, with errno or without (0), or NULL. */
static const char *read_open(struct secret_file *file, int fd,
                             const struct stat *info)
{
    errno = 0;
    if (!S_ISREG(info->st_mode))
        return "it is not a file";
    file->bytes = malloc(SECRET_FILE_BYTES + 2);
    if (file->bytes == NULL)
        return "out of memory";
    ssize_t size = read_all(fd, file->bytes, SECRET_FILE_BYTES + 1);
    if (size < 0)
        return "it can't be read";
    file->size = (size_t)size;
    file->bytes[size] = '\0';
    errno = 0;
    return file->size > SECRET_FILE_BYTES ? "it is larger than 1 MiB" : NULL;
}

static void warn(const char *option, const char *path, mode_t mode, bool secret)
{
    if (mode & S_IWOTH)
        log_line(LEVEL_WARN, "%s: everybody may write to %.200s: chmod o-rwx",
                 option, path);
    else if (secret && (mode & S_IROTH))
        log_line(LEVEL_WARN, "%s: everybody may read %.200s: chmod o-rwx",
                 option, path);
}

bool secret_file_read(struct secret_file *file, const char *option,
                      const char *path, bool secret)
{
    struct stat info;
    *file = (struct secret_file){0};
    /* Non-blocking, so that a pipe is no reason to wait. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const char *wrong = NULL;
    if (fd < 0 || fstat(fd, &info) != 0)
        wrong = "it can't be opened";
    else
        wrong = read_open(file, fd, &info);
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (wrong == NULL) {
        warn(option, path, info.st_mode, secret);
        return true;
    }
    log_line(LEVEL_ERROR, "%s %.200s: %s%s%s", option, path, wrong,
             error == 0 ? "" : ": ", error == 0 ? "" : strerror(error));
    secret_file_release(file);
    return false;
}

void secret_file_release(struct secret_file *file)
{
    if (file->bytes != NULL)
        sow_secret_clear(file->bytes, SECRET_FILE_BYTES + 2);
    free(file->bytes);
    *file = (struct secret_file){0};
}
