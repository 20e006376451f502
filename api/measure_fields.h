/* SPDX-License-Identifier: MIT */
/*
 * What a request for an analysis says of a measurement: the member 'measure',
 * and 'batch' and 'shape' in 'input'.
 */
#ifndef MEASURE_FIELDS_H
#define MEASURE_FIELDS_H

#include "analysis/measure.h"
#include "batch.h"

/*
 * 'shape' is that of a sample, of rank 0 where nobody says; 'batch' has no
 * values where there is none, and is owned.  'samples' is even.
 */
struct measure_wish {
    bool wanted;
    bool samples_given;
    uint32_t samples;
    struct sow_shape shape;
    struct batch batch;
};

void measure_wish_init(struct measure_wish *wish);
void measure_wish_release(struct measure_wish *wish);

/* Read 'measure'; NULL leaves it unwanted. */
enum problem_code measure_read(struct measure_wish *wish, json_t *json,
                               struct problem *problem);

/*
 * Read 'batch' or 'shape', the member of 'input' at 'place', after 'measure'.
 */
enum problem_code measure_read_batch(struct measure_wish *wish, json_t *json,
                                     const struct place *place,
                                     struct problem *problem);
enum problem_code measure_read_shape(struct measure_wish *wish, json_t *json,
                                     const struct place *place,
                                     struct problem *problem);

/*
 * The mean, mean square and correlation of a batch, such as an input may have;
 * the correlation is 1 when all is 0.
 */
void measure_moments(const struct measure_wish *wish,
                     struct sow_analysis_input *input);

#endif
