/* SPDX-License-Identifier: MIT */
/* The member 'input' of a request for an analysis. */
#ifndef ANALYSIS_INPUT_H
#define ANALYSIS_INPUT_H

#include "analysis/analysis.h"
#include "problems.h"

#include <jansson.h>

/* Set 'input' from the value of 'input'; NULL leaves the defaults. */
enum problem_code input_read(struct sow_analysis_input *input, json_t *json,
                             struct problem *problem);

#endif
