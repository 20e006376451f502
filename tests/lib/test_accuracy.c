/* SPDX-License-Identifier: MIT */
/*
 * Tests of the normal quantile's accuracy, and of the order of its operations.
 *
 * The reference is one step of Newton's method from the value under test, on
 * libm's erf and erfc in a wider type.  The step's own error is z / 2 times
 * its square, far below what is measured.
 */
#include <math.h>
#include <stdio.h>

#include "generators/sow1.h"
#include "help.h"

Suite *accuracy_suite(void);

static const long double root_half = 0.70710678118654752440084436210484904L;
static const long double root_two_pi = 2.50662827463100050241576528481104525L;

/* What a sample has shown: the greatest error, in ulp, and the word. */
struct worst {
    double ulp;
    uint64_t word;
};

static void worst_note(struct worst *worst, double ulp, uint64_t word)
{
    if (ulp <= worst->ulp)
        return;
    worst->ulp = ulp;
    worst->word = word;
}

/* The octave of a tail of a + 1/2 among 2^bits. */
static int octave_of(uint64_t a, int bits)
{
    return bits - 2 - ilogb((double)a + 0.5);
}

/* The error of word m >= 0 in ulp of the exact value. */
static double error_f32(uint32_t m)
{
    double z = (double)sow1_normal_f32(m);
    double inner = ((double)m + 0.5) * 0x1p-32;
    double tail = ((double)(0x7fffffffu - m) + 0.5) * 0x1p-32;
    double density = exp(-z * z / 2) / (double)root_two_pi;
    double t = z * (double)root_half;
    double step = m < 0x40000000u ? (inner - erf(t) / 2) / density
                                  : (erfc(t) / 2 - tail) / density;

    return fabs(step) / ldexp(1, ilogb(z + step) - 23);
}

static void sample_f32(struct worst worst[SOW1_F32_ROWS], uint32_t m)
{
    worst_note(&worst[octave_of(0x7fffffffu - m, 32)], error_f32(m), m);
}

/* The bounds of sow1.md. */
START_TEST(float32_is_within_2_ulp)
{
    /* Among the worst of all words for tables that were considered. */
    static const uint32_t worst_words[] = {0x30660f20, 0x30d10b9f, 0x3083415f,
                                           0x30f4395f};
    enum { STRIDE = 399, AROUND = 2000 };
    struct worst worst[SOW1_F32_ROWS] = {{0, 0}};
    double most = 0;

    for (uint32_t m = 0; m < 0x80000000u - STRIDE; m += STRIDE)
        sample_f32(worst, m + (uint32_t)(mix(m) % STRIDE));
    for (size_t i = 0; i < COUNT(worst_words); i++)
        sample_f32(worst, worst_words[i]);
    for (int bit = 0; bit < 31; bit++) {
        uint32_t from = 1u << bit < AROUND ? 0 : (1u << bit) - AROUND;

        for (uint32_t i = from; i < (1u << bit) + AROUND; i++) {
            sample_f32(worst, i);
            sample_f32(worst, 0x7fffffffu - i);
        }
    }
    for (int i = 0; i < SOW1_F32_ROWS; i++) {
        double bound = i == 0 ? 2.016 : i == 1 ? 1.8 : 1.2;

        ck_assert_msg(worst[i].ulp > 0, "octave %d has no sample", i);
        ck_assert_msg(worst[i].ulp <= bound, "octave %d: %.3f ulp at %#llx", i,
                      worst[i].ulp, (unsigned long long)worst[i].word);
        most = worst[i].ulp > most ? worst[i].ulp : most;
    }
    printf("normal float32: at most %.3f ulp; %.3f in the first octave, %.3f "
           "in the second\n",
           most, worst[0].ulp, worst[1].ulp);
}
END_TEST

static double error_f64(uint64_t m)
{
    const uint64_t most = (UINT64_C(1) << 52) - 1;
    long double z = (long double)sow1_normal_f64(m);
    long double inner = ((long double)m + 0.5L) * 0x1p-53L;
    long double tail = ((long double)(most - m) + 0.5L) * 0x1p-53L;
    long double density = expl(-z * z / 2) / root_two_pi;
    long double t = z * root_half;
    long double step = m <= most / 2 ? (inner - erfl(t) / 2) / density
                                     : (erfcl(t) / 2 - tail) / density;

    return (double)(fabsl(step) / ldexpl(1, ilogbl(z + step) - 52));
}

START_TEST(float64_is_within_2_ulp)
{
    enum { SAMPLES = 400000, EACH = 4000 };
    const uint64_t most = (UINT64_C(1) << 52) - 1;
    struct worst worst = {0, 0};

    for (uint64_t i = 0; i < SAMPLES; i++) {
        uint64_t m = mix(i) & most;

        worst_note(&worst, error_f64(m), m);
    }
    /* As many in each octave of the tail, and of the distance from 0. */
    for (int bit = 0; bit < 52; bit++) {
        for (uint64_t i = 0; i < EACH; i++) {
            uint64_t at = UINT64_C(1) << bit;
            uint64_t a = i < 20 && at > 10 ? at - 10 + i : at + mix(i) % at;

            worst_note(&worst, error_f64(a), a);
            worst_note(&worst, error_f64(most - a), most - a);
        }
    }
    ck_assert_msg(worst.ulp <= 2, "%.3f ulp at %#llx", worst.ulp,
                  (unsigned long long)worst.word);
    printf("normal float64: at most %.3f ulp\n", worst.ulp);
}
END_TEST

/*
 * The polynomial of sow1.md, either as it is written or with every product
 * and sum fused.
 */
static float evaluate(uint32_t m, bool fused)
{
    float tail = fminf((float)(0x7fffffffu - m) + 0.5f, 2147483520.0f);
    int e = ilogbf(tail);
    const float *c = sow1_normal_f32_table[30 - e];
    float w =
        m < 0x40000000u ? (float)(2 * m + 1) * 0x1p-31f : 2 - ldexpf(tail, -e);
    float v = m < 0x40000000u ? w * w : w;
    volatile float z = c[SOW1_F32_TERMS - 1];

    for (int i = SOW1_F32_TERMS - 2; i >= 0; i--) {
        float x = i == 0 ? w : v;
        volatile float product = z * x;

        z = fused ? fmaf(z, x, c[i]) : product + c[i];
    }
    return z;
}

START_TEST(quantile_fuses_nothing)
{
    int telling = 0;

    for (uint64_t i = 0; i < 200000; i++) {
        uint32_t m = (uint32_t)mix(i) >> (1 + i % 20);
        uint32_t word = i % 2 == 0 ? m : 0x7fffffffu - m;
        float plain = evaluate(word, false);

        if (f32_bits(sow1_normal_f32(word)) != f32_bits(plain))
            ck_abort_msg("word %#x gives %a, not %a", word,
                         (double)sow1_normal_f32(word), (double)plain);
        telling += f32_bits(plain) != f32_bits(evaluate(word, true));
    }
    ck_assert_int_gt(telling, 1000);
}
END_TEST

/* What the kernels that fetch two coefficients at once rely on. */
START_TEST(coefficients_share_their_halves)
{
    for (int row = 0; row < SOW1_F32_ROWS; row++) {
        const float *c = sow1_normal_f32_table[row];

        for (int i = 5; i <= 7; i += 2) {
            uint32_t pair = f32_bits(c[i]);
            uint32_t high = f32_bits(c[i + 1]);

            ck_assert_msg((high & 0xffff) == 0, "row %d, coefficient %d: %a",
                          row, i + 1, (double)c[i + 1]);
            ck_assert_msg((pair & 0xffff) == high >> 16,
                          "row %d: %a does not hold %a", row, (double)c[i],
                          (double)c[i + 1]);
        }
    }
}
END_TEST

Suite *accuracy_suite(void)
{
    Suite *suite = suite_create("accuracy");
    TCase *cases = tcase_create("accuracy");

    tcase_set_timeout(cases, 300);
    tcase_add_test(cases, float32_is_within_2_ulp);
    tcase_add_test(cases, float64_is_within_2_ulp);
    tcase_add_test(cases, quantile_fuses_nothing);
    tcase_add_test(cases, coefficients_share_their_halves);
    suite_add_tcase(suite, cases);
    return suite;
}
