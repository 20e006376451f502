/* SPDX-License-Identifier: MIT */
/*
 * What kernels.c measures: tensors of each scheme, type and engine, read block
 * by block, slices of them, and what they are compared with.
 */
#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"
#include "origin.h"

/* Bytes that a digest is taken of at a time. */
#define DIGEST_BYTES ((uint64_t)1 << 20)

#define ROWS ((uint64_t)1 << 20)
#define COLUMNS 4096

/*
 * A tensor to read: ROWS by COLUMNS, or 'square', or the first 'columns' of
 * each row, if that isn't 0; in all types, or in float32 and bfloat16 alone.
 */
struct row {
    const char *name;
    const char *scheme;
    uint64_t columns;
    bool square;
    bool few_types;
};

static const struct row rows[] = {
    {.name = "zeros", .scheme = "zeros"},
    {.name = "constant", .scheme = "constant"},
    {.name = "uniform", .scheme = "uniform"},
    {.name = "normal", .scheme = "normal"},
    {.name = "truncated_normal", .scheme = "truncated_normal"},
    {.name = "he_normal", .scheme = "he_normal"},
    {.name = "torch.uniform", .scheme = "torch.uniform", .few_types = true},
    {.name = "torch.normal", .scheme = "torch.normal", .few_types = true},
    {.name = "jax.uniform", .scheme = "jax.uniform", .few_types = true},
    {.name = "jax.normal", .scheme = "jax.normal", .few_types = true},
    {.name = "eye", .scheme = "eye", .square = true},
    {.name = "identity",
     .scheme = "identity",
     .square = true,
     .few_types = true},
    {.name = "sign_constant", .scheme = "sign_constant", .few_types = true},
    {.name = "bernoulli_mask", .scheme = "bernoulli_mask", .few_types = true},
    {.name = "mirrored", .scheme = "mirrored", .few_types = true},
    {.name = "sparse", .scheme = "sparse", .square = true, .few_types = true},
    {.name = "normal[:, :2048]",
     .scheme = "normal",
     .columns = 2048,
     .few_types = true},
    {.name = "normal[:, :64]",
     .scheme = "normal",
     .columns = 64,
     .few_types = true},
    {.name = "normal[:, :1]",
     .scheme = "normal",
     .columns = 1,
     .few_types = true},
    {.name = "uniform[:, :64]",
     .scheme = "uniform",
     .columns = 64,
     .few_types = true},
};

#define COUNT (sizeof rows / sizeof *rows)

void fail(const char *what, const char *detail)
{
    fprintf(stderr, "kernels: %s: %s\n", what, detail);
    exit(1);
}

/* ------------------------------------------------------------------------
 * Passes
 */

/* The compiler can't see what becomes of 'buf', so it must fill it. */
static void use(void *buf)
{
    __asm__ volatile("" : : "r"(buf) : "memory");
}

static size_t pass_memset(const struct bench_case *this, uint64_t turn,
                          void *buf, size_t n)
{
    (void)this;
    memset(buf, (int)(turn & 0xff), n);
    use(buf);
    return n;
}

/* One half to the other. */
static size_t pass_memcpy(const struct bench_case *this, uint64_t turn,
                          void *buf, size_t n)
{
    size_t from = turn % 2 * (n / 2);

    (void)this;
    memcpy((char *)buf + n / 2 - from, (const char *)buf + from, n / 2);
    use(buf);
    return n / 2;
}

/* As many additions that wait for each other: a cycle each. */
static size_t pass_clock(const struct bench_case *this, uint64_t turn,
                         void *buf, size_t n)
{
    uint64_t sum = turn;

    (void)this;
    (void)buf;
    for (size_t i = 0; i < n; i += 8)
#pragma GCC unroll 8
        for (int unrolled = 0; unrolled < 8; unrolled++) {
            sum += 1;
            __asm__ volatile("" : "+r"(sum));
        }
    return n;
}

#if defined __x86_64__
/* As many vector additions, that needn't wait: as many a cycle as can begin. */
static size_t pass_vectors(const struct bench_case *this, uint64_t turn,
                           void *buf, size_t n)
{
    typedef uint32_t vector __attribute__((vector_size(16)));
    vector sums[8] = {{(uint32_t)turn}}, one = {1, 1, 1, 1};

    (void)this;
    (void)buf;
    for (size_t i = 0; i < n; i += 8)
#pragma GCC unroll 8
        for (int k = 0; k < 8; k++) {
            sums[k] += one;
            __asm__ volatile("" : "+x"(sums[k]));
        }
    return n;
}
#endif

static size_t pass_words(const struct bench_case *this, uint64_t turn,
                         void *buf, size_t n)
{
    size_t groups = n / (SOW_GROUP * sizeof(uint32_t));

    this->engine->words(&this->tensor.stream, turn * groups, groups, buf);
    return groups * SOW_GROUP * sizeof(uint32_t);
}

static size_t pass_read(const struct bench_case *this, uint64_t turn, void *buf,
                        size_t n)
{
    uint64_t blocks = this->tensor.size / n;

    if (blocks == 0)
        fail(this->name, "the buffer is larger than the tensor");
    if (sow_tensor_read(this->engine, &this->tensor, turn % blocks * n, buf,
                        n) != SOW_OK)
        fail(this->name, "can't be read");
    return n;
}

static size_t digests(const struct bench_case *this, uint8_t *blake2b,
                      uint8_t *sha256)
{
    struct sow_segment segment = {.tensor = &this->tensor};
    struct sow_body body;

    if (sow_body_init(&body, &segment, 1) != SOW_OK ||
        sow_body_digests(this->engine, &body, NULL, NULL, blake2b, sha256) !=
            SOW_OK)
        fail(this->name, "can't be computed");
    return (size_t)body.size;
}

static size_t pass_blake2b(const struct bench_case *this, uint64_t turn,
                           void *buf, size_t n)
{
    (void)turn;
    (void)n;
    return digests(this, buf, NULL);
}

static size_t pass_sha256(const struct bench_case *this, uint64_t turn,
                          void *buf, size_t n)
{
    (void)turn;
    (void)n;
    return digests(this, NULL, buf);
}

/* The first with that pass and engine, or NULL. */
static const struct bench_case *
case_find(const struct cases *cases, const struct sow_engine *engine,
          size_t (*pass)(const struct bench_case *, uint64_t, void *, size_t))
{
    for (size_t i = 0; i < cases->count; i++)
        if (cases->list[i].pass == pass && cases->list[i].engine == engine)
            return &cases->list[i];
    return NULL;
}

double case_of_philox(const struct cases *cases, const struct bench_case *this)
{
    const struct bench_case *words = case_find(cases, this->engine, pass_words);

    if (words == NULL || this->pass != pass_read)
        return 0;
    return this->best / (double)this->itemsize /
           (words->best / (double)words->itemsize);
}

double case_of_memset(const struct cases *cases, const struct bench_case *this)
{
    const struct bench_case *set = case_find(cases, NULL, pass_memset);

    return set == NULL ? 0 : this->best / set->best;
}

/* ------------------------------------------------------------------------
 * The list
 */

static bool is(const char *option, const char *name)
{
    return option == NULL || strcmp(option, name) == 0;
}

static void tensor_make(struct sow_tensor *tensor, const char *scheme,
                        enum sow_dtype dtype, uint64_t height)
{
    struct sow_spec spec = {.name = "bench",
                            .multiplier = 1,
                            .seed = 42,
                            .shape = {.rank = 2, .dims = {height, COLUMNS}},
                            .dtype = dtype};
    struct sow_error error;

    sow_scheme_init(&spec.scheme, sow_scheme_find(scheme));
    if (strcmp(scheme, "constant") == 0 || strcmp(scheme, "sparse") == 0)
        spec.scheme.values[0] = 0.5;
    if (!origin_find(spec.scheme.info, &spec.origin, &error))
        fail(scheme, error.text);
    if (sow_tensor_init(tensor, &spec, &error) != SOW_OK)
        fail(scheme, error.text);
}

static void tensor_cut(struct sow_tensor *tensor, uint64_t columns)
{
    struct sow_slice slice = {.stop = {ROWS, columns}};
    struct sow_error error;

    if (sow_tensor_cut(tensor, &slice, &error) != SOW_OK)
        fail("slice", error.text);
}

static struct bench_case *case_add(struct cases *cases, const char *name)
{
    struct bench_case *this = &cases->list[cases->count];

    if (cases->count++ == MOST_CASES)
        fail(name, "one case too many");
    *this = (struct bench_case){
        .name = name, .engine_name = "-", .dtype_name = "-", .itemsize = 1};
    return this;
}

static void add_tensor(struct cases *cases, const struct sow_engine *engine,
                       const struct row *row, enum sow_dtype dtype)
{
    struct bench_case *this = case_add(cases, row->name);

    this->pass = pass_read;
    this->engine = engine;
    this->engine_name = sow_engine_name(engine);
    this->dtype_name = sow_dtype_name(dtype);
    this->itemsize = sow_dtype_size(dtype);
    tensor_make(&this->tensor, row->scheme, dtype,
                row->square ? COLUMNS : ROWS);
    if (row->columns != 0)
        tensor_cut(&this->tensor, row->columns);
}

static bool row_has(const struct row *row, enum sow_dtype dtype)
{
    return !row->few_types || dtype == SOW_FLOAT32 || dtype == SOW_BFLOAT16;
}

static void add_words(struct cases *cases, const struct sow_engine *engine)
{
    struct bench_case *this = case_add(cases, "philox");

    this->pass = pass_words;
    this->engine = engine;
    this->engine_name = sow_engine_name(engine);
    this->dtype_name = "words";
    this->itemsize = sizeof(uint32_t);
    tensor_make(&this->tensor, "normal", SOW_FLOAT32, 1);
}

static void add_engine(struct cases *cases, const struct wanted *wanted,
                       const struct sow_engine *engine)
{
    if (is(wanted->name, "philox"))
        add_words(cases, engine);
    for (size_t i = 0; i < COUNT; i++)
        for (int d = 0; d < SOW_DTYPES; d++)
            if (is(wanted->name, rows[i].name) &&
                is(wanted->dtype, sow_dtype_name((enum sow_dtype)d)) &&
                row_has(&rows[i], (enum sow_dtype)d))
                add_tensor(cases, engine, &rows[i], (enum sow_dtype)d);
}

/* Of zeros, which cost next to nothing. */
static void add_digest(struct cases *cases, const char *name,
                       size_t (*pass)(const struct bench_case *, uint64_t,
                                      void *, size_t))
{
    struct bench_case *this = case_add(cases, name);

    this->pass = pass;
    if (sow_engine_choose(NULL, &this->engine) != SOW_OK)
        fail(name, "no engine runs here");
    tensor_make(&this->tensor, "zeros", SOW_FLOAT32,
                DIGEST_BYTES / (COLUMNS * sizeof(float)));
}

static void add_engines(struct cases *cases, const struct wanted *wanted)
{
    const char *name;
    size_t engines = 0;

    for (size_t i = 0; (name = sow_engine_at(i)) != NULL; i++) {
        const struct sow_engine *engine;

        if (!is(wanted->engine, name) ||
            sow_engine_choose(name, &engine) != SOW_OK)
            continue;
        add_engine(cases, wanted, engine);
        engines++;
    }
    if (engines == 0)
        fail("no such engine here", wanted->engine);
}

void cases_fill(struct cases *cases, const struct wanted *wanted)
{
    cases->count = 0;
    if (is(wanted->name, "memset"))
        case_add(cases, "memset")->pass = pass_memset;
    if (is(wanted->name, "memcpy"))
        case_add(cases, "memcpy")->pass = pass_memcpy;
    if (is(wanted->name, "clock"))
        case_add(cases, "clock")->pass = pass_clock;
#if defined __x86_64__
    if (is(wanted->name, "vectors"))
        case_add(cases, "vectors")->pass = pass_vectors;
#endif
    add_engines(cases, wanted);
    if (wanted->name != NULL || wanted->dtype != NULL)
        return;
    add_digest(cases, "blake2b-256", pass_blake2b);
    add_digest(cases, "sha-256", pass_sha256);
}
