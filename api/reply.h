/* SPDX-License-Identifier: MIT */
/*
 * Answers: the one module that fills an 'api_response'.
 *
 * A reply is begun by one of the functions reply_…() below, which set status,
 * type and body, and may then be given more header fields.
 */
#ifndef REPLY_H
#define REPLY_H

#include "api.h"
#include "formats/text.h"
#include "problems.h"

#include <jansson.h>

/* Header fields a reply may have, and bytes of their values. */
#define REPLY_HEADERS 28
#define REPLY_TEXT 2560

/* Statuses of answers that are no problems. */
enum reply_status {
    REPLY_OK = 200,
    REPLY_CREATED = 201,
    REPLY_NO_CONTENT = 204,
    REPLY_PARTIAL = 206,
    REPLY_NOT_MODIFIED = 304,
    REPLY_UNAVAILABLE = 503,
};

/* Writes a part of a body, as api_read() does. */
typedef int64_t reply_reader(struct api_exchange *exchange, uint64_t pos,
                             void *buf, size_t n);

/*
 * 'headers' points into 'text' or at constants.  'bytes' is the body when
 * 'read' is NULL; 'document' is the same when it is owned.
 */
struct reply {
    struct api_response response;
    struct api_header headers[REPLY_HEADERS];
    char text[REPLY_TEXT];
    size_t used;
    bool ready;
    const char *bytes;
    char *document;
    reply_reader *read;
};

/* Free what the reply owns. */
void reply_release(struct reply *reply);

/*
 * Add a field.  'name' and 'value' are borrowed.  A field that there is no
 * room for makes the answer a 500: room is made for all there are.
 */
void reply_header(struct reply *reply, const char *name, const char *value);

/*
 * A text for the value of a field, which is then added.  One at a time: what
 * was begun and not added is overwritten.
 */
struct text reply_text(struct reply *reply);
void reply_header_text(struct reply *reply, const char *name,
                       struct text *value);

/*
 * Let no cache that several share keep the answer: RFC 9111, 3.5, has them
 * keep one to a request with a token when it says that it is public.
 */
void reply_make_private(struct reply *reply);

/* An answer without a body, but a length that a body would have. */
void reply_empty(struct reply *reply, enum reply_status status, uint64_t size);

/* A body that is written as it is read. */
void reply_stream(struct reply *reply, enum reply_status status,
                  const char *type, uint64_t size, reply_reader *read);

/* 'size' bytes that outlive the exchange. */
void reply_bytes(struct reply *reply, enum reply_status status,
                 const char *type, const char *bytes, size_t size);

/* The same of malloc'd memory, which the reply takes. */
void reply_owned(struct reply *reply, enum reply_status status,
                 const char *type, char *bytes, size_t size);

/* What is there already has another status, and is else as it was. */
void reply_restate(struct reply *reply, enum reply_status status);

/*
 * A problem, as problem+json, 'with_error' as problem_json() says.  Replaces
 * what the reply was.
 */
void reply_problem(struct reply *reply, const struct problem *problem,
                   bool with_error);

/*
 * A JSON document, 200.  Takes the reference; NULL is "out of memory", so a
 * failed json_pack() may go straight in.
 */
enum problem_code reply_json(struct reply *reply, json_t *json,
                             struct problem *problem);

/*
 * A document of any type, 200, that was written as a text that grows.  Takes
 * what the text owns; one that has failed is "out of memory".
 */
enum problem_code reply_typed(struct reply *reply, const char *type,
                              struct text *text, struct problem *problem);

/*
 * A JSON document like that, which is the same for as long as this version of
 * the program runs.
 */
enum problem_code reply_written(struct reply *reply, struct text *text,
                                struct problem *problem);

#endif
