/* SPDX-License-Identifier: MIT */
/* Files in the work: for work.c and work_want.c. */
#ifndef WORK_FILES_H
#define WORK_FILES_H

#include "spec.h"
#include "work.h"

/* Want the SHA-256 of the answer's own body. */
void work_add_own(struct work *work, const struct sow_body *body);

/*
 * Recall what is remembered, and mark the tensors of the files that are to be
 * hashed.
 */
enum problem_code work_mark_files(struct api_exchange *exchange,
                                  struct problem *problem);

/* Refuses with PROBLEM_DIGEST_TOO_LARGE. */
enum problem_code work_check_files(const struct api_exchange *exchange,
                                   struct problem *problem);

/*
 * The place in the model of a segment's tensor; past its end for literal bytes
 * and tensors that aren't the model's.
 */
static inline size_t work_place(const struct model *model,
                                const struct sow_segment *segment)
{
    uintptr_t start = (uintptr_t)model->tensors;
    uintptr_t tensor = (uintptr_t)segment->tensor;

    return tensor >= start ? (tensor - start) / sizeof *model->tensors
                           : SIZE_MAX;
}

/* Room for what is wanted of tensors, zeroed; false when out of memory. */
bool work_make_items(struct work *work, size_t count);

#endif
