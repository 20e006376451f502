/* SPDX-License-Identifier: MIT */
/*
 * From a request to a model: the query of GET /v1/weights or the JSON body of
 * POST /v1/weights becomes an array of resolved tensors and a few options.
 * Strict: an unknown field or parameter, a field given twice or a value of
 * the wrong type is refused with the place and the mend.
 */
#ifndef SPEC_H
#define SPEC_H

#include "api.h"
#include "problems.h"
#include "query.h"

#include <jansson.h>

enum spec_format {
    FORMAT_UNSET,
    FORMAT_RAW,
    FORMAT_JSON,
    FORMAT_NPY,
    FORMAT_SAFETENSORS,
    FORMAT_MANIFEST,
};

enum spec_digest { DIGEST_AUTO, DIGEST_WAIT, DIGEST_OFF };

/*
 * A model: named tensors in the order of the request.  'offsets[i]' is where
 * tensor i begins when all are laid end to end; 'size' is where the last
 * ends.  'ordered' says that some names are only positions in 'layers', so
 * that the order of the request matters.  'tensors' is owned, and the others
 * lie in its block; 'stack', where some depend on data, is owned, too, and so
 * is 'tape', where a generator other than sow1 draws them.  'place', a
 * constant, is where the request says what they are, "shape" or "/layers" or
 * "recipe" …, or NULL when it doesn't; 'listed', that entry i there is tensor
 * i.
 */
struct model {
    struct sow_tensor *tensors;
    uint64_t *offsets;
    size_t count;
    uint64_t size;
    bool ordered;
    char *text; /* what the names point into */
    struct stack *stack;
    const struct sow_generator *generator;
    struct tape *tape;
    const char *place;
    bool listed;
};

/*
 * What is asked of the model; 'format' is FORMAT_UNSET when not given.
 * 'final_state' asks for the generator's state afterwards.
 */
struct spec_options {
    enum spec_format format;
    enum spec_digest digest;
    bool final_state;
};

/*
 * Read a query ("shape=512,256&scheme=he_normal") into a model of one tensor.
 * On success the caller owns 'model' and ends it with model_release().
 */
enum problem_code spec_from_query(const struct api_limits *limits,
                                  const struct query *query,
                                  struct model *model,
                                  struct spec_options *options,
                                  struct problem *problem);

/*
 * Load the body of a POST, 'size' bytes of JSON; the caller owns '*root'.
 */
enum problem_code spec_load(const struct api_limits *limits, const void *json,
                            size_t size, json_t **root,
                            struct problem *problem);

/*
 * Read such a body into a model.  'query', or NULL, may add 'format' and
 * 'digest', nothing else; naming one in both places is refused.
 */
enum problem_code spec_from_json(const struct api_limits *limits, json_t *root,
                                 const char *query, struct model *model,
                                 struct spec_options *options,
                                 struct problem *problem);

/* Free what the model owns. */
void model_release(struct model *model);

/* "raw", "json", "npy", "safetensors", "manifest"; "" when unset. */
const char *format_name(enum spec_format format);

/* "auto", "wait", "off". */
const char *digest_mode_name(enum spec_digest digest);

#endif
