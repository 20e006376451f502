/* SPDX-License-Identifier: MIT */
/*
 * An API with a store of recipes in memory, and what the tests of the Hub's
 * routes ask of it.
 */
#ifndef SHOP_H
#define SHOP_H

#include "drive.h"
#include "../count.h"

#include <check.h>
#include <jansson.h>

/* A recipe with two side files and three tensors of 96, 32 and 16 bytes. */
#define SHOP_NAME "lab/tiny"
#define SHOP_LAYERS                                              \
    "\"layers\":[{\"name\":\"fc.weight\",\"shape\":[6,4]},"      \
    "{\"name\":\"fc.bias\",\"shape\":[8],\"scheme\":\"zeros\"}," \
    "{\"name\":\"half\",\"shape\":[8],\"dtype\":\"float16\"}]"
#define SHOP_FILES                                         \
    "\"files\":{\"config.json\":{\"model_type\":\"gpt2\"," \
    "\"architectures\":[\"GPT2LMHeadModel\"]},\"vocab.txt\":\"a\\nb\\n\"}"
#define SHOP_RECIPE(more) \
    "{\"scheme\":\"normal\",\"seed\":7," SHOP_LAYERS "," SHOP_FILES more "}"

/* Of the running test; a checked fixture. */
extern struct api *shop;
void shop_setup(void);
void shop_teardown(void);

/* A new API, with these limits, and the same store. */
void shop_restart(const struct api_limits *limits);

/* Keep a document, or forget a name. */
void shop_put(const char *name, const char *document);
void shop_remove(const char *name);

/* How often documents have been read. */
unsigned shop_reads(void);

/* GET or HEAD; the answer must have this status. */
struct answer shop_get(const char *target, const char *headers,
                       unsigned status);
struct answer shop_head(const char *target, const char *headers,
                        unsigned status);

/* The JSON of a 200. */
json_t *shop_json(const char *target);

/* The commit of a revision; lasts for sixteen calls. */
const char *shop_commit(const char *name, const char *revision);

#endif
