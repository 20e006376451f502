/* SPDX-License-Identifier: MIT */
/*
 * The measurement of an analysis (lib/analysis/measure.h): what it costs is
 * checked before anything is done; then all who help do it together, scheme
 * after scheme and phase after phase, and wait for each other where a phase
 * ends.
 *
 * Whoever helps does a share of the tasks, so that requests take turns; the
 * last one to begin does what is left.  So it gets done whatever the order
 * they begin in, also on one thread.  When one is stopped, all are.
 */
#ifndef MEASURING_H
#define MEASURING_H

#include "api.h"
#include "problems.h"

struct analysis;
struct measuring;

/*
 * Plan to measure the cases of 'analysis', which is complete but for 'head'.
 * Refuses layers that can't be measured, with PROBLEM_COST_LIMIT what is too
 * much, and PROBLEM_WHOLE_TOO_LARGE.  The caller owns '*measuring', which
 * borrows the others.
 */
enum problem_code measuring_new(struct measuring **measuring,
                                struct analysis *analysis, struct api *api,
                                struct problem *problem);

/* NULL is fine; nobody may help any more. */
void measuring_free(struct measuring *measuring);

/* Bytes that it takes, about; 0 for NULL. */
uint64_t measuring_bytes(const struct measuring *measuring);

/* How often measuring_help() is to be called. */
size_t measuring_units(const struct measuring *measuring);

/* Help, on any thread; afterwards cases are done, or have a problem. */
void measuring_help(struct measuring *measuring, bool (*stop)(void *argument),
                    void *argument);

#endif
