/* SPDX-License-Identifier: MIT */
/* The members of a request that are a measurement's. */
#include "measure_fields.h"

#include "suggest.h"
#include "utf8.h"
#include "value.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

static const struct place at_measure = {&place_document, "measure", 0};
static const struct place at_samples = {&at_measure, "samples", 0};

/* Dimensions of a sample: channels and spatial axes. */
#define SAMPLE_RANK 4

void measure_wish_init(struct measure_wish *wish)
{
    *wish = (struct measure_wish){.samples = SOW_MEASURE_SAMPLES};
}

void measure_wish_release(struct measure_wish *wish)
{
    batch_release(&wish->batch);
}

/* ------------------------------------------------------------------------
 * 'measure'
 */

static enum problem_code check_samples(uint64_t count, const struct place *at,
                                       const char *what,
                                       struct problem *problem)
{
    if (count >= 2 && count <= SOW_MEASURE_MOST_SAMPLES && count % 2 == 0)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_PARAMETER, place_text(at).text,
                       "%s must be an even number from 2 to %d, for samples go "
                       "in pairs; there are %" PRIu64 ".",
                       what, SOW_MEASURE_MOST_SAMPLES, count);
}

static enum problem_code read_samples(struct measure_wish *wish, json_t *json,
                                      struct problem *problem)
{
    const struct value value = {NULL, json, &at_samples};
    double count;

    if (value_count(&value, 0, &count, problem) ||
        check_samples((uint64_t)count, &at_samples, "'samples'", problem))
        return problem->code;
    wish->samples = (uint32_t)count;
    wish->samples_given = true;
    return PROBLEM_NONE;
}

static enum problem_code refuse_member(const char *key, struct problem *problem)
{
    const struct place at = {&at_measure, key, 0};
    struct suggest suggest;

    suggest_init(&suggest, key);
    suggest_offer(&suggest, at_samples.key);
    return problem_set(problem, PROBLEM_UNKNOWN_FIELD, place_text(&at).text,
                       "There is no '%s' here.%s Allowed: %s.",
                       utf8_quote(key).text, suggest_hint(&suggest).text,
                       suggest.names);
}

enum problem_code measure_read(struct measure_wish *wish, json_t *json,
                               struct problem *problem)
{
    const struct value value = {NULL, json, &at_measure};
    const char *key;
    json_t *member;

    if (!json || json_is_false(json))
        return PROBLEM_NONE;
    wish->wanted = true;
    if (json_is_true(json))
        return PROBLEM_NONE;
    if (!json_is_object(json))
        return value_refuse(&value,
                            "true or false, or an object such as "
                            "{\"samples\": 64}",
                            problem);
    json_object_foreach(json, key, member)
    {
        if (strcmp(key, at_samples.key) != 0)
            return refuse_member(key, problem);
        if (read_samples(wish, member, problem))
            return problem->code;
    }
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * 'batch'
 */

/* Refuse number 'i' of the batch. */
static enum problem_code refuse_number(const struct batch *batch, size_t i,
                                       const struct place *place,
                                       struct problem *problem)
{
    const struct sow_shape *shape = &batch->shape;
    struct place at[SOW_MAX_RANK];
    size_t left = i;

    for (uint32_t k = shape->rank; k-- > 0; left /= (size_t)shape->dims[k])
        at[k] = (struct place){k > 0 ? &at[k - 1] : place, NULL,
                               left % (size_t)shape->dims[k]};
    return problem_set(problem, PROBLEM_BAD_PARAMETER,
                       place_text(&at[shape->rank - 1]).text,
                       "%g is beyond float32, in which signals are measured: "
                       "scale the batch down.",
                       batch->values[i]);
}

static size_t count_numbers(const struct batch *batch)
{
    size_t count = 1;

    for (uint32_t i = 0; i < batch->shape.rank; i++)
        count *= (size_t)batch->shape.dims[i];
    return count;
}

static enum problem_code check_numbers(const struct batch *batch,
                                       const struct place *place,
                                       struct problem *problem)
{
    const size_t count = count_numbers(batch);

    for (size_t i = 0; i < count; i++)
        if (!(fabs(batch->values[i]) <= (double)FLT_MAX))
            return refuse_number(batch, i, place, problem);
    return PROBLEM_NONE;
}

static enum problem_code check_batch(const struct measure_wish *wish,
                                     const struct place *place,
                                     struct problem *problem)
{
    const struct sow_shape *shape = &wish->batch.shape;

    if (shape->rank < 2 || shape->rank > 1 + SAMPLE_RANK ||
        count_numbers(&wish->batch) == 0)
        return problem_set(problem, PROBLEM_BAD_SHAPE, place_text(place).text,
                           "'batch' must be an array of samples, each an array "
                           "of numbers, such as [[0.5, 1], [2, 3]], or nested "
                           "as channels and up to 3 spatial axes.");
    if (check_samples(shape->dims[0], place, "The samples of 'batch'", problem))
        return problem->code;
    if (wish->samples_given && wish->samples != shape->dims[0])
        return problem_set(problem, PROBLEM_BAD_PARAMETER,
                           place_text(&at_samples).text,
                           "'samples' is %" PRIu32 ", but 'batch' has %" PRIu64
                           " of them: leave one of the two out.",
                           wish->samples, shape->dims[0]);
    return check_numbers(&wish->batch, place, problem);
}

static enum problem_code refuse_both(const struct place *place,
                                     struct problem *problem)
{
    return problem_set(problem, PROBLEM_BAD_FIELD, place_text(place).text,
                       "'batch' and 'shape' exclude each other, for a batch "
                       "has a shape: leave one of them out.");
}

enum problem_code measure_read_batch(struct measure_wish *wish, json_t *json,
                                     const struct place *place,
                                     struct problem *problem)
{
    if (wish->shape.rank > 0)
        return refuse_both(place, problem);
    if (json_is_object(json))
        return problem_set(problem, PROBLEM_BAD_FIELD, place_text(place).text,
                           "'batch' must be nested arrays of numbers, such as "
                           "[[0.5, 1], [2, 3]]: an object with base64 is not "
                           "read here.");
    if (batch_read_nest(&wish->batch, json, place, problem) ||
        check_batch(wish, place, problem))
        return problem->code;
    wish->samples = (uint32_t)wish->batch.shape.dims[0];
    wish->shape.rank = wish->batch.shape.rank - 1;
    for (uint32_t i = 0; i < wish->shape.rank; i++)
        wish->shape.dims[i] = wish->batch.shape.dims[i + 1];
    return PROBLEM_NONE;
}

/* Sums of float32 don't overflow, but what is divided may round. */
void measure_moments(const struct measure_wish *wish,
                     struct sow_analysis_input *input)
{
    const struct batch *batch = &wish->batch;
    const uint64_t count = batch->shape.dims[0];

    sow_measurement_batch(batch->values, count, count_numbers(batch) / count,
                          input);
    if (!(input->second_moment > 0))
        input->correlation = 1;
    input->correlation = fmin(fmax(input->correlation, -1), 1);
    input->between = fmin(fmax(input->between, -1), 1);
    while (input->mean * input->mean > input->second_moment)
        input->mean = nextafter(input->mean, 0);
}

/* ------------------------------------------------------------------------
 * 'shape'
 */

enum problem_code measure_read_shape(struct measure_wish *wish, json_t *json,
                                     const struct place *place,
                                     struct problem *problem)
{
    static const struct value_list_rule rule = {
        "", 1, false,
        "the shape of a sample, such as [784], or [3, 32, 32] with the "
        "channels first"};
    const struct value value = {NULL, json, place};
    struct value_list list;
    uint64_t numbers = SOW_MEASURE_MOST_SAMPLES * sizeof(double);

    if (wish->batch.values)
        return refuse_both(place, problem);
    if (!wish->wanted)
        return problem_set(problem, PROBLEM_BAD_FIELD, place_text(place).text,
                           "'shape' is that of a measurement's input: add "
                           "\"measure\": true, or leave it out.");
    if (value_list(&value, &rule, &list, problem))
        return problem->code;
    if (list.count == 0 || list.count > SAMPLE_RANK)
        return value_refuse(&value, rule.expected, problem);
    wish->shape.rank = (uint32_t)list.count;
    for (size_t i = 0; i < list.count; i++) {
        wish->shape.dims[i] = (uint64_t)list.items[i];
        if (__builtin_mul_overflow(numbers, wish->shape.dims[i], &numbers))
            return problem_set(problem, PROBLEM_BAD_SHAPE,
                               place_text(place).text,
                               "A batch of such samples is more than can be "
                               "counted: measure smaller ones.");
    }
    return PROBLEM_NONE;
}
