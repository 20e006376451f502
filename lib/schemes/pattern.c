/* SPDX-License-Identifier: MIT */
/* Schemes with one value in fixed places: identity matrices and kernels. */
#include <math.h>

#include "schemes/schemes.h"
#include "status.h"

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
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
    tensor->law.kind = SOW_LAW_PATTERN;
    tensor->law.pattern.value = sow_role_value(tensor, SOW_GAIN, 1);
    tensor->law.pattern.row = columns;
    tensor->law.pattern.period = rows;
    tensor->law.pattern.limit = smaller(rows, columns);
    tensor->law.pattern.step = 1;
    tensor->law.pattern.centre = 0;
    tensor->std = NAN;
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
    tensor->law.kind = SOW_LAW_PATTERN;
    tensor->law.pattern.value = 1;
    tensor->law.pattern.row = shape->dims[1] * kernel;
    tensor->law.pattern.period = shape->dims[0] / groups;
    tensor->law.pattern.limit =
        smaller(shape->dims[0] / groups, shape->dims[1]);
    tensor->law.pattern.step = kernel;
    tensor->law.pattern.centre = centre;
    tensor->std = NAN;
    return SOW_OK;
}

const struct sow_rule sow_rule_eye = {
    .resolve = eye,
};

const struct sow_rule sow_rule_dirac = {
    .resolve = dirac,
};
