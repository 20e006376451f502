/* SPDX-License-Identifier: MIT */
/*
 * The canonical recipe: what was asked for with everything filled in, as JSON
 * with sorted keys and no white space.  Two requests with one recipe are one
 * request, whatever aliases or defaults they were written with.
 *
 *     {"generator":"sow1","tensors":[
 *       {"axes":{"batch":[],"in":[1],"out":[0]},"dtype":"float32","name":"w",
 *        "scheme":{"a":0,…,"name":"kaiming_normal"},"seed":"42",
 *        "shape":[512,256],"slice":null}]}
 *
 * (keys sorted, also inside 'scheme', and all on one line).  'axes' is null
 * for a tensor without fans; a multiplier other than 1 stands before the name.
 * A tensor whose values depend on data has the digest of all that they follow
 * from (stack.h) as "data", after the axes.
 * Numbers are written as number_write_f64() does.
 *
 * 'generator' is the full name.  A tensor of one other than sow1 has after its
 * name where it begins (struct sow_origin): "origin":{"at":"600","chain":"<64
 * hexadecimal digits>","kept":null}, with "before" or a position in quotes for
 * a second value that is kept, or "origin":{"key":[0,42]}.
 */
#ifndef RECIPE_H
#define RECIPE_H

#include "formats/text.h"
#include "spec.h"

/* Add the recipe of one tensor, without the generator. */
void recipe_put_tensor(struct text *text, const struct sow_tensor *tensor);

/*
 * The BLAKE2b-256 of the model's whole recipe ('Sow-Recipe').  Returns
 * PROBLEM_INTERNAL when out of memory.
 */
enum problem_code recipe_digest(const struct model *model,
                                uint8_t digest[SOW_DIGEST_BYTES],
                                struct problem *problem);

/*
 * The BLAKE2b-256 of the recipe of one tensor by itself: the key under which
 * its digest is remembered.
 */
enum problem_code recipe_tensor_digest(const struct sow_tensor *tensor,
                                       uint8_t digest[SOW_DIGEST_BYTES],
                                       struct problem *problem);

#endif
