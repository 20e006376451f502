/* SPDX-License-Identifier: MIT */
/*
 * Normal numbers that are made as bfloat16 at once: how far the short rows are
 * from the full ones, and that every engine's are the float32 ones, rounded.
 */
#include "kernels/bfloat16.h"

#include <math.h>
#include <string.h>

#include "draw.h"
#include "generators/sow1.h"
#include "help.h"

Suite *bfloat16_suite(void);

/* ------------------------------------------------------------------------
 * Rows
 */

/*
 * sow1_normal_f32() of m < 2^31, but by the short rows; 'half' is what the tail
 * has more than its integer.
 */
static float short_normal(uint32_t m, float half)
{
    float tail = (float)(int32_t)(0x7fffffffu - m) + half;
    uint32_t bits = f32_bits(tail < 0x1.fffffep30f ? tail : 0x1.fffffep30f);
    const float *c = sow_bfloat16_table[127 + 30 - (bits >> 23)];
    bool inner = m < 1u << 30;
    float w = inner ? (float)(int32_t)(2 * m + 1) * 0x1p-31f
                    : 2 - f32_of((bits & 0x007fffffu) | 0x3f800000u);
    float v = inner ? w * w : w;
    float z = c[SOW_BFLOAT16_TERMS - 1];

    for (int i = SOW_BFLOAT16_TERMS - 2; i >= 1; i--)
        z = z * v + c[i];
    return z * w + c[0];
}

static void check_lack(uint32_t m)
{
    static const float halves[] = {0.5f, 0};
    double full = (double)sow1_normal_f32(m);

    for (size_t i = 0; i < COUNT(halves); i++) {
        double value = (double)short_normal(m, halves[i]);
        double lack = fabs(value - full) / full * 0x1p24;

        if (!(lack < SOW_BFLOAT16_LACK - 1))
            ck_abort_msg("word %u lacks %g of 2^24", m, lack);
    }
}

/* Those whose tails are 2^16 and more: a sample, and both ends of octaves. */
START_TEST(short_rows_lack_less_than_is_said)
{
    const uint32_t end = (1u << 31) - (1u << 16);

    for (uint32_t m = 0; m < end; m += 997)
        check_lack(m);
    for (uint32_t octave = 1u << 30; octave >= 1u << 16; octave /= 2)
        for (uint32_t i = 0; i < 2000; i++) {
            uint32_t first = (1u << 31) - 2 * octave;

            check_lack(first + i);
            check_lack(first + octave - 1 - i);
        }
}
END_TEST

START_TEST(last_pairs_of_coefficients_share_their_bits)
{
    for (int row = 0; row < SOW_BFLOAT16_ROWS; row++) {
        const float *c = sow_bfloat16_table[row];

        ck_assert_uint_eq(f32_bits(c[SOW_BFLOAT16_TERMS - 2]) & 0xffff,
                          f32_bits(c[SOW_BFLOAT16_TERMS - 1]) >> 16);
        ck_assert_uint_eq(f32_bits(c[SOW_BFLOAT16_TERMS - 1]) & 0xffff, 0);
    }
}
END_TEST

/* ------------------------------------------------------------------------
 * Values
 */

#define GROUPS 2000

static const float stds[] = {
    0.02f,      1,       -1.9999999f, 0x1.000002p-60f, 0x1p-60f,  0x1p60f,
    -0x1p60f,   0x1p61f, 0x1p-61f,    0x1p-125f,       0x1p-149f, 0x1p126f,
    0x1.8p127f, 0};

/* Of truncated normals, in units of std; the first is of the others. */
static const double bounds[][2] = {{0, 0},      {-2, 2},     {-0.5, 0.01},
                                   {-2, 1e300}, {-1e300, 1}, {0, 9},
                                   {2.5, 3},    {-9, -3}};

static struct sow_law law_of(float std, double mean, const double bound[2])
{
    struct sow_law law = {.kind = SOW_LAW_NORMAL};

    law.normal.mean = mean;
    law.normal.std = (double)std;
    if (bound[0] == bound[1])
        return law;
    law.kind = SOW_LAW_TRUNCATED_NORMAL;
    law.normal.low = mean + bound[0] * fabs((double)std);
    law.normal.high = mean + bound[1] * fabs((double)std);
    sow1_truncate(bound[0], bound[1], 32, &law.normal.first, &law.normal.count);
    return law;
}

static void check_law(const struct sow_law *law, uint64_t group)
{
    static const struct sow_stream stream = {.key = {5, 6}, .high = {7, 8}};
    static float wide[GROUPS * SOW_GROUP];
    static uint8_t want[GROUPS * SOW_GROUP * 2], got[sizeof want];
    const struct sow_engine *engine;

    sow_draw_f32(&sow_engine_portable, law, &stream, group, GROUPS, wide);
    sow_narrow(SOW_BFLOAT16, wide, want, GROUPS * SOW_GROUP);
    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++) {
        memset(got, 0xa5, sizeof got);
        sow_draw_items(engine, law, SOW_BFLOAT16, &stream, group, GROUPS, got);
        for (size_t i = 0; i < sizeof got; i++)
            if (got[i] != want[i])
                ck_abort_msg("engine %s, std %g, mean %g, [%g, %g]: element "
                             "%zu differs",
                             engine->name, law->normal.std, law->normal.mean,
                             law->normal.low, law->normal.high, i / 2);
    }
}

START_TEST(all_engines_round_the_float32_value)
{
    for (size_t b = 0; b < COUNT(bounds); b++) {
        struct sow_law law = law_of(stds[_i], 0, bounds[b]);

        check_law(&law, b * GROUPS);
    }
}
END_TEST

START_TEST(a_mean_is_heeded)
{
    static const double means[] = {-0.0, 1e-60, 1e-30, 1e-3, -0.5, 3e38};

    for (size_t i = 0; i < COUNT(means); i++)
        for (size_t b = 0; b < 2; b++) {
            struct sow_law law = law_of(0.02f, means[i], bounds[b]);

            check_law(&law, 0);
        }
}
END_TEST

/* Enough of those that lie close to where rounding turns, and on it. */
START_TEST(many_values_are_rounded_alike)
{
    struct sow_law law = law_of(1.7f, 0, bounds[_i]);

    for (uint64_t group = 0; group < 60 * GROUPS; group += GROUPS)
        check_law(&law, group);
}
END_TEST

Suite *bfloat16_suite(void)
{
    Suite *suite = suite_create("bfloat16");
    TCase *rows = tcase_create("rows");
    TCase *values = tcase_create("values");

    tcase_set_timeout(rows, 60);
    tcase_add_test(rows, short_rows_lack_less_than_is_said);
    tcase_add_test(rows, last_pairs_of_coefficients_share_their_bits);
    suite_add_tcase(suite, rows);
    tcase_set_timeout(values, 60);
    tcase_add_loop_test(values, all_engines_round_the_float32_value, 0,
                        (int)COUNT(stds));
    tcase_add_test(values, a_mean_is_heeded);
    tcase_add_loop_test(values, many_values_are_rounded_alike, 0, 2);
    suite_add_tcase(suite, values);
    return suite;
}
