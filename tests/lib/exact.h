/* SPDX-License-Identifier: MIT */
/*
 * The forward pass of a stack in float64, by its definition, and from it by
 * finite differences what the backward pass has to find.
 */
#ifndef EXACT_H
#define EXACT_H

#include "measured.h"

/* What a result says of gradients; mean squares. */
struct exact_gradients {
    double own, given; /* of what enters, by the layer itself; and dL/df */
    double entering;   /* with the skip */
    double weight;     /* of one sample */
};

/* What a result says of the forward pass. */
struct exact_signals {
    double q, m2, mean, m1;
};

struct exact;

/* Of a stack with a batch, which is read; exact_free() ends it. */
struct exact *exact_new(const struct measured *measured);
void exact_free(struct exact *exact);

/* Of layer 'i'; over the mean square of the output's gradient. */
struct exact_gradients exact_gradients(struct exact *exact, size_t i);
struct exact_signals exact_signals(struct exact *exact, size_t i);

#endif
