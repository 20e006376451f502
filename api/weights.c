/* SPDX-License-Identifier: MIT */
/* The way from a model to an answer, step by step. */
#include "weights.h"

#include "bounds.h"
#include "cut.h"
#include "exchange.h"
#include "formats/sized.h"
#include "formats/warnings.h"
#include "head.h"
#include "recipe.h"
#include "repr.h"
#include "states.h"
#include "tape.h"

#include <inttypes.h>
#include <string.h>

/* ------------------------------------------------------------------------
 * The tag
 */

/* Two digests and so much text are one block of the hash. */
#define TAG_TEXT 64

void weights_tag(struct weights *weights, const char *prefix,
                 const uint8_t digest[SOW_DIGEST_BYTES])
{
    struct text text = {.bytes = weights->etag, .room = WEIGHTS_ETAG};

    memcpy(weights->tag, digest, SOW_DIGEST_BYTES);
    text_put(&text, "\"");
    text_put(&text, prefix);
    text_put_digest(&text, digest);
    text_add(&text, "\"", 2);
}

/* An answer with a state follows from that as well, and no others do. */
static enum problem_code add_final(const struct weights *weights,
                                   uint8_t digest[SOW_DIGEST_BYTES],
                                   struct problem *problem)
{
    uint8_t both[2 * SOW_DIGEST_BYTES];

    if (!weights->final.wanted)
        return PROBLEM_NONE;
    memcpy(both, digest, SOW_DIGEST_BYTES);
    if (final_name(weights, both + SOW_DIGEST_BYTES, problem))
        return problem->code;
    sow_digest(both, sizeof both, digest);
    return PROBLEM_NONE;
}

/*
 * The bytes of an answer follow from its recipe, its format and, where the
 * body lists digests, which of them it lists: by mode and limit, or for those
 * that are listed when remembered by what is known of each tensor now.
 * Warnings follow from the recipe; but versions without them had other bytes
 * then, and no others.
 */
static enum problem_code make_tag(struct api_exchange *exchange,
                                  struct problem *problem)
{
    struct weights *weights = &exchange->weights;
    const struct format *format = weights->format;
    const struct work *work = &weights->work;
    char bytes[2 * SOW_DIGEST_BYTES + TAG_TEXT] = {0};
    char *listed = bytes + SOW_DIGEST_BYTES;
    struct text text = {.bytes = listed + SOW_DIGEST_BYTES, .room = TAG_TEXT};
    uint8_t digest[SOW_DIGEST_BYTES];

    if (weights->guise)
        return PROBLEM_NONE;
    memcpy(bytes, weights->recipe, SOW_DIGEST_BYTES);
    if (format->lists_digests && format->recalls_digests && work->items)
        sow_digest(work->items, weights->model.count * sizeof *work->items,
                   (uint8_t *)listed);
    text_put(&text, format_name(format->id));
    text_put(&text, "/");
    text_put_integer(&text, format->version);
    if (format->lists_digests) {
        text_put(&text, "/");
        text_put(&text, digest_mode_name(weights->options.digest));
        text_put(&text, "/");
        text_put_integer(&text, exchange->api->limits.digest_max_bytes);
    }
    if (warnings_any(exchange))
        text_put(&text, "/warnings");
    sow_digest(bytes, sizeof bytes, digest);
    if (add_final(weights, digest, problem))
        return problem->code;
    weights_tag(weights, "", digest);
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * Header fields
 */

/*
 * The bytes behind a URL never change, so that caches may keep them for ever;
 * but a manifest that lists what is remembered does change, so does what is
 * stored under a name, and the answer to a POST belongs to its body as well:
 * these are to be asked for again.
 */
static const char *cache_control(const struct api_exchange *exchange)
{
    const struct weights *weights = &exchange->weights;
    bool changes = weights->format->lists_digests &&
                   weights->format->recalls_digests &&
                   weights->options.digest == DIGEST_AUTO;

    return changes || weights->alias || exchange_is(exchange, "POST")
               ? "no-cache"
               : "public, max-age=31536000, immutable";
}

/* The fields that a 304 repeats. */
static void add_validators(struct api_exchange *exchange)
{
    const struct weights_guise *guise = exchange->weights.guise;
    struct reply *reply = &exchange->reply;

    if (guise) {
        guise->validate(exchange);
        return;
    }
    reply_header(reply, "ETag", exchange->weights.etag);
    reply_header(reply, "Cache-Control", cache_control(exchange));
    reply_header(reply, "Vary", "Accept");
}

/* "512,256", and "()" for a scalar. */
static void add_shape(struct reply *reply, const struct sow_shape *shape)
{
    struct text text = reply_text(reply);

    if (shape->rank == 0)
        text_put(&text, "()");
    text_put_integers(&text, shape->dims, shape->rank);
    reply_header_text(reply, "Sow-Shape", &text);
}

static void add_slice(struct reply *reply, const struct sow_tensor *tensor)
{
    struct text text = reply_text(reply);

    cut_put(&text, tensor);
    reply_header_text(reply, "Sow-Slice", &text);
}

/* A field that is a prefix and a digest in hex. */
static void add_digest(struct reply *reply, const char *name,
                       const char *prefix, const uint8_t *digest)
{
    struct text text = reply_text(reply);

    text_put(&text, prefix);
    text_put_digest(&text, digest);
    reply_header_text(reply, name, &text);
}

/* What a single tensor's answer says of it, in every format. */
static void add_tensor(struct api_exchange *exchange)
{
    const struct weights *weights = &exchange->weights;
    const struct sow_tensor *tensor = &weights->model.tensors[0];
    const uint8_t *digest = work_digest(&weights->work, 0);

    add_shape(&exchange->reply, &tensor->shape);
    if (sow_tensor_is_cut(tensor))
        add_slice(&exchange->reply, tensor);
    reply_header(&exchange->reply, "Sow-Dtype",
                 sow_dtype_name(tensor->spec.dtype));
    if (digest)
        add_digest(&exchange->reply, "Sow-Digest", "blake2b-256=", digest);
}

/* What the answer is. */
static void add_recipe(struct api_exchange *exchange)
{
    add_digest(&exchange->reply, "Sow-Recipe", "", exchange->weights.recipe);
    if (exchange->weights.model.count == 1)
        add_tensor(exchange);
}

static void add_repr(struct reply *reply, const uint8_t *sha256)
{
    struct text text = reply_text(reply);
    char value[REPR_VALUE];

    repr_write(sha256, value);
    text_put(&text, value);
    reply_header_text(reply, "Repr-Digest", &text);
}

static void add_part(struct reply *reply, const struct range *range,
                     uint64_t size)
{
    struct text text = reply_text(reply);

    text_put(&text, "bytes ");
    text_put_integer(&text, range->first);
    text_put(&text, "-");
    text_put_integer(&text, range->first + range->size - 1);
    text_put(&text, "/");
    text_put_integer(&text, size);
    reply_header_text(reply, "Content-Range", &text);
}

static void add_fields(struct api_exchange *exchange)
{
    const struct weights *weights = &exchange->weights;
    struct reply *reply = &exchange->reply;

    reply_header(reply, "Accept-Ranges",
                 weights->format->sized ? "bytes" : "none");
    add_validators(exchange);
    if (weights->guise)
        weights->guise->describe(exchange);
    else
        add_recipe(exchange);
    if (weights->work.own.known)
        add_repr(reply, weights->work.own.sha256);
    if (weights->part == RANGE_PART)
        add_part(reply, &weights->range, weights->body.size);
}

/* ------------------------------------------------------------------------
 * Steps: each may refuse, or make the reply ready, which ends the walk
 */

static uint64_t whole_size(const struct weights *weights)
{
    return weights->format->sized ? weights->body.size : API_SIZE_UNKNOWN;
}

/* Have the model's tensors counted, until weights_release(). */
static enum problem_code take_room(struct api_exchange *exchange,
                                   struct problem *problem)
{
    struct weights *weights = &exchange->weights;
    const struct tape *tape = weights->model.tape;
    uint64_t bytes = weights->model.count * sizeof *weights->model.tensors +
                     (tape ? tape->bytes : 0);

    if (room_take(&exchange->api->room, bytes, problem))
        return problem->code;
    weights->room = bytes;
    return PROBLEM_NONE;
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

    if (weights->guise)
        return PROBLEM_NONE;
    return recipe_digest(&weights->model, weights->recipe, problem);
}

static enum problem_code check_pins(struct api_exchange *exchange,
                                    struct problem *problem)
{
    return pins_check(exchange, problem);
}

static enum problem_code check_conditions(struct api_exchange *exchange,
                                          struct problem *problem)
{
    const struct weights *weights = &exchange->weights;

    switch (condition_evaluate(&exchange->request, weights->etag,
                               !exchange_is(exchange, "POST"))) {
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
    if (!weights->format->sized || !exchange_is(exchange, "GET"))
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

/* Let the generator remember its states here. */
static enum problem_code set_memory(struct api_exchange *exchange,
                                    struct problem *problem)
{
    (void)problem;
    tape_remember(exchange->weights.model.tape,
                  states_memory(exchange->api->states));
    return PROBLEM_NONE;
}

static enum problem_code walk(struct api_exchange *exchange,
                              struct problem *problem)
{
    static route_handler *const steps[] = {
        bounds_elements, take_room,        set_memory,   open_format,
        final_begin,     make_recipe,      work_want,    check_pins,
        make_tag,        check_conditions, choose_range, bounds_bytes,
        work_start,
    };

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        enum problem_code code = steps[i](exchange, problem);
        if (code || exchange->reply.ready)
            return code;
    }
    return PROBLEM_NONE;
}

enum problem_code weights_begin(struct api_exchange *exchange,
                                enum spec_format usual, struct problem *problem)
{
    struct weights *weights = &exchange->weights;

    if (format_choose(&exchange->request, weights->options.format, usual,
                      &weights->format, problem))
        return problem->code;
    return walk(exchange, problem);
}

enum problem_code weights_begin_as(struct api_exchange *exchange,
                                   const struct format *format,
                                   const struct weights_guise *guise,
                                   struct problem *problem)
{
    exchange->weights.format = format;
    exchange->weights.guise = guise;
    return walk(exchange, problem);
}

enum problem_code weights_finish(struct api_exchange *exchange,
                                 struct problem *problem)
{
    const struct weights *weights = &exchange->weights;
    const struct format *format = weights->format;
    bool part = weights->part == RANGE_PART;

    if (work_check(exchange, problem) || format->start(exchange, problem))
        return problem->code;
    reply_stream(&exchange->reply, part ? REPLY_PARTIAL : REPLY_OK,
                 weights->type ? weights->type : format->type,
                 format->sized ? weights->range.size : API_SIZE_UNKNOWN,
                 format->read);
    add_fields(exchange);
    return PROBLEM_NONE;
}

void weights_release(struct api_exchange *exchange)
{
    struct weights *weights = &exchange->weights;

    text_stream_free(weights->text);
    pins_release(exchange);
    final_release(weights);
    work_release(&weights->work);
    sized_release(weights);
    model_release(&weights->model);
    room_give(&exchange->api->room, weights->room);
}
