/* SPDX-License-Identifier: MIT */
/* Bounds on what a law can give, against what a type can hold. */
#include "finite.h"

#include "utf8.h"

#include <float.h>
#include <math.h>

/*
 * The greatest finite value of each type; float8_e4m3fn turns what is greater
 * into its own.  Rounding lets a little more in: what falls between is looked
 * at.
 */
static const double greatest[SOW_DTYPES] = {
    [SOW_FLOAT32] = FLT_MAX,        [SOW_FLOAT64] = DBL_MAX,
    [SOW_FLOAT16] = 65504.0,        [SOW_BFLOAT16] = 0x1.fep127,
    [SOW_FLOAT8_E4M3FN] = INFINITY, [SOW_FLOAT8_E5M2] = 57344.0,
};

/*
 * Standard deviations that a normal variate never gets away from its mean:
 * 53 bits of uniform reach 8.3.
 */
#define REACH 9.0

/* Elements looked at between two questions whether to stop. */
#define BLOCK 2048

static double greater(double a, double b)
{
    return a > b ? a : b;
}

/* No value is greater than this in magnitude. */
static double bound(const struct sow_tensor *tensor)
{
    const struct sow_law *law = &tensor->law;

    if (law->fill && tensor->spec.origin.start)
        return INFINITY;
    if (law->make)
        return law->most * tensor->spec.multiplier;
    switch (law->kind) {
    case SOW_LAW_CONSTANT:
        return fabs(law->value);
    case SOW_LAW_UNIFORM:
        return greater(fabs(law->uniform.low), fabs(law->uniform.high));
    case SOW_LAW_NORMAL:
        return fabs(law->normal.mean) + REACH * fabs(law->normal.std);
    case SOW_LAW_TRUNCATED_NORMAL:
        return greater(fabs(law->normal.low), fabs(law->normal.high));
    }
    return INFINITY;
}

bool finite_surely(const struct sow_tensor *tensor)
{
    return tensor->elements == 0 ||
           bound(tensor) <= greatest[tensor->spec.dtype];
}

static bool all_finite(const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

enum sow_status finite_scan(const struct sow_engine *engine,
                            const struct sow_tensor *tensor,
                            bool (*stop)(void *argument), void *argument,
                            bool *finite)
{
    const size_t size = sow_dtype_size(tensor->spec.dtype);
    const uint64_t elements = tensor->size / size;
    uint8_t bytes[BLOCK * sizeof(double)];
    double values[BLOCK];

    for (uint64_t i = 0; i < elements; i += BLOCK) {
        uint64_t left = elements - i;
        size_t n = left < BLOCK ? (size_t)left : BLOCK;
        if (stop && stop(argument))
            return SOW_STOPPED;
        enum sow_status status =
            sow_tensor_read(engine, tensor, i * size, bytes, n * size);
        if (status)
            return status;
        sow_widen(tensor->spec.dtype, bytes, values, n);
        if (!all_finite(values, n)) {
            *finite = false;
            return SOW_OK;
        }
    }
    *finite = true;
    return SOW_OK;
}

enum problem_code finite_refuse(const struct sow_tensor *tensor, const char *at,
                                struct problem *problem)
{
    return problem_set(problem, PROBLEM_NOT_FINITE, at,
                       "Tensor '%s' holds values that overflow %s, and JSON "
                       "has no infinity or NaN: ask for another dtype, "
                       "smaller values or format=raw.",
                       utf8_quote(tensor->spec.name).text,
                       sow_dtype_name(tensor->spec.dtype));
}
