/* SPDX-License-Identifier: MIT */
/* The formats that float32 is rounded to; for lib/ only. */
#ifndef CONVERT_H
#define CONVERT_H

#include "sow.h"

/*
 * A binary format narrower than float32: 'mantissa' bits after the point, an
 * exponent bias, and what is written for overflow and NaN.
 */
struct narrow_format {
    int mantissa;
    int bias;
    uint32_t largest;  /* the largest finite magnitude */
    uint32_t overflow; /* what passes it, and what is infinite */
    uint32_t nan;
};

/* The format of a type of one or two bytes. */
const struct narrow_format *sow_dtype_format(enum sow_dtype dtype);

#endif
