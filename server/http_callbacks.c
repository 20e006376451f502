/* SPDX-License-Identifier: MIT */
/* From the callbacks of libmicrohttpd to requests. */
#include "http_callbacks.h"

#include "http_answer.h"
#include "http_state.h"

#include <string.h>

/* Leave percent-encoding alone: the API decodes what it has split. */
size_t http_on_unescape(void *cls, struct MHD_Connection *connection,
                        char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text);
}

void http_on_connection(void *cls, struct MHD_Connection *connection,
                        void **socket_context,
                        enum MHD_ConnectionNotificationCode code)
{
    struct http *http = cls;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        peers_remove(&http->peers, *socket_context);
        atomic_fetch_add(&http->closed, 1);
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

/* NULL, when out of memory, makes http_on_request() close the connection. */
void *http_on_target(void *cls, const char *target,
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
    request->extra = !peers_admit(&http->peers, peer);
    peer_enter(peer, PEER_RECEIVING);
    return request;
}

static enum api_fate fate_of(const struct request *request,
                             enum MHD_RequestTerminationCode code)
{
    if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK)
        return API_SENT;
    if (code == MHD_REQUEST_TERMINATED_DAEMON_SHUTDOWN ||
        (atomic_load(&request->left) && atomic_load(&request->host->stopping)))
        return API_CUT_STOPPING;
    if (code == MHD_REQUEST_TERMINATED_TIMEOUT_REACHED ||
        atomic_load(&request->peer->late))
        return API_CUT_TIME;
    return request->broken ? API_CUT_ERROR : API_CUT_CLIENT;
}

/*
 * What the library answered by itself to a request that it couldn't read; 0
 * if it didn't.
 */
static unsigned foreign_status(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_HTTP_STATUS);
    return info == NULL ? 0 : info->http_status;
}

void http_on_completed(void *cls, struct MHD_Connection *connection,
                       void **context, enum MHD_RequestTerminationCode code)
{
    struct request *request = *context;
    (void)cls;
    if (request == NULL)
        return;
    struct peer *peer = request->peer;
    enum api_fate fate = fate_of(request, code);
    if (request->status == 0) {
        request->status = foreign_status(connection);
        fate = request->status == 0 ? fate : API_SENT;
    }
    request_end(request, fate);
    peer_enter(peer, PEER_IDLE);
    peer_tell_end(peer);
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

/*
 * Send the exchange's answer.  MHD_NO closes the connection: its client is
 * gone, or out of memory.
 */
static enum MHD_Result send_answer(struct http *http, struct request *request)
{
    if (atomic_load(&request->left))
        return MHD_NO;
    request->broken = true;
    if (request->exchange == NULL)
        return MHD_NO;
    const struct api_response *answer = api_answer(request->exchange);
    bool close =
        request->close || answer->close || atomic_load(&http->draining);
    struct MHD_Response *response = http_answer(request, close);
    if (response == NULL)
        return MHD_NO;
    request->status = answer->status;
    request->broken = false;
    peer_enter(request->peer, PEER_SENDING);
    enum MHD_Result result =
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
    peer_enter(request->peer, PEER_WORKING);
    if (request_begin(request))
        return send_answer(http, request);
    MHD_suspend_connection(request->connection);
    request_work(request);
    return MHD_YES;
}

enum MHD_Result http_on_request(void *cls, struct MHD_Connection *connection,
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
