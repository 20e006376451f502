/* SPDX-License-Identifier: MIT */
/* The portable kernels for measurements; see kernels.h. */
#include "kernels/kernels.h"

/* to += sum over k < n of a[k along] x[k], from 0 on. */
static void add_sum(const float *a, size_t along, const float *x, size_t n,
                    float *to)
{
    float sum[SOW_LANES] = {0};

    for (size_t k = 0; k < n; k++)
        for (size_t lane = 0; lane < SOW_LANES; lane++)
            sum[lane] += a[k * along] * x[k * SOW_LANES + lane];
    for (size_t lane = 0; lane < SOW_LANES; lane++)
        to[lane] += sum[lane];
}

void sow_portable_measure_rows(const float *a, size_t stride, size_t rows,
                               const float *x, size_t n, float *y)
{
    for (size_t r = 0; r < rows; r++)
        add_sum(a + r * stride, 1, x, n, y + r * SOW_LANES);
}

void sow_portable_measure_columns(const float *a, size_t stride, size_t rows,
                                  const float *d, size_t n, float *p)
{
    for (size_t k = 0; k < n; k++)
        add_sum(a + k, stride, d, rows, p + k * SOW_LANES);
}

void sow_portable_measure_outer(const struct sow_outer *outer, const float *d,
                                const float *x, float *sums)
{
    for (size_t i = 0; i < outer->count; i++)
        for (size_t r = 0; r < outer->rows; r++)
            for (size_t k = 0; k < outer->columns; k++)
                for (size_t lane = 0; lane < SOW_LANES; lane++)
                    sums[(r * outer->columns + k) * SOW_LANES + lane] +=
                        d[outer->d_at[i] + r * SOW_LANES + lane] *
                        x[outer->x_at[i] + k * SOW_LANES + lane];
}

void sow_portable_measure_sums(const float *w, size_t n, double sums[2])
{
    for (size_t i = 0; i < n; i++) {
        sums[0] += (double)w[i];
        sums[1] += (double)w[i] * (double)w[i];
    }
}
