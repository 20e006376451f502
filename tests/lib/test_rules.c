/* SPDX-License-Identifier: MIT */
/* Schemes as text, patterns over names, and profiles made of both. */
#include <math.h>
#include <string.h>

#include "help.h"
#include "layers/match.h"

Suite *rules_suite(void);

static const struct sow_variable variables[] = {
    {.name = "n", .count = 1, .numbers = {768}},
    {.name = "i", .count = 1, .numbers = {4}},
    {.name = "n_layer", .count = 1, .numbers = {12}},
};

static const struct sow_scope scope = {variables, COUNT(variables), NULL};

START_TEST(schemes_are_read_from_text)
{
    struct sow_error error = {.text = ""};
    struct sow_scheme scheme;

    ck_assert_int_eq(sow_scheme_read(&scheme, " zeros ", &scope, &error),
                     SOW_OK);
    ck_assert_str_eq(scheme.info->name, "zeros");
    ck_assert_int_eq(sow_scheme_read(&scheme,
                                     "torch.uniform( b = 1/sqrt(n), a = -i )",
                                     &scope, &error),
                     SOW_OK);
    ck_assert_double_eq(scheme.values[0], -4);
    ck_assert_double_eq(scheme.values[1], 1 / sqrt(768));
    ck_assert_int_eq(sow_scheme_read(&scheme,
                                     "torch.kaiming_normal(mode=fan_out)",
                                     &scope, &error),
                     SOW_OK);
    ck_assert_double_eq(scheme.values[1], 1);
}
END_TEST

START_TEST(wrong_schemes_are_refused)
{
    static const struct {
        const char *text, *at;
        enum sow_status status;
    } cases[] = {
        {"", "scheme", SOW_BAD_SCHEME},
        {"no_such", "scheme", SOW_BAD_SCHEME},
        {"zeros(", "scheme", SOW_BAD_SCHEME},
        {"zeros()x", "scheme", SOW_BAD_SCHEME},
        {"normal(std)", "scheme", SOW_BAD_SCHEME},
        {"normal(std = 1", "scheme", SOW_BAD_SCHEME},
        {"normal(std = 1,)", "scheme", SOW_BAD_SCHEME},
        {"normal(std = 1, std = 2)", "std", SOW_BAD_PARAMETER},
        {"normal(sd = 1)", "sd", SOW_BAD_PARAMETER},
        {"normal(std = )", "expression", SOW_BAD_PARAMETER},
        {"normal(std = unknown)", "expression", SOW_BAD_PARAMETER},
        {"torch.constant", "val", SOW_BAD_PARAMETER},
        {"torch.kaiming_normal(mode = 1)", "mode", SOW_BAD_PARAMETER},
        {"\xc3\xa9", "scheme", SOW_BAD_SCHEME},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sow_error error = {.at = ""};
        struct sow_scheme scheme;

        ck_assert_msg(sow_scheme_read(&scheme, cases[i].text, &scope, &error) ==
                          cases[i].status,
                      "%s: status %d", cases[i].text, (int)error.status);
        ck_assert_msg(strcmp(error.at, cases[i].at) == 0,
                      "%s: the error is at %s: %s", cases[i].text, error.at,
                      error.text);
    }
}
END_TEST

START_TEST(patterns_match_whole_names)
{
    static const struct {
        const char *pattern, *name;
        bool matches;
        double captured[2];
    } cases[] = {
        {"", "", true, {0}},
        {"", "a", false, {0}},
        {"*", "", true, {0}},
        {"*", "a.b", true, {0}},
        {"a.b", "a.b", true, {0}},
        {"a.b", "a.bc", false, {0}},
        {"a.?", "a.b", true, {0}},
        {"a.?", "a.", false, {0}},
        {"*.weight", "fc.weight", true, {0}},
        {"*.weight", "weight", false, {0}},
        {"*weight", "weight", true, {0}},
        {"*a*b*", "xxbaxab", true, {0}},
        {"*a*b", "abba", false, {0}},
        {"*ab", "aab", true, {0}},
        {"*aab", "aaab", true, {0}},
        {"x|y", "y", true, {0}},
        {"x|y", "xy", false, {0}},
        {"*.q.*|*.k.*", "h.k.w", true, {0}},
        {"h.{i}.w", "h.0.w", true, {0}},
        {"h.{i}.w", "h.17.w", true, {17}},
        {"h.{i}.w", "h..w", false, {0}},
        {"h.{i}.w", "h.x.w", false, {0}},
        {"h.{i}", "h.999999999999999", true, {999999999999999}},
        {"h.{i}", "h.1000000000000000", false, {0}},
        {"*.{i}.*.{j}", "a.b.3.c.4.d.5", true, {3, 5}},
        {"*{i}.w", "block12.w", true, {12}},
        {"{i}{j}", "12", false, {0}},
    };

    for (size_t c = 0; c < COUNT(cases); c++) {
        struct sow_captures captures = {.count = 0};
        bool matches = sow_match(cases[c].pattern, cases[c].name, &captures);

        ck_assert_msg(matches == cases[c].matches, "%s, %s: %s",
                      cases[c].pattern, cases[c].name,
                      matches ? "matches" : "does not match");
        for (size_t i = 0; matches && i < captures.count; i++)
            ck_assert_msg(captures.variables[i].numbers[0] ==
                              cases[c].captured[i],
                          "%s, %s: {%s} is %g", cases[c].pattern, cases[c].name,
                          captures.names[i], captures.variables[i].numbers[0]);
    }
}
END_TEST

/* What makes a matcher that tries everything take for ever. */
START_TEST(hostile_patterns_end)
{
    char pattern[SOW_MAX_PATTERN + 1], name[SOW_MAX_NAME + 1];
    struct sow_captures captures;

    memset(name, 'a', SOW_MAX_NAME);
    name[SOW_MAX_NAME] = '\0';
    for (size_t i = 0; i < SOW_MAX_PATTERN; i++)
        pattern[i] = i % 2 == 0 ? '*' : 'a';
    pattern[401] = 'b';
    pattern[SOW_MAX_PATTERN] = '\0';
    ck_assert(!sow_match(pattern, name, &captures));
}
END_TEST

START_TEST(random_patterns_do_no_harm)
{
    static const char bytes[] = "*?{}|a1.i\xff{*";
    size_t matched = 0;

    for (uint64_t round = 0; round < 100000; round++) {
        char pattern[13], name[9];
        struct sow_captures captures;
        struct sow_error error;

        for (size_t i = 0; i < sizeof pattern - 1; i++)
            pattern[i] = bytes[mix(round * 32 + i) % (sizeof bytes - 1)];
        for (size_t i = 0; i < sizeof name - 1; i++)
            name[i] = bytes[5 + mix(round * 32 + 16 + i) % 5];
        pattern[mix(round) % sizeof pattern] = '\0';
        pattern[sizeof pattern - 1] = '\0';
        name[mix(round + 1) % sizeof name] = '\0';
        name[sizeof name - 1] = '\0';
        matched += sow_match(pattern, name, &captures);
        if (sow_match_check(pattern, &captures, &error) != SOW_OK)
            ck_assert_str_eq(error.at, "match");
    }
    ck_assert_uint_gt(matched, 100);
}
END_TEST

/* ---- profiles -------------------------------------------------------- */

static const struct sow_profile_rule rules[] = {
    {.match = "*.{i}.*c_proj.weight",
     .scheme = "normal(std = 0.02 / sqrt(2 * (i + 1)))"},
    {.match = "*wpe*", .multiplier = "0.5"},
    {.match = "*", .parts = SOW_PART_BIAS, .scheme = "zeros"},
    {.match = "*", .when = "rank < 2"},
    {.match = "*.qkv.*",
     .scheme = "torch.uniform(a = -sqrt(6 / (dims[0] / 3 + dims[1])), "
               "b = sqrt(6 / (fan_out / 3 + fan_in)))",
     .multiplier = "n_layer"},
    {.match = "*.small.*", .multiplier = "-1"},
};

static const struct sow_profile profile = {
    .name = "test",
    .rules = rules,
    .rule_count = COUNT(rules),
};

static struct sow_layer_tensor tensor_of(enum sow_part part,
                                         struct sow_shape shape)
{
    struct sow_layer_tensor tensor = {
        .part = part, .shape = shape, .multiplier = 2};

    sow_scheme_init(&tensor.scheme, sow_scheme_find("ones"));
    return tensor;
}

START_TEST(the_first_rule_that_matches_applies)
{
    static const struct {
        const char *name;
        enum sow_part part;
        int rule;
        const char *scheme;
        double multiplier, first;
    } cases[] = {
        {"h.3.attn.c_proj.weight", SOW_PART_WEIGHT, 0, "normal", 2, 0},
        {"wpe.weight", SOW_PART_EMBEDDING, 1, "ones", 1, 0},
        {"h.0.c_proj.bias", SOW_PART_BIAS, 2, "zeros", 2, 0},
        {"h.0.qkv.weight", SOW_PART_WEIGHT, 4, "torch.uniform", 24, -1},
        {"h.0.fc.weight", SOW_PART_WEIGHT, -1, "ones", 2, 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sow_layer_tensor tensor = tensor_of(cases[i].part, SHAPE(12, 2));
        struct sow_error error = {.text = ""};
        int rule = -2;

        ck_assert_msg(sow_profile_apply(&profile, cases[i].name, &scope,
                                        &tensor, &rule, &error) == SOW_OK,
                      "%s: %s", cases[i].name, error.text);
        ck_assert_msg(rule == cases[i].rule, "%s: rule %d", cases[i].name,
                      rule);
        ck_assert_str_eq(tensor.scheme.info->name, cases[i].scheme);
        ck_assert_double_eq(tensor.multiplier, cases[i].multiplier);
        ck_assert_double_eq(tensor.scheme.values[0], cases[i].first);
        if (rule == 0)
            ck_assert_double_eq(tensor.scheme.values[1], 0.02 / sqrt(8));
    }
}
END_TEST

START_TEST(a_rule_that_fails_leaves_the_tensor)
{
    struct sow_layer_tensor tensor = tensor_of(SOW_PART_WEIGHT, SHAPE(2, 2));
    struct sow_error error = {.at = ""};
    int rule = -2;

    ck_assert_int_eq(sow_profile_apply(&profile, "a.small.w", &scope, &tensor,
                                       &rule, &error),
                     SOW_BAD_PARAMETER);
    ck_assert_int_eq(rule, 5);
    ck_assert_str_eq(error.at, "multiplier");
    ck_assert_str_eq(tensor.scheme.info->name, "ones");
    ck_assert_double_eq(tensor.multiplier, 2);
}
END_TEST

/* A vector has no fans. */
START_TEST(fans_that_are_not_there_are_null)
{
    static const struct sow_profile_rule rule = {
        .match = "*", .scheme = "normal(std = has(fan_in) ? 1 : 7)"};
    const struct sow_profile one = {.rules = &rule, .rule_count = 1};
    struct sow_layer_tensor tensor = tensor_of(SOW_PART_BIAS, SHAPE(3));
    struct sow_error error = {.text = ""};

    ck_assert_int_eq(sow_profile_apply(&one, "b", NULL, &tensor, NULL, &error),
                     SOW_OK);
    ck_assert_double_eq(tensor.scheme.values[1], 7);
}
END_TEST

START_TEST(wrong_rules_are_found_without_a_tensor)
{
    static const struct {
        struct sow_profile_rule rule;
        const char *at; /* NULL when it is right */
    } cases[] = {
        {{.match = "*.{i}.*|x.{i}", .when = "i % 2 == 0"}, NULL},
        {{.match = "*", .scheme = "normal(std = 1 / fan_in)"}, NULL},
        {{.match = "*", .multiplier = "dims[0] / 0"}, NULL},
        {{.match = "*.{i"}, "match"},
        {{.match = "*.{}"}, "match"},
        {{.match = "*.{1}"}, "match"},
        {{.match = "{a}.{b}.{c}.{d}.{e}"}, "match"},
        {{.match = "{i}|{j}"}, "match"},
        {{.match = "{i}|x"}, "match"},
        {{.match = "*", .when = "i == 0 &&"}, "when"},
        {{.match = "*", .when = "j == 0"}, "when"},
        {{.match = "*", .scheme = "nothing"}, "scheme"},
        {{.match = "*", .scheme = "normal(std = j)"}, "scheme"},
        {{.match = "*", .scheme = "normal(sd = 1)"}, "sd"},
        {{.match = "*", .multiplier = "2 +"}, "multiplier"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct sow_profile one = {.rules = &cases[i].rule,
                                        .rule_count = 1};
        struct sow_error error = {.at = "", .text = ""};
        int rule = -2;
        enum sow_status status = sow_profile_check(&one, &scope, &rule, &error);

        ck_assert_int_eq(rule, 0);
        ck_assert_msg((status == SOW_OK) == (cases[i].at == NULL),
                      "case %zu: %s", i, error.text);
        if (cases[i].at != NULL)
            ck_assert_msg(strcmp(error.at, cases[i].at) == 0,
                          "case %zu is at %s, not %s", i, error.at,
                          cases[i].at);
    }
}
END_TEST

Suite *rules_suite(void)
{
    Suite *suite = suite_create("rules");
    TCase *cases = tcase_create("rules");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, schemes_are_read_from_text);
    tcase_add_test(cases, wrong_schemes_are_refused);
    tcase_add_test(cases, patterns_match_whole_names);
    tcase_add_test(cases, hostile_patterns_end);
    tcase_add_test(cases, random_patterns_do_no_harm);
    tcase_add_test(cases, the_first_rule_that_matches_applies);
    tcase_add_test(cases, a_rule_that_fails_leaves_the_tensor);
    tcase_add_test(cases, fans_that_are_not_there_are_null);
    tcase_add_test(cases, wrong_rules_are_found_without_a_tensor);
    suite_add_tcase(suite, cases);
    return suite;
}
