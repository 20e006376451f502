/* SPDX-License-Identifier: MIT */
/*
 * Revisions: which seed of a recipe, and commits, which name it for ever.
 *
 *     main            the recipe's own generator and seed
 *     seed-42         its generator, and that seed
 *     torch-seed-42   the recipe drawn by that generator at that seed; the name
 *                     is a short one, without "/", and seeds may be negative
 *                     (torch-seed--1) where the generator takes such
 *     40 hex          a commit
 *
 * A commit names its generator and its seed, so that whoever holds the recipe
 * can answer for a commit that it has never seen: bytes 0-11 are a hash of all
 * that the files follow from, bytes 12-19 the seed, little-endian, XOR a mask
 * that follows from the hash, so that neighbouring seeds look nothing alike.
 * For a generator but sow1 bytes 8-11 are no part of that hash but a hash of
 * bytes 0-7 and the generator's full name.
 */
#ifndef HUB_REVISION_H
#define HUB_REVISION_H

#include "sow.h"

#define COMMIT_BYTES 20

/* Room for a commit in hex, with the final NUL. */
#define COMMIT_HEX (2 * COMMIT_BYTES + 1)

enum revision_kind { REVISION_MAIN, REVISION_SEED, REVISION_COMMIT };

/*
 * 'seed' is set for a seed and for a commit, 'commit' for a commit alone.
 * 'generator' is NULL for the recipe's own.
 */
struct revision {
    enum revision_kind kind;
    const struct sow_generator *generator;
    uint64_t seed;
    uint8_t commit[COMMIT_BYTES];
};

/*
 * Read what a URL has for a revision; "refs/heads/main" is main.  Seeds have
 * no leading zeros, hex is lower-case.  Returns false, 'revision' untouched,
 * for anything else.
 */
SOW_MUST_CHECK bool revision_read(const char *text, struct revision *revision);

/*
 * The commit of what 'contents' is a hash of, which must depend on generator
 * and seed as well, drawn by a generator at a seed.
 */
void commit_make(const uint8_t contents[SOW_DIGEST_BYTES],
                 const struct sow_generator *generator, uint64_t seed,
                 uint8_t commit[COMMIT_BYTES]);

/*
 * The generator that a commit names, or NULL when it is none but sow1.  Of
 * 2^32 commits of sow1 one or so names another by chance.
 */
const struct sow_generator *
commit_generator(const uint8_t commit[COMMIT_BYTES]);

/* The seed that a commit names; any 20 bytes name one. */
uint64_t commit_seed(const uint8_t commit[COMMIT_BYTES]);

/* Lower-case hex of a commit, with a final NUL. */
void commit_hex(const uint8_t commit[COMMIT_BYTES], char hex[COMMIT_HEX]);

#endif
