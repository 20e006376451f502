/* SPDX-License-Identifier: MIT */
/*
 * The start and the end of the HTTP server.  The files http*.c are the ones
 * that know libmicrohttpd (0.9.75 and later): its daemon here, its callbacks
 * in http_callbacks.c, its responses in http_answer.c, its log in http_log.c.
 */
#include "http.h"

#include "clock.h"
#include "http_callbacks.h"
#include "http_state.h"
#include "process.h"
#include "systemd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* How often a server that stops looks whether it is alone. */
#define DRAIN_MILLISECONDS 20

/* How often memory that was freed is given back, and refusals are told of. */
#define TIDY_SECONDS 10

/* What so many connections held is worth giving back, or what a request did. */
#define TIDY_CONNECTIONS 64

/*
 * Of all the bytes that bodies may hold, such a part is read at one time: a
 * tree may take up to a hundred times as much as its text.
 */
#define BODIES_PER_READING 64

/*
 * Connections that are let in beyond --max-connections, to be told that they
 * are too many, or to ask how the server is.  The library stops to accept at
 * its limit, and probes would get no answer.
 */
#define RESERVE 64

/* Descriptors for other things, and for each I/O thread. */
#define OTHER_FILES 32
#define FILES_PER_THREAD 3

/* The library takes a pool of one for a mistake: 0 is its word for that. */
static unsigned pool_size(const struct config *config)
{
    return config->threads == 1 ? 0 : (unsigned)config->threads;
}

/*
 * How strictly the library reads requests, where it can be told (1.0 and
 * later): as a server may by the RFCs, so that line ends without a carriage
 * return, folded fields, blanks in targets, and a length beside a coding are
 * refused.  At 2 the empty line before a request, which is to be borne, would
 * be refused too; 3 lets blanks into the sizes of chunks.
 */
static const struct MHD_OptionItem strictness[] = {
#if MHD_VERSION >= 0x00097701
    {MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1, NULL},
#endif
    {MHD_OPTION_END, 0, NULL},
};

/* The options of TLS, if there is any; 'items' ends with MHD_OPTION_END. */
static void tls_options(struct tls *tls, struct MHD_OptionItem items[4])
{
    static char priorities[] = TLS_PRIORITIES;
    size_t n = 0;
    if (tls->cert.bytes != NULL) {
        items[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0,
                                             tls->cert.bytes};
        items[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0,
                                             tls->key.bytes};
        items[n++] =
            (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, priorities};
    }
    items[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
}

static struct MHD_Daemon *daemon_start(const struct config *config,
                                       struct http *http, int fd)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC |
                     MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;
    struct MHD_OptionItem tls[4];
    tls_options(&http->tls, tls);
    if (http->tls.cert.bytes != NULL)
        flags |= MHD_USE_TLS;
    /* The logger goes first, for what the others have to say. */
    /* clang-format off */
    return MHD_start_daemon(
        flags, 0, NULL, NULL, http_on_request, http,
        MHD_OPTION_EXTERNAL_LOGGER, http_on_log, &http->refusals,
        MHD_OPTION_ARRAY, tls,
        MHD_OPTION_ARRAY, strictness,
        MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_THREAD_POOL_SIZE, pool_size(config),
        MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)config->max_connections + RESERVE,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)config->idle_seconds,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)config->max_address_connections,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)config->max_header_bytes,
        MHD_OPTION_UNESCAPE_CALLBACK, http_on_unescape, http,
        MHD_OPTION_URI_LOG_CALLBACK, http_on_target, http,
        MHD_OPTION_NOTIFY_CONNECTION, http_on_connection, http,
        MHD_OPTION_NOTIFY_COMPLETED, http_on_completed, http,
        MHD_OPTION_END);
    /* clang-format on */
}

/*
 * Refuse new connections from now on.  MHD_quiesce_daemon() is for that, but
 * it and the I/O threads race to take the socket out of their epoll sets, and
 * the library aborts the process when the slower one finds it gone.  So a
 * file that never becomes readable takes the socket's number, which closes
 * it, and the library waits there in vain.
 */
static void stop_listening(struct http *http)
{
    dup3(http->mute, http->listener, O_CLOEXEC);
}

/* Start everything; returns what failed, with errno, or NULL. */
static const char *start_threads(struct http *http, const struct config *config)
{
    http->host.pool =
        pool_new((size_t)config->workers, (size_t)config->queue,
                 (size_t)(config->max_upload_bytes / BODIES_PER_READING));
    if (http->host.pool == NULL)
        return "start the worker threads";
    http->mute = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (http->mute < 0)
        return "make an event file";
    http->daemon = daemon_start(config, http, http->listener);
    if (http->daemon != NULL)
        return NULL;
    http->listener = -1; /* the library has closed it */
    return "start the I/O threads";
}

static void tell_vitals(void *self, struct api_vitals *vitals)
{
    struct http *http = self;
    process_vitals(vitals);
    vitals->connections = (double)peers_count(&http->peers);
    vitals->connections_limit = (double)http->host.max_connections;
    vitals->in_flight = (double)atomic_load(&http->host.in_flight);
    vitals->in_flight_limit = (double)http->host.max_requests;
    vitals->long_work = (double)pool_held(http->host.pool, POOL_ORDINARY);
    vitals->long_work_limit = (double)http->queue;
    vitals->brief_work = (double)pool_held(http->host.pool, POOL_EXPRESS);
    vitals->upload_bytes = (double)atomic_load(&http->host.uploads.held);
    vitals->upload_limit_bytes = (double)http->host.uploads.limit;
    vitals->refused_requests = (double)atomic_load(&http->refusals.requests);
    vitals->refused_connections =
        (double)(atomic_load(&http->refusals.connections) +
                 atomic_load(&http->host.turned_away));
}

static struct http *http_of(struct pool_job *job)
{
    return (struct http *)((char *)job - offsetof(struct http, self_test));
}

static void run_self_test(struct pool_job *job, size_t unit)
{
    char reason[API_ERROR];
    (void)unit;
    if (!api_self_test(http_of(job)->host.api, reason))
        log_line(LEVEL_ERROR, "not ready, and never will be: %s", reason);
}

static void self_tested(struct pool_job *job)
{
    (void)job;
}

/* In the background: connections are taken meanwhile. */
static void start_self_test(struct http *http)
{
    http->self_test = (struct pool_job){.run = run_self_test,
                                        .done = self_tested,
                                        .units = 1,
                                        .lane = POOL_EXPRESS,
                                        .extra = true};
    (void)pool_submit(http->host.pool, &http->self_test);
}

void http_close(struct http *http)
{
    tls_release(&http->tls);
    if (http->host.api != NULL)
        api_watch(http->host.api, NULL, NULL);
    if (http->host.pool != NULL)
        pool_stop(http->host.pool);
    pool_free(http->host.pool);
    peers_release(&http->peers);
    if (http->mute >= 0)
        close(http->mute);
    if (http->listener >= 0)
        close(http->listener);
    free(http);
}

/* False after logging what is wrong. */
static bool open_tls(struct http *http, const struct config *config)
{
    if (config->tls_cert != NULL &&
        MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES) {
        log_line(LEVEL_ERROR, "--tls-cert: the libmicrohttpd here was built "
                              "without TLS; leave it to a proxy");
        return false;
    }
    return tls_open(&http->tls, config->tls_cert, config->tls_key);
}

/* Over how long a rate is taken: what silence is borne, but not for ever. */
static unsigned slow_seconds(const struct config *config)
{
    const unsigned most = 20;
    return config->idle_seconds > 0 && config->idle_seconds < most
               ? (unsigned)config->idle_seconds
               : most;
}

/* Log what failed, with errno. */
static void tell_failure(const struct config *config, const char *failure)
{
    char text[ADDRESS_TEXT];
    int error = errno;
    address_text(&config->listen, text);
    log_line(LEVEL_ERROR, "can't %s at %s: %s", failure, text, strerror(error));
}

/* The socket of the service manager, or one of our own. */
static bool take_address(struct http *http, const struct config *config)
{
    http->listener = systemd_socket(&http->bound);
    if (http->listener == SYSTEMD_NONE)
        http->listener = address_listen(&config->listen, &http->bound);
    if (http->listener < 0)
        tell_failure(config, "listen");
    return http->listener >= 0;
}

struct http *http_open(const struct config *config)
{
    struct http *http = calloc(1, sizeof *http);
    if (http == NULL) {
        log_line(LEVEL_ERROR, "can't start: out of memory");
        return NULL;
    }
    http->mute = -1;
    http->listener = -1;
    peers_init(&http->peers, (size_t)config->max_connections);
    if (open_tls(http, config) && take_address(http, config))
        return http;
    http_close(http);
    return NULL;
}

/* Where descriptors run out first nobody is told that there are too many. */
static void check_files(const struct config *config)
{
    uint64_t most = process_files();
    uint64_t wanted = config->max_connections + RESERVE + OTHER_FILES +
                      FILES_PER_THREAD * config->threads;
    if (most > 0 && most < wanted)
        log_line(LEVEL_WARN,
                 "%" PRIu64 " files may be open, and --max-connections takes "
                 "up to %" PRIu64 ": raise the one (ulimit -Hn) or lower the "
                 "other",
                 most, wanted);
}

bool http_start(struct http *http, const struct config *config, struct api *api)
{
    http->host.api = api;
    http->host.uploads.limit = config->max_upload_bytes;
    http->host.max_body_bytes = config->limits.max_body_bytes;
    http->host.log_requests = config->access_log;
    http->host.max_requests = config->max_requests;
    http->host.max_connections = config->max_connections;
    http->host.max_seconds = config->max_seconds;
    http->queue = config->queue;
    http->slow_rate = config->min_rate;
    http->slow_seconds = slow_seconds(config);
    api_watch(api, tell_vitals, http);
    const char *failure = start_threads(http, config);
    if (failure != NULL) {
        tell_failure(config, failure);
        return false;
    }
    log_line(LEVEL_DEBUG, "libmicrohttpd %s", MHD_get_version());
    tls_release(&http->tls);
    start_self_test(http);
    check_files(config);
    return true;
}

const struct address *http_address(const struct http *http)
{
    return &http->bound;
}

/* Give memory back if requests or connections may have left any. */
static void give_back(struct http *http)
{
    size_t requests = atomic_load(&http->host.ended);
    size_t connections = atomic_load(&http->closed);
    if (requests == http->tidied_requests &&
        connections - http->tidied_connections < TIDY_CONNECTIONS)
        return;
    http->tidied_requests = requests;
    http->tidied_connections = connections;
    process_give_back();
}

/* Tell of connections that were too many. */
static void log_turned_away(struct http *http)
{
    size_t count = atomic_load(&http->host.turned_away);
    if (count != http->told_turned_away)
        log_line(LEVEL_WARN,
                 "turned away %zu connections beyond the %" PRIu64
                 " that there may be (option --max-connections)",
                 count - http->told_turned_away, http->host.max_connections);
    http->told_turned_away = count;
}

void http_tick(struct http *http)
{
    atomic_fetch_add(&http->host.turned_away, peers_cut_extra(&http->peers));
    size_t cut =
        peers_cut_slow(&http->peers, http->slow_rate, http->slow_seconds);
    if (cut > 0)
        log_line(LEVEL_INFO, "cut off %zu slow connections", cut);
    if (clock_now() - http->tidied < TIDY_SECONDS * CLOCK_SECOND)
        return;
    http->tidied = clock_now();
    give_back(http);
    http_log_refusals(&http->refusals);
    log_turned_away(http);
}

/*
 * Once more and again, for a connection may fall idle without having been
 * told to close.
 */
static void drain(struct http *http, uint64_t seconds,
                  bool (*hurry)(int milliseconds))
{
    int64_t end = clock_now() + (int64_t)seconds * CLOCK_SECOND;
    size_t left;
    while ((left = peers_close_idle(&http->peers)) > 0) {
        if (clock_now() < end && !hurry(DRAIN_MILLISECONDS))
            continue;
        log_line(LEVEL_WARN, "cutting off %zu connections", left);
        return;
    }
}

/*
 * The order matters: the library must not stop while a connection is
 * suspended, so the pool goes first and resumes them all.
 */
void http_stop(struct http *http, uint64_t drain_seconds,
               bool (*hurry)(int milliseconds))
{
    atomic_store(&http->draining, true);
    api_set_draining(http->host.api);
    stop_listening(http);
    drain(http, drain_seconds, hurry);
    atomic_store(&http->host.stopping, true);
    pool_stop(http->host.pool);
    MHD_stop_daemon(http->daemon);
    http->listener = -1;
    http_close(http);
}
