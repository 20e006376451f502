/* SPDX-License-Identifier: MIT */
/*
 * What the tests of files in the work share: an API that tells what it learns,
 * and exchanges with three files to hash.
 */
#ifndef FILING_H
#define FILING_H

#include "exchange.h"
#include "reading.h"

#define FILES 3

/* What they hash to, in hex. */
extern const char *const filing_hashes[FILES];

/* What was learnt: how many, and the first of it. */
#define LEARNT 8
struct learnt {
    uint8_t keys[LEARNT][SOW_DIGEST_BYTES], digests[LEARNT][SOW_DIGEST_BYTES];
    int count;
};
extern struct learnt learnt;

/* The API under test; a fixture makes it with drive_limits. */
extern struct api *api;
void filing_setup(void);
void filing_teardown(void);

/* Another process, so to say: an API that knows nothing. */
void filing_start(const struct api_limits *limits);

/*
 * An exchange with three files: tensor a, of zeros; "abc" and tensor b, of
 * ones; "abc".  Its model has another tensor, c, which is orthogonal.  Their
 * keys are bytes of 1, of 2 and of 3.
 */
struct files {
    struct api_exchange *exchange;
    struct work_file *files;
    struct sow_segment segments[FILES][2];
    struct sow_body bodies[FILES];
    struct problem problem;
};

/* Make it, up to the start of the work; or start that, too. */
void prepare(struct files *f);
enum problem_code begin(struct files *f);

/* Give file 'i' another body: text, or a tensor, or both. */
void set_body(struct files *f, size_t i, const char *text,
              const struct sow_tensor *tensor);

/* Do all the work. */
void run_all(struct files *f);

/* All files must be known, and right. */
void expect_all(struct files *f);

/* All of that; returns how many units it took. */
size_t hash_all(void);

/* The SHA-256 of bytes. */
void sha256_of(const void *bytes, size_t size,
               uint8_t sha256[SOW_DIGEST_BYTES]);

#endif
