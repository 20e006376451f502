/* SPDX-License-Identifier: MIT */
/*
 * Mirrored weights: a ReLU network that is exactly linear at first, since
 * relu(a) - relu(-a) = a (Burkholz and Dubatovka, "Initialization of ReLUs for
 * dynamical isometry", NeurIPS 2019; Balduzzi et al., "The shattered gradients
 * problem", ICML 2017).
 *
 * An element is one of a base block W0, of half the outputs, half the inputs
 * or both, with the sign of its halves: [W0; -W0] in the first layer, [W0,
 * -W0] in the last, [[W0, -W0], [-W0, W0]] between.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "read.h"
#include "schemes/arrange.h"
#include "schemes/marks.h"
#include "schemes/orthogonal.h"
#include "schemes/schemes.h"
#include "status.h"

/* The parameters of mirrored; looks_linear has the first three. */
enum { BASE, GAIN, KERNEL, PART, PRESERVE };
enum { GAUSSIAN, ORTHOGONAL };
enum { EVERY_TAP, CENTRE };
enum { HIDDEN, FIRST, LAST };
enum { UNIT, NORM };

/*
 * What the law counts, beside sow_haar_init()'s three: the block's sides.  A
 * Gaussian has, instead of those three, how many elements lie from one half of
 * the outputs to the other, and of the inputs; 0 if there are no halves.
 */
enum { OUT_HALF, IN_HALF };
enum { OUTS = 3, INS };

static bool has(const struct sow_tensor *tensor, int parameter, int choice)
{
    return tensor->spec.scheme.values[parameter] == choice;
}

/* Where an element of the block is, and its sign; 0 beside the centre. */
struct twin {
    uint64_t out, in;
    double sign;
};

static struct twin twin_of(const struct sow_tensor *tensor,
                           const struct walk *walk)
{
    const uint64_t *counts = tensor->law.counts;
    struct twin twin = {walk->out, walk->in, 1};

    if (twin.out >= counts[OUTS]) {
        twin.out -= counts[OUTS];
        twin.sign = -twin.sign;
    }
    if (twin.in >= counts[INS]) {
        twin.in -= counts[INS];
        twin.sign = -twin.sign;
    }
    if (has(tensor, KERNEL, CENTRE) && !sow_arrange_is_centre(tensor, walk))
        twin.sign = 0;
    return twin;
}

/* ------------------------------------------------------------------------
 * Gaussian blocks: an element has the draw of its own place in the tensor
 */

static void make_gaussian(const struct sow_engine *engine,
                          const struct sow_tensor *tensor, uint64_t first,
                          size_t count, double *out)
{
    uint64_t at[SOW_MADE];
    double signs[SOW_MADE];
    struct walk walk;

    sow_walk_start(&walk, tensor, first);
    for (size_t i = 0; i < count; i++) {
        struct twin twin = twin_of(tensor, &walk);

        at[i] = sow_arrange_position(&walk, twin.out, twin.in, walk.tap);
        signs[i] = twin.sign;
        sow_walk_next(&walk);
    }
    sow_arrange_draws(engine, tensor, at, count, out);
    for (size_t i = 0; i < count; i++)
        out[i] = signs[i] == 0 ? 0 : out[i] * signs[i];
}

/* ------------------------------------------------------------------------
 * The same, half by half: the draws of the first, and copies of its bytes
 */

/*
 * Whether element 'at' is in the second of two halves; 'left' becomes at most
 * what is left of the half.
 */
static bool is_second(uint64_t half, uint64_t at, size_t *left)
{
    if (half == 0)
        return false;
    if (*left > half - at % half)
        *left = (size_t)(half - at % half);
    return at / half % 2 == 1;
}

/* Change the sign of 'count' elements: it is the top bit in every type. */
static void negate(uint8_t *items, size_t size, size_t count)
{
    uint8_t signs[sizeof(uint64_t)] = {0};
    uint64_t mask, some;
    size_t n = size * count;

    for (size_t i = size - 1; i < sizeof signs; i += size)
        signs[i] = 0x80;
    memcpy(&mask, signs, sizeof mask);
    for (; n >= sizeof some; n -= sizeof some, items += sizeof some) {
        memcpy(&some, items, sizeof some);
        some ^= mask;
        memcpy(items, &some, sizeof some);
    }
    for (size_t i = 0; i < n; i++)
        items[i] ^= signs[i];
}

static void fill_gaussian(const struct sow_engine *engine,
                          const struct sow_tensor *tensor, uint64_t first,
                          size_t count, void *out)
{
    const uint64_t *halves = tensor->law.counts;
    size_t size = sow_dtype_size(tensor->spec.dtype);
    uint8_t *to = out;

    for (uint64_t done = 0; done < count;) {
        uint64_t at = first + done;
        size_t left = count - (size_t)done;
        bool out_second = is_second(halves[OUT_HALF], at, &left);
        bool in_second = is_second(halves[IN_HALF], at, &left);
        uint64_t out_back = out_second ? halves[OUT_HALF] : 0;
        uint64_t in_back = in_second ? halves[IN_HALF] : 0;
        uint64_t back = in_second ? in_back : out_back;

        if (back > 0 && back <= done) {
            memcpy(to, to - back * size, left * size);
            negate(to, size, left);
        } else {
            sow_read_draws(engine, tensor, at - out_back - in_back, left, to);
            if (out_second != in_second)
                negate(to, size, left);
        }
        to += left * size;
        done += left;
    }
}

/* Half of the first axis of a side, in elements; 0 if that isn't even. */
static uint64_t half_of(const struct walk *walk, const uint64_t *side)
{
    uint64_t stride = 1;
    uint64_t half = 0;

    for (uint32_t axis = walk->rank; axis-- > 0;) {
        if (walk->place[axis] == side)
            half =
                walk->dims[axis] % 2 == 0 ? walk->dims[axis] / 2 * stride : 0;
        stride *= walk->dims[axis];
    }
    return half;
}

/* Not where it takes arithmetic, or the halves don't follow each other. */
static void set_halves(struct sow_tensor *tensor, const struct walk *walk)
{
    struct sow_law *law = &tensor->law;
    bool outs = law->counts[OUTS] < walk->outs;
    bool ins = law->counts[INS] < walk->ins;

    law->counts[OUT_HALF] = outs ? half_of(walk, &walk->out) : 0;
    law->counts[IN_HALF] = ins ? half_of(walk, &walk->in) : 0;
    if (tensor->spec.multiplier == 1 && outs == (law->counts[OUT_HALF] > 0) &&
        ins == (law->counts[IN_HALF] > 0))
        law->fill = fill_gaussian;
}

/* ------------------------------------------------------------------------
 * Orthogonal blocks
 */

static double orthogonal(const struct sow_tensor *tensor,
                         const struct walk *walk)
{
    struct twin twin = twin_of(tensor, walk);
    double value;

    if (twin.sign == 0)
        return 0;
    if (has(tensor, KERNEL, EVERY_TAP))
        twin.in = twin.in * walk->taps + walk->tap;
    sow_haar_read(tensor, 0, twin.out, twin.in, 1, &value);
    return tensor->law.numbers[0] * twin.sign * value;
}

static void make_orthogonal(const struct sow_engine *engine,
                            const struct sow_tensor *tensor, uint64_t first,
                            size_t count, double *out)
{
    (void)engine;
    sow_arrange_places(tensor, first, count, out, orthogonal);
}

/*
 * Half of 'side' into 'half', or all of it if it is not 'split'; SOW_BAD_SCHEME
 * when it is odd.
 */
static enum sow_status halve(const struct sow_tensor *tensor, const char *what,
                             uint64_t side, bool split, uint64_t *half,
                             struct sow_error *error)
{
    *half = split ? side / 2 : side;
    if (!split || side % 2 == 0)
        return SOW_OK;
    return sow_fail(error, SOW_BAD_SCHEME, "shape",
                    "%s mirrors halves of the %s, so there must be an even "
                    "number of them; this shape has %" PRIu64
                    ": make it one more",
                    tensor->spec.scheme.info->name, what, side);
}

/* The variance of a Gaussian block at gain 1. */
static double variance(const struct sow_tensor *tensor, int part, int preserve,
                       const struct walk *walk)
{
    bool centre = has(tensor, KERNEL, CENTRE);
    double in = (double)(centre ? walk->ins : tensor->fan_in);
    double out = (double)(centre ? walk->outs : tensor->fan_out);

    if (tensor->elements == 0)
        return 0;
    if (preserve == NORM)
        return (part == LAST ? 1 : 2) / out;
    return (part == FIRST ? 1 : 2) / in;
}

static enum sow_status resolve(struct sow_tensor *tensor, int part,
                               int preserve, struct sow_error *error)
{
    double gain = tensor->spec.scheme.values[GAIN];
    uint64_t *counts = tensor->law.counts;
    struct walk walk;
    enum sow_status status = sow_arrange_measure(tensor, &walk, error);

    if (status == SOW_OK)
        status = halve(tensor, "outputs", walk.outs, part != LAST,
                       &counts[OUTS], error);
    if (status == SOW_OK)
        status = halve(tensor, "inputs", walk.ins, part != FIRST, &counts[INS],
                       error);
    if (status != SOW_OK)
        return status;
    if (has(tensor, KERNEL, CENTRE))
        sow_marks_sides(tensor, SOW_CENTRE_TAP, false, false);
    if (has(tensor, BASE, ORTHOGONAL)) {
        tensor->law.make = make_orthogonal;
        tensor->law.numbers[0] = gain;
        tensor->law.most = gain;
        return sow_haar_init(
            tensor, counts[OUTS],
            has(tensor, KERNEL, CENTRE) ? counts[INS] : counts[INS] * walk.taps,
            1, error);
    }
    tensor->law.make = make_gaussian;
    tensor->law.kind = SOW_LAW_NORMAL;
    tensor->law.normal.std =
        gain * sqrt(variance(tensor, part, preserve, &walk));
    if (has(tensor, KERNEL, EVERY_TAP)) {
        tensor->std = tensor->law.normal.std;
        set_halves(tensor, &walk);
    }
    return SOW_OK;
}

static enum sow_status mirrored(const struct sow_rule *rule,
                                struct sow_tensor *tensor,
                                struct sow_error *error)
{
    const double *values = tensor->spec.scheme.values;

    (void)rule;
    return resolve(tensor, (int)values[PART], (int)values[PRESERVE], error);
}

static enum sow_status looks_linear(const struct sow_rule *rule,
                                    struct sow_tensor *tensor,
                                    struct sow_error *error)
{
    (void)rule;
    return resolve(tensor, LAST, UNIT, error);
}

static const struct sow_rule rule_mirrored = {
    .resolve = mirrored,
};

static const struct sow_rule rule_looks_linear = {
    .resolve = looks_linear,
};

static const char *const bases[] = {"gaussian", "orthogonal", NULL};
static const char *const kernels[] = {"all", "centre", NULL};
static const char *const parts[] = {"hidden", "first", "last", NULL};
static const char *const preserves[] = {"unit", "norm", NULL};

#define COMMON                                                               \
    {.name = "base",                                                         \
     .role = BASE,                                                           \
     .kind = SOW_CHOICE,                                                     \
     .value = GAUSSIAN,                                                      \
     .choices = bases,                                                       \
     .help = "what the block is: independent normals, or a Haar orthogonal " \
             "matrix for an exact isometry"},                                \
        {.name = "gain",                                                     \
         .role = GAIN,                                                       \
         .kind = SOW_NON_NEGATIVE,                                           \
         .value = 1,                                                         \
         .help = "factor on every element"},                                 \
    {                                                                        \
        .name = "kernel", .role = KERNEL, .kind = SOW_CHOICE,                \
        .value = EVERY_TAP, .choices = kernels,                              \
        .help = "of a convolution: values on all taps, or on the centre "    \
                "alone, for an exact isometry"                               \
    }

static const struct sow_parameter common[] = {COMMON};

static const struct sow_parameter all[] = {
    COMMON,
    {.name = "part",
     .role = PART,
     .kind = SOW_CHOICE,
     .value = HIDDEN,
     .choices = parts,
     .help = "where the layer is: what it mirrors"},
    {.name = "preserve",
     .role = PRESERVE,
     .kind = SOW_CHOICE,
     .value = UNIT,
     .choices = preserves,
     .help = "what a Gaussian block keeps in the mean: each unit's square, "
             "or the norm"},
};

static const struct sow_scheme_info rows[] = {
    {
        .name = "mirrored",
        .aliases = SOW_NAMES("gsm"),
        .fans = true,
        .provisional = true,
        .access = SOW_WHOLE,
        SOW_PARAMETERS(all),
        .summary = "mirrored blocks that make a ReLU network linear at first; "
                   "orthogonal ones make it an isometry",
        .formula = "hidden [[W0, -W0], [-W0, W0]], first [W0; -W0], last [W0, "
                   "-W0]; W0 ~ N(0, gain^2 2 / fan_in), first 1 / fan_in; to "
                   "preserve the norm 2 / fan_out, last 1 / fan_out; or W0 "
                   "orthogonal times gain",
        .source = "Burkholz and Dubatovka 2019, Initialization of ReLUs for "
                  "dynamical isometry; the variances are our derivation",
        .rule = &rule_mirrored,
    },
    {
        .name = "looks_linear",
        .fans = true,
        .access = SOW_WHOLE,
        SOW_PARAMETERS(common),
        .summary = "a layer after CReLU, [relu(x), relu(-x)], that is linear "
                   "at first",
        .formula = "w = [W0, -W0], W0 ~ N(0, gain^2 2 / fan_in), or "
                   "orthogonal times gain",
        .source = "Balduzzi et al. 2017, The shattered gradients problem",
        .rule = &rule_looks_linear,
    },
};

const struct sow_catalogue sow_mirrored_schemes = {
    rows,
    sizeof rows / sizeof rows[0],
};
