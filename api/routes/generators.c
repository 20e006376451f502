/* SPDX-License-Identifier: MIT */
/* Generators as JSON. */
#include "routes/generators.h"

static void put_flag(struct text *text, const char *key, bool flag)
{
    text_put_key(text, key);
    text_put(text, flag ? "true" : "false");
}

/* The seeds that are taken, as strings, for they pass what JSON holds. */
static void put_seeds(struct text *text, const struct sow_generator *generator)
{
    text_put_key(text, "seeds");
    text_put(text, "{");
    text_put_member(text, "minimum",
                    generator->negative ? "-9223372036854775808" : "0");
    text_put_key(text, "maximum");
    text_put(text, "\"");
    text_put_integer(text, generator->last_seed);
    text_put(text, "\"}");
}

/* The schemes of its library; sow1 draws all, which /v1/schemes lists. */
static void put_schemes(struct text *text,
                        const struct sow_generator *generator)
{
    const struct sow_scheme_info *info;

    text_put_key(text, "schemes");
    if (!generator->library) {
        text_put(text, "null");
        return;
    }
    text_put(text, "[");
    for (size_t i = 0; (info = sow_scheme_at(i)); i++) {
        if (!info->library || strcmp(info->library, generator->library) != 0)
            continue;
        text_put_entry(text);
        text_put_string(text, info->name);
    }
    text_put(text, "]");
}

void generator_put_row(struct text *text, const struct sow_generator *generator,
                       bool schemes)
{
    text_put_entry(text);
    text_put(text, "{");
    text_put_member(text, "name", generator->name);
    text_put_strings(text, "aliases", generator->aliases);
    text_put_member(text, "library", generator->library);
    text_put_member(text, "summary", generator->summary);
    text_put_member(text, "versions", generator->versions);
    text_put_member(text, "status",
                    generator->certified ? "certified" : "candidate");
    text_put_member(text, "order",
                    generator->sequential ? "sequence"
                    : generator->drawing  ? "keys"
                                          : "names");
    put_seeds(text, generator);
    put_flag(text, "states", sow_state_size(generator) > 0);
    if (schemes)
        put_schemes(text, generator);
    text_put(text, "}");
}
