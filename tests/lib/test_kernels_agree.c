/* SPDX-License-Identifier: MIT */
/*
 * Every engine's kernels against the portable engine's: any number of groups
 * at any address, spans at the ends of their range, and any count of floats to
 * be rounded.
 */
#include "kernels/kernels.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "draw.h"
#include "generators/sow1.h"
#include "help.h"

Suite *kernels_agree_suite(void);

static const struct sow_stream stream = {.key = {11, 12}, .high = {13, 14}};

/* What a kernel makes, of elements of 'size' bytes. */
typedef void make_groups(const struct sow_engine *engine, uint64_t group,
                         size_t groups, void *out);

static void make_words(const struct sow_engine *engine, uint64_t group,
                       size_t groups, void *out)
{
    engine->words(&stream, group, groups, out);
}

static void make_uniform(const struct sow_engine *engine, uint64_t group,
                         size_t groups, void *out)
{
    const struct sow_uniform_f32 law = {-1, 3, 1.9999999f};

    engine->uniform_f32(&stream, group, groups, &law, out);
}

static void make_normal(const struct sow_engine *engine, uint64_t group,
                        size_t groups, void *out)
{
    const struct sow_normal_f32 law = {.mean = 0.5f, .std = 2};

    engine->normal_f32(&stream, group, groups, &law, out);
}

static void make_truncated(const struct sow_engine *engine, uint64_t group,
                           size_t groups, void *out)
{
    struct sow_normal_f32 law = {.std = 1, .low = -2, .high = 2};

    sow1_truncate(-2, 2, 32, &law.first, &law.count);
    engine->truncated_f32(&stream, group, groups, &law, out);
}

/* By way of float32 where there is no kernel. */
static void make_bf16(const struct sow_engine *engine,
                      const struct sow_law *law, uint64_t group, size_t groups,
                      void *out)
{
    sow_draw_items(engine, law, SOW_BFLOAT16, &stream, group, groups, out);
}

static void make_normal_bf16(const struct sow_engine *engine, uint64_t group,
                             size_t groups, void *out)
{
    const struct sow_law law = {.kind = SOW_LAW_NORMAL, .normal = {.std = 2}};

    make_bf16(engine, &law, group, groups, out);
}

static void make_truncated_bf16(const struct sow_engine *engine, uint64_t group,
                                size_t groups, void *out)
{
    struct sow_law law = {.kind = SOW_LAW_TRUNCATED_NORMAL,
                          .normal = {.std = 1, .low = -2, .high = 9}};

    sow1_truncate(-2, 9, 32, &law.normal.first, &law.normal.count);
    make_bf16(engine, &law, group, groups, out);
}

static void make_uniform_f64(const struct sow_engine *engine, uint64_t group,
                             size_t groups, void *out)
{
    const struct sow_uniform_f64 law = {-1, 3, 1.9999999};

    engine->uniform_f64(&stream, group, groups, &law, out);
}

static void make_normal_f64(const struct sow_engine *engine, uint64_t group,
                            size_t groups, void *out)
{
    const struct sow_normal_f64 law = {.mean = 0.5, .std = 2};

    engine->normal_f64(&stream, group, groups, &law, out);
}

static void make_truncated_f64(const struct sow_engine *engine, uint64_t group,
                               size_t groups, void *out)
{
    struct sow_normal_f64 law = {.std = 1, .low = -2, .high = 2};

    sow1_truncate(-2, 2, 53, &law.first, &law.count);
    engine->truncated_f64(&stream, group, groups, &law, out);
}

static const struct {
    const char *name;
    make_groups *make;
    size_t size;
} kernels[] = {
    {"words", make_words, 4},
    {"uniform_f32", make_uniform, 4},
    {"normal_f32", make_normal, 4},
    {"truncated_f32", make_truncated, 4},
    {"normal_bf16", make_normal_bf16, 2},
    {"truncated_bf16", make_truncated_bf16, 2},
    {"uniform_f64", make_uniform_f64, 8},
    {"normal_f64", make_normal_f64, 8},
    {"truncated_f64", make_truncated_f64, 8},
};

/*
 * Each number of groups, to any address, up to where blocks pass 32 bits; the
 * bytes around them are left alone.
 */
START_TEST(any_number_of_groups_is_made_anywhere)
{
    enum { MOST = 140, AROUND = 64 };
    static uint8_t want[MOST * SOW_GROUP * 8];
    static uint8_t got[AROUND + sizeof want + AROUND];
    const size_t blocks = kernels[_i].size == 8 ? 16 : 8;
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        for (size_t groups = 0; groups <= MOST; groups++) {
            uint64_t group = (UINT64_C(1) << 32) / blocks - groups;
            size_t n = groups * SOW_GROUP * kernels[_i].size;
            uint8_t *to = got + AROUND - groups % AROUND;

            memset(got, 0xa5, sizeof got);
            memset(want, 0xa5, sizeof want);
            kernels[_i].make(&sow_engine_portable, group, groups, want);
            kernels[_i].make(engine, group, groups, to);
            if (memcmp(to, want, n) != 0)
                ck_abort_msg("engine %s, %s: %zu groups from %llu differ",
                             engine->name, kernels[_i].name, groups,
                             (unsigned long long)group);
            if (to[-1] != 0xa5 || to[n] != 0xa5)
                ck_abort_msg("engine %s, %s: %zu groups overrun", engine->name,
                             kernels[_i].name, groups);
        }
}
END_TEST

/* ------------------------------------------------------------------------
 * Spans
 */

static const double spans[] = {
    0,         1,        0.1,         -3,
    0x1p-100,  0x1p-102, 0x1.8p-125,  0x1.000002p-126,
    0x1p-140,  0x1p-149, 0x1p100,     FLT_MAX,
    0x1p-960,  0x1p-970, 0x1.8p-1020, 0x1p-1060,
    0x1p-1074, 0x1p1000, DBL_MAX,     INFINITY};

START_TEST(uniforms_agree_whatever_the_span)
{
    enum { GROUPS = 5 };
    const struct sow_engine *const reference = &sow_engine_portable;
    const double span = spans[_i];
    const struct sow_uniform_f32 law = {-1, (float)span, FLT_MAX};
    const struct sow_uniform_f32 bare = {0, (float)span, FLT_MAX};
    const struct sow_uniform_f64 wide = {0, span, DBL_MAX};
    const struct sow_engine *engine;
    float want[GROUPS * SOW_GROUP], got[GROUPS * SOW_GROUP];
    double wide_want[GROUPS * SOW_GROUP], wide_got[GROUPS * SOW_GROUP];

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++) {
        reference->uniform_f32(&stream, 0, GROUPS, &law, want);
        engine->uniform_f32(&stream, 0, GROUPS, &law, got);
        ck_assert_mem_eq(got, want, sizeof want);
        reference->uniform_f32(&stream, 0, GROUPS, &bare, want);
        engine->uniform_f32(&stream, 0, GROUPS, &bare, got);
        ck_assert_mem_eq(got, want, sizeof want);
        reference->uniform_f64(&stream, 0, GROUPS, &wide, wide_want);
        engine->uniform_f64(&stream, 0, GROUPS, &wide, wide_got);
        ck_assert_mem_eq(wide_got, wide_want, sizeof wide_want);
    }
}
END_TEST

/* ------------------------------------------------------------------------
 * Bounds
 */

/*
 * Of truncated normals, in units of std: those that leave no tails and those
 * that nearly do, tails alone, and all words.
 */
static const double bounds[][2] = {
    {-2, 2}, {-2.66, 2.66}, {-2.67, 2.66}, {-2.66, 2.67}, {-0.1, 0.2}, {-4, 3},
    {0, 6},  {-6.3, -3},    {3.2, 9},      {-6, 6.2},     {-50, 50}};

START_TEST(truncated_normals_agree_whatever_the_bounds)
{
    enum { GROUPS = 300 };
    static float want[GROUPS * SOW_GROUP], got[GROUPS * SOW_GROUP];
    const double low = bounds[_i][0], high = bounds[_i][1];
    struct sow_normal_f32 law = {.mean = 0.25f, .std = 0.5f};
    const struct sow_engine *engine;

    law.low = (float)(0.25 + 0.5 * low);
    law.high = (float)(0.25 + 0.5 * high);
    sow1_truncate(low, high, 32, &law.first, &law.count);
    sow_engine_portable.truncated_f32(&stream, 7, GROUPS, &law, want);
    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++) {
        engine->truncated_f32(&stream, 7, GROUPS, &law, got);
        for (size_t i = 0; i < COUNT(got); i++)
            if (f32_bits(got[i]) != f32_bits(want[i]))
                ck_abort_msg("engine %s, within %g and %g: element %zu is %a, "
                             "not %a",
                             engine->name, low, high, i, (double)got[i],
                             (double)want[i]);
    }
}
END_TEST

/* ------------------------------------------------------------------------
 * Rounding
 */

static const enum sow_dtype narrow[] = {
    SOW_FLOAT16, SOW_BFLOAT16, SOW_FLOAT8_E4M3FN, SOW_FLOAT8_E5M2, SOW_FLOAT32};

static void check_narrow(const struct sow_engine *engine, enum sow_dtype dtype,
                         const float *in, size_t n)
{
    enum { MOST = 4096 };
    uint8_t want[4 * MOST + 1], got[4 * MOST + 1];

    ck_assert_uint_le(n, MOST);
    memset(want, 0xa5, sizeof want);
    memset(got, 0xa5, sizeof got);
    sow_narrow(dtype, in, want + 1, n);
    engine->narrow(dtype, in, got + 1, n);
    for (size_t i = 0; i < sizeof got; i++)
        if (got[i] != want[i])
            ck_abort_msg("engine %s, %s: byte %zu of %zu numbers from %a on "
                         "is %#x, not %#x",
                         engine->name, sow_dtype_name(dtype), i - 1, n,
                         (double)in[0], got[i], want[i]);
}

/* A NaN among common numbers, and numbers of any count. */
START_TEST(any_count_of_floats_is_rounded)
{
    enum { MOST = 130 };
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        for (size_t n = 0; n <= MOST; n++) {
            float in[MOST];

            for (size_t i = 0; i < MOST; i++)
                in[i] = (float)(int32_t)mix(i) * 0x1p-28f;
            check_narrow(engine, narrow[_i], in, n);
            in[n / 2] = f32_of(0xffffffff);
            check_narrow(engine, narrow[_i], in, n);
        }
}
END_TEST

Suite *kernels_agree_suite(void)
{
    Suite *suite = suite_create("kernels_agree");
    TCase *cases = tcase_create("kernels_agree");

    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, any_number_of_groups_is_made_anywhere, 0,
                        COUNT(kernels));
    tcase_add_loop_test(cases, uniforms_agree_whatever_the_span, 0,
                        COUNT(spans));
    tcase_add_loop_test(cases, truncated_normals_agree_whatever_the_bounds, 0,
                        COUNT(bounds));
    tcase_add_loop_test(cases, any_count_of_floats_is_rounded, 0,
                        COUNT(narrow));
    suite_add_tcase(suite, cases);
    return suite;
}
