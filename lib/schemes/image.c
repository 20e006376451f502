/* SPDX-License-Identifier: MIT */
/* Kernels for resizing images, and tables of positions. */
#include <inttypes.h>
#include <math.h>

#include "elementary.h"
#include "schemes/arrange.h"
#include "schemes/marks.h"
#include "schemes/schemes.h"
#include "status.h"

/* ------------------------------------------------------------------------
 * bilinear_upsampling: tents on every axis of the kernel
 */

/* The tent over 'length' taps, at 'tap'. */
static double tent(uint64_t length, uint64_t tap)
{
    uint64_t factor = (length + 1) / 2;
    uint64_t centre = 2 * factor - (length % 2 == 1 ? 2 : 1); /* twice it */
    uint64_t far = 2 * tap > centre ? 2 * tap - centre : centre - 2 * tap;

    return 1 - (double)far / (double)(2 * factor);
}

/* Each channel to itself; of a depthwise kernel, all. */
static double bilinear(const struct sow_tensor *tensor, const struct walk *walk)
{
    double value = 1;

    if (walk->out != walk->in && walk->outs != 1 && walk->ins != 1)
        return 0;
    for (uint32_t axis = 0; axis < walk->rank; axis++)
        if (walk->place[axis] == &walk->tap)
            value *= tent(walk->dims[axis], walk->index[axis]);
    (void)tensor;
    return value;
}

static void make_bilinear(const struct sow_engine *engine,
                          const struct sow_tensor *tensor, uint64_t first,
                          size_t count, double *out)
{
    (void)engine;
    sow_arrange_places(tensor, first, count, out, bilinear);
}

/* The sizes of a convolution's kernel, and how many axes it has. */
static enum sow_status measure_kernel(const struct sow_tensor *tensor,
                                      struct walk *walk, uint32_t *axes,
                                      struct sow_error *error)
{
    enum sow_status status = sow_arrange_measure(tensor, walk, error);

    *axes = 0;
    if (status != SOW_OK)
        return status;
    for (uint32_t axis = 0; axis < walk->rank; axis++)
        *axes += walk->place[axis] == &walk->tap;
    if (*axes > 0)
        return SOW_OK;
    return sow_fail(error, SOW_BAD_SCHEME, "shape",
                    "%s is for convolutions: the shape needs an axis of the "
                    "kernel beside outputs and inputs",
                    tensor->spec.scheme.info->name);
}

static enum sow_status bilinear_upsampling(const struct sow_rule *rule,
                                           struct sow_tensor *tensor,
                                           struct sow_error *error)
{
    struct walk walk;
    uint32_t axes;
    enum sow_status status = measure_kernel(tensor, &walk, &axes, error);

    (void)rule;
    tensor->law.make = make_bilinear;
    tensor->law.most = 1;
    if (status == SOW_OK && walk.outs != 1 && walk.ins != 1)
        sow_marks_sides(tensor, SOW_EVERY_TAP, true, false);
    return status;
}

/* ------------------------------------------------------------------------
 * icnr: the outputs that one pixel is shuffled from are equal
 */

enum { SCALE, ORDER };
enum { PIXEL_SHUFFLE, DEPTH_TO_SPACE };
enum { COPIES, KINDS };

/* All copies have the draws of the first. */
static void make_icnr(const struct sow_engine *engine,
                      const struct sow_tensor *tensor, uint64_t first,
                      size_t count, double *out)
{
    const uint64_t *counts = tensor->law.counts;
    uint64_t at[SOW_MADE];
    struct walk walk;

    sow_walk_start(&walk, tensor, first);
    for (size_t i = 0; i < count; i++) {
        uint64_t model = tensor->spec.scheme.values[ORDER] == PIXEL_SHUFFLE
                             ? walk.out - walk.out % counts[COPIES]
                             : walk.out % counts[KINDS];

        at[i] = sow_arrange_position(&walk, model, walk.in, walk.tap);
        sow_walk_next(&walk);
    }
    sow_arrange_draws(engine, tensor, at, count, out);
}

/* scale to the power of 'axes', or 0 where that does not divide 'outs'. */
static uint64_t copies_of(uint64_t scale, uint32_t axes, uint64_t outs)
{
    uint64_t copies = 1;

    while (axes-- > 0) {
        if (scale > outs / copies)
            return outs == 0 ? 1 : 0;
        copies *= scale;
    }
    return outs % copies == 0 ? copies : 0;
}

static enum sow_status icnr(const struct sow_rule *rule,
                            struct sow_tensor *tensor, struct sow_error *error)
{
    uint64_t scale = (uint64_t)tensor->spec.scheme.values[SCALE];
    uint64_t copies;
    uint32_t axes;
    struct walk walk;
    enum sow_status status = measure_kernel(tensor, &walk, &axes, error);

    (void)rule;
    if (status != SOW_OK)
        return status;
    copies = copies_of(scale, axes, walk.outs);
    if (copies == 0)
        return sow_fail(error, SOW_BAD_PARAMETER, "scale",
                        "the outputs, %" PRIu64
                        ", must be a multiple of scale to the power of the "
                        "kernel's axes",
                        walk.outs);
    tensor->law.counts[COPIES] = copies;
    tensor->law.counts[KINDS] = walk.outs / copies;
    tensor->law.make = make_icnr;
    tensor->law.kind = SOW_LAW_NORMAL;
    if (tensor->elements > 0)
        tensor->law.normal.std = sqrt(2 / (double)tensor->fan_in);
    tensor->std = tensor->law.normal.std;
    return SOW_OK;
}

static const struct sow_rule rule_bilinear = {.resolve = bilinear_upsampling};
static const struct sow_rule rule_icnr = {.resolve = icnr};

/* ------------------------------------------------------------------------
 * Rows
 */

static const char *const orders[] = {"pixel_shuffle", "depth_to_space", NULL};

static const struct sow_parameter icnrs[] = {
    {.name = "scale",
     .role = SCALE,
     .kind = SOW_COUNT,
     .value = 2,
     .help = "how many times larger each side becomes"},
    {.name = "order",
     .role = ORDER,
     .kind = SOW_CHOICE,
     .value = PIXEL_SHUFFLE,
     .choices = orders,
     .help = "whose channels belong together: PyTorch's, neighbours, or "
             "TensorFlow's depth_to_space"},
};

static const struct sow_scheme_info rows[] = {
    {
        .name = "bilinear_upsampling",
        .aliases = SOW_NAMES("bilinear"),
        .summary = "kernels of a transposed convolution that interpolates, "
                   "each channel from itself",
        .formula = "w[c, c, i, …] = product of 1 - |i - m| / f over the "
                   "kernel's axes, f = ceil(k / 2), m = (k - 1) / 2, for odd k "
                   "f - 1; else 0",
        .source = "Long, Shelhamer and Darrell 2015, Fully convolutional "
                  "networks; their surgery.py",
        .rule = &rule_bilinear,
    },
    {
        .name = "icnr",
        .fans = true,
        SOW_PARAMETERS(icnrs),
        .summary = "a convolution before a pixel shuffle that starts as "
                   "nearest-neighbour resizing",
        .formula = "the outputs of one pixel are equal, w ~ N(0, 2 / fan_in)",
        .source = "Aitken et al. 2017, Checkerboard artifact free sub-pixel "
                  "convolution",
        .rule = &rule_icnr,
    },
};

const struct sow_catalogue sow_image_schemes = {
    rows,
    sizeof rows / sizeof rows[0],
};
