/* SPDX-License-Identifier: MIT */
/*
 * Blocks of 16 normals in narrow types, as torch drew them until 2.11: from as
 * many bits as the type's significand has, and with its roundings on the way;
 * bfloat16 is rounded after every operation, float16 where it is stored.
 */
#include <math.h>

#include "generators/glibc.h"
#include "generators/torch.h"

#define BLOCK SOW_TORCH_BLOCK

/* A float as the type has it. */
static float in(enum sow_dtype dtype, float value)
{
    uint8_t item[sizeof value];
    double wide;

    sow_narrow(dtype, &value, item, 1);
    sow_widen(dtype, item, &wide, 1);
    return (float)wide;
}

/* The radius of u in (0, 1]. */
static float radius_of(enum sow_dtype dtype, float u)
{
    enum sow_dtype between = dtype == SOW_BFLOAT16 ? dtype : SOW_FLOAT32;
    float log = in(between, (float)sow_glibc_log((double)u));

    return in(dtype, sqrtf(in(between, -2 * log)));
}

/* radius * direction * std + mean */
static float scaled(const struct sow_tensor *tensor, float radius,
                    double direction)
{
    enum sow_dtype dtype = tensor->spec.dtype;
    float mean = in(dtype, (float)tensor->law.numbers[SOW_TORCH_MEAN]);
    float std = in(dtype, (float)tensor->law.numbers[SOW_TORCH_STD]);
    float value = (float)direction;

    if (dtype == SOW_FLOAT16)
        return fmaf(radius * value, std, mean);
    value = in(dtype, radius * in(dtype, value));
    return in(dtype, value * std) + mean;
}

void sow_torch_older_block(const struct sow_tensor *tensor,
                           const uint32_t words[BLOCK], float values[BLOCK])
{
    enum sow_dtype dtype = tensor->spec.dtype;
    uint32_t range = dtype == SOW_BFLOAT16 ? 1u << 8 : 1u << 11;
    double step = 1.0 / range;

    for (size_t j = 0; j < BLOCK / 2; j++) {
        double u = 1 - step * (words[j] & (range - 1));
        double v = step * (words[j + BLOCK / 2] & (range - 1));
        float radius = radius_of(dtype, (float)u);
        double turn = (double)in(dtype, (float)(0x1.921fb54442d18p+2 * v));

        values[j] = scaled(tensor, radius, sow_glibc_cos(turn));
        values[j + BLOCK / 2] = scaled(tensor, radius, sow_glibc_sin(turn));
    }
}
