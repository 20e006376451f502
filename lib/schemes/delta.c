/* SPDX-License-Identifier: MIT */
/*
 * Delta kernels: an orthogonal matrix on the centre tap of a convolution, 0
 * elsewhere, which keeps norms wherever the kernel fits (Xiao et al. 2018).
 */
#include <math.h>

#include "schemes/arrange.h"
#include "schemes/convolution.h"
#include "schemes/marks.h"
#include "schemes/orthogonal.h"
#include "schemes/schemes.h"
#include "status.h"

enum sow_status sow_kernel_measure(const struct sow_tensor *tensor,
                                   struct walk *walk, struct sow_error *error)
{
    uint32_t rank = tensor->spec.shape.rank;

    if (rank < 3 || rank > 5)
        return sow_fail(error, SOW_BAD_SCHEME, "shape",
                        "a convolution kernel has 3 to 5 dimensions, not %u",
                        rank);
    return sow_arrange_measure(tensor, walk, error);
}

enum sow_status sow_kernel_widens(const struct walk *walk,
                                  struct sow_error *error)
{
    if (walk->outs >= walk->ins)
        return SOW_OK;
    return sow_fail(error, SOW_BAD_SCHEME, "shape",
                    "a convolution can't keep norms with fewer outputs than "
                    "inputs; this one has %llu and %llu",
                    (unsigned long long)walk->outs,
                    (unsigned long long)walk->ins);
}

bool sow_kernel_is_spatial(const struct sow_tensor *tensor, uint32_t axis)
{
    const struct sow_axes *axes = &tensor->spec.axes;

    return ((axes->in | axes->out) >> axis & 1) == 0;
}

/* ------------------------------------------------------------------------
 * Delta orthogonal
 */

/* law.counts beside the block's, and law.numbers[0], the gain. */
enum { CENTRE = 3 };

static double delta_place(const struct sow_tensor *tensor,
                          const struct walk *walk)
{
    double value;

    if (walk->tap != tensor->law.counts[CENTRE])
        return 0;
    sow_haar_read(tensor, 0, walk->in, walk->out, 1, &value);
    return value * tensor->law.numbers[0];
}

static void make_delta(const struct sow_engine *engine,
                       const struct sow_tensor *tensor, uint64_t first,
                       size_t count, double *out)
{
    (void)engine;
    sow_arrange_places(tensor, first, count, out, delta_place);
}

/* An in x out block, times 'gain', on the tap (k - 1) / 2 of each axis. */
static enum sow_status set_delta(struct sow_tensor *tensor,
                                 const struct walk *walk, double gain,
                                 struct sow_error *error)
{
    const struct sow_shape *shape = &tensor->spec.shape;
    uint64_t centre = 0;

    for (uint32_t i = 0; i < shape->rank && tensor->elements > 0; i++)
        if (sow_kernel_is_spatial(tensor, i))
            centre = centre * shape->dims[i] + (shape->dims[i] - 1) / 2;
    tensor->law.make = make_delta;
    tensor->law.numbers[0] = gain;
    tensor->law.counts[CENTRE] = centre;
    tensor->law.most = fabs(gain);
    sow_marks_sides(tensor, SOW_LOWER_CENTRE_TAP, false, false);
    return sow_haar_init(tensor, walk->ins, walk->outs, 1, error);
}

static enum sow_status delta(const struct sow_rule *rule,
                             struct sow_tensor *tensor, struct sow_error *error)
{
    struct walk walk = {0};
    enum sow_status status = sow_kernel_measure(tensor, &walk, error);

    (void)rule;
    if (status != SOW_OK)
        return status;
    status = sow_kernel_widens(&walk, error);
    if (status != SOW_OK)
        return status;
    return set_delta(tensor, &walk, sow_role_value(tensor, SOW_GAIN, 1), error);
}

/* ------------------------------------------------------------------------
 * Scaled uniform orthogonal (Martens et al. 2021)
 */

enum { SUO_GAIN, SUO_DELTA };

/* max(sqrt(out / in), 1): keeps the mean square of a unit. */
static double suo_gain(const struct sow_tensor *tensor, uint64_t out,
                       uint64_t in)
{
    double gain = tensor->spec.scheme.values[SUO_GAIN];

    return out <= in ? gain : sqrt((double)out / (double)in) * gain;
}

static enum sow_status suo_dense(struct sow_tensor *tensor,
                                 struct sow_error *error)
{
    struct sow_matrices matrices = {0};
    enum sow_status status = sow_matrices_measure(tensor, &matrices, error);
    uint64_t out, in;

    if (status != SOW_OK)
        return status;
    out = matrices.out_first ? matrices.rows : matrices.cols;
    in = matrices.out_first ? matrices.cols : matrices.rows;
    return sow_law_orthogonal(tensor, &matrices,
                              in == 0 ? 0 : suo_gain(tensor, out, in), error);
}

static enum sow_status suo(const struct sow_rule *rule,
                           struct sow_tensor *tensor, struct sow_error *error)
{
    const struct sow_shape *shape = &tensor->spec.shape;
    struct walk walk = {0};
    enum sow_status status;

    (void)rule;
    if (shape->rank <= 2 || tensor->spec.scheme.values[SUO_DELTA] == 0)
        return suo_dense(tensor, error);
    status = sow_kernel_measure(tensor, &walk, error);
    if (status != SOW_OK)
        return status;
    for (uint32_t i = 0; i < shape->rank; i++)
        if (sow_kernel_is_spatial(tensor, i) && shape->dims[i] % 2 == 0)
            return sow_fail(error, SOW_BAD_SCHEME, "shape",
                            "a kernel with a side of %llu has no centre; give "
                            "an odd one, or delta false",
                            (unsigned long long)shape->dims[i]);
    return set_delta(tensor, &walk,
                     walk.ins == 0 ? 0 : suo_gain(tensor, walk.outs, walk.ins),
                     error);
}

const struct sow_rule sow_rule_delta_orthogonal = {
    .resolve = delta,
};

static const struct sow_rule rule_suo = {
    .resolve = suo,
};

static const struct sow_parameter gain[] = {
    {.name = "gain",
     .role = SOW_GAIN,
     .kind = SOW_NUMBER,
     .value = 1,
     .help = "every element is times this"},
};

static const struct sow_parameter suo_parameters[] = {
    {.name = "gain",
     .role = SUO_GAIN,
     .kind = SOW_NUMBER,
     .value = 1,
     .help = "every element is times this, too"},
    {.name = "delta",
     .role = SUO_DELTA,
     .kind = SOW_FLAG,
     .value = 1,
     .help = "whether a convolution's kernel is 0 but for its centre"},
};

static const struct sow_scheme_info rows[] = {
    {
        .name = "delta_orthogonal",
        .access = SOW_WHOLE,
        SOW_PARAMETERS(gain),
        .summary = "a convolution kernel that is an orthogonal matrix on its "
                   "centre, 0 elsewhere; at least as many outputs as inputs",
        .formula = "W[(k - 1) / 2] = gain Q, Q Haar, else 0",
        .source = "Xiao et al. 2018",
        .rule = &sow_rule_delta_orthogonal,
    },
    {
        .name = "suo",
        .aliases = SOW_NAMES("scaled_uniform_orthogonal",
                             "dks.scaled_uniform_orthogonal"),
        .access = SOW_WHOLE,
        SOW_PARAMETERS(suo_parameters),
        .summary = "scaled uniform orthogonal: keeps the mean square of the "
                   "units, also where a layer widens",
        .formula = "W = gain max(sqrt(out / in), 1) Q, Q Haar, on the centre "
                   "of a kernel; without delta, in counts the kernel",
        .source = "Martens et al. 2021; google-deepmind/dks",
        .rule = &rule_suo,
    },
};

const struct sow_catalogue sow_delta_schemes = {
    rows,
    sizeof rows / sizeof rows[0],
};
