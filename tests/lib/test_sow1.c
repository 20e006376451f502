/* SPDX-License-Identifier: MIT */
/* Tests of the generator sow1: streams, the normal quantile, truncation. */
#include "generators/sow1.h"

#include <math.h>
#include <string.h>

#include "help.h"

Suite *sow1_suite(void);

/* By Python's hashlib.blake2b(…, digest_size=16, person=b"sow1 stream"). */
static const struct {
    uint64_t seed;
    const char *label, *name;
    struct sow_stream want;
} streams[] = {
    {0,
     "value",
     "",
     {.key = {0x28956a9a, 0xc1d44542}, .high = {0x0234076b, 0xf762ec30}}},
    {42,
     "value",
     "fc1.weight",
     {.key = {0x5f6f2cf8, 0x2e05da00}, .high = {0x8c2e7291, 0xcaf80f5f}}},
    {UINT64_MAX,
     "value",
     "\xc3\xa9",
     {.key = {0x7979c32e, 0xab936744}, .high = {0xea28ad4a, 0x6b62ab11}}},
    {42,
     "mask",
     "fc1.weight",
     {.key = {0xca29ad19, 0x5847620a}, .high = {0x883f0faf, 0x14d38542}}},
};

START_TEST(streams_have_known_identities)
{
    for (size_t i = 0; i < COUNT(streams); i++) {
        struct sow_stream stream;

        sow1_stream(streams[i].seed, streams[i].label, streams[i].name,
                    &stream);
        ck_assert_msg(memcmp(&stream, &streams[i].want, sizeof stream) == 0,
                      "stream %zu: %08x %08x, %08x %08x", i, stream.key[0],
                      stream.key[1], stream.high[0], stream.high[1]);
    }
}
END_TEST

START_TEST(streams_differ_by_seed_label_and_name)
{
    static const struct {
        uint64_t seed;
        const char *label, *name;
    } ids[] = {
        {0, "a", "b"},  {1, "a", "b"}, {UINT64_C(1) << 32, "a", "b"},
        {0, "ab", ""},  {0, "", "ab"}, {0, "b", "a"},
        {0, "a", ""},   {0, "", "a"},  {0, "", ""},
        {0, "a", "bb"}, {0, "a", "B"}, {UINT64_C(1) << 63, "a", "b"},
        {98, "", "b"},
    };
    struct sow_stream all[COUNT(ids)];

    for (size_t i = 0; i < COUNT(ids); i++) {
        sow1_stream(ids[i].seed, ids[i].label, ids[i].name, &all[i]);
        for (size_t j = 0; j < i; j++)
            ck_assert_msg(memcmp(&all[i], &all[j], sizeof all[0]) != 0,
                          "streams %zu and %zu are the same", j, i);
    }
}
END_TEST

START_TEST(names_of_any_length_name_a_stream)
{
    char name[SOW_MAX_NAME + 1] = "";
    struct sow_stream last, stream;

    sow1_stream(7, "value", name, &last);
    for (size_t i = 0; i < SOW_MAX_NAME; i++) {
        name[i] = 'x';
        name[i + 1] = '\0';
        sow1_stream(7, "value", name, &stream);
        ck_assert_mem_ne(&stream, &last, sizeof stream);
        last = stream;
    }
}
END_TEST

START_TEST(quantile_is_odd)
{
    const uint64_t half = UINT64_C(1) << 52;

    for (uint64_t i = 0; i < 1000000; i++) {
        uint32_t narrow = (uint32_t)(i < 1000 ? i : mix(i));
        uint64_t wide = (i < 1000 ? half - 1 - i : mix(i)) % (2 * half);

        if (f32_bits(sow1_normal_f32(narrow)) !=
            f32_bits(-sow1_normal_f32(~narrow)))
            ck_abort_msg("float32: words %#x and %#x", narrow, ~narrow);
        if (f64_bits(sow1_normal_f64(wide)) !=
            f64_bits(-sow1_normal_f64(~wide & (2 * half - 1))))
            ck_abort_msg("float64: word %#llx", (unsigned long long)wide);
    }
}
END_TEST

START_TEST(quantile_has_its_sign_and_reach)
{
    const uint64_t half = UINT64_C(1) << 52;

    ck_assert_float_gt(sow1_normal_f32(0), 0);
    ck_assert_float_lt(sow1_normal_f32(UINT32_MAX), 0);
    ck_assert_float_eq_tol(sow1_normal_f32(INT32_MAX), 6.338f, 5e-4f);
    ck_assert_float_eq_tol(sow1_normal_f32(0x80000000u), -6.338f, 5e-4f);
    ck_assert_double_gt(sow1_normal_f64(0), 0);
    ck_assert_double_lt(sow1_normal_f64(2 * half - 1), 0);
    ck_assert_double_eq_tol(sow1_normal_f64(half - 1), 8.292, 5e-4);
    ck_assert_double_eq_tol(sow1_normal_f64(half), -8.292, 5e-4);
}
END_TEST

/*
 * Values that are both within 2 ulp of a function that grows can step back by
 * 4 ulp, and not at all where the function itself grows by more than that:
 * 2^13 words on, even where the density is greatest and the ulp too
 * (2^13 2^-32 / 0.35 against 4 2^-24 just below 1/2, and so on outward).
 */
START_TEST(quantile_grows_with_the_rank)
{
    const uint32_t step = 1 << 13;
    float last = -INFINITY;

    for (uint64_t rank = 0; rank < UINT64_C(1) << 32; rank += step) {
        float z = sow1_normal_f32((uint32_t)rank ^ 0x80000000u);

        if (z <= last)
            ck_abort_msg("%a follows %a at rank %#llx", (double)z, (double)last,
                         (unsigned long long)rank);
        last = z;
    }
}
END_TEST

/* Word by word near each border of two octaves, where rows meet. */
START_TEST(octaves_join_up)
{
    for (int octave = 1; octave <= 31; octave++) {
        uint32_t tail = 1u << (31 - octave);
        uint32_t reach = tail / 2 < 100000 ? tail / 2 : 100000;
        float most = 0;

        for (uint32_t a = tail + reach; a-- > tail - reach;) {
            float z = sow1_normal_f32(0x7fffffff - a);

            if (z < most - 4 * 0x1p-23f * most)
                ck_abort_msg("octave %d: %a follows %a at tail %u", octave,
                             (double)z, (double)most, a);
            if (z > most)
                most = z;
        }
    }
}
END_TEST

static uint64_t below(double x, unsigned bits)
{
    uint64_t first, count;

    sow1_truncate(-INFINITY, x, bits, &first, &count);
    ck_assert_uint_eq(first, 0);
    return count;
}

START_TEST(infinite_bounds_hold_all_words)
{
    ck_assert_uint_eq(below(INFINITY, 32), UINT64_C(1) << 32);
    ck_assert_uint_eq(below(INFINITY, 53), UINT64_C(1) << 53);
    ck_assert_uint_eq(below(0, 32), UINT64_C(1) << 31);
    ck_assert_uint_eq(below(0, 53), UINT64_C(1) << 52);
    ck_assert_uint_eq(below(-INFINITY, 32), 0);
}
END_TEST

START_TEST(symmetric_bounds_hold_symmetric_ranks)
{
    for (uint64_t i = 0; i < 10000; i++) {
        double x = (double)(mix(i) >> 11) * 0x1p-53 * 9;

        for (unsigned bits = 32; bits <= 53; bits += 21) {
            uint64_t all = UINT64_C(1) << bits;
            uint64_t first, count;

            if (below(x, bits) + below(-x, bits) != all)
                ck_abort_msg("%u bits, %a: %llu + %llu", bits, x,
                             (unsigned long long)below(x, bits),
                             (unsigned long long)below(-x, bits));
            sow1_truncate(-x, x, bits, &first, &count);
            if (2 * first + count != all)
                ck_abort_msg("%u bits, %a: from %llu, %llu words", bits, x,
                             (unsigned long long)first,
                             (unsigned long long)count);
        }
    }
}
END_TEST

/* Within the error of sow_normal_cdf() and the rounding. */
START_TEST(ranks_are_those_of_the_distribution_function)
{
    for (uint64_t i = 0; i < 20000; i++) {
        double x = (double)(int64_t)mix(i) * 0x1p-63 * 9;
        long double p = erfcl((long double)x * -0.70710678118654752440L) / 2;

        for (unsigned bits = 32; bits <= 53; bits += 21) {
            long double want = ldexpl(p, (int)bits);
            long double off = (long double)below(x, bits) - want;
            long double within = 0.5L + ldexpl(1e-15L, (int)bits);

            if (fabsl(off) > within)
                ck_abort_msg("%u bits, %a: off by %Lg words", bits, x, off);
        }
    }
}
END_TEST

Suite *sow1_suite(void)
{
    Suite *suite = suite_create("sow1");
    TCase *cases = tcase_create("sow1");

    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, streams_have_known_identities);
    tcase_add_test(cases, streams_differ_by_seed_label_and_name);
    tcase_add_test(cases, names_of_any_length_name_a_stream);
    tcase_add_test(cases, quantile_is_odd);
    tcase_add_test(cases, quantile_has_its_sign_and_reach);
    tcase_add_test(cases, quantile_grows_with_the_rank);
    tcase_add_test(cases, octaves_join_up);
    tcase_add_test(cases, infinite_bounds_hold_all_words);
    tcase_add_test(cases, symmetric_bounds_hold_symmetric_ranks);
    tcase_add_test(cases, ranks_are_those_of_the_distribution_function);
    suite_add_tcase(suite, cases);
    return suite;
}
