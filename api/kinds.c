/* SPDX-License-Identifier: MIT */
/* The layers of one request, by type and arguments. */
#include "kinds.h"

#include <stdlib.h>
#include <string.h>

/* Each layer has one place, which the last one to come there keeps. */
#define PLACES 16

/* The first place is for layers that are not kept. */
struct kinds {
    struct kind places[1 + PLACES];
};

struct kinds *kinds_new(void)
{
    struct kinds *kinds = malloc(sizeof *kinds);

    for (size_t i = 0; kinds && i < sizeof kinds->places / sizeof(struct kind);
         i++)
        kinds->places[i].known = false;
    return kinds;
}

void kinds_free(struct kinds *kinds)
{
    free(kinds);
}

/* ------------------------------------------------------------------------
 * Finding a layer
 */

static uint64_t bits_of(double number)
{
    uint64_t bits;

    memcpy(&bits, &number, sizeof bits);
    return bits;
}

/* Multiplicative hashing: the place is in the product's high bits. */
static struct kind *find_place(struct kinds *kinds,
                               const struct sow_layer_type *type,
                               const struct sow_given *given, size_t count)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = (uintptr_t)type;

    if (count > KIND_GIVEN)
        return &kinds->places[0];
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < SOW_MAX_SIZES; k++) {
            hash = (hash ^ hash >> 32 ^ bits_of(given[i].numbers[k])) * odd;
        }
    return &kinds->places[1 + (hash * odd >> 32) % PLACES];
}

static bool is_same(const struct sow_given *a, const struct sow_given *b)
{
    for (size_t k = 0; k < SOW_MAX_SIZES; k++)
        if (bits_of(a->numbers[k]) != bits_of(b->numbers[k]))
            return false;
    return a->kind == b->kind && a->count == b->count &&
           strcmp(a->name, b->name) == 0 &&
           (a->kind != SOW_VALUE_TEXT || strcmp(a->text, b->text) == 0);
}

static bool is_of(const struct kind *kind, const struct sow_layer_type *type,
                  const struct sow_given *given, size_t count)
{
    if (!kind->known || kind->layer.type != type || kind->given_count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!is_same(&kind->given[i], &given[i]))
            return false;
    return true;
}

enum sow_status kinds_find(struct kinds *kinds,
                           const struct sow_layer_type *type,
                           const struct sow_given *given, size_t count,
                           struct kind **kind, struct sow_error *error)
{
    struct kind *found = find_place(kinds, type, given, count);

    *kind = found;
    if (is_of(found, type, given, count))
        return SOW_OK;
    found->known = found->measured = found->visited = false;
    const enum sow_status status =
        sow_layer_init(&found->layer, type, given, count, error);
    if (status != SOW_OK || count > KIND_GIVEN)
        return status;
    memcpy(found->given, given, count * sizeof *given);
    found->given_count = count;
    found->known = true;
    return SOW_OK;
}

/* ------------------------------------------------------------------------
 * Its tensors
 */

enum sow_status kind_measure(struct kind *kind, size_t limit,
                             struct sow_layer_size *size,
                             struct sow_error *error)
{
    if (!kind->measured || kind->size.tensors > limit) {
        const enum sow_status status =
            sow_layer_measure(&kind->layer, limit, &kind->size, error);
        if (status != SOW_OK)
            return status;
        kind->measured = true;
    }
    *size = kind->size;
    return SOW_OK;
}

/* A first visit, whose tensors are kept. */
struct recording {
    struct kind *kind;
    sow_layer_visitor *visitor;
    void *argument;
};

static enum sow_status record(void *argument,
                              const struct sow_layer_tensor *tensor,
                              struct sow_error *error)
{
    const struct recording *recording = argument;
    struct kind *kind = recording->kind;

    if (kind->tensor_count < KIND_TENSORS)
        kind->tensors[kind->tensor_count] = *tensor;
    kind->tensor_count++;
    return recording->visitor(recording->argument, tensor, error);
}

static enum sow_status visit_first(struct kind *kind, size_t limit,
                                   sow_layer_visitor *visitor, void *argument,
                                   struct sow_error *error)
{
    struct recording recording = {kind, visitor, argument};

    kind->tensor_count = 0;
    const enum sow_status status =
        sow_layer_visit(&kind->layer, limit, record, &recording, error);
    kind->visited = status == SOW_OK && kind->tensor_count <= KIND_TENSORS;
    return status;
}

enum sow_status kind_visit(struct kind *kind, size_t limit,
                           sow_layer_visitor *visitor, void *argument,
                           struct sow_error *error)
{
    enum sow_status status = SOW_OK;

    if (!kind->visited || kind->tensor_count > limit)
        return visit_first(kind, limit, visitor, argument, error);
    for (size_t i = 0; status == SOW_OK && i < kind->tensor_count; i++)
        status = visitor(argument, &kind->tensors[i], error);
    return status;
}
