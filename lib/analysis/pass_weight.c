/* SPDX-License-Identifier: MIT */
/* Reading weights and biases, in blocks of rows of floats. */
#include <string.h>

#include "analysis/pass.h"
#include "read.h"
#include "walk.h"

#define WIDENED 512

/* Elements that a task of sow_pass_unpack() takes. */
#define UNPACKED (UINT64_C(1) << 16)

/* Where what isn't float32 is read to, at the end of the scratch. */
static uint8_t *raw_of(const struct work *work)
{
    return (uint8_t *)work->scratch + work->m->scratch -
           PASS_RAW * sizeof(double);
}

static void to_floats(enum sow_dtype dtype, const uint8_t *raw, size_t n,
                      float *out)
{
    size_t size = sow_dtype_size(dtype);
    double wide[WIDENED];

    for (size_t done = 0; done < n; done += WIDENED) {
        size_t take = n - done < WIDENED ? n - done : WIDENED;

        sow_widen(dtype, raw + done * size, wide, take);
        for (size_t i = 0; i < take; i++)
            out[done + i] = (float)wide[i];
    }
}

/* Elements [first, first + n) of 'tensor', or of its slice if it is 'cut'. */
static enum sow_status read_floats(const struct work *work,
                                   const struct sow_tensor *tensor, bool cut,
                                   uint64_t first, uint64_t n, float *out)
{
    enum sow_dtype dtype = tensor->spec.dtype;
    size_t size = sow_dtype_size(dtype);
    uint64_t most = dtype == SOW_FLOAT32 ? n : PASS_RAW;

    while (n > 0) {
        size_t take = (size_t)(n < most ? n : most);
        void *to = dtype == SOW_FLOAT32 ? (void *)out : raw_of(work);
        enum sow_status status =
            (cut ? sow_tensor_read : sow_tensor_read_whole)(
                work->engine, tensor, first * size, to, take * size);

        if (status != SOW_OK)
            return status;
        if (dtype != SOW_FLOAT32)
            to_floats(dtype, raw_of(work), take, out);
        first += take;
        out += take;
        n -= take;
    }
    return SOW_OK;
}

/* ------------------------------------------------------------------------
 * Rows of a block
 */

/* Row 'row' of a weight whose in and out axes are not in order. */
static enum sow_status read_row(const struct work *work, uint64_t row,
                                float *out)
{
    struct sow_tensor tensor = work->tensor;
    const struct sow_spec *spec = &tensor.spec;
    struct sow_slice slice = {{0}, {0}};
    struct sow_error error;
    enum sow_status status;

    for (uint32_t axis = spec->shape.rank; axis-- > 0;) {
        uint64_t dim = spec->shape.dims[axis];
        bool out_axis = spec->axes.out >> axis & 1;

        slice.start[axis] = out_axis ? row % dim : 0;
        slice.stop[axis] = out_axis ? row % dim + 1 : dim;
        if (out_axis)
            row /= dim;
    }
    status = sow_tensor_cut(&tensor, &slice, &error);
    if (status != SOW_OK)
        return status;
    return read_floats(work, &tensor, true, 0, work->pass->inner, out);
}

/* Move rows apart that were read one after the other, to the block's end. */
static void spread(const struct pass *pass, uint64_t rows, float *block)
{
    const float *from = block + rows * (pass->stride - pass->inner);

    for (uint64_t r = 0; pass->stride != pass->inner && r < rows; r++)
        memmove(block + r * pass->stride, from + r * pass->inner,
                pass->inner * sizeof *block);
}

enum sow_status sow_pass_read(const struct work *work, uint64_t first,
                              uint64_t rows, float *block)
{
    const struct pass *pass = work->pass;
    enum sow_status status = SOW_OK;

    if (pass->storage == PASS_MIXED) {
        for (uint64_t r = 0; r < rows && status == SOW_OK; r++)
            status = read_row(work, first + r, block + r * pass->stride);
        return status;
    }
    status = read_floats(work, &work->tensor, false, first * pass->inner,
                         rows * pass->inner,
                         block + rows * (pass->stride - pass->inner));
    if (status == SOW_OK)
        spread(pass, rows, block);
    return status;
}

uint64_t sow_pass_read_scratch(const struct pass *pass)
{
    return pass->block * pass->stride * sizeof(float) +
           PASS_RAW * sizeof(double);
}

/* ------------------------------------------------------------------------
 * What is kept
 */

enum sow_status sow_pass_bias(const struct work *work)
{
    return read_floats(work, &work->tensor, false, 0,
                       work->pass->step.out.channels,
                       (float *)(void *)(work->room + work->pass->bias));
}

uint64_t sow_pass_unpack_tasks(const struct pass *pass)
{
    return (pass->step.stage->weight->elements + UNPACKED - 1) / UNPACKED;
}

/* Weights as [tap][output][input]. */
enum sow_status sow_pass_unpack(const struct work *work)
{
    const struct pass *pass = work->pass;
    float *weights = (float *)(void *)(work->room + work->plan->weights);
    uint64_t first = work->task * UNPACKED;
    uint64_t last = first + UNPACKED;
    double sums[2] = {0, 0};
    struct walk walk;

    if (last > work->tensor.elements)
        last = work->tensor.elements;
    sow_walk_start(&walk, &work->tensor, first);
    while (first < last) {
        uint64_t n = last - first < PASS_RAW ? last - first : PASS_RAW;
        float *some = work->scratch;
        enum sow_status status =
            sow_pass_stops(work)
                ? SOW_STOPPED
                : read_floats(work, &work->tensor, false, first, n, some);

        if (status != SOW_OK)
            return status;
        work->engine->measure_sums(some, (size_t)n, sums);
        for (uint64_t i = 0; i < n; i++, sow_walk_next(&walk))
            weights[(walk.tap * walk.outs + walk.out) * pass->stride +
                    walk.in] = some[i];
        first += n;
    }
    ((struct slot_weight *)(void *)(work->room + pass->weight))[work->task] =
        (struct slot_weight){sums[0], sums[1]};
    return SOW_OK;
}
