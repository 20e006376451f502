/* SPDX-License-Identifier: MIT */
/* Activations and their slopes, of many numbers at a time. */
#include <float.h>
#include <math.h>

#include "analysis/pass.h"

/* A line on either side of 0, which is on the left one. */
static void lines(const struct sow_phi *phi, const float *x, size_t n,
                  float *values, float *slopes)
{
    float right = (float)sow_phi_at(phi, 1).slope;
    float left = (float)sow_phi_at(phi, -1).slope;

    for (size_t i = 0; i < n; i++)
        slopes[i] = x[i] > 0 ? right : left;
    for (size_t i = 0; i < n; i++)
        values[i] = slopes[i] == 0 && x[i] == x[i] ? 0 : slopes[i] * x[i];
}

/* What lib/activation.h has takes finite numbers only. */
static double held(double x)
{
    return x > FLT_MAX ? FLT_MAX : x < -FLT_MAX ? -FLT_MAX : x;
}

void sow_pass_phi(const struct sow_phi *phi, const float *x, size_t n,
                  float *values, float *slopes)
{
    if (phi->shape->lines) {
        lines(phi, x, n, values, slopes);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct sow_point p = {NAN, NAN};

        if (!isnan(x[i]))
            p = sow_phi_at(phi, phi->shared != NULL ? held((double)x[i])
                                                    : (double)x[i]);
        values[i] = (float)p.value;
        slopes[i] = (float)p.slope;
    }
}
