/* SPDX-License-Identifier: MIT */
/*
 * An analysis: what an initialization does to signals and gradients, as
 * lib/analysis tells it, for one scheme or for several side by side; and what
 * it is measured to do (measuring.h), when that is asked for.
 *
 *     analysis_read(&analysis, api, root, problem);
 *     for each unit < analysis_units(analysis)     on any threads
 *         analysis_work(analysis, unit, stop, argument);
 *     analysis_check(analysis, problem);
 *     … analysis_head(analysis), analysis_case(analysis, i) …
 *
 * A unit is the analysis of one scheme, which takes some hundred microseconds a
 * layer at most; or a share in measuring all of them, which may take seconds.
 * It asks now and then whether to stop.
 */
#ifndef API_ANALYSIS_H
#define API_ANALYSIS_H

#include "api.h"
#include "formats/text.h"
#include "problems.h"

#include <jansson.h>

/* Schemes that are compared at most. */
#define ANALYSIS_SCHEMES 64

struct analysis;

/*
 * Read the document 'root', which is changed on the way, and check all that
 * can be checked before numbers are made.  The caller owns '*analysis', which
 * borrows 'api'.
 */
enum problem_code analysis_read(struct analysis **analysis, struct api *api,
                                json_t *root, struct problem *problem);

/* NULL is fine. */
void analysis_free(struct analysis *analysis);

/* Bytes that it takes until it is freed, about. */
uint64_t analysis_bytes(const struct analysis *analysis);

/* Is it done in a few milliseconds? */
bool analysis_is_brief(const struct analysis *analysis);

size_t analysis_units(const struct analysis *analysis);
void analysis_work(struct analysis *analysis, size_t unit,
                   bool (*stop)(void *argument), void *argument);

/* Refuses what a unit did not get through. */
enum problem_code analysis_check(const struct analysis *analysis,
                                 struct problem *problem);

/* The answer's JSON: what comes before the schemes, and each scheme's. */
const struct text *analysis_head(const struct analysis *analysis);
size_t analysis_cases(const struct analysis *analysis);
const struct text *analysis_case(const struct analysis *analysis, size_t i);

#endif
