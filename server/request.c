/* SPDX-License-Identifier: MIT */
/* From a head and a body to an exchange that is ready to be answered. */
#include "request.h"

#include "access_log.h"
#include "clock.h"
#include "process.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* How often long work looks whether anybody still waits for it. */
#define LOOK_NANOSECONDS (50 * CLOCK_MILLISECOND)

/*
 * Reading a body of such a size leaves so much free memory, to a thread that
 * may not need it soon, that it is given back at once.
 */
#define LARGE_BODY ((size_t)1 << 20)

/* To read one up to this size takes so little that it waits for no other. */
#define LIGHT_BODY ((size_t)64 << 10)

/* How long work goes on for a client that has said all, and may have left. */
#define TRUST_NANOSECONDS CLOCK_SECOND

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
    request->times.begun = clock_now();
    atomic_fetch_add(&host->in_flight, 1);
    upload_init(&request->upload, host->max_body_bytes, &host->uploads);
    return request;
}

/* What has passed from 'from' to 'to', if both have been. */
static double seconds_between(int64_t from, int64_t to)
{
    return from == 0 || to == 0 ? 0 : (double)(to - from) / CLOCK_SECOND;
}

static void account(const struct request *request, enum api_fate fate)
{
    const struct request_times *times = &request->times;
    struct api_outcome outcome = {
        .status = request->status,
        .seconds = seconds_between(times->begun, clock_now()),
        .first_byte = seconds_between(times->begun, times->answered),
        .bytes = request->sent,
        .fate = fate,
    };
    api_count(request->host->api, request->exchange, &outcome);
    if (request->host->log_requests)
        access_log(request, &outcome);
}

void request_end(struct request *request, enum api_fate fate)
{
    if (request == NULL)
        return;
    struct request_host *host = request->host;
    bool probe = request_is_probe(request);
    account(request, fate);
    api_end(request->exchange);
    upload_release(&request->upload);
    free(request->fields);
    free(request);
    if (!probe)
        atomic_fetch_add(&host->ended, 1);
    atomic_fetch_sub(&host->in_flight, 1);
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

const char *request_field(const struct request *request, const char *name)
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
    const char *length = request_field(request, "Content-Length");
    if (request_field(request, "Expect") != NULL)
        return false;
    return length == NULL ||
           upload_worth_reading(&request->upload, strtoull(length, NULL, 10));
}

/* Whether others are enough.  Who looks after the server always gets in. */
static bool is_too_many(const struct request *request)
{
    struct request_host *host = request->host;
    return atomic_load(&host->in_flight) > host->max_requests &&
           !request_is_probe(request);
}

/* There are as many of 'what' as the option allows. */
static void refuse_busy(struct request *request, const char *what,
                        uint64_t limit, const char *option)
{
    char detail[256];
    snprintf(detail, sizeof detail,
             "%" PRIu64 " %s, as many as may be at one time (option %s). Try "
             "again soon.",
             limit, what, option);
    request->exchange =
        api_refuse_busy(request->host->api, &request->head, detail);
}

static void refuse_request(struct request *request)
{
    refuse_busy(request, "requests are being answered",
                request->host->max_requests, "--max-requests");
}

/* Count it, too: the connection ends with the answer. */
static void refuse_connection(struct request *request)
{
    refuse_busy(request, "connections are open", request->host->max_connections,
                "--max-connections");
    atomic_fetch_add(&request->host->turned_away, 1);
}

bool request_is_probe(const struct request *request)
{
    static const char *const probes[] = {"/healthz", "/readyz", "/metrics"};
    for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++)
        if (strcmp(request->head.target_path, probes[i]) == 0)
            return true;
    return false;
}

bool request_open(struct request *request)
{
    request->stage = REQUEST_BODY;
    trace_read(&request->trace, request_field(request, "X-Request-Id"),
               request_field(request, "traceparent"));
    request->exchange = api_refuse(request->host->api, &request->head);
    request->close = request->extra;
    if (request->exchange == NULL && request->extra &&
        !request_is_probe(request))
        refuse_connection(request);
    else if (request->exchange == NULL && is_too_many(request))
        refuse_request(request);
    if (request->exchange == NULL)
        return false;
    upload_discard(&request->upload);
    bool now = api_answer(request->exchange)->close || !worth_reading(request);
    request->close |= now;
    return now;
}

static struct api_exchange *begin(struct request *request)
{
    struct api *api = request->host->api;
    if (request->upload.state == UPLOAD_NO_ROOM)
        return api_refuse_busy(
            api, &request->head,
            "The bodies of other requests take up the memory that there is "
            "for them (option --max-upload-bytes). Try again soon.");
    if (request->upload.state != UPLOAD_FITS)
        return api_refuse_body(api, &request->head);
    return api_begin(api, &request->head);
}

/* What one unit of work remembers while it looks after the client. */
struct watch {
    struct request *request;
    int64_t next_look; /* by clock_now() */
    bool over;
};

/* Whether its work has taken all the time that it may. */
static bool is_late(const struct request *request, int64_t now)
{
    uint64_t limit = request->host->max_seconds;
    return limit > 0 &&
           now - request->times.whole > (int64_t)limit * CLOCK_SECOND;
}

/* Nobody else looks at the socket while its connection is suspended. */
static bool has_left(struct request *request, int64_t now)
{
    int64_t first = 0;
    enum peer_end end = peer_end(request->peer);
    if (end != PEER_SAID_ALL)
        return end == PEER_LEFT;
    return !atomic_compare_exchange_strong(&request->said_all, &first, now) &&
           now - first > TRUST_NANOSECONDS;
}

/* Whether the work is in vain. */
static bool nobody_waits(void *argument)
{
    struct watch *watch = argument;
    struct request *request = watch->request;
    if (watch->over || atomic_load(&request->host->stopping) ||
        atomic_load(&request->left))
        return true;
    int64_t now = clock_now();
    if (now < watch->next_look)
        return false;
    watch->next_look = now + LOOK_NANOSECONDS;
    if (is_late(request, now)) {
        atomic_store(&request->late, true);
        watch->over = true;
        return true;
    }
    watch->over = has_left(request, now);
    if (watch->over)
        atomic_store(&request->left, true);
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

static void start(struct request *request)
{
    request->times.taken = clock_now();
    request->exchange = begin(request);
    if (request->head.body_size >= LARGE_BODY)
        process_give_back();
}

/* On the pool: not for those who left while they waited, nor in the end. */
static void run_begin(struct pool_job *job, size_t unit)
{
    struct request *request = request_of(job);
    (void)unit;
    if (atomic_load(&request->host->stopping) ||
        peer_end(request->peer) == PEER_LEFT)
        atomic_store(&request->left, true);
    else
        start(request);
}

/* What comes after run_begin(); units of work are never brief. */
static size_t begun(struct pool_job *job)
{
    job->run = run_work;
    job->more = NULL;
    job->lane = POOL_ORDINARY;
    job->weight = 0;
    return work_count(request_of(job));
}

/* Answer that there is too much to do, for that reason. */
static void refuse(struct request *request, const char *detail)
{
    api_end(request->exchange);
    request->exchange =
        api_refuse_busy(request->host->api, &request->head, detail);
}

static void refuse_work(struct request *request)
{
    refuse(request, "As much work is waiting as there is room for. Try again "
                    "soon; small requests with digest=off never wait.");
}

static void refuse_late(struct request *request)
{
    char detail[256];
    snprintf(detail, sizeof detail,
             "The work for this took longer than %" PRIu64 " seconds (option "
             "--max-seconds). What was done is remembered: try again, or ask "
             "for less.",
             request->host->max_seconds);
    refuse(request, detail);
}

static void done(struct pool_job *job)
{
    struct request *request = request_of(job);
    if (job->refused)
        refuse_work(request);
    else if (atomic_load(&request->late))
        refuse_late(request);
    request->resume(request->connection);
}

bool request_begin(struct request *request)
{
    struct pool_job *job = &request->job;
    if (request->exchange != NULL) /* refused at sight */
        return true;
    request->times.whole = clock_now();
    request->head.body = request->upload.bytes;
    request->head.body_size = request->upload.size;
    enum api_pace pace = api_pace(&request->head);
    *job = (struct pool_job){
        .run = run_begin, .more = begun, .done = done, .units = 1};
    job->lane = pace == API_BRIEF ? POOL_EXPRESS : POOL_ORDINARY;
    if (pace == API_LONG && request->head.body_size > LIGHT_BODY)
        job->weight = request->head.body_size;
    if (pace != API_QUICK)
        return false;
    start(request);
    job->units = begun(job);
    return job->units == 0;
}

void request_answered(struct request *request, char timing[REQUEST_TIMING])
{
    struct request_times *times = &request->times;
    times->answered = clock_now();
    snprintf(timing, REQUEST_TIMING, "wait;dur=%.3f, work;dur=%.3f",
             1e3 * seconds_between(times->whole, times->taken),
             1e3 * seconds_between(times->taken, times->answered));
}

void request_work(struct request *request)
{
    request->stage = REQUEST_WORK;
    if (pool_submit(request->host->pool, &request->job))
        return;
    refuse_work(request);
    request->resume(request->connection);
}
