/* SPDX-License-Identifier: MIT */
/*
 * The elementary functions give on every machine, by every compiler, the bits
 * that their text does: digests by tests/oracle/elementary_digests.py.
 */
#include "elementary.h"

#include <math.h>
#include <stdbool.h>

#include "expect.h"

Suite *elementary_bits_suite(void);

enum { COUNT = 4096 };

/* The i-th of the arguments below 2^exponent: exact, whoever compiles this. */
static double point(uint64_t i, int exponent, bool positive)
{
    const uint64_t word = mix(i);
    const double x =
        (double)((int64_t)(word >> 11) - (int64_t)(word >> 63 << 53));

    return ldexp(positive ? fabs(x) : x, exponent - 52);
}

static const struct {
    const char *name;
    double (*of)(double x);
    int exponent;
    bool positive;
    const char *digest;
} functions[] = {
    {"exp", sow_exp, 9, false,
     "54027e6eb6f4e2210f12178d42f46b7b"
     "a19266511e1f1e7f11ac1c5bb9f232ec"},
    {"exp", sow_exp, 1, false,
     "ac7de44e266c548196bfd25c183306a7"
     "36300474e07d8ef33980b826ae4863ea"},
    {"expm1", sow_expm1, 9, false,
     "cdfb5c629a8c2c6d2f6e8bdcd3983d5e"
     "078dd17e4cb1f46f99670279be947058"},
    {"expm1", sow_expm1, -3, false,
     "a274b0897f400c2f8ee7ac667bf5012f"
     "466934d9e99f4790f41b8e0f7c55110a"},
    {"log", sow_log, 10, true,
     "43e196022682f002474a1130406c2f43"
     "f6e39a081357bc629a7b34b35523f44f"},
    {"log", sow_log, -1000, true,
     "d5ff6042634d4267b8547eed36d200e4"
     "b36ebc055e784c6fbbb3da7dd78758dd"},
    {"log1p", sow_log1p, 2, true,
     "b87efc3c3ec10b42babd315d5e8c7543"
     "5c7742c743762d4d5fef3b345fba77a6"},
    {"log1p", sow_log1p, -20, false,
     "57bb07c12bdc24539560944f9a5de8a7"
     "f926716f9d76934d9aaf19c32044fed9"},
    {"tanh", sow_tanh, 3, false,
     "3460ae9f7e6e658a2362266c0e6dde2b"
     "efce4006f4c9cc53266d13dfc45a9008"},
    {"sin", sow_sin, 25, false,
     "1873f20678766fe3a5c55ef800d22ace"
     "3879994f361e35599e8461913066aa88"},
    {"sin", sow_sin, 3, false,
     "31ffdb4aab3599cea2e8544594da9145"
     "0cbfa2e001b1b9b6b3e22c37fba8f61e"},
    {"cos", sow_cos, 25, false,
     "084dca7d8bb7cd05b70d887b04a13f3d"
     "3476f3ea655a1b5b62ee4f7007b59977"},
    {"cos", sow_cos, 3, false,
     "2e21762ed7f3c21168bdb1e13ca07d5a"
     "9393c8a83acbb575d91d1d4921ce35b9"},
    {"atan", sow_atan, 2, false,
     "8094a84b39d6423d420799119399f793"
     "e99f1032ba59940f086ceb9cad2d2521"},
    {"atan", sow_atan, 30, false,
     "3b766df04a18ba20916870b516e1131f"
     "ae6e10f5d22cf1755c77bb33817feeb6"},
    {"erf", sow_erf, 2, false,
     "6c34eb032e919685f9451ecb1a3bfd1e"
     "696612359f7d6d306937bbb388ce7031"},
    {"normal_density", sow_normal_density, 4, false,
     "7bb3d59c11ed61b7af4ae08b9e43acc1"
     "3d36f5e7c382aa036966a0cf2dc6d05b"},
    {"normal_cdf", sow_normal_cdf, 5, false,
     "2eb26fd0f6bca60f9e4f6eb72b0632fb"
     "027e9a412229bdcbe71dab7589590f77"},
};

START_TEST(functions_have_their_bits)
{
    for (size_t i = 0; i < COUNT(functions); i++) {
        struct sow_sha256 hash;

        sow_sha256_start(&hash);
        for (uint64_t j = 0; j < COUNT; j++) {
            double y = functions[i].of(
                point(j, functions[i].exponent, functions[i].positive));

            sow_sha256_add(&hash, &y, sizeof y);
        }
        expect_digest(&hash, functions[i].name, functions[i].digest);
    }
}
END_TEST

START_TEST(powers_have_their_bits)
{
    struct sow_sha256 hash;

    sow_sha256_start(&hash);
    for (uint64_t j = 0; j < COUNT; j++) {
        double y = sow_pow(point(j, 3, true), point(COUNT + j, 2, false));

        sow_sha256_add(&hash, &y, sizeof y);
    }
    expect_digest(&hash, "pow",
                  "30ca14d14ed13adcda2c7dce95a3417a"
                  "35a510033bcea65d8ea41c82cc5d0108");
}
END_TEST

START_TEST(turns_have_their_bits)
{
    static const struct {
        const char *name;
        double (*at)(uint64_t n, uint64_t of);
        uint64_t of;
        const char *digest;
    } rows[] = {
        {"sin_turns", sow_sin_turns, 12,
         "77a0a506bc2432e0f93327c30f30f46a"
         "cedf0798a4e38d7d2d5af6b3903a7e45"},
        {"cos_turns", sow_cos_turns, 12,
         "41a157a70ad8b3c8ce09501e6a837e63"
         "a939caf578e68605cc4cb77b4e17140c"},
        {"sin_turns", sow_sin_turns, 999,
         "81eeb08bdac2546dd116d502c606a159"
         "83b1391dd37397a42d8deeb83a815191"},
        {"cos_turns", sow_cos_turns, 999,
         "4682202b3f38705651a95f3f0adeb8c1"
         "be5af013fa1592ffa63b0f21ccd1f00b"},
        {"sin_turns", sow_sin_turns, 1048576,
         "85c1ca9cc660cb65175f10457470442e"
         "df3bec09a12abf7e8f1a51a1baf01990"},
        {"cos_turns", sow_cos_turns, 1048576,
         "04cf1b64514be776178be49f665c3216"
         "59da4e0c057a76357fd163546a0cae09"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sow_sha256 hash;

        sow_sha256_start(&hash);
        for (uint64_t j = 0; j < COUNT; j++) {
            double y = rows[i].at(mix(j) % (2 * rows[i].of), rows[i].of);

            sow_sha256_add(&hash, &y, sizeof y);
        }
        expect_digest(&hash, rows[i].name, rows[i].digest);
    }
}
END_TEST

Suite *elementary_bits_suite(void)
{
    Suite *suite = suite_create("elementary_bits");
    TCase *cases = tcase_create("elementary_bits");

    tcase_add_test(cases, functions_have_their_bits);
    tcase_add_test(cases, powers_have_their_bits);
    tcase_add_test(cases, turns_have_their_bits);
    suite_add_tcase(suite, cases);
    return suite;
}
