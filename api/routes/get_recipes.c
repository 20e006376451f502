/* SPDX-License-Identifier: MIT */
/* GET /v1/recipes: every recipe, by name. */
#include "routes/recipes.h"
#include "routes/routes.h"

#include <stdlib.h>

struct entry {
    char name[REPO_NAME];
    uint8_t version[SOW_DIGEST_BYTES];
};

/* 'entries' is owned. */
struct listing {
    struct entry *entries;
    size_t count, room;
    bool no_memory;
};

static bool listing_grow(struct listing *listing)
{
    if (listing->count < listing->room)
        return true;
    size_t room = listing->room == 0 ? 64 : 2 * listing->room;
    struct entry *entries = realloc(listing->entries, room * sizeof *entries);
    if (!entries)
        return false;
    listing->entries = entries;
    listing->room = room;
    return true;
}

static bool listing_add(void *argument, const char *name,
                        const uint8_t version[SOW_DIGEST_BYTES])
{
    struct listing *listing = argument;

    listing->no_memory = !listing_grow(listing);
    if (listing->no_memory)
        return false;
    struct entry *entry = &listing->entries[listing->count++];
    memcpy(entry->name, name, strlen(name) + 1);
    memcpy(entry->version, version, SOW_DIGEST_BYTES);
    return true;
}

static int by_name(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;

    return strcmp(a->name, b->name);
}

static void put_entry(struct text *text, const struct entry *entry)
{
    text_put_entry(text);
    text_put(text, "{");
    recipes_put_names(text, entry->name, entry->version);
    text_put_key(text, "built_in");
    text_put(text, repo_name_built_in(entry->name) ? "true" : "false");
    text_put(text, "}");
}

static enum problem_code answer(struct api_exchange *exchange,
                                const struct listing *listing,
                                struct problem *problem)
{
    struct text text = {.grows = true};

    text_put(&text, "{\"recipes\":[");
    for (size_t i = 0; i < listing->count; i++)
        put_entry(&text, &listing->entries[i]);
    text_put(&text, "]}");
    return reply_written(&exchange->reply, &text, problem);
}

enum problem_code get_recipes(struct api_exchange *exchange,
                              struct problem *problem)
{
    struct listing listing = {0};
    enum problem_code code =
        library_list(exchange->api, listing_add, &listing, problem);

    if (!code && listing.no_memory)
        code = problem_no_memory(problem);
    if (!code) {
        qsort(listing.entries, listing.count, sizeof *listing.entries, by_name);
        code = answer(exchange, &listing, problem);
    }
    free(listing.entries);
    return code;
}
