/* SPDX-License-Identifier: MIT */
/* Where a tensor of a sequence begins, past the turns before it. */
#include <string.h>

#include "generators/drawing.h"

/* Turns that are remembered at a time on the way back. */
#define WINDOW 64

/* What a turn is taken to cost, and finding one's place among others. */
#define FLOPS_AN_ELEMENT 30.0
#define FLOPS_TO_FIND 1e6

static const struct sow_drawing *drawing_of(const struct sow_origin *origin)
{
    return origin->start->generator->drawing;
}

/* What is known of 'kept', which tells what a draw has left at 'origin'. */
static enum sow_kept known(const struct sow_origin *origin, uint64_t kept)
{
    struct sow_place place = {0};

    if (kept == SOW_KEPT_UNKNOWN)
        return SOW_MAY_KEEP;
    if (kept != SOW_KEPT_BEFORE)
        return kept & SOW_KEPT_GIVEN ? SOW_KEEPS_NOTHING : SOW_KEEPS_ONE;
    if (origin->after != NULL)
        return (enum sow_kept)origin->after->tensor.law.keeps;
    drawing_of(origin)->first(origin->start, &place);
    return place.kept != 0 ? SOW_KEEPS_ONE : SOW_KEEPS_NOTHING;
}

enum sow_kept sow_chain_kept(const struct sow_origin *origin)
{
    return known(origin, origin->kept);
}

/* ------------------------------------------------------------------------
 * Along the chain
 */

/* The end of 'turn', if the memory knows it. */
static bool recall(const struct sow_turn *turn, struct sow_place *end)
{
    const struct sow_memory *memory = turn->tensor.spec.origin.start->memory;

    return memory != NULL && memory->find(memory->self, turn->chain, 0, end,
                                          sizeof *end) != UINT64_MAX;
}

static void keep(const struct sow_turn *turn, const struct sow_place *end)
{
    const struct sow_memory *memory = turn->tensor.spec.origin.start->memory;

    if (memory != NULL)
        memory->keep(memory->self, turn->chain, 0, UINT64_MAX, end,
                     sizeof *end);
}

/* From the end of the turn before 'origin', or the start, to 'origin'. */
static void enter(const struct sow_engine *engine,
                  const struct sow_origin *origin, struct sow_place *place)
{
    uint64_t drawn = place->at + (origin->kept & ~SOW_KEPT_GIVEN);

    place->at += origin->at;
    if (origin->kept == SOW_KEPT_BEFORE)
        return;
    place->kept = (origin->kept & SOW_KEPT_GIVEN) == 0;
    place->value = 0;
    if (origin->kept != SOW_KEPT_NONE)
        place->value = drawing_of(origin)->kept(engine, origin->start, drawn);
}

_Static_assert((SOW_KEPT_NONE & SOW_KEPT_GIVEN) != 0,
               "what is kept of nothing would be drawn");

/* Draw 'turn' from where the turn before it ended to its own end. */
static bool pass(const struct sow_engine *engine, const struct sow_turn *turn,
                 struct sow_place *place, void *scratch,
                 bool (*stop)(void *argument), void *argument)
{
    const struct sow_origin *origin = &turn->tensor.spec.origin;
    struct sow_place end;

    enter(engine, origin, place);
    if (!drawing_of(origin)->finish(engine, &turn->tensor, place, &end, scratch,
                                    stop, argument))
        return false;
    keep(turn, &end);
    *place = end;
    return true;
}

/* The turn 'back' turns before the one that ends at 'last'. */
static const struct sow_turn *turn_before(const struct sow_turn *last,
                                          uint64_t back)
{
    while (back-- > 0)
        last = last->tensor.spec.origin.after;
    return last;
}

/* Draw the first of the last 'depth' turns up to 'last', WINDOW at most. */
static bool pass_some(const struct sow_engine *engine,
                      const struct sow_turn *last, uint64_t depth,
                      struct sow_place *place, void *scratch,
                      bool (*stop)(void *argument), void *argument)
{
    const struct sow_turn *turns[WINDOW];
    uint64_t n = depth < WINDOW ? depth : WINDOW;

    turns[0] = turn_before(last, depth - n);
    for (uint64_t i = 1; i < n; i++)
        turns[i] = turns[i - 1]->tensor.spec.origin.after;
    while (n-- > 0)
        if (!pass(engine, turns[n], place, scratch, stop, argument))
            return false;
    return true;
}

static void write_place(double *whole, const struct sow_place *place)
{
    memcpy(whole, place, sizeof *place);
}

_Static_assert(sizeof(struct sow_place) == SOW_PLACE_DOUBLES * sizeof(double),
               "a place doesn't fit its doubles");

bool sow_chain_begin(const struct sow_engine *engine,
                     const struct sow_tensor *tensor, double *whole,
                     struct sow_place *place, void *scratch,
                     bool (*stop)(void *argument), void *argument)
{
    const struct sow_origin *origin = &tensor->spec.origin;
    const struct sow_turn *turn = origin->after;
    uint64_t depth = 0;

    while (turn != NULL && !recall(turn, place)) {
        turn = turn->tensor.spec.origin.after;
        depth++;
    }
    if (turn == NULL) {
        *place = (struct sow_place){0};
        drawing_of(origin)->first(origin->start, place);
    }
    for (; depth > 0; depth -= depth < WINDOW ? depth : WINDOW)
        if (!pass_some(engine, origin->after, depth, place, scratch, stop,
                       argument))
            return false;
    enter(engine, origin, place);
    write_place(whole, place);
    return true;
}

void sow_chain_end(const struct sow_tensor *turn, double *whole,
                   const struct sow_place *end)
{
    struct sow_turn named;

    sow_turn_init(&named, turn);
    keep(&named, end);
    write_place(whole + SOW_PLACE_DOUBLES, end);
}

bool sow_chain_prepare(const struct sow_engine *engine,
                       const struct sow_tensor *tensor, uint32_t unit,
                       double *whole, void *scratch,
                       bool (*stop)(void *argument), void *argument)
{
    struct sow_place begin, end;

    (void)unit;
    if (!sow_chain_begin(engine, tensor, whole, &begin, scratch, stop,
                         argument))
        return false;
    if (!tensor->law.turn)
        return true;
    if (!drawing_of(&tensor->spec.origin)
             ->finish(engine, tensor, &begin, &end, scratch, stop, argument))
        return false;
    sow_chain_end(tensor, whole, &end);
    return true;
}

/* ------------------------------------------------------------------------
 * Tensors
 */

/* What a turn leaves; where that is what was there, what is known of that. */
static enum sow_kept keeps_after(const struct sow_tensor *turn)
{
    const struct sow_origin *origin = &turn->spec.origin;
    uint64_t kept = turn->law.kept;

    return known(origin, kept == SOW_KEPT_BEFORE ? origin->kept : kept);
}

void sow_chain_need(struct sow_tensor *tensor)
{
    const struct sow_turn *after = tensor->spec.origin.after;
    struct sow_law *law = &tensor->law;

    if (!law->turn && after == NULL)
        return;
    if (after != NULL)
        law->before = after->tensor.law.before + after->tensor.law.flops;
    if (after != NULL && after->tensor.law.scratch > law->scratch)
        law->scratch = after->tensor.law.scratch;
    law->prepare = sow_chain_prepare;
    law->units = 1;
    law->doubles = SOW_PLACE_DOUBLES;
    law->flops = FLOPS_TO_FIND;
    if (!law->turn)
        return;
    law->doubles += SOW_PLACE_DOUBLES;
    law->flops += FLOPS_AN_ELEMENT * (double)tensor->elements;
    law->keeps = (int)keeps_after(tensor);
}

uint64_t sow_chain_at(const struct sow_tensor *tensor)
{
    struct sow_place place;

    if (tensor->law.prepare == NULL)
        return tensor->spec.origin.at;
    memcpy(&place, tensor->whole, sizeof place);
    return place.at;
}

struct sow_place sow_chain_place(const struct sow_engine *engine,
                                 const struct sow_tensor *tensor)
{
    const struct sow_origin *origin = &tensor->spec.origin;
    struct sow_place place = {0};

    if (tensor->law.prepare != NULL) {
        memcpy(&place, tensor->whole, sizeof place);
        return place;
    }
    drawing_of(origin)->first(origin->start, &place);
    enter(engine, origin, &place);
    return place;
}
