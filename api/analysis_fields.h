/* SPDX-License-Identifier: MIT */
/*
 * Which members a request for an analysis may have: its own, and those of a
 * request for weights that tell what tensors there are.
 */
#ifndef ANALYSIS_FIELDS_H
#define ANALYSIS_FIELDS_H

#include "place.h"
#include "problems.h"

#include <jansson.h>

/*
 * Check the members of the body, or of an entry of its 'layers', by name
 * alone; an entry whose 'type' doesn't exist is left to who reads that.
 * Refuses with PROBLEM_UNKNOWN_FIELD.
 */
enum problem_code analysis_check_body(json_t *root, struct problem *problem);
enum problem_code analysis_check_entry(json_t *entry, const struct place *place,
                                       struct problem *problem);

#endif
