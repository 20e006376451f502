/* SPDX-License-Identifier: MIT */
/*
 * Statistical tests of the primitive laws on 10^7 draws each, over ten seeds
 * and names; and of the tests, on laws that are slightly wrong.
 */
#include <math.h>
#include <stdlib.h>

#include "help.h"
#include "sample.h"

Suite *statistics_suite(void);

/* Laws in units of std around the mean; a normal reaches to 12. */
static const struct {
    const char *scheme;
    enum sow_dtype dtype;
    double low, high;
} laws[] = {
    {"uniform", SOW_FLOAT32, 0, 1},
    {"uniform", SOW_FLOAT64, -3, 2},
    {"normal", SOW_FLOAT32, -12, 12},
    {"normal", SOW_FLOAT64, -12, 12},
    {"truncated_normal", SOW_FLOAT32, -2, 2},
    {"truncated_normal", SOW_FLOAT32, -0.5, 3},
    {"truncated_normal", SOW_FLOAT32, 2.5, 6},
    {"truncated_normal", SOW_FLOAT64, -2, 2},
    {"truncated_normal", SOW_FLOAT64, 2.5, 6},
};

/* The laws that slightly wrong ones are made from. */
#define UNIFORM 1
#define NORMAL 3

/* A right generator fails any test of this file with 1e-6 at most. */
#define LEVEL (1e-6 / (double)(COUNT(laws) * SAMPLE_STATISTICS))

static double *draw(size_t law)
{
    double *draws = must_allocate(SAMPLE_COUNT * sizeof *draws);
    struct sow_spec spec =
        spec_make(laws[law].scheme, laws[law].dtype,
                  SHAPE(SAMPLE_TENSOR / SAMPLE_COLUMNS, SAMPLE_COLUMNS));
    bool bounded = spec.scheme.info != sow_scheme_find("normal");

    if (bounded) {
        spec_set(&spec, "low", laws[law].low);
        spec_set(&spec, "high", laws[law].high);
    }
    for (int t = 0; t < SAMPLE_COUNT / SAMPLE_TENSOR; t++) {
        struct sow_tensor tensor;
        uint8_t *bytes;

        spec.seed = (uint64_t)(t % SAMPLE_SEEDS);
        spec.name = t < SAMPLE_SEEDS ? "fc1.weight" : "fc2.weight";
        tensor = tensor_make(&spec);
        bytes = must_allocate(tensor.size);
        ck_assert_int_eq(
            sow_tensor_read(engine_at(0), &tensor, 0, bytes, tensor.size),
            SOW_OK);
        sow_widen(spec.dtype, bytes, draws + (size_t)t * SAMPLE_TENSOR,
                  SAMPLE_TENSOR);
        free(bytes);
    }
    return draws;
}

/*
 * The law that 'draws' should have.  A uniform's draws are the lower ends of
 * equal steps, and are moved to the middles first.
 */
static struct exact_law expect(size_t law, double *draws)
{
    double width = laws[law].high - laws[law].low;
    double step = laws[law].dtype == SOW_FLOAT32 ? 0x1p-24 : 0x1p-53;

    if (laws[law].scheme[0] == 'u') {
        for (size_t i = 0; i < SAMPLE_COUNT; i++)
            draws[i] += width * step / 2;
        return law_uniform(laws[law].low, laws[law].high);
    }
    return law_normal(laws[law].low, laws[law].high);
}

START_TEST(draws_follow_their_law)
{
    double *draws = draw((size_t)_i);
    struct exact_law law = expect((size_t)_i, draws);
    double statistics[SAMPLE_STATISTICS];

    sample_measure(&law, draws, statistics);
    sample_measure_order(&law, draws, statistics);
    free(draws);
    for (int s = 0; s < SAMPLE_STATISTICS; s++)
        ck_assert_msg(statistics[s] <=
                          statistic_limit((enum statistic)s, LEVEL),
                      "%s %s [%g, %g]: %s is %g, past %g", laws[_i].scheme,
                      sow_dtype_name(laws[_i].dtype), laws[_i].low,
                      laws[_i].high, statistic_name((enum statistic)s),
                      statistics[s], statistic_limit((enum statistic)s, LEVEL));
}
END_TEST

/* ------------------------------------------------------------------------
 * Slightly wrong laws: a float64 normal, and for the bits a uniform
 */

static double shifted(const double *x, size_t i)
{
    return x[i] + 0.003;
}

/* The variance is off by 0.4 %. */
static double stretched(const double *x, size_t i)
{
    return x[i] * 1.002;
}

static double leaning(const double *x, size_t i)
{
    return x[i] + 0.0015 * (x[i] * x[i] - 1);
}

static double peaked(const double *x, size_t i)
{
    return x[i] + 0.001 * (x[i] * x[i] * x[i] - 3 * x[i]);
}

static double with_the_last(const double *x, size_t i)
{
    return i < 1 ? x[i] : x[i] + 0.003 * x[i - 1];
}

static double with_the_row_above(const double *x, size_t i)
{
    return i < SAMPLE_COLUMNS ? x[i] : x[i] + 0.003 * x[i - SAMPLE_COLUMNS];
}

static double with_the_last_seed(const double *x, size_t i)
{
    return i < SAMPLE_TENSOR ? x[i] : x[i] + 0.003 * x[i - SAMPLE_TENSOR];
}

static double with_the_other_name(const double *x, size_t i)
{
    return i < SAMPLE_NAME ? x[i] : x[i] + 0.004 * x[i - SAMPLE_NAME];
}

/* A float64 that was made from 24 bits; uniform on [-3, 2). */
static double of_24_bits(const double *x, size_t i)
{
    return floor((x[i] + 3) / 5 * 0x1p24) * 0x1p-24 * 5 - 3;
}

/* A rejection that gives up: nothing lies beyond 3 standard deviations. */
static double cut_off(const double *x, size_t i)
{
    return fabs(x[i]) > 3 ? x[i] * 0.5 : x[i];
}

/* Of every thousand draws one is moved above the median. */
static double lopsided(const double *x, size_t i)
{
    return i % 500 == 0 ? fabs(x[i]) : x[i];
}

static double out_of_bounds(const double *x, size_t i)
{
    return i == SAMPLE_COUNT - 1 ? 12.5 : x[i];
}

static const struct {
    double (*make)(const double *x, size_t i);
    size_t law;
    enum statistic statistic;
} wrong[] = {
    {out_of_bounds, NORMAL, SAMPLE_BOUNDS},
    {shifted, NORMAL, SAMPLE_MEAN},
    {stretched, NORMAL, SAMPLE_VARIANCE},
    {leaning, NORMAL, SAMPLE_SKEWNESS},
    {peaked, NORMAL, SAMPLE_KURTOSIS},
    {with_the_last, NORMAL, SAMPLE_NEIGHBOURS},
    {with_the_row_above, NORMAL, SAMPLE_BETWEEN_ROWS},
    {with_the_last_seed, NORMAL, SAMPLE_BETWEEN_SEEDS},
    {with_the_other_name, NORMAL, SAMPLE_BETWEEN_NAMES},
    {of_24_bits, UNIFORM, SAMPLE_FINE_BITS},
    {lopsided, NORMAL, SAMPLE_KOLMOGOROV},
    {cut_off, NORMAL, SAMPLE_ANDERSON},
};

START_TEST(slightly_wrong_draws_are_found_out)
{
    double *draws = draw(wrong[_i].law);
    struct exact_law law = expect(wrong[_i].law, draws);
    double *bad = must_allocate(SAMPLE_COUNT * sizeof *bad);
    double statistics[SAMPLE_STATISTICS];
    enum statistic statistic = wrong[_i].statistic;
    double limit = statistic_limit(statistic, LEVEL);

    for (size_t i = 0; i < SAMPLE_COUNT; i++)
        bad[i] = wrong[_i].make(draws, i);
    free(draws);
    sample_measure(&law, bad, statistics);
    if (statistic >= SAMPLE_KOLMOGOROV)
        sample_measure_order(&law, bad, statistics);
    free(bad);
    ck_assert_msg(statistics[statistic] > limit,
                  "wrong draws pass: %s is %g, at most %g",
                  statistic_name(statistic), statistics[statistic], limit);
}
END_TEST

/* Against published points of the distributions; A^2's is a bound. */
START_TEST(limits_bound_the_published_ones)
{
    ck_assert_double_eq_tol(statistic_limit(SAMPLE_MEAN, 0.05), 1.959964, 1e-6);
    ck_assert_double_eq_tol(statistic_limit(SAMPLE_MEAN, 1e-6), 4.891638, 1e-6);
    ck_assert_double_eq_tol(statistic_limit(SAMPLE_KOLMOGOROV, 0.01) *
                                sqrt(SAMPLE_COUNT),
                            1.6276, 1e-3);
    /* 2.492 and 3.857 are the 5 % and 1 % points of A^2. */
    ck_assert_double_ge(statistic_limit(SAMPLE_ANDERSON, 0.05), 2.492);
    ck_assert_double_le(statistic_limit(SAMPLE_ANDERSON, 0.05), 5.5);
    ck_assert_double_ge(statistic_limit(SAMPLE_ANDERSON, 0.01), 3.857);
    ck_assert_double_le(statistic_limit(SAMPLE_ANDERSON, 0.01), 7.5);
}
END_TEST

Suite *statistics_suite(void)
{
    Suite *suite = suite_create("statistics");
    TCase *cases = tcase_create("statistics");

    tcase_set_timeout(cases, 600);
    tcase_set_tags(cases, "laws");
    tcase_add_test(cases, limits_bound_the_published_ones);
    tcase_add_loop_test(cases, draws_follow_their_law, 0, (int)COUNT(laws));
    tcase_add_loop_test(cases, slightly_wrong_draws_are_found_out, 0,
                        (int)COUNT(wrong));
    suite_add_tcase(suite, cases);
    return suite;
}
