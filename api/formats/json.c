/* SPDX-License-Identifier: MIT */
/*
 * JSON: the manifest with each tensor's values in "data", and the stream that
 * writes both.  One small buffer is filled and emptied in turns.
 */
#include "exchange.h"
#include "formats/nested.h"
#include "formats/phrases.h"
#include "formats/warnings.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of text made at a time.  A tensor's entry fits with room to spare. */
#define TEXT 16384

/* What is written next. */
enum phase { HEAD, ENTRY, DATA, TAIL, WARNING, DONE };

/* Bytes [taken, filled) of 'text' wait to be read. */
struct text_stream {
    enum phase phase;
    size_t tensor;
    size_t filled, taken;
    char text[TEXT];
    struct phrases phrases;
    struct nested nested;
};

static bool write_head(struct text_stream *stream,
                       const struct weights *weights, struct text *text)
{
    text_put(text, "{\"generator\":\"");
    text_put(text, weights->model.generator->name);
    text_put(text, "\",\"recipe\":\"");
    text_put_digest(text, weights->recipe);
    text_put(text, weights->model.ordered ? "\",\"order_matters\":true" : "\"");
    final_put(text, weights);
    text_put(text, ",\"tensors\":[");
    stream->phase = ENTRY;
    return !text->failed;
}

/* An entry is whole for a manifest; JSON opens it again to add the data. */
static bool write_entry(struct text_stream *stream,
                        const struct api_exchange *exchange, struct text *text)
{
    const struct weights *weights = &exchange->weights;

    manifest_put_entry(weights, stream->tensor, &stream->phrases, text);
    stream->phase = TAIL;
    if (text->failed || !weights->format->numbers)
        return !text->failed;
    text->size--;
    text_put(text, ",\"data\":");
    nested_begin(&stream->nested, exchange->api->engine,
                 &weights->model.tensors[stream->tensor]);
    stream->phase = DATA;
    return !text->failed;
}

static bool write_data(struct text_stream *stream, struct text *text)
{
    long n = nested_write(&stream->nested, text->bytes, text->room);

    if (n < 0)
        return false;
    text->size = (size_t)n;
    if (n == 0) {
        text_put(text, "}");
        stream->phase = TAIL;
    }
    return true;
}

/* What follows a tensor or a warning: the next warning, or the end. */
static void seek_warning(struct text_stream *stream,
                         const struct api_exchange *exchange, struct text *text,
                         size_t from, const char *before)
{
    const struct weights *weights = &exchange->weights;
    const struct model *model = &weights->model;

    stream->tensor = model->count;
    if (weights->format->warns)
        stream->tensor = warnings_next(exchange->api->engine, model, from);
    stream->phase = stream->tensor < model->count ? WARNING : DONE;
    text_put(text, stream->phase == WARNING ? before : "]}\n");
}

/* What follows an entry: the next, or warnings, or the end. */
static bool write_tail(struct text_stream *stream,
                       const struct api_exchange *exchange, struct text *text)
{
    if (++stream->tensor == exchange->weights.model.count) {
        seek_warning(stream, exchange, text, 0, "],\"warnings\":[");
        return true;
    }
    text_put(text, ",");
    stream->phase = ENTRY;
    return true;
}

static bool write_warning(struct text_stream *stream,
                          const struct api_exchange *exchange,
                          struct text *text)
{
    warnings_put(exchange->api->engine, &exchange->weights.model,
                 stream->tensor, text);
    seek_warning(stream, exchange, text, stream->tensor + 1, ",");
    return !text->failed;
}

static bool write_phase(struct text_stream *stream,
                        const struct api_exchange *exchange, struct text *text)
{
    switch (stream->phase) {
    case HEAD:
        return write_head(stream, &exchange->weights, text);
    case ENTRY:
        return write_entry(stream, exchange, text);
    case DATA:
        return write_data(stream, text);
    case TAIL:
        return write_tail(stream, exchange, text);
    case WARNING:
        return write_warning(stream, exchange, text);
    case DONE:
        break;
    }
    return true;
}

/* Make the next piece of text; false when the answer can't go on. */
static bool fill(struct text_stream *stream,
                 const struct api_exchange *exchange)
{
    struct text text = {.bytes = stream->text, .room = TEXT};
    bool fine = write_phase(stream, exchange, &text);

    stream->filled = text.size;
    stream->taken = 0;
    return fine;
}

int64_t text_stream_read(struct api_exchange *exchange, uint64_t pos, void *buf,
                         size_t n)
{
    struct text_stream *stream = exchange->weights.text;
    size_t done = 0;

    (void)pos;
    while (done < n) {
        size_t left = stream->filled - stream->taken;
        size_t part = left < n - done ? left : n - done;
        memcpy((char *)buf + done, stream->text + stream->taken, part);
        stream->taken += part;
        done += part;
        if (stream->taken < stream->filled)
            continue;
        if (stream->phase == DONE)
            break;
        if (!fill(stream, exchange))
            return API_BROKEN;
    }
    return done > 0 ? (int64_t)done : API_END;
}

enum problem_code text_stream_start(struct api_exchange *exchange,
                                    struct problem *problem)
{
    struct text_stream *stream = malloc(sizeof *stream);

    if (!stream)
        return problem_no_memory(problem);
    stream->phase = HEAD;
    stream->tensor = 0;
    stream->filled = 0;
    stream->taken = 0;
    phrases_init(&stream->phrases);
    exchange->weights.text = stream;
    return PROBLEM_NONE;
}

void text_stream_free(struct text_stream *stream)
{
    free(stream);
}

/* ------------------------------------------------------------------------
 * The format
 */

static uint64_t count_leaves(const struct model *model)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < model->count; i++)
        if (__builtin_add_overflow(sum, nested_leaves(&model->tensors[i]),
                                   &sum))
            return UINT64_MAX;
    return sum;
}

static enum problem_code json_open(struct api_exchange *exchange,
                                   struct problem *problem)
{
    uint64_t limit = exchange->api->limits.max_json_elements;
    uint64_t leaves = count_leaves(&exchange->weights.model);

    if (leaves <= limit)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_TOO_MANY_ELEMENTS, "format",
                       "A JSON answer may have %" PRIu64 " elements (option "
                       "--max-json-elements); this one would have %" PRIu64
                       ". Ask for format=raw instead.",
                       limit, leaves);
}

const struct format format_json = {
    .id = FORMAT_JSON,
    .version = 1,
    .type = "application/json",
    .negotiated = true,
    .numbers = true,
    .lists_digests = true,
    .computes_digests = true,
    .open = json_open,
    .start = text_stream_start,
    .read = text_stream_read,
};
