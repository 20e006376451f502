/* SPDX-License-Identifier: MIT */
/* The fields whose values are one of a few names. */
#include "choices.h"

#include <string.h>

static bool take_dtype(struct draft *draft, const char *name)
{
    return sow_dtype_find(name, &draft->spec.dtype);
}

static const char *dtype_at(size_t i)
{
    return i < SOW_DTYPES ? sow_dtype_name((enum sow_dtype)i) : NULL;
}

static bool take_layout(struct draft *draft, const char *name)
{
    return sow_layout_find(name, &draft->spec.layout);
}

static const char *layout_at(size_t i)
{
    return i < SOW_EXPLICIT ? sow_layout_name((enum sow_layout)i) : NULL;
}

static bool take_generator(struct draft *draft, const char *name)
{
    const struct sow_generator *found = sow_generator_find(name);

    if (!found)
        return false;
    draft->generator = found;
    return true;
}

/* Name 'k' of a generator: its short ones, and then the full one. */
static const char *name_of(const struct sow_generator *generator, size_t k)
{
    size_t n = 0;

    while (generator->aliases && generator->aliases[n] && n < k)
        n++;
    if (generator->aliases && generator->aliases[n])
        return generator->aliases[n];
    return n == k ? generator->name : NULL;
}

/* The first name of each, which is what most requests use; then the others. */
static const char *generator_at(size_t i)
{
    const struct sow_generator *generator;
    size_t count = 0;

    while (sow_generator_at(count))
        count++;
    if (i < count)
        return name_of(sow_generator_at(i), 0);
    i -= count;
    for (count = 0; (generator = sow_generator_at(count)); count++)
        for (size_t k = 1; name_of(generator, k); k++)
            if (i-- == 0)
                return name_of(generator, k);
    return NULL;
}

static const char *format_at(size_t i)
{
    const size_t format = FORMAT_RAW + i;
    return format <= FORMAT_MANIFEST ? format_name((enum spec_format)format)
                                     : NULL;
}

static bool take_format(struct draft *draft, const char *name)
{
    for (size_t i = 0; format_at(i); i++) {
        if (strcmp(format_at(i), name) != 0)
            continue;
        draft->options.format = (enum spec_format)(FORMAT_RAW + i);
        return true;
    }
    return false;
}

static const char *digest_at(size_t i)
{
    return i <= DIGEST_OFF ? digest_mode_name((enum spec_digest)i) : NULL;
}

static bool take_digest(struct draft *draft, const char *name)
{
    for (size_t i = 0; digest_at(i); i++) {
        if (strcmp(digest_at(i), name) != 0)
            continue;
        draft->options.digest = (enum spec_digest)i;
        return true;
    }
    return false;
}

const struct choice choice_dtype = {take_dtype, dtype_at};
const struct choice choice_layout = {take_layout, layout_at};
const struct choice choice_generator = {take_generator, generator_at};
const struct choice choice_format = {take_format, format_at};
const struct choice choice_digest = {take_digest, digest_at};
