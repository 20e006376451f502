/* SPDX-License-Identifier: MIT */
/* Slices: cutting them, and the runs that they are made of. */
#include "slice.h"

#include <string.h>

#include "status.h"

static enum sow_status check(const struct sow_shape *shape,
                             const struct sow_slice *slice,
                             struct sow_error *error)
{
    for (uint32_t i = 0; i < shape->rank; i++) {
        if (slice->start[i] > slice->stop[i])
            return sow_fail(error, SOW_BAD_SLICE, "slice",
                            "in dimension %u it starts at %llu and stops "
                            "before that, at %llu",
                            i, (unsigned long long)slice->start[i],
                            (unsigned long long)slice->stop[i]);
        if (slice->stop[i] > shape->dims[i])
            return sow_fail(error, SOW_BAD_SLICE, "slice",
                            "in dimension %u it stops at %llu, but there are "
                            "only %llu",
                            i, (unsigned long long)slice->stop[i],
                            (unsigned long long)shape->dims[i]);
    }
    return SOW_OK;
}

enum sow_status sow_tensor_cut(struct sow_tensor *tensor,
                               const struct sow_slice *slice,
                               struct sow_error *error)
{
    uint32_t rank = tensor->spec.shape.rank;
    enum sow_status status = check(&tensor->spec.shape, slice, error);

    if (status != SOW_OK)
        return status;
    tensor->size = sow_dtype_size(tensor->spec.dtype);
    for (uint32_t i = 0; i < rank; i++) {
        tensor->start[i] = slice->start[i];
        tensor->shape.dims[i] = slice->stop[i] - slice->start[i];
    }
    for (uint32_t i = 0; i < rank && tensor->elements > 0; i++)
        tensor->size *= tensor->shape.dims[i];
    if (tensor->elements == 0)
        tensor->size = 0;
    return SOW_OK;
}

bool sow_tensor_is_cut(const struct sow_tensor *tensor)
{
    return memcmp(tensor->shape.dims, tensor->spec.shape.dims,
                  tensor->shape.rank * sizeof tensor->shape.dims[0]) != 0;
}

/*
 * Trailing dimensions that are whole are one run, with the next before; those
 * before that, of which one index is taken, are no steps.
 */
void sow_slice_runs(const struct sow_tensor *tensor, struct sow_runs *runs)
{
    const uint64_t *whole = tensor->spec.shape.dims;
    const uint64_t *cut = tensor->shape.dims;
    uint64_t stride = sow_dtype_size(tensor->spec.dtype);
    uint32_t axis = tensor->shape.rank;
    bool together = true;

    *runs = (struct sow_runs){.size = stride};
    while (axis-- > 0) {
        runs->origin += tensor->start[axis] * stride;
        if (together) {
            runs->size *= cut[axis];
            runs->axes = axis;
        }
        together = together && cut[axis] == whole[axis];
        runs->counts[axis] = cut[axis];
        runs->strides[axis] = stride;
        stride *= whole[axis];
    }
    while (runs->axes > 0 && runs->counts[runs->axes - 1] == 1)
        runs->axes--;
}

void sow_runs_find(const struct sow_runs *runs, uint64_t pos,
                   struct sow_rest *rest)
{
    uint64_t run = pos / runs->size;
    uint64_t from = pos % runs->size;

    *rest = (struct sow_rest){
        .at = runs->origin + from, .left = runs->size - from, .run = run};
    if (runs->axes > 0)
        rest->number = run % runs->counts[runs->axes - 1];
    for (uint32_t axis = runs->axes; axis-- > 0;) {
        rest->at += run % runs->counts[axis] * runs->strides[axis];
        run /= runs->counts[axis];
    }
}

/* As a rule the next run is a stride away, and nothing has to be divided. */
void sow_runs_skip(const struct sow_runs *runs, struct sow_rest *rest,
                   uint64_t n)
{
    uint32_t last = runs->axes - 1;

    rest->at += n;
    rest->left -= n;
    if (rest->left > 0)
        return;
    if (runs->axes == 0 || rest->number + 1 == runs->counts[last]) {
        sow_runs_find(runs, (rest->run + 1) * runs->size, rest);
        return;
    }
    rest->at += runs->strides[last] - runs->size;
    rest->left = runs->size;
    rest->number++;
    rest->run++;
}
