/* SPDX-License-Identifier: MIT */
/* The forward pass of a stack in float64, and finite differences of it. */
#include "exact.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "axes.h"
#include "draw.h"
#include "generators/sow1.h"

#define STEP 1e-5
#define EPSILON 1e-5

/*
 * Where a number is moved a little: what enters, with the skip or not; what the
 * layer itself gives; and a weight, for one sample alone.
 */
enum place { NOWHERE, ENTERS, ENTERS_ALONE, GIVEN, WEIGHT };

struct nudge {
    enum place place;
    size_t layer;
    uint64_t sample, index;
    double by;
};

/* (channels, three axes) */
struct size {
    uint64_t channels, axes[3];
};

struct exact {
    const struct measured *measured;
    double *weights[MEASURED_LAYERS], *biases[MEASURED_LAYERS];
    struct size sizes[MEASURED_LAYERS]; /* of what enters, flattened */
    struct size outs[MEASURED_LAYERS];
    double *gradient;               /* of the output */
    double *entered, *field, *skip; /* (sample, channel, axes) */
    struct nudge nudge;
    size_t watched;
    struct exact_signals signals; /* of the layer that is watched */
};

static uint64_t places(const struct size *size)
{
    return size->axes[0] * size->axes[1] * size->axes[2];
}

static uint64_t values(const struct size *size)
{
    return size->channels * places(size);
}

/* ---- the weight ---------------------------------------------------------- */

/* 'at' has the output, the input and the tap. */
static double weight_of(const struct exact *e, size_t i, uint64_t sample,
                        const uint64_t at[3])
{
    const struct sow_spec *spec = &e->measured->weights[i].spec;
    uint64_t index = axes_index(spec, at);
    double value = e->weights[i][index];

    if (e->nudge.place == WEIGHT && e->nudge.layer == i &&
        e->nudge.sample == sample && e->nudge.index == index)
        value += e->nudge.by;
    return value;
}

/* ---- one layer ----------------------------------------------------------- */

/* The input that tap (k0, k1, k2) of output (o0, o1, o2) sees, or 0. */
static double seen(const struct sow_stage *stage, const struct size *in,
                   const double *x, const uint64_t o[3], const uint64_t k[3])
{
    int64_t at = 0;

    for (int axis = 0; axis < 3; axis++) {
        int64_t here = (int64_t)(o[axis] * stage->stride[axis] +
                                 k[axis] * stage->dilation[axis]) -
                       (int64_t)stage->padding[axis];

        if (here < 0 || here >= (int64_t)in->axes[axis])
            return 0;
        at = at * (int64_t)in->axes[axis] + here;
    }
    return x[at];
}

static double sum(const struct exact *e, size_t i, uint64_t sample,
                  uint64_t out, const uint64_t o[3])
{
    const struct sow_stage *stage = &e->measured->stages[i];
    const struct sow_spec *spec = &stage->weight->spec;
    const struct size *in = &e->sizes[i];
    uint64_t inputs = axes_count(spec, AXES_IN), kernel[3], k[3];
    uint64_t group = out / (axes_count(spec, AXES_OUT) / stage->groups);
    double total = e->biases[i] != NULL ? e->biases[i][out] : 0;

    axes_kernel(spec, kernel);
    for (uint64_t c = 0; c < inputs; c++) {
        const double *x = e->entered + sample * values(in) +
                          (group * inputs + c) * places(in);
        uint64_t tap = 0;

        for (k[0] = 0; k[0] < kernel[0]; k[0]++)
            for (k[1] = 0; k[1] < kernel[1]; k[1]++)
                for (k[2] = 0; k[2] < kernel[2]; k[2]++, tap++)
                    total +=
                        weight_of(e, i, sample, (uint64_t[3]){out, c, tap}) *
                        seen(stage, in, x, o, k);
    }
    return total;
}

static void sum_all(const struct exact *e, size_t i)
{
    const struct size *out = &e->outs[i];
    double *to = e->field;

    for (uint64_t s = 0; s < e->measured->m.samples; s++)
        for (uint64_t v = 0; v < values(out); v++) {
            uint64_t p = v % places(out), plane = out->axes[1] * out->axes[2];
            uint64_t o[3] = {p / plane, p % plane / out->axes[2],
                             p % out->axes[2]};

            *to++ = sum(e, i, s, v / places(out), o);
        }
}

/* Normalize n m values together: 'step' and 'other' apart. */
static void normalize(double *x, uint64_t n, uint64_t step, uint64_t m,
                      uint64_t other, bool centred)
{
    double mean = 0, square = 0;
    double count = (double)n * (double)m;

    for (uint64_t i = 0; i < n; i++)
        for (uint64_t j = 0; j < m; j++)
            mean += x[i * step + j * other] / count;
    if (!centred)
        mean = 0;
    for (uint64_t i = 0; i < n; i++)
        for (uint64_t j = 0; j < m; j++)
            square += pow(x[i * step + j * other] - mean, 2) / count;
    for (uint64_t i = 0; i < n; i++)
        for (uint64_t j = 0; j < m; j++)
            x[i * step + j * other] =
                (x[i * step + j * other] - mean) / sqrt(square + EPSILON);
}

static void norm(double *x, const struct size *size, uint64_t samples,
                 enum sow_analysis_norm kind)
{
    uint64_t at = places(size);

    if (kind == SOW_NORM_NONE)
        return;
    if (kind == SOW_NORM_BATCH) {
        for (uint64_t c = 0; c < size->channels; c++)
            normalize(x + c * at, samples, values(size), at, 1, true);
        return;
    }
    for (uint64_t s = 0; s < samples; s++)
        for (uint64_t p = 0; p < at; p++)
            normalize(x + s * values(size) + p, size->channels, at, 1, 0,
                      kind == SOW_NORM_LAYER);
}

/* What dropout multiplies value 'v', channels first, of a sample by. */
static double kept(const struct exact *e, size_t i, uint64_t s, uint64_t v)
{
    const struct size *size = &e->outs[i];
    double keep = e->measured->layers[i].keep;
    uint64_t c = v / places(size), p = v % places(size);
    char name[2] = {(char)('0' + i), '\0'};
    struct sow_stream stream;
    uint32_t word;

    if (keep >= 1)
        return 1;
    sow1_stream(e->measured->m.seed, "measure dropout", name, &stream);
    sow_draw_words(engine_at(0), &stream,
                   (s * places(size) + p) * size->channels + c, 1, &word);
    return word < keep * 0x1p32 ? 1 / keep : 0;
}

static void watch(struct exact *e, double h, double left, double count)
{
    e->signals.mean += h / count;
    e->signals.q += h * h / count;
    e->signals.m1 += left / count;
    e->signals.m2 += left * left / count;
}

static void apply(struct exact *e, enum place place, size_t layer, double *x,
                  uint64_t n)
{
    if (e->nudge.place == place && e->nudge.layer == layer)
        x[e->nudge.sample * n + e->nudge.index] += e->nudge.by;
}

/* From 'entered' to 'entered'. */
static void pass(struct exact *e, size_t i)
{
    const struct sow_analysis_layer *layer = &e->measured->layers[i];
    uint64_t samples = e->measured->m.samples;
    uint64_t n = values(&e->outs[i]);

    apply(e, ENTERS, i, e->entered, values(&e->sizes[i]));
    if (layer->opens)
        memcpy(e->skip, e->entered,
               samples * values(&e->sizes[i]) * sizeof(double));
    apply(e, ENTERS_ALONE, i, e->entered, values(&e->sizes[i]));
    norm(e->entered, &e->sizes[i], samples, layer->input_norm);
    sum_all(e, i);
    norm(e->field, &e->outs[i], samples, layer->norm);
    for (uint64_t k = 0; k < samples * n; k++)
        e->entered[k] = sow_analysis_value(layer->activation, layer->parameter,
                                           e->field[k]) *
                        kept(e, i, k / n, k % n);
    apply(e, GIVEN, i, e->entered, n);
    for (uint64_t k = 0; layer->closes && k < samples * n; k++)
        e->entered[k] = e->skip[k] + layer->alpha * e->entered[k];
    for (uint64_t k = 0; i == e->watched && k < samples * n; k++)
        watch(e, e->field[k], e->entered[k], (double)(samples * n));
}

/* The sum of the output's gradient times the output. */
static double loss(struct exact *e)
{
    const struct sow_measurement *m = &e->measured->m;
    uint64_t outs = m->samples * values(&e->outs[m->count - 1]);
    double total = 0;

    memcpy(e->entered, m->batch,
           m->samples * values(&e->sizes[0]) * sizeof(double));
    for (size_t i = 0; i < m->count; i++)
        pass(e, i);
    for (uint64_t k = 0; k < outs; k++)
        total += e->gradient[k] * e->entered[k];
    return total;
}

/* ---- sizes --------------------------------------------------------------- */

static struct size behind(const struct sow_stage *stage, struct size *in)
{
    const struct sow_spec *spec = &stage->weight->spec;
    struct size out = {axes_count(spec, AXES_OUT), {1, 1, 1}};
    uint64_t kernel[3];

    axes_kernel(spec, kernel);
    if (stage->spatial == 0)
        *in = (struct size){values(in), {1, 1, 1}};
    for (uint32_t k = 0; k < stage->spatial; k++)
        out.axes[k] = (in->axes[k] + 2 * stage->padding[k] -
                       stage->dilation[k] * (kernel[k] - 1) - 1) /
                          stage->stride[k] +
                      1;
    return out;
}

static void draw_gradient(struct exact *e, uint64_t count)
{
    struct sow_tensor normal = {.spec.dtype = SOW_FLOAT32,
                                .law = {.kind = SOW_LAW_NORMAL}};
    double square = 0;

    normal.law.normal.std = 1;
    sow1_stream(e->measured->m.seed, "measure gradient", "", &normal.stream);
    sow_draw(engine_at(0), &normal, 0, count, e->gradient);
    for (uint64_t k = 0; k < count; k++)
        square += e->gradient[k] * e->gradient[k] / (double)count;
    for (uint64_t k = 0; k < count; k++)
        e->gradient[k] /= sqrt(square);
}

struct exact *exact_new(const struct measured *measured)
{
    struct exact *e = must_allocate(sizeof *e);
    const struct sow_shape *shape = &measured->m.shape;
    uint64_t most = 0;

    memset(e, 0, sizeof *e);
    e->measured = measured;
    e->watched = SIZE_MAX;
    e->sizes[0] = (struct size){shape->dims[0], {1, 1, 1}};
    for (uint32_t k = 1; k < shape->rank; k++)
        e->sizes[0].axes[k - 1] = shape->dims[k];
    for (size_t i = 0; i < measured->m.count; i++) {
        if (i > 0)
            e->sizes[i] = e->outs[i - 1];
        e->outs[i] = behind(&measured->stages[i], &e->sizes[i]);
        e->weights[i] = tensor_values(&measured->weights[i]);
        if (measured->stages[i].bias != NULL)
            e->biases[i] = tensor_values(&measured->biases[i]);
        most += values(&e->sizes[i]) + values(&e->outs[i]);
    }
    most *= measured->m.samples * sizeof(double);
    e->entered = must_allocate(most);
    e->field = must_allocate(most);
    e->skip = must_allocate(most);
    e->gradient = must_allocate(most);
    draw_gradient(e, measured->m.samples *
                         values(&e->outs[measured->m.count - 1]));
    return e;
}

void exact_free(struct exact *e)
{
    for (size_t i = 0; i < MEASURED_LAYERS; i++) {
        free(e->weights[i]);
        free(e->biases[i]);
    }
    free(e->entered);
    free(e->field);
    free(e->skip);
    free(e->gradient);
    free(e);
}

/* ---- what was asked for -------------------------------------------------- */

struct exact_signals exact_signals(struct exact *e, size_t i)
{
    e->watched = i;
    e->nudge.place = NOWHERE;
    e->signals = (struct exact_signals){0, 0, 0, 0};
    loss(e);
    e->watched = SIZE_MAX;
    return e->signals;
}

/* The mean square of the derivative by 'count' numbers of each sample. */
static double by_all(struct exact *e, enum place place, size_t layer,
                     uint64_t count)
{
    double square = 0;

    for (uint64_t s = 0; s < e->measured->m.samples; s++)
        for (uint64_t k = 0; k < count; k++) {
            double up, down;

            e->nudge = (struct nudge){place, layer, s, k, STEP};
            up = loss(e);
            e->nudge.by = -STEP;
            down = loss(e);
            square += pow((up - down) / (2 * STEP), 2);
        }
    return square / (double)count / (double)e->measured->m.samples;
}

struct exact_gradients exact_gradients(struct exact *e, size_t i)
{
    uint64_t ins = values(&e->sizes[i]), outs = values(&e->outs[i]);

    return (struct exact_gradients){
        .own = by_all(e, ENTERS_ALONE, i, ins),
        .given = by_all(e, GIVEN, i, outs),
        .entering = by_all(e, ENTERS, i, ins),
        .weight = by_all(e, WEIGHT, i, e->measured->weights[i].elements)};
}
