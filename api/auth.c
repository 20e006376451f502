/* SPDX-License-Identifier: MIT */
/* Checking the tokens that requests come with (RFC 6750). */
#include "auth.h"

#include "head.h"

#include <string.h>
#include <strings.h>

static const char field[] = "Authorization";

bool auth_init(struct auth *auth)
{
    atomic_init(&auth->on, false);
    auth->tokens = NULL;
    return pthread_rwlock_init(&auth->lock, NULL) == 0;
}

void auth_release(struct auth *auth)
{
    tokens_free(auth->tokens);
    pthread_rwlock_destroy(&auth->lock);
}

void auth_replace(struct auth *auth, struct tokens *tokens)
{
    pthread_rwlock_wrlock(&auth->lock);
    struct tokens *old = auth->tokens;
    auth->tokens = tokens;
    pthread_rwlock_unlock(&auth->lock);
    atomic_store(&auth->on, true);
    tokens_free(old);
}

/* The scope that a route takes; what only OPTIONS was found for takes none. */
static enum token_scope scope_of(const struct route_match *match)
{
    const struct route *route = match->route;

    if (!route || route->flags & ROUTE_OPEN)
        return TOKEN_NONE;
    return !strcmp(route->method, "GET") || !strcmp(route->method, "POST")
               ? TOKEN_READ
               : TOKEN_WRITE;
}

bool auth_covers(const struct auth *auth, const struct route_match *match)
{
    return atomic_load(&auth->on) && scope_of(match) != TOKEN_NONE;
}

/* What follows "Bearer" in the request's only Authorization, or NULL. */
static const char *bearer(const struct api_request *request)
{
    static const char scheme[] = "Bearer";
    size_t i = 0;
    const char *value = head_next(request, field, &i);

    if (!value || head_next(request, field, &i) ||
        strncasecmp(value, scheme, sizeof scheme - 1) != 0)
        return NULL;
    value += sizeof scheme - 1;
    return *value == ' ' ? value + strspn(value, " ") : NULL;
}

bool auth_caller(struct auth *auth, const struct api_request *request,
                 struct token *caller)
{
    const char *token = bearer(request);
    const struct token *found;

    if (!token || !atomic_load(&auth->on))
        return false;
    pthread_rwlock_rdlock(&auth->lock);
    found = tokens_find(auth->tokens, token, strcspn(token, " \t"));
    if (found)
        *caller = *found;
    pthread_rwlock_unlock(&auth->lock);
    return found;
}

/* A request that comes without a token that is known. */
static enum problem_code refuse(const struct api_request *request,
                                struct problem *problem)
{
    if (head_value(request, field))
        return problem_set(problem, PROBLEM_TOKEN_UNKNOWN, field,
                           "That is not a token that is taken here. Look "
                           "whether it was cut, or whether it was revoked.");
    return problem_set(problem, PROBLEM_TOKEN_REQUIRED, field,
                       "This takes a token: send 'Authorization: Bearer "
                       "sow_…'. Clients of the Hub take it from HF_TOKEN; "
                       "who runs the server makes one with 'sowd token new'.");
}

enum problem_code auth_check(struct auth *auth,
                             const struct api_request *request,
                             const struct route_match *match,
                             struct problem *problem)
{
    const enum token_scope scope = scope_of(match);
    struct token caller;

    if (!auth_covers(auth, match))
        return PROBLEM_NONE;
    if (!auth_caller(auth, request, &caller))
        return refuse(request, problem);
    if (caller.scope >= scope)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_SCOPE_MISSING, field,
                       "The token '%s' is good for reading; this takes one "
                       "with the scope '%s'.",
                       caller.name, token_scope_name(scope));
}

const char *auth_challenge(enum problem_code code)
{
    if (code == PROBLEM_TOKEN_UNKNOWN)
        return "Bearer realm=\"sow\", error=\"invalid_token\"";
    if (code == PROBLEM_SCOPE_MISSING)
        return "Bearer realm=\"sow\", error=\"insufficient_scope\", "
               "scope=\"write\"";
    return "Bearer realm=\"sow\"";
}
