/* SPDX-License-Identifier: MIT */
/*
 * Threefry-2x32 with 20 rounds, the counter-based generator of Salmon, Moraes,
 * Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), as
 * JAX's keys use it.
 */
#ifndef THREEFRY_H
#define THREEFRY_H

#include <stdint.h>

#define THREEFRY_PARITY 0x1BD11BDAu

/* By how much each of four rounds rotates; these two take turns. */
#define THREEFRY_EVEN 13, 15, 26, 6
#define THREEFRY_ODD 17, 29, 16, 24

static inline void threefry_rounds(uint32_t x[2], const int rotate[4])
{
    for (int i = 0; i < 4; i++) {
        x[0] += x[1];
        x[1] = x[1] << rotate[i] | x[1] >> (32 - rotate[i]);
        x[1] ^= x[0];
    }
}

/* Encrypt the two words of 'x' in place under 'key'. */
static inline void threefry(const uint32_t key[2], uint32_t x[2])
{
    static const int rotate[2][4] = {{THREEFRY_EVEN}, {THREEFRY_ODD}};
    const uint32_t keys[3] = {key[0], key[1],
                              key[0] ^ key[1] ^ THREEFRY_PARITY};

    x[0] += keys[0];
    x[1] += keys[1];
    for (uint32_t i = 1; i <= 5; i++) {
        threefry_rounds(x, rotate[(i - 1) % 2]);
        x[0] += keys[i % 3];
        x[1] += keys[(i + 1) % 3] + i;
    }
}

#endif
