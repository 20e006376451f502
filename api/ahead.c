/* SPDX-License-Identifier: MIT */
/*
 * Blocks ahead of their reader.
 *
 * A slot is a word: what becomes of a block, and below that its number.
 *
 *     FREE      nobody's; anybody may begin a block here
 *     MAKING    a thread makes the block
 *     READY     it is there, for the reader
 *     LEFT      it is the reader's to make: nobody else may begin it, or
 *               whoever did could not make it
 *     DROPPED   a helper makes it still, but the reader has gone on
 *
 *     FREE -> MAKING -> READY or LEFT -> FREE      a helper, then the reader
 *     FREE -> LEFT -> FREE                         the reader
 *     MAKING -> DROPPED (the reader) -> FREE       (the helper)
 *
 * Bytes are written only by the thread that made the slot MAKING, and read only
 * by the reader while it is READY.
 */
#include "ahead.h"

#include <stdlib.h>
#include <string.h>

/* Helpers keep away from the reader by a part of the room: one in so many. */
#define NEAR 8

/* Of the first block: a line of the cache. */
#define ALIGNMENT 64

enum phase { FREE, MAKING, READY, LEFT, DROPPED, PHASES = 8 };

static uint64_t word(uint64_t b, enum phase phase)
{
    return b * PHASES + phase;
}

static enum phase phase_of(uint64_t slot)
{
    return (enum phase)(slot % PHASES);
}

/*
 * Its pages are there from now on: a helper that the kernel takes the processor
 * from while it gets one may hold up whoever asks for memory.  Zeros would be
 * left to calloc(), which touches nothing.
 */
static bool make_room(struct ahead *ahead, size_t size)
{
    ahead->room = malloc(size);
    if (ahead->room)
        memset(ahead->room, 1, size);
    return ahead->room;
}

bool ahead_init(struct ahead *ahead, const struct ahead_source *source,
                size_t block, size_t count, uint64_t pos)
{
    if (!ahead->room && !make_room(ahead, count * block + ALIGNMENT))
        return false;
    ahead->bytes = ahead->room + ALIGNMENT - (uintptr_t)ahead->room % ALIGNMENT;
    ahead->source = *source;
    ahead->block = block;
    ahead->count = count;
    atomic_init(&ahead->next, pos / block);
    for (size_t i = 0; i < count; i++)
        atomic_init(&ahead->slots[i], FREE);
    return true;
}

void ahead_release(struct ahead *ahead)
{
    free(ahead->room);
    ahead->room = NULL;
}

static atomic_uint_least64_t *slot_of(struct ahead *ahead, uint64_t b)
{
    return &ahead->slots[b % ahead->count];
}

static uint8_t *bytes_of(struct ahead *ahead, uint64_t b)
{
    return ahead->bytes + b % ahead->count * ahead->block;
}

/* Bytes from 'pos' to the end of its block. */
static size_t rest_of(const struct ahead *ahead, uint64_t pos)
{
    const uint64_t left = ahead->source.size - pos;
    const size_t rest = ahead->block - (size_t)(pos % ahead->block);

    return left < rest ? (size_t)left : rest;
}

/* ------------------------------------------------------------------------
 * Making ahead
 */

/* Claim the first block from 'from' on that nobody has begun. */
static bool claim(struct ahead *ahead, uint64_t from, uint64_t *b)
{
    const uint64_t end = atomic_load(&ahead->next) + ahead->count;

    for (uint64_t i = from; i < end; i++) {
        uint64_t free = FREE;
        if (i * ahead->block >= ahead->source.size)
            return false;
        if (atomic_compare_exchange_strong(slot_of(ahead, i), &free,
                                           word(i, MAKING))) {
            *b = i;
            return true;
        }
    }
    return false;
}

/* Make a block that was claimed. */
static void make(struct ahead *ahead, uint64_t b)
{
    const struct ahead_source *source = &ahead->source;
    const uint64_t pos = b * ahead->block;
    uint64_t slot = word(b, MAKING);
    const bool made = b >= atomic_load(&ahead->next) &&
                      source->make(source->self, pos, bytes_of(ahead, b),
                                   rest_of(ahead, pos));

    if (!atomic_compare_exchange_strong(slot_of(ahead, b), &slot,
                                        word(b, made ? READY : LEFT)))
        atomic_store(slot_of(ahead, b), FREE);
}

/* Make one from 'from' on; false when all are begun. */
static bool help(struct ahead *ahead, uint64_t from)
{
    uint64_t b;

    if (!claim(ahead, from, &b))
        return false;
    make(ahead, b);
    return true;
}

/*
 * Not where the reader is just about to be: there it had to wait for the
 * helper, or go on without what the helper does.
 */
bool ahead_help(struct ahead *ahead)
{
    return help(ahead, atomic_load(&ahead->next) + ahead->count / NEAR);
}

bool ahead_wants(struct ahead *ahead)
{
    size_t free = 0;

    for (size_t i = 0; i < ahead->count; i++)
        free += atomic_load(&ahead->slots[i]) == FREE;
    return 2 * free >= ahead->count;
}

/* ------------------------------------------------------------------------
 * Reading
 */

/* Let a slot go whose block lies not in the window that begins at 'next'. */
static void let_go(struct ahead *ahead, atomic_uint_least64_t *place,
                   uint64_t next)
{
    uint64_t slot = atomic_load(place);

    while (slot / PHASES < next || slot / PHASES >= next + ahead->count) {
        const enum phase phase = phase_of(slot);
        if (phase == FREE || phase == DROPPED ||
            atomic_compare_exchange_strong(
                place, &slot,
                phase == MAKING ? word(slot / PHASES, DROPPED) : FREE))
            return;
    }
}

/* The reader is at block 'b'. */
static void go_to(struct ahead *ahead, uint64_t b)
{
    atomic_store(&ahead->next, b);
    for (size_t i = 0; i < ahead->count; i++)
        let_go(ahead, &ahead->slots[i], b);
}

/* Has somebody begun block 'b', and isn't done? */
static bool is_begun(struct ahead *ahead, uint64_t b)
{
    return atomic_load(slot_of(ahead, b)) == word(b, MAKING);
}

/* Is block 'b' there?  If not it is the reader's to make from now on. */
static bool meet(struct ahead *ahead, uint64_t b)
{
    atomic_uint_least64_t *place = slot_of(ahead, b);
    uint64_t slot = atomic_load(place);

    while (slot != word(b, READY)) {
        const enum phase phase = phase_of(slot);
        if (slot == word(b, LEFT) || phase == DROPPED ||
            atomic_compare_exchange_strong(
                place, &slot,
                phase == MAKING ? word(slot / PHASES, DROPPED) : word(b, LEFT)))
            return false;
    }
    return true;
}

/* The reader has got all bytes before 'pos', of block 'b' the last. */
static void pass(struct ahead *ahead, uint64_t b, uint64_t pos)
{
    uint64_t slot = atomic_load(slot_of(ahead, b));

    if (pos % ahead->block != 0 && pos < ahead->source.size)
        return;
    if (slot == word(b, READY) || slot == word(b, LEFT))
        atomic_store(slot_of(ahead, b), FREE);
    atomic_store(&ahead->next, b + 1);
}

/*
 * Block 'b' is the next to be read: while a helper is at it, make others, of
 * 'most' bytes in all, which is less then.
 */
static void bridge(struct ahead *ahead, uint64_t b, size_t *most)
{
    if (b != atomic_load(&ahead->next))
        go_to(ahead, b);
    while (is_begun(ahead, b) && *most > ahead->block && help(ahead, b + 1))
        *most -= ahead->block;
}

/* Copy up to 'n' bytes at 'pos' out of a block that is there. */
static size_t copy(struct ahead *ahead, uint64_t pos, uint8_t *buf, size_t n)
{
    const uint64_t b = pos / ahead->block;
    const size_t rest = rest_of(ahead, pos);

    n = n < rest ? n : rest;
    memcpy(buf, bytes_of(ahead, b) + pos % ahead->block, n);
    pass(ahead, b, pos + n);
    return n;
}

/* Make up to 'n' bytes at 'pos', of a block that is the reader's. */
static size_t make_own(struct ahead *ahead, uint64_t pos, uint8_t *buf,
                       size_t n)
{
    const struct ahead_source *source = &ahead->source;
    const size_t rest = rest_of(ahead, pos);

    n = n < rest ? n : rest;
    if (!source->make(source->self, pos, buf, n))
        return 0;
    pass(ahead, pos / ahead->block, pos + n);
    return n;
}

/* Read up to 'n' bytes of a block, and make up to 'most' here and elsewhere. */
static size_t read_some(struct ahead *ahead, uint64_t pos, uint8_t *buf,
                        size_t n, size_t *most)
{
    const uint64_t b = pos / ahead->block;

    bridge(ahead, b, most);
    if (meet(ahead, b))
        return copy(ahead, pos, buf, n);
    n = make_own(ahead, pos, buf, n < *most ? n : *most);
    *most -= n;
    return n;
}

size_t ahead_read(struct ahead *ahead, uint64_t pos, void *buf, size_t n)
{
    uint8_t *to = buf;
    size_t most = n, got = 0, some;

    do {
        some = read_some(ahead, pos + got, to + got, n - got, &most);
        got += some;
    } while (some > 0 && most > 0 && got < n && pos + got < ahead->source.size);
    return got;
}

size_t ahead_view(struct ahead *ahead, uint64_t pos, void *buf, size_t n,
                  const void **bytes)
{
    const uint64_t b = pos / ahead->block;
    size_t most = 2 * ahead->block;

    *bytes = buf;
    bridge(ahead, b, &most);
    if (!meet(ahead, b))
        return make_own(ahead, pos, buf, n);
    *bytes = bytes_of(ahead, b) + pos % ahead->block;
    return rest_of(ahead, pos);
}
