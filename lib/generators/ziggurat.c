/* SPDX-License-Identifier: MIT */
/*
 * The ziggurat.  The rows of its tables are the numbers of NumPy's
 * ziggurat_constants.h, for a layer the bound below which a draw is inside, its
 * width for one step of the draw, and the density at its edge.  They are
 * Copyright (c) 2005-2025, NumPy Developers, under the 3-clause BSD license
 * (numpy.md).
 */
#include "generators/ziggurat.h"

#include <stdbool.h>

#include "elementary.h"
#include "generators/glibc.h"

#define LAYERS 256

/* The bit of a draw above those that choose the layer. */
#define SIGN 256

static const struct row_f64 {
    uint64_t inside;
    double width, density;
} rows_f64[LAYERS] = {
#include "generators/ziggurat_f64.inc"
};

static const struct row_f32 {
    uint32_t inside;
    float width, density;
} rows_f32[LAYERS] = {
#include "generators/ziggurat_f32.inc"
};

/* Where the tail begins, and its inverse. */
static const double tail = 3.6541528853610087963519472518;
static const double tail_inverse = 0.27366123732975827203338247596;

/* Marsaglia's tail. */
static double tail_f64(struct sow_pcg64 *pcg)
{
    double x, y;

    do {
        x = -tail_inverse * sow_glibc_log1p(-sow_pcg64_double(pcg));
        y = -sow_glibc_log1p(-sow_pcg64_double(pcg));
    } while (y + y <= x * x);
    return tail + x;
}

/*
 * What happens outside of the layers' insides, in a hundredth of the draws.
 * Returns false when the draw is to be made anew.
 */
static bool edge_f64(struct sow_pcg64 *pcg, const struct row_f64 *row,
                     bool negative, double *x)
{
    if (row > rows_f64) {
        double above = row[-1].density - row->density;

        return above * sow_pcg64_double(pcg) + row->density <
               sow_exp(-0.5 * *x * *x);
    }
    *x = tail_f64(pcg);
    if (negative)
        *x = -*x;
    return true;
}

static inline double draw_f64(struct sow_pcg64 *pcg)
{
    for (;;) {
        uint64_t word = sow_pcg64_next(pcg);
        const struct row_f64 *row = &rows_f64[(uint8_t)word];
        uint64_t far = word >> 9 & ((UINT64_C(1) << 52) - 1);
        double x = (double)(int64_t)far * row->width;

        x = word & SIGN ? -x : x;
        if (far < row->inside || edge_f64(pcg, row, far >> 8 & 1, &x))
            return x;
    }
}

/*
 * That rounding the float64 rounds correctly was compared with glibc 2.41 for
 * all 2^24 arguments.
 */
static float log1p_f32(const struct sow_pcg64 *pcg, float x)
{
    return pcg->rounded ? (float)sow_glibc_log1p(x) : sow_glibc_log1pf(x);
}

static float tail_f32(struct sow_pcg64 *pcg)
{
    float x, y;

    do {
        x = -(float)tail_inverse * log1p_f32(pcg, -sow_pcg64_float(pcg));
        y = -log1p_f32(pcg, -sow_pcg64_float(pcg));
    } while (y + y <= x * x);
    return (float)tail + x;
}

static bool edge_f32(struct sow_pcg64 *pcg, const struct row_f32 *row,
                     bool negative, float *x)
{
    if (row > rows_f32) {
        float above = row[-1].density - row->density;
        float at = above * sow_pcg64_float(pcg) + row->density;

        return (double)at < sow_exp(-0.5 * (double)*x * (double)*x);
    }
    *x = tail_f32(pcg);
    if (negative)
        *x = -*x;
    return true;
}

static inline float draw_f32(struct sow_pcg64 *pcg)
{
    for (;;) {
        uint32_t word = sow_pcg64_next32(pcg);
        const struct row_f32 *row = &rows_f32[(uint8_t)word];
        uint32_t far = word >> 9;
        float x = (float)(int32_t)far * row->width;

        x = word & SIGN ? -x : x;
        if (far < row->inside || edge_f32(pcg, row, far >> 8 & 1, &x))
            return x;
    }
}

void sow_ziggurat_f64(struct sow_pcg64 *pcg, double *out, size_t count)
{
    struct sow_pcg64 local = *pcg;

    for (size_t i = 0; i < count; i++) {
        double x = draw_f64(&local);

        if (out != NULL)
            out[i] = x;
    }
    *pcg = local;
}

void sow_ziggurat_f32(struct sow_pcg64 *pcg, float *out, size_t count)
{
    struct sow_pcg64 local = *pcg;

    for (size_t i = 0; i < count; i++) {
        float x = draw_f32(&local);

        if (out != NULL)
            out[i] = x;
    }
    *pcg = local;
}
