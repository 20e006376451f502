/* SPDX-License-Identifier: MIT */
/* Whether layers fit one another, a measurement's input and a machine. */
#include <stdio.h>

#include "analysis/pass.h"
#include "status.h"

#define MOST_DIM ((uint64_t)UINT32_MAX)

enum sow_status sow_fit_shape(const struct sow_shape *shape,
                              struct sow_error *error)
{
    bool good = shape->rank >= 1 && shape->rank <= 1 + SOW_MAX_SPATIAL;

    for (uint32_t i = 0; good && i < shape->rank; i++)
        good = shape->dims[i] >= 1 && shape->dims[i] <= MOST_DIM;
    if (good)
        return SOW_OK;
    return sow_fail(error, SOW_BAD_SHAPE, "shape",
                    "a sample is (features) or (channels, 1 to %d spatial "
                    "axes), each from 1 to %u",
                    SOW_MAX_SPATIAL, UINT32_MAX);
}

enum sow_status sow_fit_room(struct sow_error *error)
{
    return sow_fail(error, SOW_BAD_SHAPE, "room",
                    "the measurement would take 2^48 bytes of memory or more; "
                    "let there be fewer samples or smaller layers");
}

/* What sow_stage_enter() takes for granted. */
static enum sow_status check_stage(const struct sow_stage *stage,
                                   const char *at, struct sow_error *error)
{
    const struct sow_shape *shape = &stage->weight->spec.shape;
    bool good = stage->spatial <= SOW_MAX_SPATIAL && stage->groups >= 1 &&
                stage->groups <= MOST_DIM;

    for (uint32_t i = 0; good && i < stage->spatial; i++)
        good = stage->stride[i] >= 1 && stage->stride[i] <= MOST_DIM &&
               stage->dilation[i] >= 1 && stage->dilation[i] <= MOST_DIM &&
               stage->padding[i] <= MOST_DIM;
    for (uint32_t i = 0; good && i < shape->rank; i++)
        good = shape->dims[i] >= 1 &&
               (stage->spatial == 0 || shape->dims[i] < MOST_DIM / 2);
    if (!good)
        return sow_fail(error, SOW_BAD_SHAPE, at,
                        "groups, strides and dilations go from 1 to %u, "
                        "padding from 0, and a weight is not empty",
                        UINT32_MAX);
    if ((double)stage->weight->elements >= PASS_MOST_BYTES / 4)
        return sow_fit_room(error);
    return SOW_OK;
}

static bool is_same(const struct flow *a, const struct flow *b)
{
    return a->channels == b->channels && a->size[0] == b->size[0] &&
           a->size[1] == b->size[1] && a->size[2] == b->size[2];
}

double sow_fit_values(const struct flow *flow)
{
    return (double)flow->channels * (double)flow->size[0] *
           (double)flow->size[1] * (double)flow->size[2];
}

enum sow_status sow_fit_enter(const struct sow_measurement *m,
                              struct plan *plan, size_t i,
                              const struct flow *flow, struct sow_error *error)
{
    const struct sow_stage *stage = &m->stages[i];
    struct pass *pass = &plan->passes[i];
    enum sow_status status;
    char at[24];

    snprintf(at, sizeof at, "%zu", i);
    status = check_stage(stage, at, error);
    if (status == SOW_OK)
        status = sow_stage_enter(&pass->step, stage, flow,
                                 i == 0 ? "shape" : at, error);
    if (status != SOW_OK)
        return status;
    if (sow_fit_values(&pass->step.out) * (double)plan->panels >=
        PASS_MOST_BYTES / 64)
        return sow_fit_room(error);
    if (stage->bias != NULL && stage->bias->elements != pass->step.out.channels)
        return sow_fail(error, SOW_BAD_SHAPE, at,
                        "the bias of '%s' has to have one element an output",
                        stage->weight->spec.name);
    if (i > 0)
        plan->passes[i - 1].turned =
            stage->spatial == 0 && sow_stage_positions(flow) > 1;
    return SOW_OK;
}

enum sow_status sow_fit_branch(const struct sow_measurement *m,
                               struct plan *plan, size_t i, size_t *opened,
                               bool *inside, struct sow_error *error)
{
    struct pass *pass = &plan->passes[i];
    char at[24];

    if (m->layers[i].opens) {
        *opened = i;
        *inside = true;
    }
    pass->inside = *inside;
    pass->partner = *opened;
    if (!m->layers[i].closes)
        return SOW_OK;
    *inside = false;
    plan->passes[*opened].partner = i;
    if (is_same(&plan->passes[*opened].step.in, &pass->step.out))
        return SOW_OK;
    snprintf(at, sizeof at, "%zu", i);
    return sow_fail(error, SOW_BAD_SHAPE, at,
                    "a residual branch gives what it doesn't take, which "
                    "can't be measured; let it keep units and positions");
}
