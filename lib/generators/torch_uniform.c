/* SPDX-License-Identifier: MIT */
/* torch's uniform_(): an element from a word, or of float64 from two. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "generators/torch.h"
#include "kernels/kernels.h"
#include "status.h"

/* Elements that pass through a buffer at a time. */
#define SOME 512

enum { LOW, HIGH }; /* law.numbers */

static float rounded(enum sow_dtype dtype, float value)
{
    uint8_t item[4];
    double wide;

    sow_narrow(dtype, &value, item, 1);
    sow_widen(dtype, item, &wide, 1);
    return (float)wide;
}

/* The bounds as torch has them when it draws in float. */
static struct sow_torch_uniform law_of(const struct sow_tensor *tensor)
{
    enum sow_dtype dtype = tensor->spec.dtype;
    float low = (float)tensor->law.numbers[LOW];
    float high = (float)tensor->law.numbers[HIGH];
    bool clamps = sow_torch_era(tensor) != SOW_TORCH_1_13;

    if (clamps)
        return (struct sow_torch_uniform){low, high - low,
                                          dtype == SOW_FLOAT32 ? high : NAN};
    low = rounded(dtype, low);
    high = rounded(dtype, high);
    return (struct sow_torch_uniform){low, rounded(dtype, high - low), NAN};
}

static void fill_f32(const struct sow_engine *engine,
                     const struct sow_tensor *tensor, uint64_t first,
                     size_t count, void *out)
{
    struct sow_torch_uniform law = law_of(tensor);
    struct sow_mt mt;
    uint8_t *to = out;

    sow_mt_begin(&mt, engine, tensor->spec.origin.start,
                 sow_chain_at(tensor) + first);
    while (count > 0) {
        size_t n;
        const uint32_t *words = sow_mt_take(&mt, count, 1, &n);

        engine->torch_uniform_f32(words, n, &law, to);
        to += n * sizeof(float);
        count -= n;
    }
    sow_mt_end(&mt);
}

/* What has been rounded up to the upper bound becomes the lower one. */
static void clamp(const struct sow_tensor *tensor, uint8_t *items, size_t n)
{
    float bounds[2] = {(float)tensor->law.numbers[LOW],
                       (float)tensor->law.numbers[HIGH]};
    uint16_t low_high[2], item;

    sow_narrow(tensor->spec.dtype, bounds, low_high, 2);
    for (size_t i = 0; i < n; i++) {
        memcpy(&item, items + 2 * i, sizeof item);
        if (item == low_high[1])
            memcpy(items + 2 * i, &low_high[0], sizeof item);
    }
}

/* As many bits as the type's significand has, until 2.11. */
static void draw_few_bits(const struct sow_tensor *tensor, uint32_t *words,
                          size_t n, float *out)
{
    struct sow_torch_uniform law = law_of(tensor);
    uint32_t range = tensor->spec.dtype == SOW_BFLOAT16 ? 1u << 8 : 1u << 11;

    for (size_t i = 0; i < n; i++) {
        float u = (float)(words[i] & (range - 1)) / (float)range;

        out[i] = fmaf(u, law.span, law.low);
    }
}

static void fill_narrow(const struct sow_engine *engine,
                        const struct sow_tensor *tensor, uint64_t first,
                        size_t count, void *out)
{
    struct sow_torch_uniform law = law_of(tensor);
    bool few_bits = sow_torch_era(tensor) == SOW_TORCH_1_13;
    uint32_t tempered[SOME];
    float wide[SOME];
    struct sow_mt mt;
    uint8_t *to = out;

    sow_mt_begin(&mt, engine, tensor->spec.origin.start,
                 sow_chain_at(tensor) + first);
    while (count > 0) {
        size_t n;
        const uint32_t *words =
            sow_mt_take(&mt, count < SOME ? count : SOME, 1, &n);

        engine->mt_temper(words, few_bits ? n : 0, tempered);
        if (few_bits)
            draw_few_bits(tensor, tempered, n, wide);
        else
            engine->torch_uniform_f32(words, n, &law, wide);
        engine->narrow(tensor->spec.dtype, wide, to, n);
        if (!few_bits)
            clamp(tensor, to, n);
        to += 2 * n;
        count -= n;
    }
    sow_mt_end(&mt);
}

static double uniform_f64(const uint32_t words[2], double low, double high,
                          bool clamps)
{
    double value = fma(sow_torch_unit(words), high - low, low);

    return clamps && value == high ? low : value;
}

static void fill_f64(const struct sow_engine *engine,
                     const struct sow_tensor *tensor, uint64_t first,
                     size_t count, void *out)
{
    const double *numbers = tensor->law.numbers;
    bool clamps = sow_torch_era(tensor) != SOW_TORCH_1_13;
    uint32_t words[2 * SOME];
    struct sow_mt mt;
    uint8_t *to = out;

    sow_mt_begin(&mt, engine, tensor->spec.origin.start,
                 sow_chain_at(tensor) + 2 * first);
    while (count > 0) {
        size_t n = count < SOME ? count : SOME;

        sow_mt_words(&mt, words, 2 * n);
        for (size_t i = 0; i < n; i++, to += sizeof(double)) {
            double value =
                uniform_f64(words + 2 * i, numbers[LOW], numbers[HIGH], clamps);

            memcpy(to, &value, sizeof value);
        }
        count -= n;
    }
    sow_mt_end(&mt);
}

static double largest(enum sow_dtype dtype)
{
    if (dtype == SOW_FLOAT64)
        return DBL_MAX;
    if (dtype == SOW_FLOAT32)
        return FLT_MAX;
    return dtype == SOW_FLOAT16 ? 65504 : 0x1.fep127;
}

enum sow_status sow_torch_uniform(struct sow_tensor *tensor, double low,
                                  double high, struct sow_error *error)
{
    enum sow_dtype dtype = tensor->spec.dtype;
    double most = largest(dtype);

    if (!(low <= high && low >= -most && high <= most && high - low <= most))
        return sow_fail(error, SOW_BAD_PARAMETER, "scheme",
                        "torch's uniform_ takes no bounds from %g to %g: "
                        "they must be in order, and their distance a %s",
                        low, high, sow_dtype_name(dtype));
    tensor->law.numbers[LOW] = low;
    tensor->law.numbers[HIGH] = high;
    tensor->law.steps = tensor->elements;
    tensor->law.fill = fill_narrow;
    if (dtype == SOW_FLOAT32)
        tensor->law.fill = fill_f32;
    if (dtype == SOW_FLOAT64) {
        tensor->law.fill = fill_f64;
        tensor->law.steps = 2 * tensor->elements;
    }
    return SOW_OK;
}
