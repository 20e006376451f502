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
