/* SPDX-License-Identifier: MIT */
/* What the generators of numpy.random share (numpy.md); for lib/ only. */
#ifndef NUMPY_H
#define NUMPY_H

#include "generators/drawing.h"
#include "generators/mt19937.h"
#include "generators/pcg64.h"

/* Of a Generator what PCG64 has of these; 0 is plain. */
enum sow_numpy_variant {
    SOW_NUMPY_PCG64 = 0,
    SOW_NUMPY_DXSM = 1,
    SOW_NUMPY_ROUNDED = 2,
    SOW_NUMPY_RANDOMSTATE = 4,
};

/*
 * RandomState's normals from here on.  Of one that waits, 'x' times the factor
 * of 'square' is the value, or where that is 0 'x' itself.
 */
struct sow_polar {
    struct sow_mt mt;
    bool waits;
    double x, square;
};

/* A place in the draws of 'tensor', on its way forward. */
struct sow_numpy_cursor {
    const struct sow_engine *engine;
    const struct sow_tensor *tensor;
    struct sow_place begin;
    union {
        struct sow_pcg64 pcg;
        struct sow_polar polar;
    };
};

/*
 * How one of the two families moves a cursor:
 *
 *   begin   'engine', 'tensor' and 'begin' are set: set what is the family's
 *   pass    pass 'count' elements over
 *   draw    write 'count' standard draws, in the tensor's element type
 *   mark    twice the steps since the beginning, and 1 if a value waits
 *   end     where the cursor is, which isn't used any more
 *
 * 'steps' is how many the draw takes whose second value may wait.
 */
struct sow_numpy_family {
    void (*begin)(struct sow_numpy_cursor *cursor);
    void (*pass)(struct sow_numpy_cursor *cursor, uint64_t count);
    void (*draw)(struct sow_numpy_cursor *cursor, void *out, size_t count);
    uint64_t (*mark)(const struct sow_numpy_cursor *cursor);
    void (*end)(struct sow_numpy_cursor *cursor, struct sow_place *place);
    uint64_t steps;
};

extern const struct sow_numpy_family sow_numpy_family;  /* numpy.c */
extern const struct sow_numpy_family sow_legacy_family; /* numpy_legacy.c */

/* ------------------------------------------------------------------------
 * numpy_turn.c: whole tensors, by their family
 */

/* Is 'tensor' drawn from the normal law? */
bool sow_numpy_is_normal(const struct sow_tensor *tensor);

/*
 * The end of a drawing's resolve: set law.fill and its numbers; 'turn', 'steps'
 * and 'kept' are set.  Normals are turns, and so that they can be read from
 * anywhere it is marked where each few thousand of them begin.
 */
void sow_numpy_need(struct sow_tensor *tensor);

/* A drawing's finish. */
bool sow_numpy_finish(const struct sow_engine *engine,
                      const struct sow_tensor *turn,
                      const struct sow_place *from, struct sow_place *end,
                      void *scratch, bool (*stop)(void *argument),
                      void *argument);

/* ------------------------------------------------------------------------
 * numpy_state.c: PCG64 as struct sow_drawing has it
 */

#define SOW_NUMPY_PCG64_STATE 48

enum sow_status sow_numpy_seed(struct sow_start *start,
                               struct sow_error *error);
enum sow_status sow_numpy_load(struct sow_start *start, const uint8_t *bytes,
                               struct sow_error *error);
void sow_numpy_save(const struct sow_engine *engine,
                    const struct sow_tensor *tensor, uint8_t *bytes);
void sow_numpy_begin(struct sow_origin *origin);
void sow_numpy_first(const struct sow_start *start, struct sow_place *place);
uint64_t sow_numpy_kept(const struct sow_engine *engine,
                        const struct sow_start *start, uint64_t at);

/* PCG64 at 'place', its 'steps' 0. */
struct sow_pcg64 sow_numpy_at(const struct sow_start *start,
                              const struct sow_place *place);

/* Little-endian words, from bytes and to bytes. */
void sow_numpy_words(const uint8_t *bytes, uint32_t *words, size_t n);
void sow_numpy_bytes(const uint32_t *words, size_t n, uint8_t *bytes);

#endif
