/* SPDX-License-Identifier: MIT */
/*
 * Draws of a layer: what the framework's own code draws while it makes one, in
 * its order, for generators that give what the framework would have drawn.  A
 * part of layers.h, which includes it.
 */
#ifndef DRAWS_H
#define DRAWS_H

#include "sow.h"

struct sow_layer;
struct sow_layer_tensor;

/*
 *   SOW_DRAW_KEPT       the tensor called tensor->name gets what is drawn
 *   SOW_DRAW_DISCARDED  nobody gets what is drawn
 *   SOW_DRAW_COPIED     nothing is drawn: the tensor gets what 'from' has
 *
 * What a tensor gets last is what it has in the end.
 */
enum sow_draw_use { SOW_DRAW_KEPT, SOW_DRAW_DISCARDED, SOW_DRAW_COPIED };

/*
 * 'tensor' has the shape and the scheme of the draw; its name is that of the
 * tensor that gets it, as sow_layer_visit() has it, and empty when it is
 * discarded.  'from' is NULL but for a copy.  Lasts for the call only.
 */
struct sow_layer_draw {
    enum sow_draw_use use;
    const struct sow_layer_tensor *tensor;
    const char *from;
};

typedef enum sow_status sow_layer_drawer(void *argument,
                                         const struct sow_layer_draw *draw,
                                         struct sow_error *error);

/*
 * Visit the draws of 'layer' in order.  The scheme of a tensor's last draw is
 * that of sow_layer_visit() in the library's own words: "normal" there may be
 * "torch.normal" here.  Constants take no draws and are left out; of Flax,
 * whose keys count parameters, they are there.
 *
 * Returns as sow_layer_visit() does, 'limit' being of draws, and
 * SOW_BAD_SCHEME, error.at "type", for a type whose order isn't known.
 */
SOW_MUST_CHECK enum sow_status sow_layer_draws(const struct sow_layer *layer,
                                               size_t limit,
                                               sow_layer_drawer *draw,
                                               void *argument,
                                               struct sow_error *error);

#endif
