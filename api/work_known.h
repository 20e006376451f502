/* SPDX-License-Identifier: MIT */
/* The digests that are remembered: for work.c and work_want.c. */
#ifndef WORK_KNOWN_H
#define WORK_KNOWN_H

#include "work.h"

/* Must the tensor be made as a whole, or wait for the run of a stack? */
static inline bool work_needs_whole(const struct sow_tensor *tensor)
{
    return sow_tensor_need(tensor).units > 0 || tensor->data;
}

/*
 * Is the digest of a tensor computed rather than remembered?  Of a small one
 * that is faster.
 */
bool work_is_free(const struct sow_tensor *tensor);

/* Put a digest into the memo; what is new there the configuration is told. */
void work_learn(struct api *api, const uint8_t key[SOW_DIGEST_BYTES],
                const uint8_t digest[SOW_DIGEST_BYTES]);

/* Look up a digest; returns whether it was remembered, 'item' says so too. */
bool work_recall(struct api *api, const struct sow_tensor *tensor,
                 struct work_item *item);

/* Say that a digest was computed, and remember it if that is worth it. */
void work_remember(struct api *api, const struct sow_tensor *tensor,
                   struct work_item *item);

#endif
