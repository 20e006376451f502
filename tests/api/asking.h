/* SPDX-License-Identifier: MIT */
/*
 * What the tests of analyses share.  Bodies are written with single quotes,
 * which stand for double ones.
 */
#ifndef ASKING_H
#define ASKING_H

#include "drive.h"
#include "../count.h"

#include <check.h>
#include <jansson.h>

/* Of the running test; a checked fixture. */
extern struct api *asked;
void asking_setup(void);
void asking_teardown(void);

/* POST such a body. */
struct answer asking_post(const char *target, const char *body);

/* The JSON of an analysis that must be a 200. */
json_t *ask(const char *body);

/* Analysis 'i' of an answer, and layer 'i' of its first. */
json_t *analysis_of(json_t *json, size_t i);
json_t *layer_of(json_t *json, size_t i);

/* A member that must be a number, or a string. */
double number(const json_t *object, const char *name);
const char *string(const json_t *object, const char *name);

/* The member must be this number, to 1e-9. */
void expect(const json_t *object, const char *name, double right);

#endif
