/* SPDX-License-Identifier: MIT */
/*
 * Expressions, computed while they are read, by recursive descent.  A branch
 * that is not taken, or the whole of a dry reading, is read all the same, with
 * nothing computed.
 */
#include "layers/expression.h"

#include <math.h>
#include <string.h>

#include "elementary.h"
#include "layers/parser.h"
#include "status.h"

#define WHOLE_POWERS 64

/* ---- operators, from tightest to loosest ----------------------------- */

static double read_operand(struct sow_parser *parser)
{
    double value;
    size_t length;

    if (sow_parser_take(parser, "(")) {
        value = sow_parser_read(parser);
        sow_parser_expect(parser, ")", "a ) is missing here");
        return value;
    }
    length = sow_word_length(parser->text, parser->at);
    if (length > 0)
        return sow_parser_name(parser, length);
    length = sow_literal_read(parser->text + parser->at, &value);
    if (length == 0)
        return sow_parser_fail(parser, parser->at,
                               "a number, a name or a ( is missing here");
    if (isnan(value))
        return sow_parser_fail(
            parser, parser->at,
            "a number has at most 19 digits, and is between 1e-60 "
            "and 1e60");
    parser->at += length;
    parser->at = sow_skip_blanks(parser->text, parser->at);
    return value;
}

static double whole_power(double base, double exponent)
{
    double value = 1;

    for (int i = 0; i < (int)fabs(exponent); i++)
        value *= base;
    return exponent < 0 ? 1 / value : value;
}

static double power(double base, double exponent)
{
    double size;

    if (fabs(exponent) <= WHOLE_POWERS && exponent == floor(exponent))
        return whole_power(base, exponent);
    if (base == 0 && exponent > 0)
        return 0;
    if (!(base > 0))
        return NAN;
    size = fabs(exponent * sow_log(base));
    return size <= 700 ? sow_pow(base, exponent) : NAN;
}

/* A sign, or ! before an operand; the exponent of ^ may have one as well. */
static double read_signed(struct sow_parser *parser)
{
    size_t at = parser->at;
    double value;

    if (++parser->depth > SOW_MAX_DEPTH)
        return sow_parser_fail(parser, at, "this is nested too deeply");
    if (sow_parser_take(parser, "-")) {
        value = 0 - read_signed(parser);
    } else if (sow_parser_take(parser, "+")) {
        value = read_signed(parser);
    } else if (strncmp(parser->text + at, "!=", 2) != 0 &&
               sow_parser_take(parser, "!")) {
        value = read_signed(parser) == 0;
    } else {
        value = read_operand(parser);
        at = parser->at;
        if (sow_parser_take(parser, "^")) {
            double exponent = read_signed(parser);

            if (sow_parser_computes(parser))
                value = sow_parser_finite(parser, at, power(value, exponent));
        }
    }
    parser->depth--;
    return value;
}

static double divide(struct sow_parser *parser, size_t at, double a, double b)
{
    if (!sow_parser_computes(parser))
        return 0;
    return b == 0 ? sow_parser_fail(parser, at, "this divides by 0") : a / b;
}

static double remainder_of(struct sow_parser *parser, size_t at, double a,
                           double b)
{
    if (!sow_parser_computes(parser))
        return 0;
    if (!sow_is_whole(a) || !sow_is_whole(b) || b == 0)
        return sow_parser_fail(parser, at,
                               "% is for whole numbers, and not by 0");
    return (double)((int64_t)a % (int64_t)b);
}

static double read_product(struct sow_parser *parser)
{
    double value = read_signed(parser);

    for (;;) {
        size_t at = parser->at;

        if (sow_parser_take(parser, "*"))
            value *= read_signed(parser);
        else if (sow_parser_take(parser, "/"))
            value = divide(parser, at, value, read_signed(parser));
        else if (sow_parser_take(parser, "%"))
            value = remainder_of(parser, at, value, read_signed(parser));
        else
            return value;
        value = sow_parser_finite(parser, at, value);
    }
}

static double read_sum(struct sow_parser *parser)
{
    double value = read_product(parser);

    for (;;) {
        size_t at = parser->at;

        if (sow_parser_take(parser, "+"))
            value += read_product(parser);
        else if (sow_parser_take(parser, "-"))
            value -= read_product(parser);
        else
            return value;
        value = sow_parser_finite(parser, at, value);
    }
}

static double read_comparison(struct sow_parser *parser)
{
    double left = read_sum(parser);

    if (sow_parser_take(parser, "=="))
        return left == read_sum(parser);
    if (sow_parser_take(parser, "!="))
        return left != read_sum(parser);
    if (sow_parser_take(parser, "<="))
        return left <= read_sum(parser);
    if (sow_parser_take(parser, ">="))
        return left >= read_sum(parser);
    if (sow_parser_take(parser, "<"))
        return left < read_sum(parser);
    if (sow_parser_take(parser, ">"))
        return left > read_sum(parser);
    return left;
}

/* Read with 'read', computing nothing unless 'wanted'. */
static double read_if(struct sow_parser *parser, bool wanted,
                      double (*read)(struct sow_parser *parser))
{
    double value;

    parser->dry += !wanted;
    value = read(parser);
    parser->dry -= !wanted;
    return value;
}

static double read_and(struct sow_parser *parser)
{
    double value = read_comparison(parser);

    while (sow_parser_take(parser, "&&")) {
        double right = read_if(parser, value != 0, read_comparison);

        value = value != 0 && right != 0;
    }
    return value;
}

static double read_or(struct sow_parser *parser)
{
    double value = read_and(parser);

    while (sow_parser_take(parser, "||")) {
        double right = read_if(parser, value == 0, read_and);

        value = value != 0 || right != 0;
    }
    return value;
}

double sow_parser_read(struct sow_parser *parser)
{
    double value, yes, no;

    if (++parser->depth > SOW_MAX_DEPTH)
        return sow_parser_fail(parser, parser->at, "this is nested too deeply");
    value = read_or(parser);
    if (sow_parser_take(parser, "?")) {
        bool chosen = value != 0;

        yes = read_if(parser, chosen, sow_parser_read);
        sow_parser_expect(parser, ":", "a : is missing here");
        no = read_if(parser, !chosen, sow_parser_read);
        value = chosen ? yes : no;
    }
    parser->depth--;
    return value;
}

/* ---- from outside ---------------------------------------------------- */

enum sow_status sow_expression_read(const char *text, size_t *at,
                                    const struct sow_scope *scope, bool dry,
                                    double *result, struct sow_error *error)
{
    struct sow_parser parser = {.text = text,
                                .at = sow_skip_blanks(text, *at),
                                .scope = scope,
                                .error = error,
                                .dry = dry};
    double value;

    if (strlen(text) > SOW_MAX_EXPRESSION)
        return sow_fail(error, SOW_BAD_PARAMETER, "expression",
                        "an expression has at most %d bytes",
                        SOW_MAX_EXPRESSION);
    value = sow_parser_read(&parser);
    if (parser.failed)
        return SOW_BAD_PARAMETER;
    *at = parser.at;
    *result = value;
    return SOW_OK;
}

static enum sow_status read_all(const char *text, const struct sow_scope *scope,
                                bool dry, double *result,
                                struct sow_error *error)
{
    size_t at = 0;
    double value = 0;
    enum sow_status status =
        sow_expression_read(text, &at, scope, dry, &value, error);

    if (status != SOW_OK)
        return status;
    if (text[at] != '\0')
        return sow_fail(error, SOW_BAD_PARAMETER, "expression",
                        "column %zu: an operator is missing here", at + 1);
    *result = value;
    return SOW_OK;
}

enum sow_status sow_evaluate(const char *text, const struct sow_scope *scope,
                             double *result, struct sow_error *error)
{
    return read_all(text, scope, false, result, error);
}

enum sow_status sow_expression_check(const char *text,
                                     const struct sow_scope *scope,
                                     struct sow_error *error)
{
    double nothing;

    return read_all(text, scope, true, &nothing, error);
}

/* An error about one number of a table or of a rule. */
static enum sow_status not_a_size(const char *at, double value,
                                  struct sow_error *error)
{
    return sow_fail(error, SOW_BAD_PARAMETER, at,
                    "%s comes to %.17g, which is no whole number from 0 to "
                    "2^53",
                    at, value);
}

enum sow_status sow_evaluate_whole(const char *text,
                                   const struct sow_scope *scope,
                                   const char *at, uint64_t *result,
                                   struct sow_error *error)
{
    double value = 0;
    enum sow_status status = sow_evaluate(text, scope, &value, error);

    if (status != SOW_OK)
        return status;
    if (!sow_is_whole(value) || value < 0)
        return not_a_size(at, value, error);
    *result = (uint64_t)value;
    return SOW_OK;
}
