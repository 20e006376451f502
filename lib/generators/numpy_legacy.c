/* SPDX-License-Identifier: MIT */
/*
 * numpy.random.RandomState: MT19937, two words for a double, and normals two at
 * a time by the polar method, the second of which is given before the first.
 */
#include <math.h>
#include <string.h>

#include "generators/glibc.h"
#include "generators/mt19937.h"
#include "generators/numpy.h"
#include "status.h"

/* What start->words has after MT19937's: whether a normal waits, its bits. */
enum { HAS_GAUSS = SOW_MT_OWN, GAUSS, GAUSS_HIGH };

/* Words of a state: the block, how much of it is given, the three, and two. */
#define STATE_WORDS (SOW_MT_WORDS + 6)

/* Words of an attempt at two normals. */
#define ATTEMPT 4

/* Uniform draws that are made at a time. */
#define DOUBLES 256

/* ------------------------------------------------------------------------
 * States
 */

static enum sow_status seed(struct sow_start *start, struct sow_error *error)
{
    (void)error;
    sow_mt_seed((uint32_t)start->seed, start->words);
    start->words[SOW_MT_OFFSET] = SOW_MT_WORDS;
    return SOW_OK;
}

static double gauss_of(const uint32_t words[2])
{
    uint64_t bits = (uint64_t)words[1] << 32 | words[0];
    double gauss;

    memcpy(&gauss, &bits, sizeof gauss);
    return gauss;
}

/* Nothing but 0 ever follows from a block without a bit that counts. */
static bool is_dead(const uint32_t *words)
{
    uint32_t all = words[0] & 0x80000000;

    for (size_t i = 1; i < SOW_MT_WORDS; i++)
        all |= words[i];
    return all == 0;
}

/* What is wrong with a state's words, or NULL. */
static const char *fault_of(const uint32_t *words)
{
    const uint32_t *end = words + SOW_MT_WORDS;

    if (is_dead(words))
        return "a key of MT19937 is not all 0";
    if (end[0] > SOW_MT_WORDS)
        return "pos is from 0 to 624";
    if (end[1] > 1)
        return "has_gauss is 0 or 1";
    if (!isfinite(gauss_of(end + 2)))
        return "gauss is a finite number";
    if ((end[4] | end[5]) != 0)
        return "the last 8 bytes of a RandomState's state are 0";
    return NULL;
}

static enum sow_status load(struct sow_start *start, const uint8_t *bytes,
                            struct sow_error *error)
{
    uint32_t words[STATE_WORDS];
    const char *fault;

    sow_numpy_words(bytes, words, STATE_WORDS);
    fault = fault_of(words);
    if (fault != NULL)
        return sow_fail(error, SOW_BAD_PARAMETER, "state",
                        "%s; this state is none of a RandomState", fault);
    memcpy(start->words, words, (GAUSS_HIGH + 1) * sizeof words[0]);
    return SOW_OK;
}

static void save(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, uint8_t *bytes)
{
    struct sow_place place = sow_chain_place(engine, tensor);
    uint32_t words[STATE_WORDS] = {0};

    words[SOW_MT_OFFSET] =
        sow_mt_state(engine, tensor->spec.origin.start, place.at, words);
    words[HAS_GAUSS] = place.kept != 0;
    words[GAUSS] = (uint32_t)place.value;
    words[GAUSS_HIGH] = (uint32_t)(place.value >> 32);
    sow_numpy_bytes(words, STATE_WORDS, bytes);
}

static void begin(struct sow_origin *origin)
{
    const uint32_t *words = origin->start->words;

    origin->kept = (words[HAS_GAUSS] | words[GAUSS] | words[GAUSS_HIGH]) != 0
                       ? SOW_KEPT_BEFORE
                       : SOW_KEPT_NONE;
}

static void first(const struct sow_start *start, struct sow_place *place)
{
    const uint32_t *words = start->words;

    place->kept = words[HAS_GAUSS];
    place->value = (uint64_t)words[GAUSS_HIGH] << 32 | words[GAUSS];
}

/* ------------------------------------------------------------------------
 * Draws
 */

static double make_double(const uint32_t words[2])
{
    return ((words[0] >> 5) * 67108864.0 + (words[1] >> 6)) / 0x1p53;
}

static double normal_of(double x, double square)
{
    return square == 0 ? x : sqrt(-2.0 * sow_glibc_log(square) / square) * x;
}

/* Attempt it until it works. */
static double polar_try(struct sow_polar *polar)
{
    uint32_t words[ATTEMPT];
    double x, y, square;

    do {
        sow_mt_words(&polar->mt, words, ATTEMPT);
        x = 2.0 * make_double(words) - 1.0;
        y = 2.0 * make_double(words + 2) - 1.0;
        square = x * x + y * y;
    } while (square >= 1.0 || square == 0.0);
    polar->x = x;
    polar->square = square;
    return y;
}

static double polar_next(struct sow_polar *polar)
{
    double x = polar->waits ? polar->x : polar_try(polar);

    polar->waits = !polar->waits;
    return normal_of(x, polar->square);
}

/* Pass 'count' normals over. */
static void polar_pass(struct sow_polar *polar, uint64_t count)
{
    if (count > 0 && polar->waits) {
        polar->waits = false;
        count--;
    }
    for (; count > 1; count -= 2)
        (void)polar_try(polar);
    if (count > 0) {
        (void)polar_try(polar);
        polar->waits = true;
    }
}

/* What the attempt at step 'at', which works, leaves. */
static uint64_t kept(const struct sow_engine *engine,
                     const struct sow_start *start, uint64_t at)
{
    struct sow_polar polar = {.waits = false};
    double gauss;
    uint64_t bits;

    sow_mt_begin(&polar.mt, engine, start, at);
    polar_pass(&polar, 1);
    sow_mt_end(&polar.mt);
    gauss = normal_of(polar.x, polar.square);
    memcpy(&bits, &gauss, sizeof bits);
    return bits;
}

/* ------------------------------------------------------------------------
 * Cursors
 */

static void cursor_begin(struct sow_numpy_cursor *cursor)
{
    struct sow_polar *polar = &cursor->polar;

    polar->waits = cursor->begin.kept != 0;
    polar->square = 0;
    memcpy(&polar->x, &cursor->begin.value, sizeof polar->x);
    sow_mt_begin(&polar->mt, cursor->engine, cursor->tensor->spec.origin.start,
                 cursor->begin.at);
}

static void pass(struct sow_numpy_cursor *cursor, uint64_t count)
{
    struct sow_mt *mt = &cursor->polar.mt;

    if (sow_numpy_is_normal(cursor->tensor))
        polar_pass(&cursor->polar, count);
    else
        sow_mt_move(mt, sow_mt_position(mt) + 2 * count);
}

static void draw_uniform(struct sow_mt *mt, double *out, size_t count)
{
    uint32_t words[2 * DOUBLES];

    while (count > 0) {
        size_t take = count < DOUBLES ? count : DOUBLES;

        sow_mt_words(mt, words, 2 * take);
        for (size_t i = 0; i < take; i++)
            out[i] = make_double(words + 2 * i);
        out += take;
        count -= take;
    }
}

static void draw(struct sow_numpy_cursor *cursor, void *out, size_t count)
{
    double *to = out;

    if (!sow_numpy_is_normal(cursor->tensor)) {
        draw_uniform(&cursor->polar.mt, out, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        to[i] = polar_next(&cursor->polar);
}

static uint64_t mark(const struct sow_numpy_cursor *cursor)
{
    uint64_t at = sow_mt_position(&cursor->polar.mt);

    return (at - cursor->begin.at) << 1 | cursor->polar.waits;
}

static void end(struct sow_numpy_cursor *cursor, struct sow_place *place)
{
    struct sow_polar *polar = &cursor->polar;
    double gauss = polar->waits ? normal_of(polar->x, polar->square) : 0;

    place->at = sow_mt_position(&polar->mt);
    place->kept = polar->waits;
    memcpy(&place->value, &gauss, sizeof gauss);
    sow_mt_end(&polar->mt);
}

const struct sow_numpy_family sow_legacy_family = {
    .begin = cursor_begin,
    .pass = pass,
    .draw = draw,
    .mark = mark,
    .end = end,
    .steps = ATTEMPT,
};

static enum sow_status resolve(struct sow_tensor *tensor,
                               struct sow_error *error)
{
    struct sow_law *law = &tensor->law;

    if (law->kind == SOW_LAW_CONSTANT) {
        sow_chain_need(tensor);
        return SOW_OK;
    }
    if (tensor->spec.dtype != SOW_FLOAT64)
        return sow_fail(error, SOW_BAD_SCHEME, "dtype",
                        "a RandomState draws float64 only, not %s; ask for "
                        "float64, or round what it gives yourself",
                        sow_dtype_name(tensor->spec.dtype));
    law->turn = sow_numpy_is_normal(tensor);
    if (law->turn)
        law->kept = SOW_KEPT_UNKNOWN;
    else
        law->steps = 2 * tensor->elements;
    sow_numpy_need(tensor);
    return SOW_OK;
}

const struct sow_drawing sow_randomstate_drawing = {
    .seed = seed,
    .state_size = STATE_WORDS * 4,
    .load = load,
    .save = save,
    .begin = begin,
    .first = first,
    .kept = kept,
    .finish = sow_numpy_finish,
    .resolve = resolve,
};
