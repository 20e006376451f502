/* SPDX-License-Identifier: MIT */
/*
 * What stands behind wholes.h: for wholes.c, which holds and evicts, and
 * wholes_make.c, which makes.
 */
#ifndef WHOLES_STATE_H
#define WHOLES_STATE_H

#include "notice.h"
#include "together.h"
#include "wholes.h"

#include <pthread.h>

/* Powers of two: what the numbers and the scratch are aligned to. */
#define WHOLE_ALIGNMENT 64

/* Small ones may be millions, a hundred thousand of them a request's. */
#define WHOLES_BUCKETS (1 << 17)

/* Computations that are long enough to be told of. */
#define WHOLE_LONG_FLOPS 1e11

enum unit_state { UNIT_OPEN, UNIT_TAKEN, UNIT_MADE };

/*
 * 'bytes' is what it takes up in all.  The first maker allocates 'block'.
 * Units before 'next' are taken or made.  It is in the order of use when
 * nobody holds it.
 */
struct whole {
    struct whole *chain; /* the next in its bucket */
    struct whole *newer, *older;
    uint8_t key[SOW_DIGEST_BYTES];
    struct sow_need need;
    uint64_t bytes;
    size_t holders;
    bool allocating;
    void *block; /* owned */
    uint32_t next, running, made;
    int64_t begun, told; /* in milliseconds; 0 before it is begun */
    uint8_t states[];
};

/* 'held' is the bytes of all that is pinned, allocated yet or not. */
struct wholes {
    pthread_mutex_t lock;   /* for all below */
    pthread_cond_t changed; /* a unit or an allocation has ended */
    struct wholes_report report;
    uint64_t held;
    double open_flops, open_made; /* of the wholes in progress */
    struct whole *newest, *oldest;
    struct whole *buckets[WHOLES_BUCKETS];
    void (*notice)(const char *text); /* constant */
};

/* The functions below, but the last two, are called with the lock held. */

static inline bool whole_is_made(const struct whole *whole)
{
    return whole->made == whole->need.units;
}

static inline double whole_unit_flops(const struct whole *whole)
{
    return whole->need.flops / whole->need.units;
}

/* Take out the oldest until there is room for 'bytes'; returns them. */
struct whole *wholes_evict(struct wholes *wholes, uint64_t bytes);

/* 'whole' is not in progress any more. */
void wholes_close(struct wholes *wholes, const struct whole *whole);

/* What there is to tell of a whole; NOTICE_NONE when it isn't a long one. */
struct whole_news {
    enum notice notice;
    double share, seconds;
};

struct whole_news whole_news(const struct whole *whole, enum notice notice);

/* Tell it. */
void wholes_tell(const struct wholes *wholes, const struct sow_tensor *tensor,
                 struct whole_news news);

/* Free 'whole' and those chained to it. */
void whole_free_chain(struct whole *whole);

#endif
