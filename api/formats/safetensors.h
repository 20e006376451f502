/* SPDX-License-Identifier: MIT */
/*
 * The header of a safetensors file: the length of the rest as 8 bytes,
 * little-endian, then JSON that gives each tensor's type, shape and place,
 * padded with spaces to a multiple of 8.  The tensors' bytes follow, in the
 * order of the header.
 *
 * The bytes are those that the safetensors library itself writes of these
 * tensors with {"format": "pt"} as metadata.
 *
 * A list of a model's tensors is an array of their positions in it, so that
 * one model may be cut into files.
 */
#ifndef FORMATS_SAFETENSORS_H
#define FORMATS_SAFETENSORS_H

#include "formats/text.h"
#include "problems.h"
#include "spec.h"

/* Bytes that the header may have after its length; the library's limit. */
#define SAFETENSORS_HEADER 100000000

/* What a header calls a type, such as "F32". */
const char *safetensors_dtype(enum sow_dtype dtype);

/*
 * Sort a list into the order of a file: by type, float64, float32, bfloat16,
 * float16, float8_e4m3fn, float8_e5m2; then by the bytes of the name.  Fails
 * when memory is short.
 */
enum problem_code safetensors_sort(const struct model *model, size_t *order,
                                   size_t count, struct problem *problem);

/*
 * Add the header of a list, which is in the order of the file, to 'text',
 * which grows and is empty.  A tensor without a name is called "tensor".
 * Refuses with PROBLEM_NOT_ACCEPTABLE a tensor called "__metadata__", and
 * with PROBLEM_TOO_LARGE a header that passes SAFETENSORS_HEADER; fails when
 * memory is short.  The caller ends 'text' in any case.
 */
enum problem_code safetensors_header(const struct model *model,
                                     const size_t *order, size_t count,
                                     struct text *text,
                                     struct problem *problem);

#endif
