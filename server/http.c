/* SPDX-License-Identifier: MIT */
/*
 * The one file that knows libmicrohttpd (0.9.75 and later): its callbacks on
 * one side, 'struct request' on the other.
 *
 *     on_connection   a connection came or went
 *     on_target       the first line of a request: a 'struct request' is born
 *     on_request      called with the head, each piece of body, and the end
 *     read_body       the answer's bytes are wanted
 *     on_completed    the request is over, however it went: it is freed
 *
 * What the library hides: it answers some malformed heads itself, and while a
 * connection is suspended it neither times it out nor sees it close.
 */
#include "http.h"

#include "request.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

/* A body no larger than this is sent with its head in one write. */
#define SMALL_BODY ((size_t)16 << 10)

/* Larger ones are generated in pieces of this size. */
#define BLOCK ((size_t)256 << 10)

/*
 * Per connection, for its heads and chunks, and all of it stays resident once
 * there was a request.  The longest target it takes is well above the API's
 * own limit, so that the API's answer comes first.
 */
#define CONNECTION_MEMORY ((size_t)32 << 10)

/* How often a server that stops looks whether it is alone. */
#define DRAIN_MILLISECONDS 20

struct http {
    struct MHD_Daemon *daemon;
    struct request_host host;
    struct peers peers;
    struct address bound;
    int listener; /* the library's to close */
    int mute;     /* takes its place in the end */
    atomic_bool draining;
};

static void on_log(void *cls, const char *format, va_list arguments)
{
    (void)cls;
    log_vline(LEVEL_DEBUG, format, arguments);
}

/* Leave percent-encoding alone: the API decodes what it has split. */
static size_t on_unescape(void *cls, struct MHD_Connection *connection,
                          char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text);
}

static void on_connection(void *cls, struct MHD_Connection *connection,
                          void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http *http = cls;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        peers_remove(&http->peers, *socket_context);
        return;
    }
    int fd =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
            ->connect_fd;
    *socket_context = peers_add(&http->peers, fd);
}

static void resume(void *connection)
{
    MHD_resume_connection(connection);
}

/* NULL, when out of memory, makes on_request() close the connection. */
static void *on_target(void *cls, const char *target,
                       struct MHD_Connection *connection)
{
    struct http *http = cls;
    struct peer *peer =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
            ->socket_context;
    struct request *request =
        peer == NULL ? NULL : request_new(&http->host, target);
    if (request == NULL)
        return NULL;
    request->peer = peer;
    request->connection = connection;
    request->resume = resume;
    atomic_store(&peer->busy, true);
    return request;
}

static void on_completed(void *cls, struct MHD_Connection *connection,
                         void **context, enum MHD_RequestTerminationCode code)
{
    struct request *request = *context;
    (void)cls;
    (void)connection;
    if (request == NULL)
        return;
    if (log_writes(LEVEL_DEBUG))
        log_line(LEVEL_DEBUG, "%s %.200s %u%s",
                 request->head.method == NULL ? "?" : request->head.method,
                 request->target, request->status,
                 code == MHD_REQUEST_TERMINATED_COMPLETED_OK ? "" : " cut");
    atomic_store(&request->peer->busy, false);
    request_free(request);
    *context = NULL;
}

static enum MHD_Result on_field(void *cls, enum MHD_ValueKind kind,
                                const char *name, const char *value)
{
    (void)kind;
    request_add_field(cls, name, value == NULL ? "" : value);
    return MHD_YES;
}

static bool read_fields(struct request *request)
{
    struct MHD_Connection *connection = request->connection;
    int count =
        MHD_get_connection_values(connection, MHD_HEADER_KIND, NULL, NULL);
    if (count < 0 || !request_expect_fields(request, (size_t)count))
        return false;
    return MHD_get_connection_values(connection, MHD_HEADER_KIND, on_field,
                                     request) == count;
}

static ssize_t read_body(void *cls, uint64_t pos, char *buf, size_t max)
{
    struct request *request = cls;
    int64_t n = api_read(request->exchange, pos, buf, max);
    if (n > 0)
        return n;
    return n == API_END ? MHD_CONTENT_READER_END_OF_STREAM
                        : MHD_CONTENT_READER_END_WITH_ERROR;
}

/* The whole of a small body, to be owned by the response. */
static struct MHD_Response *response_small(struct request *request, size_t size)
{
    char *bytes = malloc(size + 1);
    if (bytes == NULL)
        return NULL;
    for (size_t pos = 0; pos < size;) {
        int64_t n = api_read(request->exchange, pos, bytes + pos, size - pos);
        if (n <= 0) {
            free(bytes);
            return NULL;
        }
        pos += (size_t)n;
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, bytes, MHD_RESPMEM_MUST_FREE);
    if (response == NULL)
        free(bytes);
    return response;
}

/*
 * Without a body too (HEAD, 304) the response has the body's size, for
 * Content-Length; it is never read then.
 */
static struct MHD_Response *response_new(struct request *request,
                                         const struct api_response *answer)
{
    _Static_assert(API_SIZE_UNKNOWN == MHD_SIZE_UNKNOWN, "passed on as it is");
    if (!answer->bodyless && answer->size <= SMALL_BODY)
        return response_small(request, (size_t)answer->size);
    size_t block = answer->size < BLOCK ? (size_t)answer->size + 1 : BLOCK;
    return MHD_create_response_from_callback(answer->size, block, read_body,
                                             request, NULL);
}

static bool response_add_fields(struct MHD_Response *response,
                                const struct api_response *answer, bool close)
{
    for (size_t i = 0; i < answer->header_count; i++)
        if (MHD_add_response_header(response, answer->headers[i].name,
                                    answer->headers[i].value) != MHD_YES)
            return false;
    return !close ||
           MHD_add_response_header(response, "Connection", "close") == MHD_YES;
}

/* Send the exchange's answer.  MHD_NO closes the connection: out of memory. */
static enum MHD_Result send_answer(struct http *http, struct request *request)
{
    if (request->exchange == NULL)
        return MHD_NO;
    const struct api_response *answer = api_answer(request->exchange);
    struct MHD_Response *response = response_new(request, answer);
    if (response == NULL)
        return MHD_NO;
    enum MHD_Result result = MHD_NO;
    bool close =
        request->close || answer->close || atomic_load(&http->draining);
    request->status = answer->status;
    if (response_add_fields(response, answer, close))
        result =
            MHD_queue_response(request->connection, answer->status, response);
    MHD_destroy_response(response);
    return result;
}

/*
 * Suspend before the pool gets the work, for it may resume the connection
 * before request_work() returns.
 */
static enum MHD_Result end_body(struct http *http, struct request *request)
{
    if (request_begin(request))
        return send_answer(http, request);
    MHD_suspend_connection(request->connection);
    request_work(request);
    return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection,
                                  const char *path, const char *method,
                                  const char *version, const char *piece,
                                  size_t *piece_size, void **context)
{
    struct http *http = cls;
    struct request *request = *context;
    (void)connection;
    (void)path;
    if (request == NULL)
        return MHD_NO;
    if (request->stage == REQUEST_HEAD) {
        request->head.method = method;
        request->head.http_1_0 = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
        if (!read_fields(request))
            return MHD_NO;
        return request_open(request) ? send_answer(http, request) : MHD_YES;
    }
    if (request->stage == REQUEST_WORK)
        return send_answer(http, request);
    if (*piece_size == 0)
        return end_body(http, request);
    size_t n = *piece_size;
    *piece_size = 0;
    return upload_add(&request->upload, piece, n) == UPLOAD_ENDLESS ? MHD_NO
                                                                    : MHD_YES;
}

/* The library takes a pool of one for a mistake: 0 is its word for that. */
static unsigned pool_size(const struct config *config)
{
    return config->threads == 1 ? 0 : (unsigned)config->threads;
}

static struct MHD_Daemon *daemon_start(const struct config *config,
                                       struct http *http, int fd)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC |
                     MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;
    /* The logger goes first, for what the others have to say. */
    /* clang-format off */
    return MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, http,
        MHD_OPTION_EXTERNAL_LOGGER, on_log, http,
        MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_THREAD_POOL_SIZE, pool_size(config),
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)config->max_connections,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)config->idle_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
        MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, http,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, http,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, http,
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

/* Open everything; returns what failed, with errno, or NULL. */
static const char *http_open(struct http *http, const struct config *config)
{
    http->host.pool = pool_new((size_t)config->workers, (size_t)config->queue);
    if (http->host.pool == NULL)
        return "start the worker threads";
    http->mute = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (http->mute < 0)
        return "make an event file";
    http->listener = address_listen(&config->listen, &http->bound);
    if (http->listener < 0)
        return "listen";
    http->daemon = daemon_start(config, http, http->listener);
    /* The socket is the library's now, also when it fails. */
    return http->daemon == NULL ? "start the I/O threads" : NULL;
}

static void http_free(struct http *http)
{
    if (http->host.pool != NULL)
        pool_stop(http->host.pool);
    pool_free(http->host.pool);
    peers_release(&http->peers);
    if (http->mute >= 0)
        close(http->mute);
    free(http);
}

struct http *http_start(const struct config *config, struct api *api)
{
    struct http *http = calloc(1, sizeof *http);
    if (http == NULL) {
        log_line(LEVEL_ERROR, "can't start: out of memory");
        return NULL;
    }
    http->mute = -1;
    http->host.api = api;
    http->host.uploads.limit = config->max_upload_bytes;
    http->host.max_body_bytes = config->limits.max_body_bytes;
    peers_init(&http->peers);
    const char *failure = http_open(http, config);
    if (failure == NULL)
        return http;
    char text[ADDRESS_TEXT];
    int error = errno;
    address_text(&config->listen, text);
    log_line(LEVEL_ERROR, "can't %s at %s: %s", failure, text, strerror(error));
    http_free(http);
    return NULL;
}

const struct address *http_address(const struct http *http)
{
    return &http->bound;
}

static time_t now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/*
 * Once more and again, for a connection may fall idle without having been
 * told to close.
 */
static void drain(struct http *http, uint64_t seconds,
                  bool (*hurry)(int milliseconds))
{
    time_t end = now_seconds() + (time_t)seconds;
    size_t left;
    while ((left = peers_close_idle(&http->peers)) > 0) {
        if (now_seconds() < end && !hurry(DRAIN_MILLISECONDS))
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
    http_free(http);
}
