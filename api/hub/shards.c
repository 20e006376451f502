/* SPDX-License-Identifier: MIT */
/* Cutting a model into files, and the index of them. */
#include "hub/shards.h"

#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>

/* ------------------------------------------------------------------------
 * Cutting
 */

/* A tensor whose shard isn't complete. */
#define OPEN SIZE_MAX

/*
 * A shard that is being filled, with 'size' bytes: the open ones among the
 * tensors from 'from' on.
 */
struct filling {
    size_t from;
    uint64_t size;
    bool any;
};

static void complete(struct shards *shards, struct filling *filling, size_t end)
{
    if (!filling->any)
        return;
    for (size_t i = filling->from; i < end; i++)
        if (shards->of[i] == OPEN)
            shards->of[i] = shards->count;
    shards->count++;
    *filling = (struct filling){.from = end};
}

static void assign(struct shards *shards, const struct model *model,
                   uint64_t limit)
{
    struct filling filling = {0};

    for (size_t i = 0; i < model->count; i++) {
        uint64_t size = model->tensors[i].size;
        shards->of[i] = OPEN;
        if (size > limit) {
            shards->of[i] = shards->count++;
            continue;
        }
        if (size > limit - filling.size)
            complete(shards, &filling, i);
        filling.size += size;
        filling.any = true;
    }
    complete(shards, &filling, model->count);
}

/* Fill in 'first' and 'order'; both have their room. */
static void sort(struct shards *shards, size_t count)
{
    size_t *first = shards->first;

    for (size_t i = 0; i < count; i++)
        first[shards->of[i] + 1]++;
    for (size_t s = 0; s < shards->count; s++)
        first[s + 1] += first[s];
    for (size_t i = 0; i < count; i++)
        shards->order[first[shards->of[i]]++] = i;
    for (size_t s = shards->count; s > 0; s--)
        first[s] = first[s - 1];
    first[0] = 0;
}

bool shards_init(struct shards *shards, const struct model *model,
                 uint64_t limit)
{
    *shards = (struct shards){.of = calloc(model->count, sizeof *shards->of)};
    if (!shards->of)
        return false;
    assign(shards, model, limit);
    shards->order = calloc(model->count, sizeof *shards->order);
    shards->first = calloc(shards->count + 1, sizeof *shards->first);
    if (!shards->order || !shards->first) {
        shards_release(shards);
        return false;
    }
    sort(shards, model->count);
    return true;
}

void shards_release(struct shards *shards)
{
    free(shards->of);
    free(shards->order);
    free(shards->first);
    *shards = (struct shards){0};
}

/* ------------------------------------------------------------------------
 * Names
 */

void shards_name(const struct shards *shards, size_t shard,
                 char name[SHARD_NAME])
{
    if (shards->count == 1)
        snprintf(name, SHARD_NAME, "model.safetensors");
    else
        snprintf(name, SHARD_NAME, "model-%05zu-of-%05zu.safetensors",
                 shard + 1, shards->count);
}

/* ------------------------------------------------------------------------
 * The index
 */

/* The code point that 'n' bytes of UTF-8 stand for. */
static uint32_t code_point(const char *text, size_t n)
{
    static const uint8_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = (uint8_t)text[0] & masks[n];

    for (size_t i = 1; i < n; i++)
        point = point << 6 | ((uint8_t)text[i] & 0x3f);
    return point;
}

static void put_unit(struct text *text, uint32_t unit)
{
    char escape[8];

    snprintf(escape, sizeof escape, "\\u%04x", (unsigned)(unit & 0xffff));
    text_put(text, escape);
}

/* As Python does: outside of ASCII in UTF-16, as escapes. */
static void put_point(struct text *text, uint32_t point)
{
    if (point >= 0x10000) {
        put_unit(text, 0xd800 + ((point - 0x10000) >> 10));
        put_unit(text, 0xdc00 + (point & 0x3ff));
    } else {
        put_unit(text, point);
    }
}

/* A name is UTF-8 without controls; none is "tensor" in such files. */
static void put_name(struct text *text, const char *name)
{
    if (name[0] == '\0')
        name = "tensor";
    text_put(text, "\"");
    for (size_t n; *name; name += n) {
        n = utf8_length(name, strlen(name));
        if (*name == '"' || *name == '\\')
            text_put(text, "\\");
        if (n == 1)
            text_add(text, name, 1);
        else if (n > 1)
            put_point(text, code_point(name, n));
        else
            return;
    }
    text_put(text, "\"");
}

void shards_put_index(const struct shards *shards, const struct model *model,
                      struct text *text)
{
    char name[SHARD_NAME];

    text_put(text, "{\n  \"metadata\": {\n    \"total_size\": ");
    text_put_integer(text, model->size);
    text_put(text, "\n  },\n  \"weight_map\": {");
    for (size_t s = 0; s < shards->count; s++) {
        shards_name(shards, s, name);
        for (size_t i = shards->first[s]; i < shards->first[s + 1]; i++) {
            text_put(text, i > 0 ? ",\n    " : "\n    ");
            put_name(text, model->tensors[shards->order[i]].spec.name);
            text_put(text, ": \"");
            text_put(text, name);
            text_put(text, "\"");
        }
    }
    text_put(text, "\n  }\n}");
}
