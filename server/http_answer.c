/* SPDX-License-Identifier: MIT */
/* Answers as libmicrohttpd wants them: generated while they are sent. */
#include "http_answer.h"

#include <stdlib.h>

/* A body no larger than this is sent with its head in one write. */
#define SMALL_BODY ((size_t)16 << 10)

/* Larger ones are generated in pieces of this size. */
#define BLOCK ((size_t)256 << 10)

static ssize_t read_body(void *cls, uint64_t pos, char *buf, size_t max)
{
    struct request *request = cls;
    int64_t n = api_read(request->exchange, pos, buf, max);
    if (n > 0)
        request->sent += (uint64_t)n;
    if (n > 0)
        return n;
    request->broken = n != API_END;
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
    request->sent = size;
    return response;
}

/*
 * The library ends the chunks of a body that it doesn't send, too, which the
 * client would take for the next answer: no chunks then, and the connection
 * ends, for there is no other way to say that the length isn't known.
 */
static bool response_without_chunks(struct MHD_Response *response)
{
    return MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT,
                                    MHD_RO_END) == MHD_YES;
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
    struct MHD_Response *response = MHD_create_response_from_callback(
        answer->size, block, read_body, request, NULL);
    if (response == NULL || !answer->bodyless ||
        answer->size != API_SIZE_UNKNOWN || response_without_chunks(response))
        return response;
    MHD_destroy_response(response);
    return NULL;
}

static bool add_field(struct MHD_Response *response, const char *name,
                      const char *value)
{
    return MHD_add_response_header(response, name, value) == MHD_YES;
}

static bool response_add_fields(struct MHD_Response *response,
                                const struct api_response *answer, bool close)
{
    for (size_t i = 0; i < answer->header_count; i++)
        if (!add_field(response, answer->headers[i].name,
                       answer->headers[i].value))
            return false;
    return !close || add_field(response, "Connection", "close");
}

/* The fields that the server has to say. */
static bool add_own_fields(struct MHD_Response *response,
                           struct request *request)
{
    char timing[REQUEST_TIMING];
    request_answered(request, timing);
    return add_field(response, "X-Request-Id", request->trace.request) &&
           add_field(response, "Server-Timing", timing);
}

struct MHD_Response *http_answer(struct request *request, bool close)
{
    const struct api_response *answer = api_answer(request->exchange);
    struct MHD_Response *response = response_new(request, answer);
    if (response == NULL || (response_add_fields(response, answer, close) &&
                             add_own_fields(response, request)))
        return response;
    MHD_destroy_response(response);
    return NULL;
}
