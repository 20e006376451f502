/* SPDX-License-Identifier: MIT */
/*
 * A value of a request, from a query or from JSON, and how to read one as a
 * string, a seed, a list of integers or a number.  All refuse with
 * PROBLEM_BAD_FIELD, unless said otherwise, at the value's place.
 */
#ifndef VALUE_H
#define VALUE_H

#include "place.h"
#include "problems.h"
#include "sow.h"

#include <jansson.h>

/* 'text' from a query; NULL for a value from JSON, which is in 'json'. */
struct value {
    const char *text;
    json_t *json;
    const struct place *place;
};

/* Refuse 'value': "'seed' must be <expected>, not -3." */
enum problem_code value_refuse(const struct value *value, const char *expected,
                               struct problem *problem);

/* A string; borrowed from the value. */
enum problem_code value_string(const struct value *value, const char **string,
                               struct problem *problem);

/*
 * A seed: 0 to 2^64 - 1, in decimal or hexadecimal after "0x"; in JSON such a
 * string, or a number up to 2^53 - 1.
 */
enum problem_code value_seed(const struct value *value, uint64_t *seed,
                             struct problem *problem);

/*
 * The same from -2^63 on: 'seed' is the two's complement of what is negative.
 */
enum problem_code value_signed_seed(const struct value *value, uint64_t *seed,
                                    bool *negative, struct problem *problem);

/*
 * Whether a generator takes such a seed: not all take negative ones, nor all of
 * 64 bits.
 */
bool value_seed_fits(const struct sow_generator *generator, uint64_t seed,
                     bool negative);

/* Refuse what value_signed_seed() has read, for it doesn't fit. */
enum problem_code value_refuse_seed(const struct value *value,
                                    const struct sow_generator *generator,
                                    struct problem *problem);

/*
 * Integers, as many as were written; only the first SOW_MAX_RANK are stored.
 */
struct value_list {
    size_t count;
    int64_t items[SOW_MAX_RANK];
};

/*
 * How a list is written: in a query integers joined by one of 'separators',
 * "()" being empty; in JSON an array, or where 'single' one integer.  Each is
 * at least 'low'.  'expected' says so in a message.
 */
struct value_list_rule {
    const char *separators;
    int64_t low;
    bool single;
    const char *expected;
};

enum problem_code value_list(const struct value *value,
                             const struct value_list_rule *rule,
                             struct value_list *list, struct problem *problem);

/* A finite number, in decimal. */
enum problem_code value_number(const struct value *value, double *number,
                               struct problem *problem);

/*
 * A whole number.  One that is not from 'least' to 2^53 is
 * PROBLEM_BAD_PARAMETER.
 */
enum problem_code value_count(const struct value *value, int64_t least,
                              double *number, struct problem *problem);

/* true or false, as 1 or 0. */
enum problem_code value_flag(const struct value *value, double *flag,
                             struct problem *problem);

#endif
