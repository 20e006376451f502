/* SPDX-License-Identifier: MIT */
/*
 * Tests of the law of one element: its density against scipy.stats, and
 * against its own mass and moments.
 */
#include <math.h>

#include "densities.h"
#include "fitting.h"

Suite *density_suite(void);

/* A normal variable's std is that of the mixture over sqrt(continuous). */
static double farthest(const struct sow_density *d, double bound, double sign)
{
    return isinf(bound) ? d->mean + sign * 12 * d->std / sqrt(d->continuous)
                        : bound;
}

START_TEST(masses_and_moments_are_those_of_density_and_atoms)
{
    struct sow_tensor tensor = density_tensor(density_row_at((size_t)_i));
    struct sow_density d = density_of(&tensor);
    struct integral sum = {0, 0, 0};

    ck_assert(d.exact);
    if (d.continuous > 0)
        sum = density_integral(&d, farthest(&d, d.low, -1),
                               farthest(&d, d.high, 1));
    ck_assert_double_eq_tol(sum.mass, d.continuous, 1e-6);
    for (size_t i = 0; i < d.atom_count; i++) {
        const struct sow_density_atom *a = &d.atoms[i];

        ck_assert(a->probability > 0 && a->value >= d.low &&
                  a->value <= d.high);
        ck_assert(i == 0 || a[-1].value < a->value);
        sum.mass += a->probability;
        sum.first += a->probability * a->value;
        sum.second += a->probability * a->value * a->value;
    }
    ck_assert_double_eq_tol(sum.mass, 1, 1e-6);
    ck_assert_double_eq_tol(sum.first, d.mean, 1e-6 * (1 + fabs(d.mean)));
    ck_assert_double_eq_tol(sqrt(fabs(sum.second - sum.first * sum.first)),
                            d.std, 1e-5 * d.std + 1e-9);
    ck_assert(d.from >= d.low && d.to <= d.high && d.from <= d.to);
}
END_TEST

START_TEST(there_are_as_many_rows_as_are_gone_through)
{
    ck_assert_ptr_nonnull(density_row_at(DENSITY_ROWS - 1));
    ck_assert_ptr_null(density_row_at(DENSITY_ROWS));
}
END_TEST

START_TEST(outside_of_its_bounds_there_is_nothing)
{
    struct sow_tensor tensor = density_tensor(density_row_at((size_t)_i));
    struct sow_density d = density_of(&tensor);

    ck_assert_double_eq(sow_density_at(&d, d.low - 1), 0);
    ck_assert_double_eq(sow_density_at(&d, d.high + 1), 0);
}
END_TEST

/* ---- scipy.stats --------------------------------------------------------- */

/*
 * uniform(-1, 4), norm(0.25, 1.5), truncnorm(low, high, mean, std), and
 * beta((n - 1) / 2, (n - 1) / 2, -gain, 2 gain) for n x n orthogonal matrices,
 * of scipy 1.17.1: pdf at three places, mean and std.
 */
static const struct {
    struct density_row row;
    double x[3], y[3], mean, std;
} known[] = {
    {{"uniform", SIDES(4), 0, 1, {{"low", -1}, {"high", 3}}},
     {-0.5, 0, 2.75},
     {0.25, 0.25, 0.25},
     1,
     1.15470053837925},
    {{"normal", SIDES(4), 0, 1, {{"mean", 0.25}, {"std", 1.5}}},
     {-2, 0.25, 4},
     {0.0863450637772612, 0.265961520267622, 0.011685533662379},
     0.25,
     1.5},
    {{"truncated_normal", SIDES(4), 0, 1, {{"mean", 1}, {"std", 0.5}}},
     {0.1, 0.7, 1.9},
     {0.165427302522212, 0.698218323772522, 0.165427302522212},
     1,
     0.43981283051712},
    {{"truncated_normal", SIDES(4), 0, 1, {{"low", 1}, {"high", 4}}},
     {1.25, 2, 3.5},
     {1.15146236323768, 0.340371624431351, 0.00550159490946137},
     1.52459609216226,
     0.444602920830501},
    {{"truncated_normal", SIDES(4), 0, 1, {{"low", 3}, {"high", 3.5}}},
     {3.125, 3.25, 3.375},
     {2.70504074079956, 1.81607844072623, 1.20035455238953},
     3.18559439840068,
     0.135013784152245},
    {{"orthogonal", SIDES(2, 2), 0, 1, {{NULL, 0}}},
     {-0.9, 0.25 * 0.707106781186548, 0.75},
     {0.730252961371093, 0.323403167766061, 0.481239313540334},
     0,
     0.707106781186548},
    {{"orthogonal", SIDES(3, 3), 0, 1, {{"gain", 2}}},
     {-1.8, 0.28867513459481, 1.73205080756888},
     {0.25, 0.25, 0.25},
     0,
     1.15470053837925},
    {{"torch.orthogonal", SIDES(4, 2), 0, 1, {{NULL, 0}}},
     {-0.9, 0.125, 0.75},
     {0.277496125321015, 0.631626599021689, 0.421084399347793},
     0,
     0.5},
    {{"jax.orthogonal", SIDES(3, 5), 0, 1, {{"scale", 0.5}}},
     {-0.45, 0.25 * 0.223606797749979, 1.5 * 0.223606797749979},
     {0.285, 1.48125, 0.825},
     0,
     0.223606797749979},
    {{"orthogonal", SIDES(64, 64), 0, 1, {{"gain", 1.5}}},
     {-0.375, 0.046875, 0.28125},
     {0.293690361094904, 2.04091028249639, 0.705836146896736},
     0,
     0.1875},
    {{"orthogonal", SIDES(1024, 2), 0, 1, {{NULL, 0}}},
     {-0.0625, 0.0078125, 0.046875},
     {1.72982261244464, 12.3654349017045, 4.15007422602586},
     0,
     0.03125},
    {{"orthogonal", SIDES(2, 4000), 0, 1, {{NULL, 0}}},
     {-2 * 0.0158113883008419, 0.25 * 0.0158113883008419,
      1.5 * 0.0158113883008419},
     {3.41575597991544, 24.4510203982653, 8.19419697717222},
     0,
     0.0158113883008419},
};

START_TEST(densities_are_those_of_scipy)
{
    struct sow_tensor tensor = density_tensor(&known[_i].row);
    struct sow_density d = density_of(&tensor);

    ck_assert_double_eq_tol(d.mean, known[_i].mean, 1e-12);
    ck_assert_double_eq_tol(d.std, known[_i].std, 1e-12);
    for (size_t k = 0; k < 3; k++) {
        double y = sow_density_at(&d, known[_i].x[k]);

        ck_assert_msg(fabs(y - known[_i].y[k]) < 2e-11 * known[_i].y[k],
                      "%s at %.15g: %.15g, not %.15g", known[_i].row.scheme,
                      known[_i].x[k], y, known[_i].y[k]);
    }
}
END_TEST

/* ---- what isn't known ---------------------------------------------------- */

START_TEST(other_schemes_have_moments_alone)
{
    const struct {
        struct density_row row;
        bool moments;
    } cases[] = {
        {{"dct_signed", SIDES(64, 64), 0, 1, {{NULL, 0}}}, true},
        {{"identity", SIDES(64, 64), 0, 1, {{NULL, 0}}}, true},
        {{"conv_orthogonal", SIDES(16, 16, 3, 3), 0, 1, {{NULL, 0}}}, false},
        {{"orthogonal", SIDES(0, 4), 0, 1, {{NULL, 0}}}, false},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sow_tensor tensor = density_tensor(&cases[i].row);
        struct sow_density d = density_of(&tensor);

        ck_assert_msg(!d.exact && d.atom_count == 0 && d.continuous == 0,
                      "%s is said to be exact", cases[i].row.scheme);
        ck_assert_msg(isfinite(d.mean) == cases[i].moments &&
                          isfinite(d.std) == cases[i].moments,
                      "%s: mean %g, std %g", cases[i].row.scheme, d.mean,
                      d.std);
        ck_assert_double_eq(sow_density_at(&d, 0), 0);
    }
}
END_TEST

START_TEST(every_scheme_has_a_law)
{
    const struct sow_scheme_info *info;

    for (size_t i = 0; (info = sow_scheme_at(i)) != NULL; i++)
        for (size_t k = 0; k < fitting_count(info); k++) {
            struct sow_spec spec;
            struct sow_tensor tensor;
            struct sow_density d;
            struct sow_error error;

            if (!fitting_make(info, k, SOW_FLOAT32, &spec, &tensor))
                continue;
            MUST(sow_density_init(&d, engine_at(0), &tensor, &error) == SOW_OK,
                 "%s: %s", info->name, error.text);
            MUST(!d.exact || (isfinite(d.mean) && d.std >= 0),
                 "%s: mean %g, std %g", info->name, d.mean, d.std);
            MUST(!d.exact || isnan(tensor.std) ||
                     fabs(d.std - tensor.std) <= 1e-12 * tensor.std,
                 "%s: std %.15g, not %.15g", info->name, d.std, tensor.std);
        }
}
END_TEST

Suite *density_suite(void)
{
    Suite *suite = suite_create("density");
    TCase *test = tcase_create("density");

    tcase_set_timeout(test, 120);
    tcase_add_loop_test(test, masses_and_moments_are_those_of_density_and_atoms,
                        0, DENSITY_ROWS);
    tcase_add_loop_test(test, outside_of_its_bounds_there_is_nothing, 0,
                        DENSITY_ROWS);
    tcase_add_loop_test(test, densities_are_those_of_scipy, 0, COUNT(known));
    tcase_add_test(test, there_are_as_many_rows_as_are_gone_through);
    tcase_add_test(test, other_schemes_have_moments_alone);
    tcase_add_test(test, every_scheme_has_a_law);
    suite_add_tcase(suite, test);
    return suite;
}
