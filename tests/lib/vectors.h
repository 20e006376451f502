/* SPDX-License-Identifier: MIT */
/*
 * Reading the known answers of tests/vectors/: lines of key=value pairs, with
 * comments that begin with '#'.
 */
#ifndef VECTORS_H
#define VECTORS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sow.h"

#define VECTOR_WORDS 4

/*
 * A file being read.  'text' is owned, 'line' is the number of the line read
 * last, 'failures' counts the complaints.
 */
struct vectors {
    FILE *file;
    const char *name;
    char *text;
    size_t room;
    unsigned line;
    unsigned failures;
};

/*
 * What a line of any of the files can say.  Strings point into the line, and
 * are NULL ('spec.name': empty) when it does not say them.
 */
struct vector {
    struct sow_spec spec;
    uint64_t start, count;
    uint32_t counter[VECTOR_WORDS], key[VECTOR_WORDS], out[VECTOR_WORDS];
    const char *label, *id, *head, *blake2b, *sha256, *scheme;
};

/* Open a file of the directory VECTORS, or of tests/vectors; or fail. */
void vectors_open(struct vectors *vectors, const char *name);

/*
 * Read the next line that is no comment.  A line with an unknown key or a
 * malformed value is complained about and passed over.  Returns false at the
 * end of the file.
 */
bool vectors_next(struct vectors *vectors, struct vector *vector);

/* Say on stderr what is wrong with the current line, and count it. */
__attribute__((format(printf, 2, 3))) void
vectors_complain(struct vectors *vectors, const char *format, ...);

/* Close, and fail the test if there were complaints, or nothing to read. */
void vectors_close(struct vectors *vectors);

#endif
