/* SPDX-License-Identifier: MIT */
/* From a tensor to what the theory wants to know of a weight or a bias. */
#include <math.h>

#include "analysis/elements.h"
#include "status.h"
#include "walk.h"

static double square(double x)
{
    return x * x;
}

/* ------------------------------------------------------------------------
 * Families of matrices
 */

struct matrix {
    const struct sow_tensor *tensor;
    double ins, outs, taps;
    double most; /* the largest element of patterns, the gain of orthogonals */
};

typedef void describe(const struct matrix *matrix,
                      struct sow_analysis_layer *layer);

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static void orthogonal(const struct matrix *m, struct sow_analysis_layer *layer)
{
    double side = larger(m->outs, m->ins * m->taps);

    layer->weight.ensemble = SOW_ENSEMBLE_ORTHOGONAL;
    layer->weight.variance =
        isnan(m->tensor->std) ? square(m->most) / side : square(m->tensor->std);
}

/* Elements up to sqrt(2) gain / sqrt(side). */
static void cosines(const struct matrix *m, struct sow_analysis_layer *layer)
{
    layer->weight.ensemble = SOW_ENSEMBLE_ORTHOGONAL;
    layer->weight.variance = square(m->most) / 2;
}

static void centred(const struct matrix *m, struct sow_analysis_layer *layer)
{
    if (!isnan(m->tensor->std)) {
        orthogonal(m, layer);
        return;
    }
    layer->weight.ensemble = SOW_ENSEMBLE_ORTHOGONAL;
    layer->weight.variance = square(m->most) / larger(m->ins, m->outs);
    layer->receptive = 1;
}

/* An isometry of all places together, times the gain. */
static void isometry(const struct matrix *m, struct sow_analysis_layer *layer)
{
    layer->weight.ensemble = SOW_ENSEMBLE_ORTHOGONAL;
    layer->weight.variance = square(m->most) / (m->outs * m->taps);
}

/* Independent rows of one norm. */
static void normalized(const struct matrix *m, struct sow_analysis_layer *layer)
{
    layer->weight.variance = square(m->most) / (m->ins * m->taps);
}

/* Orthonormal ones, where there are not too many. */
static void orthonormal(const struct matrix *m,
                        struct sow_analysis_layer *layer)
{
    if (isnan(m->tensor->std))
        normalized(m, layer);
    else
        orthogonal(m, layer);
}

static void widrow(const struct matrix *m, struct sow_analysis_layer *layer)
{
    layer->weight.variance =
        square(m->tensor->law.numbers[0] * m->tensor->spec.multiplier) /
        (m->ins * m->taps);
}

/* One value in 'places' of the kernel's centre. */
static void pattern(const struct matrix *m, struct sow_analysis_layer *layer,
                    double value, double places)
{
    layer->weight.ensemble = SOW_ENSEMBLE_FIXED;
    layer->weight.variance = square(value) * places / (m->ins * m->outs);
    layer->receptive = 1;
}

static void identity(const struct matrix *m, struct sow_analysis_layer *layer)
{
    pattern(m, layer, m->most, smaller(m->ins, m->outs));
    if (m->outs > m->ins + 1)
        layer->weight.rows = (uint64_t)m->ins + 1;
    if (m->ins > m->outs + 1)
        layer->weight.columns = (uint64_t)m->outs + 1;
}

static void dirac(const struct matrix *m, struct sow_analysis_layer *layer)
{
    const struct sow_scheme *scheme = &m->tensor->spec.scheme;
    int at = sow_scheme_parameter(scheme->info, "groups");
    double groups = at >= 0 ? scheme->values[at] : 1;

    pattern(m, layer, m->most, groups * smaller(m->ins, m->outs / groups));
}

static void repeated(const struct matrix *m, struct sow_analysis_layer *layer)
{
    double period = smaller(m->ins, m->outs);

    pattern(m, layer, m->most, larger(m->ins, m->outs));
    if (m->outs > period)
        layer->weight.rows = (uint64_t)period;
    if (m->ins > period)
        layer->weight.columns = (uint64_t)period;
}

static void zero_hadamard(const struct matrix *m,
                          struct sow_analysis_layer *layer)
{
    double value = m->tensor->law.numbers[1] * m->tensor->spec.multiplier;

    if (m->outs <= m->ins)
        identity(m, layer);
    else
        pattern(m, layer, value, m->ins * m->outs);
}

static void copied(const struct matrix *m, struct sow_analysis_layer *layer)
{
    layer->weight.variance = square(m->tensor->std);
    layer->weight.rows = m->tensor->law.counts[1];
}

/* 'parts' of mirrored: hidden, first, last; looks_linear is the last. */
static void mirrored(const struct matrix *m, struct sow_analysis_layer *layer)
{
    const struct sow_tensor *tensor = m->tensor;
    const struct sow_scheme *scheme = &tensor->spec.scheme;
    int part = sow_scheme_parameter(scheme->info, "part");
    int kernel = sow_scheme_parameter(scheme->info, "kernel");
    int base = sow_scheme_parameter(scheme->info, "base");
    double where = part < 0 ? 2 : scheme->values[part];
    double taps = scheme->values[kernel] == 0 ? m->taps : 1;

    layer->receptive = taps;
    layer->weight.mirrors_in = where != 1;
    layer->weight.mirrors_out = where != 2;
    layer->weight.variance =
        square(tensor->law.normal.std * tensor->spec.multiplier);
    if (scheme->values[base] == 0)
        return;
    layer->weight.ensemble = SOW_ENSEMBLE_ORTHOGONAL;
    layer->weight.variance =
        square(m->most) / larger(m->ins * taps / (where != 1 ? 2 : 1),
                                 m->outs / (where != 2 ? 2 : 1));
}

/* law.numbers are two values; words from law.counts[0] on give the upper. */
static void two_values(const struct matrix *m, struct sow_analysis_layer *layer)
{
    const struct sow_law *law = &m->tensor->law;
    double p = 1 - (double)law->counts[0] / 0x1p32;
    double by = m->tensor->spec.multiplier;

    layer->weight.mean =
        by * (law->numbers[0] + p * (law->numbers[1] - law->numbers[0]));
    layer->weight.variance = square(m->tensor->std);
    if (layer->weight.variance == 0)
        layer->weight.rows = layer->weight.columns = 1;
}

static const struct {
    const char *scheme; /* without the library */
    describe *describe;
} families[] = {
    {"orthogonal", orthogonal},
    {"scaled_orthogonal", orthogonal},
    {"hadamard_signed", orthogonal},
    {"dct_signed", cosines},
    {"delta_orthogonal", centred},
    {"suo", centred},
    {"conv_orthogonal", isometry},
    {"weightnorm", orthonormal},
    {"weightnorm_gaussian", normalized},
    {"nguyen_widrow", widrow},
    {"identity", identity},
    {"eye", identity},
    {"irnn", identity},
    {"dirac", dirac},
    {"idinit", repeated},
    {"zero_hadamard", zero_hadamard},
    {"icnr", copied},
    {"mirrored", mirrored},
    {"looks_linear", mirrored},
    {"sign_constant", two_values},
    {"binary", two_values},
    {"signed_constant", two_values},
    {"unsigned_constant", two_values},
    {"xavier_constant", two_values},
};

static describe *family_of(const struct sow_tensor *tensor)
{
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        if (sow_scheme_is(tensor->spec.scheme.info, families[i].scheme))
            return families[i].describe;
    return NULL;
}

/* ------------------------------------------------------------------------
 * Both
 */

static double batch_of(const struct sow_tensor *tensor)
{
    double batch = 1;

    for (uint32_t i = 0; i < tensor->spec.shape.rank; i++)
        if (tensor->spec.axes.batch >> i & 1)
            batch *= (double)tensor->spec.shape.dims[i];
    return batch;
}

static enum sow_status set_weight(struct sow_analysis_layer *layer,
                                  const struct sow_engine *engine,
                                  const struct matrix *matrix,
                                  struct sow_error *error)
{
    const struct sow_tensor *tensor = matrix->tensor;
    describe *family = family_of(tensor);
    struct sow_elements elements;
    enum sow_status status;

    if (family != NULL && (tensor->law.make != NULL)) {
        family(matrix, layer);
        return SOW_OK;
    }
    status = sow_elements_measure(engine, tensor, &elements, error);
    if (status != SOW_OK)
        return status;
    layer->weight.mean = elements.mean;
    layer->weight.variance = elements.variance;
    if (tensor->law.make == NULL && elements.variance == 0)
        layer->weight.rows = layer->weight.columns = 1;
    return SOW_OK;
}

enum sow_status sow_analysis_weight(struct sow_analysis_layer *layer,
                                    const struct sow_engine *engine,
                                    const struct sow_tensor *tensor,
                                    struct sow_error *error)
{
    struct sow_analysis_layer set = *layer;
    struct sow_tensor same;
    struct matrix matrix;
    struct walk walk;
    enum sow_status status = sow_elements_plain(tensor, &same, error);

    if (status == SOW_OK)
        status = sow_walk_measure(&same, &walk, error);
    if (status != SOW_OK)
        return status;
    if (same.elements == 0)
        return sow_fail(error, SOW_BAD_SHAPE, "shape",
                        "a weight without elements passes nothing on; give "
                        "sizes of at least 1");
    matrix = (struct matrix){&same, (double)walk.ins, (double)walk.outs,
                             (double)walk.taps / batch_of(&same),
                             same.law.most * same.spec.multiplier};
    set.n_in = walk.ins;
    set.n_out = walk.outs;
    set.receptive = matrix.taps;
    set.weight = (struct sow_analysis_weight){0};
    status = set_weight(&set, engine, &matrix, error);
    if (status == SOW_OK)
        *layer = set;
    return status;
}

enum sow_status sow_analysis_bias(struct sow_analysis_layer *layer,
                                  const struct sow_engine *engine,
                                  const struct sow_tensor *tensor,
                                  struct sow_error *error)
{
    struct sow_tensor same;
    struct sow_elements elements = {0, 0};
    enum sow_status status = sow_elements_plain(tensor, &same, error);

    if (status == SOW_OK && same.elements > 0)
        status = sow_elements_measure(engine, &same, &elements, error);
    if (status != SOW_OK)
        return status;
    layer->bias_mean = elements.mean;
    layer->bias_variance = elements.variance;
    return SOW_OK;
}
