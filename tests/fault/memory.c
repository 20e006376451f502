/* SPDX-License-Identifier: MIT */
/* Counting allocations, and failing some.  For one thread. */
#include "memory.h"

#include <errno.h>
#include <jansson.h>
#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

static struct memory_fault fault;
static bool counting;
static long count, held;

/* Whether the allocation that is about to be made fails. */
static bool fails(void)
{
    if (!counting)
        return false;
    count++;
    if (count != fault.first && !(fault.onwards && count > fault.first))
        return false;
    errno = ENOMEM;
    return true;
}

/* A new block, or NULL. */
static void *note(void *block)
{
    if (counting && block != NULL)
        held++;
    return block;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : note(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : note(__real_calloc(n, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    if (fails())
        return NULL;
    return block == NULL ? note(__real_malloc(size))
                         : __real_realloc(block, size);
}

void __wrap_free(void *block)
{
    if (counting && block != NULL)
        held--;
    __real_free(block);
}

void memory_prepare(void)
{
    json_set_alloc_funcs(__wrap_malloc, __wrap_free);
}

void memory_begin(struct memory_fault wanted)
{
    fault = wanted;
    count = 0;
    held = 0;
    counting = true;
}

long memory_end(long *leaked)
{
    counting = false;
    *leaked = held;
    return count;
}
