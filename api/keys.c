/* SPDX-License-Identifier: MIT */
/* The keys of tensors. */
#include "keys.h"

#include "digits.h"
#include "fields.h"
#include "utf8.h"

#include <string.h>

/* Children of a key: the original layout counts them in 32 bits. */
#define MOST_CHILDREN ((UINT64_C(1) << 31) - 1)

/* Steps of a path, which each tensor of a request may have to go. */
#define MOST_STEPS 64

/* The collection of Flax's parameters, which is no scope. */
#define PARAMS "params."

/* ------------------------------------------------------------------------
 * The path from the root
 */

/* Pass 'word', if it is next. */
static bool pass(const char **text, const char *word)
{
    const size_t n = strlen(word);

    if (strncmp(*text, word, n) != 0)
        return false;
    *text += n;
    return true;
}

/* Pass digits of a number that is less than 'end'. */
static bool pass_number(const char **text, uint64_t end, uint64_t *number)
{
    const size_t n = digits_read(*text, number);

    *text += n;
    return n > 0 && *number < end;
}

static bool split(const struct sow_generator *generator, const char **text,
                  uint32_t key[2])
{
    uint32_t child[2];
    uint64_t count, index;

    if (!pass_number(text, MOST_CHILDREN + 1, &count) || !pass(text, ")[") ||
        !pass_number(text, count, &index) || !pass(text, "]"))
        return false;
    sow_key_split(generator, key, count, index, child);
    memcpy(key, child, sizeof child);
    return true;
}

static bool fold_in(const char **text, uint32_t key[2])
{
    uint32_t child[2];
    uint64_t data;

    if (!pass_number(text, (uint64_t)UINT32_MAX + 1, &data) || !pass(text, ")"))
        return false;
    sow_key_fold_in(key, (uint32_t)data, child);
    memcpy(key, child, sizeof child);
    return true;
}

/* Pass a step, and let 'key' be what it leads to. */
static bool step(const struct sow_generator *generator, const char **text,
                 uint32_t key[2])
{
    if (pass(text, "split("))
        return split(generator, text, key);
    return pass(text, "fold_in(") && fold_in(text, key);
}

/* Follow 'text' from 'key'; false when it is no path, or too long a one. */
static bool follow(const struct sow_generator *generator, const char *text,
                   uint32_t key[2])
{
    size_t steps = 0;

    do
        if (steps++ == MOST_STEPS || !step(generator, &text, key))
            return false;
    while (pass(&text, "/"));
    return *text == '\0';
}

/* ------------------------------------------------------------------------
 * Flax
 */

static enum problem_code count_in_scope(struct tape *tape, const char *path,
                                        uint32_t *counter,
                                        struct problem *problem)
{
    struct named_value *scope = names_at(&tape->scopes, path, strlen(path));

    if (!scope)
        return problem_no_memory(problem);
    *counter = ++scope->count;
    return PROBLEM_NONE;
}

/* linen: by the scope, and which parameter of it this is. */
static enum problem_code make_linen(struct tape *tape, const char *name,
                                    uint32_t key[2], struct problem *problem)
{
    if (strncmp(name, PARAMS, strlen(PARAMS)) == 0)
        name += strlen(PARAMS);
    const char *dot = strrchr(name, '.');
    const size_t n = dot ? (size_t)(dot - name) : 0;
    char path[SOW_MAX_NAME + 1];
    uint32_t child[2];
    uint32_t counter = 0;

    memcpy(path, name, n);
    path[n] = '\0';
    if (count_in_scope(tape, path, &counter, problem) != PROBLEM_NONE)
        return problem->code;
    sow_key_linen(key, path, counter, child);
    memcpy(key, child, sizeof child);
    return PROBLEM_NONE;
}

/* nnx: by which parameter of all this is. */
static enum problem_code make_nnx(struct tape *tape, const char *name,
                                  uint32_t key[2], struct problem *problem)
{
    uint32_t child[2];

    (void)name;
    (void)problem;
    sow_key_fold_in(key, tape->parameters++, child);
    memcpy(key, child, sizeof child);
    return PROBLEM_NONE;
}

/* How the keys of parameters are made by generators whose names begin so. */
static const struct {
    const char *name;
    enum problem_code (*make)(struct tape *tape, const char *name,
                              uint32_t key[2], struct problem *problem);
} rules[] = {{"flax/linen", make_linen}, {"flax/nnx", make_nnx}};

#define RULES (sizeof rules / sizeof rules[0])

static enum problem_code make_parameter(struct tape *tape, const char *name,
                                        uint32_t key[2],
                                        struct problem *problem)
{
    const char *generator = tape->generator->name;

    for (size_t i = 0; i < RULES; i++)
        if (strncmp(generator, rules[i].name, strlen(rules[i].name)) == 0)
            return rules[i].make(tape, name, key, problem);
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * All of it
 */

/* The root key of an entry with a seed of its own. */
static enum problem_code set_own(struct tape *tape, const struct draft *draft,
                                 const struct place *place,
                                 struct sow_origin *origin,
                                 struct problem *problem)
{
    const struct place at = {place, field_name(FIELD_SEED), 0};
    const struct sow_origin next = tape->next;

    if (!tape->own.start || tape->own.start->seed != draft->spec.seed) {
        if (tape_seed(tape, draft->spec.seed, &at, problem) != PROBLEM_NONE)
            return problem->code;
        tape->own = tape->next;
        tape->next = next;
    }
    *origin = tape->own;
    return PROBLEM_NONE;
}

enum problem_code keys_place(struct tape *tape, const struct draft *draft,
                             const char *name, const struct place *place,
                             struct sow_origin *origin, struct problem *problem)
{
    const bool here = draft_has(draft, FIELD_KEY);
    const struct place at = {here ? place : &place_document,
                             field_name(FIELD_KEY), 0};

    *origin = tape->next;
    if (draft_has(draft, FIELD_SEED) && place->parent &&
        set_own(tape, draft, place, origin, problem) != PROBLEM_NONE)
        return problem->code;
    if (draft->key && !follow(tape->generator, draft->key, origin->key))
        return problem_set(problem, PROBLEM_BAD_PARAMETER, place_text(&at).text,
                           "'%s' is no key: it is written as up to %d steps "
                           "from the root key with / between them, each "
                           "split(n)[i], with i below n below 2^31, or "
                           "fold_in(d), with d below 2^32.",
                           utf8_quote(draft->key).text, MOST_STEPS);
    return make_parameter(tape, name, origin->key, problem);
}

int keys_beside(const struct tape *tape, const struct sow_layer *layer)
{
    if (tape->generator != sow_generator_find("flax/nnx"))
        return 0;
    if (strcmp(layer->type->name, "flax.prelu") == 0)
        return -1;
    for (uint32_t i = 0; i < layer->type->argument_count; i++)
        if (strcmp(layer->variables[i].name, "dropout_rate") == 0 &&
            layer->variables[i].numbers[0] > 0)
            return 1;
    return 0;
}
