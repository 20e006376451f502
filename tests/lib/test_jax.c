/* SPDX-License-Identifier: MIT */
/*
 * Tests of JAX's generators, against what JAX and Flax themselves have drawn
 * (tests/vectors/jax.txt, by tests/oracle/jax_vectors.py) and what others have
 * published.
 */
#include "generators/jax.h"

#include <stdlib.h>
#include <string.h>

#include "generators/threefry.h"
#include "help.h"
#include "sha256.h"
#include "vectors.h"

Suite *jax_suite(void);

#define JAX "jax/threefry@0.10"
#define ORIGINAL "jax/threefry-original@0.10"
#define HEAD_BYTES 32

static void start_key(struct sow_start *start, const char *name,
                      const uint32_t key[2])
{
    struct sow_error error;
    uint8_t state[8];

    memcpy(state, key, sizeof state);
    ck_assert_uint_eq(sow_state_size(sow_generator_find(name)), sizeof state);
    if (sow_start_state(start, sow_generator_find(name), state, &error))
        ck_abort_msg("%s: %s", name, error.text);
}

static void start_seed(struct sow_start *start, const char *name, uint64_t seed)
{
    struct sow_error error;

    if (sow_start_seed(start, sow_generator_find(name), seed, &error) != SOW_OK)
        ck_abort_msg("%s: %s", name, error.text);
}

static struct sow_tensor tensor_at(const struct sow_start *start,
                                   const struct sow_spec *spec)
{
    struct sow_spec from = *spec;

    from.origin = sow_origin_begin(start);
    return tensor_make(&from);
}

static void must_read(const struct sow_engine *engine,
                      const struct sow_tensor *tensor, uint64_t pos, void *out,
                      size_t n)
{
    if (sow_tensor_read(engine, tensor, pos, out, n) != SOW_OK)
        ck_abort_msg("%s: bytes from %llu can't be read", engine->name,
                     (unsigned long long)pos);
}

/* ------------------------------------------------------------------------
 * Known answers
 */

static void make_key(const struct vector *v, uint32_t made[2])
{
    const char *scope = v->label != NULL ? v->label : "";
    struct sow_start start;

    if (strcmp(v->id, "seed") == 0) {
        start_seed(&start, JAX, v->spec.seed);
        memcpy(made, sow_origin_begin(&start).key, 2 * sizeof *made);
    } else if (strcmp(v->id, "split") == 0) {
        sow_key_split(sow_generator_find(v->label), v->key, v->counter[0],
                      v->counter[1], made);
    } else if (strcmp(v->id, "fold_in") == 0) {
        sow_key_fold_in(v->key, v->counter[0], made);
    } else {
        sow_key_linen(v->key, scope, v->counter[0], made);
    }
}

static void check_key(struct vectors *vectors, const struct vector *v)
{
    uint32_t got[2] = {0, 0};

    make_key(v, got);
    if (memcmp(got, v->out, sizeof got) != 0)
        vectors_complain(vectors, "%s: %08x,%08x is not %08x,%08x", v->id,
                         got[0], got[1], v->out[0], v->out[1]);
}

static void check_tensor(struct vectors *vectors, const struct vector *v,
                         const struct sow_engine *engine)
{
    struct sow_start start;
    struct sow_tensor tensor;
    uint8_t digest[SOW_DIGEST_BYTES], *bytes;
    char hex[2 * SOW_DIGEST_BYTES + 1], head[2 * HEAD_BYTES + 1];
    size_t n, shown;

    start_key(&start, v->label, v->key);
    tensor = tensor_at(&start, &v->spec);
    n = (size_t)tensor.size;
    shown = n < HEAD_BYTES ? n : HEAD_BYTES;
    bytes = must_allocate(n);
    must_read(engine, &tensor, 0, bytes, n);
    sow_digest(bytes, n, digest);
    sow_digest_hex(digest, hex);
    head[0] = '\0';
    for (size_t i = 0; i < shown; i++)
        snprintf(head + 2 * i, 3, "%02x", bytes[i]);
    free(bytes);
    if (strcmp(hex, v->blake2b) == 0 && strcmp(head, v->head) == 0)
        return;
    vectors_complain(vectors, "%s %s on %s:\n  got  %s\n  want %s", v->scheme,
                     sow_dtype_name(v->spec.dtype), engine->name, head,
                     v->head);
}

START_TEST(answers_are_those_of_jax)
{
    const struct sow_engine *engine = engine_at((size_t)_i);
    struct vectors vectors;
    struct vector v;

    if (engine == NULL)
        return;
    vectors_open(&vectors, "jax.txt");
    while (vectors_next(&vectors, &v))
        if (v.id != NULL)
            check_key(&vectors, &v);
        else
            check_tensor(&vectors, &v, engine);
    vectors_close(&vectors);
}
END_TEST

/* Random123's kat_vectors for threefry2x32 with 20 rounds. */
START_TEST(threefry_gives_the_published_words)
{
    static const uint32_t answers[][3][2] = {
        {{0, 0}, {0, 0}, {0x6b200159, 0x99ba4efe}},
        {{0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x1cb996fc, 0xbb002be7}},
        {{0x13198a2e, 0x03707344},
         {0x243f6a88, 0x85a308d3},
         {0xc4923a9c, 0x483df7a0}},
    };

    for (size_t i = 0; i < COUNT(answers); i++) {
        uint32_t x[2];

        memcpy(x, answers[i][1], sizeof x);
        threefry(answers[i][0], x);
        if (memcmp(x, answers[i][2], sizeof x) != 0)
            ck_abort_msg("answer %zu: %08x %08x", i, x[0], x[1]);
    }
}
END_TEST

/* Values that JAX's documentation and its users have printed. */
START_TEST(published_values_hold)
{
    static const float normals[] = {1.622642159461975f,   2.0252647399902344f,
                                    -0.4335944354534149f, -0.07861734926700592f,
                                    0.17609089612960815f, -0.9720892310142517f};
    struct sow_spec spec = spec_make("jax.normal", SOW_FLOAT32, SHAPE(2, 3));
    struct sow_start start;
    struct sow_tensor tensor;
    float got[COUNT(normals)];

    spec_set(&spec, "stddev", 1);
    start_seed(&start, "jax", 0);
    tensor = tensor_at(&start, &spec);
    must_read(engine_at(0), &tensor, 0, got, sizeof got);
    for (size_t i = 0; i < COUNT(normals); i++)
        ck_assert_uint_eq(f32_bits(got[i]), f32_bits(normals[i]));
}
END_TEST

/* The digests of 100,000 values of a seed, by SHA-256. */
static const struct {
    const char *generator, *scheme;
    uint64_t seed;
    const char *sha256;
} digests[] = {
    {JAX, "jax.uniform", 0,
     "f6206504a79282b55f668a904c8c40910adcf997c702f6d53e3a6b5d93206e99"},
    {JAX, "jax.normal", 0,
     "dc63dab2892c71003f4f978887e4a10849564f75bc0813e48640c24de3a37c87"},
    {ORIGINAL, "jax.uniform", 0,
     "ea793814d39d6d046d0ea61f32be3e96db66f5da2c7f18ba536b5c4207397ccd"},
    {ORIGINAL, "jax.normal", 0,
     "7f49b7b7d6998f3fda5fab47a1ea0566bc46c5eb6f0b82b96c2f66b5bb2df3d9"},
    {JAX, "jax.uniform", 42,
     "5ecfb41bcb6321fe341da9444c807792becc27f70115b3ff793a5ca411823937"},
    {JAX, "jax.normal", 42,
     "9f08dc3faf6cd365ab304aba9ffc46354fe4958d006b3492b0b52ad4bfda2476"},
    {ORIGINAL, "jax.uniform", 42,
     "06aada2e87fd423dcf73ed5f3a9b49d5a9b6338d36d5d5ec8bdfa41ca66b5536"},
    {ORIGINAL, "jax.normal", 42,
     "d25ab6c4a0841ac1b2449d7c03ccee6ff2cc2c58a8735181b096ffd98918fef7"},
};

START_TEST(long_draws_hold)
{
    struct sow_spec spec =
        spec_make(digests[_i].scheme, SOW_FLOAT32, SHAPE(100000));
    struct sow_sha256 hash;
    struct sow_start start;
    struct sow_tensor tensor;
    uint8_t digest[SOW_DIGEST_BYTES], *bytes = must_allocate(400000);
    char hex[2 * SOW_DIGEST_BYTES + 1];

    spec.scheme.values[0] = 1;
    start_seed(&start, digests[_i].generator, digests[_i].seed);
    tensor = tensor_at(&start, &spec);
    for (size_t i = 0; engine_at(i) != NULL; i++) {
        must_read(engine_at(i), &tensor, 0, bytes, 400000);
        sow_sha256_start(&hash);
        sow_sha256_add(&hash, bytes, 400000);
        sow_sha256_finish(&hash, digest);
        sow_digest_hex(digest, hex);
        ck_assert_str_eq(hex, digests[_i].sha256);
    }
    free(bytes);
}
END_TEST

/* ------------------------------------------------------------------------
 * Positions
 */

static const struct {
    const char *scheme;
    enum sow_dtype dtype;
    uint64_t count;
} pieces[] = {
    {"jax.normal", SOW_FLOAT32, 1},
    {"jax.normal", SOW_FLOAT32, 2},
    {"jax.uniform", SOW_FLOAT32, 333},
    {"jax.truncated_normal", SOW_FLOAT32, 400},
    {"jax.uniform", SOW_FLOAT64, 301},
    {"jax.normal", SOW_FLOAT64, 150},
    {"jax.normal", SOW_FLOAT16, 1301},
    {"jax.normal", SOW_BFLOAT16, 777},
    {"jax.uniform", SOW_FLOAT16, 3},
    {"jax.uniform", SOW_BFLOAT16, 5},
    {"jax.uniform", SOW_BFLOAT16, 262},
    {"jax.uniform", SOW_FLOAT16, 515},
};

/* Bytes [from, from + n) alone, at an odd address, and nothing else. */
static void must_agree(const struct sow_engine *engine,
                       const struct sow_tensor *tensor, const uint8_t *whole,
                       uint64_t from, size_t n)
{
    uint8_t *buffer = must_allocate(n + 2), *to = buffer + 1;

    memset(buffer, 0xa5, n + 2);
    must_read(engine, tensor, from, to, n);
    if (memcmp(to, whole + from, n) != 0 || buffer[0] != 0xa5 || to[n] != 0xa5)
        ck_abort_msg("%s, %s of %llu %s: %zu bytes from %llu differ",
                     engine->name, tensor->spec.scheme.info->name,
                     (unsigned long long)tensor->elements,
                     sow_dtype_name(tensor->spec.dtype), n,
                     (unsigned long long)from);
    free(buffer);
}

static void check_pieces(const char *generator, size_t which)
{
    const struct sow_spec spec = spec_make(
        pieces[which].scheme, pieces[which].dtype, SHAPE(pieces[which].count));
    struct sow_start start;
    struct sow_tensor tensor;
    uint8_t *whole;

    start_seed(&start, generator, 9);
    tensor = tensor_at(&start, &spec);
    whole = must_allocate((size_t)tensor.size);
    must_read(&sow_engine_portable, &tensor, 0, whole, (size_t)tensor.size);
    for (uint64_t k = 0; k < 400; k++) {
        uint64_t from = mix(k) % tensor.size;
        size_t n = (size_t)(mix(k + 1000) % (tensor.size - from + 1));

        must_agree(engine_at(k % 2) ? engine_at(k % 2) : engine_at(0), &tensor,
                   whole, from, k % 3 != 0 && n > 40 ? n % 40 : n);
    }
    free(whole);
}

START_TEST(pieces_are_those_of_the_whole)
{
    check_pieces(JAX, (size_t)_i);
    check_pieces(ORIGINAL, (size_t)_i);
}
END_TEST

/* Past 2^32 elements the counter's high word is not 0. */
START_TEST(counters_carry)
{
    enum { COUNT = 80 };
    const uint64_t first = (UINT64_C(1) << 32) - 37;
    struct sow_spec spec =
        spec_make("jax.uniform", SOW_FLOAT32, SHAPE(UINT64_C(1) << 33));
    struct sow_start start;
    struct sow_tensor tensor;
    float got[COUNT];

    spec_set(&spec, "scale", 1);
    start_seed(&start, JAX, 5);
    tensor = tensor_at(&start, &spec);
    for (size_t e = 0; engine_at(e) != NULL; e++) {
        must_read(engine_at(e), &tensor, 4 * first, got, sizeof got);
        for (uint64_t i = 0; i < COUNT; i++) {
            uint32_t key[2] = {0, 5};
            uint32_t x[2] = {(uint32_t)((first + i) >> 32),
                             (uint32_t)(first + i)};

            threefry(key, x);
            ck_assert_uint_eq(f32_bits(got[i]),
                              f32_bits((float)((x[0] ^ x[1]) >> 9) * 0x1p-23f));
        }
    }
}
END_TEST

Suite *jax_suite(void)
{
    Suite *suite = suite_create("jax");
    TCase *tcase = tcase_create("jax");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, answers_are_those_of_jax, 0, ENGINES);
    tcase_add_test(tcase, threefry_gives_the_published_words);
    tcase_add_test(tcase, published_values_hold);
    tcase_add_loop_test(tcase, long_draws_hold, 0, COUNT(digests));
    tcase_add_loop_test(tcase, pieces_are_those_of_the_whole, 0, COUNT(pieces));
    tcase_add_test(tcase, counters_carry);
    suite_add_tcase(suite, tcase);
    return suite;
}
