/* SPDX-License-Identifier: MIT */
/*
 * npy: a NumPy array file, byte for byte what numpy.save() writes.  Its header
 * is Python: a dictionary, padded with spaces so that the values begin at a
 * multiple of 64.  Version 1.0 serves: only that of an array with thousands of
 * dimensions would be too long for it.
 */
#include "exchange.h"
#include "formats/sized.h"

#include <string.h>

/* Bytes that a file begins with: magic, version, length of the rest. */
#define PREFIX 10

/* What the header is padded to. */
#define ALIGN 64

/* NumPy leaves room for a first dimension of so many digits. */
#define GROWTH 21

/* NumPy's names of the types, NULL where it has none. */
static const char *const types[SOW_DTYPES] = {
    [SOW_FLOAT32] = "<f4",
    [SOW_FLOAT64] = "<f8",
    [SOW_FLOAT16] = "<f2",
};

static enum problem_code check(const struct model *model,
                               struct problem *problem)
{
    const enum sow_dtype dtype = model->tensors[0].spec.dtype;

    if (model->count != 1)
        return problem_set(problem, PROBLEM_NOT_ACCEPTABLE, "format",
                           "An npy file holds one array, and these are %zu "
                           "tensors. Ask for format=safetensors or raw, or "
                           "for one tensor at a time.",
                           model->count);
    if (!types[dtype])
        return problem_set(problem, PROBLEM_NOT_ACCEPTABLE, "format",
                           "NumPy has no %s, so an npy file can't hold it. "
                           "Ask for format=raw or safetensors, or for dtype "
                           "float64, float32 or float16.",
                           sow_dtype_name(dtype));
    return PROBLEM_NONE;
}

/* A tuple: (), (3,), (2, 3); and room for its first number to grow. */
static void put_shape(struct text *text, const struct sow_shape *shape)
{
    size_t digits = 0;

    text_put(text, "(");
    for (uint32_t i = 0; i < shape->rank; i++) {
        const size_t from = text->size;
        if (i > 0)
            text_put(text, " ");
        text_put_integer(text, shape->dims[i]);
        if (i == 0)
            digits = text->size - from;
        if (i == 0 || i + 1 < shape->rank)
            text_put(text, ",");
    }
    text_put(text, "), }");
    for (; shape->rank > 0 && digits < GROWTH; digits++)
        text_put(text, " ");
}

/* Pad with one space or more, and set the length. */
static void finish(struct text *text)
{
    size_t size;

    do
        text_put(text, " ");
    while (!text->failed && (text->size + 1) % ALIGN > 0);
    text_put(text, "\n");
    size = text->size - PREFIX;
    if (text->failed)
        return;
    text->bytes[PREFIX - 2] = (char)(size & 0xff);
    text->bytes[PREFIX - 1] = (char)(size >> 8);
}

static void put_header(struct text *text, const struct sow_tensor *tensor)
{
    text_add(text, "\x93NUMPY\1\0\0\0", PREFIX);
    text_put(text, "{'descr': '");
    text_put(text, types[tensor->spec.dtype]);
    text_put(text, "', 'fortran_order': False, 'shape': ");
    put_shape(text, &tensor->shape);
    finish(text);
}

static enum problem_code npy_open(struct api_exchange *exchange,
                                  struct problem *problem)
{
    struct weights *weights = &exchange->weights;
    const struct sow_tensor *tensor = weights->model.tensors;
    struct text text = {.grows = true};

    if (check(&weights->model, problem) || sized_begin(weights, 2, problem))
        return problem->code;
    put_header(&text, tensor);
    if (sized_put_text(weights, &text, problem))
        return problem->code;
    sized_put_tensor(weights, tensor);
    return sized_end(weights, problem);
}

const struct format format_npy = {
    .id = FORMAT_NPY,
    .version = 1,
    .type = "application/x-npy",
    .negotiated = true,
    .sized = true,
    .computes_digests = true,
    .recalls_digests = true,
    .open = npy_open,
    .start = sized_start,
    .read = sized_read,
};
