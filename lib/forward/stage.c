/* SPDX-License-Identifier: MIT */
/* One stage of a stack. */
#include "forward/stage.h"

#include <math.h>
#include <string.h>

#include "read.h"
#include "status.h"
#include "walk.h"

/* Elements of a weight that are read at a time. */
#define SOME 1024

/* Elements read, and multiplications, between two questions whether to stop. */
#define PATIENCE (UINT64_C(1) << 20)

static bool stops(bool (*stop)(void *argument), void *argument)
{
    return stop != NULL && stop(argument);
}

uint64_t sow_stage_positions(const struct flow *flow)
{
    return flow->size[0] * flow->size[1] * flow->size[2];
}

uint64_t sow_stage_values(const struct flow *flow)
{
    return flow->channels * sow_stage_positions(flow);
}

static enum sow_status misfit(const struct step *step, const char *at,
                              const char *what, uint64_t has, uint64_t wants,
                              struct sow_error *error)
{
    return sow_fail(error, SOW_BAD_SHAPE, at,
                    "%s of '%s' would be %llu, but its weight is made for "
                    "%llu",
                    what, step->stage->weight->spec.name,
                    (unsigned long long)has, (unsigned long long)wants);
}

/* The kernel: the axes of the weight that are neither in nor out. */
static uint32_t find_kernel(struct step *step)
{
    const struct sow_spec *spec = &step->stage->weight->spec;
    uint32_t found = 0;

    step->kernel[0] = step->kernel[1] = step->kernel[2] = 1;
    for (uint32_t axis = 0; axis < spec->shape.rank; axis++) {
        if ((spec->axes.in | spec->axes.out) >> axis & 1)
            continue;
        if (found < SOW_MAX_SPATIAL)
            step->kernel[found] = spec->shape.dims[axis];
        found++;
    }
    return found;
}

/* Positions along an axis: floor((n + 2 p - d (k - 1) - 1) / s) + 1, or 0. */
static uint64_t slide(uint64_t n, uint64_t kernel, uint64_t padding,
                      uint64_t dilation, uint64_t stride)
{
    uint64_t span = dilation * (kernel - 1) + 1;

    return n + 2 * padding < span ? 0 : (n + 2 * padding - span) / stride + 1;
}

static enum sow_status find_out(struct step *step, uint32_t kernel_axes,
                                const char *at, struct sow_error *error)
{
    const struct sow_stage *stage = step->stage;

    if (kernel_axes != stage->spatial)
        return misfit(step, at, "the spatial axes", stage->spatial, kernel_axes,
                      error);
    for (uint32_t i = stage->spatial; i < SOW_MAX_SPATIAL; i++)
        if (step->in.size[i] != 1)
            return sow_fail(error, SOW_BAD_SHAPE, at,
                            "the input of '%s' has more than %u spatial axes",
                            stage->weight->spec.name, stage->spatial);
    for (uint32_t i = 0; i < SOW_MAX_SPATIAL; i++)
        step->out.size[i] =
            i < stage->spatial
                ? slide(step->in.size[i], step->kernel[i], stage->padding[i],
                        stage->dilation[i], stage->stride[i])
                : step->in.size[i];
    if (sow_stage_positions(&step->out) == 0)
        return sow_fail(error, SOW_BAD_SHAPE, at,
                        "the input of '%s' is smaller than its kernel",
                        stage->weight->spec.name);
    return SOW_OK;
}

enum sow_status sow_stage_enter(struct step *step,
                                const struct sow_stage *stage,
                                const struct flow *in, const char *at,
                                struct sow_error *error)
{
    struct walk walk;
    enum sow_status status = sow_walk_measure(stage->weight, &walk, error);

    if (status != SOW_OK)
        return status;
    *step = (struct step){.stage = stage, .in = *in};
    if (stage->spatial == 0)
        step->in = (struct flow){sow_stage_values(in), {1, 1, 1}};
    step->taps = walk.taps;
    step->inputs = walk.ins;
    step->out.channels = walk.outs;
    if (step->in.channels != walk.ins * stage->groups)
        return misfit(step, at, "the inputs", step->in.channels,
                      walk.ins * stage->groups, error);
    if (walk.outs % stage->groups != 0)
        return sow_fail(error, SOW_BAD_SHAPE, at,
                        "the outputs of '%s' are no multiple of its groups",
                        stage->weight->spec.name);
    return find_out(step, find_kernel(step), at, error);
}

enum sow_status sow_stage_unpack(const struct sow_engine *engine,
                                 const struct step *step, double *weights,
                                 bool (*stop)(void *argument), void *argument)
{
    const struct sow_tensor *tensor = step->stage->weight;
    size_t itemsize = sow_dtype_size(tensor->spec.dtype);
    uint8_t bytes[SOME * sizeof(double)];
    double some[SOME];
    struct walk walk;

    if (tensor->elements == 0)
        return SOW_OK;
    sow_walk_start(&walk, tensor, 0);
    for (uint64_t first = 0; first < tensor->elements; first += SOME) {
        uint64_t left = tensor->elements - first;
        size_t n = left < SOME ? (size_t)left : SOME;
        enum sow_status status = SOW_STOPPED;

        if (first % PATIENCE != 0 || !stops(stop, argument))
            status = sow_tensor_read_whole(engine, tensor, first * itemsize,
                                           bytes, n * itemsize);
        if (status != SOW_OK)
            return status;
        sow_widen(tensor->spec.dtype, bytes, some, n);
        for (size_t i = 0; i < n; i++, sow_walk_next(&walk))
            weights[(walk.out * walk.ins + walk.in) * walk.taps + walk.tap] =
                some[i];
    }
    return SOW_OK;
}

bool sow_stage_look(const struct step *step, uint64_t at, uint64_t tap,
                    uint64_t *where)
{
    const struct sow_stage *stage = step->stage;
    uint64_t found = 0;
    uint64_t scale = 1;

    for (uint32_t i = SOW_MAX_SPATIAL; i-- > 0;) {
        uint64_t o = at % step->out.size[i];
        uint64_t k = tap % step->kernel[i];
        uint64_t x = o;

        at /= step->out.size[i];
        tap /= step->kernel[i];
        if (i < stage->spatial) {
            x = o * stage->stride[i] + k * stage->dilation[i];
            if (x < stage->padding[i])
                return false;
            x -= stage->padding[i];
        }
        if (x >= step->in.size[i])
            return false;
        found += x * scale;
        scale *= step->in.size[i];
    }
    *where = found;
    return true;
}

/* Output 'o' at position 'at', of all samples. */
static void sum(const struct step *step, const double *weights, uint64_t o,
                uint64_t at, uint64_t batch, const double *in, double *out)
{
    uint64_t group = o / (step->out.channels / step->stage->groups);
    const double *row = weights + o * step->inputs * step->taps;

    memset(out, 0, batch * sizeof *out);
    for (uint64_t i = 0; i < step->inputs; i++) {
        uint64_t channel = group * step->inputs + i;

        for (uint64_t tap = 0; tap < step->taps; tap++) {
            double w = row[i * step->taps + tap];
            const double *x;
            uint64_t where;

            if (!sow_stage_look(step, at, tap, &where))
                continue;
            x = in + (channel * sow_stage_positions(&step->in) + where) * batch;
            for (uint64_t b = 0; b < batch; b++)
                out[b] += x[b] * w;
        }
    }
}

enum sow_status sow_stage_multiply(const struct step *step,
                                   const double *weights, uint64_t batch,
                                   const double *in, double *out,
                                   bool (*stop)(void *argument), void *argument)
{
    uint64_t n = sow_stage_positions(&step->out);
    uint64_t each = step->inputs * step->taps * batch;
    uint64_t done = PATIENCE;

    for (uint64_t i = 0; i < step->out.channels * n; i++, done += each) {
        if (done >= PATIENCE && stops(stop, argument))
            return SOW_STOPPED;
        if (done >= PATIENCE)
            done = 0;
        sum(step, weights, i / n, i % n, batch, in, out + i * batch);
    }
    return SOW_OK;
}

enum sow_status sow_stage_add_bias(const struct sow_engine *engine,
                                   const struct step *step, uint64_t batch,
                                   double *out)
{
    const struct sow_tensor *bias = step->stage->bias;
    uint64_t n = sow_stage_positions(&step->out) * batch;
    size_t itemsize;

    if (bias == NULL)
        return SOW_OK;
    itemsize = sow_dtype_size(bias->spec.dtype);
    for (uint64_t o = 0; o < step->out.channels; o++) {
        uint8_t bytes[sizeof(double)];
        enum sow_status status;
        double value;

        status =
            sow_tensor_read_whole(engine, bias, o * itemsize, bytes, itemsize);
        if (status != SOW_OK)
            return status;
        sow_widen(bias->spec.dtype, bytes, &value, 1);
        for (uint64_t i = 0; i < n; i++)
            out[o * n + i] += value;
    }
    return SOW_OK;
}

void sow_stage_activate(const struct step *step, uint64_t batch, double *out)
{
    uint64_t n = sow_stage_values(&step->out) * batch;

    if (step->stage->activation == NULL)
        return;
    for (uint64_t i = 0; i < n; i++)
        out[i] =
            isfinite(out[i]) ? step->stage->activation->at(out[i]).value : NAN;
}
