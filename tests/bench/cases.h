/* SPDX-License-Identifier: MIT */
/* What kernels.c measures; for one thread. */
#ifndef CASES_H
#define CASES_H

#include "sow.h"

#define MOST_CASES 512

/* Turns of each case. */
#define ROUNDS 7

/* 'pass' does it once and returns how many bytes it made. */
struct bench_case {
    size_t (*pass)(const struct bench_case *this, uint64_t turn, void *buf,
                   size_t n);
    const char *engine_name; /* "-" where no engine matters */
    const char *name;
    const char *dtype_name;
    size_t itemsize;
    const struct sow_engine *engine;
    struct sow_tensor tensor;
    double bytes;         /* of all passes */
    double best;          /* bytes a second, of the fastest turn */
    double turns[ROUNDS]; /* and of each */
};

/* Which cases; NULL takes all. */
struct wanted {
    const char *engine;
    const char *name; /* "memset", "philox", a tensor's */
    const char *dtype;
};

struct cases {
    size_t count;
    struct bench_case list[MOST_CASES];
};

/*
 * Fill 'cases': memset(), memcpy(), the processor's clock (a "byte" a cycle)
 * and vector additions (a "byte" each), the words and tensors of each engine
 * that runs here, and the digests.  A case that can't be made ends the program.
 */
void cases_fill(struct cases *cases, const struct wanted *wanted);

/*
 * Elements, or bytes, for each word that the bare generator of that engine
 * gives, and for each byte that memset() does.  0 where that isn't measured,
 * or, of words, for what isn't a tensor.
 */
double case_of_philox(const struct cases *cases, const struct bench_case *this);
double case_of_memset(const struct cases *cases, const struct bench_case *this);

/* Say what is wrong, and end the program. */
_Noreturn void fail(const char *what, const char *detail);

#endif
