/* SPDX-License-Identifier: MIT */
/*
 * The law of one element of schemes that arrange their draws, or make
 * elements.
 */
#include <math.h>

#include "analysis/density_laws.h"
#include "walk.h"

static double larger(double a, double b)
{
    return a > b ? a : b;
}

struct subject {
    const struct sow_tensor *tensor;
    const struct sow_law *law;
    double by, ins, outs, taps;
};

typedef void describe(const struct subject *s, struct sow_density *d);

/* A parameter's value, or 'otherwise' when the scheme has none. */
static double parameter(const struct subject *s, const char *name,
                        double otherwise)
{
    const struct sow_scheme *scheme = &s->tensor->spec.scheme;
    int i = sow_scheme_parameter(scheme->info, name);

    return i < 0 ? otherwise : scheme->values[i];
}

/* law.numbers are two values; words from law.counts[0] on give the upper. */
static void two_values(const struct subject *s, struct sow_density *d)
{
    double p = 1 - (double)s->law->counts[0] / 0x1p32;
    double low = s->law->numbers[0] * s->by, high = s->law->numbers[1] * s->by;

    if (p == 0 || p == 1 || low == high) {
        sow_density_set_constant(d, p == 1 ? high : low);
        return;
    }
    d->mean = low + p * (high - low);
    d->std = (high - low) * sqrt(p * (1 - p));
    d->low = d->from = low;
    d->high = d->to = high;
    d->continuous = 0;
    sow_density_add_atom(d, low, 1 - p);
    sow_density_add_atom(d, high, p);
}

static void copied(const struct subject *s, struct sow_density *d)
{
    sow_density_set_normal(d, 0, s->law->normal.std * s->by);
}

/* law.counts are columns, rows and zeros of a column. */
static void sparse(const struct subject *s, struct sow_density *d)
{
    copied(s, d);
    sow_density_mix_zeros(d, (double)s->law->counts[2] /
                                 (double)s->law->counts[1]);
}

/* One row of zeros, the padding. */
static void embedding(const struct subject *s, struct sow_density *d)
{
    copied(s, d);
    sow_density_mix_zeros(d, 1 / (double)s->tensor->spec.shape.dims[0]);
}

/* law.counts are the matrix's sides, law.numbers[0] the gain. */
static void orthogonal(const struct subject *s, struct sow_density *d)
{
    double side = larger((double)s->law->counts[0], (double)s->law->counts[1]);

    sow_density_set_sphere(d, side, fabs(s->law->numbers[0]) * s->by);
}

static void delta(const struct subject *s, struct sow_density *d)
{
    sow_density_set_sphere(d, larger(s->ins, s->outs),
                           fabs(s->law->numbers[0]) * s->by);
    sow_density_mix_zeros(d, 1 - 1 / s->taps);
}

/* Rows of one length, of independent directions. */
static void normalized(const struct subject *s, struct sow_density *d)
{
    sow_density_set_sphere(d, s->ins * s->taps, s->law->numbers[0] * s->by);
}

static void mirrored(const struct subject *s, struct sow_density *d)
{
    bool centre = parameter(s, "kernel", 0) != 0;

    if (parameter(s, "base", 0) == 0)
        copied(s, d);
    else
        orthogonal(s, d);
    if (centre)
        sow_density_mix_zeros(d, 1 - 1 / s->taps);
}

/* Of either sign, law.numbers[0] in magnitude. */
static void hadamard(const struct subject *s, struct sow_density *d)
{
    sow_density_set_sphere(d, 1, fabs(s->law->numbers[0]) * s->by);
}

static const struct {
    const char *scheme; /* without the library */
    describe *describe;
} families[] = {
    {"sign_constant", two_values},   {"binary", two_values},
    {"signed_constant", two_values}, {"xavier_constant", two_values},
    {"bernoulli_mask", two_values},  {"sparse", sparse},
    {"embedding", embedding},        {"icnr", copied},
    {"orthogonal", orthogonal},      {"scaled_orthogonal", orthogonal},
    {"delta_orthogonal", delta},     {"weightnorm_gaussian", normalized},
    {"hadamard_signed", hadamard},   {"mirrored", mirrored},
    {"looks_linear", mirrored},
};

static describe *family_of(const struct sow_tensor *tensor)
{
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        if (sow_scheme_is(tensor->spec.scheme.info, families[i].scheme))
            return families[i].describe;
    return NULL;
}

bool sow_density_set_scheme(struct sow_density *d,
                            const struct sow_tensor *tensor)
{
    describe *family = family_of(tensor);
    struct subject subject = {
        tensor, &tensor->law, tensor->spec.multiplier, 1, 1, 1};
    struct sow_error error;
    struct walk walk;

    if (family == NULL || tensor->elements == 0)
        return false;
    if (sow_walk_measure(tensor, &walk, &error) == SOW_OK) {
        subject.ins = (double)walk.ins;
        subject.outs = (double)walk.outs;
        subject.taps = (double)walk.taps;
    }
    family(&subject, d);
    return true;
}
