/* SPDX-License-Identifier: MIT */
/* What an analysis wants to know of a layer beside its tensors. */
#include "analysis_traits.h"

#include "suggest.h"
#include "utf8.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

void traits_init(struct analysis_traits *traits)
{
    *traits = (struct analysis_traits){.keep = 1};
}

bool traits_give(const struct analysis_traits *traits, enum trait trait)
{
    return traits->given >> trait & 1;
}

static enum problem_code refuse_name(const struct value *value,
                                     const char *what, const char *name,
                                     const struct suggest *suggest,
                                     struct problem *problem)
{
    return problem_set(
        problem, PROBLEM_UNKNOWN_VALUE, place_text(value->place).text,
        "There is no %s '%s'.%s It is one of %s.", what, utf8_quote(name).text,
        suggest_hint(suggest).text, suggest->names);
}

/* A member that must be of an object's few; 'known' is the list of them. */
static enum problem_code refuse_member(const struct place *at,
                                       const char *known,
                                       struct problem *problem)
{
    return problem_set(problem, PROBLEM_UNKNOWN_FIELD, place_text(at).text,
                       "There is no '%s' here. Allowed: %s.",
                       utf8_quote(at->key).text, known);
}

static enum problem_code refuse_range(const struct place *at, const char *range,
                                      double number, struct problem *problem)
{
    return problem_set(problem, PROBLEM_BAD_PARAMETER, place_text(at).text,
                       "'%s' must be %s, not %.15g.", place_key(at), range,
                       number);
}

/* ------------------------------------------------------------------------
 * 'activation'
 */

static enum problem_code find_activation(struct analysis_traits *traits,
                                         const struct value *value,
                                         struct problem *problem)
{
    const struct sow_analysis_activation *activation;
    struct suggest suggest;
    const char *name;

    if (value_string(value, &name, problem))
        return problem->code;
    traits->activation = sow_analysis_activation_find(name);
    if (traits->activation) {
        traits->parameter = traits->activation->value;
        return PROBLEM_NONE;
    }
    suggest_init(&suggest, name);
    for (size_t i = 0; (activation = sow_analysis_activation_at(i)); i++)
        suggest_offer(&suggest, activation->name);
    return refuse_name(value, "activation", name, &suggest, problem);
}

static enum problem_code read_parameter(struct analysis_traits *traits,
                                        const struct value *value,
                                        struct problem *problem)
{
    const struct sow_analysis_activation *activation = traits->activation;
    char range[96];

    if (value_number(value, &traits->parameter, problem))
        return problem->code;
    if (traits->parameter >= activation->low &&
        traits->parameter <= activation->high)
        return PROBLEM_NONE;
    snprintf(range, sizeof range, "from %.15g to %.15g", activation->low,
             activation->high);
    return refuse_range(value->place, range, traits->parameter, problem);
}

/* {"name": "leaky_relu", "negative_slope": 0.2} */
static enum problem_code read_described(struct analysis_traits *traits,
                                        const struct value *value,
                                        struct problem *problem)
{
    const struct place at_name = {value->place, "name", 0};
    const struct value name = {NULL, json_object_get(value->json, "name"),
                               &at_name};
    char known[96];
    const char *key;
    json_t *json;

    if (!name.json)
        return problem_set(problem, PROBLEM_MISSING_FIELD,
                           place_text(&at_name).text,
                           "'name' is missing: it says which activation.");
    if (find_activation(traits, &name, problem))
        return problem->code;
    const char *parameter = traits->activation->parameter;
    json_object_foreach(value->json, key, json)
    {
        const struct place at = {value->place, key, 0};
        const struct value member = {NULL, json, &at};
        if (strcmp(key, "name") == 0)
            continue;
        snprintf(known, sizeof known, "name%s%s", parameter ? ", " : "",
                 parameter ? parameter : "");
        if (!parameter || strcmp(key, parameter) != 0)
            return refuse_member(&at, known, problem);
        if (read_parameter(traits, &member, problem))
            return problem->code;
    }
    return PROBLEM_NONE;
}

static enum problem_code read_activation(struct analysis_traits *traits,
                                         const struct value *value,
                                         struct problem *problem)
{
    if (json_is_object(value->json))
        return read_described(traits, value, problem);
    if (json_is_string(value->json))
        return find_activation(traits, value, problem);
    return value_refuse(value, "a name, or an object with 'name'", problem);
}

/* ------------------------------------------------------------------------
 * 'norm', 'input_norm', 'dropout'
 */

static enum problem_code find_norm(enum sow_analysis_norm *norm,
                                   const struct value *value,
                                   struct problem *problem)
{
    struct suggest suggest;
    const char *name;

    if (value_string(value, &name, problem))
        return problem->code;
    if (sow_analysis_norm_find(name, norm))
        return PROBLEM_NONE;
    suggest_init(&suggest, name);
    for (int i = 0; i <= SOW_NORM_BATCH; i++)
        suggest_offer(&suggest,
                      sow_analysis_norm_name((enum sow_analysis_norm)i));
    return refuse_name(value, "norm", name, &suggest, problem);
}

static enum problem_code read_norm(struct analysis_traits *traits,
                                   const struct value *value,
                                   struct problem *problem)
{
    return find_norm(&traits->norm, value, problem);
}

static enum problem_code read_input_norm(struct analysis_traits *traits,
                                         const struct value *value,
                                         struct problem *problem)
{
    return find_norm(&traits->input_norm, value, problem);
}

static enum problem_code read_dropout(struct analysis_traits *traits,
                                      const struct value *value,
                                      struct problem *problem)
{
    double dropped;

    if (value_number(value, &dropped, problem))
        return problem->code;
    if (!(dropped >= 0 && 1 - dropped > 0))
        return refuse_range(value->place,
                            "the probability to drop, at least 0 and below 1",
                            dropped, problem);
    traits->keep = 1 - dropped;
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * 'residual'
 */

static enum problem_code read_layers(struct analysis_traits *traits,
                                     const struct value *value,
                                     struct problem *problem)
{
    double count;

    if (value_count(value, 1, &count, problem))
        return problem->code;
    traits->branch = (uint64_t)count;
    return PROBLEM_NONE;
}

/* {"alpha": 0.5, "layers": 2} */
static enum problem_code read_branch(struct analysis_traits *traits,
                                     const struct value *value,
                                     struct problem *problem)
{
    enum problem_code code = PROBLEM_NONE;
    const char *key;
    json_t *json;

    json_object_foreach(value->json, key, json)
    {
        const struct place at = {value->place, key, 0};
        const struct value member = {NULL, json, &at};
        if (strcmp(key, "alpha") == 0)
            code = value_number(&member, &traits->alpha, problem);
        else if (strcmp(key, "layers") == 0)
            code = read_layers(traits, &member, problem);
        else
            code = refuse_member(&at, "alpha, layers", problem);
        if (code)
            return code;
    }
    return PROBLEM_NONE;
}

static enum problem_code read_residual(struct analysis_traits *traits,
                                       const struct value *value,
                                       struct problem *problem)
{
    traits->branch = json_is_false(value->json) ? 0 : 1;
    traits->alpha = 1;
    if (json_is_boolean(value->json))
        return PROBLEM_NONE;
    if (json_is_number(value->json))
        return value_number(value, &traits->alpha, problem);
    if (json_is_object(value->json))
        return read_branch(traits, value, problem);
    return value_refuse(value,
                        "true or false, the factor of the branch, or an "
                        "object with 'alpha' and 'layers'",
                        problem);
}

/* ------------------------------------------------------------------------
 * By name
 */

static const struct {
    const char *name;
    enum problem_code (*read)(struct analysis_traits *traits,
                              const struct value *value,
                              struct problem *problem);
} rows[TRAITS] = {
    [TRAIT_ACTIVATION] = {"activation", read_activation},
    [TRAIT_NORM] = {"norm", read_norm},
    [TRAIT_INPUT_NORM] = {"input_norm", read_input_norm},
    [TRAIT_DROPOUT] = {"dropout", read_dropout},
    [TRAIT_RESIDUAL] = {"residual", read_residual},
};

const char *traits_name(size_t trait)
{
    return trait < TRAITS ? rows[trait].name : NULL;
}

bool traits_has(const char *name)
{
    for (size_t i = 0; i < TRAITS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return true;
    return false;
}

enum problem_code traits_take(struct analysis_traits *traits, json_t *object,
                              const struct place *place,
                              struct problem *problem)
{
    for (size_t i = 0; i < TRAITS; i++) {
        const struct place at = {place, rows[i].name, 0};
        const struct value value = {NULL, json_object_get(object, at.key), &at};
        if (!value.json)
            continue;
        if (rows[i].read(traits, &value, problem))
            return problem->code;
        traits->given |= 1U << i;
        json_object_del(object, at.key);
    }
    return PROBLEM_NONE;
}

void traits_default(struct analysis_traits *traits,
                    const struct analysis_traits *from)
{
    const unsigned take = from->given & ~traits->given;

    if (take >> TRAIT_ACTIVATION & 1) {
        traits->activation = from->activation;
        traits->parameter = from->parameter;
    }
    if (take >> TRAIT_NORM & 1)
        traits->norm = from->norm;
    if (take >> TRAIT_INPUT_NORM & 1)
        traits->input_norm = from->input_norm;
    if (take >> TRAIT_DROPOUT & 1)
        traits->keep = from->keep;
    traits->given |= take & ~(1U << TRAIT_RESIDUAL);
}
