/* SPDX-License-Identifier: MIT */
/*
 * What a library's generator provides; for lib/ only.  One constant per family
 * of generators, which its rows in table.c point at.
 */
#ifndef DRAWING_H
#define DRAWING_H

#include "sow.h"

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

/* torch.c, numpy.c, jax.c */
extern const struct sow_drawing sow_torch_drawing;
extern const struct sow_drawing sow_numpy_drawing;
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
