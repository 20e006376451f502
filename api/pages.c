/* SPDX-License-Identifier: MIT */
/* Asking for large pages. */
#include "pages.h"

#include <stdint.h>
#include <sys/mman.h>

/* What the processor maps at once where it is let to. */
#define LARGE_PAGE ((uintptr_t)2 << 20)

void pages_enlarge(void *block, size_t bytes)
{
    const uintptr_t skip = LARGE_PAGE - (uintptr_t)block % LARGE_PAGE;

    if (block && bytes >= skip + LARGE_PAGE)
        madvise((char *)block + skip, (bytes - skip) / LARGE_PAGE * LARGE_PAGE,
                MADV_HUGEPAGE);
}
