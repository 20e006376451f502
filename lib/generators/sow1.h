/* SPDX-License-Identifier: MIT */
/*
 * Generator sow1: from a seed, a label and a name to a stream of words, and
 * from a word to a value.  sow1.md is the specification; this is its one
 * scalar implementation, from which the portable kernels are made.
 */
#ifndef SOW1_H
#define SOW1_H

#include "sow.h"

/* The least words of 32 bits that a truncated normal may choose from. */
#define SOW1_LEAST_WORDS (UINT64_C(1) << 20)

/* Coefficients in a row of the normal tables, and rows. */
#define SOW1_F32_TERMS 9
#define SOW1_F32_ROWS 32
#define SOW1_F64_TERMS 21
#define SOW1_F64_ROWS 53

/*
 * normal_f32.inc and normal_f64.inc; row r is for tails in [2^-(r+2),
 * 2^-(r+1)).
 */
extern const float sow1_normal_f32_table[SOW1_F32_ROWS][SOW1_F32_TERMS];
extern const double sow1_normal_f64_table[SOW1_F64_ROWS][SOW1_F64_TERMS];

/*
 * The stream of a tensor: 'label' is "value" for the values themselves; what
 * needs a second draw has a label of its own.
 */
void sow1_stream(uint64_t seed, const char *label, const char *name,
                 struct sow_stream *stream);

/* The standard normal of a word of 32 bits. */
float sow1_normal_f32(uint32_t word);

/* The standard normal of a word of 53 bits, in the low bits. */
double sow1_normal_f64(uint64_t word);

/*
 * The words of 'bits' bits (32 or 53) whose standard normals lie in
 * [low, high], in ascending order of the normal: the first's rank, and how
 * many.  The rank of word w is w + 2^(bits-1) modulo 2^bits.
 */
void sow1_truncate(double low, double high, unsigned bits, uint64_t *first,
                   uint64_t *count);

#endif
