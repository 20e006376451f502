/* SPDX-License-Identifier: MIT */
/* A request as fields of an event. */
#include "access_log.h"

#include "address.h"
#include "log.h"
#include "count.h"

#include <string.h>
#include <strings.h>

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

/* A field of the answer, or "". */
static const char *told(const struct request *request, const char *name)
{
    if (request->status == 0 || request->exchange == NULL)
        return "";
    const struct api_response *answer = api_answer(request->exchange);
    for (size_t i = 0; i < answer->header_count; i++)
        if (strcasecmp(answer->headers[i].name, name) == 0)
            return answer->headers[i].value;
    return "";
}

void access_log(const struct request *request,
                const struct api_outcome *outcome)
{
    static const char *const fates[API_FATES] = {
        [API_SENT] = "",           [API_CUT_CLIENT] = "client",
        [API_CUT_TIME] = "time",   [API_CUT_STOPPING] = "stopping",
        [API_CUT_ERROR] = "error",
    };
    const char *route = or_empty(api_route(request->exchange));
    enum log_level level = request_is_probe(request) ? LEVEL_DEBUG : LEVEL_INFO;
    char remote[ADDRESS_TEXT] = "", user[API_USER];
    if (!log_writes(level))
        return;
    if (request->peer->remote.size > 0)
        address_text(&request->peer->remote, remote);
    api_user(request->exchange, user);
    const struct log_field fields[] = {
        {"remote", remote, 0},
        {"user", user, 0},
        {"method", or_empty(request->head.method), 0},
        {"path", request->target, 0},
        {"status", NULL, outcome->status},
        {"bytes", NULL, (double)outcome->bytes},
        {"duration_ms", NULL, 1e3 * outcome->seconds},
        {"ttfb_ms", NULL, 1e3 * outcome->first_byte},
        {"cut", fates[outcome->fate], 0},
        {"request_id", request->trace.request, 0},
        {"trace_id", request->trace.trace, 0},
        {"span_id", request->trace.span, 0},
        {"route", route, 0},
        {"range", or_empty(request_field(request, "Range")), 0},
        {"recipe", told(request, "Sow-Recipe"), 0},
        {"user_agent", or_empty(request_field(request, "User-Agent")), 0},
    };
    log_event(level, "request", fields, COUNT(fields));
}
