/* SPDX-License-Identifier: MIT */
/* Filling in answers. */
#include "reply.h"

#include "dump.h"

#include <stdlib.h>
#include <string.h>

/* Sent when there is not even the memory to say what is wrong. */
static const char last_words[] =
    "{\"type\":\"about:blank\",\"title\":\"Internal error\",\"status\":500,"
    "\"code\":\"INTERNAL\",\"detail\":\"Out of memory.\"}";

void reply_release(struct reply *reply)
{
    free(reply->document);
}

static void begin(struct reply *reply, unsigned status, uint64_t size)
{
    bool close = reply->response.close;

    reply->response = (struct api_response){
        .status = status,
        .headers = reply->headers,
        .size = size,
        .close = close,
    };
    free(reply->document);
    reply->document = NULL;
    reply->bytes = NULL;
    reply->read = NULL;
    reply->used = 0;
    reply->ready = true;
}

void reply_header(struct reply *reply, const char *name, const char *value)
{
    if (reply->response.header_count == REPLY_HEADERS) {
        reply->response.status = problem_status(PROBLEM_INTERNAL);
        return;
    }
    reply->headers[reply->response.header_count++] =
        (struct api_header){name, value};
}

struct text reply_text(struct reply *reply)
{
    return (struct text){.bytes = reply->text + reply->used,
                         .room = sizeof reply->text - reply->used};
}

/* Keep a text of reply_text(), with a final NUL; "" when it has no room. */
static const char *keep(struct reply *reply, struct text *value)
{
    text_add(value, "", 1);
    if (value->failed) {
        reply->response.status = problem_status(PROBLEM_INTERNAL);
        return "";
    }
    reply->used += value->size;
    return value->bytes;
}

void reply_header_text(struct reply *reply, const char *name,
                       struct text *value)
{
    reply_header(reply, name, keep(reply, value));
}

void reply_make_private(struct reply *reply)
{
    static const char public[] = "public";

    for (size_t i = 0; i < reply->response.header_count; i++) {
        struct api_header *header = &reply->headers[i];
        if (strcmp(header->name, "Cache-Control") != 0 ||
            strncmp(header->value, public, sizeof public - 1) != 0)
            continue;
        struct text text = reply_text(reply);
        text_put(&text, "private");
        text_put(&text, header->value + sizeof public - 1);
        header->value = keep(reply, &text);
    }
}

void reply_empty(struct reply *reply, enum reply_status status, uint64_t size)
{
    begin(reply, status, size);
    reply->response.bodyless = true;
}

void reply_stream(struct reply *reply, enum reply_status status,
                  const char *type, uint64_t size, reply_reader *read)
{
    begin(reply, status, size);
    reply->read = read;
    reply_header(reply, "Content-Type", type);
}

void reply_bytes(struct reply *reply, enum reply_status status,
                 const char *type, const char *bytes, size_t size)
{
    begin(reply, status, size);
    reply->bytes = bytes;
    reply_header(reply, "Content-Type", type);
}

static void take(struct reply *reply, unsigned status, const char *type,
                 char *bytes, size_t size)
{
    begin(reply, status, size);
    reply->document = bytes;
    reply->bytes = bytes;
    reply_header(reply, "Content-Type", type);
}

void reply_owned(struct reply *reply, enum reply_status status,
                 const char *type, char *bytes, size_t size)
{
    take(reply, status, type, bytes, size);
}

void reply_restate(struct reply *reply, enum reply_status status)
{
    reply->response.status = status;
}

/* A document that the reply owns from here on. */
static void reply_document(struct reply *reply, unsigned status,
                           const char *type, char *document)
{
    take(reply, status, type, document, strlen(document));
}

void reply_problem(struct reply *reply, const struct problem *problem,
                   bool with_error)
{
    static const char type[] = "application/problem+json";
    char *document = problem_json(problem, with_error);

    if (document)
        reply_document(reply, problem_status(problem->code), type, document);
    else
        reply_bytes(reply, REPLY_OK, type, last_words, sizeof last_words - 1);
    if (!document)
        reply->response.status = problem_status(PROBLEM_INTERNAL);
    reply_header(reply, "Cache-Control", "no-store");
}

enum problem_code reply_json(struct reply *reply, json_t *json,
                             struct problem *problem)
{
    char *document = json ? dump_json(json) : NULL;

    json_decref(json);
    if (!document)
        return problem_no_memory(problem);
    reply_document(reply, REPLY_OK, "application/json", document);
    return PROBLEM_NONE;
}

enum problem_code reply_typed(struct reply *reply, const char *type,
                              struct text *text, struct problem *problem)
{
    text_add(text, "", 1);
    if (text->failed || !text->heap) {
        text_release(text);
        return problem_no_memory(problem);
    }
    reply_document(reply, REPLY_OK, type, text->heap);
    return PROBLEM_NONE;
}

enum problem_code reply_written(struct reply *reply, struct text *text,
                                struct problem *problem)
{
    if (reply_typed(reply, "application/json", text, problem))
        return problem->code;
    reply_header(reply, "Cache-Control", "no-cache");
    return PROBLEM_NONE;
}
