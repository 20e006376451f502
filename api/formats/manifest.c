/* SPDX-License-Identifier: MIT */
/*
 * Manifest: what JSON says of the tensors, without their values.  'offset'
 * and 'bytes' are a tensor's place in the raw format.
 */
#include "cut.h"
#include "exchange.h"
#include "formats/phrases.h"

void manifest_put_scheme(struct text *text, const struct sow_scheme *scheme)
{
    const struct sow_scheme_info *info = scheme->info;

    text_put(text, "{\"name\":");
    text_put_string(text, info->name);
    for (uint32_t i = 0; i < info->parameter_count; i++) {
        text_put(text, ",");
        text_put_string(text, info->parameters[i].name);
        text_put(text, ":");
        text_put_value(text, &info->parameters[i], scheme->values[i]);
    }
    text_put(text, "}");
}

static void put_fans(struct text *text, const struct sow_tensor *tensor)
{
    if (!tensor->has_fans) {
        text_put(text, ",\"fan_in\":null,\"fan_out\":null");
        return;
    }
    text_put(text, ",\"fan_in\":");
    text_put_integer(text, tensor->fan_in);
    text_put(text, ",\"fan_out\":");
    text_put_integer(text, tensor->fan_out);
}

static void put_digest(struct text *text, const uint8_t *digest)
{
    if (!digest) {
        text_put(text, "null");
        return;
    }
    text_put(text, "\"blake2b-256:");
    text_put_digest(text, digest);
    text_put(text, "\"");
}

/* A slice has 'shape'; 'whole_shape' is the tensor's. */
static void put_slice(struct text *text, const struct sow_tensor *tensor)
{
    const struct sow_shape *whole = &tensor->spec.shape;

    text_put(text, ",\"slice\":\"");
    cut_put(text, tensor);
    text_put(text, "\",\"whole_shape\":[");
    text_put_integers(text, whole->dims, whole->rank);
    text_put(text, "]");
}

void manifest_put_tensor(const struct sow_tensor *tensor,
                         struct phrases *phrases, struct text *text)
{
    text_put(text, "\"name\":");
    text_put_string(text, tensor->spec.name);
    text_put(text, ",\"shape\":[");
    text_put_integers(text, tensor->shape.dims, tensor->shape.rank);
    text_put(text, "]");
    if (sow_tensor_is_cut(tensor))
        put_slice(text, tensor);
    text_put(text, ",\"dtype\":");
    text_put_string(text, sow_dtype_name(tensor->spec.dtype));
    text_put(text, ",\"scheme\":");
    phrases_put(phrases, text, &tensor->spec.scheme, manifest_put_scheme);
    if (tensor->spec.multiplier != 1) {
        text_put(text, ",\"multiplier\":");
        text_put_number(text, tensor->spec.multiplier);
    }
    text_put(text, ",\"seed\":\"");
    text_put_integer(text, tensor->spec.seed);
    text_put(text, "\"");
    put_fans(text, tensor);
    text_put(text, ",\"std\":");
    text_put_number(text, tensor->std);
}

void manifest_put_entry(const struct weights *weights, size_t i,
                        struct phrases *phrases, struct text *text)
{
    const struct sow_tensor *tensor = &weights->model.tensors[i];

    text_put(text, "{");
    manifest_put_tensor(tensor, phrases, text);
    text_put(text, ",\"bytes\":");
    text_put_integer(text, tensor->size);
    text_put(text, ",\"offset\":");
    text_put_integer(text, weights->model.offsets[i]);
    text_put(text, ",\"digest\":");
    put_digest(text, work_digest(&weights->work, i));
    text_put(text, "}");
}

static enum problem_code manifest_open(struct api_exchange *exchange,
                                       struct problem *problem)
{
    (void)exchange;
    (void)problem;
    return PROBLEM_NONE;
}

const struct format format_manifest = {
    .id = FORMAT_MANIFEST,
    .version = 1,
    .type = "application/json",
    .lists_digests = true,
    .recalls_digests = true,
    .warns = true,
    .open = manifest_open,
    .start = text_stream_start,
    .read = text_stream_read,
};
