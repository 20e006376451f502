/* SPDX-License-Identifier: MIT */
/* The member 'input' of a request for an analysis. */
#ifndef ANALYSIS_INPUT_H
#define ANALYSIS_INPUT_H

#include "measure_fields.h"

/*
 * Set 'input' from the value of 'input', and what of it is a measurement's in
 * 'wish', whose 'measure' has been read; NULL leaves the defaults.  The moments
 * of a batch are the input's, where it doesn't say others.
 */
enum problem_code input_read(struct sow_analysis_input *input,
                             struct measure_wish *wish, json_t *json,
                             struct problem *problem);

#endif
