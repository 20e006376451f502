/* SPDX-License-Identifier: MIT */
/*
 * The generators: sow1, and those that give bit for bit what another library
 * would have drawn.  A part of sow.h, which includes it.
 *
 * Model.  sow1 needs nothing but a seed and a tensor's name.  A library's
 * generator draws from a sequence, tensor after tensor, or with keys, one for
 * each tensor.  A 'sow_start' is such a sequence from its beginning, and a
 * tensor's spec has its 'sow_origin', where in the sequence it begins:
 *
 *     sow_start_seed(&start, sow_generator_find("torch"), 42, &error);
 *     spec.origin = sow_origin_begin(&start);
 *     for each tensor, in the order in which the library would draw them:
 *         sow_tensor_init(&tensor, &spec, &error);
 *         if (sow_tensor_is_turn(&tensor)) sow_turn_init(&turn, &tensor);
 *         spec.origin = sow_origin_next(&tensor, &turn);
 *
 * How many steps of the sequence a tensor takes mostly follows from its shape,
 * so that all origins are known at once and each tensor can be read by itself.
 * Where it depends on the values (a rejection method) the tensor is a 'turn':
 * what comes after it begins at its end, wherever that is, and needs a whole,
 * to know.
 */
#ifndef GENERATOR_H
#define GENERATOR_H

struct sow_origin;
struct sow_spec;
struct sow_tensor;

/*
 * A row of the table.  'name' has the platform and the versions in it whose
 * bits these are; 'aliases', ending with NULL, are short for it.  'library' is
 * the one whose schemes and layer types it draws, NULL for sow1, which draws
 * all.  'sequential' generators draw tensors one after another; the others
 * that aren't sow1 take a key for each.  'negative' says that seeds from -2^63
 * are taken, too, in two's complement, 'last_seed' is the greatest. 'certified'
 * says that it was compared with the library itself, bit by bit; 'versions' of
 * what, for people.
 */
struct sow_generator {
    const char *name;
    const char *const *aliases;
    const char *library;
    bool sequential;
    bool negative;
    uint64_t last_seed;
    bool certified;
    const char *summary;
    const char *versions;
    const struct sow_drawing *drawing; /* generators/drawing.h */
    int variant;                       /* the drawing's own */
};

/* Generator 'i', sow1 first, or NULL past the last. */
const struct sow_generator *sow_generator_at(size_t i);

/* Find one by name or alias; NULL when there is none. */
const struct sow_generator *sow_generator_find(const char *name);

/*
 * What a caller may remember for lib/ between one read and the next, so that
 * reading on, or again, needn't begin at the start of a sequence.  Nothing is
 * lost but time when it forgets.  Both may be called from any thread, at once.
 *
 *   find  copies the 'size' bytes that were kept under 'key' at the greatest
 *         position that is at most 'at', and returns that position; UINT64_MAX
 *         when there is none
 *   keep  remembers them at 'at'.  'from' is the position that find returned
 *         when that is where the caller came from, or UINT64_MAX: as a rule
 *         nobody will ask there again, unless it is a multiple of
 *         SOW_MEMORY_GRID, which is worth keeping beside
 *
 * 'size' is SOW_MEMORY_BYTES at most.
 */
#define SOW_MEMORY_BYTES 2512
#define SOW_MEMORY_GRID (UINT64_C(1) << 22)

struct sow_memory {
    void *self;
    uint64_t (*find)(void *self, const uint8_t key[SOW_DIGEST_BYTES],
                     uint64_t at, void *bytes, size_t size);
    void (*keep)(void *self, const uint8_t key[SOW_DIGEST_BYTES], uint64_t at,
                 uint64_t from, const void *bytes, size_t size);
};

/*
 * A sequence, or a root key.  'key' is a digest of all that it gives.
 * 'memory', or NULL, is borrowed; set it after sow_start_…().  'words' is the
 * state, as the generator wants it.
 */
#define SOW_START_WORDS 640

struct sow_start {
    const struct sow_generator *generator;
    uint64_t seed;
    uint8_t key[SOW_DIGEST_BYTES];
    const struct sow_memory *memory;
    uint32_t words[SOW_START_WORDS];
};

/*
 * Start 'generator', which isn't sow1, from a seed.  Returns SOW_BAD_PARAMETER,
 * error.at "seed", when the library would not take it.
 */
SOW_MUST_CHECK enum sow_status
sow_start_seed(struct sow_start *start, const struct sow_generator *generator,
               uint64_t seed, struct sow_error *error);

/*
 * The bytes of a state, 0 for a generator that has none:
 *
 *   torch  5056, what torch.get_rng_state() gives
 *   numpy  of a Generator 48, little-endian: 'state' and 'inc' with 16 bytes
 *          each, has_uint32 with 4, uinteger with 4, 8 of 0; of a RandomState
 *          2520: 624 words of 'key', pos with 4, has_gauss with 4, gauss with
 *          8, 8 of 0
 *   jax    8, the two words of a key
 */
size_t sow_state_size(const struct sow_generator *generator);

/*
 * Start from a state of sow_state_size() bytes.  Returns SOW_BAD_PARAMETER,
 * error.at "state", for one that the library could never have given.
 */
SOW_MUST_CHECK enum sow_status
sow_start_state(struct sow_start *start, const struct sow_generator *generator,
                const uint8_t *bytes, struct sow_error *error);

/*
 * Write the state that the generator is in where 'tensor' begins (one without
 * elements will do).  Returns SOW_NEEDS_WHOLE when the tensor needs one and has
 * none, and SOW_BAD_PARAMETER for a generator without states.
 */
SOW_MUST_CHECK enum sow_status sow_state_write(const struct sow_engine *engine,
                                               const struct sow_tensor *tensor,
                                               uint8_t *bytes);

/*
 * Where a tensor's draws begin.  For sow1 all is 0.
 *
 * Of a sequence: 'at' is the steps since the end of turn 'after', or since the
 * start where that is NULL: words of 32 bits of MT19937, of 64 of PCG64.  Some
 * generators draw two values at once and keep the second for the next one who
 * asks: 'kept' is the 'at' at which the draw began whose second value is kept,
 * SOW_KEPT_NONE, or SOW_KEPT_BEFORE for what the start or the turn has left.
 * Where a state shows that value even when it has been given, SOW_KEPT_GIVEN is
 * added to its 'at' then, which is below.
 *
 * Of a generator with keys: 'key' is the tensor's own.
 */
#define SOW_KEPT_NONE UINT64_MAX
#define SOW_KEPT_BEFORE (UINT64_MAX - 1)
#define SOW_KEPT_GIVEN (UINT64_C(1) << 62)

struct sow_origin {
    const struct sow_start *start;
    const struct sow_turn *after;
    uint64_t at;
    uint64_t kept;
    uint32_t key[2];
};

/* The beginning of the sequence, or the root key. */
struct sow_origin sow_origin_begin(const struct sow_start *start);

/* Pass 'steps' over.  Returns SOW_BAD_RANGE past SOW_MAX_STEPS. */
#define SOW_MAX_STEPS (UINT64_C(1) << 44)

SOW_MUST_CHECK enum sow_status sow_origin_skip(struct sow_origin *origin,
                                               uint64_t steps);

/* Does how much 'tensor' draws depend on what it draws? */
bool sow_tensor_is_turn(const struct sow_tensor *tensor);

/*
 * Where the next one begins.  Of a turn it points at 'turn', which must outlive
 * it; otherwise 'turn' is not looked at.
 */
struct sow_origin sow_origin_next(const struct sow_tensor *tensor,
                                  const struct sow_turn *turn);

/*
 * What names the sequence up to the last turn before 'origin', or up to its
 * start: with 'at' and 'kept' all that values depend on.
 */
const uint8_t *sow_origin_chain(const struct sow_origin *origin);

/* ------------------------------------------------------------------------
 * Keys, of JAX's generators
 */

/*
 * Child 'index' of 'count': jax.random.split(key, count)[index].  In the
 * original layout 'count' is below 2^31.
 */
void sow_key_split(const struct sow_generator *generator, const uint32_t key[2],
                   uint64_t count, uint64_t index, uint32_t child[2]);

/* jax.random.fold_in(key, data) */
void sow_key_fold_in(const uint32_t key[2], uint32_t data, uint32_t child[2]);

/*
 * The key with which Flax's linen makes a parameter: the 'counter'th, from 1,
 * of the scope at 'path', whose names have dots between them ("" for the top).
 */
void sow_key_linen(const uint32_t root[2], const char *path, uint32_t counter,
                   uint32_t child[2]);

#endif
