/* SPDX-License-Identifier: MIT */
/*
 * What an analysis wants to know of a layer beside its tensors: the members
 * 'activation', 'norm', 'input_norm', 'dropout' and 'residual'.
 */
#ifndef ANALYSIS_TRAITS_H
#define ANALYSIS_TRAITS_H

#include "analysis/analysis.h"
#include "place.h"
#include "problems.h"

#include <jansson.h>

enum trait {
    TRAIT_ACTIVATION,
    TRAIT_NORM,
    TRAIT_INPUT_NORM,
    TRAIT_DROPOUT,
    TRAIT_RESIDUAL,
    TRAITS
};

/*
 * 'given' has bit 1 << TRAIT_… for what was written.  'branch' is of how many
 * layers the residual branch is that ends here, 0 for none, and 'alpha' its
 * factor.  All 0 but 'keep', which is 1, when nothing is.
 */
struct analysis_traits {
    unsigned given;
    const struct sow_analysis_activation *activation;
    double parameter;
    enum sow_analysis_norm norm, input_norm;
    double keep;
    double alpha;
    uint64_t branch;
};

void traits_init(struct analysis_traits *traits);

/* Was it given? */
bool traits_give(const struct analysis_traits *traits, enum trait trait);

/* The name of a trait, or NULL past the last; and whether there is such one. */
const char *traits_name(size_t trait);
bool traits_has(const char *name);

/*
 * Read the traits among the members of 'object' into 'traits', which has been
 * set, and take them out of it, so that what is left is a request for weights.
 */
enum problem_code traits_take(struct analysis_traits *traits, json_t *object,
                              const struct place *place,
                              struct problem *problem);

/* Set what is given in 'from', and not in 'traits', but for 'residual'. */
void traits_default(struct analysis_traits *traits,
                    const struct analysis_traits *from);

#endif
