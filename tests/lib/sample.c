/* SPDX-License-Identifier: MIT */
/* Statistics of many draws from a law that is known exactly. */
#include "sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"

#define PI 3.14159265358979323846

const char *statistic_name(enum statistic statistic)
{
    static const char *const names[] = {
        [SAMPLE_BOUNDS] = "draws outside the bounds",
        [SAMPLE_MEAN] = "mean (z)",
        [SAMPLE_VARIANCE] = "variance (z)",
        [SAMPLE_SKEWNESS] = "skewness (z)",
        [SAMPLE_KURTOSIS] = "kurtosis (z)",
        [SAMPLE_NEIGHBOURS] = "correlation of neighbours (z)",
        [SAMPLE_BETWEEN_ROWS] = "correlation of rows (z)",
        [SAMPLE_BETWEEN_SEEDS] = "correlation of seeds (z)",
        [SAMPLE_BETWEEN_NAMES] = "correlation of names (z)",
        [SAMPLE_FINE_BITS] = "mean of the fine bits (z)",
        [SAMPLE_KOLMOGOROV] = "Kolmogorov-Smirnov (D)",
        [SAMPLE_ANDERSON] = "Anderson-Darling (A^2)",
    };

    return names[statistic];
}

/* ------------------------------------------------------------------------
 * Limits
 */

/* The z that a standard normal passes, either way, with probability p. */
static double normal_limit(double p)
{
    double low = 0;
    double high = 40;

    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;

        if (erfc(middle / sqrt(2)) > p)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/*
 * For the sum S of Z_j^2 / (j (j + 1)) and 0 < s < 1,
 *
 *     E exp(s S) = prod (1 - 2 s / (j (j + 1)))^(-1/2)
 *                = sqrt(-2 pi s / cos(pi / 2 sqrt(1 + 8 s)))
 *
 * so P(S > x) <= E exp(s S) exp(-s x), which is p at the x that is minimized
 * here over s.
 */
static double anderson_limit(double p)
{
    double least = INFINITY;

    for (int i = 1; i < 1000; i++) {
        double s = i / 1000.0;
        double moment = -2 * PI * s / cos(PI / 2 * sqrt(1 + 8 * s));
        double x = (log(moment) / 2 - log(p)) / s;

        least = x < least ? x : least;
    }
    return least;
}

double statistic_limit(enum statistic statistic, double level)
{
    if (statistic == SAMPLE_BOUNDS)
        return 0;
    if (statistic == SAMPLE_KOLMOGOROV)
        return sqrt(log(2 / level) / (2.0 * SAMPLE_COUNT));
    if (statistic == SAMPLE_ANDERSON)
        return anderson_limit(level);
    return normal_limit(level);
}

/* ------------------------------------------------------------------------
 * Laws
 */

static double normal_below(double x)
{
    return erfc(-x / sqrt(2)) / 2;
}

struct exact_law law_uniform(double low, double high)
{
    return (struct exact_law){SOW_LAW_UNIFORM, low, high, 0, 1};
}

struct exact_law law_normal(double low, double high)
{
    return (struct exact_law){SOW_LAW_NORMAL, low, high, normal_below(low),
                              low > 0 ? normal_below(-low) - normal_below(-high)
                                      : normal_below(high) - normal_below(low)};
}

static double density(const struct exact_law *law, double x)
{
    if (law->kind == SOW_LAW_UNIFORM)
        return 1 / (law->high - law->low);
    return exp(-x * x / 2) / sqrt(2 * PI) / law->between;
}

static double distribution(const struct exact_law *law, double x)
{
    if (law->kind == SOW_LAW_UNIFORM)
        return (x - law->low) / (law->high - law->low);
    if (law->low > 0)
        return (normal_below(-law->low) - normal_below(-x)) / law->between;
    return (normal_below(x) - law->below) / law->between;
}

/* The mean of ((x - centre) / scale)^power, by Simpson's rule. */
static double moment(const struct exact_law *law, double centre, double scale,
                     int power)
{
    enum { INTERVALS = 20000 };
    double h = (law->high - law->low) / INTERVALS;
    double sum = 0;

    for (int i = 0; i <= INTERVALS; i++) {
        double x = law->low + i * h;
        double weight = i == 0 || i == INTERVALS ? 1 : i % 2 ? 4 : 2;

        sum += weight * density(law, x) * pow((x - centre) / scale, power);
    }
    return sum * h / 3;
}

/* ------------------------------------------------------------------------
 * Statistics
 */

/*
 * The first four moments of the draws less their law's mean and over its
 * standard deviation, as z-scores: the k-th has variance m_2k - m_k^2.
 */
static void measure_moments(const struct exact_law *law, const double *draws,
                            double mean, double std, double *z)
{
    double sums[4] = {0};

    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        double y = (draws[i] - mean) / std;

        sums[0] += y;
        sums[1] += y * y;
        sums[2] += y * y * y;
        sums[3] += y * y * y * y;
    }
    for (int k = 1; k <= 4; k++) {
        double want = moment(law, mean, std, k);
        double variance = moment(law, mean, std, 2 * k) - want * want;

        z[k - 1] = fabs(sums[k - 1] / SAMPLE_COUNT - want) /
                   sqrt(variance / SAMPLE_COUNT);
    }
}

/* The products of draws 'distance' apart, whose mean is 0 and variance 1. */
static double correlation(const double *draws, double mean, double std,
                          size_t distance)
{
    double sum = 0;

    for (size_t i = distance; i < SAMPLE_COUNT; i++)
        sum += (draws[i] - mean) * (draws[i - distance] - mean);
    return fabs(sum) / (std * std) / sqrt((double)(SAMPLE_COUNT - distance));
}

/*
 * What follows the first 16 bits of the draws' probabilities, which is uniform
 * too: mean 1/2, variance 1/12.
 */
static double fine_bits(const double *probabilities)
{
    double sum = 0;

    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        double scaled = probabilities[i] * 65536;

        sum += scaled - floor(scaled) - 0.5;
    }
    return fabs(sum) / sqrt(SAMPLE_COUNT / 12.0);
}

/*
 * Sort numbers in (0, 1) that are about evenly spread: first into as many
 * buckets as there are numbers, and then by insertion.
 */
static void sort(const double *from, double *to, size_t n)
{
    uint32_t *starts = must_allocate((n + 1) * sizeof *starts);

    memset(starts, 0, (n + 1) * sizeof *starts);
    for (size_t i = 0; i < n; i++)
        starts[(size_t)(from[i] * (double)n)]++;
    for (size_t i = 1; i < n; i++)
        starts[i] += starts[i - 1];
    for (size_t i = 0; i < n; i++)
        to[--starts[(size_t)(from[i] * (double)n)]] = from[i];
    free(starts);
    for (size_t i = 1; i < n; i++) {
        double x = to[i];
        size_t j = i;

        for (; j > 0 && to[j - 1] > x; j--)
            to[j] = to[j - 1];
        to[j] = x;
    }
}

static void measure_order(const double *sorted, double *kolmogorov,
                          double *anderson)
{
    double n = SAMPLE_COUNT;
    double worst = 0;
    double sum = 0;

    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        double u = sorted[i];
        double above = ((double)i + 1) / n - u;
        double below = u - (double)i / n;

        worst = fmax(worst, fmax(above, below));
        sum += (2 * (double)i + 1) * log(u) +
               (2 * (n - (double)i) - 1) * log1p(-u);
    }
    *kolmogorov = worst;
    *anderson = -n - sum / n;
}

/*
 * The probability below the draw, kept off 0 and 1, which the farthest draws
 * can round to: half a step of the generator's words inside.
 */
static void probabilities(const struct exact_law *law, const double *draws,
                          double *u)
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++)
        u[i] = fmin(fmax(distribution(law, draws[i]), 0x1p-54), 1 - 0x1p-53);
}

void sample_measure(const struct exact_law *law, const double *draws,
                    double statistics[SAMPLE_STATISTICS])
{
    static const size_t distances[] = {1, SAMPLE_COLUMNS, SAMPLE_TENSOR,
                                       SAMPLE_NAME};
    double *u = must_allocate(SAMPLE_COUNT * sizeof *u);
    double mean = moment(law, 0, 1, 1);
    double std = sqrt(moment(law, mean, 1, 2));
    size_t outside = 0;

    for (size_t i = 0; i < SAMPLE_COUNT; i++)
        outside += !(draws[i] >= law->low && draws[i] <= law->high);
    statistics[SAMPLE_BOUNDS] = (double)outside;
    measure_moments(law, draws, mean, std, statistics + SAMPLE_MEAN);
    for (size_t i = 0; i < COUNT(distances); i++)
        statistics[SAMPLE_NEIGHBOURS + i] =
            correlation(draws, mean, std, distances[i]);
    probabilities(law, draws, u);
    statistics[SAMPLE_FINE_BITS] = fine_bits(u);
    free(u);
}

void sample_measure_order(const struct exact_law *law, const double *draws,
                          double statistics[SAMPLE_STATISTICS])
{
    double *u = must_allocate(SAMPLE_COUNT * sizeof *u);
    double *sorted = must_allocate(SAMPLE_COUNT * sizeof *sorted);

    probabilities(law, draws, u);
    sort(u, sorted, SAMPLE_COUNT);
    free(u);
    measure_order(sorted, &statistics[SAMPLE_KOLMOGOROV],
                  &statistics[SAMPLE_ANDERSON]);
    free(sorted);
}
