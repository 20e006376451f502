/* SPDX-License-Identifier: MIT */
/* Reading, naming, publishing and writing keys. */
#include "signing.h"

#include "base64.h"
#include "sha256.h"

#include <stdio.h>

/* What is before the 32 bytes of a key in DER, which is the same for all. */
static const uint8_t private_head[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30,
                                       0x05, 0x06, 0x03, 0x2b, 0x65, 0x70,
                                       0x04, 0x22, 0x04, 0x20};
static const uint8_t public_head[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                      0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

#define DER_MOST (sizeof private_head + SOW_KEY_BYTES)
#define TEXT_MOST (DER_MOST / 3 * 4)

/* The kinds of PEM blocks that hold such a key. */
static const struct kind {
    const char *label;
    const uint8_t *head;
    size_t head_size;
    bool private;
} kinds[] = {
    {"PRIVATE KEY-----", private_head, sizeof private_head, true},
    {"PUBLIC KEY-----", public_head, sizeof public_head, false},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

/* What is still to be read. */
struct rest {
    const char *at, *end;
};

/* Does the rest begin with 'text'?  If so it moves past it. */
static bool skip(struct rest *rest, const char *text)
{
    const size_t n = strlen(text);

    if ((size_t)(rest->end - rest->at) < n || memcmp(rest->at, text, n) != 0)
        return false;
    rest->at += n;
    return true;
}

/* Move past the next "-----BEGIN "; false when there is none. */
static bool find_block(struct rest *rest)
{
    for (; rest->at < rest->end; rest->at++)
        if (skip(rest, "-----BEGIN "))
            return true;
    return false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Take the characters up to '-'; how many, or 0 for more than there may be. */
static size_t take_text(struct rest *rest, char text[TEXT_MOST])
{
    size_t n = 0;

    for (; rest->at < rest->end && *rest->at != '-'; rest->at++) {
        if (is_space(*rest->at))
            continue;
        if (n == TEXT_MOST)
            return 0;
        text[n++] = *rest->at;
    }
    return n;
}

static bool decode(const char *text, size_t size, uint8_t *der)
{
    for (size_t i = 0; i < size; i++) {
        const int byte = base64_byte(text, i);
        if (byte < 0)
            return false;
        der[i] = (uint8_t)byte;
    }
    return base64_is_padded(text, size);
}

/* Read the inside of a block; 'bytes' is the key's. */
static bool read_inside(const struct kind *kind, const char *text, size_t n,
                        uint8_t bytes[SOW_KEY_BYTES])
{
    const size_t size = kind->head_size + SOW_KEY_BYTES;
    uint8_t der[DER_MOST];
    const bool fine = n == base64_characters(size) && decode(text, size, der) &&
                      !memcmp(der, kind->head, kind->head_size);

    if (fine)
        memcpy(bytes, der + kind->head_size, SOW_KEY_BYTES);
    sow_secret_clear(der, sizeof der);
    return fine;
}

/* Read what follows "-----BEGIN "; returns its kind, or NULL. */
static const struct kind *read_block(struct rest *rest,
                                     uint8_t bytes[SOW_KEY_BYTES])
{
    char text[TEXT_MOST];
    size_t i = 0;

    while (i < KINDS && !skip(rest, kinds[i].label))
        i++;
    if (i == KINDS)
        return NULL;
    const size_t n = take_text(rest, text);
    const bool fine = read_inside(&kinds[i], text, n, bytes) &&
                      skip(rest, "-----END ") && skip(rest, kinds[i].label);
    sow_secret_clear(text, sizeof text);
    return fine ? &kinds[i] : NULL;
}

/* Add a key; what forbids it, or NULL. */
static const char *add(struct signing *signing, const struct kind *kind,
                       const uint8_t bytes[SOW_KEY_BYTES])
{
    struct signing_key key;
    struct sow_signer signer;

    if (signing->count == 0 && !kind->private)
        return "is public; the first one signs, and so must be private";
    if (signing->count == SIGNING_KEYS)
        return "is one too many: 8 may be there";
    memcpy(key.public, bytes, SOW_KEY_BYTES);
    if (kind->private) {
        sow_signer_init(&signer, bytes);
        memcpy(key.public, sow_signer_public(&signer), SOW_KEY_BYTES);
        if (signing->count == 0)
            signing->signer = signer;
        sow_secret_clear(&signer, sizeof signer);
    }
    for (size_t i = 0; i < signing->count; i++)
        if (!memcmp(signing->keys[i].public, key.public, SOW_KEY_BYTES))
            return "is there twice";
    signing_name(&key);
    signing->keys[signing->count++] = key;
    return NULL;
}

bool signing_parse(struct signing *signing, const char *text, size_t n,
                   char error[SIGNING_ERROR])
{
    struct rest rest = {text, text + n};
    const char *wrong = NULL;

    *signing = (struct signing){0};
    while (!wrong && find_block(&rest)) {
        uint8_t bytes[SOW_KEY_BYTES];
        const struct kind *kind = read_block(&rest, bytes);
        wrong = kind ? add(signing, kind, bytes)
                     : "is not an Ed25519 key as 'sowd key new' or 'openssl "
                       "genpkey -algorithm ed25519' writes it";
        sow_secret_clear(bytes, sizeof bytes);
    }
    if (wrong)
        snprintf(error, SIGNING_ERROR, "key %zu %s", signing->count + 1, wrong);
    else if (signing->count == 0)
        snprintf(error, SIGNING_ERROR,
                 "there is no key in it; 'sowd key new' makes one");
    return !wrong && signing->count > 0;
}

void signing_release(struct signing *signing)
{
    sow_secret_clear(signing, sizeof *signing);
}

void signing_name(struct signing_key *key)
{
    char x[SIGNING_ID], json[96];
    uint8_t digest[SOW_DIGEST_BYTES];
    struct sow_sha256 hash;

    base64_url(key->public, SOW_KEY_BYTES, x);
    const int n =
        snprintf(json, sizeof json,
                 "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}", x);
    sow_sha256_start(&hash);
    sow_sha256_add(&hash, json, (size_t)n);
    sow_sha256_finish(&hash, digest);
    base64_url(digest, sizeof digest, key->id);
}

void signing_put_keys(const struct signing *signing, struct text *text)
{
    char x[SIGNING_ID];

    text_put(text, "{\"keys\":[");
    for (size_t i = 0; i < signing->count; i++) {
        base64_url(signing->keys[i].public, SOW_KEY_BYTES, x);
        text_put_entry(text);
        text_put(text, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"");
        text_put_member(text, "x", x);
        text_put_member(text, "kid", signing->keys[i].id);
        text_put_member(text, "use", "sig");
        text_put(text, "}");
    }
    text_put(text, "]}");
}

void signing_write(const uint8_t seed[SOW_KEY_BYTES], char pem[SIGNING_PEM])
{
    uint8_t der[DER_MOST];
    char text[TEXT_MOST + 1];

    memcpy(der, private_head, sizeof private_head);
    memcpy(der + sizeof private_head, seed, SOW_KEY_BYTES);
    base64_text(der, sizeof der, text);
    snprintf(pem, SIGNING_PEM, "-----BEGIN %s\n%s\n-----END %s\n",
             kinds[0].label, text, kinds[0].label);
    sow_secret_clear(der, sizeof der);
    sow_secret_clear(text, sizeof text);
}
