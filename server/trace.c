/* SPDX-License-Identifier: MIT */
/* Ids are the process's random number and a count. */
#include "trace.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define HEX "0123456789abcdef"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint64_t process;
static atomic_uint_least64_t count;

/* The clock will do where the kernel has no random numbers yet. */
static void choose_process(void)
{
    struct timespec now;
    if (getrandom(&process, sizeof process, GRND_NONBLOCK) == sizeof process)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    process = (uint64_t)now.tv_sec << 30 ^ (uint64_t)now.tv_nsec;
}

static void make_id(char id[TRACE_REQUEST + 1])
{
    pthread_once(&once, choose_process);
    snprintf(id, TRACE_REQUEST + 1, "%016" PRIx64 "%016" PRIx64, process,
             atomic_fetch_add(&count, 1));
}

static bool is_fine(const char *id)
{
    size_t n = 0;
    if (id == NULL)
        return false;
    for (; id[n] != '\0'; n++)
        if (n == TRACE_REQUEST || id[n] <= ' ' || id[n] > '~')
            return false;
    return n > 0;
}

/* Copy 'n' digits of lower-case hex, not all 0, and what must follow them. */
static bool take_hex(char *to, const char *from, size_t n)
{
    if (strspn(from, HEX) != n || strspn(from, "0") >= n)
        return false;
    memcpy(to, from, n);
    to[n] = '\0';
    return true;
}

/*
 * "00-<32 hex>-<16 hex>-<2 hex>"; versions to come, up to fe, may add fields
 * behind another '-'.
 */
static void read_parent(struct trace *trace, const char *text)
{
    if (strnlen(text, 55) < 55 || strspn(text, HEX) != 2 || text[2] != '-' ||
        strncmp(text, "ff", 2) == 0)
        return;
    const char *flags = text + 53;
    if (strspn(flags, HEX) != 2)
        return;
    if (flags[2] != '\0' && (flags[2] != '-' || strncmp(text, "00", 2) == 0))
        return;
    if (text[35] != '-' || text[52] != '-' ||
        !take_hex(trace->trace, text + 3, 32) ||
        !take_hex(trace->span, text + 36, 16))
        trace->trace[0] = '\0';
}

void trace_read(struct trace *trace, const char *request_id,
                const char *traceparent)
{
    *trace = (struct trace){0};
    if (is_fine(request_id))
        memcpy(trace->request, request_id, strlen(request_id));
    else
        make_id(trace->request);
    if (traceparent != NULL)
        read_parent(trace, traceparent);
}
