/* SPDX-License-Identifier: MIT */
/*
 * Making wholes: who takes which unit, gives it back or waits for it, and
 * what is told meanwhile.
 */
#include "wholes_state.h"

#include "pages.h"

#include <stdlib.h>
#include <string.h>

/* Room for 'bytes' aligned ones. */
static size_t padded(uint64_t bytes)
{
    return (size_t)bytes + WHOLE_ALIGNMENT;
}

static void *align(void *block)
{
    size_t past = (uintptr_t)block % WHOLE_ALIGNMENT;

    return (char *)block + (past > 0 ? WHOLE_ALIGNMENT - past : 0);
}

/*
 * A block of zeros.  Matrices are made and read across many pages at a time,
 * which takes a tenth less time where those are large; it is only a hint.
 */
static void *zeros(size_t bytes)
{
    void *block = calloc(1, bytes);

    pages_enlarge(block, bytes);
    return block;
}

/* ------------------------------------------------------------------------
 * Telling
 */

struct whole_news whole_news(const struct whole *whole, enum notice notice)
{
    if (whole->begun == 0 || whole->need.flops < WHOLE_LONG_FLOPS)
        return (struct whole_news){.notice = NOTICE_NONE};
    return (struct whole_news){
        .notice = notice,
        .share = (double)whole->made / whole->need.units,
        .seconds = (double)(together_now() - whole->begun) / 1000,
    };
}

void wholes_tell(const struct wholes *wholes, const struct sow_tensor *tensor,
                 struct whole_news news)
{
    char text[NOTICE_BYTES];

    if (news.notice == NOTICE_NONE || !wholes->notice)
        return;
    notice_write(news.notice, tensor, news.share, news.seconds, text);
    wholes->notice(text);
}

/* What to tell after a unit. */
static struct whole_news unit_news(struct whole *whole)
{
    if (whole_is_made(whole))
        return whole_news(whole, NOTICE_MADE);
    if (together_now() - whole->told < TOGETHER_TELL)
        return whole_news(whole, NOTICE_NONE);
    whole->told = together_now();
    return whole_news(whole, NOTICE_PROGRESS);
}

/* ------------------------------------------------------------------------
 * Units
 */

/* Get the memory, with the lock held but meanwhile. */
static bool allocate(struct wholes *wholes, struct whole *whole)
{
    struct whole *evicted = wholes_evict(wholes, whole->bytes);

    wholes->report.bytes += whole->bytes;
    whole->allocating = true;
    pthread_mutex_unlock(&wholes->lock);
    whole_free_chain(evicted);
    void *block = zeros(padded(whole->need.doubles * sizeof(double)));
    pthread_mutex_lock(&wholes->lock);
    if (!block)
        wholes->report.bytes -= whole->bytes;
    whole->block = block;
    whole->allocating = false;
    pthread_cond_broadcast(&wholes->changed);
    return block;
}

/* What became of an attempt to take a unit. */
enum turn { TURN_UNIT, TURN_NONE, TURN_MADE, TURN_FAILED };

static enum turn take(struct wholes *wholes, struct whole *whole,
                      uint32_t *unit)
{
    while (whole->allocating)
        pthread_cond_wait(&wholes->changed, &wholes->lock);
    if (whole_is_made(whole))
        return TURN_MADE;
    if (!whole->block && !allocate(wholes, whole))
        return TURN_FAILED;
    while (whole->next < whole->need.units &&
           whole->states[whole->next] != UNIT_OPEN)
        whole->next++;
    if (whole->next == whole->need.units)
        return TURN_NONE;
    *unit = whole->next++;
    whole->states[*unit] = UNIT_TAKEN;
    whole->running++;
    return TURN_UNIT;
}

/* Is a unit the first to be taken?  Notes the time. */
static struct whole_news begin(struct whole *whole)
{
    if (whole->begun > 0)
        return whole_news(whole, NOTICE_NONE);
    whole->begun = whole->told = together_now();
    return whole_news(whole, NOTICE_BEGUN);
}

static void count_unit(struct wholes *wholes, struct whole *whole)
{
    wholes->report.units++;
    wholes->report.flops += whole_unit_flops(whole);
    wholes->open_made += whole_unit_flops(whole);
    whole->made++;
    if (whole_is_made(whole))
        wholes_close(wholes, whole);
}

/*
 * A unit is anybody's again.  When the one who gives it back was the last to
 * want the whole, its memory, which is returned, needn't wait for the rest of
 * the request's end: that comes on a thread that has no time for it.
 */
static void *give_back(struct wholes *wholes, struct whole *whole,
                       uint32_t unit)
{
    void *block = whole->block;

    whole->states[unit] = UNIT_OPEN;
    if (unit < whole->next)
        whole->next = unit;
    if (whole->holders > 1 || whole->running > 0)
        return NULL;
    wholes->open_made -= whole_unit_flops(whole) * whole->made;
    wholes->report.bytes -= whole->bytes;
    memset(whole->states, UNIT_OPEN, whole->need.units);
    whole->made = whole->next = 0;
    whole->block = NULL;
    return block;
}

static void end_unit(struct wholes *wholes, struct whole *whole, uint32_t unit,
                     bool made, const struct sow_tensor *tensor)
{
    struct whole_news news = {.notice = NOTICE_NONE};
    void *block = NULL;

    pthread_mutex_lock(&wholes->lock);
    whole->running--;
    if (made) {
        whole->states[unit] = UNIT_MADE;
        count_unit(wholes, whole);
        news = unit_news(whole);
    } else {
        block = give_back(wholes, whole, unit);
    }
    pthread_cond_broadcast(&wholes->changed);
    pthread_mutex_unlock(&wholes->lock);
    free(block);
    wholes_tell(wholes, tensor, news);
}

/* Make a unit that was taken; false when stopped or out of memory. */
static bool make_unit(struct wholes *wholes, struct whole *whole, uint32_t unit,
                      const struct wholes_maker *maker)
{
    pthread_mutex_lock(&wholes->lock);
    struct whole_news news = begin(whole);
    pthread_mutex_unlock(&wholes->lock);
    wholes_tell(wholes, maker->tensor, news);
    void *scratch = malloc(padded(whole->need.scratch));
    bool made =
        scratch && !sow_tensor_make_whole(maker->engine, maker->tensor, unit,
                                          align(whole->block), align(scratch),
                                          maker->stop, maker->argument);
    free(scratch);
    end_unit(wholes, whole, unit, made, maker->tensor);
    return made;
}

static bool is_stopped(const struct wholes_maker *maker)
{
    return maker->stop && maker->stop(maker->argument);
}

bool wholes_help(struct wholes *wholes, struct whole *whole,
                 const struct wholes_maker *maker)
{
    uint32_t unit;

    if (is_stopped(maker))
        return false;
    pthread_mutex_lock(&wholes->lock);
    enum turn turn = take(wholes, whole, &unit);
    pthread_mutex_unlock(&wholes->lock);
    if (turn == TURN_UNIT)
        make_unit(wholes, whole, unit, maker);
    return turn == TURN_UNIT;
}

/* Wait, with the lock held but meanwhile, until something changes, or so. */
const double *wholes_join(struct wholes *wholes, struct whole *whole,
                          const struct wholes_maker *maker)
{
    uint32_t unit;

    while (!is_stopped(maker)) {
        pthread_mutex_lock(&wholes->lock);
        enum turn turn = take(wholes, whole, &unit);
        if (turn == TURN_NONE)
            together_wait(&wholes->lock, &wholes->changed);
        pthread_mutex_unlock(&wholes->lock);
        if (turn == TURN_MADE)
            return align(whole->block);
        if (turn == TURN_FAILED ||
            (turn == TURN_UNIT && !make_unit(wholes, whole, unit, maker)))
            return NULL;
    }
    return NULL;
}

const double *wholes_get(struct wholes *wholes, const struct whole *whole,
                         uint32_t *left)
{
    pthread_mutex_lock(&wholes->lock);
    *left = whole->need.units - whole->made;
    pthread_mutex_unlock(&wholes->lock);
    return *left == 0 ? align(whole->block) : NULL;
}
