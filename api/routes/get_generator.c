/* SPDX-License-Identifier: MIT */
/* GET /v1/generators/{name}: one of them, by its name or a shorter one. */
#include "choices.h"
#include "exchange.h"
#include "routes/generators.h"
#include "routes/routes.h"
#include "suggest.h"
#include "utf8.h"

static enum problem_code refuse(const char *name, struct problem *problem)
{
    struct suggest suggest;

    suggest_init(&suggest, name);
    for (size_t i = 0; choice_generator.at(i); i++)
        suggest_offer(&suggest, choice_generator.at(i));
    return problem_set(problem, PROBLEM_NOT_FOUND, "",
                       "There is no generator '%s'.%s GET /v1/generators lists "
                       "them all.",
                       utf8_quote(name).text, suggest_hint(&suggest).text);
}

enum problem_code get_generator(struct api_exchange *exchange,
                                struct problem *problem)
{
    const char *name = exchange->match.arguments[0];
    const struct sow_generator *generator = sow_generator_find(name);
    struct text text = {.grows = true};

    if (!generator)
        return refuse(name, problem);
    generator_put_row(&text, generator, true);
    return reply_written(&exchange->reply, &text, problem);
}
