/* SPDX-License-Identifier: MIT */
/* From a head and a body to an exchange that is ready to be answered. */
#include "request.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* How often long work looks whether anybody still waits for it. */
#define LOOK_MILLISECONDS 50

struct request *request_new(struct request_host *host, const char *target)
{
    size_t n = strlen(target);
    struct request *request = calloc(1, sizeof *request + n + 1);
    if (request == NULL)
        return NULL;
    memcpy(request->target, target, n + 1);
    char *query = strchr(request->target, '?');
    if (query != NULL)
        *query++ = '\0';
    request->host = host;
    request->head.target_path = request->target;
    request->head.query = query;
    upload_init(&request->upload, host->max_body_bytes, &host->uploads);
    return request;
}

void request_free(struct request *request)
{
    if (request == NULL)
        return;
    api_end(request->exchange);
    upload_release(&request->upload);
    free(request->fields);
    free(request);
}

bool request_expect_fields(struct request *request, size_t count)
{
    request->fields = calloc(count + 1, sizeof *request->fields);
    request->head.headers = request->fields;
    return request->fields != NULL;
}

void request_add_field(struct request *request, const char *name,
                       const char *value)
{
    request->fields[request->head.header_count++] =
        (struct api_header){name, value};
}

/* The first field of that name, or NULL. */
static const char *field(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->head.header_count; i++)
        if (strcasecmp(request->fields[i].name, name) == 0)
            return request->fields[i].value;
    return NULL;
}

/*
 * Whether to read a refused request's body before answering: a client that is
 * still writing when its connection ends doesn't get to read why.  Not when
 * it waits to be asked for the body, or when there is too much of it.
 */
static bool worth_reading(const struct request *request)
{
    const char *length = field(request, "Content-Length");
    if (field(request, "Expect") != NULL)
        return false;
    return length == NULL ||
           upload_worth_reading(&request->upload, strtoull(length, NULL, 10));
}

bool request_open(struct request *request)
{
    request->stage = REQUEST_BODY;
    request->exchange = api_refuse(request->host->api, &request->head);
    if (request->exchange == NULL)
        return false;
    upload_discard(&request->upload);
    request->close =
        api_answer(request->exchange)->close || !worth_reading(request);
    return request->close;
}

static struct api_exchange *begin(struct request *request)
{
    struct api *api = request->host->api;
    if (request->upload.state == UPLOAD_NO_ROOM)
        return api_refuse_busy(api, &request->head);
    if (request->upload.state != UPLOAD_FITS)
        return api_refuse_body(api, &request->head);
    return api_begin(api, &request->head);
}

/* What one unit of work remembers while it looks after the client. */
struct watch {
    const struct request *request;
    int64_t next_look; /* in milliseconds */
    bool over;
};

static int64_t now_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * Whether the work is in vain.  While a connection is suspended nobody else
 * looks at its socket; POLLRDHUP also tells of a client that sent more
 * requests before it left.
 */
static bool nobody_waits(void *argument)
{
    struct watch *watch = argument;
    const struct request *request = watch->request;
    if (watch->over || atomic_load(&request->host->stopping))
        return true;
    int64_t now = now_milliseconds();
    if (now < watch->next_look)
        return false;
    watch->next_look = now + LOOK_MILLISECONDS;
    struct pollfd socket = {.fd = request->peer->fd, .events = POLLRDHUP};
    watch->over = poll(&socket, 1, 0) > 0;
    return watch->over;
}

static struct request *request_of(struct pool_job *job)
{
    return (struct request *)((char *)job - offsetof(struct request, job));
}

static void run_work(struct pool_job *job, size_t unit)
{
    struct watch watch = {.request = request_of(job)};
    api_work(watch.request->exchange, unit, nobody_waits, &watch);
}

/* How many units of work the exchange has, if there is one. */
static size_t work_count(const struct request *request)
{
    return request->exchange == NULL ? 0 : api_work_count(request->exchange);
}

static void run_begin(struct pool_job *job, size_t unit)
{
    struct request *request = request_of(job);
    (void)unit;
    request->exchange = begin(request);
}

/* What comes after run_begin(); units of work are never brief. */
static size_t begun(struct pool_job *job)
{
    job->run = run_work;
    job->more = NULL;
    job->lane = POOL_ORDINARY;
    return work_count(request_of(job));
}

/* The pool has no room for the work. */
static void refuse(struct request *request)
{
    api_end(request->exchange);
    request->exchange = api_refuse_busy(request->host->api, &request->head);
}

static void done(struct pool_job *job)
{
    struct request *request = request_of(job);
    if (job->refused)
        refuse(request);
    request->resume(request->connection);
}

bool request_begin(struct request *request)
{
    struct pool_job *job = &request->job;
    if (request->exchange != NULL) /* refused at sight */
        return true;
    request->head.body = request->upload.bytes;
    request->head.body_size = request->upload.size;
    enum api_pace pace = api_pace(&request->head);
    *job = (struct pool_job){
        .run = run_begin, .more = begun, .done = done, .units = 1};
    job->lane = pace == API_BRIEF ? POOL_EXPRESS : POOL_ORDINARY;
    if (pace != API_QUICK)
        return false;
    run_begin(job, 0);
    job->units = begun(job);
    return job->units == 0;
}

void request_work(struct request *request)
{
    request->stage = REQUEST_WORK;
    if (pool_submit(request->host->pool, &request->job))
        return;
    refuse(request);
    request->resume(request->connection);
}
