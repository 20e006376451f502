/* SPDX-License-Identifier: MIT */
/* Tests of the text of numbers: known values, and a comparison of many
   others with the C library. */

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/number.h"

Suite *number_suite(void);

enum { ROOM = 64 };

/* A number as digits 0.DDD * 10^point, without zeros at either end. */
struct shape {
    char digits[ROOM];
    int count;
    int point;
};

/* A number under test; a float is its value as a double. */
struct sample {
    double value;
    bool single;
};

static float float_of(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

static double double_of(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

static struct sample f32(uint32_t bits)
{
    return (struct sample){(double)float_of(bits), true};
}

static struct sample f64(uint64_t bits)
{
    return (struct sample){double_of(bits), false};
}

/* Write a sample as a string into text[ROOM], by way of the least buffer. */
static void write_sample(struct sample sample, char *text)
{
    char out[NUMBER_MAX];
    size_t length = sample.single ? number_write_f32((float)sample.value, out)
                                  : number_write_f64(sample.value, out);

    memcpy(text, out, length);
    text[length] = '\0';
}

/* Are two values the same, and of the same sign? */
static bool same(double value, double other)
{
    return memcmp(&value, &other, sizeof(value)) == 0;
}

/* Does the text give back the sample, read in any of the ways? */
static bool gives_back(const char *text, struct sample sample)
{
    char *end;
    double value = strtod(text, &end);

    if (*end != '\0')
        return false;
    if (!sample.single)
        return same(value, sample.value);
    return same((double)(float)value, sample.value) &&
           same((double)strtof(text, NULL), sample.value);
}

/* Read off the digits of a text, up to an exponent. */
static const char *read_digits(const char *text, struct shape *shape)
{
    bool fraction = false;

    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text == '.') {
            fraction = true;
        } else if (*text != '0' || shape->count > 0) {
            shape->digits[shape->count++] = *text;
            shape->point += !fraction;
        } else {
            shape->point -= fraction;
        }
    }
    return text;
}

/* The shape of a text; that of a zero has no digits. */
static struct shape shape_of(const char *text)
{
    struct shape shape = {.count = 0};

    text = read_digits(text + (*text == '-'), &shape);
    if (*text == 'e')
        shape.point += (int)strtol(text + 1, NULL, 10);
    while (shape.count > 0 && shape.digits[shape.count - 1] == '0')
        shape.count--;
    shape.digits[shape.count] = '\0';
    return shape;
}

/* Write positional text by the book. */
static void write_positional(const struct shape *shape, char *text)
{
    int place;

    if (shape->point <= 0)
        text = stpcpy(text, "0.");
    for (place = shape->point; place < 0; place++)
        *text++ = '0';
    for (place = 0; place < shape->count || place < shape->point; place++) {
        if (place == shape->point && place > 0)
            *text++ = '.';
        *text++ = '0';
        if (place < shape->count)
            text[-1] = shape->digits[place];
    }
    *text = '\0';
}

/* Write the text that a shape must have. */
static void write_expected(const struct shape *shape, bool minus,
                           char text[ROOM])
{
    char scientific[ROOM], positional[1200];

    write_positional(shape, positional);
    snprintf(scientific, sizeof scientific, "%c%s%se%d", shape->digits[0],
             shape->count > 1 ? "." : "", shape->digits + 1, shape->point - 1);
    snprintf(text, ROOM, "%s%.*s", minus ? "-" : "", ROOM - 2,
             strlen(positional) <= strlen(scientific) ? positional
                                                      : scientific);
}

/* Is it a power of two, from which numbers are closer below than above? */
static bool is_power_of_two(double value)
{
    int exponent;

    return fabs(frexp(value, &exponent)) == 0.5;
}

/* Has the shape as few digits as can be, and the closest ones?  The closest
   decimal of so many digits gives back the number if any does, but at a
   power of two, where one above may do so when a closer one below does
   not. */
static bool is_shortest(struct sample sample, const struct shape *shape)
{
    char text[ROOM];
    struct shape other;

    snprintf(text, sizeof(text), "%.*e", shape->count - 1, sample.value);
    other = shape_of(text);
    if (other.point != shape->point || strcmp(other.digits, shape->digits) != 0)
        return is_power_of_two(sample.value) && !gives_back(text, sample);
    if (shape->count == 1)
        return true;
    snprintf(text, sizeof(text), "%.*e", shape->count - 2, sample.value);
    return !gives_back(text, sample);
}

/* Check all there is to check of a number other than zero. */
static void check_sample(struct sample sample)
{
    char text[ROOM], expected[ROOM];
    struct shape shape;

    write_sample(sample, text);
    shape = shape_of(text);
    write_expected(&shape, signbit(sample.value), expected);
    if (strcmp(text, expected) != 0)
        ck_abort_msg("%a is %s in the form %s", sample.value, expected, text);
    if (!gives_back(text, sample))
        ck_abort_msg("%a is not given back by %s", sample.value, text);
    if (!is_shortest(sample, &shape))
        ck_abort_msg("%a is not best written %s", sample.value, text);
}

static void check_both_signs(struct sample sample)
{
    if (!isfinite(sample.value) || sample.value == 0)
        return;
    check_sample(sample);
    sample.value = -sample.value;
    check_sample(sample);
}

/* The next number of a simple generator. */
static uint64_t random_bits(uint64_t *state)
{
    *state = *state * 6364136223846793005 + 1442695040888963407;
    return *state >> 32;
}

static void check_text(struct sample sample, const char *expected)
{
    char text[ROOM];

    write_sample(sample, text);
    ck_assert_str_eq(text, expected);
}

START_TEST(known_floats_have_known_text)
{
    static const struct {
        float value;
        const char *text;
    } known[] = {
        {0.0f, "0"},
        {1.0f, "1"},
        {-1.0f, "-1"},
        {100.0f, "100"},
        {1000.0f, "1e3"},
        {12300.0f, "12300"},
        {120000.0f, "1.2e5"},
        {16777216.0f, "16777216"},
        {-16777215.0f, "-16777215"},
        {33554432.0f, "33554432"},
        {1234567000.0f, "1234567000"},
        {1e10f, "1e10"},
        {1e22f, "1e22"},
        {0.1f, "0.1"},
        {0.3f, "0.3"},
        {12.5f, "12.5"},
        {3.14159274f, "3.1415927"},
        {0.01f, "0.01"},
        {0.001f, "1e-3"},
        {0.0012f, "0.0012"},
        {0.00123f, "0.00123"},
        {0.000123f, "1.23e-4"},
        {1.23e-5f, "1.23e-5"},
        {1.5e-7f, "1.5e-7"},
        {1e-45f, "1e-45"},
        {1.17549421e-38f, "1.1754942e-38"},
        {1.17549435e-38f, "1.1754944e-38"},
        {3.40282347e38f, "3.4028235e38"},
        {-3.40282347e38f, "-3.4028235e38"},
    };
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        check_text((struct sample){(double)known[i].value, true},
                   known[i].text);
}
END_TEST

START_TEST(known_doubles_have_known_text)
{
    static const struct {
        double value;
        const char *text;
    } known[] = {
        {0.0, "0"},
        {0.1, "0.1"},
        {0.30000000000000004, "0.30000000000000004"},
        {1000.0, "1e3"},
        {9007199254740993.0, "9007199254740992"},
        {9007199254740991.0, "9007199254740991"},
        {123456789012345680000.0, "123456789012345680000"},
        {1234567890123456800000.0, "1.2345678901234568e21"},
        {1e23, "1e23"},
        {9.5367431640625e-7, "9.5367431640625e-7"},
        {5.684341886080802e-14, "5.684341886080802e-14"},
        {0.0012345678901234567, "0.0012345678901234567"},
        {-2.2250738585072014e-308, "-2.2250738585072014e-308"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e308"},
    };
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        check_text((struct sample){known[i].value, false}, known[i].text);
}
END_TEST

START_TEST(negative_zero_keeps_its_sign)
{
    check_text((struct sample){-0.0, true}, "-0.0");
    check_text((struct sample){-0.0, false}, "-0.0");
}
END_TEST

/* 7.038531e-26 is this float, but as a double it is halfway to the next. */
START_TEST(float_survives_being_read_as_a_double)
{
    check_text(f32(0x15ae43fd), "7.0385307e-26");
    check_text(f32(0x95ae43fd), "-7.0385307e-26");
    ck_assert(!gives_back("7.038531e-26", f32(0x15ae43fd)));
    ck_assert(gives_back("7.0385307e-26", f32(0x15ae43fd)));
}
END_TEST

START_TEST(floats_near_powers_of_two_are_shortest)
{
    uint32_t exponent, offset;

    for (exponent = 0; exponent <= 0xff; exponent++)
        for (offset = 0; offset <= 128; offset++)
            check_both_signs(
                f32(((exponent << 23) + offset - 64) & 0x7fffffff));
}
END_TEST

START_TEST(subnormal_floats_are_shortest)
{
    uint32_t bit, offset;

    for (bit = 1; bit <= 0x800000; bit <<= 1)
        for (offset = 0; offset <= 64; offset++)
            check_both_signs(f32((bit + offset - 32) & 0x7fffffff));
}
END_TEST

START_TEST(floats_all_over_are_shortest)
{
    uint32_t bits;

    for (bits = 1; bits < 0x7f800000; bits += 4099)
        check_sample(f32(bits | (bits & 1) << 31));
}
END_TEST

START_TEST(integers_and_hundredths_are_shortest)
{
    int number;

    for (number = 1; number < 100000; number++) {
        check_sample((struct sample){number, true});
        check_sample((struct sample){(double)((float)number / 100), true});
        check_sample((struct sample){number / 100.0, false});
    }
}
END_TEST

START_TEST(doubles_near_powers_of_two_are_shortest)
{
    uint64_t exponent, offset;

    for (exponent = 0; exponent <= 0x7ff; exponent++)
        for (offset = 0; offset <= 16; offset++)
            check_both_signs(
                f64(((exponent << 52) + offset - 8) & (UINT64_MAX >> 1)));
}
END_TEST

START_TEST(random_doubles_are_shortest)
{
    uint64_t state = 1, bits;
    long left;

    for (left = 2000000; left > 0; left--) {
        bits = random_bits(&state) << 32;
        bits |= random_bits(&state);
        if (isfinite(double_of(bits)) && double_of(bits) != 0)
            check_sample(f64(bits));
    }
}
END_TEST

Suite *number_suite(void)
{
    Suite *suite = suite_create("number");
    TCase *known = tcase_create("known"), *many = tcase_create("many");

    tcase_add_test(known, known_floats_have_known_text);
    tcase_add_test(known, known_doubles_have_known_text);
    tcase_add_test(known, negative_zero_keeps_its_sign);
    tcase_add_test(known, float_survives_being_read_as_a_double);
    tcase_set_timeout(many, 300);
    tcase_add_test(many, floats_near_powers_of_two_are_shortest);
    tcase_add_test(many, subnormal_floats_are_shortest);
    tcase_add_test(many, floats_all_over_are_shortest);
    tcase_add_test(many, integers_and_hundredths_are_shortest);
    tcase_add_test(many, doubles_near_powers_of_two_are_shortest);
    tcase_add_test(many, random_doubles_are_shortest);
    suite_add_tcase(suite, known);
    suite_add_tcase(suite, many);
    return suite;
}
