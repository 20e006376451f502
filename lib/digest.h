/* SPDX-License-Identifier: MIT */
/*
 * BLAKE2b in pieces, with a personalisation string; for lib/, and for what of
 * api/ hashes more than it holds.
 */
#ifndef DIGEST_H
#define DIGEST_H

#include "sow.h"

/* A hash under way; opaque here, so that libsodium stays in digest.c. */
struct sow_hash {
    _Alignas(64) uint8_t state[384];
};

/*
 * Start a hash of 'size' bytes, 16 to 64.  'person' is at most 16 characters,
 * padded with zero bytes; NULL is all zero, which is plain BLAKE2b.
 */
void sow_hash_start(struct sow_hash *hash, size_t size, const char *person);

void sow_hash_add(struct sow_hash *hash, const void *bytes, size_t n);

/* Write the hash; 'size' is the one it was started with. */
void sow_hash_finish(struct sow_hash *hash, uint8_t *out, size_t size);

/*
 * Bytes that come in pieces: 'next' sets '*bytes' and '*n' to the next piece,
 * which lasts until it is called again; '*n' is 0 at the end.
 */
struct sow_pieces {
    enum sow_status (*next)(void *self, const void **bytes, size_t *n);
    void *self;
};

/*
 * sow_body_digests() of bytes in pieces: either digest may be NULL, and what
 * 'next' returns, if it isn't SOW_OK, this returns, with both untouched.
 */
SOW_MUST_CHECK enum sow_status
sow_pieces_digests(const struct sow_pieces *pieces,
                   uint8_t blake2b[SOW_DIGEST_BYTES],
                   uint8_t sha256[SOW_DIGEST_BYTES]);

#endif
