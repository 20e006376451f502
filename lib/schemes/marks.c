/* SPDX-License-Identifier: MIT */
/* Marks: memset(), and what stands in few places. */
#include "schemes/marks.h"

#include <math.h>
#include <string.h>

#include "read.h"

/* Between marks that have to be made one by one: elements, at least. */
#define FAR_APART 32

/* ------------------------------------------------------------------------
 * Reading
 */

/* A run of marks. */
struct mark {
    int64_t at;
    uint64_t index[SOW_MARK_AXES];
};

static void mark_next(const struct sow_marks *marks, struct mark *mark)
{
    for (uint32_t axis = marks->axes; axis-- > 0;) {
        if (++mark->index[axis] < marks->counts[axis]) {
            mark->at += (int64_t)marks->strides[axis];
            return;
        }
        mark->at -= (int64_t)((marks->counts[axis] - 1) * marks->strides[axis]);
        mark->index[axis] = 0;
    }
    mark->at = INT64_MAX;
}

/* The first run that doesn't end before 'first': the last that begins there. */
static void mark_find(const struct sow_marks *marks, int64_t first,
                      struct mark *mark)
{
    uint64_t rest =
        first > marks->origin ? (uint64_t)(first - marks->origin) : 0;

    mark->at = marks->origin;
    for (uint32_t axis = 0; axis < marks->axes; axis++) {
        uint64_t index = rest / marks->strides[axis];

        if (index >= marks->counts[axis])
            index = marks->counts[axis] - 1;
        mark->index[axis] = index;
        mark->at += (int64_t)(index * marks->strides[axis]);
        rest -= index * marks->strides[axis];
    }
    if (mark->at + (int64_t)marks->size <= first)
        mark_next(marks, mark);
}

/* Marks that are all 'item', of 'size' bytes. */
static void put_equal(const uint8_t *item, size_t size, uint64_t count,
                      uint8_t *out)
{
    for (; count > 0; count--, out += size)
        memcpy(out, item, size);
}

static void put_made(const struct sow_engine *engine,
                     const struct sow_tensor *tensor, uint64_t first,
                     uint64_t count, uint8_t *out)
{
    while (count > 0) {
        size_t take = count < SOW_MADE ? (size_t)count : SOW_MADE;

        sow_read_made(engine, tensor, first, take, out);
        out += take * sow_dtype_size(tensor->spec.dtype);
        first += take;
        count -= take;
    }
}

static void fill(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, uint64_t first, size_t count,
                 void *out)
{
    const struct sow_marks *marks = &tensor->law.marks;
    const double value = tensor->law.numbers[0] * tensor->spec.multiplier;
    size_t size = sow_dtype_size(tensor->spec.dtype);
    int64_t begin = (int64_t)first;
    int64_t end = begin + (int64_t)count;
    uint8_t item[sizeof value];
    struct mark mark;

    memset(out, 0, count * size);
    sow_read_rounded(engine, tensor->spec.dtype, &value, 1, item);
    mark_find(marks, begin, &mark);
    for (; mark.at < end; mark_next(marks, &mark)) {
        int64_t from = mark.at > begin ? mark.at : begin;
        int64_t to = mark.at + (int64_t)marks->size;
        uint8_t *there = (uint8_t *)out + (uint64_t)(from - begin) * size;
        uint64_t n = (uint64_t)((to < end ? to : end) - from);

        if (marks->equal)
            put_equal(item, size, n, there);
        else
            put_made(engine, tensor, (uint64_t)from, n, there);
    }
}

/* Are they far from each other, or of many elements each? */
static bool pays(const struct sow_marks *marks)
{
    return marks->equal || marks->axes == 0 || marks->size >= FAR_APART ||
           marks->strides[marks->axes - 1] >= FAR_APART;
}

void sow_marks_set(struct sow_tensor *tensor, const struct sow_marks *marks)
{
    /* Zeros times -0 are not those that memset() writes. */
    if (marks->size >= tensor->elements || !pays(marks) ||
        signbit(tensor->spec.multiplier))
        return;
    tensor->law.marks = *marks;
    tensor->law.fill = fill;
}

/* ------------------------------------------------------------------------
 * Finding out where they are, from the last axis to the first
 */

/* Let there be marks at 'count' steps of 'stride', if that isn't too much. */
static bool add_steps(struct sow_marks *marks, uint64_t count, uint64_t stride)
{
    if (count == 1)
        return true;
    if (marks->axes == 0 && marks->size == stride) {
        marks->size *= count;
        return true;
    }
    if (marks->axes > 0 && marks->counts[0] * marks->strides[0] == stride) {
        marks->counts[0] *= count;
        return true;
    }
    if (marks->axes == SOW_MARK_AXES)
        return false;
    for (uint32_t axis = marks->axes++; axis > 0; axis--) {
        marks->counts[axis] = marks->counts[axis - 1];
        marks->strides[axis] = marks->strides[axis - 1];
    }
    marks->counts[0] = count;
    marks->strides[0] = stride;
    return true;
}

static bool is_one(unsigned axes)
{
    return axes != 0 && (axes & (axes - 1)) == 0;
}

/* Of a pair, the steps on the first axis are on both, and the last has none. */
static bool find_marks(const struct sow_tensor *tensor, enum sow_mark_taps taps,
                       bool paired, struct sow_marks *marks)
{
    const struct sow_axes *axes = &tensor->spec.axes;
    uint64_t stride = 1, last = 0, most = UINT64_MAX;

    for (uint32_t axis = tensor->spec.shape.rank; axis-- > 0;) {
        uint64_t count = tensor->spec.shape.dims[axis];
        bool side = (axes->in | axes->out) >> axis & 1;

        if (side && paired && last == 0) {
            last = stride;
            most = count;
        } else if (side && paired) {
            if (!add_steps(marks, count < most ? count : most, stride + last))
                return false;
        } else if (side || axes->batch >> axis & 1 || taps == SOW_EVERY_TAP) {
            if (!add_steps(marks, count, stride))
                return false;
        } else {
            uint64_t index = (count - (taps == SOW_LOWER_CENTRE_TAP)) / 2;

            marks->origin += (int64_t)(index * stride);
        }
        stride *= count;
    }
    return true;
}

void sow_marks_sides(struct sow_tensor *tensor, enum sow_mark_taps taps,
                     bool paired, bool equal)
{
    const struct sow_axes *axes = &tensor->spec.axes;
    struct sow_marks marks = {.size = 1, .equal = equal};

    if (tensor->elements == 0 ||
        (paired && !(is_one(axes->in) && is_one(axes->out))))
        return;
    if (find_marks(tensor, taps, paired, &marks))
        sow_marks_set(tensor, &marks);
}
