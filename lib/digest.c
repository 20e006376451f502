/* SPDX-License-Identifier: MIT */
/* Digests: the one home of libsodium. */
#include "digest.h"

#include <sodium.h>
#include <string.h>

#include "sha256.h"
#include "sow.h"

/* What a digest reads at a time: it stays in the second-level cache. */
#define BLOCK 65536

_Static_assert(sizeof(struct sow_hash) >=
                   sizeof(crypto_generichash_blake2b_state),
               "sow_hash holds a BLAKE2b state");

enum sow_status sow_init(void)
{
    return sodium_init() < 0 ? SOW_NO_LIBRARY : SOW_OK;
}

/*
 * libsodium's calls on BLAKE2b fail on impossible sizes only, hence the
 * results that are not looked at.
 */
void sow_hash_start(struct sow_hash *hash, size_t size, const char *person)
{
    uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES] = {0};

    if (person != NULL)
        memcpy(personal, person, strlen(person));
    (void)crypto_generichash_blake2b_init_salt_personal(
        (void *)hash->state, NULL, 0, size, NULL, personal);
}

void sow_hash_add(struct sow_hash *hash, const void *bytes, size_t n)
{
    (void)crypto_generichash_blake2b_update((void *)hash->state, bytes, n);
}

void sow_hash_finish(struct sow_hash *hash, uint8_t *out, size_t size)
{
    (void)crypto_generichash_blake2b_final((void *)hash->state, out, size);
}

void sow_digest(const void *bytes, size_t n, uint8_t digest[SOW_DIGEST_BYTES])
{
    struct sow_hash hash;

    sow_hash_start(&hash, SOW_DIGEST_BYTES, NULL);
    sow_hash_add(&hash, bytes, n);
    sow_hash_finish(&hash, digest, SOW_DIGEST_BYTES);
}

enum sow_status sow_body_digests(const struct sow_engine *engine,
                                 const struct sow_body *body,
                                 bool (*stop)(void *argument), void *argument,
                                 uint8_t blake2b[SOW_DIGEST_BYTES],
                                 uint8_t sha256[SOW_DIGEST_BYTES])
{
    uint8_t block[BLOCK];
    struct sow_hash hash;
    struct sow_sha256 sha;

    sow_hash_start(&hash, SOW_DIGEST_BYTES, NULL);
    sow_sha256_start(&sha);
    for (uint64_t pos = 0; pos < body->size;) {
        uint64_t left = body->size - pos;
        size_t n = left < BLOCK ? (size_t)left : BLOCK;
        enum sow_status status;

        if (stop != NULL && stop(argument))
            return SOW_STOPPED;
        status = sow_body_read(engine, body, pos, block, n);
        if (status != SOW_OK)
            return status;
        if (blake2b != NULL)
            sow_hash_add(&hash, block, n);
        if (sha256 != NULL)
            sow_sha256_add(&sha, block, n);
        pos += n;
    }
    if (blake2b != NULL)
        sow_hash_finish(&hash, blake2b, SOW_DIGEST_BYTES);
    if (sha256 != NULL)
        sow_sha256_finish(&sha, sha256);
    return SOW_OK;
}

void sow_digest_hex(const uint8_t digest[SOW_DIGEST_BYTES],
                    char hex[2 * SOW_DIGEST_BYTES + 1])
{
    (void)sodium_bin2hex(hex, 2 * SOW_DIGEST_BYTES + 1, digest,
                         SOW_DIGEST_BYTES);
}
