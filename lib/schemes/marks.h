/* SPDX-License-Identifier: MIT */
/*
 * Marks: what isn't 0 in a tensor that is 0 but in few places, on a lattice.
 * Reading then costs what memset() does, and a little for each mark.  For
 * lib/schemes/ only, by rules whose law.make is set, which stays the
 * definition of every element.
 */
#ifndef MARKS_H
#define MARKS_H

#include "sow.h"

/*
 * Let 'marks', which have all that isn't 0, be read in place of law.make.
 * Nothing happens when the tensor is empty, or when they are so close that
 * this wouldn't pay.
 */
void sow_marks_set(struct sow_tensor *tensor, const struct sow_marks *marks);

/* The taps with marks: index length / 2, or (length - 1) / 2, of each axis. */
enum sow_mark_taps { SOW_EVERY_TAP, SOW_CENTRE_TAP, SOW_LOWER_CENTRE_TAP };

/*
 * sow_marks_set() for marks on these taps, where output and input are the same
 * if they are 'paired', and anywhere along the batch axes.  Nothing happens,
 * too, when this makes no lattice, as with two axes of inputs that are paired.
 */
void sow_marks_sides(struct sow_tensor *tensor, enum sow_mark_taps taps,
                     bool paired, bool equal);

#endif
