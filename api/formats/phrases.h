/* SPDX-License-Identifier: MIT */
/*
 * Texts of schemes, kept for when they are written again: the tensors of a
 * model have few schemes between them.
 */
#ifndef FORMATS_PHRASES_H
#define FORMATS_PHRASES_H

#include "formats/text.h"

#define PHRASES 8
#define PHRASE_BYTES 240

/* What has been written of 'scheme', whose 'info' is NULL for nothing. */
struct phrase {
    struct sow_scheme scheme;
    size_t size;
    char bytes[PHRASE_BYTES];
};

/* Each scheme has one place, which the last one to come there keeps. */
struct phrases {
    struct phrase places[PHRASES];
};

/* Nothing kept. */
void phrases_init(struct phrases *phrases);

/*
 * Add to 'text' what 'write' writes of 'scheme', which must follow from info
 * and values alone; all calls with the same 'phrases' have the same 'write'.
 */
void phrases_put(struct phrases *phrases, struct text *text,
                 const struct sow_scheme *scheme,
                 void (*write)(struct text *text,
                               const struct sow_scheme *scheme));

#endif
