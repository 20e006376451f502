/* SPDX-License-Identifier: MIT */
/* The fields whose values are one of a few names. */
#ifndef CHOICES_H
#define CHOICES_H

#include "draft.h"

/*
 * 'take' puts what is called 'name' into the draft, or returns false when
 * there is none; 'at' has the names, NULL past the last.
 */
struct choice {
    bool (*take)(struct draft *draft, const char *name);
    const char *(*at)(size_t i);
};

extern const struct choice choice_dtype;
extern const struct choice choice_layout;
extern const struct choice choice_generator;
extern const struct choice choice_format;
extern const struct choice choice_digest;

#endif
