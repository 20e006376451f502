/* SPDX-License-Identifier: MIT */
/*
 * Orthogonal matrices in closed form, and identities: every element is a
 * function of its place, but for a sign a column.
 */
#include <math.h>

#include "elementary.h"
#include "schemes/arrange.h"
#include "schemes/marks.h"
#include "schemes/schemes.h"
#include "status.h"

/* The one parameter of every row here. */
enum { GAIN };

/* The side of the square matrix whose first rows or columns are taken. */
enum { SIDE };

/* Sides whose product with an odd number below twice one stays below 2^64. */
#define LARGEST_DCT (UINT64_C(1) << 31)

/* ------------------------------------------------------------------------
 * With signs: convolutions as outputs x (inputs, taps)
 */

static uint64_t column_of(const struct walk *walk)
{
    return walk->in * walk->taps + walk->tap;
}

/* Whether an even number of bits is set in both: Sylvester's matrix is 1. */
static bool is_plus(uint64_t row, uint64_t column)
{
    return __builtin_parityll(row & column) == 0;
}

static double hadamard(const struct sow_tensor *tensor, const struct walk *walk)
{
    double value = tensor->law.numbers[0];

    return is_plus(walk->out, column_of(walk)) ? value : -value;
}

static double dct(const struct sow_tensor *tensor, const struct walk *walk)
{
    uint64_t row = walk->out;
    uint64_t column = column_of(walk);

    if (row == 0)
        return tensor->law.numbers[0];
    return tensor->law.numbers[1] *
           sow_cos_turns((2 * column + 1) * row, 4 * tensor->law.counts[SIDE]);
}

/* The elements by 'place', times the sign of their column. */
static void make_signed(const struct sow_engine *engine,
                        const struct sow_tensor *tensor, uint64_t first,
                        size_t count, double *out, sow_place *place)
{
    uint64_t columns[SOW_MADE];
    double signs[SOW_MADE];
    struct walk walk;

    sow_walk_start(&walk, tensor, first);
    for (size_t i = 0; i < count; i++) {
        columns[i] = column_of(&walk);
        out[i] = place(tensor, &walk);
        sow_walk_next(&walk);
    }
    sow_arrange_signs(engine, &tensor->stream, columns, count, signs);
    for (size_t i = 0; i < count; i++)
        out[i] *= signs[i];
}

static void make_hadamard(const struct sow_engine *engine,
                          const struct sow_tensor *tensor, uint64_t first,
                          size_t count, double *out)
{
    make_signed(engine, tensor, first, count, out, hadamard);
}

static void make_dct(const struct sow_engine *engine,
                     const struct sow_tensor *tensor, uint64_t first,
                     size_t count, double *out)
{
    make_signed(engine, tensor, first, count, out, dct);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The side and the elements' sizes; a tensor without elements has side 1. */
static enum sow_status measure_side(struct sow_tensor *tensor, sow_maker *make,
                                    struct sow_error *error)
{
    double gain = tensor->spec.scheme.values[GAIN];
    struct walk walk;
    enum sow_status status = sow_arrange_measure(tensor, &walk, error);
    uint64_t side = 1;

    if (status != SOW_OK)
        return status;
    if (tensor->elements > 0)
        side = larger(walk.outs, walk.ins * walk.taps);
    tensor->law.make = make;
    tensor->law.counts[SIDE] = side;
    tensor->law.numbers[0] = gain / sqrt((double)side);
    tensor->law.numbers[1] = gain * sqrt(2 / (double)side);
    tensor->law.most = fabs(tensor->law.numbers[1]);
    return SOW_OK;
}

static enum sow_status hadamard_signed(const struct sow_rule *rule,
                                       struct sow_tensor *tensor,
                                       struct sow_error *error)
{
    enum sow_status status = measure_side(tensor, make_hadamard, error);
    uint64_t side = tensor->law.counts[SIDE];

    (void)rule;
    if (status != SOW_OK)
        return status;
    if ((side & (side - 1)) != 0)
        return sow_fail(error, SOW_BAD_SCHEME, "shape",
                        "the larger of the outputs and the inputs (times the "
                        "kernel) must be a power of two; dct_signed takes any "
                        "size");
    tensor->std = fabs(tensor->law.numbers[0]);
    return SOW_OK;
}

static enum sow_status dct_signed(const struct sow_rule *rule,
                                  struct sow_tensor *tensor,
                                  struct sow_error *error)
{
    enum sow_status status = measure_side(tensor, make_dct, error);

    (void)rule;
    if (status != SOW_OK)
        return status;
    if (tensor->law.counts[SIDE] > LARGEST_DCT)
        return sow_fail(error, SOW_BAD_SCHEME, "shape",
                        "dct_signed takes at most 2^31 outputs, and inputs "
                        "(times the kernel)");
    return SOW_OK;
}

/* ------------------------------------------------------------------------
 * Without: matrices on the kernel's centre
 */

static double identity(const struct sow_tensor *tensor, const struct walk *walk)
{
    if (walk->out != walk->in || !sow_arrange_is_centre(tensor, walk))
        return 0;
    return tensor->law.numbers[0];
}

static double repeated(const struct sow_tensor *tensor, const struct walk *walk)
{
    uint64_t period = walk->outs < walk->ins ? walk->outs : walk->ins;

    if (walk->out % period != walk->in % period ||
        !sow_arrange_is_centre(tensor, walk))
        return 0;
    return tensor->law.numbers[0];
}

static double zero_hadamard(const struct sow_tensor *tensor,
                            const struct walk *walk)
{
    double value = tensor->law.numbers[1];

    if (walk->outs <= walk->ins)
        return identity(tensor, walk);
    if (!sow_arrange_is_centre(tensor, walk))
        return 0;
    return is_plus(walk->out, walk->in) ? value : -value;
}

static void make_identity(const struct sow_engine *engine,
                          const struct sow_tensor *tensor, uint64_t first,
                          size_t count, double *out)
{
    (void)engine;
    sow_arrange_places(tensor, first, count, out, identity);
}

static void make_repeated(const struct sow_engine *engine,
                          const struct sow_tensor *tensor, uint64_t first,
                          size_t count, double *out)
{
    (void)engine;
    sow_arrange_places(tensor, first, count, out, repeated);
}

static void make_zero_hadamard(const struct sow_engine *engine,
                               const struct sow_tensor *tensor, uint64_t first,
                               size_t count, double *out)
{
    (void)engine;
    sow_arrange_places(tensor, first, count, out, zero_hadamard);
}

/* Set the law of a scheme on the kernel's centre; 'walk' gets the sizes. */
static enum sow_status set_centred(struct sow_tensor *tensor, sow_maker *make,
                                   struct walk *walk, struct sow_error *error)
{
    const struct sow_scheme *scheme = &tensor->spec.scheme;

    tensor->law.make = make;
    tensor->law.numbers[0] =
        scheme->info->parameter_count > 0 ? scheme->values[GAIN] : 1;
    tensor->law.most = fabs(tensor->law.numbers[0]);
    return sow_walk_measure(tensor, walk, error);
}

static enum sow_status resolve_identity(const struct sow_rule *rule,
                                        struct sow_tensor *tensor,
                                        struct sow_error *error)
{
    struct walk walk;
    enum sow_status status = set_centred(tensor, make_identity, &walk, error);

    (void)rule;
    if (status == SOW_OK)
        sow_marks_sides(tensor, SOW_CENTRE_TAP, true, true);
    return status;
}

static enum sow_status resolve_repeated(const struct sow_rule *rule,
                                        struct sow_tensor *tensor,
                                        struct sow_error *error)
{
    struct walk walk;
    enum sow_status status = set_centred(tensor, make_repeated, &walk, error);

    (void)rule;
    if (status == SOW_OK && walk.outs == walk.ins)
        sow_marks_sides(tensor, SOW_CENTRE_TAP, true, true);
    return status;
}

static enum sow_status resolve_zero_hadamard(const struct sow_rule *rule,
                                             struct sow_tensor *tensor,
                                             struct sow_error *error)
{
    struct walk walk;
    enum sow_status status =
        set_centred(tensor, make_zero_hadamard, &walk, error);
    double side = 1;

    (void)rule;
    if (status != SOW_OK)
        return status;
    while (side < (double)walk.outs)
        side *= 2;
    tensor->law.numbers[1] = 1 / sqrt(side);
    sow_marks_sides(tensor, SOW_CENTRE_TAP, walk.outs <= walk.ins,
                    walk.outs <= walk.ins);
    return SOW_OK;
}

const struct sow_rule sow_rule_identity = {
    .resolve = resolve_identity,
};

static const struct sow_rule rule_hadamard = {
    .resolve = hadamard_signed,
};

static const struct sow_rule rule_dct = {
    .resolve = dct_signed,
};

static const struct sow_rule rule_repeated = {
    .resolve = resolve_repeated,
};

static const struct sow_rule rule_zero_hadamard = {
    .resolve = resolve_zero_hadamard,
};

/* ------------------------------------------------------------------------
 * Rows
 */

static const struct sow_parameter gain[] = {
    {.name = "gain",
     .role = GAIN,
     .kind = SOW_NUMBER,
     .value = 1,
     .help = "factor on every element"},
};

static const struct sow_parameter diagonal[] = {
    {.name = "gain",
     .role = GAIN,
     .kind = SOW_NUMBER,
     .value = 1,
     .help = "the diagonal"},
};

static const struct sow_parameter tau[] = {
    {.name = "tau",
     .role = GAIN,
     .kind = SOW_NUMBER,
     .value = 1,
     .help = "the diagonals; 1e-6 in the last layer of a residual branch"},
};

static const struct sow_scheme_info rows[] = {
    {
        .name = "identity",
        SOW_PARAMETERS(diagonal),
        .summary = "the identity times a gain, also rectangular, on the "
                   "centre of a kernel",
        .formula = "w[i, i] = gain at index k/2 of each kernel axis, else 0",
        .source = "keras.initializers.Identity, torch.nn.init.dirac_",
        .rule = &sow_rule_identity,
    },
    {
        .name = "hadamard_signed",
        SOW_PARAMETERS(gain),
        .summary = "orthogonal with elements of one size: a Hadamard matrix "
                   "with random signs",
        .formula = "w[i, j] = gain s_j (-1)^popcount(i & j) / sqrt(n), n the "
                   "larger side, a power of two; s_j = +-1 at random",
        .source = "Sylvester 1867; a sign a column, as in fast random "
                  "projections (Ailon and Chazelle 2006)",
        .rule = &rule_hadamard,
    },
    {
        .name = "dct_signed",
        SOW_PARAMETERS(gain),
        .summary = "orthogonal of any size: the discrete cosine transform "
                   "with random signs",
        .formula = "w[i, j] = gain s_j sqrt(2 / n) cos(pi (2 j + 1) i / "
                   "(2 n)), w[0, j] = gain s_j / sqrt(n), n the larger side; "
                   "s_j = +-1 at random",
        .source = "Ahmed, Natarajan and Rao 1974, Discrete cosine transform",
        .rule = &rule_dct,
    },
    {
        .name = "zero_hadamard",
        .summary = "ZerO: no randomness; identities, and Hadamard matrices "
                   "where a layer widens",
        .formula = "outputs <= inputs: w[i, i] = 1, else 0; otherwise w[i, j] "
                   "= (-1)^popcount(i & j) 2^(-c/2), c = ceil(log2 outputs); "
                   "on the centre of a kernel",
        .source = "Zhao, Schaefer and Anandkumar 2022, ZerO initialization",
        .rule = &rule_zero_hadamard,
    },
    {
        .name = "idinit",
        .provisional = true,
        SOW_PARAMETERS(tau),
        .summary = "identities repeated to fill a matrix that is not square",
        .formula = "w[i, j] = tau if i = j modulo the smaller side, else 0; "
                   "on the centre of a kernel",
        .source = "Pan et al., IDInit, second-hand; the kernel rule is ours",
        .rule = &rule_repeated,
    },
};

const struct sow_catalogue sow_basis_schemes = {
    rows,
    sizeof rows / sizeof rows[0],
};
