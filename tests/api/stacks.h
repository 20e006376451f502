/* SPDX-License-Identifier: MIT */
/*
 * What the tests of requests with data share: a batch, bodies that hold it,
 * and what the answers' numbers do to it.
 */
#ifndef STACKS_H
#define STACKS_H

#include "drive.h"
#include "../count.h"

#include <check.h>
#include <jansson.h>

#define TARGET "/v1/weights"
#define SAMPLES 24
#define INPUTS 6

#define LAYERS(first, activation)                                        \
    "\"layers\":[{\"name\":\"a\",\"type\":\"linear\",\"in_features\":6," \
    "\"out_features\":9,\"activation\":\"" activation "\"" first "},"    \
    "{\"name\":\"b\",\"type\":\"linear\",\"in_features\":9,"             \
    "\"out_features\":5}]"
#define MLP LAYERS("", "relu")
#define LSUV "\"scheme\":{\"name\":\"lsuv\",\"tolerance\":1e-7},"
#define WEIGHT_NORM "\"scheme\":\"weightnorm_data\","

/* Of the running test; made by stack_setup(). */
extern struct api *stack_api;

void stack_setup(void);
void stack_teardown(void);

/* Value 'i' of the batch: of different means and spreads, and a float32. */
double batch_value(int i);

/* The first 'count' values in base64; 'text' has room for them. */
void batch_base64(char *text, int count);

/* A body, for free(): 'head', the batch, and 'tail'. */
char *stack_body(const char *head, bool base64, const char *tail);

/* A body, for free(), whose batch is drawn. */
char *stack_synthetic(const char *seed, const char *shape, const char *tail);

/* The answer to a body, which is freed; 'query' is "" or begins with '?'. */
struct answer stack_post(const char *query, char *body);

/* The JSON of an answer that must be a 200. */
json_t *stack_post_json(char *body);

/* The values of a tensor of an answer, for free(). */
double *stack_values(const json_t *answer, const char *name);

/* Of x[0], x[step], …, 'count' of them. */
double mean_of(const double *x, int count, int step);
double std_of(const double *x, int count, int step);

#endif
