/* SPDX-License-Identifier: MIT */
/*
 * Sparse initialization: normal values, and in every column of a matrix
 * exactly so many zeros (Martens, "Deep learning via Hessian-free
 * optimization", ICML 2010; torch.nn.init.sparse_).
 *
 * Which rows are zero is a permutation of them, keyed by the column: those
 * that it takes below the number of zeros.  It is a Feistel network over the
 * least power of two that holds the rows, walked on while it leads outside
 * (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002): less
 * than two passes in the mean, as more than half of the domain are rows.
 */
#include <math.h>

#include "draw.h"
#include "generators/sow1.h"
#include "schemes/arrange.h"
#include "schemes/schemes.h"
#include "status.h"

/* The parameters, in this order in every library's row. */
enum { SPARSITY, STD };

/* What the law counts; the halves are in bits. */
enum { COLUMNS, ROWS, ZEROS, LEFT, RIGHT, PASSES };

/*
 * Passes through both halves: what a pass leaves of a bias is about 2^-LEFT
 * of it, and a few are needed however wide the halves are.
 */
#define LEAST_PASSES 4
#define BIAS_BITS 24

/* Columns that go through the network side by side. */
#define TOGETHER 64

/* The finalizer of SplitMix64 (Steele, Lea and Flood 2014). */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* Where a column's row is in the network, and which of the columns it is. */
struct lane {
    uint64_t key, left, right;
    size_t number;
};

/* Half of a pass, the 'round'-th: a function of 'half' under 'key'. */
static inline uint64_t scramble(uint64_t key, uint64_t round, uint64_t half)
{
    return mix(mix(key + UINT64_C(0x9e3779b97f4a7c15) * (round + 1)) + half);
}

/*
 * Take every lane through the network once.  The steps of a lane wait for each
 * other, so the lanes go side by side.
 */
static void permute(const uint64_t *counts, struct lane *lanes, size_t n)
{
    uint64_t left_mask = (UINT64_C(1) << counts[LEFT]) - 1;
    uint64_t right_mask = (UINT64_C(1) << counts[RIGHT]) - 1;

    for (uint64_t i = 0; i < 2 * counts[PASSES]; i += 2) {
        for (struct lane *lane = lanes; lane < lanes + n; lane++)
            lane->left ^= scramble(lane->key, i, lane->right) & left_mask;
        for (struct lane *lane = lanes; lane < lanes + n; lane++)
            lane->right ^= scramble(lane->key, i + 1, lane->left) & right_mask;
    }
}

/*
 * Put the zeros into the elements of the lanes, which stand where their
 * columns take the row; those that are led outside of the rows walk on.
 */
static void walk(const uint64_t *counts, struct lane *lanes, size_t n,
                 double *out)
{
    while (n > 0) {
        size_t more = 0;

        permute(counts, lanes, n);
        for (size_t i = 0; i < n; i++) {
            uint64_t row = lanes[i].left << counts[RIGHT] | lanes[i].right;

            if (row >= counts[ROWS])
                lanes[more++] = lanes[i];
            else if (row < counts[ZEROS])
                out[lanes[i].number] = 0;
        }
        n = more;
    }
}

/* Put the zeros into 'count' elements of one row, from 'column' on. */
static void cut(const struct sow_engine *engine,
                const struct sow_tensor *tensor, uint64_t row, uint64_t column,
                size_t count, double *out)
{
    const uint64_t *counts = tensor->law.counts;
    uint64_t right_mask = (UINT64_C(1) << counts[RIGHT]) - 1;
    uint32_t words[2 * TOGETHER];
    struct lane lanes[TOGETHER];

    while (count > 0) {
        size_t take = count < TOGETHER ? count : TOGETHER;

        sow_draw_words(engine, &tensor->law.extra, 2 * column, 2 * take, words);
        for (size_t i = 0; i < take; i++)
            lanes[i] = (struct lane){
                .key = words[2 * i] | (uint64_t)words[2 * i + 1] << 32,
                .left = row >> counts[RIGHT],
                .right = row & right_mask,
                .number = i,
            };
        walk(counts, lanes, take, out);
        column += take;
        out += take;
        count -= take;
    }
}

static void make(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, uint64_t first, size_t count,
                 double *out)
{
    uint64_t columns = tensor->law.counts[COLUMNS];

    sow_draw(engine, tensor, first, count, out);
    while (count > 0) {
        uint64_t column = first % columns;
        size_t take =
            count < columns - column ? count : (size_t)(columns - column);

        cut(engine, tensor, first / columns, column, take, out);
        first += take;
        out += take;
        count -= take;
    }
}

static uint64_t passes_of(uint64_t bits)
{
    uint64_t passes = bits > 0 ? (BIAS_BITS + bits - 1) / bits : 0;

    return passes > LEAST_PASSES ? passes : LEAST_PASSES;
}

/* sparsity * rows, rounded up. */
static uint64_t zeros_of(double sparsity, uint64_t rows)
{
    double exact = sparsity * (double)rows;
    uint64_t zeros = (uint64_t)exact;

    if ((double)zeros < exact)
        zeros++;
    return zeros < rows ? zeros : rows;
}

static enum sow_status sparse(const struct sow_rule *rule,
                              struct sow_tensor *tensor,
                              struct sow_error *error)
{
    const double *values = tensor->spec.scheme.values;
    const uint64_t *dims = tensor->spec.shape.dims;
    uint64_t *counts = tensor->law.counts;
    enum sow_status status = sow_arrange_rank(tensor, 2, error);
    uint64_t bits = 0;

    (void)rule;
    if (status != SOW_OK)
        return status;
    while (dims[0] > UINT64_C(1) << bits)
        bits++;
    counts[ROWS] = dims[0];
    counts[COLUMNS] = dims[1];
    counts[ZEROS] = zeros_of(values[SPARSITY], dims[0]);
    counts[LEFT] = bits / 2;
    counts[RIGHT] = bits - bits / 2;
    counts[PASSES] = passes_of(counts[LEFT]);
    sow1_stream(tensor->spec.seed, "order", tensor->spec.name,
                &tensor->law.extra);
    tensor->law.make = make;
    tensor->law.kind = SOW_LAW_NORMAL;
    tensor->law.normal.std = values[STD];
    tensor->std = tensor->elements == 0
                      ? 0
                      : values[STD] * sqrt((double)(dims[0] - counts[ZEROS]) /
                                           (double)dims[0]);
    return SOW_OK;
}

const struct sow_rule sow_rule_sparse = {
    .resolve = sparse,
};

static const struct sow_parameter parameters[] = {
    {.name = "sparsity",
     .role = SPARSITY,
     .kind = SOW_PROBABILITY,
     .required = true,
     .help = "the part of each column that is 0, rounded up to whole elements"},
    {.name = "std",
     .role = STD,
     .kind = SOW_NON_NEGATIVE,
     .value = 0.01,
     .help = "standard deviation of the others"},
};

static const struct sow_scheme_info rows[] = {
    {
        .name = "sparse",
        .aliases = SOW_NAMES("martens"),
        SOW_PARAMETERS(parameters),
        .summary = "normal, with a fixed number of zeros in each column of a "
                   "matrix",
        .formula = "w ~ N(0, std^2), but ceil(sparsity rows) random elements "
                   "of each column are 0",
        .source = "Martens 2010, Deep learning via Hessian-free optimization",
        .rule = &sow_rule_sparse,
    },
};

const struct sow_catalogue sow_sparse_schemes = {
    rows,
    sizeof rows / sizeof rows[0],
};
