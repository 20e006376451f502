/* SPDX-License-Identifier: MIT */
/* GET /v1/schemes/{name}: one row of the catalogue. */
#include "exchange.h"
#include "routes/catalogue.h"
#include "routes/routes.h"
#include "suggest.h"
#include "utf8.h"

static enum problem_code refuse(const char *name, struct problem *problem)
{
    const struct sow_scheme_info *info;
    struct suggest suggest;

    suggest_init(&suggest, name);
    for (size_t i = 0; (info = sow_scheme_at(i)); i++) {
        suggest_offer(&suggest, info->name);
        for (size_t k = 0; info->aliases && info->aliases[k]; k++)
            suggest_offer(&suggest, info->aliases[k]);
    }
    return problem_set(problem, PROBLEM_NOT_FOUND, "",
                       "There is no scheme '%s'.%s GET /v1/schemes lists "
                       "them all.",
                       utf8_quote(name).text, suggest_hint(&suggest).text);
}

enum problem_code get_scheme(struct api_exchange *exchange,
                             struct problem *problem)
{
    const char *name = exchange->match.arguments[0];
    const struct sow_scheme_info *info = sow_scheme_find(name);
    struct text text = {.grows = true};

    if (!info)
        return refuse(name, problem);
    catalogue_put_row(&text, info, true);
    return reply_written(&exchange->reply, &text, problem);
}
