/* SPDX-License-Identifier: MIT */
/* Secrets: the second home of libsodium, beside digests. */
#include "secret.h"

#include <sodium.h>

_Static_assert(sizeof(struct sow_signer) == crypto_sign_SECRETKEYBYTES,
               "libsodium's secret key");
_Static_assert(SOW_KEY_BYTES == crypto_sign_SEEDBYTES, "a seed");
_Static_assert(SOW_SIGNATURE_BYTES == crypto_sign_BYTES, "a signature");

bool sow_secret_equal(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}

void sow_secret_clear(void *bytes, size_t n)
{
    sodium_memzero(bytes, n);
}

/* libsodium's calls on Ed25519 can't fail with a key that it made. */
void sow_signer_init(struct sow_signer *signer,
                     const uint8_t seed[SOW_KEY_BYTES])
{
    uint8_t public[SOW_KEY_BYTES];

    (void)crypto_sign_seed_keypair(public, signer->secret, seed);
}

const uint8_t *sow_signer_public(const struct sow_signer *signer)
{
    return signer->secret + SOW_KEY_BYTES;
}

void sow_signer_sign(const struct sow_signer *signer, const void *bytes,
                     size_t n, uint8_t signature[SOW_SIGNATURE_BYTES])
{
    (void)crypto_sign_detached(signature, NULL, bytes, n, signer->secret);
}
