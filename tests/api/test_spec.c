/* SPDX-License-Identifier: MIT */
/* Tests of reading one tensor from a query. */
#include "reading.h"

#include <stdint.h>
#include <stdio.h>

Suite *spec_suite(void);

#define OK "shape=2,3&scheme=normal"

static struct model model;
static struct spec_options options;

/* Read a query that must be good; the caller releases 'model'. */
static const struct sow_spec *read_good(const char *query)
{
    const struct reading r = reading_query(query);
    reading_expect_good(&r, query);
    ck_assert_uint_eq(r.model.count, 1);
    model = r.model;
    options = r.options;
    return &model.tensors[0].spec;
}

static const struct {
    const char *text;
    uint32_t rank;
    uint64_t dims[3];
} shapes[] = {
    {"()", 0, {0}},
    {"5", 1, {5}},
    {"0", 1, {0}},
    {"512,256", 2, {512, 256}},
    {"512x256", 2, {512, 256}},
    {"3,0,5", 3, {3, 0, 5}},
    {"2x3x4", 3, {2, 3, 4}},
    {"007", 1, {7}},
    {"%32,3", 2, {2, 3}},
    {"2305843009213693951", 1, {2305843009213693951}},
};

START_TEST(shape_is_read)
{
    char query[128];
    snprintf(query, sizeof(query), "scheme=normal&shape=%s", shapes[_i].text);
    const struct sow_spec *spec = read_good(query);
    ck_assert_uint_eq(spec->shape.rank, shapes[_i].rank);
    for (uint32_t i = 0; i < shapes[_i].rank; i++)
        ck_assert_uint_eq(spec->shape.dims[i], shapes[_i].dims[i]);
    ck_assert_uint_eq(model.size, model.tensors[0].size);
    model_release(&model);
}
END_TEST

static const struct {
    const char *text;
    uint64_t seed;
} seeds[] = {
    {"0", 0},
    {"42", 42},
    {"0042", 42},
    {"0x2A", 42},
    {"0X2a", 42},
    {"0xdeadbeefDEADBEEF", 0xdeadbeefdeadbeef},
    {"9007199254740993", 9007199254740993},
    {"18446744073709551615", UINT64_MAX},
    {"0xffffffffffffffff", UINT64_MAX},
    {"0x00000000000000000001", 1},
};

START_TEST(seed_is_read_to_all_64_bits)
{
    char query[128];
    snprintf(query, sizeof(query), OK "&seed=%s", seeds[_i].text);
    ck_assert_uint_eq(read_good(query)->seed, seeds[_i].seed);
    model_release(&model);
}
END_TEST

START_TEST(defaults_are_the_ones_promised)
{
    const struct sow_spec *spec = read_good("scheme=he_normal&shape=8,4");
    ck_assert_uint_eq(spec->seed, 0);
    ck_assert_str_eq(spec->name, "");
    ck_assert_int_eq(spec->dtype, SOW_FLOAT32);
    ck_assert_int_eq(spec->layout, SOW_TORCH);
    ck_assert_uint_eq(model.tensors[0].fan_in, 4);
    ck_assert_uint_eq(model.offsets[0], 0);
    ck_assert_uint_eq(model.size, 128);
    ck_assert(!model.ordered);
    ck_assert_int_eq(options.format, FORMAT_UNSET);
    ck_assert_int_eq(options.digest, DIGEST_AUTO);
    model_release(&model);
}
END_TEST

START_TEST(every_field_is_read)
{
    const struct sow_spec *spec = read_good(
        "layout=jax&dtype=bf16&name=caf%C3%A9+1&scheme=kaiming_uniform&a=2.236"
        "&mode=fan_out&shape=3,3,16,32&seed=7&generator=sow1&format=manifest"
        "&digest=wait");
    ck_assert_uint_eq(spec->seed, 7);
    ck_assert_str_eq(spec->name, "caf\xc3\xa9 1");
    ck_assert_int_eq(spec->dtype, SOW_BFLOAT16);
    ck_assert_int_eq(spec->layout, SOW_JAX);
    ck_assert_uint_eq(spec->shape.rank, 4);
    ck_assert_str_eq(spec->scheme.info->name, "kaiming_uniform");
    ck_assert(spec->scheme.values[0] == 2.236);
    ck_assert(spec->scheme.values[1] == 1);
    ck_assert_uint_eq(model.tensors[0].fan_in, 9 * 16);
    ck_assert_int_eq(options.format, FORMAT_MANIFEST);
    ck_assert_int_eq(options.digest, DIGEST_WAIT);
    model_release(&model);
}
END_TEST

START_TEST(parameters_may_come_before_the_scheme)
{
    const struct sow_spec *spec =
        read_good("low=-1.5&high=2.5e-1&scheme=uniform&shape=()");
    ck_assert(spec->scheme.values[0] == -1.5);
    ck_assert(spec->scheme.values[1] == 0.25);
    model_release(&model);
}
END_TEST

static const struct {
    const char *text;
    double value;
} numbers[] = {
    {"0", 0},        {"-0", 0},        {"1", 1},   {"-1.5", -1.5},
    {"%2B2", 2},     {".5", 0.5},      {"5.", 5},  {"1e3", 1000},
    {"1E-3", 0.001}, {"1e%2B2", 100},  {"007", 7}, {"1e-999", 0},
    {"0.1", 0.1},    {"1e308", 1e308},
};

START_TEST(number_is_read)
{
    char query[128];
    snprintf(query, sizeof(query), "shape=2&dtype=f64&scheme=constant&value=%s",
             numbers[_i].text);
    ck_assert(read_good(query)->scheme.values[0] == numbers[_i].value);
    model_release(&model);
}
END_TEST

static const struct {
    const char *query;
    uint8_t in, out, batch;
} axes[] = {
    {"shape=2,3,4,5&in_axes=0,1&out_axes=3", 3, 8, 0},
    {"shape=2,3,4,5&in_axes=-4,-3&out_axes=-1", 3, 8, 0},
    {"shape=2,3,4,5&in_axes=1,0&out_axes=3&batch_axes=2", 3, 8, 4},
    {"shape=2,3,4,5&in_axes=1&out_axes=0&batch_axes=()", 2, 1, 0},
};

START_TEST(explicit_axes_are_resolved)
{
    char query[128];
    snprintf(query, sizeof(query), "scheme=he_normal&%s", axes[_i].query);
    const struct sow_spec *spec = read_good(query);
    ck_assert_int_eq(spec->layout, SOW_EXPLICIT);
    ck_assert_uint_eq(spec->axes.in, axes[_i].in);
    ck_assert_uint_eq(spec->axes.out, axes[_i].out);
    ck_assert_uint_eq(spec->axes.batch, axes[_i].batch);
    model_release(&model);
}
END_TEST

START_TEST(layout_of_a_library_may_be_repeated)
{
    ck_assert_int_eq(
        read_good("shape=2,3&scheme=torch.linear&layout=torch")->layout,
        SOW_TORCH);
    model_release(&model);
    ck_assert_int_eq(read_good("shape=2,3&scheme=jax.he_normal")->layout,
                     SOW_JAX);
    model_release(&model);
}
END_TEST

START_TEST(longest_name_is_256_bytes)
{
    const struct sow_spec *spec = read_good(OK "&name=" N64 N64 N64 N64);
    ck_assert_uint_eq(strlen(spec->name), SOW_MAX_NAME);
    model_release(&model);
}
END_TEST

START_TEST(name_outlives_the_query)
{
    char query[] = OK "&name=fc1";
    const struct sow_spec *spec = read_good(query);
    memset(query, 'x', sizeof(query) - 1);
    ck_assert_str_eq(spec->name, "fc1");
    model_release(&model);
    ck_assert_ptr_null(model.tensors);
}
END_TEST

START_TEST(every_dtype_is_known_by_its_name)
{
    char query[128];
    const enum sow_dtype dtype = (enum sow_dtype)_i;
    snprintf(query, sizeof(query), OK "&dtype=%s", sow_dtype_name(dtype));
    ck_assert_int_eq(read_good(query)->dtype, dtype);
    ck_assert_uint_eq(model.size, 6 * sow_dtype_size(dtype));
    model_release(&model);
}
END_TEST

Suite *spec_suite(void)
{
    Suite *suite = suite_create("spec");
    TCase *tests = tcase_create("fields");
    tcase_add_loop_test(tests, shape_is_read, 0, COUNT(shapes));
    tcase_add_loop_test(tests, seed_is_read_to_all_64_bits, 0, COUNT(seeds));
    tcase_add_loop_test(tests, number_is_read, 0, COUNT(numbers));
    tcase_add_loop_test(tests, explicit_axes_are_resolved, 0, COUNT(axes));
    tcase_add_test(tests, defaults_are_the_ones_promised);
    tcase_add_test(tests, every_field_is_read);
    tcase_add_test(tests, parameters_may_come_before_the_scheme);
    tcase_add_test(tests, layout_of_a_library_may_be_repeated);
    tcase_add_test(tests, longest_name_is_256_bytes);
    tcase_add_test(tests, name_outlives_the_query);
    tcase_add_loop_test(tests, every_dtype_is_known_by_its_name, 0, SOW_DTYPES);
    suite_add_tcase(suite, tests);
    return suite;
}
