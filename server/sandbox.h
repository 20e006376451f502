/* SPDX-License-Identifier: MIT */
/*
 * What the process can't do any more, should somebody get it to try: start
 * programs, look at other processes, open files that it was not told of, make
 * connections.  Three locks of the kernel, taken in two steps:
 *
 *     sandbox_files()   before there are other threads: no new privileges
 *                       (prctl), and Landlock on all paths but those named
 *     sandbox_calls()   when the listening socket is there: a seccomp filter
 *                       of system calls, for all threads
 *
 * A kernel, a container or a build without one of them is warned of, and goes
 * on without it.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

/* What may be done with a path, and all below it. */
enum sandbox_use {
    SANDBOX_READ,
    SANDBOX_REPLACED, /* read, also another file that takes its name: so all
                         of its folder is */
    SANDBOX_WRITE,    /* files read, made, written, renamed and removed */
};

/* NULL, and what is not there or out of reach, is passed over. */
struct sandbox_path {
    const char *path;
    enum sandbox_use use;
};

/*
 * Leave but these paths, and what /proc shows of the process itself.  Returns
 * whether Landlock is in force.
 */
bool sandbox_files(const struct sandbox_path *paths, size_t count);

/* Returns whether a filter is in force. */
bool sandbox_calls(void);

#endif
