/* SPDX-License-Identifier: MIT */
/* The table of generators, sow1 first. */
#include <string.h>

#include "generators/drawing.h"

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct sow_generator generators[] = {
    {.name = "sow1",
     .certified = true,
     .summary = "sow's own: a value depends on the seed, the tensor's name and "
                "its position",
     .versions = "every version of sow"},
};

#define GENERATORS (sizeof generators / sizeof generators[0])

const struct sow_generator *sow_generator_at(size_t i)
{
    return i < GENERATORS ? &generators[i] : NULL;
}

static bool is_called(const struct sow_generator *generator, const char *name)
{
    const char *const *alias = generator->aliases;

    if (strcmp(generator->name, name) == 0)
        return true;
    while (alias != NULL && *alias != NULL)
        if (strcmp(*alias++, name) == 0)
            return true;
    return false;
}

const struct sow_generator *sow_generator_find(const char *name)
{
    for (size_t i = 0; i < GENERATORS; i++)
        if (is_called(&generators[i], name))
            return &generators[i];
    return NULL;
}
