/* SPDX-License-Identifier: MIT */
/*
 * How fast the kernels are: elements a second for each scheme, type and
 * engine, read block by block into one buffer that fits the second-level
 * cache, beside memset(), memcpy() and the bare words of the same engine, and
 * the two digests.
 *
 * A machine is rarely quiet, so every case gets its time in short turns, one
 * case after another, round after round, and its fastest turn counts: what
 * comes and goes disturbs few turns.  With --passes nothing is timed: each
 * case is done so many times, in a function of its own, for a tool that counts
 * instructions (compare.py).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cases.h"

struct bench {
    double seconds; /* for each case, all its turns together */
    size_t buffer;
    uint64_t passes; /* 0: as many as the time allows */
    struct wanted wanted;
    const char *json;
    void *buf;
    struct cases cases;
};

/* Processor time, so that a busy machine only disturbs the caches. */
static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ------------------------------------------------------------------------
 * Measuring
 */

static void take_turn(const struct bench *bench, struct bench_case *this,
                      int round)
{
    double length = bench->seconds / ROUNDS;
    double bytes = 0;
    double begin = now();
    double passed;
    uint64_t turn = 0;

    do {
        bytes += (double)this->pass(this, turn++, bench->buf, bench->buffer);
        passed = now() - begin;
    } while (passed < length);
    this->bytes += bytes;
    this->turns[round] = bytes / passed;
    if (bytes / passed > this->best)
        this->best = bytes / passed;
}

static void measure(struct bench *bench)
{
    for (int round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < bench->cases.count; i++)
            take_turn(bench, &bench->cases.list[i], round);
}

/* Not static, so that it keeps its name, and a call stays a call. */
void count_passes(const struct bench *bench, struct bench_case *this);

__attribute__((noinline)) void count_passes(const struct bench *bench,
                                            struct bench_case *this)
{
    for (uint64_t turn = 1; turn <= bench->passes; turn++)
        this->bytes +=
            (double)this->pass(this, turn, bench->buf, bench->buffer);
}

static void count(struct bench *bench)
{
    for (size_t i = 0; i < bench->cases.count; i++) {
        struct bench_case *this = &bench->cases.list[i];

        this->pass(this, 0, bench->buf, bench->buffer);
        count_passes(bench, this);
    }
}

static double elements(const struct bench_case *this)
{
    return this->best / (double)this->itemsize;
}

/* ------------------------------------------------------------------------
 * Results
 */

static void print_table(const struct cases *cases)
{
    printf("%-9s %-17s %-14s %10s %8s %10s %10s\n", "engine", "what", "dtype",
           "Melem/s", "GB/s", "of memset", "of philox");
    for (size_t i = 0; i < cases->count; i++) {
        const struct bench_case *this = &cases->list[i];

        printf("%-9s %-17s %-14s %10.0f %8.2f %10.3f %10.3f\n",
               this->engine_name, this->name, this->dtype_name,
               elements(this) * 1e-6, this->best * 1e-9,
               case_of_memset(cases, this), case_of_philox(cases, this));
    }
}

static void write_speed(FILE *out, const struct cases *cases,
                        const struct bench_case *this)
{
    fprintf(out,
            ",\"elements_per_s\":%.6g,\"bytes_per_s\":%.6g,"
            "\"of_memset\":%.4g,\"of_philox\":%.4g",
            elements(this), this->best, case_of_memset(cases, this),
            case_of_philox(cases, this));
    fputs(",\"turns\":[", out);
    for (int round = 0; round < ROUNDS; round++)
        fprintf(out, "%s%.4g", round == 0 ? "" : ",", this->turns[round]);
    fputs("]", out);
}

/* All names here are plain words, so nothing needs escaping. */
static void write_json(const struct bench *bench)
{
    const struct cases *cases = &bench->cases;
    FILE *out = fopen(bench->json, "w");

    if (out == NULL)
        fail(bench->json, "can't be written");
    fprintf(out, "{\"bench\":\"kernels\",\"buffer_bytes\":%zu,\"cases\":[",
            bench->buffer);
    for (size_t i = 0; i < cases->count; i++) {
        const struct bench_case *this = &cases->list[i];

        fprintf(out,
                "%s\n{\"engine\":\"%s\",\"name\":\"%s\",\"dtype\":\"%s\","
                "\"itemsize\":%zu,\"bytes\":%.0f",
                i == 0 ? "" : ",", this->engine_name, this->name,
                this->dtype_name, this->itemsize, this->bytes);
        if (bench->passes == 0)
            write_speed(out, cases, this);
        fputs("}", out);
    }
    fprintf(out, "\n]}\n");
    if (fclose(out) != 0)
        fail(bench->json, "can't be written");
}

static void read_option(struct bench *bench, const char *name,
                        const char *value)
{
    if (strcmp(name, "--seconds") == 0)
        bench->seconds = strtod(value, NULL);
    else if (strcmp(name, "--buffer") == 0)
        bench->buffer = strtoul(value, NULL, 10) / 4096 * 4096;
    else if (strcmp(name, "--passes") == 0)
        bench->passes = strtoul(value, NULL, 10);
    else if (strcmp(name, "--engine") == 0)
        bench->wanted.engine = value;
    else if (strcmp(name, "--scheme") == 0)
        bench->wanted.name = value;
    else if (strcmp(name, "--dtype") == 0)
        bench->wanted.dtype = value;
    else if (strcmp(name, "--json") == 0)
        bench->json = value;
    else
        fail(name, "no such option; there are --seconds (a case), --buffer "
                   "(bytes), --passes, --engine, --scheme, --dtype and --json "
                   "FILE");
}

static void run(struct bench *bench)
{
    cases_fill(&bench->cases, &bench->wanted);
    if (bench->passes > 0) {
        count(bench);
    } else {
        measure(bench);
        print_table(&bench->cases);
    }
    if (bench->json != NULL)
        write_json(bench);
}

int main(int count, char **arguments)
{
    static struct bench bench = {.seconds = 0.2, .buffer = (size_t)256 << 10};

    for (int i = 1; i < count; i += 2) {
        if (i + 1 == count)
            fail(arguments[i], "wants a value");
        read_option(&bench, arguments[i], arguments[i + 1]);
    }
    if (sow_init() != SOW_OK)
        fail("libsodium", "can't start");
    bench.buf = aligned_alloc(4096, bench.buffer);
    if (bench.buf == NULL)
        fail("buffer", "no memory of that size");
    memset(bench.buf, 1, bench.buffer);
    run(&bench);
    free(bench.buf);
    return 0;
}
