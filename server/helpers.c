/* SPDX-License-Identifier: MIT */
/* Threads for api_help(). */
#include "helpers.h"

#include "log.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

struct helpers {
    struct api *api;
    size_t count; /* that were started */
    pthread_t threads[];
};

static void *help(void *api)
{
    api_help(api);
    return NULL;
}

/*
 * Start one, and let it run when nothing else does.  Not by its attributes,
 * for which the C library doesn't know that policy.
 */
static bool start(pthread_t *thread, struct api *api)
{
    static const struct sched_param none = {0};
    if (pthread_create(thread, NULL, help, api) != 0)
        return false;
    if (pthread_setschedparam(*thread, SCHED_IDLE, &none) != 0)
        log_line(LEVEL_DEBUG, "a thread that reads ahead runs like any other");
    return true;
}

struct helpers *helpers_start(struct api *api, size_t count)
{
    struct helpers *helpers =
        count == 0
            ? NULL
            : calloc(1, sizeof *helpers + count * sizeof *helpers->threads);
    if (helpers == NULL)
        return NULL;
    helpers->api = api;
    while (helpers->count < count &&
           start(&helpers->threads[helpers->count], api))
        helpers->count++;
    if (helpers->count < count)
        log_line(LEVEL_WARN,
                 "only %zu of %zu threads could be started to "
                 "read ahead",
                 helpers->count, count);
    return helpers;
}

void helpers_stop(struct helpers *helpers)
{
    if (helpers == NULL)
        return;
    api_stop_help(helpers->api);
    for (size_t i = 0; i < helpers->count; i++)
        pthread_join(helpers->threads[i], NULL);
    free(helpers);
}
