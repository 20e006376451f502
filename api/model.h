/* SPDX-License-Identifier: MIT */
/*
 * Building a model ('struct model' of spec.h): room for so many tensors and
 * their names, the names one by one, then sizes and uniqueness.
 */
#ifndef MODEL_H
#define MODEL_H

#include "spec.h"

/*
 * Room for 'count' tensors, at least one, and for 'name_bytes' of names with
 * their final NULs.  Returns PROBLEM_INTERNAL, with nothing to release, when
 * out of memory.
 */
enum problem_code model_init(struct model *model, size_t count,
                             size_t name_bytes, struct problem *problem);

/*
 * Lay the tensors end to end.  Returns PROBLEM_TOO_LARGE when that passes
 * 2^63 - 1 bytes.
 */
enum problem_code model_lay_out(struct model *model, struct problem *problem);

/*
 * Check that no two tensors have one name.  Returns PROBLEM_DUPLICATE_NAME,
 * 'problem' untouched and '*duplicate' the second of the earliest two.
 */
enum problem_code model_check_names(const struct model *model,
                                    size_t *duplicate, struct problem *problem);

/*
 * The tensor called 'name', or NULL.  'sorted' is what model_sort() made.
 */
const struct sow_tensor *model_find(const struct sow_tensor *const *sorted,
                                    size_t count, const char *name);

/* The tensors by name: an array that is the caller's; NULL without memory. */
const struct sow_tensor **model_sort(const struct model *model);

#endif
