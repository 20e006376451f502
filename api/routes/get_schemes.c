/* SPDX-License-Identifier: MIT */
/* GET /v1/schemes: the catalogue. */
#include "exchange.h"
#include "routes/catalogue.h"
#include "routes/routes.h"

static json_t *rows_json(void)
{
    json_t *rows = json_array();
    const struct sow_scheme_info *info;

    for (size_t i = 0; (info = sow_scheme_at(i)); i++)
        if (json_array_append_new(rows, catalogue_row(info))) {
            json_decref(rows);
            return NULL;
        }
    return rows;
}

enum problem_code get_schemes(struct api_exchange *exchange,
                              struct problem *problem)
{
    json_t *rows = rows_json();
    json_t *json = rows ? json_pack("{s:O}", "schemes", rows) : NULL;

    json_decref(rows);
    if (reply_json(&exchange->reply, json, problem))
        return problem->code;
    reply_header(&exchange->reply, "Cache-Control", "no-cache");
    return PROBLEM_NONE;
}
