/* SPDX-License-Identifier: MIT */
/*
 * The field 'data' of a request: a batch that flows through its layers.
 *
 *     {"values": [[0.5, 1], [2, 3]]}                numbers, nested
 *     {"base64": "AAAAPwAA…", "shape": [2, 2]}      float32, little-endian
 *     {"synthetic": true, "shape": [256, 784]}      drawn from N(0, 1)
 */
#ifndef BATCH_H
#define BATCH_H

#include "formats/text.h"
#include "place.h"
#include "problems.h"

#include <jansson.h>

/*
 * 'values' is row-major and owned; NULL for a batch that is drawn from the
 * stream "data" of 'seed' when it is needed.
 */
struct batch {
    struct sow_shape shape;
    uint64_t seed;
    double *values;
};

/*
 * Read the value 'json' that stands at 'place'.  'seed' is the request's.  On
 * success the caller ends 'batch' with batch_release().
 */
enum problem_code batch_read(struct batch *batch, json_t *json, uint64_t seed,
                             const struct place *place,
                             struct problem *problem);

/*
 * Read nested numbers alone, at 'place': the first of each kind tell the shape,
 * which is a scalar's for a number.  Likewise, but for the seed, which is 0.
 */
enum problem_code batch_read_nest(struct batch *batch, const json_t *json,
                                  const struct place *place,
                                  struct problem *problem);

void batch_release(struct batch *batch);

/* Add what tells it from any other batch, as JSON with sorted keys. */
void batch_put(struct text *text, const struct batch *batch);

#endif
