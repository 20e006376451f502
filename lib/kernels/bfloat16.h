/* SPDX-License-Identifier: MIT */
/*
 * Normal numbers for who keeps the first 8 of their bits: sow1_normal_f32()
 * with fewer terms, and a bound of how far it is from the full one.
 */
#ifndef BFLOAT16_H
#define BFLOAT16_H

#include "kernels/kernels.h"

#define SOW_BFLOAT16_ROWS 15
#define SOW_BFLOAT16_TERMS 6

/*
 * Rows in place of the first of sow1_normal_f32_table, for tails of 2^16 and
 * more.  The full value and this one, both by the operations of
 * sow1_normal_f32(), differ by less than LACK - 1 parts of 2^24; also if this
 * one's tail is too small by the half that is added there.  So do their
 * products with a std of the laws below, which bounds bring no further apart;
 * and rounding those to float32 leaves the bits of the two less than LACK
 * apart.
 */
#define SOW_BFLOAT16_LACK 66

/*
 * A value's bits and this carry into the high half as rounding does, unless the
 * low half comes out as less than IN_DOUBT.
 */
#define SOW_BFLOAT16_ROUNDING (0x8000 + SOW_BFLOAT16_LACK)
#define SOW_BFLOAT16_IN_DOUBT (2 * SOW_BFLOAT16_LACK + 1)

extern const float sow_bfloat16_table[SOW_BFLOAT16_ROWS][SOW_BFLOAT16_TERMS];

/*
 * Whether that holds for a law's values: they are products alone, as the mean
 * is 0, and neither subnormal nor infinite.
 */
bool sow_bfloat16_takes(const struct sow_normal_f32 *law);

#endif
