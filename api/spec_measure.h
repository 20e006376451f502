/* SPDX-License-Identifier: MIT */
/*
 * How many tensors a request has, and how much their names take: what must be
 * known before there is room for them.
 */
#ifndef SPEC_MEASURE_H
#define SPEC_MEASURE_H

#include "api.h"
#include "kinds.h"
#include "place.h"
#include "problems.h"

#include <jansson.h>

/* Decimal digits of a position in 'layers', and NUL. */
#define INDEX_MAX 21

/* "/layers". */
extern const struct place measure_at_layers;

/*
 * What has been counted: tensors, bytes of names at most, and all their parts,
 * ored.  'prefix' bytes come before each name of the layer being counted.
 * With 'sequential' entries that are no tensors are none (spec_tape.h).
 */
struct measure {
    size_t tensors;
    size_t names;
    size_t prefix;
    unsigned parts;
    bool sequential;
};

/* Count the entries of 'layers'. */
enum problem_code measure_layers(const struct api_limits *limits,
                                 struct kinds *kinds, const json_t *layers,
                                 struct measure *measure,
                                 struct problem *problem);

/* Count the entry 'json'. */
enum problem_code measure_entry(const struct api_limits *limits,
                                struct kinds *kinds, json_t *json,
                                const struct place *place,
                                struct measure *measure,
                                struct problem *problem);

/*
 * The entry of 'layers', which have been counted so, that tensor 'i' is of.
 */
size_t measure_find(const struct api_limits *limits, struct kinds *kinds,
                    const json_t *layers, bool sequential, size_t i);

/* Count the tensors of 'kind'. */
enum problem_code measure_layer(const struct api_limits *limits,
                                struct kind *kind, const struct place *place,
                                struct measure *measure,
                                struct problem *problem);

/* Read the type and arguments of the entry 'json', an object with a 'type'. */
enum problem_code measure_type(struct kinds *kinds, json_t *json,
                               const struct place *place, struct kind **kind,
                               struct problem *problem);

/* What the library has against visiting 'layer', with the limit max_layers. */
enum problem_code measure_refuse(const struct api_limits *limits,
                                 const struct sow_layer *layer,
                                 const struct sow_error *error,
                                 const struct place *place,
                                 struct problem *problem);

/* Refuse "what", for it is more than max_layers. */
enum problem_code measure_refuse_limit(const struct api_limits *limits,
                                       const char *what,
                                       const struct place *place,
                                       struct problem *problem);

#endif
