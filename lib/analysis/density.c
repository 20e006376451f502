/* SPDX-License-Identifier: MIT */
/*
 * The law of one element.  An element of an orthogonal matrix drawn by Haar's
 * measure is a coordinate of a unit vector in as many dimensions as its longer
 * side has, times the gain: its density is proportional to
 * (1 - x^2)^((n - 3) / 2).
 */
#include "analysis/density.h"

#include <math.h>

#include "analysis/density_laws.h"
#include "analysis/elements.h"
#include "analysis/quadrature.h"

#define ROOT_PI 1.77245385090551602730
#define DRAWN 4.5     /* deviations to either side */
#define RECURRED 1000 /* dimensions, beyond by the asymptotic series */

enum form { FORM_NONE, FORM_UNIFORM, FORM_NORMAL, FORM_SPHERE };

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

/* ------------------------------------------------------------------------
 * Laws
 */

void sow_density_add_atom(struct sow_density *d, double value,
                          double probability)
{
    if (probability > 0)
        d->atoms[d->atom_count++] =
            (struct sow_density_atom){value, probability};
}

/* All in one value. */
void sow_density_set_constant(struct sow_density *d, double value)
{
    d->mean = d->low = d->high = value;
    d->std = 0;
    d->continuous = 0;
    d->atom_count = 0;
    d->form = FORM_NONE;
    d->from = d->to = value;
    sow_density_add_atom(d, value, 1);
}

static void set_uniform(struct sow_density *d, double low, double high)
{
    if (!(high > low)) {
        sow_density_set_constant(d, low);
        return;
    }
    d->mean = low + (high - low) / 2;
    d->std = (high - low) / sqrt(12);
    d->low = d->from = low;
    d->high = d->to = high;
    d->form = FORM_UNIFORM;
    d->peak = 1 / (high - low);
}

/* Its moments are the caller's, of whom it may be truncated. */
static void set_bell(struct sow_density *d, double mean, double std,
                     double inside)
{
    d->form = FORM_NORMAL;
    d->centre = mean;
    d->scale = std;
    d->peak = 1 / (std * inside);
    d->from = larger(d->low, d->mean - DRAWN * d->std);
    d->to = smaller(d->high, d->mean + DRAWN * d->std);
}

void sow_density_set_normal(struct sow_density *d, double mean, double std)
{
    if (!(std > 0)) {
        sow_density_set_constant(d, mean);
        return;
    }
    d->mean = mean;
    d->std = std;
    set_bell(d, mean, std, 1);
}

static void set_truncated(struct sow_density *d, const struct sow_law *law)
{
    double low = (law->normal.low - law->normal.mean) / law->normal.std;
    double high = (law->normal.high - law->normal.mean) / law->normal.std;

    if (!(law->normal.std > 0)) {
        sow_density_set_constant(d, law->normal.mean);
        return;
    }
    d->low = law->normal.low;
    d->high = law->normal.high;
    set_bell(d, law->normal.mean, law->normal.std,
             sow_analysis_mass(low, high));
}

/* Gamma(n / 2) / Gamma((n - 1) / 2), n >= 2. */
static double gamma_ratio(double n)
{
    double ratio = 1 / ROOT_PI, y;

    if (n > RECURRED) {
        y = 1 / (4 * (n - 1));
        return sqrt((n - 1) / 2) *
               (1 - y * (1 - y * (0.5 + y * (2.5 - y * 2.625))));
    }
    for (int k = 2; k < n; k++)
        ratio = (k - 1) / 2.0 / ratio;
    return ratio;
}

/* A coordinate of a vector of length 'radius' in n dimensions. */
void sow_density_set_sphere(struct sow_density *d, double n, double radius)
{
    d->mean = 0;
    d->std = radius / sqrt(n);
    if (!(radius > 0)) {
        sow_density_set_constant(d, 0);
        return;
    }
    d->low = -radius;
    d->high = radius;
    if (n < 2) {
        d->continuous = 0;
        sow_density_add_atom(d, -radius, 0.5);
        sow_density_add_atom(d, radius, 0.5);
        d->from = -radius;
        d->to = radius;
        return;
    }
    d->form = FORM_SPHERE;
    d->scale = radius;
    d->power = (n - 3) / 2;
    d->peak = gamma_ratio(n) / ROOT_PI / radius;
    d->from = larger(-radius, -DRAWN * d->std);
    d->to = smaller(radius, DRAWN * d->std);
}

/* An atom at 0, among those that there are. */
static void insert_zero(struct sow_density *d, double probability)
{
    size_t at = d->atom_count++;

    for (; at > 0 && d->atoms[at - 1].value > 0; at--)
        d->atoms[at] = d->atoms[at - 1];
    d->atoms[at] = (struct sow_density_atom){0, probability};
}

/* The same law, of mean 0, with probability 1 - zeros, else 0. */
void sow_density_mix_zeros(struct sow_density *d, double zeros)
{
    double kept = 1 - zeros;

    if (!(zeros > 0) || d->std == 0)
        return;
    d->std *= sqrt(kept);
    d->continuous *= kept;
    for (size_t i = 0; i < d->atom_count; i++)
        d->atoms[i].probability *= kept;
    insert_zero(d, zeros);
    if (kept == 0)
        sow_density_set_constant(d, 0);
}

/* ------------------------------------------------------------------------
 * Any
 */

static void set_law(struct sow_density *d, const struct sow_law *law)
{
    switch (law->kind) {
    case SOW_LAW_CONSTANT:
        sow_density_set_constant(d, law->value);
        break;
    case SOW_LAW_UNIFORM:
        set_uniform(d, law->uniform.low, law->uniform.high);
        break;
    case SOW_LAW_NORMAL:
        sow_density_set_normal(d, law->normal.mean, law->normal.std);
        break;
    case SOW_LAW_TRUNCATED_NORMAL:
        set_truncated(d, law);
        break;
    }
}

/* Nothing but moments, if those. */
static void set_unknown(struct sow_density *d)
{
    d->exact = false;
    d->continuous = 0;
    d->form = FORM_NONE;
    d->from = d->mean - DRAWN * d->std;
    d->to = d->mean + DRAWN * d->std;
}

static bool measure(const struct sow_engine *engine,
                    const struct sow_tensor *tensor, struct sow_density *d)
{
    struct sow_elements elements;
    struct sow_error error;

    if (tensor->law.make != NULL && tensor->elements == 0)
        return false;
    if (sow_elements_measure(engine, tensor, &elements, &error) != SOW_OK)
        return false;
    d->mean = elements.mean;
    d->std = sqrt(elements.variance);
    return true;
}

enum sow_status sow_density_init(struct sow_density *density,
                                 const struct sow_engine *engine,
                                 const struct sow_tensor *tensor,
                                 struct sow_error *error)
{
    struct sow_tensor same;
    struct sow_density d = {.mean = NAN,
                            .std = NAN,
                            .low = -INFINITY,
                            .high = INFINITY,
                            .exact = true,
                            .continuous = 1,
                            .form = FORM_NONE};
    enum sow_status status = sow_elements_plain(tensor, &same, error);

    if (status != SOW_OK)
        return status;
    if (same.law.make == NULL) {
        if (same.law.kind == SOW_LAW_TRUNCATED_NORMAL)
            (void)measure(engine, &same, &d);
        set_law(&d, &same.law);
    } else if (!sow_density_set_scheme(&d, &same)) {
        (void)measure(engine, &same, &d);
        set_unknown(&d);
    }
    *density = d;
    return SOW_OK;
}

double sow_density_at(const struct sow_density *density, double x)
{
    double at = (x - density->centre) / density->scale;

    if (x < density->low || x > density->high)
        return 0;
    switch (density->form) {
    case FORM_UNIFORM:
        return density->continuous * density->peak;
    case FORM_NORMAL:
        return density->continuous * density->peak * sow_analysis_density(at);
    case FORM_SPHERE:
        return density->continuous * density->peak *
               pow((1 - at) * (1 + at), density->power);
    default:
        return 0;
    }
}
