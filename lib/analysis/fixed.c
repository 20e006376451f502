/* SPDX-License-Identifier: MIT */
/*
 * The summary, and fixed points: of the length map q -> sigma_w^2 V(q) +
 * sigma_b^2 and of the correlation map C(c) (Poole et al. 2016, sections 2.1
 * and 2.2), with their depth scales (Schoenholz et al. 2017, section 3).
 */
#include <math.h>

#include "analysis/theory.h"

#define STEPS 300
#define LOCAL_STEPS 20
#define NEAR 1.25 /* how far Newton's steps may lead from where q is */
#define GONE 1e-30
#define TRAINABLE 6

/* The length map of a layer of mean 0. */
struct map {
    struct sow_phi phi;
    double weight, bias, keep;
};

/* q' and d q' / d q. */
struct image {
    double q, slope;
};

static struct image length(const struct map *map, double q)
{
    struct sow_analysis_moments m;

    sow_phi_moments(&map->phi, 0, q, &m);
    return (struct image){
        map->weight * m.square / map->keep + map->bias,
        map->weight * m.stretch / map->keep,
    };
}

static bool is_fixed(double q, double image)
{
    return fabs(image - q) <= 1e-12 * q;
}

/* Newton's steps from 'q', stable or not; false when there is none near. */
static bool find_near(const struct map *map, double *q)
{
    double at = *q;

    for (int i = 0; i < LOCAL_STEPS; i++) {
        struct image to = length(map, at);

        if (is_fixed(at, to.q)) {
            *q = at;
            return true;
        }
        at += (to.q - at) / (1 - to.slope);
        if (!(at > *q / NEAR && at < *q * NEAR))
            return false;
    }
    return false;
}

/*
 * Where the map itself leads.  Below a slope of 1 Newton's step goes the same
 * way, further.  False when q grows for ever, or where to isn't seen.
 */
static bool follow(const struct map *map, double *q)
{
    for (int i = 0; i < STEPS; i++) {
        struct image to = length(map, *q);

        if (is_fixed(*q, to.q))
            return true;
        if (to.slope < 1 && to.slope > -1)
            to.q = *q + (to.q - *q) / (1 - to.slope);
        *q = to.q > 0 ? to.q : *q / 2;
        if (*q < GONE && map->bias == 0) {
            *q = 0;
            return true;
        }
        if (!(*q < 1 / GONE))
            return false;
    }
    return false;
}

/*
 * A length that the map leaves to both sides, between 1/64 and 64: below it
 * the image is less, above it more.
 */
static bool find_unstable(const struct map *map, double *q)
{
    double low = 0, high;
    bool found = false;

    for (int i = -6; i < 6 && !found; i++) {
        low = ldexp(1, i);
        found = length(map, low).q < low &&
                length(map, 2 * low).q >= 2 * low * (1 - 1e-12);
    }
    if (!found)
        return false;
    high = 2 * low;
    while (high - low > 1e-12 * high) {
        double middle = low + (high - low) / 2;

        if (length(map, middle).q < middle)
            low = middle;
        else
            high = middle;
    }
    *q = high;
    return true;
}

/*
 * The fixed point near 'q', or where lengths go from there, or if that is
 * nowhere, or to nothing, the one that they run away from.
 */
static bool find_fixed(const struct map *map, double *q)
{
    double away;

    if (find_near(map, q))
        return true;
    if (follow(map, q) && *q > 0)
        return true;
    if (find_unstable(map, &away)) {
        *q = away;
        return true;
    }
    return *q == 0;
}

/* Is a slope 1 but for rounding? */
static bool is_one(double slope)
{
    return fabs(slope - 1) < 1e-12;
}

/*
 * C is convex on [0, 1], so from 0 Newton's steps climb to its first fixed
 * point; 1 is one without dropout, and the only stable one while its slope
 * there is at most 1.
 */
static struct image correlate(const struct map *map, double q, double chi_1)
{
    double c = 0, slope = chi_1;

    if ((chi_1 <= 1 || is_one(chi_1)) && map->keep == 1)
        return (struct image){1, chi_1};
    for (int i = 0; i < LOCAL_STEPS; i++) {
        double product, slopes, to;

        sow_phi_product(&map->phi, 0, q, c, &product, &slopes);
        to = (map->weight * product + map->bias) / q;
        slope = map->weight * slopes;
        if (fabs(to - c) < 1e-10 || slope >= 1)
            break;
        c += (to - c) / (1 - slope);
        if (c >= 1)
            return (struct image){1, chi_1};
    }
    return (struct image){c, slope};
}

static double depth(double slope)
{
    return is_one(slope) ? INFINITY : fabs(1 / log(fabs(slope)));
}

static void set_fixed(const struct map *map, double q,
                      struct sow_analysis_summary *summary)
{
    double at = q > 0 ? q : GONE;
    struct sow_analysis_moments m;
    struct image c;

    sow_phi_moments(&map->phi, 0, at, &m);
    summary->fixed = true;
    summary->q_star = q;
    summary->chi_1 = map->weight * m.slope_square / map->keep;
    summary->slope = length(map, at).slope;
    c = correlate(map, at, summary->chi_1 * map->keep);
    summary->c_star = c.q;
    summary->xi_c = depth(c.slope);
    summary->xi_q = depth(summary->slope);
    summary->xi_gradient = depth(summary->chi_1);
    summary->trainable_depth = TRAINABLE * summary->xi_c;
}

void sow_theory_fix(const struct sow_analysis_layer *layer,
                    const struct sow_analysis_result *result,
                    struct sow_analysis_summary *summary)
{
    struct map map = {
        sow_phi_of(layer->activation, layer->parameter, false),
        sow_theory_terms(layer) * layer->weight.variance,
        layer->bias_variance,
        layer->keep,
    };
    double q = result->q;

    if (!(q > 0) || !(q < 1 / GONE) || !isfinite(map.weight))
        return;
    if (find_fixed(&map, &q))
        set_fixed(&map, q, summary);
}

/* ------------------------------------------------------------------------
 * The summary
 */

static size_t typical(const struct sow_analysis_layer *layers, size_t count)
{
    size_t hidden = count > 1 ? count - 1 : 1;

    for (size_t i = hidden; i-- > 0;)
        if (sow_theory_terms(&layers[i]) == sow_theory_terms_back(&layers[i]))
            return i;
    return hidden - 1;
}

bool sow_theory_is_inside(const struct sow_analysis_layer *layers, size_t i)
{
    if (layers[i].closes)
        return true;
    for (size_t k = i + 1; k-- > 0;) {
        if (layers[k].opens)
            return true;
        if (layers[k].closes)
            return false;
    }
    return false;
}

/* Is it one map, from lengths to lengths? */
static bool is_map(const struct sow_analysis_layer *layers, size_t count,
                   size_t i)
{
    const struct sow_analysis_layer *layer = &layers[i];

    return layer->norm == SOW_NORM_NONE && layer->input_norm == SOW_NORM_NONE &&
           layer->weight.mean == 0 && layer->bias_mean == 0 &&
           layer->weight.variance > 0 &&
           !sow_theory_place(layers, count, i, false).odd &&
           !sow_theory_is_inside(layers, i);
}

void sow_theory_summarize(const struct sow_analysis_layer *layers, size_t count,
                          const struct sow_analysis_result *results,
                          struct sow_analysis_summary *summary)
{
    const struct sow_analysis_result *last = &results[count - 1];
    size_t at = typical(layers, count);

    *summary = (struct sow_analysis_summary){
        .log10_forward = last->log10_forward,
        .log10_backward = results[0].log10_backward,
        .forward_rate = last->log10_forward / (double)count,
        .backward_rate = results[0].log10_backward / (double)count,
        .finite_width = last->finite_width,
        .death = last->death,
        .typical = at,
        .q_star = NAN,
        .c_star = NAN,
        .chi_1 = results[at].chi_1,
        .slope = results[at].dq,
        .xi_c = NAN,
        .xi_q = NAN,
        .xi_gradient = NAN,
        .trainable_depth = NAN,
    };
    for (size_t i = 0; i < count; i++)
        summary->jacobian += results[i].jacobian;
    if (is_map(layers, count, at))
        sow_theory_fix(&layers[at], &results[at], summary);
}
