/* SPDX-License-Identifier: MIT */
/* Seats, and who is in them. */
#include "crew.h"

#include "metrics.h"
#include "together.h"

#include <errno.h>
#include <string.h>

/*
 * Blocks are small enough for the cache of a core, and large enough that what
 * is done once for each doesn't count.
 */
#define BLOCK ((size_t)128 << 10)
#define BLOCKS 16

/* A seat that was not read for so many milliseconds may be taken. */
#define PATIENCE 50

enum { OPEN = 1, ONE = 2 };

void crew_init(struct crew *crew, size_t helpers)
{
    memset(crew, 0, sizeof *crew);
    crew->count = helpers < CREW_SEATS ? helpers : CREW_SEATS;
    sem_init(&crew->work, 0, 0);
}

void crew_release(struct crew *crew)
{
    for (size_t i = 0; i < crew->count; i++)
        ahead_release(&crew->seats[i].ahead);
    sem_destroy(&crew->work);
}

/* ------------------------------------------------------------------------
 * Coming and going
 */

/* Come in as a helper, if the seat is open. */
static bool enter(struct seat *seat)
{
    size_t state = atomic_load(&seat->state);

    while (state & OPEN)
        if (atomic_compare_exchange_weak(&seat->state, &state, state + ONE))
            return true;
    return false;
}

/*
 * Nobody is there any more, and nobody comes before the seat is free.  Its room
 * is the next one's: this may be a helper.
 */
static void clear(struct seat *seat)
{
    const struct crew_job job = seat->job;

    atomic_store(&seat->state, 0);
    job.over(job.self);
}

/* Go; the last one after it was closed clears it. */
static void leave(struct seat *seat)
{
    size_t state = atomic_load(&seat->state);

    do {
        if (state == ONE) {
            clear(seat);
            return;
        }
    } while (!atomic_compare_exchange_weak(&seat->state, &state, state - ONE));
}

/* Let no more helpers in, and go: the reader, or who takes its place. */
static void shut(struct seat *seat)
{
    atomic_fetch_add(&seat->state, ONE - OPEN);
    leave(seat);
}

/* ------------------------------------------------------------------------
 * Helping
 */

/* Take back one of those who are asleep, or have said that they will be. */
static bool take_sleeper(struct crew *crew)
{
    size_t asleep = atomic_load(&crew->asleep);

    while (asleep > 0)
        if (atomic_compare_exchange_weak(&crew->asleep, &asleep, asleep - 1))
            return true;
    return false;
}

static bool wake(struct crew *crew)
{
    if (!take_sleeper(crew))
        return false;
    sem_post(&crew->work);
    return true;
}

/* Make a block for whoever is in a seat, if one is wanted. */
static bool help(struct seat *seat)
{
    if (!enter(seat))
        return false;
    const uint64_t start = metrics_now();
    const bool made = ahead_help(&seat->ahead);
    if (made)
        seat->job.spent(seat->job.self, metrics_now() - start);
    leave(seat);
    return made;
}

bool crew_turn(struct crew *crew)
{
    const size_t turn = atomic_fetch_add(&crew->turn, 1);

    for (size_t i = 0; i < crew->count; i++)
        if (help(&crew->seats[(turn + i) % crew->count]))
            return true;
    return false;
}

/*
 * Who says that it will be asleep before it looks once more misses nothing:
 * one who brings work looks for sleepers after that.
 */
static void rest(struct crew *crew)
{
    atomic_fetch_add(&crew->asleep, 1);
    if ((atomic_load(&crew->stopped) || crew_turn(crew)) && take_sleeper(crew))
        return;
    while (sem_wait(&crew->work) && errno == EINTR)
        ;
}

void crew_work(struct crew *crew)
{
    while (!atomic_load(&crew->stopped))
        if (!crew_turn(crew))
            rest(crew);
}

void crew_stop(struct crew *crew)
{
    atomic_store(&crew->stopped, true);
    while (wake(crew))
        ;
}

/* ------------------------------------------------------------------------
 * Reading
 */

static bool make_part(void *self, uint64_t pos, void *buf, size_t n)
{
    const struct crew_job *job = self;

    return !sow_body_read(job->engine, &job->body, job->first + pos, buf, n);
}

/* Set a seat up that is the caller's alone. */
static bool furnish(struct seat *seat, const struct crew_job *job)
{
    struct ahead_source source = {make_part, &seat->job, job->size};

    if (!ahead_init(&seat->ahead, &source, BLOCK, BLOCKS, job->pos))
        return false;
    seat->job = *job;
    if (job->body.count == 1) {
        seat->lone = job->body.segments[0];
        seat->job.body.segments = &seat->lone;
    }
    atomic_store(&seat->last, together_now());
    return true;
}

/*
 * Take the seat from a reader that doesn't come.  It has one only while the
 * seat is open: 'reader' is set after that, and cleared before.
 */
static void take_from_slow(struct seat *seat)
{
    uintptr_t reader = atomic_load(&seat->reader);

    if (reader == 0 || reader % 2 != 0 ||
        together_now() - atomic_load(&seat->last) < PATIENCE)
        return;
    if (atomic_compare_exchange_strong(&seat->reader, &reader, 0))
        shut(seat);
}

static bool take(struct seat *seat)
{
    size_t nobody = 0;

    take_from_slow(seat);
    return atomic_compare_exchange_strong(&seat->state, &nobody, ONE);
}

struct seat *crew_sit(struct crew *crew, const struct crew_job *job,
                      const void *reader)
{
    for (size_t i = 0; i < crew->count; i++) {
        struct seat *seat = &crew->seats[i];
        if (!take(seat))
            continue;
        if (!furnish(seat, job)) {
            atomic_store(&seat->state, 0);
            return NULL;
        }
        atomic_store(&seat->state, OPEN);
        atomic_store(&seat->reader, (uintptr_t)reader);
        wake(crew);
        return seat;
    }
    return NULL;
}

bool crew_resume(struct seat *seat, const void *reader)
{
    uintptr_t me = (uintptr_t)reader;

    return atomic_compare_exchange_strong(&seat->reader, &me, me + 1);
}

/*
 * Wake a helper when there is room for some blocks at once, not for each.  Once
 * the reader pauses the seat may be another's.
 */
void crew_pause(struct crew *crew, struct seat *seat, const void *reader)
{
    const bool wanted =
        atomic_load(&crew->asleep) > 0 && ahead_wants(&seat->ahead);

    atomic_store(&seat->last, together_now());
    atomic_store(&seat->reader, (uintptr_t)reader);
    if (wanted)
        wake(crew);
}

void crew_leave(struct seat *seat, const void *reader)
{
    uintptr_t me = (uintptr_t)reader;

    if (atomic_compare_exchange_strong(&seat->reader, &me, 0))
        shut(seat);
}
