/* SPDX-License-Identifier: MIT */
/*
 * Every engine rounds to the narrow types as sow_narrow() does: around each
 * step of each format, among its subnormals, infinities and NaNs.
 */
#include "kernels/kernels.h"

#include <string.h>

#include "help.h"

Suite *narrow_suite(void);

/* More than are rounded together, and a rest. */
#define VALUES 101

static const enum sow_dtype types[] = {SOW_BFLOAT16, SOW_FLOAT16,
                                       SOW_FLOAT8_E4M3FN, SOW_FLOAT8_E5M2};

/* Round them one after another in one call; 'size' bytes of each must agree. */
static void check(const struct sow_engine *engine, enum sow_dtype dtype,
                  const float *in)
{
    size_t size = sow_dtype_size(dtype);
    uint8_t want[2 * VALUES], got[2 * VALUES + 1];

    sow_narrow(dtype, in, want, VALUES);
    memset(got, 0xa5, sizeof got);
    engine->narrow(dtype, in, got, VALUES);
    for (size_t i = 0; i < VALUES; i++)
        if (memcmp(got + i * size, want + i * size, size) != 0)
            ck_abort_msg("engine %s, %s: %#x is rounded to %#x, not %#x",
                         engine->name, sow_dtype_name(dtype), f32_bits(in[i]),
                         got[i * size], want[i * size]);
    ck_assert_msg(got[VALUES * size] == 0xa5, "engine %s writes past the end",
                  engine->name);
}

static void check_all(enum sow_dtype dtype, const float *in)
{
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        check(engine, dtype, in);
}

/* Neighbours of each multiple of half a step of 10 bits, of either sign. */
START_TEST(values_around_every_step_are_rounded_alike)
{
    for (uint32_t step = 0; step < 1u << 19; step += VALUES / 3) {
        float in[VALUES];

        for (uint32_t i = 0; i < VALUES; i++)
            in[i] = f32_of(((step + i / 3) << 12) + i % 3 - 1 + (step << 31));
        check_all(types[_i], in);
    }
}
END_TEST

START_TEST(any_values_are_rounded_alike)
{
    for (uint64_t at = 0; at < 2000000; at += VALUES) {
        float in[VALUES];

        for (size_t i = 0; i < VALUES; i++)
            in[i] = f32_of((uint32_t)mix(at + i));
        check_all(types[_i], in);
    }
}
END_TEST

/* At each place, of either sign, quiet or not, among numbers and infinities. */
START_TEST(one_nan_does_not_disturb_its_neighbours)
{
    static const uint32_t nans[] = {0x7f800001, 0xff800001, 0x7fc00000,
                                    0xffffffff, 0x7f801fff, 0x7fffffff};

    for (size_t n = 0; n < COUNT(nans); n++)
        for (size_t place = 0; place < VALUES; place++) {
            float in[VALUES];

            for (size_t i = 0; i < VALUES; i++)
                in[i] = f32_of(i % 7 == 0 ? 0x7f800000u : (uint32_t)i << 24);
            in[place] = f32_of(nans[n]);
            check_all(types[_i], in);
        }
}
END_TEST

Suite *narrow_suite(void)
{
    Suite *suite = suite_create("narrow");
    TCase *cases = tcase_create("narrow");
    const int all = (int)COUNT(types);

    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, values_around_every_step_are_rounded_alike, 0,
                        all);
    tcase_add_loop_test(cases, any_values_are_rounded_alike, 0, all);
    tcase_add_loop_test(cases, one_nan_does_not_disturb_its_neighbours, 0, all);
    suite_add_tcase(suite, cases);
    return suite;
}
