/* SPDX-License-Identifier: MIT */
/*
 * An allocator that fails on demand.  The program is linked with
 * -Wl,--wrap=malloc and so on for calloc, realloc and free, so that the
 * allocations of api/ and lib/ come through here; memory_prepare() sends the
 * JSON library's here too.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>

/* Which allocations fail, counting from 1: the 'first', or all from it on. */
struct memory_fault {
    long first;
    bool onwards;
};

/* Once, before anything else. */
void memory_prepare(void);

/* From now on count allocations, and let some fail; 0 for none. */
void memory_begin(struct memory_fault fault);

/*
 * Back to normal.  Returns how many allocations there were; 'leaked' is how
 * many blocks were allocated and not freed meanwhile, or the reverse.
 */
long memory_end(long *leaked);

#endif
