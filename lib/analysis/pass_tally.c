/* SPDX-License-Identifier: MIT */
/* Counting over the rows of a signal, and finding them. */
#include "analysis/pass.h"

float *sow_pass_row(const struct work *work, uint64_t region, uint64_t values,
                    uint64_t panel, uint64_t value)
{
    return (float *)(void *)(work->room + region) +
           (panel * values + value) * SOW_LANES;
}

size_t sow_pass_lanes(const struct work *work, uint64_t panel)
{
    uint64_t left = work->m->samples - panel * SOW_LANES;

    return left < SOW_LANES ? (size_t)left : SOW_LANES;
}

uint64_t sow_pass_turn(const struct pass *pass, uint64_t v)
{
    uint64_t channels = pass->step.out.channels;

    return pass->turned ? v % channels * sow_stage_positions(&pass->step.out) +
                              v / channels
                        : v;
}

bool sow_pass_stops(const struct work *work)
{
    return work->stop != NULL && work->stop(work->argument);
}

struct chunk sow_pass_chunk(const struct work *work, uint64_t values)
{
    uint64_t size = sow_pass_chunk_size(values);
    uint64_t chunks = sow_pass_chunks(values);
    uint64_t first = work->task % chunks * size;
    uint64_t left = values - first;

    return (struct chunk){work->task / chunks, first,
                          (size_t)(left < size ? left : size),
                          sow_pass_lanes(work, work->task / chunks)};
}

void sow_gauge_add(struct gauge *gauge, const float *row)
{
    double wide[SOW_LANES];

    for (size_t lane = 0; lane < SOW_LANES; lane++)
        wide[lane] = (double)row[lane];
    for (size_t lane = 0; lane < SOW_LANES; lane++)
        gauge->sum[lane] += wide[lane];
    for (size_t lane = 0; lane < SOW_LANES; lane++)
        gauge->square[lane] += wide[lane] * wide[lane];
    for (size_t pair = 0; pair < SOW_LANES / 2; pair++)
        gauge->product[pair] += wide[2 * pair] * wide[2 * pair + 1];
    for (size_t lane = 0; lane < SOW_LANES; lane++) {
        float size = row[lane] < 0 ? -row[lane] : row[lane];

        gauge->largest[lane] =
            size > gauge->largest[lane] ? size : gauge->largest[lane];
    }
}

void sow_gauge_fold(const struct gauge *gauge, size_t lanes,
                    struct tally *tally)
{
    *tally = (struct tally){0, 0, 0, 0};
    for (size_t lane = 0; lane < lanes; lane++) {
        tally->sum += gauge->sum[lane];
        tally->square += gauge->square[lane];
        if ((double)gauge->largest[lane] > tally->largest)
            tally->largest = (double)gauge->largest[lane];
    }
    for (size_t pair = 0; pair < lanes / 2; pair++)
        tally->product += gauge->product[pair];
}

void sow_gauge_lanes(const struct gauge *gauge, struct tally_lanes *lanes)
{
    for (size_t lane = 0; lane < SOW_LANES; lane++)
        lanes->square[lane] = gauge->square[lane];
}

void sow_squares_add(double squares[SOW_LANES], const float *row)
{
    for (size_t lane = 0; lane < SOW_LANES; lane++)
        squares[lane] += (double)row[lane] * (double)row[lane];
}

double sow_lanes_fold(const double sums[SOW_LANES], size_t lanes)
{
    double sum = 0;

    for (size_t lane = 0; lane < lanes; lane++)
        sum += sums[lane];
    return sum;
}
