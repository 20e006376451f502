/* SPDX-License-Identifier: MIT */
/*
 * Where in a request something stands, as a chain from the value up to the
 * root.  Made on the stack while a request is read; written out only when
 * there is a problem.
 *
 *     const struct place layers = {&place_document, "layers", 0};
 *     const struct place layer = {&layers, NULL, 3};
 *     const struct place seed = {&layer, "seed", 0};
 *     place_text(&seed).text                       "/layers/3/seed"
 */
#ifndef PLACE_H
#define PLACE_H

#include <stddef.h>

/* 'key' is a member's name; NULL for entry 'index' of an array. */
struct place {
    const struct place *parent; /* NULL in a root */
    const char *key;
    size_t index;
};

/* The roots: a JSON body, and a query. */
extern const struct place place_document;
extern const struct place place_query;

struct place_text {
    char text[320];
};

/*
 * Below place_document a JSON pointer (RFC 6901), below place_query the name
 * of the query's parameter; cut when too long.
 */
struct place_text place_text(const struct place *place);

/* The nearest key, to name a place in a sentence: "shape" for /shape/0. */
const char *place_key(const struct place *place);

#endif
