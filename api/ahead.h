/* SPDX-License-Identifier: MIT */
/*
 * Blocks of a body, made ahead of the one who reads it in order.
 *
 * The bytes at any position can be made by anybody, at any time.  Helpers make
 * blocks that nobody has begun, as far ahead as there is room for.  Nobody
 * waits for anybody: a block that nobody has begun the reader makes itself,
 * straight to where it wants it, so that without helpers all is as it would be
 * without this.  When a helper is still at the block, the reader makes others
 * behind it meanwhile; and if that didn't help, for the helper was left without
 * a processor, the reader makes the block itself, and the helper's work is
 * dropped.  So helpers may be threads that run only when no other
 * does, and it doesn't matter in which order threads get on.
 *
 * There are no locks; a block costs a few atomic operations.
 */
#ifndef AHEAD_H
#define AHEAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blocks that may be ahead at most. */
#define AHEAD_MOST 16

/*
 * Where the bytes come from: 'make' writes [pos, pos + n) of 'size' bytes to
 * 'buf', on any thread, and says whether that could be done.
 */
struct ahead_source {
    bool (*make)(void *self, uint64_t pos, void *buf, size_t n);
    void *self;
    uint64_t size;
};

/*
 * 'slots' tells what becomes of the blocks: block b has slot b % count, and
 * its bytes are in the part of 'bytes' of that number.  'next' is the block
 * that the reader is at.
 */
struct ahead {
    struct ahead_source source;
    size_t block; /* bytes */
    size_t count;
    uint8_t *room;  /* owned */
    uint8_t *bytes; /* in it */
    atomic_uint_least64_t next;
    atomic_uint_least64_t slots[AHEAD_MOST];
};

/*
 * For blocks of 'block' bytes, 'count' of them ahead, 1 to AHEAD_MOST, of a
 * reader who begins at 'pos'.  'ahead' is zeroed, or was of another reader of
 * such blocks, whose room it takes over.  False when out of memory.
 */
bool ahead_init(struct ahead *ahead, const struct ahead_source *source,
                size_t block, size_t count, uint64_t pos);

/*
 * Free the room, when neither a reader nor helpers are there any more.  Not by
 * a helper, which may be left without a processor in the middle of it.
 */
void ahead_release(struct ahead *ahead);

/*
 * Make the next block that is wanted ahead and that nobody has begun.  False
 * when there is none now.  Any thread; any number of them at a time.
 */
bool ahead_help(struct ahead *ahead);

/* Is half of the room ahead of the reader free?  A guess, for waking helpers.
 */
bool ahead_wants(struct ahead *ahead);

/*
 * Read up to 'n' bytes, at least 1, from 'pos', which is before the end:
 * returns how many, at least 1, or 0 when they can't be made.  Whatever others
 * do, it makes no more than 'n' bytes, or a block if that is more.  One thread
 * at a time; positions that don't go on where the last read ended are fine, but
 * nothing is ahead of them.
 */
size_t ahead_read(struct ahead *ahead, uint64_t pos, void *buf, size_t n);

/*
 * The same without a copy: '*bytes' is set to the bytes, which stay until the
 * next read.  What the reader makes itself is up to 'n' bytes in 'buf'.
 */
size_t ahead_view(struct ahead *ahead, uint64_t pos, void *buf, size_t n,
                  const void **bytes);

#endif
