/* SPDX-License-Identifier: MIT */
/*
 * The canonical recipe.  Its bytes are hashed, so they are written here and
 * depend on no library's taste in numbers; strings alone are left to the JSON
 * library, whose escapes JSON fixes.
 */
#include "recipe.h"
#include "formats/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------
 * A growing text.  After an allocation failed all else is dropped.
 */

struct text {
    char *bytes; /* owned */
    size_t size;
    size_t room;
    bool failed;
};

static void text_add(struct text *text, const char *bytes, size_t n)
{
    if (text->failed)
        return;
    if (n > text->room - text->size) {
        const size_t room = 2 * text->room + n + 512;
        char *grown = realloc(text->bytes, room);
        text->failed = !grown;
        if (!grown)
            return;
        text->bytes = grown;
        text->room = room;
    }
    memcpy(text->bytes + text->size, bytes, n);
    text->size += n;
}

static void text_puts(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

static void text_put_integer(struct text *text, uint64_t number)
{
    char digits[24];
    snprintf(digits, sizeof(digits), "%" PRIu64, number);
    text_puts(text, digits);
}

static void text_put_number(struct text *text, double number)
{
    char digits[NUMBER_MAX];
    text_add(text, digits, number_write_f64(number, digits));
}

/* A JSON string; of each byte an escape makes six at most. */
static void text_put_string(struct text *text, const char *string)
{
    char escaped[6 * SOW_MAX_NAME + 2];
    json_t *json = json_string_nocheck(string);
    const size_t n =
        json ? json_dumpb(json, escaped, sizeof(escaped), JSON_ENCODE_ANY) : 0;
    json_decref(json);
    text->failed |= n == 0 || n > sizeof(escaped);
    if (!text->failed)
        text_add(text, escaped, n);
}

/* ------------------------------------------------------------------------
 * The recipe
 */

/* The axes of a set, in ascending order. */
static void put_axes(struct text *text, uint8_t set)
{
    const char *separator = "[";
    if (set == 0)
        text_puts(text, separator);
    for (unsigned axis = 0; axis < SOW_MAX_RANK; axis++) {
        if (!(set >> axis & 1))
            continue;
        text_puts(text, separator);
        text_put_integer(text, axis);
        separator = ",";
    }
    text_puts(text, "]");
}

static void put_all_axes(struct text *text, const struct sow_tensor *tensor)
{
    if (!tensor->has_fans) {
        text_puts(text, "null");
        return;
    }
    text_puts(text, "{\"batch\":");
    put_axes(text, tensor->spec.axes.batch);
    text_puts(text, ",\"in\":");
    put_axes(text, tensor->spec.axes.in);
    text_puts(text, ",\"out\":");
    put_axes(text, tensor->spec.axes.out);
    text_puts(text, "}");
}

static const char *choice_name(const struct sow_parameter *parameter,
                               double value)
{
    return parameter->choices[(size_t)value];
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
    text_puts(text, ":");
    if (i == info->parameter_count)
        text_put_string(text, info->name);
    else if (info->parameters[i].kind == SOW_CHOICE)
        text_put_string(text,
                        choice_name(&info->parameters[i], scheme->values[i]));
    else
        text_put_number(text, scheme->values[i]);
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
        text_puts(text, n == 0 ? "{" : ",");
        put_member(text, scheme, least);
        last = member_key(info, least);
    }
    text_puts(text, "}");
}

static void put_shape(struct text *text, const struct sow_shape *shape)
{
    text_puts(text, "[");
    for (uint32_t i = 0; i < shape->rank; i++) {
        text_puts(text, i == 0 ? "" : ",");
        text_put_integer(text, shape->dims[i]);
    }
    text_puts(text, "]");
}

static void put_tensor(struct text *text, const struct sow_tensor *tensor)
{
    const struct sow_spec *spec = &tensor->spec;
    text_puts(text, "{\"axes\":");
    put_all_axes(text, tensor);
    text_puts(text, ",\"dtype\":\"");
    text_puts(text, sow_dtype_name(spec->dtype));
    text_puts(text, "\",\"name\":");
    text_put_string(text, spec->name);
    text_puts(text, ",\"scheme\":");
    put_scheme(text, &spec->scheme);
    text_puts(text, ",\"seed\":\"");
    text_put_integer(text, spec->seed);
    text_puts(text, "\",\"shape\":");
    put_shape(text, &spec->shape);
    text_puts(text, ",\"slice\":null}");
}

static void put_recipe(struct text *text, const struct sow_tensor *tensors,
                       size_t count)
{
    text_puts(text, "{\"generator\":\"" SPEC_GENERATOR "\",\"tensors\":[");
    for (size_t i = 0; i < count; i++) {
        text_puts(text, i == 0 ? "" : ",");
        put_tensor(text, &tensors[i]);
    }
    text_puts(text, "]}");
}

char *recipe_tensor_json(const struct sow_tensor *tensor)
{
    struct text text = {NULL, 0, 0, false};
    put_tensor(&text, tensor);
    text_add(&text, "", 1);
    if (!text.failed)
        return text.bytes;
    free(text.bytes);
    return NULL;
}

static enum problem_code digest(const struct sow_tensor *tensors, size_t count,
                                uint8_t digest[SOW_DIGEST_BYTES],
                                struct problem *problem)
{
    struct text text = {NULL, 0, 0, false};
    put_recipe(&text, tensors, count);
    if (!text.failed)
        sow_digest(text.bytes, text.size, digest);
    free(text.bytes);
    if (text.failed)
        return problem_set(problem, PROBLEM_INTERNAL, "",
                           "There is not enough memory for the recipe.");
    return PROBLEM_NONE;
}

enum problem_code recipe_digest(const struct model *model,
                                uint8_t digest_out[SOW_DIGEST_BYTES],
                                struct problem *problem)
{
    return digest(model->tensors, model->count, digest_out, problem);
}

/* A recipe of one tensor is a model's too, so the generator is in it. */
enum problem_code recipe_tensor_digest(const struct sow_tensor *tensor,
                                       uint8_t digest_out[SOW_DIGEST_BYTES],
                                       struct problem *problem)
{
    return digest(tensor, 1, digest_out, problem);
}

/* ------------------------------------------------------------------------
 * The scheme for an answer
 */

static json_t *parameter_json(const struct sow_parameter *parameter,
                              double value)
{
    if (parameter->kind == SOW_CHOICE)
        return json_string(choice_name(parameter, value));
    /* Below 2^53 each integer is exact; a negative zero is none. */
    if (floor(value) == value && fabs(value) < 9007199254740992.0 &&
        !(value == 0 && signbit(value)))
        return json_integer((json_int_t)value);
    return json_real(value);
}

json_t *recipe_scheme(const struct sow_scheme *scheme)
{
    const struct sow_scheme_info *info = scheme->info;
    json_t *json = json_object();
    int failed = json_object_set_new(json, "name", json_string(info->name));
    for (uint32_t i = 0; i < info->parameter_count; i++)
        failed |= json_object_set_new(
            json, info->parameters[i].name,
            parameter_json(&info->parameters[i], scheme->values[i]));
    if (!failed)
        return json;
    json_decref(json);
    return NULL;
}
