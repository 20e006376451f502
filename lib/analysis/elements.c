/* SPDX-License-Identifier: MIT */
/* The mean and variance of a tensor's elements. */
#include "analysis/elements.h"

#include <math.h>

#include "analysis/quadrature.h"
#include "status.h"

/* Elements read of a scheme whose law isn't known, in runs. */
#define RUN 1024
#define RUNS 16

/* A mean this many times its standard error is no accident. */
#define ACCIDENT 6

static double square(double x)
{
    return x * x;
}

/* The mean of a normal law within its bounds. */
static double truncated_mean(const struct sow_law *law)
{
    double low = (law->normal.low - law->normal.mean) / law->normal.std;
    double high = (law->normal.high - law->normal.mean) / law->normal.std;
    double inside = sow_analysis_mass(low, high);
    double excess = sow_analysis_density(low) - sow_analysis_density(high);

    if (!(inside > 0))
        return (law->normal.low + law->normal.high) / 2;
    return law->normal.mean + law->normal.std * excess / inside;
}

static double law_mean(const struct sow_law *law)
{
    switch (law->kind) {
    case SOW_LAW_CONSTANT:
        return law->value;
    case SOW_LAW_UNIFORM:
        return (law->uniform.low + law->uniform.high) / 2;
    case SOW_LAW_NORMAL:
        return law->normal.mean;
    case SOW_LAW_TRUNCATED_NORMAL:
        return law->normal.std > 0 ? truncated_mean(law) : law->normal.mean;
    }
    return 0;
}

struct sums {
    double count, sum, square;
};

/* Add elements [first, first + count), count <= RUN, of the whole tensor. */
static enum sow_status read_run(const struct sow_engine *engine,
                                const struct sow_tensor *tensor, uint64_t first,
                                size_t count, struct sums *sums)
{
    size_t size = sow_dtype_size(tensor->spec.dtype);
    double values[RUN];
    uint8_t bytes[RUN * sizeof(double)];
    enum sow_status status =
        sow_tensor_read(engine, tensor, first * size, bytes, count * size);

    if (status != SOW_OK)
        return status;
    sow_widen(tensor->spec.dtype, bytes, values, count);
    for (size_t i = 0; i < count; i++) {
        sums->sum += values[i];
        sums->square += values[i] * values[i];
    }
    sums->count += (double)count;
    return SOW_OK;
}

static enum sow_status sample(const struct sow_engine *engine,
                              const struct sow_tensor *tensor,
                              struct sow_elements *elements)
{
    uint64_t runs = (tensor->elements + RUN - 1) / RUN;
    uint64_t step = runs > RUNS ? runs / RUNS : 1;
    struct sums sums = {0, 0, 0};

    for (uint64_t run = 0; run < runs && sums.count < RUN * RUNS; run += step) {
        uint64_t left = tensor->elements - run * RUN;
        enum sow_status status = read_run(
            engine, tensor, run * RUN, left < RUN ? (size_t)left : RUN, &sums);

        if (status != SOW_OK)
            return status;
    }
    elements->mean = sums.sum / sums.count;
    elements->variance = sums.square / sums.count - square(elements->mean);
    if (elements->variance < 0)
        elements->variance = 0;
    if (square(elements->mean) * sums.count <
        square(ACCIDENT) * elements->variance)
        *elements = (struct sow_elements){0, sums.square / sums.count};
    return SOW_OK;
}

static enum sow_status unknown(const struct sow_tensor *tensor,
                               struct sow_error *error)
{
    return sow_fail(error, SOW_BAD_SCHEME, "scheme",
                    "the theory knows nothing of %s before its elements are "
                    "made; give another scheme, or the variance itself",
                    tensor->spec.scheme.info->name);
}

enum sow_status sow_elements_plain(const struct sow_tensor *tensor,
                                   struct sow_tensor *same,
                                   struct sow_error *error)
{
    struct sow_spec spec = tensor->spec;

    spec.origin = (struct sow_origin){0};
    return sow_tensor_init(same, &spec, error);
}

enum sow_status sow_elements_measure(const struct sow_engine *engine,
                                     const struct sow_tensor *tensor,
                                     struct sow_elements *elements,
                                     struct sow_error *error)
{
    bool known = !isnan(tensor->std);

    if (tensor->law.make == NULL) {
        *elements =
            (struct sow_elements){law_mean(&tensor->law), square(tensor->std)};
        return SOW_OK;
    }
    *elements = (struct sow_elements){0, 0};
    if (sow_tensor_need(tensor).doubles > 0) {
        elements->variance = square(tensor->std);
        return known ? SOW_OK : unknown(tensor, error);
    }
    if (sample(engine, tensor, elements) != SOW_OK)
        return unknown(tensor, error);
    if (known)
        elements->variance = square(tensor->std);
    return SOW_OK;
}
