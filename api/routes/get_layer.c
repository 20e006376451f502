/* SPDX-License-Identifier: MIT */
/* GET /v1/layers/{type}: one type of layer, with its arguments. */
#include "exchange.h"
#include "routes/layers.h"
#include "routes/routes.h"
#include "spec_type.h"
#include "utf8.h"

static enum problem_code refuse(const char *name, struct problem *problem)
{
    struct suggest suggest;

    suggest_init(&suggest, name);
    type_offer(&suggest);
    return problem_set(problem, PROBLEM_NOT_FOUND, "",
                       "There is no type '%s'.%s GET /v1/layers lists them "
                       "all.",
                       utf8_quote(name).text, suggest_hint(&suggest).text);
}

enum problem_code get_layer(struct api_exchange *exchange,
                            struct problem *problem)
{
    const char *name = exchange->match.arguments[0];
    const struct sow_layer_type *type = sow_layer_type_find(name);
    struct text text = {.grows = true};

    if (!type)
        return refuse(name, problem);
    layer_type_put_row(&text, type, true);
    return reply_written(&exchange->reply, &text, problem);
}
