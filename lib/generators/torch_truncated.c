/* SPDX-License-Identifier: MIT */
/*
 * trunc_normal_ since torch 2.12: a normal_(), and another of the same size
 * for as long as any element lies outside the bounds, of which the elements
 * that still do are taken.  So all rounds begin at places that are known, and
 * an element is the first within the bounds of those at its index; only how
 * many rounds there are isn't known before all of them have been looked at.
 */
#include <math.h>
#include <string.h>

#include "elementary.h"
#include "generators/torch.h"
#include "kernels/kernels.h"
#include "status.h"

enum { MEAN, STD, LOW, HIGH }; /* the scheme's parameters */

/* The bounds as the element type has them, in law.numbers. */
enum { LEAST = SOW_TORCH_OTHERS, MOST };

#define BLOCK SOW_TORCH_BLOCK
#define SOME 512       /* elements that are looked at together */
#define BETWEEN 65536  /* elements between two questions whether to stop */
#define CURSORS_READ 4 /* rounds whose place a read remembers */

/* What of the normal is within the bounds at least, or it takes too long. */
#define LEAST_INSIDE 0.2

/* The largest magnitudes of a normal from 24 bits and from 53, and some. */
#define LARGEST_24 5.78
#define LARGEST_53 8.58

/*
 * The rounds of a tensor, with a cursor for each of the first 'count'; so far
 * 'begun' of them are in use.
 */
struct rounds {
    const struct sow_engine *engine;
    const struct sow_tensor *tensor;
    uint64_t position;
    struct sow_mt *cursors;
    size_t count, begun;
    uint64_t last; /* the last round that was looked at */
};

/* ------------------------------------------------------------------------
 * Elements
 */

static bool is_outside(const struct sow_tensor *tensor, const uint8_t *item)
{
    const double *numbers = tensor->law.numbers;
    double value;
    float single;

    if (tensor->spec.dtype == SOW_FLOAT32) {
        memcpy(&single, item, sizeof single);
        value = (double)single;
    } else {
        sow_widen(tensor->spec.dtype, item, &value, 1);
    }
    return value < numbers[LEAST] || value > numbers[MOST];
}

/* Which of 'count' items lie outside; returns how many. */
static size_t find_outside(const struct sow_tensor *tensor,
                           const uint8_t *items, size_t count, uint16_t *which)
{
    size_t size = sow_dtype_size(tensor->spec.dtype), n = 0;

    for (size_t i = 0; i < count; i++) {
        which[n] = (uint16_t)i;
        n += is_outside(tensor, items + i * size);
    }
    return n;
}

/* The 16 elements of 'round' whose words are at 'block' in it. */
static void draw_block(struct rounds *rounds, uint64_t round, uint64_t block,
                       uint8_t *items)
{
    const struct sow_tensor *tensor = rounds->tensor;
    uint64_t position =
        rounds->position + round * sow_torch_normal_words(tensor) + block;
    struct sow_mt passing, *mt = &passing;

    if (round < rounds->count)
        mt = &rounds->cursors[round];
    if (round >= rounds->begun)
        sow_mt_begin(mt, rounds->engine, tensor->spec.origin.start, position);
    if (round == rounds->begun && round < rounds->count)
        rounds->begun++;
    sow_torch_normal_one(mt, tensor, position, items);
}

/*
 * Look at 'round' for the 'n' elements of those from 'first' on that 'which'
 * names; take what lies within.  Returns how many are still to be found.
 */
static size_t try_round(struct rounds *rounds, uint64_t round, uint64_t first,
                        uint16_t *which, size_t n, uint8_t *out)
{
    size_t size = sow_dtype_size(rounds->tensor->spec.dtype), left = 0;
    uint8_t items[BLOCK * sizeof(double)];
    uint64_t drawn = UINT64_MAX;

    for (size_t i = 0; i < n; i++) {
        size_t lane = 0;
        uint64_t block =
            sow_torch_normal_block(rounds->tensor, first + which[i], &lane);
        const uint8_t *item = items + lane * size;

        if (block != drawn)
            draw_block(rounds, round, block, items);
        drawn = block;
        memcpy(out + which[i] * size, item, size);
        which[left] = which[i];
        left += is_outside(rounds->tensor, item);
    }
    return left;
}

/* Replace what lies outside among 'count' items, SOME at most. */
static void mend(struct rounds *rounds, uint64_t first, size_t count,
                 uint8_t *items)
{
    uint16_t which[SOME] = {0};
    size_t n = find_outside(rounds->tensor, items, count, which);

    for (uint64_t round = 1; n > 0; round++) {
        n = try_round(rounds, round, first, which, n, items);
        if (round > rounds->last)
            rounds->last = round;
    }
}

/* ------------------------------------------------------------------------
 * Fewer than 16
 */

/* Draw all rounds from 'place' on, which is moved to where they end. */
static void draw_small(const struct sow_engine *engine,
                       const struct sow_tensor *tensor, struct sow_place *place,
                       uint8_t *out)
{
    size_t size = sow_dtype_size(tensor->spec.dtype), n;
    uint8_t items[BLOCK * sizeof(double)];
    uint16_t which[BLOCK] = {0};

    sow_torch_small_draw(engine, tensor, place, out);
    n = find_outside(tensor, out, (size_t)tensor->elements, which);
    while (n > 0) {
        size_t left = 0;

        sow_torch_small_draw(engine, tensor, place, items);
        for (size_t i = 0; i < n; i++) {
            memcpy(out + which[i] * size, items + which[i] * size, size);
            which[left] = which[i];
            left += is_outside(tensor, items + which[i] * size);
        }
        n = left;
    }
}

/* ------------------------------------------------------------------------
 * The turn
 */

/* Draw 'count' elements from 'first' on. */
static void draw(struct rounds *rounds, uint64_t first, size_t count,
                 uint8_t *out)
{
    size_t size = sow_dtype_size(rounds->tensor->spec.dtype);

    sow_torch_normal_draw(&rounds->cursors[0], rounds->tensor, rounds->position,
                          first, count, out);
    for (size_t done = 0; done < count; done += SOME)
        mend(rounds, first + done, count - done < SOME ? count - done : SOME,
             out + done * size);
}

static void rounds_begin(struct rounds *rounds, uint64_t first)
{
    size_t lane;
    uint64_t block = sow_torch_normal_block(rounds->tensor, first, &lane);

    sow_mt_begin(&rounds->cursors[0], rounds->engine,
                 rounds->tensor->spec.origin.start, rounds->position + block);
    rounds->begun = 1;
}

static void rounds_end(struct rounds *rounds)
{
    for (size_t i = 0; i < rounds->begun; i++)
        sow_mt_end(&rounds->cursors[i]);
}

static void fill(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, uint64_t first, size_t count,
                 void *out)
{
    size_t size = sow_dtype_size(tensor->spec.dtype);
    struct sow_place place = sow_chain_place(engine, tensor);
    struct sow_mt cursors[CURSORS_READ];
    struct rounds rounds = {.engine = engine,
                            .tensor = tensor,
                            .position = place.at,
                            .cursors = cursors,
                            .count = CURSORS_READ};
    uint8_t items[BLOCK * sizeof(double)];

    if (tensor->elements < BLOCK) {
        draw_small(engine, tensor, &place, items);
        memcpy(out, items + first * size, count * size);
        return;
    }
    rounds_begin(&rounds, first);
    draw(&rounds, first, count, out);
    rounds_end(&rounds);
}

/* Draw all elements, SOME at a time, only to count the rounds. */
static bool draw_all(struct rounds *rounds, bool (*stop)(void *argument),
                     void *argument)
{
    uint64_t elements = rounds->tensor->elements;
    uint8_t items[SOME * sizeof(double)];

    rounds_begin(rounds, 0);
    for (uint64_t first = 0; first < elements; first += SOME) {
        uint64_t left = elements - first;

        draw(rounds, first, left < SOME ? (size_t)left : SOME, items);
        if (first % BETWEEN == 0 && stop != NULL && stop(argument))
            return false;
    }
    rounds_end(rounds);
    return true;
}

bool sow_torch_truncated_finish(const struct sow_engine *engine,
                                const struct sow_tensor *turn,
                                const struct sow_place *begin,
                                struct sow_place *end, void *scratch,
                                bool (*stop)(void *argument), void *argument)
{
    struct rounds rounds = {.engine = engine,
                            .tensor = turn,
                            .position = begin->at,
                            .cursors = scratch,
                            .count = (size_t)turn->law.counts[SOW_TORCH_COUNT]};
    uint8_t items[BLOCK * sizeof(double)];

    *end = *begin;
    if (turn->elements < BLOCK) {
        draw_small(engine, turn, end, items);
        return true;
    }
    if (!draw_all(&rounds, stop, argument))
        return false;
    end->at += (rounds.last + 1) * sow_torch_normal_words(turn);
    return true;
}

/* ------------------------------------------------------------------------
 * The law
 */

static double in_dtype(enum sow_dtype dtype, double value)
{
    float single = (float)value;
    uint8_t item[sizeof single];

    if (dtype == SOW_FLOAT64)
        return value;
    sow_narrow(dtype, &single, item, 1);
    sow_widen(dtype, item, &value, 1);
    return value;
}

/* Rounds after which nothing is left, but for one time in a thousand. */
static uint64_t cursors_for(uint64_t elements, double outside)
{
    double rate = -sow_log(outside > 1e-9 ? outside : 1e-9);

    return (uint64_t)(sow_log(1000 * (double)elements) / rate) + 2;
}

/* What a turn leaves: blocks nothing, a few elements each round their own. */
static uint64_t kept_by(const struct sow_tensor *tensor)
{
    enum sow_kept kept = sow_chain_kept(&tensor->spec.origin);

    if (tensor->elements >= BLOCK)
        return SOW_KEPT_BEFORE;
    if (tensor->elements % 2 != 0 || kept == SOW_MAY_KEEP)
        return SOW_KEPT_UNKNOWN;
    return kept == SOW_KEEPS_ONE ? 0 : SOW_KEPT_NONE;
}

static void let_turn(struct sow_tensor *tensor, double outside)
{
    struct sow_law *law = &tensor->law;

    law->turn = true;
    law->fill = fill;
    law->kept = kept_by(tensor);
    law->counts[SOW_TORCH_COUNT] = cursors_for(tensor->elements, outside);
    if (tensor->elements >= BLOCK)
        law->scratch =
            (size_t)law->counts[SOW_TORCH_COUNT] * sizeof(struct sow_mt);
}

/* Are they drawn from 53 bits, rather than 24? */
static bool is_wide(const struct sow_tensor *tensor)
{
    return tensor->elements < BLOCK || tensor->spec.dtype == SOW_FLOAT64;
}

/* The mean or the std as the draws have it. */
static double as_drawn(const struct sow_tensor *tensor, size_t which)
{
    double number = tensor->law.numbers[which];

    return is_wide(tensor) ? number : (double)(float)number;
}

/* Is nothing outside the bounds, whatever the words are? */
static bool holds_all(const struct sow_tensor *tensor)
{
    const double *numbers = tensor->law.numbers;
    enum sow_dtype dtype = tensor->spec.dtype;
    double mean = as_drawn(tensor, SOW_TORCH_MEAN);
    double most = as_drawn(tensor, SOW_TORCH_STD) *
                  (is_wide(tensor) ? LARGEST_53 : LARGEST_24);

    return in_dtype(dtype, mean - most) >= numbers[LEAST] &&
           in_dtype(dtype, mean + most) <= numbers[MOST];
}

/* How much of a normal lies between; nothing where torch divides by 0. */
static double between(double mean, double std, double low, double high)
{
    return std > 0 ? sow_normal_cdf((high - mean) / std) -
                         sow_normal_cdf((low - mean) / std)
                   : 0;
}

/* The bounds are set: repeat for what lies outside, if anything does. */
static enum sow_status set_rounds(struct sow_tensor *tensor,
                                  struct sow_error *error)
{
    const double *numbers = tensor->law.numbers;
    double inside =
        between(as_drawn(tensor, SOW_TORCH_MEAN),
                as_drawn(tensor, SOW_TORCH_STD), numbers[LEAST], numbers[MOST]);

    if (holds_all(tensor))
        return SOW_OK;
    if (!(inside > LEAST_INSIDE))
        return sow_fail(error, SOW_BAD_SCHEME, "scheme",
                        "rounded to %s, these bounds leave so little of the "
                        "normal that torch's trunc_normal_ might draw for "
                        "ever; widen them",
                        sow_dtype_name(tensor->spec.dtype));
    let_turn(tensor, 1 - inside);
    return SOW_OK;
}

enum sow_status sow_torch_truncated(struct sow_tensor *tensor,
                                    struct sow_error *error)
{
    const double *values = tensor->spec.scheme.values;
    double mean = values[MEAN], std = values[STD];
    double inside;
    enum sow_status status;

    if (sow_torch_era(tensor) == SOW_TORCH_1_13)
        return sow_fail(error, SOW_BAD_SCHEME, "scheme",
                        "until torch 2.11 trunc_normal_ was MKL's erfinv, "
                        "which can't be exact; torch/linux-x86_64-avx2@2.13 "
                        "draws it as torch does since 2.12");
    status = sow_torch_normal(tensor, mean, std, error);
    if (status != SOW_OK)
        return status;
    inside = between(mean, std, values[LOW], values[HIGH]);
    if (!(inside > 0.3 + 1e-12))
        return sow_fail(error, SOW_BAD_SCHEME, "scheme",
                        "with %.2g of the normal within the bounds, torch's "
                        "trunc_normal_ takes logarithms of its own, which "
                        "can't be exact; above 0.3 it doesn't",
                        inside);
    tensor->law.numbers[LEAST] = in_dtype(tensor->spec.dtype, values[LOW]);
    tensor->law.numbers[MOST] = in_dtype(tensor->spec.dtype, values[HIGH]);
    return set_rounds(tensor, error);
}
