/* SPDX-License-Identifier: MIT */
/* SHA-256 by the processor's own instructions, where it has them; for lib/. */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "sow.h"

/*
 * A hash under way: plain data that may be copied, to go on from there more
 * than once.  Opaque here, so that nettle stays in sha256.c.
 */
struct sow_sha256 {
    _Alignas(16) uint8_t state[128];
};

void sow_sha256_start(struct sow_sha256 *hash);

void sow_sha256_add(struct sow_sha256 *hash, const void *bytes, size_t n);

/* Write the digest; 'hash' must be started again after that. */
void sow_sha256_finish(struct sow_sha256 *hash,
                       uint8_t digest[SOW_DIGEST_BYTES]);

#endif
