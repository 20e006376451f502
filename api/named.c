/* SPDX-License-Identifier: MIT */
/* Weights of a recipe that has a name. */
#include "named.h"

#include "choose.h"
#include "exchange.h"
#include "fields.h"
#include "library.h"
#include "stored.h"
#include "utf8.h"

/*
 * Split "ns/name@version"; '*version' is set to NULL when there is none.
 * Returns false when it is no version, or the name is too long for any.
 */
static bool split(const char *text, char name[REPO_NAME],
                  uint8_t bytes[SOW_DIGEST_BYTES], const uint8_t **version)
{
    const size_t n = strcspn(text, "@");

    if (n >= REPO_NAME)
        return false;
    memcpy(name, text, n);
    name[n] = '\0';
    *version = text[n] == '@' ? bytes : NULL;
    return !*version || library_version_read(text + n + 1, bytes);
}

/* Read the document that 'text' names; the caller owns 'stored'. */
static enum problem_code load(struct api_exchange *exchange, const char *text,
                              struct stored **stored, struct problem *problem)
{
    struct api *api = exchange->api;
    uint8_t bytes[SOW_DIGEST_BYTES];
    const uint8_t *version;
    char name[REPO_NAME];
    struct library_book book;

    if (!split(text, name, bytes, &version))
        return problem_set(problem, PROBLEM_BAD_FIELD, "",
                           "'%s' names no recipe: it is written namespace/name"
                           ", or namespace/name@ and the 64 hexadecimal digits "
                           "of a version. GET /v1/recipes lists them.",
                           utf8_quote(text).text);
    if (library_get(api, name, version, &book, problem) != PROBLEM_NONE)
        return problem->code;
    const enum problem_code code =
        stored_new(&api->limits, book.bytes, book.size, stored, problem);
    library_release(&book);
    exchange->weights.alias = !version;
    return code;
}

static enum problem_code check_seed(const struct draft *draft,
                                    const struct stored *stored,
                                    struct problem *problem)
{
    const struct sow_generator *generator = draft_has(draft, FIELD_GENERATOR)
                                                ? draft->generator
                                                : stored_generator(stored);

    if (!draft_has(draft, FIELD_SEED) ||
        value_seed_fits(generator, draft->spec.seed, draft->negative))
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_GENERATOR, "",
                       "%s doesn't take that seed; GET /v1/generators tells "
                       "which it takes.",
                       generator->name);
}

static enum problem_code make(struct api_exchange *exchange,
                              const struct draft *draft, struct model *model,
                              struct problem *problem)
{
    struct stored *stored;

    if (load(exchange, draft->recipe, &stored, problem) != PROBLEM_NONE)
        return problem->code;
    const struct stored_change change = {
        draft_has(draft, FIELD_GENERATOR) ? draft->generator : NULL,
        draft_has(draft, FIELD_SEED) ? &draft->spec.seed : NULL,
        draft_has(draft, FIELD_DTYPE) ? &draft->spec.dtype : NULL};
    const enum problem_code code =
        check_seed(draft, stored, problem)
            ? problem->code
            : stored_model(stored, &exchange->api->limits, &change, model,
                           problem);
    stored_free(stored);
    return code;
}

/*
 * Let the exchange have the recipe's model.  Whatever is wrong with it is the
 * fault of 'recipe', for the request doesn't have the document's text.
 */
static enum problem_code begin(struct api_exchange *exchange,
                               const struct draft *draft,
                               const struct place *root,
                               struct problem *problem)
{
    struct weights *weights = &exchange->weights;
    const struct place at = {root, field_name(FIELD_RECIPE), 0};
    const struct place_text text = place_text(&at);

    if (make(exchange, draft, &weights->model, problem) != PROBLEM_NONE) {
        memcpy(problem->at, text.text, sizeof text.text);
        return problem->code;
    }
    weights->options = draft->options;
    weights->model.place = root == &place_query ? "recipe" : "/recipe";
    weights->model.listed = false;
    return PROBLEM_NONE;
}

static enum problem_code read_query(struct draft *draft,
                                    const struct query *query,
                                    struct problem *problem)
{
    bool unknown[QUERY_MAX_PAIRS];

    draft_init(draft);
    if (fields_read_query(draft, SCOPE_RECIPE_QUERY, query, unknown, problem) !=
        PROBLEM_NONE)
        return problem->code;
    for (size_t i = 0; i < query->count; i++) {
        const struct place at = {&place_query, query->pairs[i].name, 0};
        if (unknown[i])
            return field_refuse(&at, SCOPE_RECIPE_QUERY, NULL, query->own,
                                problem);
    }
    if (draft_has(draft, FIELD_SLICE) && !draft_has(draft, FIELD_NAME))
        return problem_set(problem, PROBLEM_MISSING_FIELD,
                           field_name(FIELD_NAME),
                           "'name' is missing: it tells which tensor of the "
                           "recipe the slice is of.");
    return PROBLEM_NONE;
}

enum problem_code named_from_query(struct api_exchange *exchange,
                                   const struct query *query,
                                   struct problem *problem)
{
    struct draft draft;

    if (read_query(&draft, query, problem) != PROBLEM_NONE ||
        begin(exchange, &draft, &place_query, problem) != PROBLEM_NONE)
        return problem->code;
    return draft_has(&draft, FIELD_NAME)
               ? choose_tensor(&exchange->weights.model, &draft, problem)
               : PROBLEM_NONE;
}

enum problem_code named_from_json(struct api_exchange *exchange, json_t *root,
                                  struct problem *problem)
{
    const json_t *tensors = json_object_get(root, field_name(FIELD_TENSORS));
    struct draft draft;

    draft_init(&draft);
    if (fields_read_object(&draft, SCOPE_RECIPE_BODY, root, &place_document,
                           problem) != PROBLEM_NONE ||
        fields_read_beside(&draft, exchange->request.query, problem) !=
            PROBLEM_NONE ||
        begin(exchange, &draft, &place_document, problem) != PROBLEM_NONE)
        return problem->code;
    return tensors ? choose_tensors(&exchange->weights.model, tensors, problem)
                   : PROBLEM_NONE;
}
