/* SPDX-License-Identifier: MIT */
/*
 * The law of a tensor's values, as sow_tensor_init() resolved it.  sow.h
 * includes this because a tensor holds one; only lib/ looks inside.
 */
#ifndef LAW_H
#define LAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sow_engine;
struct sow_tensor;

/*
 * A stream of words: Philox4x32-10 with this key and high counter.  Kernels
 * take its blocks from 'from' on, and leave out 'skip' after each: both are 0
 * but where columns are read (columns.h).
 */
struct sow_stream {
    uint32_t key[2];
    uint32_t high[2];
    uint64_t from;
    uint64_t skip;
};

/* How one element is drawn from its own words. */
enum sow_law_kind {
    SOW_LAW_CONSTANT,
    SOW_LAW_UNIFORM,
    SOW_LAW_NORMAL,
    SOW_LAW_TRUNCATED_NORMAL,
};

/* Elements that a maker is asked for at most. */
#define SOW_MADE 512

/*
 * Arranges draws, or computes elements: writes elements [first, first + count)
 * of 'tensor' to 'out', 1 <= count <= SOW_MADE, as doubles, which are then
 * multiplied by the spec's multiplier and rounded once to the element type (by
 * way of float32, for narrow ones).  An element's double must be a function of
 * its position alone.
 */
typedef void sow_maker(const struct sow_engine *engine,
                       const struct sow_tensor *tensor, uint64_t first,
                       size_t count, double *out);

/*
 * Writes elements [first, first + count) of 'tensor', finished, in its element
 * type; 'out' need not be aligned.  As for a maker, each is a function of its
 * position alone.
 */
typedef void sow_filler(const struct sow_engine *engine,
                        const struct sow_tensor *tensor, uint64_t first,
                        size_t count, void *out);

/*
 * Where elements may be other than 0, if these are few: in runs of 'size', of
 * which one begins at origin + i[0] strides[0] + … for all i[k] < counts[k].
 * They don't overlap, and ascend when the last index goes round first; what
 * of them is outside of the tensor is not.  Those that are 'equal' are all
 * law.numbers[0], times the multiplier.
 */
#define SOW_MARK_AXES 3

struct sow_marks {
    int64_t origin;
    uint64_t size;
    uint32_t axes;
    bool equal;
    uint64_t counts[SOW_MARK_AXES];
    uint64_t strides[SOW_MARK_AXES];
};

/* sow_tensor_make_whole(). */
typedef bool sow_preparer(const struct sow_engine *engine,
                          const struct sow_tensor *tensor, uint32_t unit,
                          double *whole, void *scratch,
                          bool (*stop)(void *argument), void *argument);

/*
 * 'kind' and its numbers say how elements are drawn.  With 'make' NULL element
 * i is draw i.  Otherwise 'make' arranges the draws, or makes elements without
 * any, from what its scheme left in 'numbers', 'counts' and 'extra', a stream
 * for a second kind of draws; no element is greater than 'most' in magnitude
 * then, before the multiplier (INFINITY unless the scheme knows better).
 * 'prepare', if any, makes the whole of 'doubles'
 * numbers that 'make' reads; see struct sow_need for the others.
 *
 * With 'fill' reading asks nothing else.  Without an origin 'make', or else the
 * draws, still define the elements, and 'fill' is quicker, as with 'marks',
 * which are for schemes/marks.h.  With one a library's generator draws them in
 * its own way (generators/drawing.h).  The tensor then takes 'steps' of its
 * sequence and leaves 'kept', both as in struct sow_origin, unless it is a
 * 'turn', of which that isn't known before it has been drawn.
 */
struct sow_law {
    enum sow_law_kind kind;
    union {
        double value;
        struct {
            double low, high;
        } uniform;
        /* A truncated one's bounds, and the ranks of the words within. */
        struct {
            double mean, std, low, high;
            uint64_t first, count;
        } normal;
    };
    sow_maker *make;
    sow_filler *fill;
    bool turn;
    uint64_t steps;
    uint64_t kept;
    int keeps; /* of a turn, enum sow_kept: what is known of where it ends */
    double numbers[4];
    uint64_t counts[6];
    struct sow_stream extra;
    struct sow_marks marks;
    double most;
    sow_preparer *prepare;
    uint64_t doubles;
    size_t scratch;
    uint32_t units;
    double flops;
    double before;
};

#endif
