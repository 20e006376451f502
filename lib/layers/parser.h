/* SPDX-License-Identifier: MIT */
/*
 * The state of reading an expression, shared by expression.c (operators) and
 * functions.c (names and functions).
 */
#ifndef PARSER_H
#define PARSER_H

#include "layers/expression.h"

/*
 * What failed first is in 'error', and nothing is taken from the text any
 * more.  'dry' counts the reasons not to compute: every number is 0 then.
 */
struct sow_parser {
    const char *text;
    size_t at;
    const struct sow_scope *scope;
    struct sow_error *error;
    unsigned depth;
    unsigned dry;
    bool failed;
};

/* A whole expression (expression.c). */
double sow_parser_read(struct sow_parser *parser);

/* A variable, an element of one, or a call: a word of 'length' stands here. */
double sow_parser_name(struct sow_parser *parser, size_t length);

/* Fail: 'what' is wrong at text[at].  Returns 0. */
double sow_parser_fail(struct sow_parser *parser, size_t at, const char *what);

/* sow_parser_take(), when its first byte stands here. */
bool sow_parser_take_rest(struct sow_parser *parser, const char *token);

/*
 * Take 'token' and the blanks behind it, if it stands here.  Every operand is
 * asked for every operator: here, so that a no costs a comparison.
 */
static inline bool sow_parser_take(struct sow_parser *parser, const char *token)
{
    return parser->text[parser->at] == token[0] &&
           sow_parser_take_rest(parser, token);
}

/* Take 'token' or fail with 'what'. */
void sow_parser_expect(struct sow_parser *parser, const char *token,
                       const char *what);

/* 'value', which text[at] computed: 0 in a dry reading, else finite. */
double sow_parser_finite(struct sow_parser *parser, size_t at, double value);

/* Whether numbers are to be computed: not after a failure, not dry. */
bool sow_parser_computes(const struct sow_parser *parser);

#endif
