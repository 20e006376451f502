/* SPDX-License-Identifier: MIT */
/* The canonical recipe.  Its bytes are hashed: they never change. */
#include "recipe.h"

#include "cut.h"
#include "digest.h"

#include "formats/phrases.h"

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

/* What has been given already changes no value, only what states show. */
static void put_kept(struct text *text, uint64_t kept)
{
    if (kept == SOW_KEPT_BEFORE) {
        text_put(text, "\"before\"");
        return;
    }
    if (kept & SOW_KEPT_GIVEN) {
        text_put(text, "null");
        return;
    }
    text_put(text, "\"");
    text_put_integer(text, kept);
    text_put(text, "\"");
}

/* Where a generator other than sow1 begins, or with which key. */
static void put_origin(struct text *text, const struct sow_origin *origin)
{
    if (!origin->start->generator->sequential) {
        text_put(text, ",\"origin\":{\"key\":[");
        text_put_integer(text, origin->key[0]);
        text_put(text, ",");
        text_put_integer(text, origin->key[1]);
        text_put(text, "]}");
        return;
    }
    text_put(text, ",\"origin\":{\"at\":\"");
    text_put_integer(text, origin->at);
    text_put(text, "\",\"chain\":\"");
    text_put_digest(text, sow_origin_chain(origin));
    text_put(text, "\",\"kept\":");
    put_kept(text, origin->kept);
    text_put(text, "}");
}

static void put_tensor(struct text *text, struct phrases *phrases,
                       const struct sow_tensor *tensor)
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
    if (spec->origin.start)
        put_origin(text, &spec->origin);
    text_put(text, ",\"scheme\":");
    phrases_put(phrases, text, &spec->scheme, put_scheme);
    text_put(text, ",\"seed\":\"");
    text_put_integer(text, spec->seed);
    text_put(text, "\",\"shape\":[");
    text_put_integers(text, spec->shape.dims, spec->shape.rank);
    text_put(text, "],\"slice\":");
    put_slice(text, tensor);
    text_put(text, "}");
}

void recipe_put_tensor(struct text *text, const struct sow_tensor *tensor)
{
    struct phrases phrases;

    phrases_init(&phrases);
    put_tensor(text, &phrases, tensor);
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
    const struct sow_start *start = tensors[0].spec.origin.start;
    struct phrases phrases;

    phrases_init(&phrases);
    text_put(text, "{\"generator\":\"");
    text_put(text, start ? start->generator->name : sow_generator_at(0)->name);
    text_put(text, "\",\"tensors\":[");
    for (size_t i = 0; i < count; i++) {
        text_put(text, i == 0 ? "" : ",");
        put_tensor(text, &phrases, &tensors[i]);
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
