/* SPDX-License-Identifier: MIT */
/*
 * Cutting a model into files, by the rule of huggingface_hub's
 * split_state_dict_into_shards_factory(): the tensors go, in order, into a
 * shard until the next would make it larger than the limit, and a tensor that
 * is larger by itself gets a shard of its own without ending the one that is
 * being filled.  Shards are numbered in the order in which they are complete.
 */
#ifndef HUB_SHARDS_H
#define HUB_SHARDS_H

#include "formats/text.h"
#include "spec.h"

/* Room for the name of a file with weights, with the final NUL. */
#define SHARD_NAME 64

/* The name of the index of a model that has several shards. */
#define SHARD_INDEX "model.safetensors.index.json"

/*
 * Shard s has the tensors order[first[s]] to order[first[s + 1] - 1], in the
 * model's order; of[i] is the shard of tensor i.  All owned.
 */
struct shards {
    size_t count;
    size_t *of;
    size_t *order;
    size_t *first;
};

/*
 * Cut 'model', of at least one tensor.  Returns false, with nothing to
 * release, when out of memory.
 */
SOW_MUST_CHECK bool shards_init(struct shards *shards,
                                const struct model *model, uint64_t limit);

void shards_release(struct shards *shards);

/*
 * The name of a shard's file: "model.safetensors" for the only one, else
 * "model-00001-of-00002.safetensors", counting from 1.
 */
void shards_name(const struct shards *shards, size_t shard,
                 char name[SHARD_NAME]);

/*
 * Add the index of a model, with the bytes that save_torch_state_dict()
 * writes: json.dump(…, indent=2), and so without a final newline.
 */
void shards_put_index(const struct shards *shards, const struct model *model,
                      struct text *text);

#endif
