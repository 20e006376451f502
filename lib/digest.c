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

enum sow_status sow_pieces_digests(const struct sow_pieces *pieces,
                                   uint8_t blake2b[SOW_DIGEST_BYTES],
                                   uint8_t sha256[SOW_DIGEST_BYTES])
{
    struct sow_hash hash;
    struct sow_sha256 sha;
    enum sow_status status;
    const void *bytes;
    size_t n;

    sow_hash_start(&hash, SOW_DIGEST_BYTES, NULL);
    sow_sha256_start(&sha);
    while ((status = pieces->next(pieces->self, &bytes, &n)) == SOW_OK &&
           n > 0) {
        if (blake2b != NULL)
            sow_hash_add(&hash, bytes, n);
        if (sha256 != NULL)
            sow_sha256_add(&sha, bytes, n);
    }
    if (status != SOW_OK)
        return status;
    if (blake2b != NULL)
        sow_hash_finish(&hash, blake2b, SOW_DIGEST_BYTES);
    if (sha256 != NULL)
        sow_sha256_finish(&sha, sha256);
    return SOW_OK;
}

/* A body that is read block by block. */
struct reading {
    const struct sow_engine *engine;
    const struct sow_body *body;
    bool (*stop)(void *argument);
    void *argument;
    uint64_t pos;
    _Alignas(64) uint8_t block[BLOCK];
};

static enum sow_status next_block(void *self, const void **bytes, size_t *n)
{
    struct reading *reading = self;
    const uint64_t left = reading->body->size - reading->pos;
    const uint64_t pos = reading->pos;

    *bytes = reading->block;
    *n = left < BLOCK ? (size_t)left : BLOCK;
    if (left == 0)
        return SOW_OK;
    if (reading->stop != NULL && reading->stop(reading->argument))
        return SOW_STOPPED;
    reading->pos += *n;
    return sow_body_read(reading->engine, reading->body, pos, reading->block,
                         *n);
}

enum sow_status sow_body_digests(const struct sow_engine *engine,
                                 const struct sow_body *body,
                                 bool (*stop)(void *argument), void *argument,
                                 uint8_t blake2b[SOW_DIGEST_BYTES],
                                 uint8_t sha256[SOW_DIGEST_BYTES])
{
    struct reading reading;
    const struct sow_pieces pieces = {next_block, &reading};

    reading.engine = engine;
    reading.body = body;
    reading.stop = stop;
    reading.argument = argument;
    reading.pos = 0;
    return sow_pieces_digests(&pieces, blake2b, sha256);
}

void sow_digest_hex(const uint8_t digest[SOW_DIGEST_BYTES],
                    char hex[2 * SOW_DIGEST_BYTES + 1])
{
    (void)sodium_bin2hex(hex, 2 * SOW_DIGEST_BYTES + 1, digest,
                         SOW_DIGEST_BYTES);
}
