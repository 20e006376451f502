/* SPDX-License-Identifier: MIT */
/* What the HTTP library logs, as far as it tells what became of a request. */
#include "http_log.h"

#include "log.h"

#include <string.h>
#include <time.h>

/* How long a thread waits that finds no descriptor for its only connection. */
#define DESCRIPTOR_NANOSECONDS 50000000

/* The status comes first of what is written into this line. */
static const char answered[] = "Error processing request (HTTP response code";
static const char full[] = "Server reached connection limit";
static const char exhausted[] = "Hit process or system resource limit at FIRST";

static bool begins(const char *format, const char *words)
{
    return strncmp(format, words, strlen(words)) == 0;
}

static void count_answer(struct http_refusals *refusals, va_list arguments)
{
    va_list copy;
    va_copy(copy, arguments);
    atomic_store(&refusals->status, va_arg(copy, unsigned));
    va_end(copy);
    atomic_fetch_add(&refusals->requests, 1);
}

void http_on_log(void *self, const char *format, va_list arguments)
{
    struct http_refusals *refusals = self;
    if (begins(format, answered))
        count_answer(refusals, arguments);
    else if (begins(format, full))
        atomic_fetch_add(&refusals->connections, 1);
    log_vline(LEVEL_DEBUG, format, arguments);
    if (begins(format, exhausted))
        nanosleep(&(struct timespec){.tv_nsec = DESCRIPTOR_NANOSECONDS}, NULL);
}

void http_log_refusals(struct http_refusals *refusals)
{
    size_t requests = atomic_load(&refusals->requests);
    size_t connections = atomic_load(&refusals->connections);
    if (requests != refusals->told_requests)
        log_line(LEVEL_INFO,
                 "refused %zu requests that are malformed, or whose heads are "
                 "too large, the last with %u",
                 requests - refusals->told_requests,
                 atomic_load(&refusals->status));
    if (connections != refusals->told_connections)
        log_line(LEVEL_INFO,
                 "hung up on %zu connections, more than there may be of an "
                 "address or in all",
                 connections - refusals->told_connections);
    refusals->told_requests = requests;
    refusals->told_connections = connections;
}
