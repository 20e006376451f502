/* SPDX-License-Identifier: MIT */
/*
 * How speed changes with the size of what is filled, by one thread, and with
 * the number of threads that fill one large tensor, by the wall clock: memset()
 * and memcpy(), and two schemes with each engine that runs here, the portable
 * one where there is no other.  Threads take blocks in turns, as far as the
 * memory reaches.
 *
 * Usage: scaling [SECONDS [ROUNDS [MOST_BYTES]]]; SECONDS for each figure of
 * each round.  Prints JSON, the bytes a second of each round.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "sow.h"

#define LEAST_BYTES ((size_t)4 << 10)
#define BLOCK ((size_t)1 << 20)
#define PAGE ((size_t)2 << 20) /* a large one */
#define MOST_THREADS 64
#define MOST_WHATS 16

/* Something that fills memory; without an engine it copies, or sets. */
struct what {
    const char *name;
    const char *engine_name;
    bool copies;
    const struct sow_engine *engine;
    struct sow_tensor tensor;
};

struct bench {
    double seconds;
    size_t rounds, most;
    unsigned char *to, *from;
    struct what whats[MOST_WHATS];
    size_t count;
    const char *separator;
};

/* A thread's part: 'step' is the number of threads. */
struct part {
    const struct bench *bench;
    const struct what *what;
    size_t first, step;
};

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "scaling: %s\n", what);
    exit(1);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static unsigned char *allocate(size_t size)
{
    void *memory = aligned_alloc(PAGE, (size + PAGE - 1) / PAGE * PAGE);

    if (memory == NULL)
        fail("no memory of that size");
    madvise(memory, size, MADV_HUGEPAGE);
    memset(memory, 1, size);
    return memory;
}

static void fill(const struct bench *bench, const struct what *what, size_t at,
                 size_t n)
{
    if (what->engine != NULL) {
        if (sow_tensor_read(what->engine, &what->tensor, at, bench->to + at,
                            n) != SOW_OK)
            fail("a tensor can't be read");
    } else if (what->copies) {
        memcpy(bench->to + at, bench->from + at, n);
    } else {
        memset(bench->to + at, 1, n);
    }
    __asm__ volatile("" : : "r"(bench->to) : "memory");
}

/* ------------------------------------------------------------------------
 * Measuring
 */

/* Bytes a second of one thread, 'size' again and again. */
static double size_rate(const struct bench *bench, const struct what *what,
                        size_t size)
{
    double bytes = 0, passed;
    double begin = now();

    do {
        fill(bench, what, 0, size);
        bytes += (double)size;
        passed = now() - begin;
    } while (passed < bench->seconds);
    return bytes / passed;
}

static void *work(void *argument)
{
    const struct part *part = argument;
    size_t blocks = part->bench->most / BLOCK;

    for (size_t i = part->first; i < blocks; i += part->step)
        fill(part->bench, part->what, i * BLOCK, BLOCK);
    return NULL;
}

/* Bytes a second of some threads that fill all of the memory once. */
static double thread_rate(const struct bench *bench, const struct what *what,
                          size_t threads)
{
    pthread_t others[MOST_THREADS];
    struct part parts[MOST_THREADS];
    double begin = now();

    for (size_t i = 0; i < threads; i++)
        parts[i] = (struct part){bench, what, i, threads};
    for (size_t i = 1; i < threads; i++)
        if (pthread_create(&others[i], NULL, work, &parts[i]) != 0)
            fail("no thread");
    work(&parts[0]);
    for (size_t i = 1; i < threads; i++)
        pthread_join(others[i], NULL);
    return (double)bench->most / (now() - begin);
}

static void print_rate(struct bench *bench, const struct what *what,
                       const char *kind, size_t amount, double rate)
{
    printf("%s\n{\"kind\":\"%s\",\"amount\":%zu,\"name\":\"%s\","
           "\"engine\":\"%s\",\"bytes_per_s\":%.6g}",
           bench->separator, kind, amount, what->name, what->engine_name, rate);
    bench->separator = ",";
}

static void measure_sizes(struct bench *bench, const struct what *what)
{
    for (size_t size = LEAST_BYTES; size <= bench->most; size *= 4)
        print_rate(bench, what, "bytes", size, size_rate(bench, what, size));
}

/* 1, 2, 4 … threads, and as many as there are processors. */
static void measure_threads(struct bench *bench, const struct what *what)
{
    size_t cores = (size_t)sysconf(_SC_NPROCESSORS_ONLN);

    if (cores > MOST_THREADS)
        cores = MOST_THREADS;
    for (size_t threads = 1; threads < cores; threads *= 2)
        print_rate(bench, what, "threads", threads,
                   thread_rate(bench, what, threads));
    print_rate(bench, what, "threads", cores, thread_rate(bench, what, cores));
}

/* ------------------------------------------------------------------------
 * What there is
 */

static struct what *what_add(struct bench *bench, const char *name)
{
    struct what *what = &bench->whats[bench->count];

    if (bench->count++ == MOST_WHATS)
        fail("too many engines");
    *what = (struct what){.name = name, .engine_name = "-"};
    return what;
}

static void add_tensor(struct bench *bench, const struct sow_engine *engine,
                       const char *scheme)
{
    struct sow_spec spec = {.name = "bench",
                            .multiplier = 1,
                            .seed = 42,
                            .shape = {.rank = 1, .dims = {bench->most / 4}},
                            .dtype = SOW_FLOAT32};
    struct what *what = what_add(bench, scheme);
    struct sow_error error;

    what->engine = engine;
    what->engine_name = sow_engine_name(engine);
    sow_scheme_init(&spec.scheme, sow_scheme_find(scheme));
    if (sow_tensor_init(&what->tensor, &spec, &error) != SOW_OK)
        fail(error.text);
}

static void add_all(struct bench *bench)
{
    const struct sow_engine *engine;
    const char *name;

    what_add(bench, "memset");
    what_add(bench, "memcpy")->copies = true;
    for (size_t i = 0; (name = sow_engine_at(i)) != NULL; i++) {
        if (sow_engine_choose(name, &engine) != SOW_OK ||
            (bench->count > 2 && strcmp(name, "portable") == 0))
            continue;
        add_tensor(bench, engine, "uniform");
        add_tensor(bench, engine, "normal");
    }
}

int main(int count, char **arguments)
{
    static struct bench bench = {.separator = ""};

    bench.seconds = count > 1 ? strtod(arguments[1], NULL) : 0.03;
    bench.rounds = count > 2 ? strtoul(arguments[2], NULL, 10) : 5;
    bench.most =
        count > 3 ? strtoul(arguments[3], NULL, 10) : (size_t)256 << 20;
    if (sow_init() != SOW_OK)
        fail("the library can't start");
    bench.to = allocate(bench.most);
    bench.from = allocate(bench.most);
    add_all(&bench);
    printf("{\"bench\":\"scaling\",\"rates\":[");
    for (size_t round = 0; round < bench.rounds; round++)
        for (size_t i = 0; i < bench.count; i++) {
            measure_sizes(&bench, &bench.whats[i]);
            measure_threads(&bench, &bench.whats[i]);
        }
    printf("\n]}\n");
    free(bench.to);
    free(bench.from);
    return 0;
}
