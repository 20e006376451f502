/* SPDX-License-Identifier: MIT */
/*
 * Rows that are repeated.  A model of many layers is one row that is repeated
 * for each, and what its expressions come to is the same each time: they are
 * read once, and the other rounds are echoes under other names.
 */
#include <stddef.h>
#include <string.h>

#include "layers/expression.h"
#include "layers/name.h"
#include "layers/visit.h"

/* What each round takes when all are alike. */
struct round {
    bool alike;
    uint64_t steps;
    size_t tensors;
    size_t names;
};

/* ---- the first round ------------------------------------------------- */

/* All but the name, which comes first. */
static void copy_tensor(struct sow_layer_tensor *tensor,
                        const struct sow_layer_tensor *from)
{
    const size_t name = offsetof(struct sow_layer_tensor, part);

    memcpy((char *)tensor + name, (const char *)from + name,
           sizeof *tensor - name);
}

void sow_visit_record(struct sow_visit *visit)
{
    struct sow_echo *echo = &visit->echo;
    const char *name = visit->tensor.name + echo->length;
    size_t n;

    if (echo->row == NULL)
        return;
    n = strlen(name);
    if (echo->longest < n)
        echo->longest = n;
    if (echo->count < SOW_ECHOES && visit->size == NULL) {
        memcpy(echo->tensors[echo->count].name, name, n + 1);
        copy_tensor(&echo->tensors[echo->count], &visit->tensor);
    }
    echo->count++;
}

enum sow_status sow_visit_name(struct sow_visit *visit,
                               const struct sow_place *place,
                               const struct sow_row *row,
                               const struct sow_scope *scope, size_t *length)
{
    struct sow_echo *echo = &visit->echo;
    bool asked = echo->asked;
    enum sow_status status;

    *length = place->length;
    status =
        sow_name_write(visit->tensor.name, length,
                       row->name == NULL ? "" : row->name, scope, visit->error);
    if (row == echo->row && place->depth == echo->depth) {
        echo->asked = asked;
        echo->length = *length;
    }
    return status;
}

static enum sow_status visit_first(struct sow_visit *visit,
                                   const struct sow_place *place,
                                   const struct sow_row *row,
                                   const struct sow_scope *scope,
                                   struct round *round)
{
    struct sow_echo *echo = &visit->echo;
    uint64_t steps = visit->steps;
    size_t names = visit->size == NULL ? 0 : visit->size->names;
    enum sow_status status;

    echo->row = row;
    echo->depth = place->depth;
    echo->asked = false;
    echo->length = echo->longest = echo->count = 0;
    status = sow_visit_once(visit, place, row, scope);
    echo->row = NULL;
    round->alike =
        !echo->asked && (visit->size != NULL || echo->count <= SOW_ECHOES);
    round->steps = steps - visit->steps;
    round->tensors = echo->count;
    if (visit->size != NULL)
        round->names = visit->size->names - names - echo->count * echo->length;
    return status;
}

/* ---- the others ------------------------------------------------------ */

/* Measure the tensors of the first round, behind 'length' bytes of name. */
static enum sow_status measure_echo(struct sow_visit *visit,
                                    const struct round *round, size_t length)
{
    size_t left = visit->limit - visit->count;

    if (visit->echo.longest > SOW_MAX_NAME - length)
        return sow_name_too_long(visit->error);
    visit->count += round->tensors < left ? round->tensors : left;
    if (round->tensors > left)
        return sow_visit_count(visit);
    visit->size->tensors += round->tensors;
    visit->size->names += round->names + round->tensors * length;
    return SOW_OK;
}

/* Hand them out, behind what is now the name's first 'length' bytes. */
static enum sow_status emit_echo(struct sow_visit *visit, size_t length)
{
    const struct sow_echo *echo = &visit->echo;

    for (size_t i = 0; i < echo->count; i++) {
        const struct sow_layer_tensor *tensor = &echo->tensors[i];
        size_t end = length;
        enum sow_status status =
            sow_name_append(visit->tensor.name, &end, tensor->name,
                            strlen(tensor->name), visit->error);

        if (status == SOW_OK)
            status = sow_visit_count(visit);
        if (status != SOW_OK)
            return status;
        copy_tensor(&visit->tensor, tensor);
        status = visit->visitor(visit->argument, &visit->tensor, visit->error);
        if (status != SOW_OK)
            return status;
    }
    return SOW_OK;
}

static enum sow_status visit_alike(struct sow_visit *visit,
                                   const struct sow_place *place,
                                   const struct sow_row *row,
                                   const struct sow_scope *scope,
                                   const struct round *round)
{
    size_t length;
    enum sow_status status = sow_visit_step(visit, round->steps);

    if (status != SOW_OK || round->tensors == 0)
        return status;
    status = sow_visit_name(visit, place, row, scope, &length);
    if (status != SOW_OK)
        return status;
    return visit->size == NULL ? emit_echo(visit, length)
                               : measure_echo(visit, round, length);
}

/* Rounds within one that is being recorded are a part of that. */
enum sow_status sow_visit_repeat(struct sow_visit *visit,
                                 const struct sow_place *place,
                                 const struct sow_row *row)
{
    bool records = visit->echo.row == NULL;
    struct sow_variable index = {
        .name = row->index == NULL ? "i" : row->index,
        .count = 1,
        .asked = records ? &visit->echo.asked : NULL,
    };
    const struct sow_scope scope = {&index, 1, place->scope};
    struct round round = {.alike = false};
    uint64_t times = 0;
    enum sow_status status = sow_evaluate_whole(row->repeat, place->scope,
                                                "repeat", &times, visit->error);

    if (status == SOW_OK && records && times > 0)
        status = visit_first(visit, place, row, &scope, &round);
    index.asked = NULL;
    for (uint64_t i = records; status == SOW_OK && i < times; i++) {
        index.numbers[0] = (double)i;
        status = round.alike ? visit_alike(visit, place, row, &scope, &round)
                             : sow_visit_once(visit, place, row, &scope);
    }
    return status;
}
