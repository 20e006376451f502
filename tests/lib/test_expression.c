/* SPDX-License-Identifier: MIT */
/* Expressions: values worked out by hand, mistakes, and hostile text. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elementary.h"
#include "help.h"
#include "layers/expression.h"

Suite *expression_suite(void);

static const char *const words[] = {"relu", "gelu", "gelu_new", NULL};

static const struct sow_variable variables[] = {
    {.name = "n", .count = 1, .numbers = {768}},
    {.name = "n_layer", .count = 1, .numbers = {12}},
    {.name = "bias", .count = 1, .numbers = {1}},
    {.name = "k", .count = 3, .numbers = {3, 5, 7}},
    {.name = "none", .count = 0},
    {.name = "act", .choices = words, .count = 1, .numbers = {1}},
    {.name = "zero", .count = 1, .numbers = {0}},
};

static const struct sow_variable inner[] = {
    {.name = "i", .count = 1, .numbers = {4}},
    {.name = "zero", .count = 1, .numbers = {10}},
};

static const struct sow_scope outer_scope = {variables, COUNT(variables), NULL};
static const struct sow_scope scope = {inner, COUNT(inner), &outer_scope};

static const struct {
    const char *text;
    double value;
} known[] = {
    {"1", 1},
    {" .5 ", 0.5},
    {"2.", 2},
    {"1e-5", 1e-5},
    {"0.87962566103423978", 0.87962566103423978},
    {"1 + 2 * 3", 7},
    {"10 - 4 - 3", 3},
    {"100 / 10 / 5", 2},
    {"(1 + 2) * 3", 9},
    {"-2 ^ 2", -4},
    {"2 ^ -1", 0.5},
    {"2 ^ 3 ^ 2", 512},
    {"2 * 3 ^ 2", 18},
    {"(-2) ^ 3", -8},
    {"0 ^ 0", 1},
    {"0 ^ 0.5", 0},
    {"- - 3", 3},
    {"7 % 4", 3},
    {"-7 % 4", -3},
    {"4 * n", 3072},
    {"1 / sqrt(n)", 0.036084391824351615},
    {"0.02 / sqrt(2 * n_layer)", 0.004082482904638631},
    {"n % n_layer == 0", 1},
    {"3 > 2", 1},
    {"3 <= 2", 0},
    {"1 != 1", 0},
    {"1 < 2 && 2 < 1", 0},
    {"1 < 2 || 2 < 1", 1},
    {"0 || 0 && 1", 0},
    {"!bias", 0},
    {"!bias == 0", 1},
    {"5 && !0", 1},
    {"true + true", 2},
    {"false", 0},
    {"bias ? 3 : 4", 3},
    {"0 ? 1 : 0 ? 2 : 3", 3},
    {"i", 4},
    {"zero", 10},
    {"k[1]", 5},
    {"k[i - 2]", 7},
    {"prod(k)", 105},
    {"len(k)", 3},
    {"len(none)", 0},
    {"has(none)", 0},
    {"has(k)", 1},
    {"has(none) ? none : n", 768},
    {"is(act, gelu)", 1},
    {"is(act,gelu_new)", 0},
    {"min(3, 1, 2)", 1},
    {"max(3, 1, 2, 5)", 5},
    {"floor(-1.5)", -2},
    {"ceil(-1.5)", -1},
    {"floor(3) + ceil(3)", 6},
    {"ceil(1e20) == 1e20", 1},
    {"abs(-3)", 3},
    {"n == 0 ? 1 / 0 : 1", 1},
    {"n > 0 || 1 / 0", 1},
    {"n < 0 && none", 0},
};

START_TEST(expressions_have_their_values)
{
    for (size_t i = 0; i < COUNT(known); i++) {
        struct sow_error error = {.text = ""};
        double value = NAN;
        enum sow_status status =
            sow_evaluate(known[i].text, &scope, &value, &error);

        ck_assert_msg(status == SOW_OK, "%s: %s", known[i].text, error.text);
        ck_assert_msg(value == known[i].value, "%s is %.17g, not %.17g",
                      known[i].text, value, known[i].value);
    }
}
END_TEST

/* Against the C library, which is right to an ulp or so. */
START_TEST(functions_are_near_those_of_the_c_library)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"log(10)", 2.302585092994046},
        {"exp(-2.5)", 0.0820849986238988},
        {"(8 * n) ^ (-1 / 4)", 0.11295025045123061},
        {"1.5 ^ 70", 2120255184830.252},
        {"sqrt(log(2 * n_layer))", 1.782709687623856},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sow_error error;
        double value;

        ck_assert_int_eq(sow_evaluate(cases[i].text, &scope, &value, &error),
                         SOW_OK);
        ck_assert_msg(fabs(value / cases[i].value - 1) < 1e-14,
                      "%s is %.17g, not %.17g", cases[i].text, value,
                      cases[i].value);
    }
}
END_TEST

START_TEST(minus_of_zero_is_plus_zero)
{
    struct sow_error error;
    double value;

    ck_assert_int_eq(sow_evaluate("-0", NULL, &value, &error), SOW_OK);
    ck_assert_uint_eq(f64_bits(value), 0);
}
END_TEST

START_TEST(mistakes_are_named_with_their_column)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"", "column 1: a number, a name or a ( is missing"},
        {"1 +", "column 4: a number"},
        {"1 2", "column 3: an operator is missing"},
        {"(1", "column 3: a ) is missing"},
        {"1)", "column 2: an operator"},
        {"2 * n_lyer", "column 5: no variable n_lyer; there are: i, zero, n"},
        {"sin(1)", "column 1: no such function; there are sqrt"},
        {"sqrt 2", "column 1: no variable sqrt"},
        {"sqrt(-1)", "column 1: this is too large, or no number"},
        {"log(0)", "column 1: this is too large"},
        {"exp(701)", "column 1: this is too large"},
        {"1 / zero / 0", "column 10: this divides by 0"},
        {"1 / (1 - 1)", "column 3: this divides by 0"},
        {"0 ^ -1", "column 3: this is too large"},
        {"(-8) ^ (1 / 3)", "column 6: this is too large"},
        {"1e60 ^ 64", "column 6: this is too large"},
        {"1e300", "column 1: a number has at most 19 digits"},
        {"12345678901234567890", "column 1: a number has at most 19 digits"},
        {"1.5 % 2", "column 5: % is for whole numbers"},
        {"1 % 0", "column 3: % is for whole numbers"},
        {"k", "column 1: this is a list"},
        {"k[3]", "column 1: the list has no such"},
        {"k[-1]", "column 1: the list has no such"},
        {"k[0.5]", "column 1: the list has no such"},
        {"k[0", "column 4: a ] is missing"},
        {"none + 1", "column 1: this is null"},
        {"is(n, gelu)", "column 7: is() asks for a variable that is a word"},
        {"is(act, tanh)", "column 9: the variable can't be this word"},
        {"is(act)", "column 7: a comma and a word"},
        {"min(1)", "column 6: this function takes two or more"},
        {"len(3)", "column 5: a variable's name is missing"},
        {"bias ? 1", "column 9: a : is missing"},
        {"1 < 2 < 3", "column 7: an operator is missing"},
        {"1 = 2", "column 3: an operator is missing"},
        {"1 ? unknown : 2", "column 5: no variable unknown"},
        {"0 ? 1 : unknown", "column 9: no variable unknown"},
        {"\xff", "column 1: a number, a name"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sow_error error = {.at = ""};
        double value = 17;

        ck_assert_msg(sow_evaluate(cases[i].text, &scope, &value, &error) ==
                          SOW_BAD_PARAMETER,
                      "\"%s\" is accepted", cases[i].text);
        ck_assert_str_eq(error.at, "expression");
        ck_assert_msg(
            strncmp(error.text, cases[i].said, strlen(cases[i].said)) == 0,
            "\"%s\" says \"%s\", not \"%s\"", cases[i].text, error.text,
            cases[i].said);
        ck_assert_double_eq(value, 17);
    }
}
END_TEST

/* Nested as deeply as the text is long, in each way that can nest. */
START_TEST(depth_is_bounded)
{
    const char *const openings[] = {"(",     "-",  "!",  "2^",
                                    "sqrt(", "1?", "k[", "min("};

    for (size_t o = 0; o < COUNT(openings); o++) {
        char text[SOW_MAX_EXPRESSION + 1] = "";
        struct sow_error error = {.text = ""};
        size_t used = 0;
        double value;

        while (used + 6 < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s",
                                     openings[o]);
        ck_assert_int_eq(sow_evaluate(text, &scope, &value, &error),
                         SOW_BAD_PARAMETER);
        ck_assert_msg(strstr(error.text, "nested too deeply") != NULL, "%s: %s",
                      openings[o], error.text);
    }
}
END_TEST

START_TEST(length_is_bounded)
{
    char text[SOW_MAX_EXPRESSION + 3];
    struct sow_error error;
    double value;

    memset(text, ' ', sizeof text);
    text[0] = '3';
    text[SOW_MAX_EXPRESSION] = '\0';
    ck_assert_int_eq(sow_evaluate(text, NULL, &value, &error), SOW_OK);
    text[SOW_MAX_EXPRESSION] = ' ';
    text[SOW_MAX_EXPRESSION + 1] = '\0';
    ck_assert_int_eq(sow_evaluate(text, NULL, &value, &error),
                     SOW_BAD_PARAMETER);
}
END_TEST

/* Numbers as the C library reads them, ties and all. */
START_TEST(literals_are_the_nearest_double)
{
    static const char *const hard[] = {
        "9007199254740993",
        "9007199254740993e0",
        "18014398509481990",
        "9223372036854775807",
        "9999999999999999999",
        "5e-1",
        "0.1",
        "1e-60",
        "1e60",
        "9007199254740993e22",
        "2.2250738585072014",
        "1e23",
        "8.5e22",
        "0.000000000000000001",
        "1e22",
        "4503599627370496.5",
        "4503599627370497.5",
        "0e99999999999",
    };

    for (size_t i = 0; i < 20000 + COUNT(hard); i++) {
        char text[64];
        double value = NAN;

        if (i < COUNT(hard))
            snprintf(text, sizeof text, "%s", hard[i]);
        else
            snprintf(text, sizeof text, "%llu.%llue%d",
                     (unsigned long long)(mix(i) >> (mix(i + 1) % 60)) / 1000,
                     (unsigned long long)mix(i) % 1000,
                     (int)(mix(i + 2) % 100) - 50);
        ck_assert_uint_eq(sow_literal_read(text, &value), strlen(text));
        if (isnan(value))
            continue;
        ck_assert_msg(value == strtod(text, NULL), "%s is %.17g", text, value);
    }
}
END_TEST

/* Text of what expressions are made of, and bytes: no crash, no bad result. */
START_TEST(random_text_gives_a_finite_number_or_an_error)
{
    static const char *const tokens[] = {
        "1",     "2.5",  "1e9",   "n",  "k",    "none", "act",  "i",
        "(",     ")",    "[",     "]",  "+",    "-",    "*",    "/",
        "%",     "^",    "<",     "<=", "==",   "!=",   "&&",   "||",
        "!",     "?",    ":",     ",",  "min(", "is(",  "log(", "exp(",
        "sqrt(", "has(", "prod(", "=",  " ",    "gelu", "true", "|",
    };
    size_t good = 0;

    for (uint64_t round = 0; round < 200000; round++) {
        char text[64] = "";
        struct sow_error error = {.text = ""};
        size_t used = 0;
        uint64_t count = 1 + mix(round) % 9;
        double value = NAN;

        for (uint64_t j = 0; j < count && used + 8 < sizeof text; j++) {
            uint64_t pick = mix(round * 16 + j + 7);

            if (pick % 64 < COUNT(tokens))
                used += (size_t)snprintf(text + used, sizeof text - used, "%s",
                                         tokens[pick % 64]);
            else if (round % 8 == 0)
                text[used++] = (char)(pick >> 8);
        }
        text[used] = '\0';
        if (sow_evaluate(text, &scope, &value, &error) != SOW_OK) {
            ck_assert_str_ne(error.text, "");
            continue;
        }
        good++;
        ck_assert_msg(isfinite(value), "%s is %g", text, value);
        ck_assert_int_eq(sow_expression_check(text, &scope, &error), SOW_OK);
    }
    ck_assert_uint_gt(good, 1000);
}
END_TEST

/* A dry reading finds what is wrong with the text, and no more. */
START_TEST(dry_readings_compute_nothing)
{
    struct sow_error error;

    ck_assert_int_eq(sow_expression_check("1 / 0 + k[9]", &scope, &error),
                     SOW_OK);
    ck_assert_int_eq(sow_expression_check("log(none)", &scope, &error), SOW_OK);
    ck_assert_int_eq(sow_expression_check("1 / unknown", &scope, &error),
                     SOW_BAD_PARAMETER);
    ck_assert_int_eq(sow_expression_check("1 /", &scope, &error),
                     SOW_BAD_PARAMETER);
}
END_TEST

Suite *expression_suite(void)
{
    Suite *suite = suite_create("expression");
    TCase *cases = tcase_create("expression");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, expressions_have_their_values);
    tcase_add_test(cases, functions_are_near_those_of_the_c_library);
    tcase_add_test(cases, minus_of_zero_is_plus_zero);
    tcase_add_test(cases, mistakes_are_named_with_their_column);
    tcase_add_test(cases, depth_is_bounded);
    tcase_add_test(cases, length_is_bounded);
    tcase_add_test(cases, literals_are_the_nearest_double);
    tcase_add_test(cases, random_text_gives_a_finite_number_or_an_error);
    tcase_add_test(cases, dry_readings_compute_nothing);
    suite_add_tcase(suite, cases);
    return suite;
}
