/* SPDX-License-Identifier: MIT */
/*
 * Making the tensors of a request one by one, when there is room for them; for
 * spec_layers.c.
 */
#ifndef SPEC_MAKE_H
#define SPEC_MAKE_H

#include "kinds.h"
#include "spec_profile.h"
#include "spec_tape.h"
#include "stack.h"

/*
 * What stands while tensors are made: 'next' is the next one, and 'names' where
 * its name goes.  'discarded' is NULL, or where tensors go that nobody gets.
 */
struct making {
    const struct api_limits *limits;
    const struct draft *request;
    struct kinds *kinds;
    struct profile *profile; /* NULL for none */
    struct model *model;
    size_t next;
    char *names;
    struct problem *problem;
    json_t *root;
    struct stack *stack; /* NULL without 'data' */
    struct tape *tape;   /* NULL for sow1 */
    struct sow_tensor *discarded;
};

/* Make those of the entries of 'layers'. */
enum problem_code make_entries(struct making *making, const json_t *layers);

/* Make those of the model of a config.json. */
enum problem_code make_config(struct making *making, struct kind *config);

/* "/config" */
extern const struct place make_at_config;

#endif
