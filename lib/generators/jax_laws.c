/* SPDX-License-Identifier: MIT */
/*
 * The functions of jax.nn.initializers: each parameter in the order of
 * operations, and in the types, in which JAX works it out.
 */
#include <math.h>
#include <string.h>

#include "generators/jax.h"
#include "schemes/schemes.h"
#include "status.h"

/* The std of a standard normal truncated at +-2, as JAX writes it. */
#define STD_WITHIN_TWO .87962566103423978

/* erf(2 / sqrt(2)) as glibc has it. */
#define ERF_OF_TWO 0x1.e8b4307d3627ap-1

/*
 * The nearest double to 'value' toward 0 of float32's precision, with its last
 * bit set if it isn't exact: what that is rounded to is what 'value' is.
 */
static float to_odd(double value)
{
    float single = (float)value;
    uint32_t bits;

    if ((double)single == value || isinf(single))
        return single;
    memcpy(&bits, &single, sizeof bits);
    if (fabs((double)single) > fabs(value))
        bits--;
    bits |= 1;
    memcpy(&single, &bits, sizeof single);
    return single;
}

double sow_jax_round(enum sow_dtype dtype, double value)
{
    float single = dtype == SOW_FLOAT16 ? to_odd(value) : (float)value;
    uint16_t item;

    if (dtype == SOW_FLOAT64)
        return value;
    if (dtype == SOW_FLOAT32)
        return (double)single;
    sow_narrow(dtype, &single, &item, 1);
    sow_widen(dtype, &item, &value, 1);
    return value;
}

/* ------------------------------------------------------------------------
 * Laws
 */

struct sow_jax_law sow_jax_law(const struct sow_tensor *tensor)
{
    const struct sow_law *law = &tensor->law;

    return (struct sow_jax_law){
        .inverse = law->counts[0] != 0,
        .low = law->numbers[0],
        .span = law->numbers[1],
        .least = law->numbers[2],
        .most = law->numbers[3],
        .scale = law->normal.std,
    };
}

/* sow_jax_law() is to return 'law'. */
static void set_law(struct sow_tensor *tensor, const struct sow_jax_law *law)
{
    static sow_filler *const fills[SOW_DTYPES] = {
        [SOW_FLOAT32] = sow_jax_fill_f32,
        [SOW_FLOAT64] = sow_jax_fill_f64,
        [SOW_FLOAT16] = sow_jax_fill_narrow,
        [SOW_BFLOAT16] = sow_jax_fill_narrow,
    };

    tensor->law.fill = fills[tensor->spec.dtype];
    tensor->law.counts[0] = law->inverse;
    tensor->law.numbers[0] = law->low;
    tensor->law.numbers[1] = law->span;
    tensor->law.numbers[2] = law->least;
    tensor->law.numbers[3] = law->most;
    tensor->law.normal.std = law->scale;
}

static double rounded(const struct sow_tensor *tensor, double value)
{
    return sow_jax_round(tensor->spec.dtype, value);
}

/* The bits of 'value', which is one of the type's; and back. */
static uint64_t encoded(enum sow_dtype dtype, double value)
{
    float single = (float)value;
    uint64_t bits = 0;

    if (dtype == SOW_FLOAT64)
        memcpy(&bits, &value, sizeof value);
    else
        sow_narrow(dtype, &single, &bits, 1);
    return bits;
}

static double decoded(enum sow_dtype dtype, uint64_t bits)
{
    double value;

    sow_widen(dtype, &bits, &value, 1);
    return value;
}

/*
 * The next number of the type, above or below.  Next to 0 there is none, for
 * XLA's code takes what it is for 0; but half precision is computed in float32.
 */
static double next(enum sow_dtype dtype, double value, bool above)
{
    uint64_t bits = encoded(dtype, value);

    if (value == 0 && dtype != SOW_FLOAT16)
        return 0;
    if (value == 0)
        return above ? decoded(dtype, 1) : -decoded(dtype, 1);
    return decoded(dtype, (value > 0) == above ? bits + 1 : bits - 1);
}

/* JAX's uniform(low, high), then times 'scale'. */
static struct sow_jax_law between(const struct sow_tensor *tensor, double low,
                                  double high, double scale)
{
    return (struct sow_jax_law){
        .low = low,
        .span = rounded(tensor, high - low),
        .scale = scale,
    };
}

static struct sow_jax_law normal(const struct sow_tensor *tensor, double scale)
{
    struct sow_jax_law law =
        between(tensor, next(tensor->spec.dtype, -1, true), 1, scale);

    law.inverse = true;
    law.least = -INFINITY;
    law.most = INFINITY;
    return law;
}

/*
 * erf(bound / sqrt(2)), of which the quotient is a product with the root's
 * inverse, in float32 for bfloat16.  In float64 it is the C library's, of which
 * the one value that matters is kept.
 */
static double erf_of(const struct sow_tensor *tensor, double bound)
{
    enum sow_dtype dtype = tensor->spec.dtype;
    double root = sow_jax_round(dtype == SOW_BFLOAT16 ? SOW_FLOAT32 : dtype,
                                1 / rounded(tensor, SOW_JAX_SQRT2));
    double x = rounded(tensor, bound * root);

    if (dtype == SOW_FLOAT64)
        return copysign(ERF_OF_TWO, bound);
    return rounded(tensor, (double)sow_jax_erf_f32((float)x));
}

static struct sow_jax_law truncated(const struct sow_tensor *tensor, double low,
                                    double high, double scale)
{
    enum sow_dtype dtype = tensor->spec.dtype;
    struct sow_jax_law law;

    if (dtype != SOW_FLOAT64) {
        low = rounded(tensor, sow_jax_round(SOW_FLOAT32, low));
        high = rounded(tensor, sow_jax_round(SOW_FLOAT32, high));
    }
    law = between(tensor, erf_of(tensor, low), erf_of(tensor, high), scale);
    law.inverse = true;
    law.least = next(dtype, low, true);
    law.most = next(dtype, high, false);
    return law;
}

/* ------------------------------------------------------------------------
 * Variance scaling
 */

/* The product of the dimensions that 'axes' has, all with ~0. */
static double product(const struct sow_shape *shape, unsigned axes)
{
    double made = 1;

    for (uint32_t i = 0; i < shape->rank; i++)
        if (axes >> i & 1)
            made *= (double)shape->dims[i];
    return made;
}

/*
 * The denominator, quotient by quotient as Python has it.  Its x ** 0.5 is the
 * host's pow(), which is within an ulp of the root: 'off' is such an error.
 */
static double denominator(const struct sow_tensor *tensor, int mode, double off)
{
    const struct sow_shape *shape = &tensor->spec.shape;
    struct sow_axes axes = tensor->spec.axes;
    double in = product(shape, axes.in);
    double out, field, root;

    /* Flax's Embed has (entries, features), out_axis=0 and in_axis=-2. */
    if (tensor->spec.scheme.info->rule == &sow_rule_embed_normal) {
        in = out = (double)shape->dims[0];
        mode = SOW_FAN_IN;
    } else {
        out = product(shape, axes.out);
    }
    field = (double)tensor->elements / in / out / product(shape, axes.batch);
    if (mode == SOW_FAN_IN)
        return in * field;
    if (mode == SOW_FAN_OUT)
        return out * field;
    if (mode == SOW_FAN_AVG)
        return (in * field + out * field) / 2;
    root = sqrt(in * field * (out * field));
    if (root * root == in * field * (out * field))
        return root;
    return root * (1 + off);
}

static double variance_of(const struct sow_tensor *tensor, double off)
{
    const struct sow_rule *rule = tensor->spec.scheme.info->rule;
    int mode = (int)sow_role_value(tensor, SOW_MODE, rule->mode);
    double scale = sow_role_value(tensor, SOW_SCALE, rule->value);

    return rounded(tensor, scale / denominator(tensor, mode, off));
}

static struct sow_jax_law scaled(const struct sow_tensor *tensor,
                                 double variance)
{
    const struct sow_rule *rule = tensor->spec.scheme.info->rule;
    int distribution =
        (int)sow_role_value(tensor, SOW_DISTRIBUTION, rule->distribution);
    double root = rounded(tensor, sqrt(variance));

    if (distribution == SOW_SCALED_UNIFORM)
        return between(tensor, -1, 1,
                       rounded(tensor, sqrt(rounded(tensor, 3 * variance))));
    if (distribution == SOW_SCALED_NORMAL)
        return normal(tensor, root);
    return truncated(tensor, -2, 2,
                     rounded(tensor, root / rounded(tensor, STD_WITHIN_TWO)));
}

/* ------------------------------------------------------------------------
 * Schemes
 */

static enum sow_status refuse(struct sow_error *error,
                              const struct sow_tensor *tensor, const char *why)
{
    return sow_fail(error, SOW_BAD_SCHEME, "scheme",
                    "%s can't be what JAX gives: %s",
                    tensor->spec.scheme.info->name, why);
}

/*
 * XLA's CPU code takes numbers below the normal ones for 0, and what it makes
 * of them.
 */
static bool is_flushed(const struct sow_tensor *tensor, double number)
{
    double least = tensor->spec.dtype == SOW_FLOAT64 ? 0x1p-960 : 0x1p-100;

    return tensor->spec.dtype != SOW_FLOAT16 && number != 0 &&
           fabs(number) < least;
}

/* Is the error function of its bounds ERF_OF_TWO, if there are any? */
static bool has_known_bounds(const struct sow_tensor *tensor)
{
    return tensor->spec.scheme.info->rule != &sow_rule_truncated ||
           (sow_role_value(tensor, SOW_LOW, -2) == -2 &&
            sow_role_value(tensor, SOW_HIGH, 2) == 2);
}

static enum sow_status check_type(const struct sow_tensor *tensor,
                                  struct sow_error *error)
{
    enum sow_dtype dtype = tensor->spec.dtype;

    if (dtype == SOW_FLOAT8_E4M3FN || dtype == SOW_FLOAT8_E5M2)
        return sow_fail(error, SOW_BAD_SCHEME, "dtype",
                        "%s is not certified for JAX's draws: take float32, "
                        "float64, float16 or bfloat16",
                        sow_dtype_name(dtype));
    if (dtype == SOW_FLOAT64 && !has_known_bounds(tensor))
        return sow_fail(error, SOW_BAD_SCHEME, "dtype",
                        "in float64 JAX takes these bounds' error function "
                        "from the host's C library: draw float32, or from -2 "
                        "to 2");
    if (dtype == SOW_FLOAT64 && tensor->spec.origin.start->seed > UINT32_MAX)
        return sow_fail(error, SOW_BAD_PARAMETER, "seed",
                        "float64 takes jax_enable_x64, where the key of a "
                        "seed past 2^32 - 1 has its high word too: start from "
                        "the state [seed >> 32, seed & 0xffffffff]");
    return SOW_OK;
}

static enum sow_status check(const struct sow_tensor *tensor,
                             const struct sow_jax_law *law, double variance,
                             struct sow_error *error)
{
    const struct sow_generator *generator =
        tensor->spec.origin.start->generator;

    if (is_flushed(tensor, law->scale) || is_flushed(tensor, variance))
        return refuse(error, tensor,
                      "XLA takes numbers so small for 0; give a larger scale");
    if (variance != 0 && (variance_of(tensor, 0x1p-52) != variance ||
                          variance_of(tensor, -0x1p-52) != variance))
        return refuse(error, tensor,
                      "for this shape its square root is up to the host's "
                      "pow(); take another mode than fan_geo_avg");
    if (isinf(law->scale))
        return refuse(error, tensor, "its scale passes the dtype's largest");
    if (generator->variant == SOW_JAX_ORIGINAL &&
        !sow_jax_original_fits(tensor->spec.dtype, tensor->elements))
        return sow_fail(error, SOW_BAD_SHAPE, "shape",
                        "past 2^32 - 2 words JAX's old layout splits the key: "
                        "take jax/threefry, or several tensors");
    return SOW_OK;
}

enum sow_status sow_jax_resolve(struct sow_tensor *tensor,
                                struct sow_error *error)
{
    const struct sow_rule *rule = tensor->spec.scheme.info->rule;
    double std = rounded(tensor, sow_role_value(tensor, SOW_STD, 1));
    double high = sow_role_value(tensor, SOW_HIGH, 1);
    double variance = 0;
    struct sow_jax_law law;
    enum sow_status status = check_type(tensor, error);

    if (status != SOW_OK)
        return status;
    if (rule == &sow_rule_uniform)
        law = between(tensor, 0, 1, rounded(tensor, high));
    else if (rule == &sow_rule_normal)
        law = normal(tensor, std);
    else if (rule == &sow_rule_truncated)
        law = truncated(tensor, sow_role_value(tensor, SOW_LOW, -2), high, std);
    else if (rule->resolve == sow_rule_scaling.resolve)
        law = scaled(tensor, variance = variance_of(tensor, 0));
    else
        return refuse(error, tensor,
                      "it is a QR decomposition of the host's LAPACK; the "
                      "nearest is jax.normal, which it decomposes");
    status = check(tensor, &law, variance, error);
    if (status == SOW_OK)
        set_law(tensor, &law);
    return status;
}
