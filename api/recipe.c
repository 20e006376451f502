/* SPDX-License-Identifier: MIT */
/* The canonical recipe.  Its bytes are hashed: they never change. */
#include "recipe.h"

#include "cut.h"
#include "digest.h"

#include "formats/text.h"

/* So much is hashed at a time; the recipe of any usual tensor is shorter. */
#define PIECE 4096

/* The axes of a set, in ascending order. */
static void put_axes(struct text *text, uint8_t set)
{
    const char *separator = "[";
    if (set == 0)
        text_put(text, separator);
    for (unsigned axis = 0; axis < SOW_MAX_RANK; axis++) {
        if (!(set >> axis & 1))
            continue;
        text_put(text, separator);
        text_put_integer(text, axis);
        separator = ",";
    }
    text_put(text, "]");
}

static void put_all_axes(struct text *text, const struct sow_tensor *tensor)
{
    if (!tensor->has_fans) {
        text_put(text, "null");
        return;
    }
    text_put(text, "{\"batch\":");
    put_axes(text, tensor->spec.axes.batch);
    text_put(text, ",\"in\":");
    put_axes(text, tensor->spec.axes.in);
    text_put(text, ",\"out\":");
    put_axes(text, tensor->spec.axes.out);
    text_put(text, "}");
}

/* A member of a scheme: parameter 'i', or past the last the scheme's name. */
static const char *member_key(const struct sow_scheme_info *info, uint32_t i)
{
    return i < info->parameter_count ? info->parameters[i].name : "name";
}

static void put_member(struct text *text, const struct sow_scheme *scheme,
                       uint32_t i)
{
    const struct sow_scheme_info *info = scheme->info;
    text_put_string(text, member_key(info, i));
    text_put(text, ":");
    if (i == info->parameter_count)
        text_put_string(text, info->name);
    else
        text_put_parameter(text, scheme, i);
}

/* The members by key: each time the least of those above the last. */
static void put_scheme(struct text *text, const struct sow_scheme *scheme)
{
    const struct sow_scheme_info *info = scheme->info;
    const char *last = "";
    for (uint32_t n = 0; n <= info->parameter_count; n++) {
        uint32_t least = UINT32_MAX;
        for (uint32_t i = 0; i <= info->parameter_count; i++) {
            const char *key = member_key(info, i);
            if (strcmp(key, last) > 0 &&
                (least == UINT32_MAX ||
                 strcmp(key, member_key(info, least)) < 0))
                least = i;
        }
        text_put(text, n == 0 ? "{" : ",");
        put_member(text, scheme, least);
        last = member_key(info, least);
    }
    text_put(text, "}");
}

static void put_slice(struct text *text, const struct sow_tensor *tensor)
{
    const bool cut = sow_tensor_is_cut(tensor);
    text_put(text, cut ? "\"" : "null");
    if (!cut)
        return;
    cut_put(text, tensor);
    text_put(text, "\"");
}

void recipe_put_tensor(struct text *text, const struct sow_tensor *tensor)
{
    const struct sow_spec *spec = &tensor->spec;
    text_put(text, "{\"axes\":");
    put_all_axes(text, tensor);
    if (tensor->data) {
        text_put(text, ",\"data\":\"");
        text_put_digest(text, tensor->data->digest);
        text_put(text, "\"");
    }
    text_put(text, ",\"dtype\":\"");
    text_put(text, sow_dtype_name(spec->dtype));
    text_put(text, "\"");
    if (spec->multiplier != 1) {
        text_put(text, ",\"multiplier\":");
        text_put_number(text, spec->multiplier);
    }
    text_put(text, ",\"name\":");
    text_put_string(text, spec->name);
    text_put(text, ",\"scheme\":");
    put_scheme(text, &spec->scheme);
    text_put(text, ",\"seed\":\"");
    text_put_integer(text, spec->seed);
    text_put(text, "\",\"shape\":[");
    text_put_integers(text, spec->shape.dims, spec->shape.rank);
    text_put(text, "],\"slice\":");
    put_slice(text, tensor);
    text_put(text, "}");
}

/* Hash what has been written, and begin anew. */
static void flush(struct text *text, struct sow_hash *hash)
{
    sow_hash_add(hash, text->bytes, text->size);
    text->size = 0;
}

static void put_recipe(struct text *text, const struct sow_tensor *tensors,
                       size_t count, struct sow_hash *hash)
{
    text_put(text, "{\"generator\":\"" SPEC_GENERATOR "\",\"tensors\":[");
    for (size_t i = 0; i < count; i++) {
        text_put(text, i == 0 ? "" : ",");
        recipe_put_tensor(text, &tensors[i]);
        if (text->size > PIECE)
            flush(text, hash);
    }
    text_put(text, "]}");
    flush(text, hash);
}

static enum problem_code hash(const struct sow_tensor *tensors, size_t count,
                              uint8_t digest[SOW_DIGEST_BYTES],
                              struct problem *problem)
{
    char usual[2 * PIECE];
    struct text text = {.bytes = usual, .room = sizeof usual, .grows = true};
    struct sow_hash hash;

    sow_hash_start(&hash, SOW_DIGEST_BYTES, NULL);
    put_recipe(&text, tensors, count, &hash);
    if (!text.failed)
        sow_hash_finish(&hash, digest, SOW_DIGEST_BYTES);
    text_release(&text);
    return text.failed ? problem_no_memory(problem) : PROBLEM_NONE;
}

enum problem_code recipe_digest(const struct model *model,
                                uint8_t digest[SOW_DIGEST_BYTES],
                                struct problem *problem)
{
    return hash(model->tensors, model->count, digest, problem);
}

/* A recipe of one tensor is a model's too, so the generator is in it. */
enum problem_code recipe_tensor_digest(const struct sow_tensor *tensor,
                                       uint8_t digest[SOW_DIGEST_BYTES],
                                       struct problem *problem)
{
    return hash(tensor, 1, digest, problem);
}
