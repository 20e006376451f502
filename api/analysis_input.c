/* SPDX-License-Identifier: MIT */
/* What goes into the first layer of an analysis. */
#include "analysis_input.h"

#include "suggest.h"
#include "utf8.h"
#include "value.h"

#include <float.h>
#include <stddef.h>
#include <string.h>

static const struct place at_input = {&place_document, "input", 0};

/* A number from 'low' to 'high'; 'range' says so. */
static const struct {
    const char *name;
    size_t offset;
    double low, high;
    const char *range;
} rows[] = {
    {"mean", offsetof(struct sow_analysis_input, mean), -DBL_MAX, DBL_MAX,
     "a number"},
    {"second_moment", offsetof(struct sow_analysis_input, second_moment), 0,
     DBL_MAX, "at least 0"},
    {"correlation", offsetof(struct sow_analysis_input, correlation), -1, 1,
     "from -1 to 1"},
    {"threshold", offsetof(struct sow_analysis_input, threshold), DBL_MIN,
     DBL_MAX, "above 0"},
    {"epsilon", offsetof(struct sow_analysis_input, epsilon), DBL_MIN, DBL_MAX,
     "above 0"},
};

#define ROWS (sizeof rows / sizeof rows[0])

/* What a measurement takes; read before the numbers, which it may set. */
static const struct {
    const char *name;
    enum problem_code (*read)(struct measure_wish *wish, json_t *json,
                              const struct place *place,
                              struct problem *problem);
} wishes[] = {
    {"batch", measure_read_batch},
    {"shape", measure_read_shape},
};

#define WISHES (sizeof wishes / sizeof wishes[0])

static bool is_wish(const char *name)
{
    for (size_t i = 0; i < WISHES; i++)
        if (strcmp(wishes[i].name, name) == 0)
            return true;
    return false;
}

static enum problem_code refuse_member(const struct place *at,
                                       struct problem *problem)
{
    struct suggest suggest;

    suggest_init(&suggest, at->key);
    for (size_t i = 0; i < ROWS; i++)
        suggest_offer(&suggest, rows[i].name);
    for (size_t i = 0; i < WISHES; i++)
        suggest_offer(&suggest, wishes[i].name);
    return problem_set(problem, PROBLEM_UNKNOWN_FIELD, place_text(at).text,
                       "There is no '%s' here.%s Allowed: %s.",
                       utf8_quote(at->key).text, suggest_hint(&suggest).text,
                       suggest.names);
}

static enum problem_code read_member(struct sow_analysis_input *input,
                                     const struct value *value,
                                     struct problem *problem)
{
    const char *name = value->place->key;
    double number;
    size_t i = 0;

    while (i < ROWS && strcmp(rows[i].name, name) != 0)
        i++;
    if (i == ROWS)
        return refuse_member(value->place, problem);
    if (value_number(value, &number, problem))
        return problem->code;
    if (!(number >= rows[i].low && number <= rows[i].high))
        return problem_set(
            problem, PROBLEM_BAD_PARAMETER, place_text(value->place).text,
            "'%s' must be %s, not %.15g.", name, rows[i].range, number);
    memcpy((char *)input + rows[i].offset, &number, sizeof number);
    return PROBLEM_NONE;
}

static enum problem_code read_numbers(struct sow_analysis_input *input,
                                      json_t *json, struct problem *problem)
{
    const char *key;
    json_t *member;

    json_object_foreach(json, key, member)
    {
        const struct place at = {&at_input, key, 0};
        const struct value number = {NULL, member, &at};
        if (!is_wish(key) && read_member(input, &number, problem))
            return problem->code;
    }
    return PROBLEM_NONE;
}

static enum problem_code read_wishes(struct measure_wish *wish, json_t *json,
                                     struct problem *problem)
{
    for (size_t i = 0; i < WISHES; i++) {
        const struct place at = {&at_input, wishes[i].name, 0};
        json_t *member = json_object_get(json, at.key);
        if (member && wishes[i].read(wish, member, &at, problem))
            return problem->code;
    }
    return PROBLEM_NONE;
}

static enum problem_code check_mean(const struct sow_analysis_input *input,
                                    json_t *json, struct problem *problem)
{
    const bool said = json_object_get(json, rows[0].name) != NULL;
    const struct place at = {&at_input, rows[said ? 0 : 1].name, 0};

    if (input->mean * input->mean <= input->second_moment)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_PARAMETER, place_text(&at).text,
                       "The square of 'mean' must be at most "
                       "'second_moment', %.15g, but 'mean' is %.15g%s.",
                       input->second_moment, input->mean,
                       said ? "" : " in the batch");
}

enum problem_code input_read(struct sow_analysis_input *input,
                             struct measure_wish *wish, json_t *json,
                             struct problem *problem)
{
    const struct value value = {NULL, json, &at_input};

    if (!json)
        return PROBLEM_NONE;
    if (!json_is_object(json))
        return value_refuse(&value, "an object with 'second_moment' and such",
                            problem);
    if (read_wishes(wish, json, problem))
        return problem->code;
    if (wish->batch.values)
        measure_moments(wish, input);
    if (read_numbers(input, json, problem))
        return problem->code;
    return check_mean(input, json, problem);
}
