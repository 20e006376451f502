/* SPDX-License-Identifier: MIT */
/*
 * The keys that answers are signed with: Ed25519, in PEM, as OpenSSL has them
 * (RFC 8410).
 *
 *     -----BEGIN PRIVATE KEY-----
 *     MC4CAQAwBQYDK2VwBCIE…
 *     -----END PRIVATE KEY-----
 *
 * The first key of a file signs.  Others may follow, private or public: those
 * that signed before, or will sign next.  All are published, so that a change
 * of keys is no surprise.
 */
#ifndef SIGNING_H
#define SIGNING_H

#include "formats/text.h"
#include "secret.h"

/* Keys that a file may have, and room for what is wrong with one. */
#define SIGNING_KEYS 8
#define SIGNING_ERROR 240

/* Room for a thumbprint: 43 characters of base64url and a NUL. */
#define SIGNING_ID 44

/* Room for a private key in PEM. */
#define SIGNING_PEM 128

/* A public key, and its thumbprint (RFC 7638), which names it. */
struct signing_key {
    uint8_t public[SOW_KEY_BYTES];
    char id[SIGNING_ID];
};

/* keys[0] is that of the signer. */
struct signing {
    struct sow_signer signer;
    struct signing_key keys[SIGNING_KEYS];
    size_t count;
};

/*
 * Read the keys of a file; text between them is skipped.  False, with 'error'
 * one line, when it is malformed.  Either way it ends with
 * signing_release(), which overwrites what is secret.
 */
bool signing_parse(struct signing *signing, const char *text, size_t n,
                   char error[SIGNING_ERROR]);
void signing_release(struct signing *signing);

/* Fill in the thumbprint of a key. */
void signing_name(struct signing_key *key);

/* Write the public keys as a JSON Web Key Set (RFC 7517, RFC 8037). */
void signing_put_keys(const struct signing *signing, struct text *text);

/* Write a seed as a private key in PEM. */
void signing_write(const uint8_t seed[SOW_KEY_BYTES], char pem[SIGNING_PEM]);

#endif
