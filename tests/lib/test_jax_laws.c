/* SPDX-License-Identifier: MIT */
/* Tests of which tensors JAX's generators draw, and of their states. */
#include <stdlib.h>

#include "help.h"
#include "tape.h"

Suite *jax_laws_suite(void);

#define JAX "jax/threefry@0.10"
#define ORIGINAL "jax/threefry-original@0.10"

static const struct {
    const char *generator, *scheme, *parameter;
    enum sow_dtype dtype;
    double value;
    uint64_t seed, count;
    enum sow_status status;
    const char *at;
} refusals[] = {
    {JAX, "jax.orthogonal", NULL, SOW_FLOAT32, 0, 1, 4, SOW_BAD_SCHEME,
     "scheme"},
    {JAX, "torch.normal", NULL, SOW_FLOAT32, 0, 1, 4, SOW_BAD_SCHEME, "scheme"},
    {JAX, "normal", NULL, SOW_FLOAT32, 0, 1, 4, SOW_BAD_SCHEME, "scheme"},
    {JAX, "jax.normal", NULL, SOW_FLOAT8_E5M2, 0, 1, 4, SOW_BAD_SCHEME,
     "dtype"},
    {JAX, "jax.normal", "stddev", SOW_FLOAT32, 1e-39, 1, 4, SOW_BAD_SCHEME,
     "scheme"},
    {JAX, "jax.normal", "stddev", SOW_FLOAT16, 1e6, 1, 4, SOW_BAD_SCHEME,
     "scheme"},
    {JAX, "jax.truncated_normal", "lower", SOW_FLOAT64, -3, 1, 4,
     SOW_BAD_SCHEME, "dtype"},
    {JAX, "jax.uniform", NULL, SOW_FLOAT64, 0, UINT64_C(1) << 32, 4,
     SOW_BAD_PARAMETER, "seed"},
    {ORIGINAL, "jax.uniform", NULL, SOW_FLOAT32, 0, 1, UINT64_C(1) << 31,
     SOW_BAD_SHAPE, "shape"},
};

START_TEST(what_is_not_jaxs_is_refused)
{
    struct sow_spec spec = spec_make(refusals[_i].scheme, refusals[_i].dtype,
                                     SHAPE(refusals[_i].count, 2));
    struct tape tape;

    if (refusals[_i].parameter != NULL)
        spec_set(&spec, refusals[_i].parameter, refusals[_i].value);
    tape_seed(&tape, refusals[_i].generator, refusals[_i].seed);
    spec.origin = tape.origin;
    spec_refused(&spec, refusals[_i].status, refusals[_i].at);
}
END_TEST

static struct sow_tensor tensor_at(const struct tape *tape, const char *scheme,
                                   struct sow_shape shape)
{
    struct sow_spec spec = spec_make(scheme, SOW_FLOAT32, shape);

    spec.origin = tape->origin;
    return tensor_make(&spec);
}

START_TEST(constants_and_empty_tensors_are_drawn)
{
    struct tape tape;
    struct sow_tensor tensor;
    float got[3] = {0};

    tape_seed(&tape, JAX, 1);
    tensor = tensor_at(&tape, "ones", SHAPE(3));
    ck_assert_int_eq(sow_tensor_read(engine_at(0), &tensor, 0, got, sizeof got),
                     SOW_OK);
    ck_assert_uint_eq(f32_bits(got[2]), f32_bits(1));
    tensor = tensor_at(&tape, "jax.he_normal", SHAPE(0, 4));
    ck_assert_uint_eq(tensor.size, 0);
}
END_TEST

START_TEST(a_state_is_its_key)
{
    const uint8_t key[8] = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0};
    struct tape tape;
    uint8_t *state;
    size_t size;

    tape_load(&tape, JAX, key);
    state = tape_state(&tape, engine_at(0), &size);
    ck_assert_uint_eq(size, sizeof key);
    ck_assert_mem_eq(state, key, sizeof key);
    free(state);
}
END_TEST

Suite *jax_laws_suite(void)
{
    Suite *suite = suite_create("jax_laws");
    TCase *tcase = tcase_create("jax_laws");

    tcase_add_loop_test(tcase, what_is_not_jaxs_is_refused, 0, COUNT(refusals));
    tcase_add_test(tcase, constants_and_empty_tensors_are_drawn);
    tcase_add_test(tcase, a_state_is_its_key);
    suite_add_tcase(suite, tcase);
    return suite;
}
