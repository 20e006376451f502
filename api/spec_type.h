/* SPDX-License-Identifier: MIT */
/*
 * Layer types: an entry of 'layers' with a 'type', and the content of a
 * config.json, become a layer of the library (lib/layers/layers.h).
 */
#ifndef SPEC_TYPE_H
#define SPEC_TYPE_H

#include "kinds.h"
#include "suggest.h"
#include "value.h"

/* Find the type that 'value' names. */
enum problem_code type_find(const struct value *value,
                            const struct sow_layer_type **type,
                            struct problem *problem);

/* Offer the names of all types. */
void type_offer(struct suggest *suggest);

/*
 * Whether a member of an entry with a 'type' is an argument of the type, not a
 * field of ours: 'bias' is the one when it is true or false.
 */
bool type_argument(const char *key, const json_t *json);

/*
 * Read the arguments among the members of 'object', the entry at 'place', and
 * set 'kind' as kinds_find() does; what 'object' is a part of must outlive the
 * kinds.
 */
enum problem_code type_read(struct kinds *kinds,
                            const struct sow_layer_type *type, json_t *object,
                            const struct place *place, struct kind **kind,
                            struct problem *problem);

/* Read a config.json, whose 'model_type' tells the type, likewise. */
enum problem_code type_read_config(struct kinds *kinds, json_t *config,
                                   const struct place *place,
                                   struct kind **kind, struct problem *problem);

/*
 * Set 'given' from a value of JSON.  The name and a text are borrowed; what is
 * no number, word, flag, null or short list of numbers is SOW_VALUE_OTHER.
 */
void type_give(struct sow_given *given, const char *name, const json_t *json);

/* What the library has against an argument, placed at it or at 'place'. */
enum problem_code type_refuse(const struct sow_error *error,
                              const struct sow_argument *arguments,
                              size_t count, const struct place *place,
                              struct problem *problem);

#endif
