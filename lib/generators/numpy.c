/* SPDX-License-Identifier: MIT */
/*
 * numpy.random.Generator with PCG64 or PCG64DXSM: its draws, and how many steps
 * they take.
 */
#include "generators/numpy.h"

#include <string.h>

#include "generators/ziggurat.h"
#include "status.h"

/* Steps that are made at a time. */
#define WORDS 256

/* ------------------------------------------------------------------------
 * Draws
 */

static void begin(struct sow_numpy_cursor *cursor)
{
    cursor->pcg =
        sow_numpy_at(cursor->tensor->spec.origin.start, &cursor->begin);
}

/* Pass 'count' draws of 32 bits over. */
static void pass_halves(struct sow_pcg64 *pcg, uint64_t count)
{
    if (count > 0 && pcg->has_half) {
        pcg->has_half = false;
        count--;
    }
    if (count == 0)
        return;
    sow_pcg64_advance(pcg, (count - 1) / 2);
    (void)sow_pcg64_next32(pcg);
    pcg->has_half = count % 2 == 1;
}

static void pass(struct sow_numpy_cursor *cursor, uint64_t count)
{
    bool is_double = cursor->tensor->spec.dtype == SOW_FLOAT64;

    if (sow_numpy_is_normal(cursor->tensor) && is_double)
        sow_ziggurat_f64(&cursor->pcg, NULL, count);
    else if (sow_numpy_is_normal(cursor->tensor))
        sow_ziggurat_f32(&cursor->pcg, NULL, count);
    else if (is_double)
        sow_pcg64_advance(&cursor->pcg, count);
    else
        pass_halves(&cursor->pcg, count);
}

static void draw_f64(struct sow_pcg64 *pcg, double *out, size_t count)
{
    uint64_t words[WORDS];

    while (count > 0) {
        size_t take = count < WORDS ? count : WORDS;

        sow_pcg64_words(pcg, words, take);
        for (size_t i = 0; i < take; i++)
            out[i] = sow_pcg64_as_double(words[i]);
        out += take;
        count -= take;
    }
}

/* Two for each word. */
static void draw_pairs(struct sow_pcg64 *pcg, float *out, size_t pairs)
{
    uint64_t words[WORDS] = {0};
    size_t take = 0;

    for (; pairs > 0; pairs -= take, out += 2 * take) {
        take = pairs < WORDS ? pairs : WORDS;
        sow_pcg64_words(pcg, words, take);
        for (size_t i = 0; i < take; i++) {
            out[2 * i] = sow_pcg64_as_float((uint32_t)words[i]);
            out[2 * i + 1] = sow_pcg64_as_float((uint32_t)(words[i] >> 32));
        }
        pcg->half = (uint32_t)(words[take - 1] >> 32);
    }
}

static void draw_f32(struct sow_pcg64 *pcg, float *out, size_t count)
{
    if (count > 0 && pcg->has_half) {
        *out++ = sow_pcg64_float(pcg);
        count--;
    }
    draw_pairs(pcg, out, count / 2);
    if (count % 2 > 0)
        out[count - 1] = sow_pcg64_float(pcg);
}

static void draw(struct sow_numpy_cursor *cursor, void *out, size_t count)
{
    bool is_double = cursor->tensor->spec.dtype == SOW_FLOAT64;

    if (sow_numpy_is_normal(cursor->tensor) && is_double)
        sow_ziggurat_f64(&cursor->pcg, out, count);
    else if (sow_numpy_is_normal(cursor->tensor))
        sow_ziggurat_f32(&cursor->pcg, out, count);
    else if (is_double)
        draw_f64(&cursor->pcg, out, count);
    else
        draw_f32(&cursor->pcg, out, count);
}

static uint64_t mark(const struct sow_numpy_cursor *cursor)
{
    return cursor->pcg.steps << 1 | cursor->pcg.has_half;
}

static void end(struct sow_numpy_cursor *cursor, struct sow_place *place)
{
    place->at = cursor->begin.at + cursor->pcg.steps;
    place->kept = cursor->pcg.has_half;
    place->value = cursor->pcg.half;
}

const struct sow_numpy_family sow_numpy_family = {
    .begin = begin,
    .pass = pass,
    .draw = draw,
    .mark = mark,
    .end = end,
    .steps = 1,
};

/* ------------------------------------------------------------------------
 * Tensors
 */

static enum sow_status check_dtype(const struct sow_tensor *tensor,
                                   struct sow_error *error)
{
    const struct sow_scheme_info *info = tensor->spec.scheme.info;

    if (tensor->spec.dtype == SOW_FLOAT64)
        return SOW_OK;
    if (tensor->spec.dtype != SOW_FLOAT32)
        return sow_fail(error, SOW_BAD_SCHEME, "dtype",
                        "NumPy draws float64 and float32, not %s; ask for one "
                        "of these",
                        sow_dtype_name(tensor->spec.dtype));
    if (info->parameter_count == 0)
        return SOW_OK;
    return sow_fail(error, SOW_BAD_SCHEME, "dtype",
                    "a Generator's %s is float64 only; ask for float64, or for "
                    "%s in float32",
                    strchr(info->name, '.') + 1,
                    sow_numpy_is_normal(tensor) ? "numpy.standard_normal"
                                                : "numpy.random");
}

/*
 * Two float32 take a step.  Whether one has been taken already may only be
 * known when what comes before has been drawn; and of a half that the start has
 * left the place alone says whether it has been given.
 */
static void resolve_halves(struct sow_tensor *tensor)
{
    const struct sow_origin *origin = &tensor->spec.origin;
    enum sow_kept waits = sow_chain_kept(origin);
    struct sow_law *law = &tensor->law;
    uint64_t count = tensor->elements - (waits == SOW_KEEPS_ONE);

    if (tensor->elements == 0)
        return;
    law->turn = waits == SOW_MAY_KEEP ||
                (count == 0 && origin->kept == SOW_KEPT_BEFORE);
    law->steps = (count + 1) / 2;
    if (law->turn)
        law->kept = SOW_KEPT_UNKNOWN;
    else if (count == 0)
        law->kept = origin->kept | SOW_KEPT_GIVEN;
    else
        law->kept = (origin->at + law->steps - 1) |
                    (count % 2 == 0 ? SOW_KEPT_GIVEN : 0);
}

static enum sow_status resolve(struct sow_tensor *tensor,
                               struct sow_error *error)
{
    struct sow_law *law = &tensor->law;
    bool is_double = tensor->spec.dtype == SOW_FLOAT64;
    enum sow_status status;

    if (law->kind == SOW_LAW_CONSTANT) {
        sow_chain_need(tensor);
        return SOW_OK;
    }
    status = check_dtype(tensor, error);
    if (status != SOW_OK)
        return status;
    law->turn = sow_numpy_is_normal(tensor);
    if (law->turn)
        law->kept = is_double ? SOW_KEPT_BEFORE : SOW_KEPT_UNKNOWN;
    else if (is_double)
        law->steps = tensor->elements;
    else
        resolve_halves(tensor);
    sow_numpy_need(tensor);
    return SOW_OK;
}

const struct sow_drawing sow_numpy_drawing = {
    .seed = sow_numpy_seed,
    .state_size = SOW_NUMPY_PCG64_STATE,
    .load = sow_numpy_load,
    .save = sow_numpy_save,
    .begin = sow_numpy_begin,
    .first = sow_numpy_first,
    .kept = sow_numpy_kept,
    .finish = sow_numpy_finish,
    .resolve = resolve,
};
