/* SPDX-License-Identifier: MIT */
/* GET /{ns}/{name}/resolve/{rev}/{path}: a file. */
#include "hub/bodies.h"
#include "hub/hub.h"

#include "exchange.h"
#include "formats/sized.h"
#include "repr.h"
#include "utf8.h"

#include <string.h>

/* ------------------------------------------------------------------------
 * The bytes
 */

/*
 * HEAD reads nothing, unless it is to tell a digest; but what GET is refused
 * because it costs too much it is refused as well.
 */
static bool reads(const struct api_exchange *exchange)
{
    return !exchange_is(exchange, "HEAD") || repr_wanted(&exchange->request) ||
           bodies_wait(exchange->hub.repo, exchange->hub.file);
}

static enum problem_code file_open(struct api_exchange *exchange,
                                   struct problem *problem)
{
    const struct repo_file *file = exchange->hub.file;
    struct weights *weights = &exchange->weights;

    if (reads(exchange))
        return bodies_make(exchange, &file, 1, repr_wanted(&exchange->request),
                           &weights->body, problem);
    if (sized_begin(weights, 1, problem))
        return problem->code;
    sized_put_bytes(weights, NULL, file->size);
    return sized_end(weights, problem);
}

static const struct format format_file = {
    .id = FORMAT_RAW,
    .version = 1,
    .type = "application/octet-stream",
    .sized = true,
    .open = file_open,
    .start = sized_start,
    .read = sized_read,
};

/* ------------------------------------------------------------------------
 * What is said of them
 */

/* Types of files by the ending of the name; nothing that a browser runs. */
static const struct {
    const char *ending;
    const char *type;
} types[] = {
    {".json", "application/json"},
    {".txt", "text/plain; charset=utf-8"},
    {".md", "text/plain; charset=utf-8"},
    {".jinja", "text/plain; charset=utf-8"},
    {".py", "text/plain; charset=utf-8"},
};

static const char *type_of(const char *name)
{
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < sizeof types / sizeof types[0]; i++)
        if (!strcmp(dot, types[i].ending))
            return types[i].type;
    return format_file.type;
}

static void add_validators(struct api_exchange *exchange)
{
    reply_header(&exchange->reply, "ETag", exchange->weights.etag);
    reply_header(&exchange->reply, "Cache-Control",
                 hub_cache_control(exchange));
}

static void add_size(struct reply *reply, uint64_t size)
{
    struct text text = reply_text(reply);

    text_put_integer(&text, size);
    reply_header_text(reply, "X-Linked-Size", &text);
}

static void add_name(struct reply *reply, const char *name)
{
    struct text text = reply_text(reply);

    text_put(&text, "inline; filename=\"");
    text_put(&text, name);
    text_put(&text, "\"");
    reply_header_text(reply, "Content-Disposition", &text);
}

/* A digest that is known is told without being asked for. */
static void recall_digest(struct api_exchange *exchange)
{
    struct work_file *own = &exchange->weights.work.own;

    if (own->known)
        return;
    memcpy(own->key, exchange->hub.file->key, sizeof own->key);
    work_recall_file(exchange->api, own);
}

static void add_description(struct api_exchange *exchange)
{
    const struct repo_file *file = exchange->hub.file;
    struct reply *reply = &exchange->reply;

    add_size(reply, file->size);
    add_name(reply, file->name);
    recall_digest(exchange);
    reply_header(reply, "X-Content-Type-Options", "nosniff");
}

static const struct weights_guise guise = {add_validators, add_description};

/* ------------------------------------------------------------------------
 * The answer
 */

static enum problem_code refuse(const struct api_exchange *exchange,
                                const char *path, struct problem *problem)
{
    const struct repo *repo = exchange->hub.repo;

    return problem_set(problem, PROBLEM_ENTRY_NOT_FOUND, "",
                       "There is no file '%s' in %s at %s; GET "
                       "/api/models/%s/tree/%s lists what there is.",
                       utf8_quote(path).text, repo->name, repo->hex, repo->name,
                       repo->hex);
}

enum problem_code hub_resolve(struct api_exchange *exchange,
                              struct problem *problem)
{
    struct weights *weights = &exchange->weights;
    const char *path = exchange->match.arguments[3];

    if (hub_open_revision(exchange, problem))
        return problem->code;
    exchange->hub.file = repo_find(exchange->hub.repo, path);
    if (!exchange->hub.file)
        return refuse(exchange, path, problem);
    weights->type = type_of(exchange->hub.file->name);
    weights_tag(weights, "s1-", exchange->hub.file->key);
    return weights_begin_as(exchange, &format_file, &guise, problem);
}
