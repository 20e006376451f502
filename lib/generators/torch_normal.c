/* SPDX-License-Identifier: MIT */
/*
 * torch's normal_() of 16 elements or more: blocks of 16, each from 16 words,
 * or in float64 from 32.
 * Where elements are left over, the last 16 are drawn once more, from words of
 * their own; those that the rest had drawn are lost, or in narrow types not
 * drawn at all.
 */
#include <math.h>
#include <string.h>

#include "generators/glibc.h"
#include "generators/torch.h"
#include "kernels/kernels.h"
#include "status.h"

#define BLOCK SOW_TORCH_BLOCK

/* Blocks that pass through a buffer at a time, in narrow types. */
#define SOME 32

static size_t itemsize(const struct sow_tensor *tensor)
{
    return sow_dtype_size(tensor->spec.dtype);
}

static bool has_tail(const struct sow_tensor *tensor)
{
    return tensor->elements % BLOCK != 0;
}

/* Words of an element. */
static size_t width(const struct sow_tensor *tensor)
{
    return tensor->spec.dtype == SOW_FLOAT64 ? 2 : 1;
}

/* Is it drawn with few bits? */
static bool is_older(const struct sow_tensor *tensor)
{
    return itemsize(tensor) < sizeof(float) &&
           sow_torch_era(tensor) == SOW_TORCH_1_13;
}

/* Words before those of the tail. */
static uint64_t words_before_tail(const struct sow_tensor *tensor)
{
    if (itemsize(tensor) >= sizeof(float) || is_older(tensor))
        return tensor->elements * width(tensor);
    return tensor->elements - tensor->elements % BLOCK;
}

uint64_t sow_torch_normal_words(const struct sow_tensor *tensor)
{
    return words_before_tail(tensor) +
           (has_tail(tensor) ? BLOCK * width(tensor) : 0);
}

uint64_t sow_torch_normal_block(const struct sow_tensor *tensor, uint64_t index,
                                size_t *lane)
{
    uint64_t tail = tensor->elements - BLOCK;

    if (has_tail(tensor) && index >= tail) {
        *lane = (size_t)(index - tail);
        return words_before_tail(tensor);
    }
    *lane = (size_t)(index % BLOCK);
    return (index - index % BLOCK) * width(tensor);
}

static void draw_f64(const struct sow_engine *engine,
                     const struct sow_tensor *tensor, const uint32_t *words,
                     size_t n, uint8_t *out)
{
    const double *numbers = tensor->law.numbers;
    uint32_t tempered[2 * BLOCK];
    double values[BLOCK];

    for (; n > 0; n--, words += 2 * BLOCK, out += sizeof values) {
        engine->mt_temper(words, 2 * BLOCK, tempered);
        for (size_t j = 0; j < BLOCK / 2; j++) {
            double u = 1 - sow_torch_unit(tempered + 2 * j);
            double turn =
                0x1.921fb54442d18p+2 * sow_torch_unit(tempered + BLOCK + 2 * j);
            double radius = sqrt(-2 * sow_glibc_log(u));

            values[j] = fma(radius * sow_glibc_cos(turn),
                            numbers[SOW_TORCH_STD], numbers[SOW_TORCH_MEAN]);
            values[j + BLOCK / 2] =
                fma(radius * sow_glibc_sin(turn), numbers[SOW_TORCH_STD],
                    numbers[SOW_TORCH_MEAN]);
        }
        memcpy(out, values, sizeof values);
    }
}

static void draw_older(const struct sow_engine *engine,
                       const struct sow_tensor *tensor, const uint32_t *words,
                       size_t n, float *out)
{
    uint32_t tempered[BLOCK];

    for (; n > 0; n--, words += BLOCK, out += BLOCK) {
        engine->mt_temper(words, BLOCK, tempered);
        sow_torch_older_block(tensor, tempered, out);
    }
}

/* 'n' blocks, at most SOME in a narrow type, from their words. */
static void draw(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, const uint32_t *words,
                 size_t n, void *out)
{
    float mean = (float)tensor->law.numbers[SOW_TORCH_MEAN];
    float std = (float)tensor->law.numbers[SOW_TORCH_STD];
    float wide[SOME * BLOCK];

    if (tensor->spec.dtype == SOW_FLOAT32) {
        engine->torch_normal_f32(words, n, mean, std, out);
        return;
    }
    if (tensor->spec.dtype == SOW_FLOAT64) {
        draw_f64(engine, tensor, words, n, out);
        return;
    }
    if (is_older(tensor))
        draw_older(engine, tensor, words, n, wide);
    else
        engine->torch_normal_f32(words, n, mean, std, wide);
    engine->narrow(tensor->spec.dtype, wide, out, n * BLOCK);
}

void sow_torch_normal_one(struct sow_mt *mt, const struct sow_tensor *tensor,
                          uint64_t position, void *out)
{
    size_t size = BLOCK * width(tensor), n;

    sow_mt_move(mt, position);
    draw(mt->engine, tensor, sow_mt_take(mt, size, size, &n), 1, out);
}

/* 'n' whole blocks in a row. */
static void draw_blocks(struct sow_mt *mt, const struct sow_tensor *tensor,
                        size_t n, uint8_t *out)
{
    bool direct = itemsize(tensor) >= sizeof(float);
    size_t size = BLOCK * width(tensor);

    while (n > 0) {
        size_t most = direct || n < SOME ? n : SOME, taken;
        const uint32_t *words = sow_mt_take(mt, most * size, size, &taken);

        taken /= size;
        draw(mt->engine, tensor, words, taken, out);
        out += taken * BLOCK * itemsize(tensor);
        n -= taken;
    }
}

/* The first of 'count' elements from 'first' on that come from one block. */
static size_t draw_part(struct sow_mt *mt, const struct sow_tensor *tensor,
                        uint64_t position, uint64_t first, size_t count,
                        uint8_t *out)
{
    size_t size = itemsize(tensor), lane;
    uint64_t block = sow_torch_normal_block(tensor, first, &lane);
    uint64_t end = tensor->elements;
    uint8_t items[BLOCK * sizeof(double)];

    /* The tail's elements are not the block's, where that has some of them. */
    if (has_tail(tensor) && first < end - BLOCK)
        end -= BLOCK;
    if (count > BLOCK - lane)
        count = BLOCK - lane;
    if (count > end - first)
        count = (size_t)(end - first);
    sow_torch_normal_one(mt, tensor, position + block, items);
    memcpy(out, items + lane * size, count * size);
    return count;
}

void sow_torch_normal_draw(struct sow_mt *mt, const struct sow_tensor *tensor,
                           uint64_t position, uint64_t first, size_t count,
                           void *out)
{
    uint64_t main = tensor->elements - (has_tail(tensor) ? BLOCK : 0);
    uint8_t *to = out;

    while (count > 0) {
        uint64_t left = first < main ? main - first : 0;
        size_t n = count < left ? count : (size_t)left;

        n -= n % BLOCK;
        if (first % BLOCK == 0 && n > 0) {
            sow_mt_move(mt, position + first * width(tensor));
            draw_blocks(mt, tensor, n / BLOCK, to);
        } else {
            n = draw_part(mt, tensor, position, first, count, to);
        }
        to += n * itemsize(tensor);
        first += n;
        count -= n;
    }
}

void sow_torch_normal_read(const struct sow_engine *engine,
                           const struct sow_tensor *tensor, uint64_t first,
                           size_t count, void *out)
{
    uint64_t position;
    size_t lane;
    struct sow_mt mt;

    if (tensor->elements < BLOCK) {
        sow_torch_small_fill(engine, tensor, first, count, out);
        return;
    }
    position = sow_chain_at(tensor);
    sow_mt_begin(&mt, engine, tensor->spec.origin.start,
                 position + sow_torch_normal_block(tensor, first, &lane));
    sow_torch_normal_draw(&mt, tensor, position, first, count, out);
    sow_mt_end(&mt);
}

enum sow_status sow_torch_normal(struct sow_tensor *tensor, double mean,
                                 double std, struct sow_error *error)
{
    if (std < 0)
        return sow_fail(error, SOW_BAD_PARAMETER, "scheme",
                        "torch's normal_ takes no negative standard deviation, "
                        "such as %g",
                        std);
    if (itemsize(tensor) < sizeof(float) && tensor->elements >= BLOCK &&
        sow_torch_era(tensor) == SOW_TORCH_2_12)
        return sow_fail(error, SOW_BAD_SCHEME, "dtype",
                        "torch 2.12 drew %s normals with the C library's logf, "
                        "sinf and cosf, and they can't be exact here; float32 "
                        "can, or torch/linux-x86_64-avx2@2.13",
                        sow_dtype_name(tensor->spec.dtype));
    tensor->law.numbers[SOW_TORCH_MEAN] = mean;
    tensor->law.numbers[SOW_TORCH_STD] = std;
    tensor->law.fill = sow_torch_normal_read;
    if (tensor->elements < BLOCK)
        sow_torch_small(tensor);
    else
        tensor->law.steps = sow_torch_normal_words(tensor) +
                            tensor->law.counts[SOW_TORCH_WORDS_AFTER];
    return SOW_OK;
}
