/* SPDX-License-Identifier: MIT */
/* Columns, block by block of the generator. */
#include "columns.h"

#include <string.h>

#include "draw.h"
#include "kernels/kernels.h"

/* Words of a block; rows that are read at a time, and that it takes. */
#define BLOCK 4
#define MOST_ROWS 256
#define LEAST_ROWS 32

/* Strides are less, in elements, so that blocks' numbers stay within 2^32. */
#define MOST_STRIDE (UINT64_C(1) << 28)

/* Words of an element. */
static uint64_t words_of(const struct sow_tensor *tensor)
{
    return tensor->spec.dtype == SOW_FLOAT64 ? 2 : 1;
}

/*
 * What is made instead for the runs along the axes after 'columns->axis', in
 * elements: a group more than what they span, all between them or for each.
 */
static uint64_t otherwise(const struct sow_columns *columns,
                          const struct sow_runs *runs, size_t itemsize)
{
    uint64_t made = columns->width;

    for (uint32_t axis = runs->axes; --axis > columns->axis;) {
        uint64_t stride = runs->strides[axis] / itemsize;
        uint64_t count = runs->counts[axis];

        made = stride < made + SOW_GROUP ? made + (count - 1) * stride
                                         : count * (made + SOW_GROUP);
    }
    made += SOW_GROUP;
    return made < columns->stride ? made : columns->stride;
}

void sow_columns_init(struct sow_columns *columns,
                      const struct sow_tensor *tensor,
                      const struct sow_runs *runs)
{
    const struct sow_law *law = &tensor->law;
    size_t itemsize = sow_dtype_size(tensor->spec.dtype);
    uint64_t count = 1, blocks;
    uint32_t axis = runs->axes - 1;

    *columns = (struct sow_columns){.width = runs->size / itemsize};
    if (law->make != NULL || law->fill != NULL ||
        law->kind == SOW_LAW_CONSTANT || columns->width > SOW_GROUP)
        return;
    while (axis > 0 && runs->counts[axis] < LEAST_ROWS)
        count *= runs->counts[axis--];
    columns->axis = axis;
    columns->stride = runs->strides[axis] / itemsize;
    blocks = columns->width * words_of(tensor) / BLOCK + 1;
    if (columns->stride < MOST_STRIDE &&
        count * blocks * BLOCK * 3 / 2 <= otherwise(columns, runs, itemsize))
        columns->count = count;
}

/*
 * Blocks of a stream, one a row: elements [from, to) of each go to 'out', where
 * rows are 'pitch' bytes apart.
 */
static void read_blocks(const struct sow_engine *engine,
                        const struct sow_tensor *tensor,
                        const struct sow_stream *stream, size_t rows,
                        size_t from, size_t to, uint8_t *out, size_t pitch)
{
    uint8_t items[MOST_ROWS * BLOCK * sizeof(double)];
    size_t itemsize = sow_dtype_size(tensor->spec.dtype);
    size_t each = (size_t)(BLOCK / words_of(tensor));
    size_t groups = (rows * each + SOW_GROUP - 1) / SOW_GROUP;
    const uint8_t *item = items + from * itemsize;

    sow_draw_items(engine, &tensor->law, tensor->spec.dtype, stream, 0, groups,
                   items);
    for (; rows > 0; rows--, item += each * itemsize, out += pitch)
        memcpy(out, item, (to - from) * itemsize);
}

/* A run from 'word' on in each of the rows that are 'step' words apart. */
static void read_runs(const struct sow_columns *columns,
                      const struct sow_engine *engine,
                      const struct sow_tensor *tensor, uint64_t word,
                      uint64_t step, size_t rows, uint8_t *out, size_t pitch)
{
    struct sow_stream stream = tensor->stream;
    size_t itemsize = sow_dtype_size(tensor->spec.dtype);
    size_t each = (size_t)(BLOCK / words_of(tensor));
    size_t from = (size_t)(word % BLOCK / words_of(tensor));

    stream.from = word / BLOCK;
    stream.skip = step / BLOCK - 1;
    for (size_t left = (size_t)columns->width; left > 0; stream.from++) {
        size_t take = left < each - from ? left : each - from;

        read_blocks(engine, tensor, &stream, rows, from, from + take, out,
                    pitch);
        out += take * itemsize;
        left -= take;
        from = 0;
    }
}

/* Rows of which one begins so in a block are so many apart. */
static size_t period_of(uint64_t step)
{
    return step % BLOCK == 0 ? 1 : step % 2 == 0 ? BLOCK / 2 : BLOCK;
}

/* The run at byte 'at', and those under it. */
static void read_column(const struct sow_columns *columns,
                        const struct sow_engine *engine,
                        const struct sow_tensor *tensor, uint64_t at,
                        size_t rows, uint8_t *out, size_t pitch)
{
    uint64_t words = words_of(tensor);
    uint64_t word = at / sow_dtype_size(tensor->spec.dtype) * words;
    uint64_t step = columns->stride * words;
    size_t period = period_of(step);

    for (size_t row = 0; row < period; row++)
        read_runs(columns, engine, tensor, word + row * step, period * step,
                  (rows - row + period - 1) / period, out + row * pitch,
                  period * pitch);
}

/* Whether all rows from that of byte 'at' on have the same high block words. */
static bool is_together(const struct sow_columns *columns,
                        const struct sow_tensor *tensor, uint64_t at,
                        size_t rows)
{
    uint64_t words = words_of(tensor);
    uint64_t first = at / sow_dtype_size(tensor->spec.dtype) * words / BLOCK;
    uint64_t blocks = (rows + 1) * columns->stride * words / BLOCK + 1;

    return first >> 32 == (first + blocks) >> 32;
}

size_t sow_columns_read(const struct sow_columns *columns,
                        const struct sow_engine *engine,
                        const struct sow_tensor *tensor,
                        const struct sow_runs *runs, struct sow_rest *rest,
                        uint8_t *out, size_t n)
{
    size_t size = (size_t)runs->size;
    size_t pitch = (size_t)columns->count * size;
    struct sow_rest run = *rest;
    uint64_t rows;

    if (columns->count == 0 || rest->left < size ||
        rest->run % columns->count != 0)
        return 0;
    rows = runs->counts[columns->axis] -
           rest->run / columns->count % runs->counts[columns->axis];
    rows = rows < MOST_ROWS ? rows : MOST_ROWS;
    rows = rows < n / pitch ? rows : n / pitch;
    if (rows < LEAST_ROWS || !is_together(columns, tensor, rest->at, rows))
        return 0;
    for (uint64_t i = 0; i < columns->count; i++) {
        read_column(columns, engine, tensor, run.at, (size_t)rows,
                    out + i * size, pitch);
        sow_runs_skip(runs, &run, size);
    }
    sow_runs_find(runs, (rest->run + rows * columns->count) * size, rest);
    return (size_t)rows * pitch;
}
