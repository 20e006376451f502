/* SPDX-License-Identifier: MIT */
/*
 * torch's sparse_: a normal_(), and for each column randperm(rows), of which
 * the first so many are the rows that get a zero.  The zeros are found first,
 * as bits by columns, since each column's take the draws of a whole shuffle.
 */
#include <math.h>
#include <string.h>

#include "generators/torch.h"
#include "kernels/kernels.h"
#include "status.h"

enum { SPARSITY, STD }; /* the scheme's parameters */

/* From here on randperm draws two words for each element. */
#define MOST_ROWS (UINT32_MAX / 20)

#define FLOPS_A_DRAW 10.0
#define SOME 512 /* words at a time */

/* Doubles that have the bits of a column. */
static uint64_t column_size(const struct sow_tensor *tensor)
{
    return (tensor->spec.shape.dims[0] + 63) / 64;
}

static uint64_t zeros(const struct sow_tensor *tensor)
{
    double exact = tensor->spec.scheme.values[SPARSITY] *
                   (double)tensor->spec.shape.dims[0];
    uint64_t whole = (uint64_t)exact;

    return whole + ((double)whole < exact);
}

/* ------------------------------------------------------------------------
 * The whole
 */

static void swap(uint32_t *a, uint32_t *b)
{
    uint32_t first = *a;

    *a = *b;
    *b = first;
}

/* The shuffle of one column; 'order' has room for its rows. */
static void shuffle(struct sow_mt *mt, uint32_t *order, uint32_t rows)
{
    uint32_t words[SOME];

    for (uint32_t i = 0; i < rows; i++)
        order[i] = i;
    for (uint32_t i = 0; i + 1 < rows; i += SOME) {
        uint32_t n = rows - 1 - i < SOME ? rows - 1 - i : SOME;

        sow_mt_words(mt, words, n);
        for (uint32_t j = i; j < i + n; j++)
            swap(&order[j], &order[j + words[j - i] % (rows - j)]);
    }
}

/* Set the bits of the first 'count' rows of 'order'. */
static void mark(const uint32_t *order, uint64_t count, double *column,
                 uint64_t size)
{
    for (uint64_t i = 0; i < size; i++)
        column[i] = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t bits;

        memcpy(&bits, &column[order[i] / 64], sizeof bits);
        bits |= UINT64_C(1) << order[i] % 64;
        memcpy(&column[order[i] / 64], &bits, sizeof bits);
    }
}

/* How many words the normal_() takes, given where it begins. */
static uint64_t normal_words(const struct sow_engine *engine,
                             const struct sow_tensor *tensor,
                             const struct sow_place *begin,
                             struct sow_place *end)
{
    if (tensor->elements >= SOW_TORCH_BLOCK)
        *end = *begin;
    else
        sow_torch_small_finish(engine, tensor, begin, end);
    if (tensor->elements >= SOW_TORCH_BLOCK)
        end->at += tensor->law.steps;
    return end->at - begin->at - tensor->law.counts[SOW_TORCH_WORDS_AFTER];
}

static bool prepare(const struct sow_engine *engine,
                    const struct sow_tensor *tensor, uint32_t unit,
                    double *whole, void *scratch, bool (*stop)(void *argument),
                    void *argument)
{
    uint64_t columns = tensor->spec.shape.dims[1], size = column_size(tensor);
    double *column = whole + 2 * SOW_PLACE_DOUBLES;
    struct sow_place begin, end;
    struct sow_mt mt;

    (void)unit;
    if (!sow_chain_begin(engine, tensor, whole, &begin, scratch, stop,
                         argument))
        return false;
    sow_mt_begin(&mt, engine, tensor->spec.origin.start,
                 begin.at + normal_words(engine, tensor, &begin, &end));
    for (uint64_t i = 0; i < columns; i++, column += size) {
        shuffle(&mt, scratch, (uint32_t)tensor->spec.shape.dims[0]);
        mark(scratch, zeros(tensor), column, size);
        if (stop != NULL && stop(argument))
            return false;
    }
    sow_mt_end(&mt);
    if (tensor->law.turn)
        sow_chain_end(tensor, whole, &end);
    return true;
}

/* ------------------------------------------------------------------------
 * Elements
 */

static bool is_zero(const struct sow_tensor *tensor, uint64_t row,
                    uint64_t column)
{
    const double *columns = tensor->whole + 2 * SOW_PLACE_DOUBLES;
    uint64_t bits;

    memcpy(&bits, &columns[column * column_size(tensor) + row / 64],
           sizeof bits);
    return bits >> row % 64 & 1;
}

static void fill(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, uint64_t first, size_t count,
                 void *out)
{
    uint64_t columns = tensor->spec.shape.dims[1];
    size_t size = sow_dtype_size(tensor->spec.dtype);
    uint64_t row = first / columns, column = first % columns;

    sow_torch_normal_read(engine, tensor, first, count, out);
    for (size_t i = 0; i < count; i++) {
        if (is_zero(tensor, row, column))
            memset((uint8_t *)out + i * size, 0, size);
        if (++column == columns) {
            column = 0;
            row++;
        }
    }
}

enum sow_status sow_torch_sparse(struct sow_tensor *tensor,
                                 struct sow_error *error)
{
    struct sow_law *law = &tensor->law;
    const uint64_t *dims = tensor->spec.shape.dims;
    enum sow_status status;

    if (dims[0] >= MOST_ROWS)
        return sow_fail(error, SOW_BAD_SCHEME, "shape",
                        "torch.sparse can have %u rows here at most",
                        MOST_ROWS - 1);
    law->counts[SOW_TORCH_WORDS_AFTER] = dims[1] * (dims[0] - 1);
    status =
        sow_torch_normal(tensor, 0, tensor->spec.scheme.values[STD], error);
    if (status != SOW_OK)
        return status;
    law->scratch = (size_t)dims[0] * sizeof(uint32_t);
    sow_chain_need(tensor);
    law->fill = fill;
    law->prepare = prepare;
    law->units = 1;
    law->doubles = 2 * SOW_PLACE_DOUBLES + dims[1] * column_size(tensor);
    law->flops += FLOPS_A_DRAW * (double)tensor->elements;
    return SOW_OK;
}
