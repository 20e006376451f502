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

bool helpers_start(struct api *api, size_t count, struct helpers **helpers)
{
    *helpers = NULL;
    if (count == 0)
        return true;
    struct helpers *made =
        calloc(1, sizeof *made + count * sizeof *made->threads);
    if (made == NULL) {
        log_line(LEVEL_ERROR, "can't start: out of memory");
        return false;
    }
    made->api = api;
    while (made->count < count && start(&made->threads[made->count], api))
        made->count++;
    *helpers = made;
    if (made->count == count)
        return true;
    log_line(LEVEL_ERROR,
             "can't start the threads that read ahead; --read-ahead %zu does "
             "with those that there were",
             made->count);
    return false;
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
