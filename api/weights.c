/* SPDX-License-Identifier: MIT */
/* The way from a model to an answer, step by step. */
#include "weights.h"

#include "exchange.h"
#include "head.h"
#include "recipe.h"
#include "repr.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------
 * The tag
 */

/* Two digests and so much text are one block of the hash. */
#define TAG_TEXT 64

/*
 * The bytes of an answer follow from its recipe, its format and, where the
 * body lists digests, which of them it lists: by mode and limit, or for those
 * that are listed when remembered by what is known of each tensor now.
 */
static enum problem_code make_tag(struct api_exchange *exchange,
                                  struct problem *problem)
{
    struct weights *weights = &exchange->weights;
    const struct format *format = weights->format;
    const struct work *work = &weights->work;
    char bytes[2 * SOW_DIGEST_BYTES + TAG_TEXT] = {0};
    char *text = bytes + 2 * SOW_DIGEST_BYTES;
    int n;

    (void)problem;
    memcpy(bytes, weights->recipe, SOW_DIGEST_BYTES);
    if (format->lists_digests && format->recalls_digests && work->items)
        sow_digest(work->items, weights->model.count * sizeof *work->items,
                   (uint8_t *)bytes + SOW_DIGEST_BYTES);
    n = snprintf(text, TAG_TEXT, "%s/%u", format_name(format->id),
                 format->version);
    if (format->lists_digests)
        snprintf(text + n, (size_t)(TAG_TEXT - n), "/%s/%" PRIu64,
                 digest_mode_name(weights->options.digest),
                 exchange->api->limits.digest_max_bytes);
    sow_digest(bytes, sizeof bytes, weights->tag);
    weights->etag[0] = '"';
    sow_digest_hex(weights->tag, weights->etag + 1);
    memcpy(weights->etag + WEIGHTS_ETAG - 2, "\"", 2);
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * Header fields
 */

static bool is_post(const struct api_exchange *exchange)
{
    return !strcmp(exchange->request.method, "POST");
}

/*
 * The bytes behind a URL never change, so that caches may keep them for ever;
 * but a manifest that lists what is remembered does change, and the answer to
 * a POST belongs to its body as well: these are to be asked for again.
 */
static const char *cache_control(const struct api_exchange *exchange)
{
    const struct weights *weights = &exchange->weights;
    bool changes = weights->format->lists_digests &&
                   weights->format->recalls_digests &&
                   weights->options.digest == DIGEST_AUTO;

    return changes || is_post(exchange) ? "no-cache"
                                        : "public, max-age=31536000, immutable";
}

/* The fields that a 304 repeats. */
static void add_validators(struct api_exchange *exchange)
{
    struct reply *reply = &exchange->reply;

    reply_header(reply, "ETag", exchange->weights.etag);
    reply_header(reply, "Cache-Control", cache_control(exchange));
    reply_header(reply, "Vary", "Accept");
}

/* "512,256", and "()" for a scalar. */
static void add_shape(struct reply *reply, const struct sow_shape *shape)
{
    char text[SOW_MAX_RANK * 21 + 3] = "()";
    size_t used = 0;

    for (uint32_t i = 0; i < shape->rank; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%" PRIu64,
                                 i ? "," : "", shape->dims[i]);
    reply_header_format(reply, "Sow-Shape", "%s", text);
}

/* What a single tensor's answer says of it, in every format. */
static void add_tensor(struct api_exchange *exchange)
{
    const struct weights *weights = &exchange->weights;
    const struct sow_tensor *tensor = &weights->model.tensors[0];
    const uint8_t *digest = work_digest(&weights->work, 0);
    char hex[2 * SOW_DIGEST_BYTES + 1];

    add_shape(&exchange->reply, &tensor->spec.shape);
    reply_header(&exchange->reply, "Sow-Dtype",
                 sow_dtype_name(tensor->spec.dtype));
    if (!digest)
        return;
    sow_digest_hex(digest, hex);
    reply_header_format(&exchange->reply, "Sow-Digest", "blake2b-256=%s", hex);
}

static void add_fields(struct api_exchange *exchange)
{
    const struct weights *weights = &exchange->weights;
    struct reply *reply = &exchange->reply;
    char recipe[2 * SOW_DIGEST_BYTES + 1];
    char repr[REPR_VALUE];

    reply_header(reply, "Accept-Ranges",
                 weights->format->sized ? "bytes" : "none");
    add_validators(exchange);
    sow_digest_hex(weights->recipe, recipe);
    reply_header_format(reply, "Sow-Recipe", "%s", recipe);
    if (weights->model.count == 1)
        add_tensor(exchange);
    if (weights->work.has_sha256) {
        repr_write(weights->work.sha256, repr);
        reply_header_format(reply, "Repr-Digest", "%s", repr);
    }
}

/* ------------------------------------------------------------------------
 * Steps: each may refuse, or make the reply ready, which ends the walk
 */

static uint64_t whole_size(const struct weights *weights)
{
    return weights->format->sized ? weights->body.size : API_SIZE_UNKNOWN;
}

static enum problem_code open_format(struct api_exchange *exchange,
                                     struct problem *problem)
{
    return exchange->weights.format->open(exchange, problem);
}

static enum problem_code make_recipe(struct api_exchange *exchange,
                                     struct problem *problem)
{
    struct weights *weights = &exchange->weights;

    return recipe_digest(&weights->model, weights->recipe, problem);
}

static enum problem_code check_conditions(struct api_exchange *exchange,
                                          struct problem *problem)
{
    const struct weights *weights = &exchange->weights;

    switch (condition_evaluate(&exchange->request, weights->etag,
                               !is_post(exchange))) {
    case CONDITION_GO_ON:
        return PROBLEM_NONE;
    case CONDITION_NOT_MODIFIED:
        reply_empty(&exchange->reply, REPLY_NOT_MODIFIED, whole_size(weights));
        add_validators(exchange);
        return PROBLEM_NONE;
    case CONDITION_FAILED:
        break;
    }
    return problem_set(problem, PROBLEM_PRECONDITION_FAILED, "",
                       "The answer's ETag is %s, which the request's If-Match "
                       "or If-None-Match rules out.",
                       weights->etag);
}

static enum problem_code choose_range(struct api_exchange *exchange,
                                      struct problem *problem)
{
    struct weights *weights = &exchange->weights;

    weights->range = (struct range){0, weights->body.size};
    if (!weights->format->sized || strcmp(exchange->request.method, "GET") != 0)
        return PROBLEM_NONE;
    weights->part = range_evaluate(&exchange->request, weights->etag,
                                   weights->body.size, &weights->range);
    if (weights->part != RANGE_UNSATISFIABLE)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_RANGE_NOT_SATISFIABLE, "Range",
                       "The answer has %" PRIu64 " bytes, and none of them "
                       "lies in the range asked for.",
                       weights->body.size);
}

enum problem_code weights_begin(struct api_exchange *exchange,
                                enum spec_format usual, struct problem *problem)
{
    static route_handler *const steps[] = {
        open_format, make_recipe,      work_want,
        make_tag,    check_conditions, choose_range,
    };
    struct weights *weights = &exchange->weights;

    if (format_choose(&exchange->request, weights->options.format, usual,
                      &weights->format, problem))
        return problem->code;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        enum problem_code code = steps[i](exchange, problem);
        if (code || exchange->reply.ready)
            return code;
    }
    work_start(exchange);
    return PROBLEM_NONE;
}

enum problem_code weights_finish(struct api_exchange *exchange,
                                 struct problem *problem)
{
    const struct weights *weights = &exchange->weights;
    const struct format *format = weights->format;
    bool part = weights->part == RANGE_PART;

    if (work_check(exchange, problem) || format->start(exchange, problem))
        return problem->code;
    reply_stream(
        &exchange->reply, part ? REPLY_PARTIAL : REPLY_OK, format->type,
        format->sized ? weights->range.size : API_SIZE_UNKNOWN, format->read);
    add_fields(exchange);
    if (part)
        reply_header_format(
            &exchange->reply, "Content-Range",
            "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, weights->range.first,
            weights->range.first + weights->range.size - 1, weights->body.size);
    return PROBLEM_NONE;
}

void weights_release(struct weights *weights)
{
    text_stream_free(weights->text);
    work_release(&weights->work);
    free(weights->segments);
    model_release(&weights->model);
}
