/* SPDX-License-Identifier: MIT */
/* Sequences: starts, origins and turns, whatever library's. */
#include "generators/drawing.h"

#include <inttypes.h>
#include <string.h>

#include "digest.h"
#include "status.h"

/* ------------------------------------------------------------------------
 * Starts
 */

static void name_start(struct sow_start *start)
{
    const char *name = start->generator->name;
    struct sow_hash hash;

    sow_hash_start(&hash, sizeof start->key, "sow sequence");
    sow_hash_add(&hash, name, strlen(name) + 1);
    sow_hash_add(&hash, start->words, sizeof start->words);
    sow_hash_finish(&hash, start->key, sizeof start->key);
}

enum sow_status sow_start_seed(struct sow_start *start,
                               const struct sow_generator *generator,
                               uint64_t seed, struct sow_error *error)
{
    struct sow_start made = {.generator = generator, .seed = seed};
    enum sow_status status;

    if (!generator->negative && seed > generator->last_seed)
        return sow_fail(error, SOW_BAD_PARAMETER, "seed",
                        "%s takes seeds from 0 to %" PRIu64, generator->name,
                        generator->last_seed);
    status = generator->drawing->seed(&made, error);
    if (status != SOW_OK)
        return status;
    name_start(&made);
    *start = made;
    return SOW_OK;
}

size_t sow_state_size(const struct sow_generator *generator)
{
    return generator->drawing == NULL ? 0 : generator->drawing->state_size;
}

enum sow_status sow_start_state(struct sow_start *start,
                                const struct sow_generator *generator,
                                const uint8_t *bytes, struct sow_error *error)
{
    struct sow_start made = {.generator = generator};
    enum sow_status status = generator->drawing->load(&made, bytes, error);

    if (status != SOW_OK)
        return status;
    name_start(&made);
    *start = made;
    return SOW_OK;
}

enum sow_status sow_state_write(const struct sow_engine *engine,
                                const struct sow_tensor *tensor, uint8_t *bytes)
{
    const struct sow_start *start = tensor->spec.origin.start;

    if (start == NULL || sow_state_size(start->generator) == 0)
        return SOW_BAD_PARAMETER;
    if (tensor->law.prepare != NULL && tensor->whole == NULL)
        return SOW_NEEDS_WHOLE;
    start->generator->drawing->save(engine, tensor, bytes);
    return SOW_OK;
}

/* ------------------------------------------------------------------------
 * Origins
 */

struct sow_origin sow_origin_begin(const struct sow_start *start)
{
    struct sow_origin origin = {.start = start};

    start->generator->drawing->begin(&origin);
    return origin;
}

enum sow_status sow_origin_skip(struct sow_origin *origin, uint64_t steps)
{
    if (steps > SOW_MAX_STEPS || origin->at > SOW_MAX_STEPS - steps)
        return SOW_BAD_RANGE;
    origin->at += steps;
    return SOW_OK;
}

bool sow_tensor_is_turn(const struct sow_tensor *tensor)
{
    return tensor->law.turn;
}

struct sow_origin sow_origin_next(const struct sow_tensor *tensor,
                                  const struct sow_turn *turn)
{
    struct sow_origin next = tensor->spec.origin;

    if (tensor->law.turn) {
        next.after = turn;
        next.at = 0;
        next.kept = SOW_KEPT_BEFORE;
    } else {
        next.at += tensor->law.steps;
        next.kept = tensor->law.kept;
    }
    return next;
}

const uint8_t *sow_origin_chain(const struct sow_origin *origin)
{
    return origin->after != NULL ? origin->after->chain : origin->start->key;
}

/* All that how far the turn gets can follow from. */
void sow_turn_init(struct sow_turn *turn, const struct sow_tensor *tensor)
{
    const struct sow_spec *spec = &tensor->spec;
    const struct sow_scheme *scheme = &spec->scheme;
    const uint32_t dtype = (uint32_t)spec->dtype;
    struct sow_hash hash;

    turn->tensor = *tensor;
    sow_hash_start(&hash, sizeof turn->chain, "sow turn");
    sow_hash_add(&hash, sow_origin_chain(&spec->origin), SOW_DIGEST_BYTES);
    sow_hash_add(&hash, &spec->origin.at, sizeof spec->origin.at);
    sow_hash_add(&hash, &spec->origin.kept, sizeof spec->origin.kept);
    sow_hash_add(&hash, &dtype, sizeof dtype);
    sow_hash_add(&hash, spec->shape.dims,
                 spec->shape.rank * sizeof spec->shape.dims[0]);
    sow_hash_add(&hash, scheme->info->name, strlen(scheme->info->name) + 1);
    sow_hash_add(&hash, scheme->values,
                 scheme->info->parameter_count * sizeof scheme->values[0]);
    sow_hash_finish(&hash, turn->chain, sizeof turn->chain);
}

/* ------------------------------------------------------------------------
 * Tensors
 */

enum sow_status sow_drawing_check(const struct sow_tensor *tensor,
                                  struct sow_error *error)
{
    struct sow_origin next = tensor->spec.origin;

    if (sow_origin_skip(&next, tensor->law.steps) == SOW_OK)
        return SOW_OK;
    return sow_fail(error, SOW_BAD_SHAPE, "shape",
                    "with this tensor more than 2^44 steps of the generator "
                    "would be drawn");
}

/* Zeros, ones and their like are the same in all libraries. */
static bool is_constant(const struct sow_tensor *tensor)
{
    return tensor->law.make == NULL && tensor->law.kind == SOW_LAW_CONSTANT;
}

/* JAX draws Flax's schemes, too. */
static bool draws_library(const struct sow_generator *generator,
                          const char *library)
{
    if (library != NULL && strcmp(library, "flax") == 0)
        library = "jax";
    return library != NULL && strcmp(library, generator->library) == 0;
}

enum sow_status sow_drawing_resolve(struct sow_tensor *tensor,
                                    struct sow_error *error)
{
    const struct sow_generator *generator =
        tensor->spec.origin.start->generator;
    const struct sow_scheme_info *info = tensor->spec.scheme.info;
    enum sow_status status;

    tensor->law.kept = tensor->spec.origin.kept;
    if (is_constant(tensor) && tensor->elements > 0)
        return SOW_OK;
    if (tensor->spec.multiplier != 1)
        return sow_fail(error, SOW_BAD_PARAMETER, "multiplier",
                        "%s draws what the library draws, which knows no "
                        "multiplier: leave it out, or put it into the "
                        "scheme's parameters",
                        generator->name);
    if (!is_constant(tensor) && !draws_library(generator, info->library))
        return sow_fail(error, SOW_BAD_SCHEME, "scheme",
                        "%s draws the schemes of its own library, such as "
                        "%s.%s, and constants; %s is none of them",
                        generator->name, generator->library,
                        strcmp(generator->library, "jax") == 0 ? "he_normal"
                                                               : "normal",
                        info->name);
    status = generator->drawing->resolve(tensor, error);
    return status == SOW_OK ? sow_drawing_check(tensor, error) : status;
}
