/* SPDX-License-Identifier: MIT */
/* Tests of the elementary functions, against libm in long double. */
#include "elementary.h"

#include <math.h>

#include "help.h"

Suite *elementary_suite(void);

static const long double root_half = 0.70710678118654752440084436210484904L;

/* The probability below x, and above it, from the tail that is small. */
static long double below(long double x)
{
    return erfcl(-x * root_half) / 2;
}

/* The i-th of 'n' points over [low, high], off the grid. */
static double point(double low, double high, uint64_t i, uint64_t n)
{
    double jitter = (double)(mix(i) >> 11) * 0x1p-53;

    return low + (high - low) * ((double)i + jitter) / (double)n;
}

START_TEST(exp_is_within_2_ulp)
{
    enum { POINTS = 400000 };
    double worst = 0;
    double where = 0;

    for (uint64_t i = 0; i < POINTS; i++) {
        double x =
            i % 4 == 0 ? point(-700, 700, i, POINTS) : point(-4, 4, i, POINTS);
        long double want = expl((long double)x);
        double ulp = nextafter((double)want, INFINITY) - (double)want;
        double error =
            fabs((double)(((long double)sow_exp(x) - want) / (long double)ulp));

        if (error > worst) {
            worst = error;
            where = x;
        }
    }
    ck_assert_msg(worst <= 2, "off by %g ulp at %a", worst, where);
    ck_assert_double_eq(sow_exp(0), 1);
    ck_assert_double_eq(sow_exp(-0.0), 1);
}
END_TEST

START_TEST(cdf_is_within_its_bounds)
{
    enum { POINTS = 400000 };

    for (uint64_t i = 0; i < POINTS; i++) {
        double x = point(-37, 37, i, POINTS);
        long double got = (long double)sow_normal_cdf(x);
        long double want = below((long double)x);
        long double relative = fabsl(got - want) / want;

        if (fabsl(got - want) > 1e-15L)
            ck_abort_msg("off by %Lg at %a", got - want, x);
        if (x <= -3 && relative > 1e-13L)
            ck_abort_msg("off by %Lg of itself at %a", relative, x);
    }
}
END_TEST

START_TEST(cdf_has_its_values_at_the_ends)
{
    ck_assert_double_eq(sow_normal_cdf(0), 0.5);
    ck_assert_double_eq(sow_normal_cdf(INFINITY), 1);
    ck_assert_double_eq(sow_normal_cdf(-INFINITY), 0);
    ck_assert_double_eq(sow_normal_cdf(1e300), 1);
    ck_assert_double_eq(sow_normal_cdf(-1e300), 0);
    ck_assert_double_eq(sow_normal_density(INFINITY), 0);
    ck_assert_double_eq(sow_normal_density(-INFINITY), 0);
    ck_assert_double_eq(sow_normal_density(-38), 0);
}
END_TEST

/* Where the series meets the continued fraction, and around zero. */
START_TEST(cdf_is_symmetric_and_joins_up)
{
    const double borders[] = {0, 3, 0x1p-30, 1e-300};

    for (size_t i = 0; i < LENGTH(borders); i++) {
        double x = borders[i];
        double next = nextafter(x, 10);

        ck_assert_double_eq_tol(sow_normal_cdf(-x), 1 - sow_normal_cdf(x),
                                2e-16);
        ck_assert_double_ge(sow_normal_cdf(next), sow_normal_cdf(x) - 1e-16);
        ck_assert_double_le(sow_normal_cdf(next) - sow_normal_cdf(x), 5e-16);
    }
}
END_TEST

START_TEST(density_is_within_1e_15)
{
    enum { POINTS = 200000 };

    for (uint64_t i = 0; i < POINTS; i++) {
        double x = point(-8, 8, i, POINTS);
        long double wide = (long double)x;
        long double want = expl(-wide * wide / 2) * 0.398942280401432677939946L;
        long double relative =
            fabsl((long double)sow_normal_density(x) - want) / want;

        if (fabsl((long double)sow_normal_density(x) - want) > 1e-15L ||
            relative > 1e-14L)
            ck_abort_msg("off by %Lg of itself at %a", relative, x);
    }
}
END_TEST

/*
 * By Simpson's rule in long double, whose intervals are too short for its
 * error to show.
 */
static long double truncated_variance(double low, double high)
{
    enum { INTERVALS = 20000 };
    long double a = low < -13 ? -13 : (long double)low;
    long double b = high > 13 ? 13 : (long double)high;
    long double h = (b - a) / INTERVALS;
    long double middle = (a + b) / 2;
    long double m0 = 0, m1 = 0, m2 = 0;

    if (low < -8 && high > 8)
        middle = 0;
    for (int i = 0; i <= INTERVALS; i++) {
        long double x = a + h * i;
        long double weight = i == 0 || i == INTERVALS ? 1 : i % 2 ? 4 : 2;
        long double p = weight * expl(-x * x / 2);

        m0 += p;
        m1 += p * (x - middle);
        m2 += p * (x - middle) * (x - middle);
    }
    return m2 / m0 - m1 / m0 * (m1 / m0);
}

START_TEST(truncated_variance_matches_quadrature)
{
    static const struct {
        double low, high, within;
    } bounds[] = {
        {-2, 2, 1e-13},        {-1, 3, 1e-13},  {0, INFINITY, 1e-13},
        {-INFINITY, 1, 1e-13}, {-8, 8, 1e-13},  {-INFINITY, INFINITY, 1e-13},
        {-0.25, 0.5, 1e-11},   {2, 2.5, 1e-10}, {-3.4, -2.9, 1e-10},
        {2.9, 3.4, 1e-8},      {3.4, 9, 1e-8},
    };

    for (size_t i = 0; i < LENGTH(bounds); i++) {
        long double want = truncated_variance(bounds[i].low, bounds[i].high);
        long double got =
            (long double)sow_truncated_variance(bounds[i].low, bounds[i].high);

        ck_assert_msg(fabsl(got - want) <= (long double)bounds[i].within * want,
                      "within [%g, %g]: %.17Lg, not %.17Lg", bounds[i].low,
                      bounds[i].high, got, want);
    }
}
END_TEST

/* The constant that JAX and Keras correct a truncation at 2 with. */
START_TEST(std_within_two_is_the_known_constant)
{
    ck_assert_double_eq_tol(sqrt(sow_truncated_variance(-2, 2)),
                            0.87962566103423978, 1e-15);
}
END_TEST

Suite *elementary_suite(void)
{
    Suite *suite = suite_create("elementary");
    TCase *cases = tcase_create("elementary");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, exp_is_within_2_ulp);
    tcase_add_test(cases, cdf_is_within_its_bounds);
    tcase_add_test(cases, cdf_has_its_values_at_the_ends);
    tcase_add_test(cases, cdf_is_symmetric_and_joins_up);
    tcase_add_test(cases, density_is_within_1e_15);
    tcase_add_test(cases, truncated_variance_matches_quadrature);
    tcase_add_test(cases, std_within_two_is_the_known_constant);
    suite_add_tcase(suite, cases);
    return suite;
}
