/* SPDX-License-Identifier: MIT */
/* Digests by the recipe of their tensor. */
#include "work_known.h"

#include "exchange.h"
#include "recipe.h"

/* A tensor of so many bytes is digested faster than it is looked up. */
#define FREE_BYTES 4096

bool work_is_free(const struct sow_tensor *tensor)
{
    return tensor->size <= FREE_BYTES && !work_needs_whole(tensor);
}

/* The key of a tensor in the memo; false when out of memory. */
static bool key_of(const struct sow_tensor *tensor,
                   uint8_t key[SOW_DIGEST_BYTES])
{
    struct problem problem;

    return recipe_tensor_digest(tensor, key, &problem) == PROBLEM_NONE;
}

void work_learn(struct api *api, const uint8_t key[SOW_DIGEST_BYTES],
                const uint8_t digest[SOW_DIGEST_BYTES])
{
    if (memo_put(api->memo, key, digest) && api->remember)
        api->remember(api->remember_self, key, digest);
}

bool work_recall(struct api *api, const struct sow_tensor *tensor,
                 struct work_item *item)
{
    uint8_t key[SOW_DIGEST_BYTES];

    if (work_is_free(tensor))
        return false;
    if (memo_is_empty(api->memo) || !key_of(tensor, key) ||
        !memo_get(api->memo, key, item->digest)) {
        metrics_add(api->metrics, METRICS_UNKNOWN, 1);
        return false;
    }
    metrics_add(api->metrics, METRICS_KNOWN, 1);
    item->flags &= (uint8_t)~WORK_DIGEST;
    item->flags |= WORK_KNOWN;
    return true;
}

void work_remember(struct api *api, const struct sow_tensor *tensor,
                   struct work_item *item)
{
    uint8_t key[SOW_DIGEST_BYTES];

    item->flags &= (uint8_t)~WORK_DIGEST;
    item->flags |= WORK_KNOWN;
    if (!work_is_free(tensor) && key_of(tensor, key))
        work_learn(api, key, item->digest);
}
