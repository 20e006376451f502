/* SPDX-License-Identifier: MIT */
/* Digest fields of RFC 9530. */
#ifndef REPR_H
#define REPR_H

#include "api.h"

/* Does the request's Want-Repr-Digest ask for SHA-256? */
bool repr_wanted(const struct api_request *request);

/* Room for the value of a Repr-Digest field. */
#define REPR_VALUE 64

/* Write a SHA-256 as the value of a Repr-Digest field. */
void repr_write(const uint8_t sha256[SOW_DIGEST_BYTES], char out[REPR_VALUE]);

#endif
