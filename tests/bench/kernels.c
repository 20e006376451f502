/* SPDX-License-Identifier: MIT */
/*
 * How fast the kernels are: elements a second for each scheme, type and
 * engine, read block by block into one buffer that fits the second-level
 * cache, beside memset() and the bare words of the same engine, and the two
 * digests.
 *
 * A machine is rarely quiet, so every case gets its time in short turns, one
 * case after another, round after round, and its fastest turn counts: what
 * disturbs one round then disturbs all cases alike.
 */
#include "kernels/kernels.h"
#include "origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Turns of each case. */
#define ROUNDS 7

/* Bytes that a digest is taken of at a time. */
#define DIGEST_BYTES ((uint64_t)1 << 20)

#define MOST_CASES 256

static const char *const schemes[] = {
    "zeros",       "constant",         "uniform",
    "normal",      "truncated_normal", "he_normal",
    "eye",         "torch.uniform",    "torch.normal",
    "jax.uniform", "jax.normal"};

#define SCHEMES (sizeof schemes / sizeof *schemes)

/* What is measured: 'pass' does it once and returns how many bytes it made. */
struct bench_case {
    size_t (*pass)(const struct bench_case *this, uint64_t turn, void *buf,
                   size_t n);
    const char *engine_name; /* "-" where no engine matters */
    const char *name;
    const char *dtype_name;
    size_t itemsize;
    const struct sow_engine *engine;
    struct sow_tensor tensor;
    double best; /* bytes a second, of the fastest turn */
};

/* What the command line says; NULL is everything. */
struct options {
    double seconds; /* for each case, all its turns together */
    size_t buffer;
    const char *engine;
    const char *scheme;
    const char *dtype;
    const char *json;
};

struct bench {
    struct options options;
    void *buf;
    size_t count;
    struct bench_case cases[MOST_CASES];
};

static void fail(const char *what, const char *detail)
{
    fprintf(stderr, "kernels: %s: %s\n", what, detail);
    exit(1);
}

/* Processor time, so that a busy machine only disturbs the caches. */
static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
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

/* ------------------------------------------------------------------------
 * Cases
 */

static bool wanted(const char *option, const char *name)
{
    return option == NULL || strcmp(option, name) == 0;
}

/* A tensor of 'rows' times 4096 elements. */
static void tensor_make(struct sow_tensor *tensor, const char *scheme,
                        enum sow_dtype dtype, uint64_t rows)
{
    struct sow_spec spec = {.name = "bench",
                            .multiplier = 1,
                            .seed = 42,
                            .shape = {.rank = 2, .dims = {rows, 4096}},
                            .dtype = dtype};
    struct sow_error error;

    sow_scheme_init(&spec.scheme, sow_scheme_find(scheme));
    if (strcmp(scheme, "constant") == 0)
        spec.scheme.values[0] = 0.5;
    if (!origin_find(spec.scheme.info, &spec.origin, &error))
        fail(scheme, error.text);
    if (sow_tensor_init(tensor, &spec, &error) != SOW_OK)
        fail(scheme, error.text);
}

static struct bench_case *case_add(struct bench *bench, const char *name)
{
    struct bench_case *this = &bench->cases[bench->count];

    if (bench->count++ == MOST_CASES)
        fail(name, "one case too many");
    *this = (struct bench_case){
        .name = name, .engine_name = "-", .dtype_name = "-", .itemsize = 1};
    return this;
}

static void add_tensors(struct bench *bench, const struct sow_engine *engine)
{
    for (size_t i = 0; i < SCHEMES; i++)
        for (int d = 0; d < SOW_DTYPES; d++) {
            const char *dtype = sow_dtype_name((enum sow_dtype)d);
            struct bench_case *this;

            if (!wanted(bench->options.scheme, schemes[i]) ||
                !wanted(bench->options.dtype, dtype))
                continue;
            this = case_add(bench, schemes[i]);
            this->pass = pass_read;
            this->engine = engine;
            this->engine_name = sow_engine_name(engine);
            this->dtype_name = dtype;
            this->itemsize = sow_dtype_size((enum sow_dtype)d);
            tensor_make(&this->tensor, schemes[i], (enum sow_dtype)d,
                        (uint64_t)1 << 20);
        }
}

static void add_engine(struct bench *bench, const struct sow_engine *engine)
{
    struct bench_case *this = case_add(bench, "philox");

    this->pass = pass_words;
    this->engine = engine;
    this->engine_name = sow_engine_name(engine);
    this->dtype_name = "words";
    this->itemsize = sizeof(uint32_t);
    tensor_make(&this->tensor, "normal", SOW_FLOAT32, 1);
    add_tensors(bench, engine);
}

/* Of zeros, which cost next to nothing. */
static void add_digest(struct bench *bench, const char *name,
                       size_t (*pass)(const struct bench_case *, uint64_t,
                                      void *, size_t))
{
    struct bench_case *this = case_add(bench, name);

    this->pass = pass;
    if (sow_engine_choose(NULL, &this->engine) != SOW_OK)
        fail(name, "no engine runs here");
    tensor_make(&this->tensor, "zeros", SOW_FLOAT32,
                DIGEST_BYTES / (4096 * sizeof(float)));
}

static void add_all(struct bench *bench)
{
    const char *name;
    size_t engines = 0;

    case_add(bench, "memset")->pass = pass_memset;
    for (size_t i = 0; (name = sow_engine_at(i)) != NULL; i++) {
        const struct sow_engine *engine;

        if (!wanted(bench->options.engine, name) ||
            sow_engine_choose(name, &engine) != SOW_OK)
            continue;
        add_engine(bench, engine);
        engines++;
    }
    if (engines == 0)
        fail("no such engine here", bench->options.engine);
    if (bench->options.scheme == NULL && bench->options.dtype == NULL) {
        add_digest(bench, "blake2b-256", pass_blake2b);
        add_digest(bench, "sha-256", pass_sha256);
    }
}

/* ------------------------------------------------------------------------
 * Measuring
 */

static void take_turn(const struct bench *bench, struct bench_case *this)
{
    double length = bench->options.seconds / ROUNDS;
    double bytes = 0;
    double begin = now();
    double passed;
    uint64_t turn = 0;

    do {
        bytes +=
            (double)this->pass(this, turn++, bench->buf, bench->options.buffer);
        passed = now() - begin;
    } while (passed < length);
    if (bytes / passed > this->best)
        this->best = bytes / passed;
}

static void measure(struct bench *bench)
{
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < bench->count; i++)
            take_turn(bench, &bench->cases[i]);
}

static double elements(const struct bench_case *this)
{
    return this->best / (double)this->itemsize;
}

/*
 * Elements for each word that the bare generator of that engine gives; 0 for
 * what isn't a tensor.
 */
static double of_philox(const struct bench *bench, const struct bench_case *of)
{
    for (size_t i = 0; i < bench->count && of->pass == pass_read; i++)
        if (bench->cases[i].pass == pass_words &&
            bench->cases[i].engine == of->engine)
            return elements(of) / elements(&bench->cases[i]);
    return 0;
}

/* Bytes for each byte that memset() gives; it is the first case. */
static double of_memset(const struct bench *bench, const struct bench_case *of)
{
    return of->best / bench->cases[0].best;
}

/* ------------------------------------------------------------------------
 * Results
 */

static void print_table(const struct bench *bench)
{
    printf("%-9s %-17s %-14s %10s %8s %10s %10s\n", "engine", "what", "dtype",
           "Melem/s", "GB/s", "of memset", "of philox");
    for (size_t i = 0; i < bench->count; i++) {
        const struct bench_case *this = &bench->cases[i];

        printf("%-9s %-17s %-14s %10.0f %8.2f %10.3f %10.3f\n",
               this->engine_name, this->name, this->dtype_name,
               elements(this) * 1e-6, this->best * 1e-9, of_memset(bench, this),
               of_philox(bench, this));
    }
}

/* All names here are plain words, so nothing needs escaping. */
static void write_json(const struct bench *bench, const char *path)
{
    FILE *out = fopen(path, "w");

    if (out == NULL)
        fail(path, "can't be written");
    fprintf(out, "{\"bench\":\"kernels\",\"buffer_bytes\":%zu,\"cases\":[",
            bench->options.buffer);
    for (size_t i = 0; i < bench->count; i++) {
        const struct bench_case *this = &bench->cases[i];

        fprintf(out,
                "%s\n{\"engine\":\"%s\",\"name\":\"%s\",\"dtype\":\"%s\","
                "\"elements_per_s\":%.6g,\"bytes_per_s\":%.6g,"
                "\"of_memset\":%.4g,\"of_philox\":%.4g}",
                i == 0 ? "" : ",", this->engine_name, this->name,
                this->dtype_name, elements(this), this->best,
                of_memset(bench, this), of_philox(bench, this));
    }
    fprintf(out, "\n]}\n");
    if (fclose(out) != 0)
        fail(path, "can't be written");
}

static void read_option(struct options *options, const char *name,
                        const char *value)
{
    if (strcmp(name, "--seconds") == 0)
        options->seconds = strtod(value, NULL);
    else if (strcmp(name, "--buffer") == 0)
        options->buffer = strtoul(value, NULL, 10) / 4096 * 4096;
    else if (strcmp(name, "--engine") == 0)
        options->engine = value;
    else if (strcmp(name, "--scheme") == 0)
        options->scheme = value;
    else if (strcmp(name, "--dtype") == 0)
        options->dtype = value;
    else if (strcmp(name, "--json") == 0)
        options->json = value;
    else
        fail(name, "no such option; there are --seconds (a case), --buffer "
                   "(bytes), --engine, --scheme, --dtype and --json FILE");
}

int main(int count, char **arguments)
{
    static struct bench bench = {
        .options = {.seconds = 0.2, .buffer = (size_t)256 << 10}};

    for (int i = 1; i < count; i += 2) {
        if (i + 1 == count)
            fail(arguments[i], "wants a value");
        read_option(&bench.options, arguments[i], arguments[i + 1]);
    }
    if (sow_init() != SOW_OK)
        fail("libsodium", "can't start");
    bench.buf = aligned_alloc(4096, bench.options.buffer);
    if (bench.buf == NULL)
        fail("buffer", "no memory of that size");
    add_all(&bench);
    measure(&bench);
    print_table(&bench);
    if (bench.options.json != NULL)
        write_json(&bench, bench.options.json);
    free(bench.buf);
    return 0;
}
