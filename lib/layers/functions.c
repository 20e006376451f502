/* SPDX-License-Identifier: MIT */
/* What an expression names: variables, their elements, and functions. */
#include <math.h>
#include <string.h>

#include "elementary.h"
#include "layers/parser.h"
#include "status.h"

#define SHOWN_NAMES 8

double sow_parser_fail(struct sow_parser *parser, size_t at, const char *what)
{
    if (!parser->failed)
        sow_fail(parser->error, SOW_BAD_PARAMETER, "expression",
                 "column %zu: %s", at + 1, what);
    parser->failed = true;
    return 0;
}

bool sow_parser_take_rest(struct sow_parser *parser, const char *token)
{
    const size_t n = strlen(token);

    if (parser->failed || strncmp(parser->text + parser->at, token, n) != 0)
        return false;
    parser->at = sow_skip_blanks(parser->text, parser->at + n);
    return true;
}

void sow_parser_expect(struct sow_parser *parser, const char *token,
                       const char *what)
{
    if (!sow_parser_take(parser, token))
        sow_parser_fail(parser, parser->at, what);
}

/* 'value', unless it is no finite number; 'at' is what computed it. */
double sow_parser_finite(struct sow_parser *parser, size_t at, double value)
{
    if (!sow_parser_computes(parser))
        return 0;
    if (!isfinite(value))
        return sow_parser_fail(parser, at, "this is too large, or no number");
    return value;
}

bool sow_parser_computes(const struct sow_parser *parser)
{
    return !parser->failed && parser->dry == 0;
}

/* ---- names ----------------------------------------------------------- */

static double unknown(struct sow_parser *parser, size_t at, size_t length)
{
    char text[160] = "";
    size_t used = 0;
    size_t shown = 0;

    for (const struct sow_scope *s = parser->scope; s != NULL; s = s->outer)
        for (size_t i = 0; i < s->count && shown < SHOWN_NAMES; i++) {
            size_t n = strlen(s->variables[i].name);

            if (used + n + 3 > sizeof text)
                continue;
            memcpy(text + used, shown == 0 ? ": " : ", ", 2);
            memcpy(text + used + 2, s->variables[i].name, n + 1);
            used += n + 2;
            shown++;
        }
    if (!parser->failed)
        sow_fail(parser->error, SOW_BAD_PARAMETER, "expression",
                 "column %zu: no variable %.*s; there %s%s", at + 1,
                 (int)(length < 40 ? length : 40), parser->text + at,
                 shown == 0 ? "are none" : "are", text);
    parser->failed = true;
    return 0;
}

/* The variable that the word of 'length' here names; NULL has failed. */
static const struct sow_variable *take_word(struct sow_parser *parser,
                                            size_t length)
{
    size_t at = parser->at;
    const struct sow_variable *variable =
        sow_scope_find(parser->scope, parser->text + at, length);

    if (length == 0)
        sow_parser_fail(parser, at, "a variable's name is missing here");
    else if (variable == NULL)
        unknown(parser, at, length);
    parser->at = sow_skip_blanks(parser->text, at + length);
    return parser->failed ? NULL : variable;
}

/* The variable named here; NULL has failed. */
static const struct sow_variable *take_variable(struct sow_parser *parser)
{
    return take_word(parser, sow_word_length(parser->text, parser->at));
}

static double element(struct sow_parser *parser, size_t at,
                      const struct sow_variable *variable)
{
    double index = 0;
    bool indexed = sow_parser_take(parser, "[");

    if (indexed) {
        index = sow_parser_read(parser);
        sow_parser_expect(parser, "]", "a ] is missing here");
    }
    if (!sow_parser_computes(parser))
        return 0;
    if (variable->count == 0)
        return sow_parser_fail(parser, at, "this is null; ask has(name) first");
    if (variable->count > 1 && !indexed)
        return sow_parser_fail(parser, at,
                               "this is a list; say which, as in name[0]");
    if (!sow_is_whole(index) || index < 0 || index >= variable->count)
        return sow_parser_fail(parser, at, "the list has no such element");
    return variable->numbers[(uint32_t)index];
}

/* ---- functions ------------------------------------------------------- */

static double logarithm(double x)
{
    return x > 0 ? sow_log(x) : NAN;
}

static double exponential(double x)
{
    return fabs(x) <= 700 ? sow_exp(x) : NAN;
}

static double root(double x)
{
    return sqrt(x);
}

static double magnitude(double x)
{
    return fabs(x);
}

/* Numbers from 2^53 on are whole. */
static double lower(double x)
{
    double whole;

    if (fabs(x) >= 0x1p53)
        return x;
    whole = (double)(int64_t)x;
    return whole > x ? whole - 1 : whole;
}

static double upper(double x)
{
    return -lower(-x);
}

static double smaller(double a, double b)
{
    return b < a ? b : a;
}

static double larger(double a, double b)
{
    return b > a ? b : a;
}

static double length_of(const struct sow_variable *variable)
{
    return variable->count;
}

static double product_of(const struct sow_variable *variable)
{
    double product = 1;

    for (uint32_t i = 0; i < variable->count; i++)
        product *= variable->numbers[i];
    return product;
}

static double is_there(const struct sow_variable *variable)
{
    return variable->count > 0;
}

/* Of a number, of two or more, or of a variable. */
static const struct function {
    const char *name;
    double (*one)(double x);
    double (*fold)(double a, double b);
    double (*variable)(const struct sow_variable *variable);
} functions[] = {
    {.name = "sqrt", .one = root},
    {.name = "log", .one = logarithm},
    {.name = "exp", .one = exponential},
    {.name = "abs", .one = magnitude},
    {.name = "floor", .one = lower},
    {.name = "ceil", .one = upper},
    {.name = "min", .fold = smaller},
    {.name = "max", .fold = larger},
    {.name = "len", .variable = length_of},
    {.name = "prod", .variable = product_of},
    {.name = "has", .variable = is_there},
};

static double read_fold(struct sow_parser *parser,
                        const struct function *function)
{
    double value = sow_parser_read(parser);

    if (!sow_parser_take(parser, ","))
        return sow_parser_fail(parser, parser->at,
                               "this function takes two or more");
    do {
        value = function->fold(value, sow_parser_read(parser));
    } while (sow_parser_take(parser, ","));
    return value;
}

static bool ends_word(char c)
{
    return c == '\0' || c == ' ' || c == ',' || c == ')';
}

/* is(variable, word) */
static double read_is(struct sow_parser *parser)
{
    const struct sow_variable *variable = take_variable(parser);
    size_t at, length = 0;
    int choice;

    sow_parser_expect(parser, ",", "a comma and a word are missing here");
    if (parser->failed)
        return 0;
    at = parser->at;
    while (!ends_word(parser->text[at + length]))
        length++;
    parser->at += length;
    parser->at = sow_skip_blanks(parser->text, parser->at);
    if (variable->choices == NULL)
        return sow_parser_fail(parser, at,
                               "is() asks for a variable that is a word");
    choice = sow_choice_find(variable->choices, parser->text + at, length);
    if (choice < 0)
        return sow_parser_fail(parser, at, "the variable can't be this word");
    return variable->count > 0 && variable->numbers[0] == choice;
}

static double call(struct sow_parser *parser, size_t at,
                   const struct function *function)
{
    double value = 0;

    if (function == NULL) {
        value = read_is(parser);
    } else if (function->variable != NULL) {
        const struct sow_variable *variable = take_variable(parser);

        if (variable != NULL)
            value = function->variable(variable);
    } else if (function->fold != NULL) {
        value = read_fold(parser, function);
    } else {
        value = sow_parser_read(parser);
        if (sow_parser_computes(parser))
            value = function->one(value);
    }
    sow_parser_expect(parser, ")", "a ) is missing here");
    return sow_parser_finite(parser, at, value);
}

static double read_call(struct sow_parser *parser, size_t at, size_t length)
{
    const char *name = parser->text + at;

    if (sow_word_is("is", name, length))
        return call(parser, at, NULL);
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (sow_word_is(functions[i].name, name, length))
            return call(parser, at, &functions[i]);
    return sow_parser_fail(
        parser, at,
        "no such function; there are sqrt, log, exp, abs, floor, "
        "ceil, min, max, len, prod, has and is");
}

double sow_parser_name(struct sow_parser *parser, size_t length)
{
    size_t at = parser->at;
    const struct sow_variable *variable;

    parser->at += length;
    parser->at = sow_skip_blanks(parser->text, parser->at);
    if (sow_parser_take(parser, "("))
        return read_call(parser, at, length);
    if (sow_word_is("true", parser->text + at, length))
        return 1;
    if (sow_word_is("false", parser->text + at, length))
        return 0;
    parser->at = at;
    variable = take_word(parser, length);
    return variable == NULL ? 0 : element(parser, at, variable);
}
