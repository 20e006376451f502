/* SPDX-License-Identifier: MIT */
/* Which part of a tensor is wanted. */
#include "cut.h"

#include "blame.h"
#include "digits.h"

#include <inttypes.h>

static const char expected[] =
    "a slice: start:stop for each dimension, such as 0:128,: (in JSON also "
    "[[0,128],null])";

/*
 * Read a whole number, perhaps negative, at '*text', which moves past it, if
 * there is one.  Returns false for one that is too large.
 */
static bool read_side(const char **text, bool *has, int64_t *side)
{
    const bool negative = **text == '-';
    uint64_t number;
    const size_t n = digits_read(*text + negative, &number);

    *has = n > 0;
    if (n == 0)
        return !negative;
    if (number > INT64_MAX)
        return false;
    *side = negative ? -(int64_t)number : (int64_t)number;
    *text += negative + n;
    return true;
}

static bool read_part(const char **text, struct cut_part *part)
{
    if (!read_side(text, &part->has_start, &part->start) || **text != ':')
        return false;
    ++*text;
    return read_side(text, &part->has_stop, &part->stop);
}

static void add(struct cut *cut, const struct cut_part *part)
{
    if (cut->count < SOW_MAX_RANK)
        cut->parts[cut->count] = *part;
    cut->count++;
}

static bool read_text(struct cut *cut, const char *text)
{
    for (;; text++) {
        struct cut_part part = {0};
        if (!read_part(&text, &part))
            return false;
        add(cut, &part);
        if (*text != ',')
            return *text == '\0';
    }
}

static bool read_json_side(const json_t *json, bool *has, int64_t *side)
{
    *has = json_is_integer(json);
    if (*has)
        *side = json_integer_value(json);
    return *has || json_is_null(json);
}

static bool read_json_part(const json_t *json, struct cut_part *part)
{
    if (json_is_null(json))
        return true;
    return json_array_size(json) == 2 &&
           read_json_side(json_array_get(json, 0), &part->has_start,
                          &part->start) &&
           read_json_side(json_array_get(json, 1), &part->has_stop,
                          &part->stop);
}

static bool read_json(struct cut *cut, const json_t *json)
{
    for (size_t i = 0; i < json_array_size(json); i++) {
        struct cut_part part = {0};
        if (!read_json_part(json_array_get(json, i), &part))
            return false;
        add(cut, &part);
    }
    return json_is_array(json);
}

enum problem_code cut_read(struct cut *cut, const struct value *value,
                           struct problem *problem)
{
    const char *text =
        value->text ? value->text : json_string_value(value->json);
    struct cut read = {0};

    if (text ? !read_text(&read, text) : !read_json(&read, value->json))
        return value_refuse(value, expected, problem);
    *cut = read;
    return PROBLEM_NONE;
}

/*
 * One side as an index from 0 to 'size', or false: it lies outside.  Sizes
 * are at most 2^63 - 1 where a dimension is not empty.
 */
static bool resolve(bool has, int64_t side, uint64_t size, uint64_t usual,
                    uint64_t *index)
{
    if (!has) {
        *index = usual;
        return true;
    }
    *index = side < 0 ? size + (uint64_t)side : (uint64_t)side;
    return side < 0 ? 0 - (uint64_t)side <= size : (uint64_t)side <= size;
}

static enum problem_code refuse_side(const struct place *place, size_t axis,
                                     int64_t side, uint64_t size,
                                     struct problem *problem)
{
    return problem_set(problem, PROBLEM_BAD_SLICE, place_text(place).text,
                       "The slice has %" PRId64 " in dimension %zu, which has "
                       "only %" PRIu64 ": indices there go from -%" PRIu64
                       " to %" PRIu64 ".",
                       side, axis, size, size, size);
}

/* All of 'tensor', but for the dimensions that 'cut' speaks of. */
static enum problem_code find(const struct cut *cut, const struct place *place,
                              const struct sow_shape *shape,
                              struct sow_slice *slice, struct problem *problem)
{
    static const struct cut_part whole = {0};

    for (size_t i = 0; i < shape->rank; i++) {
        const struct cut_part *part = i < cut->count ? &cut->parts[i] : &whole;
        const uint64_t size = shape->dims[i];
        if (!resolve(part->has_start, part->start, size, 0, &slice->start[i]))
            return refuse_side(place, i, part->start, size, problem);
        if (!resolve(part->has_stop, part->stop, size, size, &slice->stop[i]))
            return refuse_side(place, i, part->stop, size, problem);
    }
    return PROBLEM_NONE;
}

enum problem_code cut_apply(const struct cut *cut, const struct place *place,
                            struct sow_tensor *tensor, struct problem *problem)
{
    const struct sow_shape *shape = &tensor->spec.shape;
    struct sow_slice slice;
    struct sow_error error;

    if (cut->count > shape->rank)
        return problem_set(
            problem, PROBLEM_BAD_SLICE, place_text(place).text,
            "The slice has %zu parts, but the tensor has %" PRIu32
            " dimensions.",
            cut->count, shape->rank);
    if (find(cut, place, shape, &slice, problem) != PROBLEM_NONE)
        return problem->code;
    if (sow_tensor_cut(tensor, &slice, &error) == SOW_OK)
        return PROBLEM_NONE;
    return problem_set(problem, blame_code(error.status),
                       place_text(place).text, "%s: %s.", error.at, error.text);
}

void cut_put(struct text *text, const struct sow_tensor *tensor)
{
    for (uint32_t i = 0; i < tensor->shape.rank; i++) {
        text_put(text, i == 0 ? "" : ",");
        text_put_integer(text, tensor->start[i]);
        text_put(text, ":");
        text_put_integer(text, tensor->start[i] + tensor->shape.dims[i]);
    }
}
