/* SPDX-License-Identifier: MIT */
/* The law of one tensor's elements. */
#include "tensor_law.h"
#include "analysis/density.h"
#include "blame.h"
#include "formats/formats.h"
#include "formats/phrases.h"
#include "formats/warnings.h"
#include "value.h"

#include <math.h>
#include <string.h>

#define LEAST 2
#define MOST 2001
#define USUAL 201

/* ------------------------------------------------------------------------
 * The query
 */

static void take_out(struct query *query, size_t i)
{
    query->count--;
    memmove(&query->pairs[i], &query->pairs[i + 1],
            (query->count - i) * sizeof query->pairs[0]);
}

static enum problem_code read_points(const char *text, size_t *points,
                                     struct problem *problem)
{
    static const struct value_list_rule rule = {
        ",", LEAST, true, "a whole number from 2 to 2001"};
    const struct place place = {&place_query, "points", 0};
    const struct value value = {text, NULL, &place};
    struct value_list list;

    if (value_list(&value, &rule, &list, problem))
        return problem->code;
    if (list.count != 1 || list.items[0] > MOST)
        return value_refuse(&value, rule.expected, problem);
    *points = (size_t)list.items[0];
    return PROBLEM_NONE;
}

enum problem_code tensor_law_points(struct query *query, size_t *points,
                                    struct problem *problem)
{
    static const char name[] = "points";

    *points = USUAL;
    query->own = name;
    for (size_t i = 0; i < query->count; i++) {
        if (strcmp(query->pairs[i].name, name) != 0)
            continue;
        const char *text = query->pairs[i].value;
        take_out(query, i);
        return read_points(text, points, problem);
    }
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * The answer
 */

static void put_number(struct text *text, const char *key, double number)
{
    text_put_key(text, key);
    text_put_number(text, number);
}

/* Of place 'i', from one end to the other. */
static double place_of(const struct sow_density *density, size_t i,
                       size_t points)
{
    double share = (double)i / (double)(points - 1);

    return density->from * (1 - share) + density->to * share;
}

static void put_places(struct text *text, const struct sow_density *density,
                       size_t points, bool heights)
{
    for (size_t i = 0; i < points; i++) {
        double x = place_of(density, i, points);

        text_put(text, i == 0 ? "[" : ",");
        text_put_number(text, heights ? sow_density_at(density, x) : x);
    }
    text_put(text, "]");
}

static void put_density(struct text *text, const struct sow_density *density,
                        size_t points)
{
    text_put_key(text, "density");
    if (!(density->continuous > 0)) {
        text_put(text, "null");
        return;
    }
    text_put(text, "{\"x\":");
    put_places(text, density, points, false);
    text_put(text, ",\"y\":");
    put_places(text, density, points, true);
    text_put(text, "}");
}

static void put_atoms(struct text *text, const struct sow_density *density)
{
    text_put_key(text, "atoms");
    text_put(text, "[");
    for (size_t i = 0; i < density->atom_count; i++) {
        text_put(text, i == 0 ? "{" : ",{");
        put_number(text, "value", density->atoms[i].value);
        put_number(text, "probability", density->atoms[i].probability);
        text_put(text, "}");
    }
    text_put(text, "]");
}

static void put_warnings(struct text *text, const struct sow_engine *engine,
                         const struct model *model)
{
    text_put_key(text, "warnings");
    text_put(text, "[");
    if (warnings_next(engine, model, 0) < model->count)
        warnings_put(engine, model, 0, text);
    text_put(text, "]");
}

static void put(struct text *text, const struct sow_engine *engine,
                const struct model *model, const struct sow_density *density,
                size_t points)
{
    struct phrases phrases;

    phrases_init(&phrases);
    text_put(text, "{\"tensor\":{");
    manifest_put_tensor(&model->tensors[0], &phrases, text);
    text_put(text, "}");
    put_number(text, "mean", density->mean);
    put_number(text, "std", density->std);
    put_number(text, "low", density->low);
    put_number(text, "high", density->high);
    text_put_key(text, "exact");
    text_put(text, density->exact ? "true" : "false");
    put_density(text, density, points);
    put_atoms(text, density);
    put_warnings(text, engine, model);
    text_put(text, "}\n");
}

enum problem_code tensor_law_put(const struct sow_engine *engine,
                                 const struct model *model, size_t points,
                                 struct text *text, struct problem *problem)
{
    const struct place scheme = {&place_query, "scheme", 0};
    struct sow_density density;
    struct sow_error error;

    if (model->count != 1)
        return problem_set(problem, PROBLEM_MISSING_FIELD, "name",
                           "'name' is missing: it tells which of the recipe's "
                           "%zu tensors is meant.",
                           model->count);
    if (sow_density_init(&density, engine, &model->tensors[0], &error))
        return blame_error(&error, &scheme, NULL, problem);
    put(text, engine, model, &density, points);
    return PROBLEM_NONE;
}
