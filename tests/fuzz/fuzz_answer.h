/* SPDX-License-Identifier: MIT */
/* A request to an API, and what must hold of any answer. */
#ifndef FUZZ_ANSWER_H
#define FUZZ_ANSWER_H

#include "api.h"

/* Bytes of a body that are kept. */
#define FUZZ_KEPT ((size_t)1 << 16)

/* 'bytes' are the first 'kept' of the body. */
struct fuzz_answer {
    unsigned status;
    uint64_t size;
    uint8_t *bytes;
    size_t kept;
};

/*
 * Ask, check the answer, and read its body in pieces of so many bytes.  The
 * caller frees 'bytes'.
 */
struct fuzz_answer fuzz_ask(struct api *api, const struct api_request *request,
                            size_t piece);

#endif
