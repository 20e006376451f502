/* SPDX-License-Identifier: MIT */
/* Draws of a sequence, one after another, as a library's user makes them. */
#ifndef TAPE_H
#define TAPE_H

#include "help.h"

#define TAPE_TURNS 16

/* A draw of 'count' elements; the scheme's first parameters are a and b. */
struct draw {
    const char *scheme;
    enum sow_dtype dtype;
    uint64_t count;
    double a, b;
};

/* 'origin' is where the next draw begins. */
struct tape {
    struct sow_start start;
    struct sow_origin origin;
    struct sow_turn turns[TAPE_TURNS];
    size_t count;
};

void tape_seed(struct tape *tape, const char *generator, uint64_t seed);
void tape_load(struct tape *tape, const char *generator, const uint8_t *state);

/* The spec of a draw from where the tape is. */
struct sow_spec tape_spec(const struct tape *tape, const struct draw *draw);

/* Go past 'tensor', which begins where the tape is. */
void tape_pass(struct tape *tape, const struct sow_tensor *tensor);

/* Draw, and go past it: its bytes, to be freed, and how many in 'size'. */
uint8_t *tape_draw(struct tape *tape, const struct sow_engine *engine,
                   const struct draw *draw, size_t *size);

/* The state where the tape is, to be freed, and its 'size'. */
uint8_t *tape_state(const struct tape *tape, const struct sow_engine *engine,
                    size_t *size);

#endif
