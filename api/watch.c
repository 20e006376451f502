/* SPDX-License-Identifier: MIT */
/* What the server tells of requests and of itself, and asks for its log. */
#include "exchange.h"

static const struct route *route_of(const struct api_exchange *exchange)
{
    return exchange ? exchange->match.route : NULL;
}

void api_count(struct api *api, const struct api_exchange *exchange,
               const struct api_outcome *outcome)
{
    metrics_request(api->metrics, route_of(exchange), outcome);
}

void api_watch(struct api *api, void (*vitals)(void *self, struct api_vitals *),
               void *self)
{
    api->vitals = vitals;
    api->vitals_self = self;
}

const char *api_route(const struct api_exchange *exchange)
{
    const struct route *route = route_of(exchange);

    return route ? route->path : NULL;
}

void api_user(const struct api_exchange *exchange, char name[API_USER])
{
    struct token caller = {.name = ""};

    _Static_assert(sizeof caller.name == API_USER, "room for every name");
    if (exchange)
        (void)auth_caller(&exchange->api->auth, &exchange->request, &caller);
    memcpy(name, caller.name, API_USER);
}
