/* SPDX-License-Identifier: MIT */
/* SHA-256: the one home of nettle. */
#include "sha256.h"

#include <nettle/sha2.h>

_Static_assert(sizeof(struct sow_sha256) >= sizeof(struct sha256_ctx),
               "sow_sha256 holds nettle's state");
_Static_assert(SOW_DIGEST_BYTES == SHA256_DIGEST_SIZE,
               "digests are of 32 bytes");

void sow_sha256_start(struct sow_sha256 *hash)
{
    sha256_init((void *)hash->state);
}

void sow_sha256_add(struct sow_sha256 *hash, const void *bytes, size_t n)
{
    sha256_update((void *)hash->state, n, bytes);
}

void sow_sha256_finish(struct sow_sha256 *hash,
                       uint8_t digest[SOW_DIGEST_BYTES])
{
    sha256_digest((void *)hash->state, SOW_DIGEST_BYTES, digest);
}
