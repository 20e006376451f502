/* SPDX-License-Identifier: MIT */
/* Elements as JAX draws them: words by their counters, then values. */
#include <math.h>
#include <string.h>

#include "generators/jax.h"

/* Words at a time, on their way to other types than float32. */
#define WORDS 256

static bool is_original(const struct sow_tensor *tensor)
{
    return tensor->spec.origin.start->generator->variant == SOW_JAX_ORIGINAL;
}

/* ------------------------------------------------------------------------
 * Words
 */

/* Words whose counters go up together. */
struct run {
    struct sow_jax_words words;
    uint64_t length;
};

/*
 * The old layout: of 'total' words the first half are the first results, the
 * second half the second results, of pairs half the total apart.  The last pair
 * of an odd total has 0 for its second, and its second result isn't used.
 */
static struct run original_run(uint64_t total, uint64_t index)
{
    uint64_t half = total - total / 2;
    bool second = index >= half;
    uint64_t pair = second ? index - half : index;
    uint64_t pairs = total / 2;
    struct run run = {
        .words = {.first = {(uint32_t)pair, (uint32_t)(pair + half)},
                  .step = 1,
                  .take = second ? SOW_JAX_SECOND : SOW_JAX_FIRST},
        .length = pairs - pair};

    if (pair == pairs) {
        run.words.first[1] = 0;
        run.length = 1;
    }
    return run;
}

/* The words of a tensor from 'index' on, of 'total' in the old layout. */
static struct run run_at(const struct sow_tensor *tensor, uint64_t total,
                         uint64_t index)
{
    struct run run = {
        .words = {.first = {(uint32_t)(index >> 32), (uint32_t)index},
                  .take = SOW_JAX_BOTH},
        .length = (UINT64_C(1) << 32) - (uint32_t)index};

    if (is_original(tensor))
        run = original_run(total, index);
    memcpy(run.words.key, tensor->spec.origin.key, sizeof run.words.key);
    return run;
}

/* How many words the old layout has for so many bits. */
static uint64_t original_words(uint64_t elements, unsigned bits)
{
    return (elements * bits + 31) / 32;
}

/* The bits that a type takes: bfloat16 has room for no more than 8. */
static unsigned bits_of(enum sow_dtype dtype)
{
    return dtype == SOW_BFLOAT16 ? 8 : 8 * (unsigned)sow_dtype_size(dtype);
}

bool sow_jax_original_fits(enum sow_dtype dtype, uint64_t elements)
{
    return elements < UINT64_C(1) << 40 &&
           original_words(elements, bits_of(dtype)) < UINT32_MAX;
}

/* ------------------------------------------------------------------------
 * float32
 */

void sow_jax_fill_f32(const struct sow_engine *engine,
                      const struct sow_tensor *tensor, uint64_t first,
                      size_t count, void *out)
{
    const struct sow_jax_law exact = sow_jax_law(tensor);
    const struct sow_jax_f32 law = {
        .inverse = exact.inverse,
        .low = (float)exact.low,
        .span = (float)exact.span,
        .least = (float)exact.least,
        .most = (float)exact.most,
        .scale = (float)exact.scale,
    };
    uint8_t *to = out;

    while (count > 0) {
        struct run run = run_at(tensor, tensor->elements, first);
        size_t take = count < run.length ? count : (size_t)run.length;

        engine->jax_f32(&run.words, take, &law, to);
        to += take * sizeof(float);
        first += take;
        count -= take;
    }
}

/* ------------------------------------------------------------------------
 * float64
 */

static double value_f64(const struct sow_jax_law *law, uint64_t word)
{
    uint64_t bits = word >> 12 | UINT64_C(0x3ff0000000000000);
    double x;

    memcpy(&x, &bits, sizeof x);
    x = fma(x - 1, law->span, law->low);
    x = x > law->low ? x : law->low;
    if (law->inverse) {
        x = sow_jax_erf_inv_f64(x) * SOW_JAX_SQRT2;
        x = x > law->least ? x : law->least;
        x = x < law->most ? x : law->most;
    }
    return x * law->scale;
}

/* A word's high half and its low half: both results, or those of a pair. */
void sow_jax_fill_f64(const struct sow_engine *engine,
                      const struct sow_tensor *tensor, uint64_t first,
                      size_t count, void *out)
{
    const struct sow_jax_law law = sow_jax_law(tensor);
    uint32_t high[WORDS], low[WORDS];
    uint8_t *to = out;

    while (count > 0) {
        struct run run = run_at(tensor, 2 * tensor->elements, first);
        size_t take = count < WORDS ? count : WORDS;

        take = take < run.length ? take : (size_t)run.length;
        run.words.take = SOW_JAX_FIRST;
        engine->jax_words(&run.words, take, high);
        run.words.take = SOW_JAX_SECOND;
        engine->jax_words(&run.words, take, low);
        for (size_t i = 0; i < take; i++, to += sizeof(double)) {
            double value = value_f64(&law, (uint64_t)high[i] << 32 | low[i]);

            memcpy(to, &value, sizeof value);
        }
        first += take;
        count -= take;
    }
}

/* ------------------------------------------------------------------------
 * Narrow types: each operation is rounded to the type, but the inverse error
 * function, which is float32's, as a whole.
 */

struct narrow {
    enum sow_dtype dtype;
    struct sow_jax_law law;
    unsigned each;     /* elements that a word has bits for */
    unsigned bits;     /* of a word that an element takes */
    unsigned mantissa; /* how many of them, the highest, are its fraction */
    double unit;       /* of the fraction's last bit */
    bool tabled;       /* has 'table' the elements of all fractions? */
    uint16_t table[1 << 10];
};

static double rounded(const struct narrow *narrow, double value)
{
    return sow_jax_round(narrow->dtype, value);
}

static uint16_t value_narrow(const struct narrow *narrow, uint32_t fraction)
{
    const struct sow_jax_law *law = &narrow->law;
    double x = rounded(narrow, fraction * narrow->unit * law->span);
    float single;
    uint16_t item;

    x = rounded(narrow, x + law->low);
    x = x > law->low ? x : law->low;
    if (law->inverse) {
        x = rounded(narrow, (double)sow_jax_erf_inv_f32((float)x));
        x = rounded(narrow, x * rounded(narrow, SOW_JAX_SQRT2));
        x = x > law->least ? x : law->least;
        x = x < law->most ? x : law->most;
    }
    single = (float)(x * law->scale);
    sow_narrow(narrow->dtype, &single, &item, 1);
    return item;
}

/* For 'count' elements; there are 1024 fractions, or 128. */
static void narrow_init(struct narrow *narrow, const struct sow_tensor *tensor,
                        size_t count)
{
    enum sow_dtype dtype = tensor->spec.dtype;
    unsigned mantissa = dtype == SOW_FLOAT16 ? 10 : 7;
    uint32_t fractions = 1u << mantissa;

    narrow->dtype = dtype;
    narrow->law = sow_jax_law(tensor);
    narrow->bits = bits_of(dtype);
    narrow->each = is_original(tensor) ? 32 / narrow->bits : 1;
    narrow->mantissa = mantissa;
    narrow->unit = 1.0 / fractions;
    narrow->tabled = count > fractions;
    for (uint32_t i = 0; narrow->tabled && i < fractions; i++)
        narrow->table[i] = value_narrow(narrow, i);
}

/* The element whose bits are the lowest of 'word'. */
static uint16_t narrow_item(const struct narrow *narrow, uint32_t word)
{
    uint32_t fraction = (word & ((1u << narrow->bits) - 1)) >>
                        (narrow->bits - narrow->mantissa);

    return narrow->tabled ? narrow->table[fraction]
                          : value_narrow(narrow, fraction);
}

void sow_jax_fill_narrow(const struct sow_engine *engine,
                         const struct sow_tensor *tensor, uint64_t first,
                         size_t count, void *out)
{
    struct narrow narrow;
    uint64_t total =
        original_words(tensor->elements, bits_of(tensor->spec.dtype));
    uint64_t end = first + count;
    uint32_t words[WORDS];
    uint8_t *to = out;

    narrow_init(&narrow, tensor, count);
    while (first < end) {
        uint64_t word = first / narrow.each;
        struct run run = run_at(tensor, total, word);
        size_t take = run.length < WORDS ? (size_t)run.length : WORDS;
        uint64_t stop = (word + take) * narrow.each;

        stop = stop < end ? stop : end;
        take = (size_t)((stop - 1) / narrow.each - word + 1);
        engine->jax_words(&run.words, take, words);
        for (; first < stop; first++, to += sizeof(uint16_t)) {
            unsigned place = (unsigned)(first % narrow.each);
            uint16_t item =
                narrow_item(&narrow, words[first / narrow.each - word] >>
                                         place * narrow.bits);

            memcpy(to, &item, sizeof item);
        }
    }
}
