/* SPDX-License-Identifier: MIT */
/*
 * What the tests of requests share: reading one from exactly sized memory, and
 * saying well what was expected of it.
 */
#ifndef READING_H
#define READING_H

#include "spec.h"
#include "utf8.h"
#include "../count.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* Pieces of requests. */
#define N64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NORMAL "{\"scheme\":\"normal\",\"layers\":"
#define LAYER "{\"shape\":[2,3]}"

/* A request, and what came of it. */
struct reading {
    enum problem_code code;
    struct problem problem;
    struct model model;
    struct spec_options options;
};

static const struct api_limits reading_limits = {.max_layers = 1000,
                                                 .max_body_bytes = 1 << 20};

static inline struct reading reading_query(const char *query)
{
    struct reading r;
    memset(&r, 0, sizeof(r));
    struct query pairs;
    r.code = query_init(&pairs, query, &r.problem);
    if (r.code == PROBLEM_NONE)
        r.code = spec_from_query(&reading_limits, &pairs, &r.model, &r.options,
                                 &r.problem);
    return r;
}

static inline struct reading reading_json(const char *json, size_t size,
                                          const char *query)
{
    struct reading r;
    memset(&r, 0, sizeof(r));
    /* A copy without a final NUL, so that reading past the end is seen. */
    char *copy = malloc(size > 0 ? size : 1);
    memcpy(copy, json, size);
    json_t *root = NULL;
    r.code = spec_load(&reading_limits, copy, size, &root, &r.problem);
    if (r.code == PROBLEM_NONE)
        r.code = spec_from_json(&reading_limits, root, query, &r.model,
                                &r.options, &r.problem);
    json_decref(root);
    free(copy);
    return r;
}

static inline void reading_expect_good(const struct reading *r,
                                       const char *text)
{
    ck_assert_msg(r->code == PROBLEM_NONE, "%.200s is refused: %s at '%s': %s",
                  text, problem_name(r->code), r->problem.at,
                  r->problem.detail);
}

/* 'at' may be NULL for any place. */
static inline void reading_expect_bad(struct reading *r, const char *text,
                                      enum problem_code wanted, const char *at)
{
    const struct problem *problem = &r->problem;
    if (r->code == PROBLEM_NONE)
        model_release(&r->model);
    ck_assert_msg(r->code == wanted, "%.200s gives %s, not %s: %s",
                  text ? text : "nothing", problem_name(r->code),
                  problem_name(wanted), problem->detail);
    ck_assert_msg(!at || strcmp(problem->at, at) == 0, "%.200s is at '%s': %s",
                  text ? text : "nothing", problem->at, problem->detail);
    ck_assert_int_eq(problem->code, r->code);
    ck_assert_uint_gt(strlen(problem->detail), 10);
    ck_assert(utf8_valid(problem->detail, strlen(problem->detail)));
    ck_assert(utf8_valid(problem->at, strlen(problem->at)));
}

/* 'prefix', then 'unit' 'times' times, then 'suffix'; the caller frees it. */
static inline char *reading_repeat(const char *prefix, const char *unit,
                                   size_t times, const char *suffix)
{
    const size_t n = strlen(unit);
    char *text = malloc(strlen(prefix) + n * times + strlen(suffix) + 1);
    size_t used = strlen(prefix);
    memcpy(text, prefix, used);
    for (size_t i = 0; i < times; i++, used += n)
        memcpy(text + used, unit, n);
    memcpy(text + used, suffix, strlen(suffix) + 1);
    return text;
}

#endif
