/* SPDX-License-Identifier: MIT */
/* Tests of the catalogue: its rows, looking them up, and what each means. */
#include "schemes/schemes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fitting.h"
#include "whole.h"

Suite *schemes_suite(void);

START_TEST(rows_are_found_by_name_and_alias)
{
    const struct sow_scheme_info *info;
    size_t count = 0;

    for (; (info = sow_scheme_at(count)) != NULL; count++) {
        ck_assert_ptr_eq(sow_scheme_find(info->name), info);
        for (size_t k = 0; info->aliases != NULL && info->aliases[k]; k++)
            ck_assert_ptr_eq(sow_scheme_find(info->aliases[k]), info);
    }
    ck_assert_uint_ge(count, 50);
    ck_assert_ptr_null(sow_scheme_at(count + 1));
    ck_assert_ptr_null(sow_scheme_at(SIZE_MAX));
}
END_TEST

START_TEST(unknown_names_are_not_found)
{
    const char *const names[] = {"",
                                 "He_normal",
                                 "he_normal ",
                                 "he",
                                 "torch.",
                                 "torch.he_normal",
                                 "torch.kaiming_normal_",
                                 "kera.zeros"};

    for (size_t i = 0; i < COUNT(names); i++)
        ck_assert_msg(sow_scheme_find(names[i]) == NULL, "'%s' is found",
                      names[i]);
}
END_TEST

/* How many names and aliases in the catalogue are 'name'. */
static int taken(const char *name)
{
    const struct sow_scheme_info *info;
    int count = 0;

    for (size_t i = 0; (info = sow_scheme_at(i)) != NULL; i++) {
        count += strcmp(info->name, name) == 0;
        for (size_t k = 0; info->aliases != NULL && info->aliases[k]; k++)
            count += strcmp(info->aliases[k], name) == 0;
    }
    return count;
}

START_TEST(names_and_aliases_are_unique)
{
    const struct sow_scheme_info *info;

    for (size_t i = 0; (info = sow_scheme_at(i)) != NULL; i++) {
        ck_assert_msg(taken(info->name) == 1, "%s is there twice", info->name);
        for (size_t k = 0; info->aliases != NULL && info->aliases[k]; k++)
            ck_assert_msg(taken(info->aliases[k]) == 1, "%s is there twice",
                          info->aliases[k]);
    }
}
END_TEST

/* Libraries that lay tensors out as another does. */
static const char *layout_of(const char *library)
{
    static const char *const like[][2] = {
        {"timm", "torch"},   {"flax", "jax"},    {"haiku", "keras"},
        {"sonnet", "keras"}, {"numpy", "torch"},
    };

    for (size_t i = 0; i < COUNT(like); i++)
        if (strcmp(library, like[i][0]) == 0)
            return like[i][1];
    return library;
}

/* The prefix, the library and the layout say the same. */
START_TEST(names_begin_with_their_library)
{
    const struct sow_scheme_info *info;

    for (size_t i = 0; (info = sow_scheme_at(i)) != NULL; i++) {
        const char *dot = strchr(info->name, '.');
        enum sow_layout layout = SOW_EXPLICIT;

        if (info->library == NULL) {
            ck_assert_msg(dot == NULL, "%s has no library", info->name);
            continue;
        }
        ck_assert_msg(
            dot != NULL &&
                strlen(info->library) == (size_t)(dot - info->name) &&
                memcmp(info->name, info->library, strlen(info->library)) == 0,
            "%s is of %s", info->name, info->library);
        ck_assert_msg(sow_layout_find(layout_of(info->library), &layout),
                      "%s has no layout", info->library);
        ck_assert_int_eq(info->layout, layout);
    }
}
END_TEST

static void check_parameter(const struct sow_scheme_info *info, uint32_t i)
{
    const struct sow_parameter *p = &info->parameters[i];
    int choices = 0;

    ck_assert_msg(p->help != NULL && p->help[0] != '\0', "%s: %s has no help",
                  info->name, p->name);
    ck_assert_int_eq(sow_scheme_parameter(info, p->name), (int)i);
    for (uint32_t j = 0; j < i; j++) {
        ck_assert_str_ne(p->name, info->parameters[j].name);
        ck_assert_int_ne(p->role, info->parameters[j].role);
    }
    if (p->kind != SOW_CHOICE)
        return;
    ck_assert_ptr_nonnull(p->choices);
    while (p->choices[choices] != NULL)
        choices++;
    ck_assert_int_ge(choices, 2);
    ck_assert_double_lt(p->value, choices);
}

START_TEST(rows_are_documented)
{
    const struct sow_scheme_info *info;

    for (size_t i = 0; (info = sow_scheme_at(i)) != NULL; i++) {
        ck_assert_msg(info->summary != NULL && info->summary[0] != '\0',
                      "%s has no summary", info->name);
        ck_assert_msg(info->formula != NULL && info->formula[0] != '\0',
                      "%s has no formula", info->name);
        ck_assert_msg(info->source != NULL && info->source[0] != '\0',
                      "%s has no source", info->name);
        ck_assert_ptr_nonnull(info->rule);
        ck_assert_uint_le(info->parameter_count, SOW_MAX_PARAMETERS);
        for (uint32_t p = 0; p < info->parameter_count; p++)
            check_parameter(info, p);
        ck_assert_int_eq(sow_scheme_parameter(info, "no such"), -1);
        ck_assert_int_eq(sow_scheme_parameter(info, ""), -1);
    }
}
END_TEST

START_TEST(init_sets_the_defaults)
{
    const struct sow_scheme_info *info;

    for (size_t i = 0; (info = sow_scheme_at(i)) != NULL; i++) {
        struct sow_scheme scheme;

        memset(&scheme, 0xa5, sizeof scheme);
        sow_scheme_init(&scheme, info);
        ck_assert_ptr_eq(scheme.info, info);
        for (uint32_t p = 0; p < info->parameter_count; p++)
            ck_assert_double_eq(scheme.values[p], info->parameters[p].value);
    }
}
END_TEST

/* Defaults that the libraries and papers fix. */
START_TEST(defaults_are_those_of_the_sources)
{
    static const struct {
        const char *scheme, *parameter;
        double value;
    } rows[] = {
        {"uniform", "low", 0},
        {"uniform", "high", 1},
        {"normal", "std", 1},
        {"truncated_normal", "low", -2},
        {"truncated_normal", "high", 2},
        {"variance_scaling", "scale", 1},
        {"kaiming_normal", "a", 0},
        {"torch.trunc_normal", "a", -2},
        {"torch.trunc_normal", "b", 2},
        {"torch.kaiming_uniform", "a", 0},
        {"torch.xavier_normal", "gain", 1},
        {"jax.uniform", "scale", 0.01},
        {"jax.normal", "stddev", 0.01},
        {"jax.truncated_normal", "stddev", 0.01},
        {"keras.random_uniform", "minval", -0.05},
        {"keras.random_uniform", "maxval", 0.05},
        {"keras.random_normal", "stddev", 0.05},
        {"keras.truncated_normal", "stddev", 0.05},
        {"keras.constant", "value", 0},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct sow_scheme_info *info = sow_scheme_find(rows[i].scheme);
        int p;

        ck_assert_msg(info != NULL, "no %s", rows[i].scheme);
        p = sow_scheme_parameter(info, rows[i].parameter);
        ck_assert_msg(p >= 0, "%s has no %s", rows[i].scheme,
                      rows[i].parameter);
        ck_assert_double_eq(info->parameters[p].value, rows[i].value);
    }
}
END_TEST

/* Sample mean, variance and kurtosis of a tensor's values. */
struct moments {
    double n, mean, variance, kurtosis;
};

static struct moments measure(struct sow_tensor *tensor)
{
    struct moments m = {.n = (double)tensor->elements};
    double *values;

    whole_make(engine_at(0), tensor, false);
    values = tensor_values(tensor);
    whole_free(tensor);
    for (uint64_t i = 0; i < tensor->elements; i++)
        m.mean += values[i];
    m.mean /= m.n;
    for (uint64_t i = 0; i < tensor->elements; i++) {
        double square = (values[i] - m.mean) * (values[i] - m.mean);

        m.variance += square / m.n;
        m.kurtosis += square * square / m.n;
    }
    m.kurtosis = m.variance > 0 ? m.kurtosis / (m.variance * m.variance) : 1;
    free(values);
    return m;
}

/*
 * Elements of which each draw may stand in several places; the sample is
 * taken to be that much smaller.
 */
#define SHARED 4

/*
 * Each row, on a large shape if it takes one: the sample's standard deviation
 * lies within 5 standard errors of the one reported, if one is.  A standard
 * error is std * sqrt((kurtosis - 1) / 4 n), of the sample's kurtosis.
 */
START_TEST(rows_resolve_and_report_their_std)
{
    const struct sow_scheme_info *info;

    for (size_t i = 0; (info = sow_scheme_at(i)) != NULL; i++) {
        struct sow_spec spec;
        struct sow_tensor t;
        struct moments m;
        double error;

        fitting_large(info, SOW_FLOAT32, &spec, &t);
        ck_assert_msg(t.law.make != NULL || !isnan(t.std), "%s reports no std",
                      info->name);
        if (isnan(t.std))
            continue;
        m = measure(&t);
        error = t.std * sqrt((m.kurtosis - 1) / 4 / m.n *
                             (t.law.make == NULL ? 1 : SHARED));
        ck_assert_msg(fabs(sqrt(m.variance) - t.std) <=
                          5 * error + 1e-6 * t.std,
                      "%s: std %.8g, reported %.8g +- %.2g", info->name,
                      sqrt(m.variance), t.std, error);
    }
}
END_TEST

/* Does the tensor of 'spec' differ from the one with another value of 'p'? */
static bool matters(const struct sow_spec *spec, uint32_t p, double value)
{
    struct sow_spec changed = *spec;
    struct sow_tensor tensor;
    struct sow_error error;
    uint8_t *one, *two;
    bool differ;

    changed.scheme.values[p] = value;
    if (sow_tensor_init(&tensor, &changed, &error) != SOW_OK)
        return false;
    whole_make(engine_at(0), &tensor, false);
    two = tensor_bytes(&tensor);
    whole_free(&tensor);
    tensor = tensor_make(spec);
    whole_make(engine_at(0), &tensor, false);
    one = tensor_bytes(&tensor);
    whole_free(&tensor);
    differ = memcmp(one, two, tensor.size) != 0;
    free(one);
    free(two);
    return differ;
}

static bool some_value_matters(struct sow_spec *spec, uint32_t p)
{
    const double value = spec->scheme.values[p];
    const double values[] = {0.75 * value, value + 1, 0, 1, 2, 3, 0.25, -0.25};

    for (size_t i = 0; i < COUNT(values); i++)
        if (matters(spec, p, values[i]))
            return true;
    return false;
}

/* With some choice of the others: a slope is that of a leaky ReLU. */
static bool parameter_matters(const struct sow_scheme_info *info, uint32_t p)
{
    struct sow_spec spec;
    struct sow_tensor t;

    for (size_t i = 0; i < fitting_count(info); i++)
        if (fitting_make(info, i, SOW_FLOAT64, &spec, &t) &&
            some_value_matters(&spec, p))
            return true;
    return false;
}

/* Here, or to what data make of the tensor. */
START_TEST(every_parameter_matters)
{
    const struct sow_scheme_info *info;

    for (size_t i = 0; (info = sow_scheme_at(i)) != NULL; i++)
        for (uint32_t p = 0; p < info->parameter_count; p++)
            ck_assert_msg(info->data || parameter_matters(info, p),
                          "%s does the same whatever %s is", info->name,
                          info->parameters[p].name);
}
END_TEST

Suite *schemes_suite(void)
{
    Suite *suite = suite_create("schemes");
    TCase *cases = tcase_create("schemes");

    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, rows_are_found_by_name_and_alias);
    tcase_add_test(cases, unknown_names_are_not_found);
    tcase_add_test(cases, names_and_aliases_are_unique);
    tcase_add_test(cases, names_begin_with_their_library);
    tcase_add_test(cases, rows_are_documented);
    tcase_add_test(cases, init_sets_the_defaults);
    tcase_add_test(cases, defaults_are_those_of_the_sources);
    tcase_add_test(cases, rows_resolve_and_report_their_std);
    tcase_add_test(cases, every_parameter_matters);
    suite_add_tcase(suite, cases);
    return suite;
}
