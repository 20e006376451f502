/* SPDX-License-Identifier: MIT */
/* Texts of schemes, kept for when they are written again. */
#include "formats/phrases.h"

void phrases_init(struct phrases *phrases)
{
    for (size_t i = 0; i < PHRASES; i++)
        phrases->places[i].scheme.info = NULL;
}

/* Multiplicative hashing: the place is in the product's highest bits. */
static struct phrase *find(struct phrases *phrases,
                           const struct sow_scheme *scheme)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = (uintptr_t)scheme->info * odd;

    for (uint32_t i = 0; i < scheme->info->parameter_count; i++) {
        uint64_t bits;
        memcpy(&bits, &scheme->values[i], sizeof bits);
        hash = (hash ^ hash >> 32 ^ bits) * odd;
    }
    return &phrases->places[(hash >> 32) % PHRASES];
}

/* The same bits, as -0 and 0 are two texts. */
static bool is_of(const struct phrase *phrase, const struct sow_scheme *scheme)
{
    return phrase->scheme.info == scheme->info &&
           memcmp(phrase->scheme.values, scheme->values,
                  scheme->info->parameter_count * sizeof(double)) == 0;
}

void phrases_put(struct phrases *phrases, struct text *text,
                 const struct sow_scheme *scheme,
                 void (*write)(struct text *text,
                               const struct sow_scheme *scheme))
{
    struct phrase *phrase = find(phrases, scheme);
    const size_t start = text->size;

    if (is_of(phrase, scheme)) {
        text_add(text, phrase->bytes, phrase->size);
        return;
    }
    write(text, scheme);
    const size_t size = text->size - start;
    if (text->failed || size > PHRASE_BYTES)
        return;
    phrase->scheme = *scheme;
    phrase->size = size;
    memcpy(phrase->bytes, text->bytes + start, size);
}
