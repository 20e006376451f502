/* SPDX-License-Identifier: MIT */
/*
 * Layer types expanded to tensors: the interpreter of rows.h.
 *
 * A visit walks rows within blocks within rows, on the stack.  What costs time
 * is counted: a row is a step, and a visit has at most STEPS for each tensor
 * that it may have, so that a repetition of rows that are never wanted ends.
 */
#include <string.h>

#include "layers/arguments.h"
#include "layers/visit.h"
#include "status.h"

#define STEPS 16
#define MORE_STEPS 1000

static enum sow_status visit_rows(struct sow_visit *visit,
                                  const struct sow_place *place);

/* ---- tensors --------------------------------------------------------- */

static enum sow_status set_scheme(struct sow_visit *visit,
                                  const struct sow_place *place,
                                  const struct sow_row *row,
                                  const struct sow_scope *scope)
{
    const char *text = row->scheme;

    if (place->matrices != NULL && visit->tensor.shape.rank >= 2) {
        text = place->matrices;
        scope = place->matrices_scope;
    }
    return sow_scheme_read(&visit->tensor.scheme, text, scope, visit->error);
}

static enum sow_status multiply(const char *by, const struct sow_scope *scope,
                                double *multiplier, struct sow_error *error)
{
    double value = 1;
    enum sow_status status = SOW_OK;

    if (by != NULL)
        status = sow_evaluate(by, scope, &value, error);
    if (status == SOW_OK)
        *multiplier *= value;
    return status;
}

enum sow_status sow_visit_count(struct sow_visit *visit)
{
    if (visit->count++ == visit->limit)
        return sow_fail(visit->error, SOW_BAD_PARAMETER, "layers",
                        "this has more than %zu tensors", visit->limit);
    return SOW_OK;
}

static enum sow_status measure(struct sow_visit *visit,
                               const struct sow_row *row)
{
    visit->size->tensors++;
    visit->size->names += strlen(visit->tensor.name);
    visit->size->parts |= (unsigned)row->part;
    sow_visit_record(visit);
    return sow_visit_count(visit);
}

static enum sow_status emit(struct sow_visit *visit,
                            const struct sow_place *place,
                            const struct sow_row *row,
                            const struct sow_scope *scope)
{
    struct sow_layer_tensor *tensor = &visit->tensor;
    enum sow_status status;

    if (visit->size != NULL)
        return measure(visit, row);
    status = sow_row_tensor(row, place->type, scope, tensor, visit->error);
    if (status != SOW_OK)
        return status;
    tensor->multiplier = place->multiplier;
    status =
        multiply(row->multiplier, scope, &tensor->multiplier, visit->error);
    if (status != SOW_OK)
        return status;
    status = set_scheme(visit, place, row, scope);
    if (status == SOW_OK)
        status = sow_visit_count(visit);
    if (status != SOW_OK)
        return status;
    sow_visit_record(visit);
    return visit->visitor(visit->argument, tensor, visit->error);
}

/* ---- blocks ---------------------------------------------------------- */

/* The block's rows, with its own arguments as the only variables. */
static enum sow_status visit_closed(struct sow_visit *visit,
                                    const struct sow_place *place,
                                    const struct sow_row *row)
{
    struct sow_variable variables[SOW_MAX_ARGUMENTS];
    const struct sow_scope scope = {variables, row->block->argument_count,
                                    NULL};
    struct sow_place within = *place;
    enum sow_status status = sow_block_bind(row->block, row->with, place->scope,
                                            variables, visit->error);

    if (status != SOW_OK)
        return status;
    status = sow_layer_check(row->block, &scope, visit->error);
    if (status != SOW_OK)
        return status;
    within.scope = &scope;
    return visit_rows(visit, &within);
}

static enum sow_status visit_block(struct sow_visit *visit,
                                   const struct sow_place *place,
                                   const struct sow_row *row, size_t length,
                                   const struct sow_scope *scope)
{
    struct sow_place within = *place;
    enum sow_status status =
        multiply(row->multiplier, scope, &within.multiplier, visit->error);

    if (status != SOW_OK)
        return status;
    if (++within.depth > SOW_MAX_NESTING)
        return sow_fail(visit->error, SOW_BAD_PARAMETER, "type",
                        "blocks are nested too deeply");
    within.type = row->block;
    within.length = length;
    within.scope = scope;
    if (row->matrices != NULL && within.matrices == NULL) {
        within.matrices = row->matrices;
        within.matrices_scope = scope;
    }
    return row->block->argument_count > 0 ? visit_closed(visit, &within, row)
                                          : visit_rows(visit, &within);
}

/* ---- rows ------------------------------------------------------------ */

enum sow_status sow_visit_step(struct sow_visit *visit, uint64_t steps)
{
    if (steps > visit->steps)
        return sow_fail(visit->error, SOW_BAD_PARAMETER, "layers",
                        "this would have more than %zu tensors", visit->limit);
    visit->steps -= steps;
    return SOW_OK;
}

enum sow_status sow_visit_once(struct sow_visit *visit,
                               const struct sow_place *place,
                               const struct sow_row *row,
                               const struct sow_scope *scope)
{
    size_t length;
    enum sow_presence presence = SOW_ABSENT;
    enum sow_status status = sow_visit_step(visit, 1);

    if (status == SOW_OK)
        status = sow_row_presence(row, scope, &presence, visit->error);
    if (status != SOW_OK || presence != SOW_PRESENT)
        return status;
    status = sow_visit_name(visit, place, row, scope, &length);
    if (status != SOW_OK)
        return status;
    return row->block != NULL ? visit_block(visit, place, row, length, scope)
                              : emit(visit, place, row, scope);
}

static enum sow_status visit_rows(struct sow_visit *visit,
                                  const struct sow_place *place)
{
    enum sow_status status = SOW_OK;

    for (uint32_t i = 0; status == SOW_OK && i < place->type->row_count; i++) {
        const struct sow_row *row = &place->type->rows[i];

        status = row->repeat == NULL
                     ? sow_visit_once(visit, place, row, place->scope)
                     : sow_visit_repeat(visit, place, row);
    }
    return status;
}

/* ---- from outside ---------------------------------------------------- */

static enum sow_status walk(struct sow_visit *visit,
                            const struct sow_layer *layer)
{
    const struct sow_scope scope = sow_layer_scope(layer);
    const struct sow_place place = {
        .type = layer->type, .scope = &scope, .multiplier = 1};
    struct sow_layer_tensor tensors[SOW_ECHOES];
    enum sow_status status;

    visit->echo.tensors = tensors;
    visit->steps = (uint64_t)visit->limit * STEPS + MORE_STEPS;
    status = visit_rows(visit, &place);
    visit->echo.tensors = NULL;
    return status;
}

enum sow_status sow_layer_visit(const struct sow_layer *layer, size_t limit,
                                sow_layer_visitor *visitor, void *argument,
                                struct sow_error *error)
{
    struct sow_visit visit = {.limit = limit,
                              .visitor = visitor,
                              .argument = argument,
                              .error = error};

    return walk(&visit, layer);
}

enum sow_status sow_layer_measure(const struct sow_layer *layer, size_t limit,
                                  struct sow_layer_size *size,
                                  struct sow_error *error)
{
    struct sow_layer_size measured = {0, 0, 0};
    struct sow_visit visit = {
        .limit = limit, .size = &measured, .error = error};
    enum sow_status status = walk(&visit, layer);

    if (status == SOW_OK)
        *size = measured;
    return status;
}
