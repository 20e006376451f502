/* SPDX-License-Identifier: MIT */
/*
 * What is done with secrets: comparing, forgetting and signing with them.
 */
#ifndef SECRET_H
#define SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of an Ed25519 seed (the private key) and public key. */
#define SOW_KEY_BYTES 32

/* Bytes of an Ed25519 signature. */
#define SOW_SIGNATURE_BYTES 64

/*
 * Are 'n' bytes the same?  How long it takes depends on 'n' alone, so that
 * nothing can be learned from it about where they differ.
 */
bool sow_secret_equal(const void *a, const void *b, size_t n);

/* Overwrite 'n' bytes, in a way that no compiler leaves out. */
void sow_secret_clear(void *bytes, size_t n);

/* A key pair.  Whoever holds one ends with sow_secret_clear() on it. */
struct sow_signer {
    uint8_t secret[2 * SOW_KEY_BYTES]; /* the seed, then the public key */
};

/* The key pair of a seed (RFC 8032, 5.1.5), which is 32 random bytes. */
void sow_signer_init(struct sow_signer *signer,
                     const uint8_t seed[SOW_KEY_BYTES]);

/* The public key; lives as long as 'signer'. */
const uint8_t *sow_signer_public(const struct sow_signer *signer);

/* Sign 'n' bytes with Ed25519.  The same bytes give the same signature. */
void sow_signer_sign(const struct sow_signer *signer, const void *bytes,
                     size_t n, uint8_t signature[SOW_SIGNATURE_BYTES]);

#endif
