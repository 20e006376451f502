/* SPDX-License-Identifier: MIT */
/*
 * Products with a dense layer's weight, block by block as it is stored: rows
 * of sums, or columns to which each row adds its share.
 */
#include <string.h>

#include "analysis/pass.h"

/* Terms that are summed, and rows that are gone through, at a time. */
#define TERMS 256
#define ROWS 64

/*
 * A product: from a region to a region, of so many values each, beginning at
 * 'bias' if there is one.  'sums' says where the parts go that are added up.
 */
struct product {
    enum pass_direction direction;
    uint64_t from, from_values;
    uint64_t to, to_values;
    const float *bias;
};

static struct product product_of(const struct work *work,
                                 enum pass_direction direction)
{
    const struct pass *pass = work->pass;
    bool has_bias = direction == PASS_FORWARD && pass->step.stage->bias != NULL;

    if (direction == PASS_BACKWARD)
        return (struct product){direction,  pass->slope,
                                pass->outs, work->plan->gradient,
                                pass->ins,  NULL};
    return (struct product){
        direction,
        pass->fed,
        pass->ins,
        pass->hidden,
        pass->outs,
        has_bias ? (const float *)(void *)(work->room + pass->bias) : NULL};
}

/* Part 'part' of those that are added up. */
static uint64_t part_of(const struct work *work, const struct product *product,
                        uint64_t part)
{
    return work->plan->sums + part * work->plan->panels * product->to_values *
                                  SOW_LANES * sizeof(float);
}

static void begin_row(const struct product *product, uint64_t value, float *row)
{
    float from = product->bias != NULL ? product->bias[value] : 0;

    for (size_t lane = 0; lane < SOW_LANES; lane++)
        row[lane] = from;
}

/* Rows [first, first + rows) of the weight, as rows of sums. */
static void apply_rows(const struct work *work, const struct product *product,
                       const float *block, uint64_t first, uint64_t rows)
{
    const struct pass *pass = work->pass;

    for (uint64_t panel = 0; panel < work->plan->panels; panel++) {
        float *to =
            sow_pass_row(work, product->to, product->to_values, panel, first);

        for (uint64_t r = 0; r < rows; r++)
            begin_row(product, first + r, to + r * SOW_LANES);
        for (uint64_t k = 0; k < pass->inner; k += TERMS) {
            uint64_t left = pass->inner - k;

            work->engine->measure_rows(block + k, pass->stride, rows,
                                       sow_pass_row(work, product->from,
                                                    product->from_values, panel,
                                                    k),
                                       left < TERMS ? left : TERMS, to);
        }
    }
}

/* The same rows as shares of columns. */
static void apply_columns(const struct work *work,
                          const struct product *product, const float *block,
                          uint64_t first, uint64_t rows)
{
    const struct pass *pass = work->pass;
    uint64_t to = part_of(work, product, work->task);

    for (uint64_t panel = 0; panel < work->plan->panels; panel++)
        for (uint64_t r = 0; r < rows; r += ROWS)
            work->engine->measure_columns(
                block + r * pass->stride, pass->stride,
                rows - r < ROWS ? rows - r : ROWS,
                sow_pass_row(work, product->from, product->from_values, panel,
                             first + r),
                pass->inner,
                sow_pass_row(work, to, product->to_values, panel, 0));
}

static void count_weights(const struct work *work, const float *block,
                          uint64_t rows, double sums[2])
{
    for (uint64_t r = 0; r < rows; r++)
        work->engine->measure_sums(block + r * work->pass->stride,
                                   work->pass->inner, sums);
}

/* Rows [first, last), a block at a time. */
static enum sow_status apply(const struct work *work,
                             const struct product *product, bool adds,
                             uint64_t first, uint64_t last)
{
    const struct pass *pass = work->pass;
    struct slot_weight *slots = (void *)(work->room + pass->weight);
    double sums[2] = {0, 0};

    for (; first < last; first += pass->block) {
        uint64_t left = last - first;
        uint64_t rows = left < pass->block ? left : pass->block;
        enum sow_status status = sow_pass_stops(work) ? SOW_STOPPED : SOW_OK;

        if (status == SOW_OK)
            status = sow_pass_read(work, first, rows, work->scratch);
        if (status != SOW_OK)
            return status;
        if (product->direction == PASS_FORWARD)
            count_weights(work, work->scratch, rows, sums);
        (adds ? apply_columns : apply_rows)(work, product, work->scratch, first,
                                            rows);
    }
    if (product->direction == PASS_FORWARD)
        slots[work->task] = (struct slot_weight){sums[0], sums[1]};
    return SOW_OK;
}

static enum sow_status multiply(const struct work *work,
                                enum pass_direction direction)
{
    const struct pass *pass = work->pass;
    struct product product = product_of(work, direction);
    uint64_t tasks = sow_pass_blocks(pass, direction);
    uint64_t first = work->task * pass->block;
    uint64_t last = first + pass->block;

    if (!sow_pass_adds(pass, direction))
        return apply(work, &product, false, first,
                     last < pass->outer ? last : pass->outer);
    memset(work->room + part_of(work, &product, work->task), 0,
           part_of(work, &product, 1) - part_of(work, &product, 0));
    return apply(work, &product, true, pass->outer * work->task / tasks,
                 pass->outer * (work->task + 1) / tasks);
}

/* Add up the parts of a chunk of a panel. */
static enum sow_status sum(const struct work *work,
                           enum pass_direction direction)
{
    struct product product = product_of(work, direction);
    struct chunk chunk = sow_pass_chunk(work, product.to_values);
    uint64_t parts = sow_pass_blocks(work->pass, direction);
    float *to = sow_pass_row(work, product.to, product.to_values, chunk.panel,
                             chunk.first);

    for (uint64_t v = 0; v < chunk.count; v++)
        begin_row(&product, chunk.first + v, to + v * SOW_LANES);
    for (uint64_t part = 0; part < parts; part++) {
        const float *from =
            sow_pass_row(work, part_of(work, &product, part), product.to_values,
                         chunk.panel, chunk.first);

        for (uint64_t i = 0; i < chunk.count * SOW_LANES; i++)
            to[i] += from[i];
    }
    return SOW_OK;
}

enum sow_status sow_pass_multiply(const struct work *work)
{
    return multiply(work, PASS_FORWARD);
}

enum sow_status sow_pass_multiply_back(const struct work *work)
{
    return multiply(work, PASS_BACKWARD);
}

enum sow_status sow_pass_sum(const struct work *work)
{
    return sum(work, PASS_FORWARD);
}

enum sow_status sow_pass_sum_back(const struct work *work)
{
    return sum(work, PASS_BACKWARD);
}
