/* SPDX-License-Identifier: MIT */
/* Tests of the law of one element against what tensors really hold. */
#include <math.h>
#include <stdlib.h>

#include "densities.h"
#include "tape.h"
#include "whole.h"

Suite *density_values_suite(void);

enum { BINS = 40 };

/* Of 'values' that are no atoms, what falls into bins of the density. */
struct histogram {
    double low, high;
    double counts[BINS + 2]; /* below, the bins, above */
    double atoms[SOW_DENSITY_ATOMS];
    double total;
};

static size_t bin_of(const struct histogram *h, double x)
{
    double at = (x - h->low) / (h->high - h->low) * BINS;

    if (at < 0)
        return 0;
    return at < BINS ? (size_t)at + 1 : BINS + 1;
}

static bool count_atom(struct histogram *h, const struct sow_density *d,
                       double x)
{
    for (size_t i = 0; i < d->atom_count; i++)
        if (fabs(x - d->atoms[i].value) <= 1e-12 * fabs(x)) {
            h->atoms[i]++;
            return true;
        }
    return false;
}

static struct histogram count(const struct sow_density *d, const double *values,
                              uint64_t n)
{
    struct histogram h = {.low = d->from, .high = d->to, .total = (double)n};

    for (uint64_t i = 0; i < n; i++)
        if (!count_atom(&h, d, values[i]))
            h.counts[bin_of(&h, values[i])]++;
    return h;
}

static double term(double got, double wanted)
{
    if (wanted < 1e-6)
        return got == 0 ? 0 : INFINITY;
    return (got - wanted) * (got - wanted) / wanted;
}

/* Pearson's statistic. */
static double chi_squared(const struct histogram *h,
                          const struct sow_density *d)
{
    double inside = 0, width = (h->high - h->low) / BINS, sum = 0;

    for (size_t i = 0; i < BINS && d->continuous > 0; i++) {
        double low = h->low + width * (double)i;
        double wanted = density_integral(d, low, low + width).mass;

        inside += wanted;
        sum += term(h->counts[i + 1], h->total * wanted);
    }
    sum += term(h->counts[0] + h->counts[BINS + 1],
                h->total * (d->continuous - inside));
    for (size_t i = 0; i < d->atom_count; i++)
        sum += term(h->atoms[i], h->total * d->atoms[i].probability);
    return sum;
}

/*
 * What 44 degrees of freedom pass with a probability of 1e-8; values that hang
 * together make it as many times larger at most.  Exact counts of zeros in
 * each column make it smaller.
 */
#define LIMIT 124.0

static void expect_agreement(const char *what, const struct sow_density *d,
                             const double *values, uint64_t n, double mates)
{
    struct histogram h = count(d, values, n);
    double statistic = chi_squared(&h, d);

    ck_assert_msg(statistic <= LIMIT * mates,
                  "%s: chi squared is %g, above %g: its %g values aren't of "
                  "that density",
                  what, statistic, LIMIT * mates, (double)n);
}

START_TEST(real_values_have_the_density)
{
    const struct density_row *row = density_row_at((size_t)_i);
    struct sow_tensor tensor = density_tensor(row);
    struct sow_density d = density_of(&tensor);
    double *values;

    whole_make(engine_at(0), &tensor, false);
    values = tensor_values(&tensor);
    expect_agreement(row->scheme, &d, values, tensor.elements, row->mates);
    free(values);
    whole_free(&tensor);
}
END_TEST

/* A library's own generator draws the same law. */
START_TEST(generators_of_libraries_have_the_density)
{
    const struct {
        const char *generator;
        struct draw draw;
    } cases[] = {
        {"torch", {"torch.normal", SOW_FLOAT32, 1 << 20, 0.5, 2}},
        {"torch", {"torch.uniform", SOW_FLOAT32, 1 << 20, -1, 1}},
        {"numpy", {"numpy.normal", SOW_FLOAT64, 1 << 20, 0.5, 2}},
        {"jax", {"jax.normal", SOW_FLOAT32, 1 << 20, 0.25, 0}},
    };
    struct tape tape;
    struct sow_spec spec;
    struct sow_tensor tensor;
    struct sow_density d;
    double *values;

    tape_seed(&tape, cases[_i].generator, 42);
    spec = tape_spec(&tape, &cases[_i].draw);
    tensor = tensor_make(&spec);
    d = density_of(&tensor);
    ck_assert(d.exact && d.continuous == 1);
    whole_make(engine_at(0), &tensor, false);
    values = tensor_values(&tensor);
    expect_agreement(cases[_i].draw.scheme, &d, values, tensor.elements, 1);
    free(values);
    whole_free(&tensor);
}
END_TEST

Suite *density_values_suite(void)
{
    Suite *suite = suite_create("density/values");
    TCase *test = tcase_create("values");

    tcase_set_timeout(test, 120);
    tcase_add_loop_test(test, real_values_have_the_density, 0, DENSITY_ROWS);
    tcase_add_loop_test(test, generators_of_libraries_have_the_density, 0, 4);
    suite_add_tcase(suite, test);
    return suite;
}
