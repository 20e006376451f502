/* SPDX-License-Identifier: MIT */
/* Choosing tensors of a model. */
#include "choose.h"

#include "fields.h"
#include "model.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

/*
 * Tensors on their way from one model to the next; 'sorted' is the first by
 * name, and 'text' where the next name goes.
 */
struct choosing {
    const struct model *from;
    const struct sow_tensor **sorted;
    struct model to;
    size_t next;
    char *text;
};

/* Room to choose 'count' tensors whose names have 'bytes', NULs included. */
static enum problem_code begin(struct choosing *choosing,
                               const struct model *from, size_t count,
                               size_t bytes, struct problem *problem)
{
    *choosing = (struct choosing){.from = from};
    const enum problem_code code =
        model_init(&choosing->to, count, bytes, problem);
    if (code != PROBLEM_NONE)
        return code;
    choosing->text = choosing->to.text;
    choosing->sorted = model_sort(from);
    if (choosing->sorted)
        return PROBLEM_NONE;
    model_release(&choosing->to);
    return problem_no_memory(problem);
}

/* Take the tensor called 'name', which stands at 'place'. */
static enum problem_code take(struct choosing *choosing, const char *name,
                              const struct place *place,
                              struct problem *problem)
{
    const size_t n = strlen(name) + 1;
    const struct sow_tensor *tensor =
        model_find(choosing->sorted, choosing->from->count, name);

    if (!tensor)
        return problem_set(problem, PROBLEM_UNKNOWN_TENSOR,
                           place_text(place).text,
                           "The model has no tensor called '%s'; "
                           "format=manifest without a choice lists them.",
                           utf8_quote(name).text);
    struct sow_tensor *copy = &choosing->to.tensors[choosing->next++];
    *copy = *tensor;
    copy->spec.name = memcpy(choosing->text, name, n);
    choosing->text += n;
    return PROBLEM_NONE;
}

/* Make what was chosen the model, unless 'code' says that it failed. */
static enum problem_code finish(struct choosing *choosing, struct model *model,
                                enum problem_code code, struct problem *problem)
{
    struct model *to = &choosing->to;

    to->count = choosing->next;
    to->ordered = choosing->from->ordered;
    to->place = choosing->from->place;
    if (code == PROBLEM_NONE)
        code = model_lay_out(to, problem);
    free(choosing->sorted);
    if (code != PROBLEM_NONE) {
        model_release(to);
        return code;
    }
    to->generator = model->generator;
    to->tape = model->tape;
    model->tape = NULL;
    model_release(model);
    *model = *to;
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * A list of them
 */

static const struct place list = {&place_document, "tensors", 0};

/* An entry's name: the entry itself, or its member. */
static const char *name_of(const json_t *entry)
{
    return json_string_value(
        json_is_object(entry) ? json_object_get(entry, "name") : entry);
}

static enum problem_code refuse_entry(json_t *entry, const struct place *place,
                                      struct problem *problem)
{
    const struct value value = {NULL, entry, place};

    return value_refuse(&value,
                        "the name of a tensor, or an object with 'name' and "
                        "'slice'",
                        problem);
}

/* Count the bytes of the names, which are strings then. */
static enum problem_code measure(const json_t *tensors, size_t *bytes,
                                 struct problem *problem)
{
    size_t i;
    json_t *entry;

    *bytes = 0;
    json_array_foreach(tensors, i, entry)
    {
        const struct place place = {&list, NULL, i};
        if (!name_of(entry))
            return refuse_entry(entry, &place, problem);
        *bytes += strlen(name_of(entry)) + 1;
    }
    return PROBLEM_NONE;
}

/* Cut the tensor that was taken last as the members of its entry say. */
static enum problem_code cut(struct choosing *choosing, json_t *entry,
                             const struct place *place, struct problem *problem)
{
    struct sow_tensor *tensor = &choosing->to.tensors[choosing->next - 1];
    const char *key;
    json_t *json;

    json_object_foreach(entry, key, json)
    {
        const struct place at = {place, key, 0};
        const struct value value = {NULL, json, &at};
        struct cut read;
        if (strcmp(key, "name") == 0)
            continue;
        if (strcmp(key, "slice") != 0)
            return problem_set(problem, PROBLEM_UNKNOWN_FIELD,
                               place_text(&at).text,
                               "There is no '%s' here. Allowed: name, slice.",
                               utf8_quote(key).text);
        if (cut_read(&read, &value, problem) != PROBLEM_NONE ||
            cut_apply(&read, &at, tensor, problem) != PROBLEM_NONE)
            return problem->code;
    }
    return PROBLEM_NONE;
}

static enum problem_code take_all(struct choosing *choosing,
                                  const json_t *tensors,
                                  struct problem *problem)
{
    size_t i;
    json_t *entry;

    json_array_foreach(tensors, i, entry)
    {
        const struct place place = {&list, NULL, i};
        const struct place name = {&place, "name", 0};
        if (take(choosing, name_of(entry),
                 json_is_object(entry) ? &name : &place,
                 problem) != PROBLEM_NONE ||
            cut(choosing, entry, &place, problem) != PROBLEM_NONE)
            return problem->code;
    }
    return PROBLEM_NONE;
}

static enum problem_code check_once(struct choosing *choosing,
                                    struct problem *problem)
{
    size_t twice;

    choosing->to.count = choosing->next;
    const enum problem_code code =
        model_check_names(&choosing->to, &twice, problem);
    if (code != PROBLEM_DUPLICATE_NAME)
        return code;
    const struct place place = {&list, NULL, twice};
    return problem_set(problem, PROBLEM_DUPLICATE_NAME, place_text(&place).text,
                       "'%s' is chosen twice.",
                       utf8_quote(choosing->to.tensors[twice].spec.name).text);
}

enum problem_code choose_tensors(struct model *model, const json_t *tensors,
                                 struct problem *problem)
{
    struct choosing choosing;
    size_t bytes;

    if (model->stack)
        return problem_set(problem, PROBLEM_BAD_FIELD, place_text(&list).text,
                           "'tensors' and 'data' exclude each other: what "
                           "depends on data is made together.");
    enum problem_code code = measure(tensors, &bytes, problem);
    if (code == PROBLEM_NONE)
        code =
            begin(&choosing, model, json_array_size(tensors), bytes, problem);
    if (code != PROBLEM_NONE)
        return code;
    code = take_all(&choosing, tensors, problem);
    if (code == PROBLEM_NONE)
        code = check_once(&choosing, problem);
    if (finish(&choosing, model, code, problem) != PROBLEM_NONE)
        return problem->code;
    model->place = "/tensors";
    model->listed = true;
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * One of them
 */

enum problem_code choose_tensor(struct model *model, const struct draft *draft,
                                struct problem *problem)
{
    const struct place name = {&place_query, "name", 0};
    const struct place slice = {&place_query, "slice", 0};
    struct choosing choosing;

    enum problem_code code =
        begin(&choosing, model, 1, strlen(draft->name) + 1, problem);
    if (code != PROBLEM_NONE)
        return code;
    code = take(&choosing, draft->name, &name, problem);
    if (code == PROBLEM_NONE && draft_has(draft, FIELD_SLICE))
        code = cut_apply(&draft->cut, &slice, choosing.to.tensors, problem);
    return finish(&choosing, model, code, problem);
}
