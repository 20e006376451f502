/* SPDX-License-Identifier: MIT */
/* Floating-point numbers as JSON text. */

#ifndef FORMATS_NUMBER_H
#define FORMATS_NUMBER_H

#include <stddef.h>

/* Room for the text of any number, in bytes. */
#define NUMBER_MAX 32

/* Write a float as a JSON number and return the length of its text, which
   is not NUL-terminated; the rest of out may be overwritten too.  The value
   must be finite.

   The digits are the fewest that give back the same float, whether the
   reader makes a float of the text or first a double and of that a float;
   among those, the closest to the value (ties to an even last digit).  The
   text is positional ("0.00123", "12.5", "12300") or scientific ("1.23e-5",
   "1e22"), whichever is shorter, positional if both are as long.  Integers
   have no fraction ("1", "0"), but negative zero is "-0.0", as a reader
   that makes an integer of "-0" would lose its sign. */
size_t number_write_f32(float value, char out[static NUMBER_MAX]);

/* The same for a double, which the text gives back exactly. */
size_t number_write_f64(double value, char out[static NUMBER_MAX]);

/* Write n of them, each with a comma after it, and return the end.  There
   must be room for n * (NUMBER_MAX + 1) bytes. */
char *number_list_f32(const float *values, size_t n, char *out);
char *number_list_f64(const double *values, size_t n, char *out);

#endif
