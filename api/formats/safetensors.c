/* SPDX-License-Identifier: MIT */
/* safetensors: canonical files, each tensor aligned to its own elements. */
#include "formats/safetensors.h"

#include "exchange.h"
#include "formats/sized.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of the header's length, which the header is a multiple of. */
#define PREFIX 8

/* The types' names in the header, and their order in the file. */
static const struct {
    const char *name;
    unsigned rank;
} dtypes[SOW_DTYPES] = {
    [SOW_FLOAT64] = {"F64", 0},           [SOW_FLOAT32] = {"F32", 1},
    [SOW_BFLOAT16] = {"BF16", 2},         [SOW_FLOAT16] = {"F16", 3},
    [SOW_FLOAT8_E4M3FN] = {"F8_E4M3", 4}, [SOW_FLOAT8_E5M2] = {"F8_E5M2", 5},
};

const char *safetensors_dtype(enum sow_dtype dtype)
{
    return dtypes[dtype].name;
}

/* ------------------------------------------------------------------------
 * The order
 */

/* What the order depends on, close together: a model may have a million. */
struct key {
    const char *name;
    size_t i;
    unsigned rank;
};

static int compare(const void *left, const void *right)
{
    const struct key *a = left;
    const struct key *b = right;

    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return strcmp(a->name, b->name);
}

enum problem_code safetensors_sort(const struct model *model, size_t *order,
                                   size_t count, struct problem *problem)
{
    struct key *keys = calloc(count > 0 ? count : 1, sizeof *keys);

    if (!keys)
        return problem_no_memory(problem);
    for (size_t i = 0; i < count; i++) {
        const struct sow_spec *spec = &model->tensors[order[i]].spec;
        keys[i] = (struct key){spec->name, order[i], dtypes[spec->dtype].rank};
    }
    qsort(keys, count, sizeof *keys, compare);
    for (size_t i = 0; i < count; i++)
        order[i] = keys[i].i;
    free(keys);
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * The header
 */

static void put_entry(struct text *text, const struct sow_tensor *tensor,
                      uint64_t offset)
{
    const char *name = tensor->spec.name;

    text_put(text, ",");
    text_put_string(text, name[0] ? name : "tensor");
    text_put(text, ":{\"dtype\":\"");
    text_put(text, dtypes[tensor->spec.dtype].name);
    text_put(text, "\",\"shape\":[");
    text_put_integers(text, tensor->shape.dims, tensor->shape.rank);
    text_put(text, "],\"data_offsets\":[");
    text_put_integer(text, offset);
    text_put(text, ",");
    text_put_integer(text, offset + tensor->size);
    text_put(text, "]}");
}

/* Pad the header, and set its length. */
static void finish(struct text *text)
{
    static const char spaces[] = "       ";
    uint64_t size;

    text_add(text, spaces, (PREFIX - text->size % PREFIX) % PREFIX);
    size = text->size - PREFIX;
    for (size_t i = 0; i < PREFIX && !text->failed; i++)
        text->bytes[i] = (char)(size >> 8 * i & 0xff);
}

static enum problem_code refuse_name(struct problem *problem)
{
    return problem_set(problem, PROBLEM_NOT_ACCEPTABLE, "format",
                       "In a safetensors file no tensor can be called "
                       "'__metadata__'. Give it another name, or ask for "
                       "format=raw.");
}

static enum problem_code refuse_size(size_t count, struct problem *problem)
{
    return problem_set(problem, PROBLEM_TOO_LARGE, "format",
                       "The header of a safetensors file has at most %d bytes, "
                       "and that of these %zu tensors would have more. Ask for "
                       "fewer at a time, or for format=raw.",
                       SAFETENSORS_HEADER, count);
}

enum problem_code safetensors_header(const struct model *model,
                                     const size_t *order, size_t count,
                                     struct text *text, struct problem *problem)
{
    uint64_t offset = 0;

    text_add(text, "\0\0\0\0\0\0\0", PREFIX);
    text_put(text, "{\"__metadata__\":{\"format\":\"pt\"}");
    for (size_t i = 0; i < count; i++) {
        const struct sow_tensor *tensor = &model->tensors[order[i]];
        if (!strcmp(tensor->spec.name, "__metadata__"))
            return refuse_name(problem);
        put_entry(text, tensor, offset);
        offset += tensor->size;
        if (text->size > PREFIX + SAFETENSORS_HEADER)
            return refuse_size(count, problem);
    }
    text_put(text, "}");
    finish(text);
    if (text->size > PREFIX + SAFETENSORS_HEADER)
        return refuse_size(count, problem);
    return text->failed ? problem_no_memory(problem) : PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * The format
 */

static enum problem_code lay_out(struct weights *weights, const size_t *order,
                                 struct problem *problem)
{
    const struct model *model = &weights->model;
    struct text text = {.grows = true};

    if (sized_begin(weights, 1 + model->count, problem))
        return problem->code;
    if (safetensors_header(model, order, model->count, &text, problem)) {
        text_release(&text);
        return problem->code;
    }
    if (sized_put_text(weights, &text, problem))
        return problem->code;
    for (size_t i = 0; i < model->count; i++)
        sized_put_tensor(weights, &model->tensors[order[i]]);
    return sized_end(weights, problem);
}

static enum problem_code safetensors_open(struct api_exchange *exchange,
                                          struct problem *problem)
{
    struct weights *weights = &exchange->weights;
    size_t count = weights->model.count;
    size_t *order = calloc(count > 0 ? count : 1, sizeof *order);
    enum problem_code code;

    if (!order)
        return problem_no_memory(problem);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    code = safetensors_sort(&weights->model, order, count, problem);
    if (!code)
        code = lay_out(weights, order, problem);
    free(order);
    return code;
}

const struct format format_safetensors = {
    .id = FORMAT_SAFETENSORS,
    .version = 1,
    .type = "application/x-safetensors",
    .negotiated = true,
    .sized = true,
    .computes_digests = true,
    .recalls_digests = true,
    .open = safetensors_open,
    .start = sized_start,
    .read = sized_read,
};
