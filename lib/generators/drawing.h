/* SPDX-License-Identifier: MIT */
/*
 * What a library's generator provides; for lib/ only.  One constant per family
 * of generators, which its rows in table.c point at.
 */
#ifndef DRAWING_H
#define DRAWING_H

#include "sow.h"

/*
 * A place in a sequence: 'at' is in steps since the start, and 'kept' is 1 when
 * there is a value that the next one who asks for a small draw gets, which is
 * 'value', in the generator's own way; 0 when there is none, though a state may
 * show the 'value' that was given last (SOW_KEPT_GIVEN).
 */
struct sow_place {
    uint64_t at;
    uint64_t kept;
    uint64_t value;
};

struct sow_drawing {
    /* Set start->words from start->seed. */
    enum sow_status (*seed)(struct sow_start *start, struct sow_error *error);

    /* sow_state_size(), and sow_start_state() on start->words. */
    size_t state_size;
    enum sow_status (*load)(struct sow_start *start, const uint8_t *bytes,
                            struct sow_error *error);
    /* sow_state_write(); the tensor has its whole if it needs one. */
    void (*save)(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, uint8_t *bytes);

    /* sow_origin_begin(): set all but 'start', which is set; it is all 0. */
    void (*begin)(struct sow_origin *origin);

    /*
     * For chain.c; NULL for generators with keys:
     *
     *   first   set what the start has kept: place->kept and place->value
     *   kept    the value that the draw at step 'at' since the start left
     *   finish  draw 'turn' from 'begin' to its end, only to learn where that
     *           is; 'scratch' has its law.scratch bytes; false when 'stop' says
     *           so
     */
    void (*first)(const struct sow_start *start, struct sow_place *place);
    uint64_t (*kept)(const struct sow_engine *engine,
                     const struct sow_start *start, uint64_t at);
    bool (*finish)(const struct sow_engine *engine,
                   const struct sow_tensor *turn, const struct sow_place *begin,
                   struct sow_place *end, void *scratch,
                   bool (*stop)(void *argument), void *argument);

    /*
     * Let 'tensor' be drawn as the library draws its scheme, which has been
     * resolved for sow1 and is one of the library's: replace 'law', with 'fill'
     * and what that reads in 'numbers' and 'counts'; set 'turn', or else
     * 'steps' and 'kept'; and where something must be known first 'prepare',
     * 'doubles', 'units' and 'flops'.  Correct 'std' where it differs.  Returns
     * SOW_BAD_SCHEME or SOW_BAD_PARAMETER, saying why and naming the nearest
     * that can be exact, when the bits can't be the library's.
     *
     * Also asked for a tensor of constants without elements, of which only
     * what its origin needs is wanted (sow_state_write()).
     */
    enum sow_status (*resolve)(struct sow_tensor *tensor,
                               struct sow_error *error);
};

/* ------------------------------------------------------------------------
 * chain.c: where a tensor of a sequence begins
 *
 * Where nothing but steps that are known lies between the start and a tensor,
 * that follows from its origin.  After a turn it takes a whole, whose first
 * SOW_PLACE_DOUBLES numbers are the place where the tensor begins, and of a
 * turn the next as many are the place where it ends: set law.prepare to
 * sow_chain_prepare, or to a function of your own that calls
 * sow_chain_begin() and sow_chain_end().
 *
 * Turns say in law.kept what they leave: SOW_KEPT_NONE, 0 for a value,
 * SOW_KEPT_BEFORE for what they have found, or SOW_KEPT_UNKNOWN.  From that
 * sow_chain_need() sets law.keeps, so that nobody walks along the turns to
 * know.
 */
#define SOW_PLACE_DOUBLES 3
#define SOW_KEPT_UNKNOWN (UINT64_MAX - 2)

enum sow_kept { SOW_KEEPS_NOTHING, SOW_KEEPS_ONE, SOW_MAY_KEEP };

/* Is a value kept at 'origin', as far as is known before turns are drawn? */
enum sow_kept sow_chain_kept(const struct sow_origin *origin);

/*
 * A sow_preparer: find where the tensor begins, and of a turn where it ends, by
 * the drawing's 'finish'.  The first resolves what a tensor needs for it: where
 * its origin is after a turn, or it is a turn itself, it sets 'prepare',
 * 'doubles', 'units', 'flops' and 'before' and lets 'scratch' be enough for the
 * turns before it, too; otherwise it does nothing.
 */
void sow_chain_need(struct sow_tensor *tensor);
bool sow_chain_prepare(const struct sow_engine *engine,
                       const struct sow_tensor *tensor, uint32_t unit,
                       double *whole, void *scratch,
                       bool (*stop)(void *argument), void *argument);

/*
 * Find where 'tensor' begins and write it to whole[0 … 2], too: back to the
 * nearest turn whose end the memory knows, or to the start, and forward from
 * there.  False when 'stop' says so.
 */
bool sow_chain_begin(const struct sow_engine *engine,
                     const struct sow_tensor *tensor, double *whole,
                     struct sow_place *place, void *scratch,
                     bool (*stop)(void *argument), void *argument);

/* Write where a turn ends to whole[3 … 5], and tell the memory. */
void sow_chain_end(const struct sow_tensor *turn, double *whole,
                   const struct sow_place *end);

/*
 * Where 'tensor' begins, from its whole if it needs one: the steps since the
 * start, or all of it, which may draw the value that is kept.
 */
uint64_t sow_chain_at(const struct sow_tensor *tensor);
struct sow_place sow_chain_place(const struct sow_engine *engine,
                                 const struct sow_tensor *tensor);

/* torch.c, numpy.c, numpy_legacy.c, jax.c */
extern const struct sow_drawing sow_torch_drawing;
extern const struct sow_drawing sow_numpy_drawing;
extern const struct sow_drawing sow_randomstate_drawing;
extern const struct sow_drawing sow_jax_drawing;

/*
 * Let 'tensor' be drawn by the generator of its origin; called when it is
 * resolved for sow1.  Constants stay as they are, and take no steps.
 */
enum sow_status sow_drawing_resolve(struct sow_tensor *tensor,
                                    struct sow_error *error);

/* Refuse a tensor that draws beyond SOW_MAX_STEPS. */
enum sow_status sow_drawing_check(const struct sow_tensor *tensor,
                                  struct sow_error *error);

#endif
