/* SPDX-License-Identifier: MIT */
/*
 * A JSON body: loaded with bounds, and when it is bad with the place.
 */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include "problems.h"

#include <jansson.h>
#include <stdint.h>

/*
 * Load 'size' bytes that must be one JSON object.  Refused are an empty body,
 * anything that is not strict JSON in UTF-8, deep nesting, a member given
 * twice, numbers too big for 64 bits, and before it is parsed a string longer
 * than any field, and a text whose tree would take about 'max_bytes' or more:
 * there the caller fills 'problem' when PROBLEM_BODY_TOO_LARGE comes back.  On
 * success the caller owns '*root'.  When memory runs out it is
 * PROBLEM_INTERNAL.
 */
enum problem_code document_load(const void *json, size_t size,
                                uint64_t max_bytes, json_t **root,
                                struct problem *problem);

#endif
