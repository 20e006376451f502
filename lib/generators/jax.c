/* SPDX-License-Identifier: MIT */
/* The generators of JAX and Flax: keys, and which tensors they draw. */
#include "generators/jax.h"

#include <string.h>

#include "generators/drawing.h"

/* jax.random.key() without jax_enable_x64, which keeps the low 32 bits. */
static enum sow_status seed(struct sow_start *start, struct sow_error *error)
{
    (void)error;
    start->words[0] = 0;
    start->words[1] = (uint32_t)start->seed;
    return SOW_OK;
}

static enum sow_status load(struct sow_start *start, const uint8_t *bytes,
                            struct sow_error *error)
{
    (void)error;
    memcpy(start->words, bytes, 8);
    return SOW_OK;
}

static void save(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, uint8_t *bytes)
{
    (void)engine;
    memcpy(bytes, tensor->spec.origin.key, 8);
}

static void begin(struct sow_origin *origin)
{
    memcpy(origin->key, origin->start->words, sizeof origin->key);
}

static enum sow_status resolve(struct sow_tensor *tensor,
                               struct sow_error *error)
{
    return tensor->elements > 0 ? sow_jax_resolve(tensor, error) : SOW_OK;
}

const struct sow_drawing sow_jax_drawing = {
    .seed = seed,
    .state_size = 8,
    .load = load,
    .save = save,
    .begin = begin,
    .resolve = resolve,
};
