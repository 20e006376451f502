/* SPDX-License-Identifier: MIT */
/*
 * What is so odd about a tensor of a model that it may be a mistake, as far as
 * that is seen at once: no value is drawn.
 */
#ifndef FORMATS_WARNINGS_H
#define FORMATS_WARNINGS_H

#include "formats/text.h"
#include "spec.h"

/*
 * The first tensor from 'from' on that there is a warning of; the count of
 * the model's tensors when there is none.
 */
size_t warnings_next(const struct sow_engine *engine, const struct model *model,
                     size_t from);

/* Has the answer's body warnings?  Its format may not have them at all. */
bool warnings_any(const struct api_exchange *exchange);

/* Add the warning, an object; there is one. */
void warnings_put(const struct sow_engine *engine, const struct model *model,
                  size_t i, struct text *text);

#endif
