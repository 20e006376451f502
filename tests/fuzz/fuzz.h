/* SPDX-License-Identifier: MIT */
/*
 * What the fuzzers share.  Each has a file with an LLVMFuzzerTestOneInput() of
 * its own; run.sh builds and runs them.  What must hold is said by MUST():
 * where it doesn't the program aborts, which is how libFuzzer is told.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "problems.h"
#include "spec.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* libFuzzer calls it with each input; always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(holds, ...)                                                     \
    do {                                                                     \
        if (!(holds)) {                                                      \
            fprintf(stderr, "%s:%d: %s does not hold: ", __FILE__, __LINE__, \
                    #holds);                                                 \
            fprintf(stderr, __VA_ARGS__);                                    \
            fputc('\n', stderr);                                             \
            abort();                                                         \
        }                                                                    \
    } while (0)

/* Limits under which any request is answered in a fraction of a second. */
extern const struct api_limits fuzz_limits;

/*
 * Copies on the heap, so that reading past the end is seen; the second has a
 * final NUL.  The caller frees them.
 */
void *fuzz_bytes(const void *data, size_t size);
char *fuzz_text(const void *data, size_t size);

/* Cut 'text' at its first line feed; what follows, or its end. */
char *fuzz_line(char *text);

/*
 * A problem must have this code, be about a fault of the client's, say so in
 * sentences, and be written as JSON.
 */
void fuzz_problem(const struct problem *problem, enum problem_code code);

/*
 * May a problem of this code be about a field that isn't there: one that must
 * be, or a parameter whose default doesn't go with what is given?
 */
bool fuzz_may_lack(const char *code);

/*
 * A JSON pointer must lead somewhere in 'root'; that of a field that isn't
 * there to where it would be.
 */
void fuzz_pointer(const json_t *root, const char *at, const char *code);

/*
 * A model must be consistent, and its tensors readable: any cut must read what
 * the whole does, on every engine.
 */
void fuzz_model(const struct model *model);

#endif
