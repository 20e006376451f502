/* SPDX-License-Identifier: MIT */
/* Reading a batch. */
#include "batch.h"

#include "base64.h"
#include "suggest.h"
#include "utf8.h"
#include "value.h"
#include "count.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ITEM 4 /* bytes of a float32 */

/* How many values there are; false when that can't be counted. */
static bool count_values(const struct sow_shape *shape, size_t *count)
{
    size_t n = 1;
    for (uint32_t i = 0; i < shape->rank; i++)
        if (__builtin_mul_overflow(n, shape->dims[i], &n))
            return false;
    *count = n;
    return n <= SIZE_MAX / sizeof(double);
}

static enum problem_code allocate(struct batch *batch, size_t count,
                                  struct problem *problem)
{
    batch->values = calloc(count > 0 ? count : 1, sizeof(*batch->values));
    return batch->values ? PROBLEM_NONE : problem_no_memory(problem);
}

static enum problem_code read_shape(json_t *json, const struct place *place,
                                    struct sow_shape *shape,
                                    struct problem *problem)
{
    static const struct value_list_rule rule = {
        "", 1, false, "whole numbers of at least 1, the batch's size first"};
    const struct place at = {place, "shape", 0};
    const struct value value = {NULL, json_object_get(json, at.key), &at};
    struct value_list list;
    if (!value.json)
        return problem_set(problem, PROBLEM_MISSING_FIELD, place_text(&at).text,
                           "'shape' is missing: the batch's size, then that of "
                           "a sample.");
    const enum problem_code code = value_list(&value, &rule, &list, problem);
    if (code != PROBLEM_NONE)
        return code;
    if (list.count > SOW_MAX_RANK)
        return problem_set(problem, PROBLEM_BAD_SHAPE, place_text(&at).text,
                           "'shape' has %zu dimensions; there are at most %d.",
                           list.count, SOW_MAX_RANK);
    shape->rank = (uint32_t)list.count;
    for (size_t i = 0; i < list.count; i++)
        shape->dims[i] = (uint64_t)list.items[i];
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * Nested numbers
 */

/* The first entries tell the shape. */
static void imply_shape(const json_t *json, struct sow_shape *shape)
{
    shape->rank = 0;
    while (json_is_array(json) && shape->rank < SOW_MAX_RANK) {
        shape->dims[shape->rank++] = json_array_size(json);
        json = json_array_get(json, 0);
    }
}

/* What is being read: 'next' is where the next number goes, or NULL. */
struct nest {
    const struct sow_shape *shape;
    double *next;
    struct problem *problem;
};

static enum problem_code read_number(struct nest *nest, const json_t *json,
                                     const struct place *place)
{
    if (!json_is_number(json))
        return problem_set(nest->problem, PROBLEM_BAD_FIELD,
                           place_text(place).text,
                           "Here must be a number: the first values are nested "
                           "%u deep.",
                           nest->shape->rank);
    if (nest->next)
        *nest->next++ = json_number_value(json);
    return PROBLEM_NONE;
}

/* The value at 'place', which is 'depth' deep. */
static enum problem_code read_nest(struct nest *nest, const json_t *json,
                                   uint32_t depth, const struct place *place)
{
    size_t i;
    json_t *item;
    if (depth == nest->shape->rank)
        return read_number(nest, json, place);
    if (!json_is_array(json) ||
        json_array_size(json) != nest->shape->dims[depth])
        return problem_set(nest->problem, PROBLEM_BAD_SHAPE,
                           place_text(place).text,
                           "Here must be an array of %" PRIu64
                           ", as in the first of its kind.",
                           nest->shape->dims[depth]);
    json_array_foreach(json, i, item)
    {
        const struct place at = {place, NULL, i};
        const enum problem_code code = read_nest(nest, item, depth + 1, &at);
        if (code != PROBLEM_NONE)
            return code;
    }
    return PROBLEM_NONE;
}

/* Once to see that there is a number for every place, once to take them. */
enum problem_code batch_read_nest(struct batch *batch, const json_t *json,
                                  const struct place *place,
                                  struct problem *problem)
{
    struct batch read = {0};
    struct nest nest = {&read.shape, NULL, problem};
    size_t count = 0;
    imply_shape(json, &read.shape);
    enum problem_code code = read_nest(&nest, json, 0, place);
    if (code == PROBLEM_NONE && !count_values(&read.shape, &count))
        code = problem_no_memory(problem);
    if (code == PROBLEM_NONE)
        code = allocate(&read, count, problem);
    if (code != PROBLEM_NONE)
        return code;
    nest.next = read.values;
    code = read_nest(&nest, json, 0, place);
    *batch = read;
    return code;
}

static enum problem_code read_values(struct batch *batch, json_t *json,
                                     const struct place *place,
                                     struct problem *problem)
{
    const struct place at = {place, "values", 0};
    const uint64_t seed = batch->seed;
    const enum problem_code code =
        batch_read_nest(batch, json_object_get(json, at.key), &at, problem);
    batch->seed = seed;
    return code;
}

/* ------------------------------------------------------------------------
 * base64 of raw float32
 */

/* Value 'i', or NAN. */
static double float_at(const char *text, size_t i)
{
    uint32_t bits = 0;
    float value;
    for (size_t k = ITEM; k-- > 0;) {
        const int byte = base64_byte(text, ITEM * i + k);
        if (byte < 0)
            return NAN;
        bits = bits << 8 | (uint32_t)byte;
    }
    memcpy(&value, &bits, sizeof(value));
    return (double)value;
}

static enum problem_code take_floats(struct batch *batch, const char *text,
                                     size_t count, const struct place *place,
                                     struct problem *problem)
{
    for (size_t i = 0; i < count; i++) {
        batch->values[i] = float_at(text, i);
        if (!isfinite(batch->values[i]))
            return problem_set(problem, PROBLEM_BAD_FIELD,
                               place_text(place).text,
                               "Value %zu is no finite number, or not in "
                               "base64 (A-Z a-z 0-9 + / and = at the end).",
                               i);
    }
    if (base64_is_padded(text, ITEM * count))
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_FIELD, place_text(place).text,
                       "Base64 ends with = where bytes are missing to a "
                       "multiple of 3.");
}

static enum problem_code read_base64(struct batch *batch, json_t *json,
                                     const struct place *place,
                                     struct problem *problem)
{
    const struct place at = {place, "base64", 0};
    const json_t *string = json_object_get(json, at.key);
    const size_t size = json_string_length(string);
    size_t count;
    if (!json_is_string(string))
        return problem_set(problem, PROBLEM_BAD_FIELD, place_text(&at).text,
                           "'base64' must be a string.");
    if (!count_values(&batch->shape, &count) || count > size)
        count = size; /* surely more than there are */
    if (size != base64_characters(ITEM * count))
        return problem_set(problem, PROBLEM_BAD_SHAPE, place_text(&at).text,
                           "'base64' has %zu characters, but the shape wants "
                           "%zu: raw little-endian float32, 4 bytes a value.",
                           size, base64_characters(ITEM * count));
    const enum problem_code code = allocate(batch, count, problem);
    if (code != PROBLEM_NONE)
        return code;
    return take_floats(batch, json_string_value(string), count, &at, problem);
}

/* ------------------------------------------------------------------------
 * All kinds
 */

static enum problem_code read_synthetic(struct batch *batch, json_t *json,
                                        const struct place *place,
                                        struct problem *problem)
{
    const struct place at = {place, "synthetic", 0};
    (void)batch;
    if (json_is_true(json_object_get(json, at.key)))
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_FIELD, place_text(&at).text,
                       "'synthetic' must be true; or give 'values' or "
                       "'base64' in its place.");
}

static const struct kind {
    const char *key;
    bool shaped; /* 'shape' tells the shape */
    enum problem_code (*read)(struct batch *batch, json_t *json,
                              const struct place *place,
                              struct problem *problem);
} kinds[] = {
    {"synthetic", true, read_synthetic},
    {"values", false, read_values},
    {"base64", true, read_base64},
};

#define KINDS COUNT(kinds)

/* The one kind that is given, or NULL. */
static const struct kind *find_kind(const json_t *json)
{
    const struct kind *found = NULL;
    for (size_t i = 0; i < KINDS; i++) {
        if (!json_object_get(json, kinds[i].key))
            continue;
        if (found)
            return NULL;
        found = &kinds[i];
    }
    return found;
}

static enum problem_code check_members(json_t *json, const struct kind *kind,
                                       const struct place *place,
                                       struct problem *problem)
{
    const char *key;
    json_t *value;
    json_object_foreach(json, key, value)
    {
        const struct place at = {place, key, 0};
        struct suggest suggest;
        if (strcmp(key, kind->key) == 0 ||
            (kind->shaped && strcmp(key, "shape") == 0))
            continue;
        suggest_init(&suggest, key);
        suggest_offer(&suggest, kind->key);
        if (kind->shaped)
            suggest_offer(&suggest, "shape");
        return problem_set(problem, PROBLEM_UNKNOWN_FIELD, place_text(&at).text,
                           "There is no '%s' beside '%s'.%s Allowed: %s.",
                           utf8_quote(key).text, kind->key,
                           suggest_hint(&suggest).text, suggest.names);
    }
    return PROBLEM_NONE;
}

enum problem_code batch_read(struct batch *batch, json_t *json, uint64_t seed,
                             const struct place *place, struct problem *problem)
{
    struct batch read = {.seed = seed};
    const struct kind *kind = find_kind(json);
    if (!kind)
        return problem_set(problem, PROBLEM_BAD_FIELD, place_text(place).text,
                           "'data' must be an object with one of 'values', "
                           "nested numbers; 'base64', raw float32, and "
                           "'shape'; or 'synthetic', true, and 'shape'.");
    enum problem_code code = check_members(json, kind, place, problem);
    if (code == PROBLEM_NONE && kind->shaped)
        code = read_shape(json, place, &read.shape, problem);
    if (code == PROBLEM_NONE)
        code = kind->read(&read, json, place, problem);
    if (code != PROBLEM_NONE) {
        batch_release(&read);
        return code;
    }
    *batch = read;
    return PROBLEM_NONE;
}

void batch_release(struct batch *batch)
{
    free(batch->values);
    batch->values = NULL;
}

/* ------------------------------------------------------------------------
 * Telling batches apart
 */

/* The BLAKE2b-256 of the values as little-endian float64. */
static void put_values(struct text *text, const struct batch *batch)
{
    uint8_t digest[SOW_DIGEST_BYTES];
    size_t count = 0;
    if (count_values(&batch->shape, &count))
        sow_digest(batch->values, count * sizeof(*batch->values), digest);
    text_put(text, "{\"digest\":\"");
    text_put_digest(text, digest);
    text_put(text, "\",\"shape\":[");
}

void batch_put(struct text *text, const struct batch *batch)
{
    if (batch->values) {
        put_values(text, batch);
    } else {
        text_put(text, "{\"seed\":\"");
        text_put_integer(text, batch->seed);
        text_put(text, "\",\"shape\":[");
    }
    text_put_integers(text, batch->shape.dims, batch->shape.rank);
    text_put(text, "]}");
}
