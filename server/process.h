/* SPDX-License-Identifier: MIT */
/* What a daemon asks of the kernel: signals and file descriptors. */
#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>

/*
 * Before the first thread starts: keep SIGTERM and SIGINT for
 * process_stop_asked(), ignore SIGPIPE, and allow as many open files as the
 * hard limit does.
 */
void process_prepare(void);

/*
 * Wait for SIGTERM or SIGINT, up to 'milliseconds', or for ever when that is
 * negative.  Returns whether one came; each is reported once.
 */
bool process_stop_asked(int milliseconds);

/* The processors that this process may use, at least 1. */
unsigned process_cpus(void);

#endif
