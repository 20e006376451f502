/* SPDX-License-Identifier: MIT */
/* What this program was built from: the only file that make tells. */
#include "build.h"

#ifndef REVISION
#define REVISION ""
#endif

const char *build_revision(void)
{
    return REVISION;
}
