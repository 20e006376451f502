/* SPDX-License-Identifier: MIT */
/* Generators as JSON. */
#ifndef ROUTES_GENERATORS_H
#define ROUTES_GENERATORS_H

#include "formats/text.h"

/* Add a generator; with 'schemes' also what it draws. */
void generator_put_row(struct text *text, const struct sow_generator *generator,
                       bool schemes);

#endif
