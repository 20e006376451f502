/* SPDX-License-Identifier: MIT */
/* Values of a request, from a query or from JSON. */
#include "value.h"
#include "digits.h"
#include "utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What every JSON reader keeps exactly. */
#define EXACT_MAX INT64_C(9007199254740991)
#define COUNT_MAX INT64_C(9007199254740992)

struct shown {
    char text[96];
};

/* A real number looks like one also when it is whole. */
static void show_real(struct shown *shown, double real)
{
    const bool whole = fabs(real) < 1e15 && (double)(int64_t)real == real;
    snprintf(shown->text, sizeof(shown->text), whole ? "%.1f" : "%.15g", real);
}

/* The value, or for a long one its type, for the end of a sentence. */
static struct shown show(const struct value *value)
{
    static const char *const types[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array",
        [JSON_STRING] = "a string",  [JSON_INTEGER] = "a number",
        [JSON_REAL] = "a number",    [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null",
    };
    struct shown shown;
    const size_t size = sizeof(shown.text);
    const char *string =
        value->text ? value->text : json_string_value(value->json);
    if (string)
        snprintf(shown.text, size, "'%s'", utf8_quote(string).text);
    else if (json_is_integer(value->json))
        snprintf(shown.text, size, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(value->json));
    else if (json_is_real(value->json))
        show_real(&shown, json_real_value(value->json));
    else
        snprintf(shown.text, size, "%s", types[json_typeof(value->json)]);
    return shown;
}

enum problem_code value_refuse(const struct value *value, const char *expected,
                               struct problem *problem)
{
    return problem_set(problem, PROBLEM_BAD_FIELD,
                       place_text(value->place).text,
                       "'%s' must be %s, not %s.", place_key(value->place),
                       expected, show(value).text);
}

enum problem_code value_string(const struct value *value, const char **string,
                               struct problem *problem)
{
    const char *found =
        value->text ? value->text : json_string_value(value->json);
    if (!found)
        return value_refuse(value, "a string", problem);
    *string = found;
    return PROBLEM_NONE;
}

/*
 * Read 'n' digits.  Returns false when there are none, when one is not a
 * digit of 'base', 10 or 16, and when the number passes 2^64 - 1.
 */
static bool read_digits(const char *text, size_t n, unsigned base,
                        uint64_t *out)
{
    uint64_t number = 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned digit = (unsigned)digit_value(text[i]);
        if (digit >= base || number > (UINT64_MAX - digit) / base)
            return false;
        number = number * base + digit;
    }
    *out = number;
    return n > 0;
}

static bool read_seed_text(const char *text, uint64_t *seed)
{
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        return read_digits(text + 2, strlen(text + 2), 16, seed);
    return read_digits(text, strlen(text), 10, seed);
}

enum problem_code value_seed(const struct value *value, uint64_t *seed,
                             struct problem *problem)
{
    const char *text =
        value->text ? value->text : json_string_value(value->json);
    if (text && read_seed_text(text, seed))
        return PROBLEM_NONE;
    if (!text && json_is_integer(value->json)) {
        const json_int_t number = json_integer_value(value->json);
        if (number > EXACT_MAX)
            return value_refuse(value,
                                "written as a string above 9007199254740991, "
                                "which is as far as JSON numbers are exact",
                                problem);
        if (number >= 0) {
            *seed = (uint64_t)number;
            return PROBLEM_NONE;
        }
    }
    return value_refuse_seed(value, sow_generator_at(0), problem);
}

enum problem_code value_refuse_seed(const struct value *value,
                                    const struct sow_generator *generator,
                                    struct problem *problem)
{
    char range[160];

    snprintf(range, sizeof range,
             "a whole number from %s to %" PRIu64 ", in decimal or as 0x and "
             "hexadecimal digits (in JSON a string when above "
             "9007199254740991)",
             generator->negative ? "-9223372036854775808" : "0",
             generator->last_seed);
    return value_refuse(value, range, problem);
}

/* Read a minus sign and the digits of up to 2^63. */
static bool read_negative(const struct value *value, uint64_t *seed)
{
    const char *text =
        value->text ? value->text : json_string_value(value->json);
    const json_int_t number = json_integer_value(value->json);
    uint64_t magnitude;
    if (!text && number < 0 && number >= -EXACT_MAX)
        *seed = (uint64_t)number;
    if (!text)
        return number < 0 && number >= -EXACT_MAX;
    if (text[0] != '-' ||
        !read_digits(text + 1, strlen(text + 1), 10, &magnitude) ||
        magnitude == 0 || magnitude > (uint64_t)INT64_MAX + 1)
        return false;
    *seed = 0 - magnitude;
    return true;
}

bool value_seed_fits(const struct sow_generator *generator, uint64_t seed,
                     bool negative)
{
    return negative ? generator->negative : seed <= generator->last_seed;
}

enum problem_code value_signed_seed(const struct value *value, uint64_t *seed,
                                    bool *negative, struct problem *problem)
{
    *negative = read_negative(value, seed);
    return *negative ? PROBLEM_NONE : value_seed(value, seed, problem);
}

static void list_add(struct value_list *list, int64_t item)
{
    if (list->count < SOW_MAX_RANK)
        list->items[list->count] = item;
    list->count++;
}

/* Read a signed integer at '*text', and move past it. */
static bool read_integer(const char **text, int64_t *integer)
{
    const bool negative = **text == '-';
    const char *digits = *text + negative;
    const size_t n = strspn(digits, "0123456789");
    uint64_t number;
    if (!read_digits(digits, n, 10, &number) || number > INT64_MAX)
        return false;
    *integer = negative ? -(int64_t)number : (int64_t)number;
    *text = digits + n;
    return true;
}

static enum problem_code list_from_text(const struct value *value,
                                        const struct value_list_rule *rule,
                                        struct value_list *list,
                                        struct problem *problem)
{
    const char *text = value->text;
    if (strcmp(text, "()") == 0)
        return PROBLEM_NONE;
    char separator = '\0';
    for (;;) {
        int64_t item;
        if (!read_integer(&text, &item) || item < rule->low)
            return value_refuse(value, rule->expected, problem);
        list_add(list, item);
        if (*text == '\0')
            return PROBLEM_NONE;
        if (!strchr(rule->separators, *text) ||
            (separator && *text != separator))
            return value_refuse(value, rule->expected, problem);
        separator = *text++;
    }
}

static enum problem_code list_from_json(const struct value *value,
                                        const struct value_list_rule *rule,
                                        struct value_list *list,
                                        struct problem *problem)
{
    size_t i;
    json_t *item;
    json_array_foreach(value->json, i, item)
    {
        const struct place place = {value->place, NULL, i};
        const struct value entry = {NULL, item, &place};
        if (!json_is_integer(item) || json_integer_value(item) < rule->low)
            return value_refuse(&entry, rule->expected, problem);
        list_add(list, json_integer_value(item));
    }
    return PROBLEM_NONE;
}

enum problem_code value_list(const struct value *value,
                             const struct value_list_rule *rule,
                             struct value_list *list, struct problem *problem)
{
    list->count = 0;
    if (value->text)
        return list_from_text(value, rule, list, problem);
    if (json_is_array(value->json))
        return list_from_json(value, rule, list, problem);
    if (!rule->single || !json_is_integer(value->json))
        return value_refuse(value, rule->expected, problem);
    list_add(list, json_integer_value(value->json));
    return PROBLEM_NONE;
}

/*
 * strtod() reads this notation and more; the letters are what keeps out "nan",
 * "inf", "0x1p3" and spaces.
 */
static bool read_number_text(const char *text, double *number)
{
    const size_t n = strspn(text, "0123456789+-.eE");
    char *end;
    if (n == 0 || text[n] != '\0')
        return false;
    *number = strtod(text, &end);
    return *end == '\0' && end != text;
}

enum problem_code value_number(const struct value *value, double *number,
                               struct problem *problem)
{
    static const char expected[] = "a finite decimal number";
    double found;
    if (!value->text && !json_is_number(value->json))
        return value_refuse(value, expected, problem);
    if (!value->text)
        found = json_number_value(value->json);
    else if (!read_number_text(value->text, &found))
        return value_refuse(value, expected, problem);
    if (!isfinite(found))
        return value_refuse(value, expected, problem);
    *number = found;
    return PROBLEM_NONE;
}

enum problem_code value_count(const struct value *value, int64_t least,
                              double *number, struct problem *problem)
{
    const char *text = value->text;
    int64_t count = json_integer_value(value->json);
    if (!text && !json_is_integer(value->json))
        return value_refuse(value, "a whole number", problem);
    if (text && (!read_integer(&text, &count) || *text != '\0'))
        return value_refuse(value, "a whole number", problem);
    if (count < least || count > COUNT_MAX)
        return problem_set(problem, PROBLEM_BAD_PARAMETER,
                           place_text(value->place).text,
                           "'%s' must be from %" PRId64 " to "
                           "9007199254740992, not %" PRId64 ".",
                           place_key(value->place), least, count);
    *number = (double)count;
    return PROBLEM_NONE;
}

enum problem_code value_flag(const struct value *value, double *flag,
                             struct problem *problem)
{
    const bool is_true = value->text ? strcmp(value->text, "true") == 0
                                     : json_is_true(value->json);
    const bool is_false = value->text ? strcmp(value->text, "false") == 0
                                      : json_is_false(value->json);
    if (!is_true && !is_false)
        return value_refuse(value, "true or false", problem);
    *flag = is_true ? 1 : 0;
    return PROBLEM_NONE;
}
