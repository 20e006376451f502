/* SPDX-License-Identifier: MIT */
/* The route table, the API's contents page, and the way through it. */
#include "router.h"

#include "hub/hub.h"
#include "path.h"
#include "routes/routes.h"

#include <string.h>

/* The Hub's routes: of a recipe, by its path and by that of the model. */
#define HUB(method, path, handle)                             \
    {                                                         \
        method, path, handle, QUERY_OWN, API_BRIEF, ROUTE_HUB \
    }
#define REPO "/{ns}/{name}"
#define MODEL "/api/models" REPO

static const struct route routes[] = {
    {"GET", "/v1/weights", get_weights, QUERY_SPEC, API_QUICK, 0},
    {"POST", "/v1/weights", post_weights, QUERY_SPEC, API_QUICK, 0},
    {"GET", "/v1/analysis", get_analysis, QUERY_SPEC, API_BRIEF, 0},
    {"POST", "/v1/analysis", post_analysis, QUERY_SPEC, API_BRIEF, 0},
    {"GET", "/v1/schemes", get_schemes, QUERY_NONE, API_QUICK, 0},
    {"GET", "/v1/schemes/{name}", get_scheme, QUERY_NONE, API_QUICK, 0},
    {"GET", "/v1/layers", get_layers, QUERY_NONE, API_QUICK, 0},
    {"GET", "/v1/layers/{type}", get_layer, QUERY_NONE, API_QUICK, 0},
    {"GET", "/v1/profiles", get_profiles, QUERY_NONE, API_QUICK, 0},
    {"GET", "/v1/profiles/{name}", get_profile, QUERY_NONE, API_QUICK, 0},
    {"GET", "/v1/generators", get_generators, QUERY_NONE, API_QUICK, 0},
    {"GET", "/v1/generators/torch/probe", get_probe, QUERY_NONE, API_QUICK, 0},
    {"GET", "/v1/generators/{name*}", get_generator, QUERY_NONE, API_QUICK, 0},
    {"GET", "/v1/recipes", get_recipes, QUERY_NONE, API_BRIEF, 0},
    {"GET", "/v1/recipes/{ns}/{name}", get_recipe, QUERY_OWN, API_BRIEF, 0},
    {"PUT", "/v1/recipes/{ns}/{name}", put_recipe, QUERY_NONE, API_BRIEF, 0},
    {"DELETE", "/v1/recipes/{ns}/{name}", delete_recipe, QUERY_NONE, API_BRIEF,
     0},
    HUB("GET", REPO "/resolve/{rev}/{path*}", hub_resolve),
    HUB("GET", REPO "/raw/{rev}/{path*}", hub_resolve),
    HUB("GET", "/api/models", hub_models),
    HUB("GET", MODEL, hub_model),
    HUB("GET", MODEL "/revision/{rev}", hub_model_revision),
    HUB("GET", MODEL "/tree/{rev}", hub_tree),
    HUB("GET", MODEL "/tree/{rev}/{path*}", hub_tree),
    HUB("POST", MODEL "/paths-info/{rev}", hub_paths_info),
    HUB("GET", MODEL "/safetensors-metadata/{path*}", hub_headers),
    HUB("GET", MODEL "/refs", hub_refs),
    HUB("GET", MODEL "/commits/{rev}", hub_commits),
    HUB("GET", MODEL "/auth-check", hub_auth_check),
    HUB("GET", "/api/whoami-v2", hub_whoami),
    HUB("GET", "/api/agent-harnesses", hub_harnesses),
    HUB("GET", "/api/models/{name}", hub_missing),
    HUB("GET", "/api/models/{name}/revision/{rev}", hub_missing),
    HUB("GET", "/api/models/{name}/tree/{rev}", hub_missing),
    HUB("GET", "/{name}/resolve/{rev}/{path*}", hub_missing),
    HUB("GET", "/{name}/raw/{rev}/{path*}", hub_missing),
    HUB("GET", "/datasets/{path*}", hub_missing),
    HUB("GET", "/spaces/{path*}", hub_missing),
    HUB("GET", "/kernels/{path*}", hub_missing),
    HUB("GET", "/api/datasets/{path*}", hub_missing),
    HUB("GET", "/api/spaces/{path*}", hub_missing),
    HUB("GET", "/api/kernels/{path*}", hub_missing),
    {"GET", "/", get_page, QUERY_NONE, API_QUICK, ROUTE_OPEN},
    {"GET", "/page/{file}", get_page_file, QUERY_NONE, API_QUICK, ROUTE_OPEN},
    {"GET", "/v1/version", get_version, QUERY_NONE, API_QUICK, 0},
    {"GET", "/openapi.json", get_openapi, QUERY_NONE, API_QUICK, ROUTE_OPEN},
    {"GET", "/.well-known/jwks.json", get_keys, QUERY_NONE, API_QUICK,
     ROUTE_OPEN},
    {"GET", "/metrics", get_metrics, QUERY_NONE, API_QUICK, 0},
    {"GET", "/healthz", get_health, QUERY_NONE, API_QUICK, ROUTE_OPEN},
    {"GET", "/readyz", get_ready, QUERY_NONE, API_QUICK, ROUTE_OPEN},
};

#define ROUTES (sizeof routes / sizeof routes[0])

const struct route *route_at(size_t i)
{
    return i < ROUTES ? &routes[i] : NULL;
}

/* Add 'method' to 'allow', unless it is there. */
static void append(char allow[ROUTE_ALLOW], const char *method)
{
    size_t used = strlen(allow);
    size_t n = strlen(method);

    if (strstr(allow, method) || used + 2 + n >= ROUTE_ALLOW)
        return;
    if (used > 0) {
        memcpy(allow + used, ", ", 2);
        used += 2;
    }
    memcpy(allow + used, method, n + 1);
}

static void allow_route(char allow[ROUTE_ALLOW], const struct route *route)
{
    append(allow, route->method);
    if (!strcmp(route->method, "GET"))
        append(allow, "HEAD");
}

static bool serves(const struct route *route, const char *method)
{
    return !strcmp(route->method, method) ||
           (!strcmp(route->method, "GET") && !strcmp(method, "HEAD"));
}

static void match_set(struct route_match *match, const struct route *route,
                      const struct path *path,
                      const struct path_span arguments[PATH_ARGUMENTS])
{
    match->route = route;
    match->flags = route->flags;
    match->allow[0] = '\0';
    for (size_t i = 0; i < PATH_ARGUMENTS; i++)
        memcpy(match->arguments[i], path->text + arguments[i].at,
               arguments[i].size);
}

/* Look 'path' up; returns whether any row has it. */
static bool look_up(const char *method, const struct path *path,
                    struct route_match *match)
{
    struct path_span arguments[PATH_ARGUMENTS];

    for (size_t i = 0; i < ROUTES; i++) {
        if (!path_fits(path, routes[i].path, arguments))
            continue;
        if (serves(&routes[i], method)) {
            match_set(match, &routes[i], path, arguments);
            return true;
        }
        match->flags |= routes[i].flags;
        allow_route(match->allow, &routes[i]);
    }
    if (match->allow[0])
        append(match->allow, "OPTIONS");
    return match->allow[0];
}

/* "*" stands for the server as a whole: OPTIONS is all one can ask. */
static bool find_server(struct route_match *match)
{
    for (size_t i = 0; i < ROUTES; i++)
        allow_route(match->allow, &routes[i]);
    append(match->allow, "OPTIONS");
    return true;
}

enum problem_code route_find(const char *method, const char *target_path,
                             struct route_match *match, struct problem *problem)
{
    bool server = !strcmp(target_path, "*");
    struct path path;

    *match = (struct route_match){0};
    if (!server && !path_parse(&path, target_path))
        return problem_set(problem, PROBLEM_BAD_PATH, "",
                           "The path has a bad percent-escape, a NUL or "
                           "another control character, or a '.' or '..' "
                           "segment.");
    if (!(server ? find_server(match) : look_up(method, &path, match)))
        return problem_set(problem, PROBLEM_NOT_FOUND, "",
                           "There is nothing at this path; /openapi.json "
                           "lists what there is.");
    if (match->route || !strcmp(method, "OPTIONS"))
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_METHOD_NOT_ALLOWED, "",
                       "This path takes only %s.", match->allow);
}
