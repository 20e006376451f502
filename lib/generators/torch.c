/* SPDX-License-Identifier: MIT */
/*
 * torch on a CPU: its schemes, with the formulas of torch.nn.init in doubles,
 * in Python's order.
 */
#include "generators/torch.h"

#include <math.h>
#include <string.h>

#include "schemes/schemes.h"
#include "status.h"

enum sow_torch_era sow_torch_era(const struct sow_tensor *tensor)
{
    return (enum sow_torch_era)tensor->spec.origin.start->generator->variant;
}

/* ------------------------------------------------------------------------
 * Schemes
 */

static enum sow_status uniform(struct sow_tensor *tensor,
                               struct sow_error *error)
{
    const double *values = tensor->spec.scheme.values;

    return sow_torch_uniform(tensor, values[0], values[1], error);
}

static enum sow_status normal(struct sow_tensor *tensor,
                              struct sow_error *error)
{
    const double *values = tensor->spec.scheme.values;

    return sow_torch_normal(tensor, values[0], values[1], error);
}

static double xavier_std(const struct sow_tensor *tensor)
{
    double fans = (double)(tensor->fan_in + tensor->fan_out);

    return tensor->spec.scheme.values[0] * sqrt(2.0 / fans);
}

static enum sow_status symmetric(struct sow_tensor *tensor, double std,
                                 struct sow_error *error)
{
    double bound = sqrt(3.0) * std;

    return sow_torch_uniform(tensor, -bound, bound, error);
}

static enum sow_status xavier_uniform(struct sow_tensor *tensor,
                                      struct sow_error *error)
{
    return symmetric(tensor, xavier_std(tensor), error);
}

static enum sow_status xavier_normal(struct sow_tensor *tensor,
                                     struct sow_error *error)
{
    return sow_torch_normal(tensor, 0, xavier_std(tensor), error);
}

/* calculate_gain(), with the square of the slope. */
static double gain_of(int nonlinearity, double square)
{
    switch (nonlinearity) {
    case SOW_LEAKY_RELU:
        return sqrt(2.0 / (1 + square));
    case SOW_RELU:
        return sqrt(2.0);
    case SOW_TANH:
        return 5.0 / 3;
    case SOW_SELU:
        return 3.0 / 4;
    default:
        return 1;
    }
}

/*
 * The other double that pow(slope, 2), which is Python's square, can be, or
 * 'square': its error is below 0.51 ulp.
 */
static double other_square(double slope, double square)
{
    double rest = fma(slope, slope, -square);
    double other;
    uint64_t bits;

    memcpy(&bits, &square, sizeof bits);
    bits = rest > 0 ? bits + 1 : bits - 1;
    memcpy(&other, &bits, sizeof other);
    return fabs(rest) > 0.49 * fabs(other - square) ? other : square;
}

/* Do both make the same values? */
static bool are_same(const struct sow_tensor *tensor, double std, double other)
{
    if (tensor->spec.dtype == SOW_FLOAT64 || tensor->elements < SOW_TORCH_BLOCK)
        return std == other;
    return (float)std == (float)other &&
           (float)(sqrt(3.0) * std) == (float)(sqrt(3.0) * other);
}

static enum sow_status kaiming_std(const struct sow_tensor *tensor, double *std,
                                   struct sow_error *error)
{
    const double *values = tensor->spec.scheme.values;
    uint64_t fan = values[1] == SOW_FAN_IN ? tensor->fan_in : tensor->fan_out;
    int nonlinearity = (int)values[2];
    double square = values[0] * values[0], other;

    if (!isfinite(square))
        return sow_fail(error, SOW_BAD_PARAMETER, "a",
                        "torch takes no slope of %g, whose square is no number",
                        values[0]);
    other = gain_of(nonlinearity, other_square(values[0], square)) /
            sqrt((double)fan);
    *std = gain_of(nonlinearity, square) / sqrt((double)fan);
    if (are_same(tensor, *std, other))
        return SOW_OK;
    return sow_fail(error, SOW_BAD_SCHEME, "a",
                    "the last bit of this slope's square depends on the C "
                    "library's pow, and so would the values; torch.normal and "
                    "torch.uniform take the numbers that you compute");
}

static enum sow_status kaiming_uniform(struct sow_tensor *tensor,
                                       struct sow_error *error)
{
    double std;
    enum sow_status status = kaiming_std(tensor, &std, error);

    return status == SOW_OK ? symmetric(tensor, std, error) : status;
}

static enum sow_status kaiming_normal(struct sow_tensor *tensor,
                                      struct sow_error *error)
{
    double std;
    enum sow_status status = kaiming_std(tensor, &std, error);

    return status == SOW_OK ? sow_torch_normal(tensor, 0, std, error) : status;
}

/* kaiming_uniform_ with a = sqrt(5), as Linear and the convolutions say it. */
static enum sow_status linear(struct sow_tensor *tensor,
                              struct sow_error *error)
{
    double gain = gain_of(SOW_LEAKY_RELU, sqrt(5.0) * sqrt(5.0));

    return symmetric(tensor, gain / sqrt((double)tensor->fan_in), error);
}

/* No library has to draw it: it stays as it is. */
static enum sow_status pattern(struct sow_tensor *tensor,
                               struct sow_error *error)
{
    (void)tensor;
    (void)error;
    return SOW_OK;
}

static enum sow_status orthogonal(struct sow_tensor *tensor,
                                  struct sow_error *error)
{
    (void)tensor;
    return sow_fail(error, SOW_BAD_SCHEME, "scheme",
                    "torch's orthogonal_ depends on the machine's LAPACK and "
                    "can't be exact; torch.normal of (rows, columns) is its "
                    "exact input, and sow1 draws torch.orthogonal");
}

/* The normals, but for the row of zeros. */
static void fill_embedding(const struct sow_engine *engine,
                           const struct sow_tensor *tensor, uint64_t first,
                           size_t count, void *out)
{
    const uint64_t *counts = tensor->law.counts;
    size_t size = sow_dtype_size(tensor->spec.dtype);
    uint64_t from = counts[SOW_TORCH_FROM], to = counts[SOW_TORCH_TO];

    sow_torch_normal_read(engine, tensor, first, count, out);
    from = from > first ? from : first;
    to = to < first + count ? to : first + count;
    if (from < to)
        memset((uint8_t *)out + (from - first) * size, 0,
               (size_t)(to - from) * size);
}

static enum sow_status embedding(struct sow_tensor *tensor,
                                 struct sow_error *error)
{
    const double *values = tensor->spec.scheme.values;
    uint64_t *counts = tensor->law.counts;
    uint64_t columns = tensor->spec.shape.dims[1];
    enum sow_status status;

    status = sow_torch_normal(tensor, 0, values[1], error);
    if (status != SOW_OK || values[0] < 0)
        return status;
    counts[SOW_TORCH_FROM] = (uint64_t)values[0] * columns;
    counts[SOW_TORCH_TO] = counts[SOW_TORCH_FROM] + columns;
    tensor->law.fill = fill_embedding;
    return SOW_OK;
}

struct scheme {
    const char *name;
    enum sow_status (*resolve)(struct sow_tensor *tensor,
                               struct sow_error *error);
};

static const struct scheme schemes[] = {
    {"torch.uniform", uniform},
    {"torch.normal", normal},
    {"torch.trunc_normal", sow_torch_truncated},
    {"torch.xavier_uniform", xavier_uniform},
    {"torch.xavier_normal", xavier_normal},
    {"torch.kaiming_uniform", kaiming_uniform},
    {"torch.kaiming_normal", kaiming_normal},
    {"torch.linear", linear},
    {"torch.embedding", embedding},
    {"torch.orthogonal", orthogonal},
    {"torch.eye", pattern},
    {"torch.dirac", pattern},
    {"torch.sparse", sow_torch_sparse},
};

static const struct scheme *find(const char *name)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (strcmp(schemes[i].name, name) == 0)
            return &schemes[i];
    return NULL;
}

/* ------------------------------------------------------------------------
 * The drawing
 */

static bool has_dtype(enum sow_dtype dtype)
{
    return dtype == SOW_FLOAT32 || dtype == SOW_FLOAT64 ||
           dtype == SOW_FLOAT16 || dtype == SOW_BFLOAT16;
}

/* What sow1 would have done. */
static void forget(struct sow_law *law)
{
    memset(law->counts, 0, sizeof law->counts);
    law->prepare = NULL;
    law->doubles = 0;
    law->scratch = 0;
    law->units = 0;
    law->flops = 0;
}

static enum sow_status resolve(struct sow_tensor *tensor,
                               struct sow_error *error)
{
    const struct scheme *scheme = find(tensor->spec.scheme.info->name);
    enum sow_status status = SOW_OK;

    if (tensor->elements > 0 && scheme == NULL)
        return sow_fail(error, SOW_BAD_SCHEME, "scheme",
                        "%s has no bits of torch's to go by; torch.normal and "
                        "torch.uniform are exact",
                        tensor->spec.scheme.info->name);
    if (scheme != NULL && !has_dtype(tensor->spec.dtype))
        return sow_fail(error, SOW_BAD_SCHEME, "dtype",
                        "torch draws no %s; it draws float32, float64, "
                        "bfloat16 and float16",
                        sow_dtype_name(tensor->spec.dtype));
    if (scheme == NULL || scheme->resolve != pattern)
        forget(&tensor->law);
    if (scheme != NULL && tensor->elements > 0)
        status = scheme->resolve(tensor, error);
    if (status == SOW_OK && tensor->law.prepare == NULL)
        sow_chain_need(tensor);
    return status;
}

static bool finish(const struct sow_engine *engine,
                   const struct sow_tensor *turn, const struct sow_place *begin,
                   struct sow_place *end, void *scratch,
                   bool (*stop)(void *argument), void *argument)
{
    if (turn->law.counts[SOW_TORCH_COUNT] > 0)
        return sow_torch_truncated_finish(engine, turn, begin, end, scratch,
                                          stop, argument);
    return sow_torch_small_finish(engine, turn, begin, end);
}

const struct sow_drawing sow_torch_drawing = {
    .seed = sow_torch_seed,
    .state_size = SOW_TORCH_STATE_SIZE,
    .load = sow_torch_load,
    .save = sow_torch_save,
    .begin = sow_torch_begin,
    .first = sow_torch_first,
    .kept = sow_torch_kept,
    .finish = finish,
    .resolve = resolve,
};
