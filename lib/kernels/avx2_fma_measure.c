/* SPDX-License-Identifier: MIT */
/*
 * Measurements with AVX2 and FMA.  A tile of six rows of lanes, two vectors
 * each, stays in registers: as many sums as hide the latency of two fused
 * operations a cycle.
 */
#include <immintrin.h>

#include "kernels/kernels.h"

#define TILE 6
#define INLINE static inline __attribute__((always_inline))
#define EACH _Pragma("GCC unroll 6") for (size_t i = 0; i < height; i++)

struct tile {
    __m256 low[TILE], high[TILE];
};

INLINE void tile_load(struct tile *tile, size_t height, const float *from)
{
    EACH tile->low[i] = _mm256_loadu_ps(from + SOW_LANES * i);
    EACH tile->high[i] = _mm256_loadu_ps(from + SOW_LANES * i + 8);
}

INLINE void tile_store(const struct tile *tile, size_t height, float *to)
{
    EACH _mm256_storeu_ps(to + SOW_LANES * i, tile->low[i]);
    EACH _mm256_storeu_ps(to + SOW_LANES * i + 8, tile->high[i]);
}

INLINE void tile_add(struct tile *tile, size_t height, float *to)
{
    EACH
    {
        float *row = to + SOW_LANES * i;

        tile->low[i] = _mm256_add_ps(_mm256_loadu_ps(row), tile->low[i]);
        tile->high[i] = _mm256_add_ps(_mm256_loadu_ps(row + 8), tile->high[i]);
    }
    tile_store(tile, height, to);
}

/*
 * to[i] += sum over k < n of a[across i + along k] x[k], for 'height' rows of
 * lanes; 'across' or 'along' is 1.
 */
INLINE void multiply(size_t height, const float *a, size_t across, size_t along,
                     const float *x, size_t n, float *to)
{
    struct tile tile;

    EACH tile.low[i] = tile.high[i] = _mm256_setzero_ps();
    for (size_t k = 0; k < n; k++, a += along, x += SOW_LANES) {
        __m256 low = _mm256_loadu_ps(x);
        __m256 high = _mm256_loadu_ps(x + 8);

        EACH
        {
            __m256 factor = _mm256_broadcast_ss(a + i * across);

            tile.low[i] = _mm256_fmadd_ps(factor, low, tile.low[i]);
            tile.high[i] = _mm256_fmadd_ps(factor, high, tile.high[i]);
        }
    }
    tile_add(&tile, height, to);
}

/* The same for any number of rows. */
INLINE void multiply_all(size_t rows, const float *a, size_t across,
                         size_t along, const float *x, size_t n, float *to)
{
    for (; rows >= TILE; rows -= TILE) {
        multiply(TILE, a, across, along, x, n, to);
        a += TILE * across;
        to += TILE * SOW_LANES;
    }
    if (rows >= 3) {
        multiply(3, a, across, along, x, n, to);
        rows -= 3;
        a += 3 * across;
        to += 3 * SOW_LANES;
    }
    for (; rows > 0; rows--) {
        multiply(1, a, across, along, x, n, to);
        a += across;
        to += SOW_LANES;
    }
}

void sow_avx2_measure_rows(const float *a, size_t stride, size_t rows,
                           const float *x, size_t n, float *y)
{
    multiply_all(rows, a, stride, 1, x, n, y);
}

void sow_avx2_measure_columns(const float *a, size_t stride, size_t rows,
                              const float *d, size_t n, float *p)
{
    multiply_all(n, a, 1, stride, d, rows, p);
}

/* Row 'r' with up to six columns from 'k' on. */
INLINE void outer_tile(const struct sow_outer *outer, size_t height, size_t r,
                       size_t k, const float *d, const float *x, float *sums)
{
    struct tile tile;

    sums += (r * outer->columns + k) * SOW_LANES;
    tile_load(&tile, height, sums);
    for (size_t at = 0; at < outer->count; at++) {
        const float *row = d + outer->d_at[at] + r * SOW_LANES;
        const float *from = x + outer->x_at[at] + k * SOW_LANES;
        __m256 low = _mm256_loadu_ps(row);
        __m256 high = _mm256_loadu_ps(row + 8);

        EACH
        {
            tile.low[i] = _mm256_fmadd_ps(
                low, _mm256_loadu_ps(from + SOW_LANES * i), tile.low[i]);
            tile.high[i] = _mm256_fmadd_ps(
                high, _mm256_loadu_ps(from + SOW_LANES * i + 8), tile.high[i]);
        }
    }
    tile_store(&tile, height, sums);
}

void sow_avx2_measure_outer(const struct sow_outer *outer, const float *d,
                            const float *x, float *sums)
{
    for (size_t r = 0; r < outer->rows; r++) {
        size_t k = 0;

        for (; k + TILE <= outer->columns; k += TILE)
            outer_tile(outer, TILE, r, k, d, x, sums);
        for (; k < outer->columns; k++)
            outer_tile(outer, 1, r, k, d, x, sums);
    }
}

static double total(__m256d x)
{
    double parts[4];

    _mm256_storeu_pd(parts, x);
    return parts[0] + parts[1] + (parts[2] + parts[3]);
}

void sow_avx2_measure_sums(const float *w, size_t n, double sums[2])
{
    __m256d sum[2] = {_mm256_setzero_pd(), _mm256_setzero_pd()};
    __m256d square[2] = {_mm256_setzero_pd(), _mm256_setzero_pd()};

    for (; n >= 8; n -= 8, w += 8) {
        __m256d low = _mm256_cvtps_pd(_mm_loadu_ps(w));
        __m256d high = _mm256_cvtps_pd(_mm_loadu_ps(w + 4));

        sum[0] = _mm256_add_pd(sum[0], low);
        sum[1] = _mm256_add_pd(sum[1], high);
        square[0] = _mm256_fmadd_pd(low, low, square[0]);
        square[1] = _mm256_fmadd_pd(high, high, square[1]);
    }
    sums[0] += total(_mm256_add_pd(sum[0], sum[1]));
    sums[1] += total(_mm256_add_pd(square[0], square[1]));
    sow_portable_measure_sums(w, n, sums);
}
