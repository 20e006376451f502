/* SPDX-License-Identifier: MIT */
/*
 * A stored document: a recipe under a name, and the files that go with it.  It
 * is the body of a POST /v1/weights without what is about an answer ('format',
 * 'digest', 'final_state'), other tensors ('recipe', 'tensors'), data, or a
 * 'state', and may have
 *
 *     "files"        {"name": content, …}: a text; {"base64": "…"} for bytes;
 *                    or any other object or array, which is written as JSON.
 *                    If there is no config.json, 'config' becomes one.
 *     "shard_bytes"  what a file of weights may hold
 *
 * Once read it doesn't change: all threads may use it.
 */
#ifndef STORED_H
#define STORED_H

#include "spec.h"

/* Files that a document may have, and bytes of a name with its final NUL. */
#define STORED_FILES 64
#define STORED_NAME 97

/* Bounds of 'shard_bytes', and what it is when not given. */
#define STORED_SHARD_BYTES UINT64_C(5000000000)
#define STORED_SHARD_MOST UINT64_C(50000000000)

struct stored;

/*
 * Read a document of 'size' bytes; the caller ends it with stored_free().  The
 * files are checked, the model is not.
 */
enum problem_code stored_new(const struct api_limits *limits, const void *bytes,
                             size_t size, struct stored **stored,
                             struct problem *problem);

/* NULL is fine. */
void stored_free(struct stored *stored);

/* What replaces the document's own at its top, unless NULL. */
struct stored_change {
    const struct sow_generator *generator;
    const uint64_t *seed;
    const enum sow_dtype *dtype;
};

/*
 * The model, as a request for it would have it, but for 'change'; the caller
 * owns it.
 */
enum problem_code stored_model(const struct stored *stored,
                               const struct api_limits *limits,
                               const struct stored_change *change,
                               struct model *model, struct problem *problem);

/* The seed at its top, or 0; and the generator, or sow1. */
uint64_t stored_seed(const struct stored *stored);
const struct sow_generator *stored_generator(const struct stored *stored);

uint64_t stored_shard_bytes(const struct stored *stored);

/* The content of 'config', or NULL. */
const json_t *stored_config(const struct stored *stored);

/* The files, by name. */
size_t stored_file_count(const struct stored *stored);
const char *stored_file(const struct stored *stored, size_t i,
                        const void **bytes, size_t *size);

#endif
