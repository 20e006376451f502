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

static enum problem_code refuse_member(const struct place *at,
                                       struct problem *problem)
{
    struct suggest suggest;

    suggest_init(&suggest, at->key);
    for (size_t i = 0; i < ROWS; i++)
        suggest_offer(&suggest, rows[i].name);
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

enum problem_code input_read(struct sow_analysis_input *input, json_t *json,
                             struct problem *problem)
{
    const struct value value = {NULL, json, &at_input};
    const struct place at_mean = {&at_input, rows[0].name, 0};
    const char *key;
    json_t *member;

    if (!json)
        return PROBLEM_NONE;
    if (!json_is_object(json))
        return value_refuse(&value, "an object with 'second_moment' and such",
                            problem);
    json_object_foreach(json, key, member)
    {
        const struct place at = {&at_input, key, 0};
        const struct value number = {NULL, member, &at};
        if (read_member(input, &number, problem))
            return problem->code;
    }
    if (input->mean * input->mean <= input->second_moment)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_PARAMETER,
                       place_text(&at_mean).text,
                       "The square of 'mean' must be at most "
                       "'second_moment', %.15g, but 'mean' is %.15g.",
                       input->second_moment, input->mean);
}
