/* SPDX-License-Identifier: MIT */
/*
 * The tensors of a layer type as its constructor draws them: in the
 * constructor's order, what it discards included, and what the request draws
 * over afterwards.
 */
#ifndef SPEC_DRAWS_H
#define SPEC_DRAWS_H

#include "draft.h"
#include "tape.h"

/*
 * A layer whose tensors are being made, called 'prefix'; 'drawn' has where and
 * how the constructor drew each.  'draft' has the fields of the entry at
 * 'place'.
 */
struct draws {
    struct tape *tape;
    const struct draft *draft;
    const char *prefix;
    const struct place *place;
    struct names drawn;
    struct problem *problem;
};

/*
 * Draw what the constructor of 'layer' draws, or give each parameter its key.
 * Whatever it returns, draws_release() ends it.
 */
enum problem_code draws_begin(struct draws *draws,
                              const struct sow_layer *layer);

/*
 * Set the origin of 'spec', which is that of 'part', and the scheme, for the
 * constructor may have another one by which the same is drawn.  With 'again'
 * it has a scheme that isn't the constructor's, and that is drawn over.
 */
void draws_place(const struct draws *draws, const struct sow_layer_tensor *part,
                 bool again, struct sow_spec *spec);

/* Move on behind the tensor that was made of it. */
enum problem_code draws_pass(struct draws *draws,
                             const struct sow_layer_tensor *part, bool again,
                             const struct sow_tensor *tensor);

void draws_release(struct draws *draws);

#endif
