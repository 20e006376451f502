/* SPDX-License-Identifier: MIT */
/*
 * GET /api/models/{ns}/{name}/safetensors-metadata/{index}: what the index of
 * revision main says of the whole, and the headers of all shards.
 */
#include "hub/hub.h"

#include "exchange.h"
#include "utf8.h"

#include <string.h>

/* The header of a shard is JSON behind its length; blanks at its end. */
static void put_header(struct text *text, const struct repo *repo, size_t shard)
{
    const struct text *header = &repo->parts[shard].header;

    text_put_key(text, repo->part_names[shard]);
    text_add(text, header->bytes + 8, header->size - 8);
}

static enum problem_code answer(struct api_exchange *exchange,
                                struct problem *problem)
{
    const struct repo *repo = exchange->hub.repo;
    struct text text = {.grows = true};

    text_put(&text, "{\"index\":{\"metadata\":{\"total_size\":");
    text_put_integer(&text, repo->model.size);
    text_put(&text, "}},\"headers\":{");
    for (size_t s = 0; s < repo->shards.count; s++)
        put_header(&text, repo, s);
    text_put(&text, "}}");
    return hub_reply(exchange, &text, problem);
}

enum problem_code hub_headers(struct api_exchange *exchange,
                              struct problem *problem)
{
    struct hub *hub = &exchange->hub;
    const char *path = exchange->match.arguments[2];

    if (hub_open(exchange, "main", problem))
        return problem->code;
    if (!strcmp(path, SHARD_INDEX) && repo_find(hub->repo, path))
        return answer(exchange, problem);
    return problem_set(problem, PROBLEM_ENTRY_NOT_FOUND, "",
                       "There is no index '%s' in %s at main.",
                       utf8_quote(path).text, hub->repo->name);
}
