/* SPDX-License-Identifier: MIT */
/*
 * BLAKE2b in pieces, with a personalisation string; for lib/, and for what of
 * api/ hashes more than it holds.
 */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

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

#endif
