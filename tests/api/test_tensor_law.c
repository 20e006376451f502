/* SPDX-License-Identifier: MIT */
/* Tests of GET /v1/analysis: the law of one tensor. */
#include "asking.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

Suite *tensor_law_suite(void);

static json_t *law_of(const char *query)
{
    char target[512];
    snprintf(target, sizeof target, "/v1/analysis?%s", query);
    struct answer answer = drive(asked, "GET", target, NULL, NULL);
    json_t *json = json_loads(answer.body, 0, NULL);

    ck_assert_msg(answer.status == 200, "%s gives %u: %s", query, answer.status,
                  answer.body);
    ck_assert_ptr_nonnull(json);
    ck_assert_uint_eq(answer.size, answer.read);
    answer_expect(&answer, "Content-Type", "application/json");
    answer_expect(&answer, "Cache-Control", "no-cache");
    answer_release(&answer);
    return json;
}

static double at(const json_t *array, size_t i)
{
    const json_t *number = json_array_get(array, i);

    ck_assert_msg(json_is_number(number), "%zu is no number", i);
    return json_number_value(number);
}

/* The integral by trapezoids, and that the places ascend evenly. */
static double mass(const json_t *density)
{
    const json_t *x = json_object_get(density, "x");
    const json_t *y = json_object_get(density, "y");
    double sum = 0;

    ck_assert_uint_eq(json_array_size(x), json_array_size(y));
    for (size_t i = 1; i < json_array_size(x); i++) {
        ck_assert_double_gt(at(x, i), at(x, i - 1));
        sum += (at(x, i) - at(x, i - 1)) * (at(y, i) + at(y, i - 1)) / 2;
    }
    return sum;
}

static double atoms(const json_t *law)
{
    const json_t *list = json_object_get(law, "atoms");
    double sum = 0;

    for (size_t i = 0; i < json_array_size(list); i++)
        sum += number(json_array_get(list, i), "probability");
    return sum;
}

/* 4.5 deviations to either side leave 7e-6; trapezoids err by less. */
START_TEST(density_and_atoms_are_everything)
{
    const char *const queries[] = {
        "shape=8,8&scheme=normal",
        "shape=8,8&scheme=normal&points=2001",
        "shape=8,8&scheme=he_uniform",
        "shape=8,8&scheme=truncated_normal&std=0.02",
        "shape=8,8&scheme=sparse&sparsity=0.5",
        "shape=8,8&scheme=orthogonal",
        "shape=8,8&scheme=ones",
        "shape=8,8&scheme=binary&p_plus=0.25",
        "shape=8,8&scheme=jax.he_normal&generator=jax",
        "shape=8,8&scheme=torch.normal&generator=torch&dtype=float16",
        "recipe=init/tiny-gpt2&name=transformer.wte.weight",
    };

    for (int i = 0; i < COUNT(queries); i++) {
        json_t *law = law_of(queries[i]);
        const json_t *density = json_object_get(law, "density");
        double sum = atoms(law);

        if (!json_is_null(density))
            sum += mass(density);
        ck_assert_msg(fabs(sum - 1) < 1e-3, "%s: %g in all", queries[i], sum);
        ck_assert(json_is_true(json_object_get(law, "exact")));
        json_decref(law);
    }
}
END_TEST

START_TEST(a_law_has_moments_and_bounds)
{
    json_t *law = law_of("shape=8,4&scheme=uniform&low=-1&high=3&points=5");
    const json_t *density = json_object_get(law, "density");
    const json_t *x = json_object_get(density, "x");

    expect(law, "mean", 1);
    expect(law, "std", 4 / sqrt(12));
    expect(law, "low", -1);
    expect(law, "high", 3);
    ck_assert_uint_eq(json_array_size(x), 5);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_double_eq(at(x, i), (double)i - 1);
        ck_assert_double_eq(at(json_object_get(density, "y"), i), 0.25);
    }
    ck_assert_uint_eq(json_array_size(json_object_get(law, "atoms")), 0);
    json_decref(law);
}
END_TEST

START_TEST(what_is_unbounded_or_infinite_is_null)
{
    json_t *normal = law_of("shape=8,4&scheme=normal");
    json_t *plane = law_of("shape=2,2&scheme=orthogonal&points=3");
    const json_t *y = json_object_get(json_object_get(plane, "density"), "y");

    ck_assert(json_is_null(json_object_get(normal, "low")));
    ck_assert(json_is_null(json_object_get(normal, "high")));
    ck_assert(json_is_null(json_array_get(y, 0)));
    ck_assert_double_eq_tol(at(y, 1), 1 / acos(-1), 1e-12);
    ck_assert(json_is_null(json_array_get(y, 2)));
    json_decref(normal);
    json_decref(plane);
}
END_TEST

START_TEST(an_unknown_law_is_estimated_or_null)
{
    json_t *patterned = law_of("shape=64,64&scheme=identity");
    json_t *whole = law_of("shape=4,4,3,3&scheme=conv_orthogonal");

    ck_assert(json_is_false(json_object_get(patterned, "exact")));
    ck_assert(json_is_null(json_object_get(patterned, "density")));
    expect(patterned, "mean", 1.0 / 64);
    expect(patterned, "std", sqrt(63) / 64);
    ck_assert(json_is_false(json_object_get(whole, "exact")));
    ck_assert(json_is_null(json_object_get(whole, "mean")));
    ck_assert(json_is_null(json_object_get(whole, "std")));
    json_decref(patterned);
    json_decref(whole);
}
END_TEST

/* What a manifest says of the tensor, but for where its bytes are. */
START_TEST(the_tensor_and_its_warnings_are_a_manifests)
{
    const char *const queries[] = {
        "shape=8,4&scheme=ones&name=w&seed=7",
        "shape=8,4&scheme=he_normal&slice=1:3,:&dtype=bf16&multiplier=0.5",
        "shape=0,4&scheme=normal",
        "recipe=init/tiny-gpt2&seed=3&name=transformer.h.0.attn.c_attn.weight",
    };

    for (int i = 0; i < COUNT(queries); i++) {
        char target[512];
        json_t *law = law_of(queries[i]), *rest;
        const char *key;

        snprintf(target, sizeof target, "/v1/weights?%s&format=manifest",
                 queries[i]);
        struct answer answer = drive_get(asked, target);
        json_t *manifest = json_loads(answer.body, 0, NULL);
        json_t *entry = json_array_get(json_object_get(manifest, "tensors"), 0);
        json_t *warnings = json_object_get(manifest, "warnings");

        json_object_del(entry, "bytes");
        json_object_del(entry, "offset");
        json_object_del(entry, "digest");
        ck_assert_msg(json_equal(entry, json_object_get(law, "tensor")),
                      "%s: another tensor", queries[i]);
        json_object_foreach(law, key, rest)
        {
            if (strcmp(key, "warnings") != 0)
                continue;
            ck_assert_msg(warnings ? json_equal(rest, warnings)
                                   : json_array_size(rest) == 0,
                          "%s: other warnings", queries[i]);
        }
        json_decref(manifest);
        json_decref(law);
        answer_release(&answer);
    }
}
END_TEST

/* Whatever GET /v1/weights refuses is refused here in its words. */
START_TEST(refusals_are_those_of_weights)
{
    const char *const queries[] = {
        "",
        "shape=8,4",
        "scheme=normal",
        "shape=8,4&scheme=nromal",
        "shape=8&scheme=he_normal",
        "shape=8,4&scheme=normal&std=-1",
        "shape=8,4&scheme=normal&slice=9:,:",
        "shape=8,4&shape=8,4&scheme=normal",
        "shape=8,4&scheme=normal&dtype=int8",
        "shape=8,4&scheme=normal&generator=torch",
        "recipe=nobody/nothing",
        "recipe=init/tiny-gpt2&name=nothing",
        "shape=%zz",
    };

    for (int i = 0; i < COUNT(queries); i++) {
        char targets[2][256];

        snprintf(targets[0], sizeof targets[0], "/v1/weights?%s", queries[i]);
        snprintf(targets[1], sizeof targets[1], "/v1/analysis?%s", queries[i]);
        struct answer weights = drive(asked, "GET", targets[0], NULL, NULL);
        struct answer law = drive(asked, "GET", targets[1], NULL, NULL);
        ck_assert_uint_ge(weights.status, 400);
        ck_assert_msg(
            weights.status == law.status && !strcmp(weights.body, law.body),
            "%s: %s, but of weights %s", queries[i], law.body, weights.body);
        answer_release(&weights);
        answer_release(&law);
    }
}
END_TEST

START_TEST(points_and_models_that_do_not_fit_are_refused)
{
    const struct {
        const char *query, *code, *at;
    } rows[] = {
        {"shape=8&scheme=normal&points=1", "BAD_FIELD", "points"},
        {"shape=8&scheme=normal&points=2002", "BAD_FIELD", "points"},
        {"shape=8&scheme=normal&points=", "BAD_FIELD", "points"},
        {"shape=8&scheme=normal&points=1e2", "BAD_FIELD", "points"},
        {"shape=8&scheme=normal&points=-5", "BAD_FIELD", "points"},
        {"shape=8&scheme=normal&points=3,4", "BAD_FIELD", "points"},
        {"shape=8&scheme=normal&points=99999999999999999999", "BAD_FIELD",
         "points"},
        {"recipe=init/tiny-gpt2", "MISSING_FIELD", "name"},
    };
    char target[128];
    struct answer answer;
    json_t *json;

    snprintf(target, sizeof target, "/v1/analysis?%s", rows[_i].query);
    answer = drive(asked, "GET", target, NULL, NULL);
    json = json_loads(answer.body, 0, NULL);
    ck_assert_uint_eq(answer.status, 400);
    ck_assert_str_eq(answer_code(&answer), rows[_i].code);
    ck_assert_str_eq(string(json, "at"), rows[_i].at);
    json_decref(json);
    answer_release(&answer);
}
END_TEST

/* A slip is told from the names of weights, and from the route's own. */
START_TEST(points_is_offered_where_a_name_is_unknown)
{
    const struct {
        const char *query, *hint, *last;
    } rows[] = {
        {"shape=8&scheme=normal&pionts=5", "Did you mean 'points'?",
         ", points, "},
        {"pionts=5", "Did you mean 'points'?", ", points."},
        {"shape=8&scheme=normal&none_such=5", "here. Allowed", ", points, "},
        {"recipe=init/tiny-gpt2&point=5", "Did you mean 'points'?",
         ", points."},
    };
    char target[128];

    snprintf(target, sizeof target, "/v1/analysis?%s", rows[_i].query);
    struct answer answer = drive(asked, "GET", target, NULL, NULL);
    ck_assert_uint_eq(answer.status, 400);
    ck_assert_msg(strstr(answer.body, rows[_i].hint) &&
                      strstr(answer.body, rows[_i].last),
                  "%s: %s", rows[_i].query, answer.body);
    answer_release(&answer);
    snprintf(target, sizeof target, "/v1/weights?%s", rows[_i].query);
    answer = drive(asked, "GET", target, NULL, NULL);
    ck_assert_msg(!strstr(answer.body, "points"), "%s", answer.body);
    answer_release(&answer);
}
END_TEST

Suite *tensor_law_suite(void)
{
    Suite *suite = suite_create("tensor_law");
    TCase *test = tcase_create("law");

    tcase_add_checked_fixture(test, asking_setup, asking_teardown);
    tcase_add_test(test, density_and_atoms_are_everything);
    tcase_add_test(test, a_law_has_moments_and_bounds);
    tcase_add_test(test, what_is_unbounded_or_infinite_is_null);
    tcase_add_test(test, an_unknown_law_is_estimated_or_null);
    tcase_add_test(test, the_tensor_and_its_warnings_are_a_manifests);
    tcase_add_test(test, refusals_are_those_of_weights);
    tcase_add_loop_test(test, points_and_models_that_do_not_fit_are_refused, 0,
                        8);
    tcase_add_loop_test(test, points_is_offered_where_a_name_is_unknown, 0, 4);
    suite_add_tcase(suite, test);
    return suite;
}
