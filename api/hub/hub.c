/* SPDX-License-Identifier: MIT */
/* What all routes of the Hub share. */
#include "hub/hub.h"

#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>

enum problem_code hub_open(struct api_exchange *exchange, const char *revision,
                           struct problem *problem)
{
    struct hub *hub = &exchange->hub;
    const struct route_match *match = &exchange->match;
    struct revision read;
    char name[2 * ROUTE_REST];

    snprintf(name, sizeof name, "%s/%s", match->arguments[0],
             match->arguments[1]);
    hub->pinned =
        revision_read(revision, &read) && read.kind == REVISION_COMMIT;
    return repo_open(exchange->api, name, revision, &hub->repo, problem);
}

enum problem_code hub_open_revision(struct api_exchange *exchange,
                                    struct problem *problem)
{
    return hub_open(exchange, exchange->match.arguments[2], problem);
}

const char *hub_cache_control(const struct api_exchange *exchange)
{
    return exchange->hub.pinned
               ? "public, max-age=31536000, immutable, no-transform"
               : "no-cache";
}

enum problem_code hub_reply(struct api_exchange *exchange, struct text *text,
                            struct problem *problem)
{
    if (reply_typed(&exchange->reply, "application/json", text, problem))
        return problem->code;
    reply_header(&exchange->reply, "Cache-Control",
                 hub_cache_control(exchange));
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * Fields
 */

/* A page of another site may read every field that it could use. */
void hub_add_fields(struct api_exchange *exchange)
{
    static const char exposed[] =
        "ETag, X-Repo-Commit, X-Linked-Size, X-Error-Code, X-Error-Message, "
        "Content-Length, Content-Range, Content-Disposition, Accept-Ranges, "
        "Accept-Post, Allow, Retry-After, WWW-Authenticate, Repr-Digest, "
        "Signature-Input, Signature, Server-Timing, X-Request-Id, Date";
    struct reply *reply = &exchange->reply;

    reply_header(reply, "Access-Control-Allow-Origin", "*");
    reply_header(reply, "Access-Control-Expose-Headers", exposed);
    if (exchange->hub.repo)
        reply_header(reply, "X-Repo-Commit", exchange->hub.repo->hex);
}

/* What the Hub's clients call some problems. */
static const char *error_code(enum problem_code code)
{
    switch (code) {
    case PROBLEM_REPO_NOT_FOUND:
        return "RepoNotFound";
    case PROBLEM_REVISION_NOT_FOUND:
        return "RevisionNotFound";
    case PROBLEM_ENTRY_NOT_FOUND:
        return "EntryNotFound";
    default:
        return NULL;
    }
}

/* The detail, with what no field may hold replaced. */
static void put_message(struct text *text, const char *detail)
{
    for (; *detail; detail++)
        text_add(text, *detail >= ' ' && *detail < 0x7f ? detail : "?", 1);
}

/*
 * With a 401 that says anything else clients say that the repository doesn't
 * exist, which a token that is refused is no sign of.
 */
static const char *message(const struct problem *problem)
{
    return problem->code == PROBLEM_TOKEN_UNKNOWN
               ? "Invalid credentials in Authorization header"
               : problem->detail;
}

void hub_add_problem(struct api_exchange *exchange,
                     const struct problem *problem)
{
    const char *code = error_code(problem->code);
    struct text text = reply_text(&exchange->reply);

    if (code)
        reply_header(&exchange->reply, "X-Error-Code", code);
    put_message(&text, message(problem));
    reply_header_text(&exchange->reply, "X-Error-Message", &text);
}

void hub_release(struct api_exchange *exchange)
{
    struct hub *hub = &exchange->hub;

    free(hub->list.files);
    free(hub->list.bodies);
    repo_close(hub->repo);
    *hub = (struct hub){0};
}
