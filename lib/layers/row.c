/* SPDX-License-Identifier: MIT */
/* Whether a row counts, and the tensor that it stands for. */
#include <string.h>

#include "layers/expression.h"
#include "layers/rows.h"
#include "status.h"

enum sow_status sow_row_presence(const struct sow_row *row,
                                 const struct sow_scope *scope,
                                 enum sow_presence *presence,
                                 struct sow_error *error)
{
    double wanted = 1, tied = 0;
    enum sow_status status = SOW_OK;

    if (row->when != NULL)
        status = sow_evaluate(row->when, scope, &wanted, error);
    if (status == SOW_OK && wanted != 0 && row->tied != NULL)
        status = sow_evaluate(row->tied, scope, &tied, error);
    *presence = wanted == 0 ? SOW_ABSENT : tied == 0 ? SOW_PRESENT : SOW_TIED;
    return status;
}

static enum sow_status add_size(struct sow_layer_tensor *tensor, uint64_t size,
                                struct sow_error *error)
{
    struct sow_shape *shape = &tensor->shape;

    if (shape->rank == SOW_MAX_RANK)
        return sow_fail(error, SOW_BAD_SHAPE, "shape",
                        "%.160s would have more than %d dimensions",
                        tensor->name, SOW_MAX_RANK);
    shape->dims[shape->rank++] = size;
    return SOW_OK;
}

/* One entry of a row's shape: a size, or "*x" for all of a list. */
static enum sow_status add_sizes(struct sow_layer_tensor *tensor,
                                 const char *text,
                                 const struct sow_scope *scope,
                                 struct sow_error *error)
{
    const struct sow_variable *list;
    uint64_t size = 0;
    enum sow_status status = SOW_OK;

    if (text[0] != '*') {
        status = sow_evaluate_whole(text, scope, "shape", &size, error);
        return status == SOW_OK ? add_size(tensor, size, error) : status;
    }
    list = sow_scope_find(scope, text + 1, strlen(text + 1));
    for (uint32_t i = 0; status == SOW_OK && list != NULL && i < list->count;
         i++)
        status = add_size(tensor, (uint64_t)list->numbers[i], error);
    return status;
}

enum sow_status sow_row_tensor(const struct sow_row *row,
                               const struct sow_layer_type *type,
                               const struct sow_scope *scope,
                               struct sow_layer_tensor *tensor,
                               struct sow_error *error)
{
    const struct sow_axes *axes = &row->axes;
    enum sow_status status = SOW_OK;

    tensor->part = row->part;
    tensor->axes = *axes;
    tensor->layout =
        axes->in | axes->out | axes->batch ? SOW_EXPLICIT : type->layout;
    tensor->shape.rank = 0;
    for (int i = 0; status == SOW_OK && i < SOW_MAX_RANK; i++) {
        if (row->shape[i] == NULL)
            break;
        status = add_sizes(tensor, row->shape[i], scope, error);
    }
    return status;
}
