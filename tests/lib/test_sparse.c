/* SPDX-License-Identifier: MIT */
/* Tests of the sparse scheme: exactly so many zeros, anywhere, in columns. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fitting.h"

Suite *sparse_suite(void);

static struct sow_tensor make(const char *scheme, uint64_t rows,
                              uint64_t columns, double sparsity)
{
    struct sow_spec spec = spec_make(scheme, SOW_FLOAT32, SHAPE(rows, columns));

    spec_set(&spec, "sparsity", sparsity);
    return tensor_make(&spec);
}

/* torch has math.ceil(sparsity * rows). */
START_TEST(every_column_has_exactly_its_zeros)
{
    static const uint64_t sides[] = {1, 2, 3, 4, 5, 7, 10, 16, 17, 100, 257};
    static const double sparsities[] = {0, 1e-9, 0.1, 0.3, 0.5, 0.7, 0.99, 1};
    static const char *const names[] = {"sparse", "martens", "torch.sparse"};

    for (size_t n = 0; n < COUNT(names); n++)
        for (size_t r = 0; r < COUNT(sides); r++)
            for (size_t s = 0; s < COUNT(sparsities); s++) {
                const uint64_t columns = 37;
                double want = ceil(sparsities[s] * (double)sides[r]);
                struct sow_tensor t =
                    make(names[n], sides[r], columns, sparsities[s]);
                double *values = tensor_values(&t);

                for (uint64_t c = 0; c < columns; c++) {
                    double zeros = 0;

                    for (uint64_t i = 0; i < sides[r]; i++)
                        zeros += values[i * columns + c] == 0;
                    MUST(zeros == want, "%s %u rows, %g: column %u has %g",
                         names[n], (unsigned)sides[r], sparsities[s],
                         (unsigned)c, zeros);
                }
                free(values);
            }
}
END_TEST

START_TEST(the_others_are_those_of_normal)
{
    struct sow_tensor t = make("sparse", 300, 200, 0.25);
    struct sow_spec spec = spec_make("normal", SOW_FLOAT32, SHAPE(300, 200));
    struct sow_tensor plain;
    double *values = tensor_values(&t);
    double *want;

    spec_set(&spec, "std", 0.01);
    plain = tensor_make(&spec);
    want = tensor_values(&plain);
    for (uint64_t i = 0; i < t.elements; i++)
        MUST(values[i] == 0 || values[i] == want[i], "element %u is %g, not %g",
             (unsigned)i, values[i], want[i]);
    ck_assert_double_eq_tol(t.std, 0.01 * sqrt(0.75), 1e-17);
    free(values);
    free(want);
}
END_TEST

/*
 * How often each row is zero, and each pair of rows together, of 'columns'
 * columns, against binomial laws: no z-score may pass 6, which one of all
 * those here does with probability 1e-5.
 */
static void check_uniform(uint64_t rows, double sparsity)
{
    const uint64_t columns = 200000;
    struct sow_tensor t = make("sparse", rows, columns, sparsity);
    double *values = tensor_values(&t);
    double zeros = ceil(sparsity * (double)rows);
    double n = (double)columns;
    double one = zeros / (double)rows;
    double two = rows > 1 ? one * (zeros - 1) / ((double)rows - 1) : 0;

    for (uint64_t i = 0; i < rows; i++)
        for (uint64_t k = 0; k <= i; k++) {
            double p = i == k ? one : two;
            double together = 0;

            for (uint64_t c = 0; c < columns; c++)
                together += values[i * columns + c] == 0 &&
                            values[k * columns + c] == 0;
            MUST(fabs(together - n * p) <= 6 * sqrt(n * p * (1 - p)) + 1e-6,
                 "%u rows at %g: rows %u and %u are 0 in %g columns, not %g",
                 (unsigned)rows, sparsity, (unsigned)i, (unsigned)k, together,
                 n * p);
        }
    free(values);
}

START_TEST(all_rows_and_pairs_are_as_likely)
{
    static const uint64_t sides[] = {2, 3, 4, 5, 6, 8, 9, 13, 20};

    for (size_t i = 0; i < COUNT(sides); i++) {
        check_uniform(sides[i], 0.3);
        check_uniform(sides[i], 0.5);
    }
}
END_TEST

static unsigned bits_of(unsigned x)
{
    unsigned bits = 0;

    for (; x != 0; x &= x - 1)
        bits++;
    return bits;
}

/* All 6 pairs of 4 rows, all 20 triples of 6, by chi^2; 5 sigma away. */
START_TEST(all_choices_are_as_likely)
{
    static const struct {
        uint64_t rows;
        double sparsity, choices;
    } cases[] = {{4, 0.5, 6}, {6, 0.5, 20}, {5, 0.4, 10}, {8, 0.5, 70}};
    const uint64_t columns = 200000;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sow_tensor t =
            make("sparse", cases[i].rows, columns, cases[i].sparsity);
        double *values = tensor_values(&t);
        double want = (double)columns / cases[i].choices;
        double freedom = cases[i].choices - 1;
        double counts[256] = {0};
        double chi = 0;

        for (uint64_t c = 0; c < columns; c++) {
            unsigned choice = 0;

            for (uint64_t r = 0; r < cases[i].rows; r++)
                choice |= (unsigned)(values[r * columns + c] == 0) << r;
            counts[choice]++;
        }
        for (unsigned k = 0; k < 1u << cases[i].rows; k++)
            if (bits_of(k) ==
                (unsigned)(cases[i].sparsity * (double)cases[i].rows))
                chi += (counts[k] - want) * (counts[k] - want) / want;
        MUST(fabs(chi - freedom) < 5 * sqrt(2 * freedom) + 10,
             "%u rows: chi^2 %g of %g degrees", (unsigned)cases[i].rows, chi,
             freedom);
        free(values);
    }
}
END_TEST

/* Whether row 0 is zero, in a column and its neighbour, and with the seeds. */
START_TEST(columns_and_seeds_are_independent)
{
    const uint64_t columns = 400000;
    struct sow_tensor t = make("sparse", 7, columns, 0.4);
    double *values = tensor_values(&t);
    struct sow_spec spec = t.spec;
    double p = 3.0 / 7, n = (double)columns - 1;
    double near = 0, other = 0;
    struct sow_tensor u;
    double *others;

    spec.seed++;
    u = tensor_make(&spec);
    others = tensor_values(&u);
    for (uint64_t c = 0; c + 1 < columns; c++) {
        near += values[c] == 0 && values[c + 1] == 0;
        other += values[c] == 0 && others[c] == 0;
    }
    ck_assert_double_le(fabs(near - n * p * p), 6 * sqrt(n * p * p));
    ck_assert_double_le(fabs(other - n * p * p), 6 * sqrt(n * p * p));
    free(values);
    free(others);
}
END_TEST

/* 2^60 rows, none of which can be counted: about half of a window. */
START_TEST(huge_columns_are_read_anywhere)
{
    struct sow_spec spec =
        spec_make("sparse", SOW_FLOAT16, SHAPE(UINT64_C(1) << 60, 3));
    struct sow_tensor t;
    uint8_t bytes[60000];
    double values[30000];
    double zeros = 0;

    spec_set(&spec, "sparsity", 0.5);
    t = tensor_make(&spec);
    ck_assert_int_eq(sow_tensor_read(engine_at(0), &t, UINT64_C(5) << 59, bytes,
                                     sizeof bytes),
                     SOW_OK);
    sow_widen(SOW_FLOAT16, bytes, values, COUNT(values));
    for (size_t i = 0; i < COUNT(values); i++)
        zeros += values[i] == 0;
    ck_assert_double_le(fabs(zeros - 15000), 6 * sqrt(7500));
}
END_TEST

START_TEST(other_ranks_and_sparsities_are_refused)
{
    struct sow_spec spec = spec_make("sparse", SOW_FLOAT32, SHAPE(3, 4));

    spec_set(&spec, "sparsity", 1.5);
    spec_refused(&spec, SOW_BAD_PARAMETER, "sparsity");
    spec_set(&spec, "sparsity", 0.5);
    spec.shape = SHAPE(3);
    spec_refused(&spec, SOW_BAD_SCHEME, "shape");
    spec.shape = SHAPE(3, 4, 5);
    spec_refused(&spec, SOW_BAD_SCHEME, "shape");
    spec.shape = SHAPE(3, 4);
    spec_set(&spec, "std", -1);
    spec_refused(&spec, SOW_BAD_PARAMETER, "std");
}
END_TEST

Suite *sparse_suite(void)
{
    Suite *suite = suite_create("sparse");
    TCase *cases = tcase_create("sparse");
    TCase *laws = tcase_create("laws");

    tcase_set_timeout(cases, 120);
    tcase_set_timeout(laws, 120);
    tcase_set_tags(laws, "laws");
    tcase_add_test(cases, every_column_has_exactly_its_zeros);
    tcase_add_test(cases, the_others_are_those_of_normal);
    tcase_add_test(cases, huge_columns_are_read_anywhere);
    tcase_add_test(cases, other_ranks_and_sparsities_are_refused);
    tcase_add_test(laws, all_rows_and_pairs_are_as_likely);
    tcase_add_test(laws, all_choices_are_as_likely);
    tcase_add_test(laws, columns_and_seeds_are_independent);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, laws);
    return suite;
}
