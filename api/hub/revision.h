/* SPDX-License-Identifier: MIT */
/*
 * Revisions: which seed of a recipe, and commits, which name it for ever.
 *
 *     main        the recipe's own seed
 *     seed-42     that seed
 *     40 hex      a commit
 *
 * A commit names its seed, so that whoever holds the recipe can answer for a
 * commit that it has never seen: bytes 0-11 are a hash of all that the files
 * follow from, bytes 12-19 the seed, little-endian, XOR a mask that follows
 * from the hash, so that neighbouring seeds look nothing alike.
 */
#ifndef HUB_REVISION_H
#define HUB_REVISION_H

#include "sow.h"

#define COMMIT_BYTES 20

/* Room for a commit in hex, with the final NUL. */
#define COMMIT_HEX (2 * COMMIT_BYTES + 1)

enum revision_kind { REVISION_MAIN, REVISION_SEED, REVISION_COMMIT };

/* 'seed' is set for a seed and for a commit, 'commit' for a commit alone. */
struct revision {
    enum revision_kind kind;
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
 * The commit of what 'contents' is a hash of, which must depend on the seed
 * as well, at a seed.
 */
void commit_make(const uint8_t contents[SOW_DIGEST_BYTES], uint64_t seed,
                 uint8_t commit[COMMIT_BYTES]);

/* The seed that a commit names; any 20 bytes name one. */
uint64_t commit_seed(const uint8_t commit[COMMIT_BYTES]);

/* Lower-case hex of a commit, with a final NUL. */
void commit_hex(const uint8_t commit[COMMIT_BYTES], char hex[COMMIT_HEX]);

#endif
