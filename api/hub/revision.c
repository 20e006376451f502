/* SPDX-License-Identifier: MIT */
/* Reading revisions, and putting seeds into commits. */
#include "hub/revision.h"

#include "digits.h"
#include "value.h"

#include <string.h>

/* Bytes of a commit that are a hash. */
#define HASH_BYTES 12

#define SEED_BYTES (COMMIT_BYTES - HASH_BYTES)

/* Bytes of the hash that are one of the generator, if that isn't sow1. */
#define MARK_BYTES 4

#define UNMARKED (HASH_BYTES - MARK_BYTES)

/* Room for a generator's short name. */
#define GENERATOR_NAME 64

/* ------------------------------------------------------------------------
 * Commits
 */

/* What the seed behind 'hash' is XORed with. */
static void make_mask(const uint8_t hash[HASH_BYTES], uint8_t mask[SEED_BYTES])
{
    static const char label[] = "sow commit seed";
    char text[sizeof label - 1 + HASH_BYTES];
    uint8_t digest[SOW_DIGEST_BYTES];

    memcpy(text, label, sizeof label - 1);
    memcpy(text + sizeof label - 1, hash, HASH_BYTES);
    sow_digest(text, sizeof text, digest);
    memcpy(mask, digest, SEED_BYTES);
}

/* What stands in the commits of a generator behind the rest of the hash. */
static void make_mark(const uint8_t hash[UNMARKED],
                      const struct sow_generator *generator,
                      uint8_t mark[MARK_BYTES])
{
    static const char label[] = "sow commit generator";
    uint8_t parts[2 * SOW_DIGEST_BYTES] = {0};
    uint8_t digest[SOW_DIGEST_BYTES];

    sow_digest(generator->name, strlen(generator->name), parts);
    memcpy(parts + SOW_DIGEST_BYTES, hash, UNMARKED);
    memcpy(parts + SOW_DIGEST_BYTES + UNMARKED, label, sizeof label - 1);
    sow_digest(parts, sizeof parts, digest);
    memcpy(mark, digest, MARK_BYTES);
}

const struct sow_generator *commit_generator(const uint8_t commit[COMMIT_BYTES])
{
    const struct sow_generator *generator;
    uint8_t mark[MARK_BYTES];

    for (size_t i = 1; (generator = sow_generator_at(i)); i++) {
        make_mark(commit, generator, mark);
        if (memcmp(commit + UNMARKED, mark, MARK_BYTES) == 0)
            return generator;
    }
    return NULL;
}

void commit_make(const uint8_t contents[SOW_DIGEST_BYTES],
                 const struct sow_generator *generator, uint64_t seed,
                 uint8_t commit[COMMIT_BYTES])
{
    uint8_t mask[SEED_BYTES];

    memcpy(commit, contents, HASH_BYTES);
    if (generator != sow_generator_at(0))
        make_mark(contents, generator, commit + UNMARKED);
    make_mask(commit, mask);
    for (size_t i = 0; i < SEED_BYTES; i++)
        commit[HASH_BYTES + i] = (uint8_t)(seed >> 8 * i) ^ mask[i];
}

uint64_t commit_seed(const uint8_t commit[COMMIT_BYTES])
{
    uint8_t mask[SEED_BYTES];
    uint64_t seed = 0;

    make_mask(commit, mask);
    for (size_t i = 0; i < SEED_BYTES; i++)
        seed |= (uint64_t)(commit[HASH_BYTES + i] ^ mask[i]) << 8 * i;
    return seed;
}

void commit_hex(const uint8_t commit[COMMIT_BYTES], char hex[COMMIT_HEX])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < COMMIT_BYTES; i++) {
        hex[2 * i] = digits[commit[i] >> 4];
        hex[2 * i + 1] = digits[commit[i] & 15];
    }
    hex[COMMIT_HEX - 1] = '\0';
}

/* ------------------------------------------------------------------------
 * Reading
 */

static bool read_commit(const char *text, uint8_t commit[COMMIT_BYTES])
{
    if (strlen(text) != COMMIT_HEX - 1 ||
        text[strspn(text, "0123456789abcdef")] != '\0')
        return false;
    for (size_t i = 0; i < COMMIT_BYTES; i++)
        commit[i] = (uint8_t)(digit_value(text[2 * i]) << 4 |
                              digit_value(text[2 * i + 1]));
    return true;
}

/* A number that digits_read() can't hold reads as the last it can. */
static bool read_seed(const char *text, uint64_t *seed)
{
    static const char prefix[] = "seed-";
    static const char last[] = "18446744073709551615";
    const char *number = text + sizeof prefix - 1;

    if (strncmp(text, prefix, sizeof prefix - 1) != 0)
        return false;
    size_t n = digits_read(number, seed);
    if (n == 0 || number[n] != '\0' || (number[0] == '0' && n > 1))
        return false;
    return *seed != UINT64_MAX || strcmp(number, last) == 0;
}

/* "seed--1", down to -2^63. */
static bool read_negative(const char *text, uint64_t *seed)
{
    static const char prefix[] = "seed--";
    const char *number = text + sizeof prefix - 1;
    uint64_t magnitude = 0;

    if (strncmp(text, prefix, sizeof prefix - 1) != 0)
        return false;
    const size_t n = digits_read(number, &magnitude);
    if (n == 0 || number[n] != '\0' || number[0] == '0' ||
        magnitude > (uint64_t)INT64_MAX + 1)
        return false;
    *seed = 0 - magnitude;
    return true;
}

/* "torch-seed--1": a generator's short name before that. */
static bool read_generator(const char *text, struct revision *read)
{
    char name[GENERATOR_NAME];
    const char *dash = strstr(text, "-seed-");
    const size_t n = dash ? (size_t)(dash - text) : sizeof name;

    if (n >= sizeof name || memchr(text, '/', n))
        return false;
    memcpy(name, text, n);
    name[n] = '\0';
    read->generator = sow_generator_find(name);
    if (!read->generator)
        return false;
    if (read_seed(dash + 1, &read->seed))
        return value_seed_fits(read->generator, read->seed, false);
    return read_negative(dash + 1, &read->seed) &&
           value_seed_fits(read->generator, read->seed, true);
}

static bool is_main(const char *text)
{
    return strcmp(text, "main") == 0 || strcmp(text, "refs/heads/main") == 0;
}

bool revision_read(const char *text, struct revision *revision)
{
    struct revision read = {.kind = REVISION_MAIN};

    if (!is_main(text)) {
        if (read_seed(text, &read.seed) || read_generator(text, &read)) {
            read.kind = REVISION_SEED;
        } else if (read_commit(text, read.commit)) {
            read.kind = REVISION_COMMIT;
            read.seed = commit_seed(read.commit);
            read.generator = commit_generator(read.commit);
        } else {
            return false;
        }
    }
    *revision = read;
    return true;
}
