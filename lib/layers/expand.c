/* SPDX-License-Identifier: MIT */
/*
 * Layer types expanded to tensors: the interpreter of rows.h.
 *
 * A visit walks rows within blocks within rows, on the stack.  What costs time
 * is counted: a row is a step, and a visit has at most STEPS for each tensor
 * that it may have, so that a repetition of rows that are never wanted ends.
 */
#include <stdio.h>
#include <string.h>

#include "layers/arguments.h"
#include "layers/rows.h"
#include "status.h"

#define STEPS 16
#define MORE_STEPS 1000

/* With 'size' tensors are measured, and not made for the visitor. */
struct visit {
    size_t limit;
    size_t count;
    uint64_t steps;
    struct sow_layer_size *size;
    sow_layer_visitor *visitor;
    void *argument;
    struct sow_layer_tensor tensor;
    struct sow_error *error;
};

/*
 * Where in the nest of blocks the walk is.  'length' bytes of the tensor's
 * name are before the names of the rows; 'matrices' is evaluated in the scope
 * that it comes from.
 */
struct place {
    const struct sow_layer_type *type;
    const struct sow_scope *scope;
    size_t length;
    double multiplier;
    const char *matrices;
    const struct sow_scope *matrices_scope;
    unsigned depth;
};

static enum sow_status visit_rows(struct visit *visit,
                                  const struct place *place);

/* ---- names ----------------------------------------------------------- */

static enum sow_status append(struct visit *visit, size_t *length,
                              const char *text, size_t n)
{
    if (n > SOW_MAX_NAME - *length)
        return sow_fail(visit->error, SOW_BAD_PARAMETER, "name",
                        "a parameter's name would pass %d bytes", SOW_MAX_NAME);
    memcpy(visit->tensor.name + *length, text, n);
    *length += n;
    visit->tensor.name[*length] = '\0';
    return SOW_OK;
}

/* Append the number that the expression at text[*at], up to }, comes to. */
static enum sow_status append_number(struct visit *visit, size_t *length,
                                     const char *text, size_t *at,
                                     const struct sow_scope *scope)
{
    char digits[24];
    double value = 0;
    enum sow_status status =
        sow_expression_read(text, at, scope, false, &value, visit->error);

    if (status != SOW_OK)
        return status;
    if (!sow_is_whole(value))
        return sow_fail(visit->error, SOW_BAD_PARAMETER, "name",
                        "a name has no place for %g", value);
    *at += text[*at] == '}';
    snprintf(digits, sizeof digits, "%lld", (long long)value);
    return append(visit, length, digits, strlen(digits));
}

static enum sow_status append_name(struct visit *visit, size_t *length,
                                   const char *name,
                                   const struct sow_scope *scope)
{
    size_t at = 0;

    while (name[at] != '\0') {
        size_t n = 0;
        enum sow_status status;

        while (name[at + n] != '\0' && name[at + n] != '{')
            n++;
        status = append(visit, length, name + at, n);
        at += n;
        if (status == SOW_OK && name[at] == '{') {
            at++;
            status = append_number(visit, length, name, &at, scope);
        }
        if (status != SOW_OK)
            return status;
    }
    return SOW_OK;
}

/* ---- tensors --------------------------------------------------------- */

static enum sow_status too_many_dimensions(struct visit *visit)
{
    return sow_fail(visit->error, SOW_BAD_SHAPE, "shape",
                    "%.160s would have more than %d dimensions",
                    visit->tensor.name, SOW_MAX_RANK);
}

/* One entry of a row's shape: a size, or "*x" for all of a list. */
static enum sow_status add_sizes(struct visit *visit, const char *text,
                                 const struct sow_scope *scope)
{
    struct sow_shape *shape = &visit->tensor.shape;
    const struct sow_variable *list;

    if (text[0] != '*') {
        if (shape->rank == SOW_MAX_RANK)
            return too_many_dimensions(visit);
        return sow_evaluate_whole(text, scope, "shape",
                                  &shape->dims[shape->rank++], visit->error);
    }
    list = sow_scope_find(scope, text + 1, strlen(text + 1));
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        if (shape->rank == SOW_MAX_RANK)
            return too_many_dimensions(visit);
        shape->dims[shape->rank++] = (uint64_t)list->numbers[i];
    }
    return SOW_OK;
}

static enum sow_status set_shape(struct visit *visit, const struct sow_row *row,
                                 const struct sow_scope *scope)
{
    visit->tensor.shape.rank = 0;
    for (int i = 0; i < SOW_MAX_RANK && row->shape[i] != NULL; i++) {
        enum sow_status status = add_sizes(visit, row->shape[i], scope);

        if (status != SOW_OK)
            return status;
    }
    return SOW_OK;
}

static enum sow_status set_scheme(struct visit *visit,
                                  const struct place *place,
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

/* One tensor more, within the limit. */
static enum sow_status add_tensor(struct visit *visit)
{
    if (visit->count++ == visit->limit)
        return sow_fail(visit->error, SOW_BAD_PARAMETER, "layers",
                        "this has more than %zu tensors", visit->limit);
    return SOW_OK;
}

static enum sow_status measure(struct visit *visit, const struct sow_row *row)
{
    visit->size->tensors++;
    visit->size->names += strlen(visit->tensor.name);
    visit->size->parts |= (unsigned)row->part;
    return add_tensor(visit);
}

static enum sow_status emit(struct visit *visit, const struct place *place,
                            const struct sow_row *row,
                            const struct sow_scope *scope)
{
    struct sow_layer_tensor *tensor = &visit->tensor;
    const struct sow_axes *axes = &row->axes;
    enum sow_status status;

    if (visit->size != NULL)
        return measure(visit, row);
    status = set_shape(visit, row, scope);
    if (status != SOW_OK)
        return status;
    tensor->part = row->part;
    tensor->axes = *axes;
    tensor->layout =
        axes->in | axes->out | axes->batch ? SOW_EXPLICIT : place->type->layout;
    tensor->multiplier = place->multiplier;
    status =
        multiply(row->multiplier, scope, &tensor->multiplier, visit->error);
    if (status != SOW_OK)
        return status;
    status = set_scheme(visit, place, row, scope);
    if (status == SOW_OK)
        status = add_tensor(visit);
    if (status != SOW_OK)
        return status;
    return visit->visitor(visit->argument, tensor, visit->error);
}

/* ---- blocks ---------------------------------------------------------- */

/* The block's rows, with its own arguments as the only variables. */
static enum sow_status visit_closed(struct visit *visit,
                                    const struct place *place,
                                    const struct sow_row *row)
{
    struct sow_variable variables[SOW_MAX_ARGUMENTS];
    const struct sow_scope scope = {variables, row->block->argument_count,
                                    NULL};
    struct place within = *place;
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

static enum sow_status visit_block(struct visit *visit,
                                   const struct place *place,
                                   const struct sow_row *row, size_t length,
                                   const struct sow_scope *scope)
{
    struct place within = *place;
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

static enum sow_status too_many_steps(struct visit *visit)
{
    return sow_fail(visit->error, SOW_BAD_PARAMETER, "layers",
                    "this would have more than %zu tensors", visit->limit);
}

static enum sow_status visit_once(struct visit *visit,
                                  const struct place *place,
                                  const struct sow_row *row,
                                  const struct sow_scope *scope)
{
    size_t length = place->length;
    double wanted = 1;
    enum sow_status status = SOW_OK;

    if (visit->steps-- == 0)
        return too_many_steps(visit);
    if (row->when != NULL)
        status = sow_evaluate(row->when, scope, &wanted, visit->error);
    if (status != SOW_OK || wanted == 0)
        return status;
    status =
        append_name(visit, &length, row->name == NULL ? "" : row->name, scope);
    if (status != SOW_OK)
        return status;
    return row->block != NULL ? visit_block(visit, place, row, length, scope)
                              : emit(visit, place, row, scope);
}

static enum sow_status visit_row(struct visit *visit, const struct place *place,
                                 const struct sow_row *row)
{
    struct sow_variable index = {
        .name = row->index == NULL ? "i" : row->index,
        .count = 1,
    };
    const struct sow_scope scope = {&index, 1, place->scope};
    uint64_t times = 0;
    enum sow_status status;

    if (row->repeat == NULL)
        return visit_once(visit, place, row, place->scope);
    status = sow_evaluate_whole(row->repeat, place->scope, "repeat", &times,
                                visit->error);
    for (uint64_t i = 0; status == SOW_OK && i < times; i++) {
        index.numbers[0] = (double)i;
        status = visit_once(visit, place, row, &scope);
    }
    return status;
}

static enum sow_status visit_rows(struct visit *visit,
                                  const struct place *place)
{
    enum sow_status status = SOW_OK;

    for (uint32_t i = 0; status == SOW_OK && i < place->type->row_count; i++)
        status = visit_row(visit, place, &place->type->rows[i]);
    return status;
}

/* ---- from outside ---------------------------------------------------- */

static enum sow_status walk(struct visit *visit, const struct sow_layer *layer)
{
    const struct sow_scope scope = sow_layer_scope(layer);
    const struct place place = {
        .type = layer->type, .scope = &scope, .multiplier = 1};

    visit->steps = (uint64_t)visit->limit * STEPS + MORE_STEPS;
    return visit_rows(visit, &place);
}

enum sow_status sow_layer_visit(const struct sow_layer *layer, size_t limit,
                                sow_layer_visitor *visitor, void *argument,
                                struct sow_error *error)
{
    struct visit visit = {.limit = limit,
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
    struct visit visit = {.limit = limit, .size = &measured, .error = error};
    enum sow_status status = walk(&visit, layer);

    if (status == SOW_OK)
        *size = measured;
    return status;
}
