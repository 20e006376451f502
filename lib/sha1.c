/* SPDX-License-Identifier: MIT */
/* SHA-1, by nettle. */
#include "sha1.h"

#include <nettle/sha1.h>

_Static_assert(SOW_SHA1_BYTES == SHA1_DIGEST_SIZE, "digests are of 20 bytes");

void sow_sha1(const void *bytes, size_t n, const void *more, size_t m,
              uint8_t digest[SOW_SHA1_BYTES])
{
    struct sha1_ctx hash;

    sha1_init(&hash);
    sha1_update(&hash, n, bytes);
    sha1_update(&hash, m, more);
    sha1_digest(&hash, SOW_SHA1_BYTES, digest);
}
