/* SPDX-License-Identifier: MIT */
/* Tests that orthogonal matrices have the Haar distribution: exact laws. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "matrix.h"

Suite *haar_suite(void);

/* The values of n x n matrices of 'count' seeds are given to 'visit'. */
static void each_matrix(uint64_t rows, uint64_t cols, uint64_t count,
                        void (*visit)(const double *q, void *sums), void *sums)
{
    struct sow_spec spec =
        spec_make("orthogonal", SOW_FLOAT64, SHAPE(rows, cols));

    for (spec.seed = 0; spec.seed < count; spec.seed++) {
        double *values = matrix_make(&spec);

        visit(values, sums);
        free(values);
    }
}

static double determinant3(const double *q)
{
    return q[0] * (q[4] * q[8] - q[5] * q[7]) -
           q[1] * (q[3] * q[8] - q[5] * q[6]) +
           q[2] * (q[3] * q[7] - q[4] * q[6]);
}

static void add_traces3(const double *q, void *argument)
{
    double *sums = argument;
    double trace = q[0] + q[4] + q[8];

    sums[0] += trace;
    sums[1] += trace * trace;
    sums[2] += trace * trace * trace;
    sums[3] += trace * trace * trace * trace;
    sums[4] += determinant3(q);
    sums[5] += determinant3(q) * trace * trace * trace;
}

/*
 * Of O(n) the trace has the standard normal's first 2n + 1 moments (Diaconis
 * and Evans 2001): 0, 1, 0, 3 and for n = 3 a sixth of 15.  The product of the
 * trace's cube and the determinant is the count of the sign representation in
 * the third power of the natural one: 1.
 */
START_TEST(traces_have_the_moments_of_o_3)
{
    enum { COUNT = 20000 };
    double sums[6] = {0};

    each_matrix(3, 3, COUNT, add_traces3, sums);
    matrix_check_mean("E tr", sums[0], COUNT, 0, 1);
    matrix_check_mean("E tr^2", sums[1], COUNT, 1, 3 - 1);
    matrix_check_mean("E tr^3", sums[2], COUNT, 0, 15);
    matrix_check_mean("E tr^4", sums[3], COUNT, 3, 105 - 9);
    matrix_check_mean("E det", sums[4], COUNT, 0, 1);
    matrix_check_mean("E det tr^3", sums[5], COUNT, 1, 15 - 1);
}
END_TEST

static void add_traces60(const double *q, void *argument)
{
    double *sums = argument;
    double trace = 0, square = 0;

    for (int i = 0; i < 60; i++) {
        trace += q[61 * i];
        for (int j = 0; j < 60; j++)
            square += q[60 * i + j] * q[60 * j + i];
    }
    sums[0] += trace;
    sums[1] += trace * trace;
    sums[2] += trace * trace * trace * trace;
    sums[3] += square;
    sums[4] += square * square;
    sums[5] += trace * trace * square;
}

/* Two panels; tr Q^2 has mean 1 and variance 2, apart from tr Q. */
START_TEST(traces_have_the_moments_of_o_60)
{
    enum { COUNT = 3000 };
    double sums[6] = {0};

    each_matrix(60, 60, COUNT, add_traces60, sums);
    matrix_check_mean("E tr", sums[0], COUNT, 0, 1);
    matrix_check_mean("E tr^2", sums[1], COUNT, 1, 2);
    matrix_check_mean("E tr^4", sums[2], COUNT, 3, 96);
    matrix_check_mean("E tr Q^2", sums[3], COUNT, 1, 2);
    matrix_check_mean("E (tr Q^2)^2", sums[4], COUNT, 3, 16);
    matrix_check_mean("E tr^2 tr Q^2", sums[5], COUNT, 1, 9 - 1);
}
END_TEST

/* The angle of a rotation in the plane, on 0 to 1; -1 for a reflection. */
static double turn_of(const double *q)
{
    double angle = atan2(q[2], q[0]) / (2 * acos(-1));

    if (q[0] * q[3] - q[1] * q[2] < 0)
        return -1;
    return angle < 0 ? angle + 1 : angle;
}

struct turns {
    size_t rotations, reflections;
    double angle[20000];
};

static void add_turn(const double *q, void *argument)
{
    struct turns *turns = argument;
    double turn = turn_of(q);

    if (turn < 0)
        turns->reflections++;
    else
        turns->angle[turns->rotations++] = turn;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* sqrt(n) times the Kolmogorov-Smirnov distance of 'n' values from 'cdf'. */
static double ks_distance(double *values, size_t n, double (*cdf)(double))
{
    double worst = 0;

    qsort(values, n, sizeof *values, ascending);
    for (size_t i = 0; i < n; i++) {
        double p = cdf(values[i]);

        worst = fmax(worst, fabs(p - (double)i / (double)n));
        worst = fmax(worst, fabs(p - (double)(i + 1) / (double)n));
    }
    return worst * sqrt((double)n);
}

static double uniform_cdf(double x)
{
    return x;
}

/* Half of O(2) turns, by every angle alike; half reflects. */
START_TEST(eigenvalue_phases_of_o_2_are_uniform)
{
    enum { COUNT = 20000 };
    static struct turns turns;

    each_matrix(2, 2, COUNT, add_turn, &turns);
    matrix_check_mean("rotations", (double)turns.rotations, COUNT, 0.5, 0.25);
    ck_assert_double_lt(ks_distance(turns.angle, turns.rotations, uniform_cdf),
                        2.2);
}
END_TEST

/* What is looked at in m x 3 matrices, m = 5, in 5 x 3 and 3 x 5. */
enum { M = 5, MATRICES = 10000 };

struct entries {
    size_t count;
    double q[MATRICES]; /* a corner's */
    double squares, fourths, same, apart;
};

/* Elements 0 and 1 share a row; 0 and 'apart' share neither. */
static void add_entries(const double *q, struct entries *entries, int apart)
{
    for (int i = 0; i < 15; i++) {
        entries->squares += q[i] * q[i] / 15;
        entries->fourths += q[i] * q[i] * q[i] * q[i] / 15;
    }
    entries->same += q[0] * q[0] * q[1] * q[1];
    entries->apart += q[0] * q[0] * q[apart] * q[apart];
    entries->q[entries->count++] = q[14];
}

static void add_tall(const double *q, void *entries)
{
    add_entries(q, entries, 4);
}

static void add_wide(const double *q, void *entries)
{
    add_entries(q, entries, 6);
}

/*
 * An entry of a unit vector in 5 dimensions has density 3/4 (1 - x^2): its
 * square has the Beta law (1/2, 2).
 */
static double entry_cdf(double x)
{
    return (2 + 3 * x - x * x * x) / 4;
}

/* The moments are Weingarten's (Collins and Sniady 2006). */
static void check_entries(uint64_t rows, uint64_t cols,
                          void (*add)(const double *q, void *entries))
{
    static struct entries entries;
    const double m = M;

    memset(&entries, 0, sizeof entries);
    each_matrix(rows, cols, MATRICES, add, &entries);
    ck_assert_double_eq_tol(entries.squares / MATRICES, 1 / m, 1e-12);
    matrix_check_mean("E q^4", entries.fourths, MATRICES, 3 / (m * (m + 2)),
                      0.023);
    matrix_check_mean("E q_00^2 q_01^2", entries.same, MATRICES,
                      1 / (m * (m + 2)), 0.0026);
    matrix_check_mean("E q_00^2 q_11^2", entries.apart, MATRICES,
                      (m + 1) / (m * (m - 1) * (m + 2)), 0.0026);
    ck_assert_double_lt(ks_distance(entries.q, MATRICES, entry_cdf), 2.2);
}

START_TEST(entries_have_the_exact_law)
{
    check_entries(5, 3, add_tall);
    check_entries(3, 5, add_wide);
}
END_TEST

struct rotated {
    double r[9];
    double sums[6];
};

static void add_rotated(const double *q, void *argument)
{
    struct rotated *rotated = argument;
    double product[9] = {0};

    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                product[3 * i + j] += rotated->r[3 * i + k] * q[3 * k + j];
    add_traces3(product, rotated->sums);
}

/* R Q has the law of Q, for a fixed R: here a turn about a skew axis. */
START_TEST(a_rotation_changes_nothing)
{
    enum { COUNT = 20000 };
    struct rotated rotated = {.r = {2. / 3, -1. / 3, 2. / 3, 2. / 3, 2. / 3,
                                    -1. / 3, -1. / 3, 2. / 3, 2. / 3}};

    ck_assert_double_lt(matrix_error(rotated.r, 3, 3), 1e-15);
    each_matrix(3, 3, COUNT, add_rotated, &rotated);
    matrix_check_mean("E tr RQ", rotated.sums[0], COUNT, 0, 1);
    matrix_check_mean("E (tr RQ)^2", rotated.sums[1], COUNT, 1, 2);
    matrix_check_mean("E (tr RQ)^4", rotated.sums[3], COUNT, 3, 96);
    matrix_check_mean("E det RQ", rotated.sums[4], COUNT, 0, 1);
    matrix_check_mean("E det (tr RQ)^3", rotated.sums[5], COUNT, 1, 14);
}
END_TEST

Suite *haar_suite(void)
{
    Suite *suite = suite_create("haar");
    TCase *cases = tcase_create("haar");

    tcase_set_timeout(cases, 120);
    tcase_set_tags(cases, "laws");
    tcase_add_test(cases, traces_have_the_moments_of_o_3);
    tcase_add_test(cases, traces_have_the_moments_of_o_60);
    tcase_add_test(cases, eigenvalue_phases_of_o_2_are_uniform);
    tcase_add_test(cases, entries_have_the_exact_law);
    tcase_add_test(cases, a_rotation_changes_nothing);
    suite_add_tcase(suite, cases);
    return suite;
}
