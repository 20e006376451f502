/* SPDX-License-Identifier: MIT */
/*
 * Those who make bodies ahead of their readers (ahead.h), and what they have
 * to do: a few seats, each of which holds the body that one reader goes
 * through in order.  Who finds no seat free goes on without.
 *
 * Seats bound the memory, whatever number of readers there is.  One whose
 * reader hasn't come for a while, as the client is slow, is taken from it when
 * another asks for it.  A helper may be at a block still when its seat is
 * closed: what the block follows from must last until the seat's 'over' is
 * called, by whoever leaves it last.
 *
 * No locks: a helper that is left without a processor holds up nobody.
 */
#ifndef CREW_H
#define CREW_H

#include "ahead.h"
#include "sow.h"

#include <semaphore.h>

/* Seats at most, whatever number of helpers there is. */
#define CREW_SEATS 8

/* Less than so much left of a body isn't worth a seat. */
#define CREW_LEAST ((uint64_t)4 << 20)

/*
 * What is read: the bytes of 'body' from 'first' on, 'size' of them; of these
 * those from 'pos' on are to come, which counts from 'first', too.  'over' is
 * called with 'self' when nobody needs the body any more, 'spent' with the
 * nanoseconds that a helper was at a block of it.
 */
struct crew_job {
    const struct sow_engine *engine;
    struct sow_body body;
    uint64_t first, size, pos;
    void (*over)(void *self);
    void (*spent)(void *self, uint64_t nanoseconds);
    void *self;
};

/*
 * A seat keeps the memory that was once needed for it, 2 MiB, for the next.
 * 'state' is 0 for free, else 2 for everybody who is there, and 1 as long as
 * helpers may come in.  'reader' names who reads, and is odd while that one
 * does; 0 when it isn't anybody's.
 */
struct seat {
    atomic_size_t state;
    atomic_uintptr_t reader;
    atomic_int_least64_t last; /* when it was read, by together_now() */
    struct crew_job job;
    struct sow_segment lone; /* the body's, if there is but one */
    struct ahead ahead;
};

struct crew {
    size_t count; /* seats in use; 0 for none */
    atomic_size_t turn;
    atomic_size_t asleep; /* helpers that 'work' has to be posted for */
    atomic_bool stopped;
    sem_t work;
    struct seat seats[CREW_SEATS];
};

/* For so many helpers; 0: nobody will come, and no seat is ever free. */
void crew_init(struct crew *crew, size_t helpers);

/* When all seats have been left. */
void crew_release(struct crew *crew);

/* Help until crew_stop(), on a thread of its own. */
void crew_work(struct crew *crew);
void crew_stop(struct crew *crew);

/* Make one block for anybody; false when there is nothing to do. */
bool crew_turn(struct crew *crew);

/*
 * Get a seat for 'job', which is copied but for segments, if they are several.
 * NULL when there is none, or no memory; then 'over' isn't called.  'reader'
 * is something of the reader's, at an even address.
 */
struct seat *crew_sit(struct crew *crew, const struct crew_job *job,
                      const void *reader);

/*
 * Begin to read, and pause: in between ahead_read() and ahead_view() may be
 * called on '&seat->ahead'.  False when the seat was taken from the reader,
 * which has left it with that.
 */
bool crew_resume(struct seat *seat, const void *reader);
void crew_pause(struct crew *crew, struct seat *seat, const void *reader);

/* Leave the seat, unless it was taken; not while reading. */
void crew_leave(struct seat *seat, const void *reader);

#endif
