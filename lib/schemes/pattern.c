/* SPDX-License-Identifier: MIT */
/* Schemes with one value in fixed places: identity matrices and kernels. */
#include <math.h>
#include <string.h>

#include "schemes/marks.h"
#include "schemes/schemes.h"
#include "status.h"

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/*
 * 'value' stands once in each row whose number modulo 'period' is below
 * 'limit', at that remainder * 'step' + 'centre'; all else is 0.  A row is
 * 'row' elements.
 */
enum { ROW, PERIOD, LIMIT, STEP, CENTRE };

static void make(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, uint64_t first, size_t count,
                 double *out)
{
    const uint64_t *counts = tensor->law.counts;

    (void)engine;
    memset(out, 0, count * sizeof *out);
    for (uint64_t row = first / counts[ROW]; row * counts[ROW] < first + count;
         row++) {
        uint64_t place = row % counts[PERIOD];
        uint64_t at = row * counts[ROW] + place * counts[STEP] + counts[CENTRE];

        if (place < counts[LIMIT] && at >= first && at < first + count)
            out[at - first] = tensor->law.numbers[0];
    }
}

/* Set the law of 'tensor' to one value in fixed places. */
static void set_pattern(struct sow_tensor *tensor, double value,
                        const uint64_t counts[5])
{
    uint64_t period = counts[ROW] * counts[PERIOD];
    const struct sow_marks marks = {
        .origin = (int64_t)counts[CENTRE],
        .size = 1,
        .axes = 2,
        .equal = true,
        .counts = {period > 0 ? tensor->elements / period : 0, counts[LIMIT]},
        .strides = {period, counts[ROW] + counts[STEP]},
    };

    tensor->law.make = make;
    tensor->law.numbers[0] = value;
    tensor->law.most = fabs(value);
    memcpy(tensor->law.counts, counts, 5 * sizeof counts[0]);
    sow_marks_set(tensor, &marks);
}

static enum sow_status eye(const struct sow_rule *rule,
                           struct sow_tensor *tensor, struct sow_error *error)
{
    const struct sow_shape *shape = &tensor->spec.shape;
    uint64_t rows, columns;

    (void)rule;
    if (shape->rank != 2)
        return sow_fail(error, SOW_BAD_SCHEME, "shape",
                        "an identity matrix has 2 dimensions, not %u",
                        shape->rank);
    rows = shape->dims[0];
    columns = shape->dims[1];
    set_pattern(tensor, sow_role_value(tensor, SOW_GAIN, 1),
                (const uint64_t[]){[ROW] = columns,
                                   [PERIOD] = rows,
                                   [LIMIT] = smaller(rows, columns),
                                   [STEP] = 1,
                                   [CENTRE] = 0});
    return SOW_OK;
}

/*
 * torch.nn.init.dirac_ on (out, in / groups, kernel…): output channel d of
 * each group copies the group's input channel d, through the kernel's centre
 * k / 2 on every axis.
 */
static enum sow_status dirac(const struct sow_rule *rule,
                             struct sow_tensor *tensor, struct sow_error *error)
{
    const struct sow_shape *shape = &tensor->spec.shape;
    uint64_t groups = (uint64_t)sow_role_value(tensor, SOW_GROUPS, 1);
    uint64_t kernel = 1;
    uint64_t centre = 0;

    (void)rule;
    if (shape->rank < 3 || shape->rank > 5)
        return sow_fail(error, SOW_BAD_SCHEME, "shape",
                        "a dirac kernel has 3 to 5 dimensions, not %u",
                        shape->rank);
    if (shape->dims[0] % groups != 0)
        return sow_fail(error, SOW_BAD_PARAMETER,
                        sow_role_name(tensor, SOW_GROUPS),
                        "the first dimension must be a multiple of groups");
    for (uint32_t i = 2; i < shape->rank; i++) {
        kernel *= shape->dims[i];
        centre = centre * shape->dims[i] + shape->dims[i] / 2;
    }
    set_pattern(tensor, 1,
                (const uint64_t[]){
                    [ROW] = shape->dims[1] * kernel,
                    [PERIOD] = shape->dims[0] / groups,
                    [LIMIT] = smaller(shape->dims[0] / groups, shape->dims[1]),
                    [STEP] = kernel,
                    [CENTRE] = centre});
    return SOW_OK;
}

const struct sow_rule sow_rule_eye = {
    .resolve = eye,
};

const struct sow_rule sow_rule_dirac = {
    .resolve = dirac,
};
