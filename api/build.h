/* SPDX-License-Identifier: MIT */
/* What this program was built from. */
#ifndef BUILD_H
#define BUILD_H

/*
 * The commit, as `make REVISION=…` said; empty when it didn't.  It is never
 * asked of git: the same sources give the same program wherever they lie, and
 * nothing claims to be a commit that was changed since.
 */
const char *build_revision(void);

#endif
