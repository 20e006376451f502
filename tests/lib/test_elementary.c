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

/* By 300 bits of arithmetic, rounded to double. */
START_TEST(values_are_those_of_high_precision)
{
    static const struct {
        const char *name;
        double (*of)(double x);
        double x, want;
    } rows[] = {
        {"log", sow_log, 0x1.8p+0, 0.40546510810816438},
        {"log", sow_log, 0x1.000001p+0, 5.9604642999033858e-08},
        {"log", sow_log, 0x1.fffffep-1, -5.9604646551747531e-08},
        {"log", sow_log, 0x1.4p+3, 2.3025850929940459},
        {"log", sow_log, 0x1.999999999999ap-4, -2.3025850929940455},
        {"log", sow_log, 0x1.27p+300, 208.08595207984385},
        {"log", sow_log, 0x1p-1074, -744.44007192138122},
        {"log1p", sow_log1p, 0x1p-60, 8.6736173798840355e-19},
        {"log1p", sow_log1p, -0x1.8p-1, -1.3862943611198906},
        {"log1p", sow_log1p, 0x1.5p-20, 1.2516967569104906e-06},
        {"expm1", sow_expm1, 0x1p-55, 2.7755575615628914e-17},
        {"expm1", sow_expm1, -0x1.5p-10, -0.0012809172055780291},
        {"expm1", sow_expm1, 0x1.62e4p-2, 0.41421255219588554},
        {"expm1", sow_expm1, -0x1.3p+2, -0.99134830479687941},
        {"expm1", sow_expm1, 0x1.9p+8, 5.2214696897641443e+173},
        {"tanh", sow_tanh, 0x1p-40, 9.0949470177292824e-13},
        {"tanh", sow_tanh, 0x1p-1, 0.46211715726000974},
        {"tanh", sow_tanh, -0x1.8p+0, -0.9051482536448664},
        {"tanh", sow_tanh, 0x1.2p+3, 0.999999969540041},
        {"sin", sow_sin, 0x1p-30, 9.3132257461547852e-10},
        {"sin", sow_sin, 0x1.8p+0, 0.99749498660405445},
        {"sin", sow_sin, 0x1.921fb54442d18p+1, 1.2246467991473532e-16},
        {"sin", sow_sin, -0x1.4p+4, -0.91294525072762767},
        {"sin", sow_sin, 0x1.86ap+16, 0.035748797972016508},
        {"sin", sow_sin, 0x1.fffffffp+24, -0.96115447583911096},
        {"cos", sow_cos, 0x1p-30, 1},
        {"cos", sow_cos, 0x1.8p+0, 0.070737201667702906},
        {"cos", sow_cos, 0x1.921fb54442d18p+0, 6.123233995736766e-17},
        {"cos", sow_cos, -0x1.4p+4, 0.40808206181339196},
        {"cos", sow_cos, 0x1.86ap+16, -0.99936080743821243},
        {"cos", sow_cos, 0x1.fffffffp+24, -0.27601100263294548},
        {"erf", sow_erf, 0x1p-40, 1.0262548740643184e-12},
        {"erf", sow_erf, 0x1.4p-1, 0.623240882188418},
        {"erf", sow_erf, -0x1.8p+0, -0.96610514647531076},
        {"erf", sow_erf, 0x1.1p+1, 0.99734597064051767},
        {"erf", sow_erf, 0x1.8p+1, 0.99997790950300136},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        double got = rows[i].of(rows[i].x);

        ck_assert_msg(fabs(got - rows[i].want) <= 1e-15 * fabs(rows[i].want),
                      "%s(%g) is %.17g, not %.17g", rows[i].name, rows[i].x,
                      got, rows[i].want);
    }
}
END_TEST

/* Between the end points, and each with its smallest arguments. */
START_TEST(functions_are_within_their_ulps)
{
    enum { POINTS = 100000 };
    static const struct {
        const char *name;
        double (*of)(double x);
        long double (*want)(long double x);
        double low, high, ulps;
    } rows[] = {
        {"log", sow_log, logl, 0.5, 2, 2},
        {"log", sow_log, logl, 1 - 1e-7, 1 + 1e-7, 2},
        {"log", sow_log, logl, 1e-300, 1e300, 2},
        {"log", sow_log, logl, 1e-310, 1e-308, 2},
        {"log1p", sow_log1p, log1pl, -0.999, 3, 3},
        {"log1p", sow_log1p, log1pl, -1e-12, 1e-12, 3},
        {"log1p", sow_log1p, log1pl, 1, 1e20, 3},
        {"expm1", sow_expm1, expm1l, -4, 4, 3},
        {"expm1", sow_expm1, expm1l, -1e-9, 1e-9, 3},
        {"expm1", sow_expm1, expm1l, -700, 700, 3},
        {"tanh", sow_tanh, tanhl, -4, 4, 4},
        {"tanh", sow_tanh, tanhl, -1e-5, 1e-5, 4},
        {"tanh", sow_tanh, tanhl, -1000, 1000, 4},
        {"sin", sow_sin, sinl, -7, 7, 2},
        {"sin", sow_sin, sinl, -0x1p25, 0x1p25, 2},
        {"cos", sow_cos, cosl, -7, 7, 2},
        {"cos", sow_cos, cosl, -0x1p25, 0x1p25, 2},
        {"atan", sow_atan, atanl, -3, 3, 6},
        {"atan", sow_atan, atanl, -1e-5, 1e-5, 6},
        {"atan", sow_atan, atanl, -1e9, 1e9, 6},
        {"erf", sow_erf, erfl, -7, 7, 18},
        {"erf", sow_erf, erfl, -1e-5, 1e-5, 18},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        for (uint64_t j = 0; j < POINTS; j++) {
            double x = point(rows[i].low, rows[i].high, j, POINTS);
            long double want = rows[i].want((long double)x);
            double size = fabs((double)want);
            long double off = fabsl((long double)rows[i].of(x) - want);

            if (off > (long double)(rows[i].ulps *
                                    (nextafter(size, INFINITY) - size)))
                ck_abort_msg("%s is off by %Lg at %a", rows[i].name, off, x);
        }
    }
}
END_TEST

START_TEST(pow_is_within_its_bound)
{
    enum { POINTS = 100000 };

    for (uint64_t i = 0; i < POINTS; i++) {
        double x = exp(point(-5, 12, i, POINTS));
        double y = point(-3, 3, mix(i) % POINTS, POINTS);
        long double want = powl((long double)x, (long double)y);
        double error =
            fabs((double)(((long double)sow_pow(x, y) - want) / want));

        if (error > (4 + 3 * fabs(y * log(x))) * 0x1p-53)
            ck_abort_msg("%g^%g is off by %g of itself", x, y, error);
    }
    ck_assert_double_eq(sow_pow(7, 0), 1);
    ck_assert_double_eq(sow_pow(1, 123), 1);
    ck_assert_double_eq_tol(sow_pow(10000, -0.5), 0.01, 3e-17);
}
END_TEST

START_TEST(limits_are_exact)
{
    ck_assert_double_eq(sow_log(1), 0);
    ck_assert_double_eq(sow_log1p(0), 0);
    ck_assert_double_eq(sow_expm1(0), 0);
    ck_assert_double_eq(sow_tanh(0), 0);
    ck_assert_double_eq(sow_tanh(INFINITY), 1);
    ck_assert_double_eq(sow_tanh(-INFINITY), -1);
    ck_assert_double_eq(sow_erf(0), 0);
    ck_assert_double_eq(sow_erf(INFINITY), 1);
    ck_assert_double_eq(sow_erf(-INFINITY), -1);
    ck_assert_double_eq(sow_atan(0), 0);
    ck_assert_double_eq(sow_atan(INFINITY), acos(0));
    ck_assert_double_eq(sow_sin(0), 0);
    ck_assert_double_eq(sow_cos(0), 1);
}
END_TEST

/* Of the fraction in the first eighth that it mirrors, by long double. */
static long double turn_cosine(uint64_t n, uint64_t of)
{
    long double eighth = acosl(-1) / 4 / (long double)of;
    uint64_t a = 8 * (n % of);

    a = a > 4 * of ? 8 * of - a : a;
    if (a > 2 * of)
        return a > 3 * of ? -cosl(eighth * (long double)(4 * of - a))
                          : -sinl(eighth * (long double)(a - 2 * of));
    return a > of ? sinl(eighth * (long double)(2 * of - a))
                  : cosl(eighth * (long double)a);
}

START_TEST(turns_are_within_3_ulp)
{
    const uint64_t of[] = {
        1, 2, 3, 8, 12, 999, 1024, 65537, (UINT64_C(1) << 51) - 1};

    for (size_t i = 0; i < COUNT(of); i++) {
        for (uint64_t j = 0; j < 3000; j++) {
            uint64_t n = mix(j) % (2 * of[i]);
            long double want = turn_cosine(n, of[i]);
            double size = fabs((double)want);
            long double off =
                fabsl((long double)sow_cos_turns(n, of[i]) - want);

            if (off > (long double)(3 * (nextafter(size, INFINITY) - size)))
                ck_abort_msg("the cosine of %llu / %llu is off by %Lg",
                             (unsigned long long)n, (unsigned long long)of[i],
                             off);
        }
    }
}
END_TEST

START_TEST(turns_are_symmetric_and_whole_ones_fall_away)
{
    const double quarters[] = {0, 1, 0, -1, 0};

    for (uint64_t of = 1; of < 100; of++) {
        for (uint64_t n = 0; n <= of; n++) {
            double sine = sow_sin_turns(n, of);
            double cosine = sow_cos_turns(n, of);

            ck_assert_double_eq(sow_sin_turns(of - n, of), 0 - sine);
            ck_assert_double_eq(sow_cos_turns(of - n, of), cosine);
            ck_assert_double_eq(sow_sin_turns(2 * of - 2 * n, 4 * of),
                                sow_sin_turns(2 * n, 4 * of));
            ck_assert_double_eq(sow_sin_turns(4 * n + of, 4 * of), cosine);
            ck_assert_double_eq(sow_sin_turns(n + 1000000 * of, of), sine);
        }
        for (uint64_t q = 0; q < 4; q++) {
            ck_assert_double_eq(sow_sin_turns(q * of, 4 * of), quarters[q]);
            ck_assert_double_eq(sow_cos_turns(q * of, 4 * of), quarters[q + 1]);
        }
    }
}
END_TEST

START_TEST(cdf_is_within_its_bounds)
{
    enum { POINTS = 400000 };

    for (uint64_t i = 0; i < POINTS; i++) {
        double x = point(-37, 37, i, POINTS);
        long double got = (long double)sow_normal_cdf(x);
        long double want = below((long double)x);
        long double off = fabsl(got - want);

        if (off > 1e-15L || (x <= -3 && off > 1e-13L * want))
            ck_abort_msg("off by %Lg, %Lg of itself, at %a", off, off / want,
                         x);
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

    for (size_t i = 0; i < COUNT(borders); i++) {
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
        long double off = fabsl((long double)sow_normal_density(x) - want);

        if (off > 1e-15L || off > 1e-14L * want)
            ck_abort_msg("off by %Lg of itself at %a", off / want, x);
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

    for (size_t i = 0; i < COUNT(bounds); i++) {
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
    TCase *wide = tcase_create("wide");

    tcase_set_timeout(wide, 60);
    tcase_set_tags(wide, "wide");
    tcase_add_test(wide, exp_is_within_2_ulp);
    tcase_add_test(cases, values_are_those_of_high_precision);
    tcase_add_test(wide, functions_are_within_their_ulps);
    tcase_add_test(wide, pow_is_within_its_bound);
    tcase_add_test(cases, limits_are_exact);
    tcase_add_test(wide, turns_are_within_3_ulp);
    tcase_add_test(cases, turns_are_symmetric_and_whole_ones_fall_away);
    tcase_add_test(wide, cdf_is_within_its_bounds);
    tcase_add_test(cases, cdf_has_its_values_at_the_ends);
    tcase_add_test(cases, cdf_is_symmetric_and_joins_up);
    tcase_add_test(wide, density_is_within_1e_15);
    tcase_add_test(wide, truncated_variance_matches_quadrature);
    tcase_add_test(cases, std_within_two_is_the_known_constant);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, wide);
    return suite;
}
