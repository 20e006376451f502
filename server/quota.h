/* SPDX-License-Identifier: MIT */
/*
 * How much processor time the process may take where a quota is set for its
 * control group: `docker run --cpus`, the limits of Kubernetes, systemd's
 * CPUQuota=.  The kernel takes all processors from who has used it up, until
 * the next period (of 100 ms, as a rule) begins.
 */
#ifndef QUOTA_H
#define QUOTA_H

/*
 * Thousandths of a processor, at least 1: the least of what the process's
 * control group and those above it allow, by cpu.max (version 2) and
 * cpu.cfs_quota_us (version 1).  0 where there is no limit, or none that can be
 * seen.  Files are looked for below 'root', "" for the machine's own.
 */
unsigned quota_read(const char *root);

/*
 * How many threads are worth having on so many processors, with such a quota,
 * or 0 for none: at least 1.  What is more than a whole number gets one more,
 * for it would never be used otherwise.
 */
unsigned quota_threads(unsigned processors, unsigned quota);

/*
 * How many may help another thread that is busy.  Where nothing but the
 * processors sets a limit each may have one that would be idle.  Of a quota
 * they use up what others need before its period ends, so that all stand still:
 * the helpers and whom they help have to be within it.  May be 0.
 */
unsigned quota_helpers(unsigned processors, unsigned quota);

#endif
