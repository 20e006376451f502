/* SPDX-License-Identifier: MIT */
/* Landlock, by its system calls: the C library has no names for them. */
#include "sandbox.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Of later kernels than these headers may be from. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

/* Rights to files, and with a folder's to what is in it. */
#define READ_FILE LANDLOCK_ACCESS_FS_READ_FILE
#define WRITE_FILE (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
#define READ (READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE                                                    \
    (WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REFER | \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG)
#define OTHERS                                                     \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |   \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | \
     LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

/* The rights that a kernel of this version of Landlock knows. */
static uint64_t known_rights(long version)
{
    uint64_t rights = READ | WRITE | OTHERS;

    if (version < 2)
        rights &= ~LANDLOCK_ACCESS_FS_REFER;
    if (version < 3)
        rights &= ~LANDLOCK_ACCESS_FS_TRUNCATE;
    return rights;
}

/* Returns 0 or the error's number. */
static int allow(int rules, const struct sandbox_path *path, uint64_t known)
{
    struct stat about;
    char text[PATH_MAX];
    if (snprintf(text, sizeof text, "%s", path->path) >= (int)sizeof text)
        return ENAMETOOLONG;
    const char *name = path->use == SANDBOX_REPLACED ? dirname(text) : text;
    int fd = open(name, O_PATH | O_CLOEXEC);
    /* What this user can't reach is not left to it either. */
    if (fd < 0)
        return errno == ENOENT || errno == EACCES ? 0 : errno;
    uint64_t rights = path->use == SANDBOX_WRITE ? READ | WRITE : READ;
    int error = fstat(fd, &about) < 0 ? errno : 0;
    if (error == 0 && !S_ISDIR(about.st_mode))
        rights &= READ_FILE | WRITE_FILE;
    struct landlock_path_beneath_attr rule = {rights & known, fd};
    if (error == 0 && syscall(SYS_landlock_add_rule, rules,
                              LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
        error = errno;
    close(fd);
    return error;
}

static int allow_all(int rules, const struct sandbox_path *paths, size_t count,
                     uint64_t known)
{
    static const struct sandbox_path own[] = {{"/proc/self", SANDBOX_READ},
                                              {"/proc/stat", SANDBOX_READ}};
    int error = 0;

    for (size_t i = 0; error == 0 && i < sizeof own / sizeof own[0]; i++)
        error = allow(rules, &own[i], known);
    for (size_t i = 0; error == 0 && i < count; i++)
        if (paths[i].path != NULL)
            error = allow(rules, &paths[i], known);
    return error;
}

static int restrict_to(const struct sandbox_path *paths, size_t count)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
                           LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 0)
        return errno;
    struct landlock_ruleset_attr wanted = {.handled_access_fs =
                                               known_rights(version)};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &wanted,
                             sizeof wanted.handled_access_fs, 0);
    if (rules < 0)
        return errno;
    int error = allow_all(rules, paths, count, wanted.handled_access_fs);
    if (error == 0 && syscall(SYS_landlock_restrict_self, rules, 0) < 0)
        error = errno;
    close(rules);
    return error;
}

bool sandbox_files(const struct sandbox_path *paths, size_t count)
{
    tzset(); /* reads a file, once */
    int error = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
                    ? errno
                    : restrict_to(paths, count);
    if (error != 0)
        log_line(LEVEL_WARN, "sandbox: no Landlock here: %s", strerror(error));
    return error == 0;
}
