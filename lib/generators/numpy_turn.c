/* SPDX-License-Identifier: MIT */
/*
 * Tensors of numpy.random, whatever the generator.  What one normal takes isn't
 * known before it is drawn, so the whole of a tensor of normals is where it
 * begins, where it ends, and a mark for each MARK of them.
 */
#include <string.h>

#include "generators/numpy.h"

/* Elements from one mark to the next. */
#define MARK 4096

/* Marks between two questions whether to stop. */
#define MARKS_A_QUESTION 64

/* Elements that are drawn at a time, and then copied. */
#define PIECE 512

static const struct sow_numpy_family *family_of(const struct sow_tensor *tensor)
{
    return tensor->spec.origin.start->generator->variant ==
                   SOW_NUMPY_RANDOMSTATE
               ? &sow_legacy_family
               : &sow_numpy_family;
}

bool sow_numpy_is_normal(const struct sow_tensor *tensor)
{
    return tensor->law.kind == SOW_LAW_NORMAL;
}

static void begin(struct sow_numpy_cursor *cursor,
                  const struct sow_engine *engine,
                  const struct sow_tensor *tensor,
                  const struct sow_place *place)
{
    cursor->engine = engine;
    cursor->tensor = tensor;
    cursor->begin = *place;
    family_of(tensor)->begin(cursor);
}

/* ------------------------------------------------------------------------
 * Wholes
 */

/* Pass all elements over, and set the marks, if there are any to be set. */
static bool run(struct sow_numpy_cursor *cursor, double *marks,
                bool (*stop)(void *argument), void *argument)
{
    const struct sow_numpy_family *family = family_of(cursor->tensor);
    uint64_t left = cursor->tensor->elements;

    for (uint64_t i = 0; left > 0; i++) {
        uint64_t take = left < MARK ? left : MARK;
        uint64_t mark = family->mark(cursor);

        if (stop != NULL && i % MARKS_A_QUESTION == 0 && stop(argument))
            return false;
        if (marks != NULL)
            memcpy(marks + i, &mark, sizeof mark);
        family->pass(cursor, take);
        left -= take;
    }
    return true;
}

bool sow_numpy_finish(const struct sow_engine *engine,
                      const struct sow_tensor *turn,
                      const struct sow_place *from, struct sow_place *end,
                      void *scratch, bool (*stop)(void *argument),
                      void *argument)
{
    struct sow_numpy_cursor cursor;

    (void)scratch;
    begin(&cursor, engine, turn, from);
    if (!sow_numpy_is_normal(turn))
        family_of(turn)->pass(&cursor, turn->elements);
    else if (!run(&cursor, NULL, stop, argument))
        return false;
    family_of(turn)->end(&cursor, end);
    return true;
}

static bool prepare(const struct sow_engine *engine,
                    const struct sow_tensor *tensor, uint32_t unit,
                    double *whole, void *scratch, bool (*stop)(void *argument),
                    void *argument)
{
    struct sow_numpy_cursor cursor;
    struct sow_place place;

    (void)unit;
    if (!sow_chain_begin(engine, tensor, whole, &place, scratch, stop,
                         argument))
        return false;
    begin(&cursor, engine, tensor, &place);
    if (!run(&cursor, whole + 2 * SOW_PLACE_DOUBLES, stop, argument))
        return false;
    family_of(tensor)->end(&cursor, &place);
    sow_chain_end(tensor, whole, &place);
    return true;
}

/* ------------------------------------------------------------------------
 * Elements
 */

/* Where mark 'i' was made. */
static struct sow_place mark_place(const struct sow_engine *engine,
                                   const struct sow_tensor *tensor, uint64_t i)
{
    const struct sow_start *start = tensor->spec.origin.start;
    struct sow_place place = sow_chain_place(engine, tensor);
    uint64_t mark;

    memcpy(&mark, tensor->whole + 2 * SOW_PLACE_DOUBLES + i, sizeof mark);
    if (mark <= 1)
        return place;
    place.at += mark >> 1;
    place.kept = mark & 1;
    if (place.kept != 0 && tensor->law.kept == SOW_KEPT_UNKNOWN)
        place.value = start->generator->drawing->kept(
            engine, start, place.at - family_of(tensor)->steps);
    return place;
}

/* Uniforms and normals are a factor and a term away from the standard ones. */
static void scale(const struct sow_tensor *tensor, double *values, size_t count)
{
    const double *numbers = tensor->law.numbers;

    for (size_t i = 0; i < count; i++)
        values[i] = numbers[0] + numbers[1] * values[i];
}

static void fill(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, uint64_t first, size_t count,
                 void *out)
{
    const struct sow_numpy_family *family = family_of(tensor);
    struct sow_numpy_cursor cursor;
    struct sow_place place = sow_numpy_is_normal(tensor)
                                 ? mark_place(engine, tensor, first / MARK)
                                 : sow_chain_place(engine, tensor);
    union {
        float f32[PIECE];
        double f64[PIECE];
    } piece;
    uint8_t *to = out;

    begin(&cursor, engine, tensor, &place);
    family->pass(&cursor, sow_numpy_is_normal(tensor) ? first % MARK : first);
    while (count > 0) {
        size_t take = count < PIECE ? count : PIECE;
        size_t size = take * sow_dtype_size(tensor->spec.dtype);

        family->draw(&cursor, &piece, take);
        if (tensor->spec.scheme.info->parameter_count > 0)
            scale(tensor, piece.f64, take);
        memcpy(to, &piece, size);
        to += size;
        count -= take;
    }
    family->end(&cursor, &place);
}

void sow_numpy_need(struct sow_tensor *tensor)
{
    struct sow_law *law = &tensor->law;

    law->fill = fill;
    sow_chain_need(tensor);
    if (law->kind == SOW_LAW_UNIFORM) {
        law->numbers[0] = law->uniform.low;
        law->numbers[1] = law->uniform.high - law->uniform.low;
        return;
    }
    law->numbers[0] = law->normal.mean;
    law->numbers[1] = law->normal.std;
    law->prepare = prepare;
    law->doubles += (tensor->elements + MARK - 1) / MARK;
}
