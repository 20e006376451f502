/* SPDX-License-Identifier: MIT */
/* What a daemon asks of the kernel: signals and file descriptors. */
#ifndef PROCESS_H
#define PROCESS_H

#include "api.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Before the first thread starts: keep SIGTERM, SIGINT and SIGHUP for the
 * functions below, ignore SIGPIPE, and allow as many open files as the hard
 * limit does.
 */
void process_prepare(void);

/* How many files may be open now; 0 if that isn't known. */
uint64_t process_files(void);

enum process_event { PROCESS_NOTHING, PROCESS_STOP, PROCESS_RELOAD };

/*
 * Wait for a signal, up to 'milliseconds': SIGTERM or SIGINT is PROCESS_STOP,
 * SIGHUP PROCESS_RELOAD.  Each is reported once.
 */
enum process_event process_wait(int milliseconds);

/* The same for SIGTERM and SIGINT alone: returns whether one came. */
bool process_stop_asked(int milliseconds);

/*
 * Give the memory that was freed back to the kernel.  By itself the allocator
 * keeps of every thread's share what lies below a block still in use: after
 * large requests hundreds of MiB.
 */
void process_give_back(void);

/* Fill in what the kernel knows of the process; negative if it doesn't. */
void process_vitals(struct api_vitals *vitals);

/*
 * The processors that this process may use, at least 1: as many threads are
 * worth having.  process_helpers() is how many may help another thread, which
 * may be 0.  Both heed quotas of processor time (quota.h), which are files that
 * can't be read inside the sandbox.
 */
unsigned process_cpus(void);
unsigned process_helpers(void);

#endif
