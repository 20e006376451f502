/* SPDX-License-Identifier: MIT */
/*
 * The long work that stands between a request for weights and its answer:
 * digests, looking for values that JSON can't hold, and wholes (pins.h).
 *
 * What is wanted is marked tensor by tensor, and file by file.  Little is done
 * at once; more is cut into units of about equal size, for a pool of threads.
 * Units of wholes come first, each in a unit of its own, so that all threads
 * make one whole and requests take turns; the others wait for what they need
 * of them.
 *
 * What one unit has finished is remembered even if another one is stopped, so
 * that who comes again goes on from there.
 */
#ifndef WORK_H
#define WORK_H

#include "api.h"
#include "problems.h"

#include <stdbool.h>

/* Units that the work of one request, beside wholes, is cut into at most. */
#define WORK_UNITS 64

/*
 * Bytes whose SHA-256 is wanted, and what it is remembered by: a digest of all
 * that the bytes follow from.  The body's tensors are of the exchange's model,
 * and then no two files share one, or such as can be read as they are.
 */
struct work_file {
    const struct sow_body *body;
    uint8_t key[SOW_DIGEST_BYTES];
    uint8_t sha256[SOW_DIGEST_BYTES];
    bool known; /* 'sha256' is there */
};

enum work_flag {
    WORK_DIGEST = 1,     /* the digest is wanted and not there yet */
    WORK_FINITE = 2,     /* it is to be seen whether all values are finite */
    WORK_KNOWN = 4,      /* 'digest' is there */
    WORK_NOT_FINITE = 8, /* they are not */
    WORK_FILED = 16,     /* a file that is hashed has it: the file's unit
                            does what is to be done */
};

/* What is wanted and known of one tensor.  Without padding: it is hashed. */
struct work_item {
    uint8_t digest[SOW_DIGEST_BYTES];
    uint8_t flags;
};

/* Is something to be done? */
static inline bool work_is_open(const struct work_item *item)
{
    return item->flags & (WORK_DIGEST | WORK_FINITE);
}

/* Are its values looked at before the answer? */
static inline bool work_reads(const struct work_item *item)
{
    return item->flags & (WORK_DIGEST | WORK_FINITE | WORK_FILED);
}

/*
 * 'items' is NULL when nothing is wanted of any tensor; it points at 'one' or
 * is owned.  'files' are those to be hashed: 'own', which is the answer's body
 * under its tag, or owned.  Tasks are the files, the tensors, and the final
 * state (final.h); after the units of wholes, unit u is tasks [first[u],
 * first[u + 1]).
 */
struct work {
    struct work_item *items;
    struct work_item one;
    struct work_file *files;
    size_t file_count;
    struct work_file own;
    size_t unit_count;
    size_t first[WORK_UNITS + 1];
};

/*
 * Mark what the exchange's format and digest mode want.  Refuses with
 * PROBLEM_DIGEST_TOO_LARGE.  Digests that are only listed when remembered are
 * looked up here, for they change the answer's bytes.
 */
enum problem_code work_want(struct api_exchange *exchange,
                            struct problem *problem);

/*
 * Do the work now when it is little, else cut it into units.  Refuses with
 * PROBLEM_BUSY when there is no room for a whole.
 */
enum problem_code work_start(struct api_exchange *exchange,
                             struct problem *problem);

/*
 * For an answer that isn't weights but tells the SHA-256 of files: fill in the
 * exchange's model, call this for room for 'count' files, fill in 'body' and
 * 'key' of each (the bodies stay the caller's, until the work is done), and
 * call work_start_files(), once.  When all units are done and work_check() is
 * content, all files are known.  NULL when out of memory.
 */
struct work_file *work_add_files(struct work *work, size_t count);

/*
 * work_start() for these.  Files that are remembered are known at once and
 * cost nothing; the others are checked against the limits, refused with
 * PROBLEM_DIGEST_TOO_LARGE, or as pins_check() does, and hashed.
 */
enum problem_code work_start_files(struct api_exchange *exchange,
                                   struct problem *problem);

/* Look up a file by its key, for one that is not to be hashed. */
void work_recall_file(struct api *api, struct work_file *file);

/* How many units there are. */
size_t work_count(const struct api_exchange *exchange);

/* Do one unit, as api_work() says. */
void work_unit(struct api_exchange *exchange, size_t unit,
               bool (*stop)(void *argument), void *argument);

/*
 * Look at what came out: PROBLEM_NOT_FINITE for a tensor that JSON can't
 * hold, PROBLEM_INTERNAL when something was left undone.
 */
enum problem_code work_check(const struct api_exchange *exchange,
                             struct problem *problem);

/* The digest of tensor 'i', or NULL when it isn't known. */
const uint8_t *work_digest(const struct work *work, size_t i);

void work_release(struct work *work);

#endif
