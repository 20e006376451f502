/* SPDX-License-Identifier: MIT */
/* GET /openapi.json: the API, described for machines. */
#include "exchange.h"
#include "routes/routes.h"

/* The file api/openapi.json, embedded by openapi.S. */
extern const char openapi_begin[];
extern const char openapi_end[];

enum problem_code get_openapi(struct api_exchange *exchange,
                              struct problem *problem)
{
    (void)problem;
    reply_bytes(&exchange->reply, REPLY_OK, "application/json", openapi_begin,
                (size_t)(openapi_end - openapi_begin));
    reply_header(&exchange->reply, "Cache-Control", "no-cache");
    return PROBLEM_NONE;
}
