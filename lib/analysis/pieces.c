/* SPDX-License-Identifier: MIT */
/*
 * E[phi(x) phi(y)] of activations that are a polynomial between their kinks,
 * or an exponential below 0.  Given x, y is normal, and E[phi(y)] then a sum of
 * truncated normal moments: a smooth function of x that bends where the mean of
 * y passes a kink, on the scale of y's deviation.  One integral over x is left.
 */
#include <math.h>

#include "analysis/pieces.h"
#include "analysis/quadrature.h"

#define FAR 9
#define WIDTH 3
#define SHARP 1.5   /* a bend that panels of that width don't follow */
#define NARROW 0.05 /* deviations: three points will do */
#define STEEP 25    /* from here on by the asymptotic series of erfc */
#define FINEST 1e-9 /* deviations: what lies there is as unlikely */
#define LITTLE 0.5  /* units from 0: by a series, as differences from 1 */
#define TERMS 14
#define SETTLED 64  /* from 0: rounding hides what isn't a line */
#define NOWHERE 100 /* units below 0 where an exponential is gone */
#define ROOT_HALF 0.70710678118654752440
#define ROOT_PI 1.77245385090551602730
#define LEGENDRE 0.77459666924148337704 /* of the three points */

/* ------------------------------------------------------------------------
 * The pieces, as the values and slopes of phi are
 */

static void fit(const struct sow_phi *phi, struct sow_piece *piece, double unit)
{
    double end = isinf(piece->high) ? 0 : piece->high;
    double low = isinf(piece->low) ? end - 2 * unit : piece->low;
    double high = isinf(piece->high) ? low + 2 * unit : piece->high;
    double first = low + (high - low) / 4, second = low + (high - low) / 2;
    struct sow_point a = sow_phi_at(phi, first);
    struct sow_point b = sow_phi_at(phi, second);

    piece->c[2] = (b.slope - a.slope) / (2 * (second - first));
    piece->c[1] = b.slope - 2 * piece->c[2] * second;
    piece->c[0] = b.value - (piece->c[1] + piece->c[2] * second) * second;
}

void sow_pieces_init(struct sow_pieces *pieces, const struct sow_phi *phi)
{
    const struct sow_analysis_shape *shape = phi->shape;
    struct sow_phi whole = *phi;
    double low = -INFINITY;

    whole.odd = false;
    pieces->odd = phi->odd;
    pieces->unit = shape->scale ? phi->parameter : 1;
    pieces->count = shape->kink_count + 1;
    pieces->decay = 0;
    for (size_t i = 0; i < pieces->count; i++) {
        struct sow_piece *piece = &pieces->all[i];

        piece->low = low;
        piece->high =
            i < shape->kink_count ? pieces->unit * shape->kinks[i] : INFINITY;
        fit(&whole, piece, pieces->unit);
        low = piece->high;
    }
    if (shape->decays)
        pieces->decay = -sow_phi_at(&whole, -NOWHERE * pieces->unit).value;
}

void sow_pieces_init_lines(struct sow_pieces *pieces, const struct sow_phi *phi)
{
    const double sides[] = {-SETTLED, SETTLED};
    struct sow_phi whole = *phi;

    whole.odd = false;
    *pieces = (struct sow_pieces){.odd = phi->odd, .count = 2, .unit = 1};
    for (size_t i = 0; i < 2; i++) {
        struct sow_point p = sow_phi_at(&whole, sides[i]);

        pieces->all[i] = (struct sow_piece){
            i == 0 ? -INFINITY : 0,
            i == 0 ? 0 : INFINITY,
            {p.value - p.slope * sides[i], p.slope, 0},
        };
    }
}

/* ------------------------------------------------------------------------
 * E[phi(y)] and E[phi'(y)] of y ~ N(mean, deviation^2)
 */

static struct sow_point at_piece(const struct sow_piece *piece, double y)
{
    const double *c = piece->c;

    return (struct sow_point){c[0] + (c[1] + c[2] * y) * y,
                              c[1] + 2 * c[2] * y};
}

/* An end of a piece in deviations, with the density and both tails there. */
struct end {
    double at, density, below, above;
};

static struct end end_of(double y, double mean, double deviation)
{
    double z = (y - mean) / deviation;

    return (struct end){
        z,
        isinf(z) ? 0 : sow_analysis_density(z),
        erfc(-z * ROOT_HALF) / 2,
        erfc(z * ROOT_HALF) / 2,
    };
}

static double between(const struct end *low, const struct end *high)
{
    return low->at > 0 ? low->above - high->above : high->below - low->below;
}

static double edge(const struct end *end)
{
    return isinf(end->at) ? 0 : end->at * end->density;
}

static struct sow_point over_wide(const struct sow_piece *piece,
                                  const struct end *low, const struct end *high,
                                  double mean, double deviation)
{
    struct sow_point p = at_piece(piece, mean);
    double bend = piece->c[2] * deviation;
    double zeroth = between(low, high);
    double first = low->density - high->density;
    double second = zeroth + edge(low) - edge(high);

    return (struct sow_point){
        p.value * zeroth + deviation * (p.slope * first + bend * second),
        p.slope * zeroth + 2 * bend * first,
    };
}

/* Where differences of tails would lose digits. */
static struct sow_point over_narrow(const struct sow_piece *piece, double mean,
                                    double deviation)
{
    static const double weights[] = {5.0 / 9, 8.0 / 9, 5.0 / 9};
    double half = (piece->high - piece->low) / 2;
    double middle = piece->low + half;
    struct sow_point sum = {0, 0};

    for (int k = 0; k < 3; k++) {
        double y = middle + half * LEGENDRE * (k - 1);
        double weight = half / deviation * weights[k] *
                        sow_analysis_density((y - mean) / deviation);
        struct sow_point p = at_piece(piece, y);

        sum.value += weight * p.value;
        sum.slope += weight * p.slope;
    }
    return sum;
}

/* exp(t^2) erfc(t) for t >= STEEP, to 1e-12. */
static double scaled_erfc(double t)
{
    double x = 1 / (2 * t * t);

    return (1 - x * (1 - 3 * x * (1 - 5 * x * (1 - 7 * x)))) / (t * ROOT_PI);
}

/* E[exp(y / unit)] over y < 0. */
static double decayed(double mean, double deviation, double unit)
{
    double z = mean / deviation, rate = deviation / unit;
    double t = (z + rate) * ROOT_HALF;

    if (t < STEEP)
        return exp(rate * (z + rate / 2)) * erfc(t) / 2;
    return exp(-z * z / 2) * scaled_erfc(t) / 2;
}

/* E[exp(y / unit) - 1] over y < 0, of little y. */
static double decayed_little(double mean, double deviation, double unit,
                             const struct end *kink)
{
    double m = mean / unit, s = deviation / unit;
    double last = kink->below;
    double next = m * kink->below - s * kink->density;
    double factor = 1, sum = 0;

    for (int k = 1; k <= TERMS; k++) {
        double after = m * next + k * s * s * last;

        factor /= k;
        sum += factor * next;
        last = next;
        next = after;
    }
    return sum;
}

static struct sow_point first_of(const struct sow_pieces *pieces, double mean,
                                 double deviation, const struct end *kink)
{
    double whole = pieces->decay * kink->below, less;

    if (fabs(mean) + FAR * deviation < LITTLE * pieces->unit) {
        less =
            pieces->decay * decayed_little(mean, deviation, pieces->unit, kink);
        return (struct sow_point){less, (less + whole) / pieces->unit};
    }
    less = pieces->decay * decayed(mean, deviation, pieces->unit);
    return (struct sow_point){less - whole, less / pieces->unit};
}

static struct sow_point over(const struct sow_pieces *pieces, size_t i,
                             const struct end *low, const struct end *high,
                             double mean, double deviation)
{
    const struct sow_piece *piece = &pieces->all[i];

    if (i == 0 && pieces->decay != 0)
        return first_of(pieces, mean, deviation, high);
    if (high->at - low->at < NARROW)
        return over_narrow(piece, mean, deviation);
    return over_wide(piece, low, high, mean, deviation);
}

static struct sow_point expect_whole(const struct sow_pieces *pieces,
                                     double mean, double deviation)
{
    struct sow_point sum = {0, 0};
    struct end low = {-INFINITY, 0, 0, 1};

    for (size_t i = 0; i < pieces->count; i++) {
        struct end high = end_of(pieces->all[i].high, mean, deviation);
        struct sow_point p = over(pieces, i, &low, &high, mean, deviation);

        sum.value += p.value;
        sum.slope += p.slope;
        low = high;
    }
    return sum;
}

struct sow_point sow_pieces_expect(const struct sow_pieces *pieces, double mean,
                                   double deviation)
{
    struct sow_point p = expect_whole(pieces, mean, deviation), m;

    if (!pieces->odd)
        return p;
    m = expect_whole(pieces, -mean, deviation);
    return (struct sow_point){ROOT_HALF * (p.value - m.value),
                              ROOT_HALF * (p.slope + m.slope)};
}

/* ------------------------------------------------------------------------
 * Over x
 */

static struct sow_point at_whole(const struct sow_pieces *pieces, double x)
{
    size_t i = 0;
    double bent;

    while (x > pieces->all[i].high)
        i++;
    if (i > 0 || pieces->decay == 0)
        return at_piece(&pieces->all[i], x);
    bent = pieces->decay * expm1(x / pieces->unit);
    return (struct sow_point){bent, (bent + pieces->decay) / pieces->unit};
}

static struct sow_point at(const struct sow_pieces *pieces, double x)
{
    struct sow_point p = at_whole(pieces, x), m;

    if (!pieces->odd)
        return p;
    m = at_whole(pieces, -x);
    return (struct sow_point){ROOT_HALF * (p.value - m.value),
                              ROOT_HALF * (p.slope + m.slope)};
}

static struct sow_point expect(const struct sow_pieces *pieces, double mean,
                               double deviation)
{
    return deviation > 0 ? sow_pieces_expect(pieces, mean, deviation)
                         : at(pieces, mean);
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* A bend 'at', on the scale 'width'; a kink or a jump when that is 0. */
static void cut_bend(struct sow_panels *panels, double at, double width)
{
    double x = 2 * width;

    sow_panels_cut(panels, at);
    while (width > 0 && x < 2 * FAR) {
        sow_panels_cut(panels, at + x);
        sow_panels_cut(panels, at - x);
        x *= 4;
    }
}

/* Where (mean + deviation z) passes a kink, which is as wide as that. */
static void cut_bends(struct sow_panels *panels,
                      const struct sow_pieces *pieces, double mean,
                      double deviation, double width)
{
    if (!(width < SHARP))
        return;
    for (size_t i = 0; i + 1 < pieces->count; i++) {
        double kink = pieces->all[i].high;

        cut_bend(panels, (kink - mean) / deviation, width);
        if (pieces->odd)
            cut_bend(panels, (-kink - mean) / deviation, width);
    }
}

static void cut(struct sow_panels *panels, const struct sow_pieces *pieces,
                double mean, double deviation, double rho)
{
    double decay =
        pieces->decay != 0 ? larger(pieces->unit / deviation, FINEST) : 0;

    sow_panels_init(panels, -FAR, FAR, WIDTH);
    cut_bends(panels, pieces, mean, deviation, 0);
    cut_bends(panels, pieces, mean, deviation, decay);
    cut_bends(panels, pieces, mean, rho * deviation,
              sqrt((1 - rho) * (1 + rho)) / fabs(rho));
}

void sow_pieces_product(const struct sow_pieces *pieces, double mean,
                        double variance, double rho, struct sow_point *product)
{
    double deviation = sqrt(variance);
    double rest = deviation * sqrt((1 - rho) * (1 + rho));
    struct sow_panels panels;
    struct sow_node nodes[SOW_POINTS];

    cut(&panels, pieces, mean, deviation, rho);
    *product = (struct sow_point){0, 0};
    for (size_t i = 0; i + 1 < panels.count; i++) {
        sow_panel_nodes(&panels, i, nodes);
        for (size_t k = 0; k < SOW_POINTS; k++) {
            double z = nodes[k].at;
            double weight = nodes[k].weight * sow_analysis_density(z);
            struct sow_point x = at(pieces, mean + deviation * z);
            struct sow_point y =
                expect(pieces, mean + rho * deviation * z, rest);

            product->value += weight * x.value * y.value;
            product->slope += weight * x.slope * y.slope;
        }
    }
}
