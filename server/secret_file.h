/* SPDX-License-Identifier: MIT */
/*
 * Files that hold secrets, or decide who is let in: read as a whole, and
 * overwritten in memory when they are done with.
 */
#ifndef SECRET_FILE_H
#define SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* No such file is larger. */
#define SECRET_FILE_BYTES ((size_t)1 << 20)

/* 'bytes' is owned; a NUL that 'size' doesn't count stands behind them. */
struct secret_file {
    char *bytes;
    size_t size;
};

/*
 * Read the file at 'path', a regular one, that 'option' names.  Logs a warning
 * when others may change it, or, with 'secret', read it.  Returns false after
 * logging what is wrong.  Links are followed: mounted secrets are links.
 */
bool secret_file_read(struct secret_file *file, const char *option,
                      const char *path, bool secret);

/* Overwrite and free what was read. */
void secret_file_release(struct secret_file *file);

#endif
