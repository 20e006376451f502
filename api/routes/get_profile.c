/* SPDX-License-Identifier: MIT */
/* GET /v1/profiles/{name}: one profile, with its rules. */
#include "exchange.h"
#include "routes/layers.h"
#include "routes/routes.h"
#include "suggest.h"
#include "utf8.h"

static enum problem_code refuse(const char *name, struct problem *problem)
{
    const struct sow_profile *profile;
    struct suggest suggest;

    suggest_init(&suggest, name);
    for (size_t i = 0; (profile = sow_profile_at(i)); i++)
        suggest_offer(&suggest, profile->name);
    return problem_set(problem, PROBLEM_NOT_FOUND, "",
                       "There is no profile '%s'.%s It is one of %s.",
                       utf8_quote(name).text, suggest_hint(&suggest).text,
                       suggest.names);
}

enum problem_code get_profile(struct api_exchange *exchange,
                              struct problem *problem)
{
    const char *name = exchange->match.arguments[0];
    const struct sow_profile *profile = sow_profile_find(name);
    struct text text = {.grows = true};

    if (!profile)
        return refuse(name, problem);
    profile_put_row(&text, profile, true);
    return reply_written(&exchange->reply, &text, problem);
}
