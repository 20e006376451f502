/* SPDX-License-Identifier: MIT */
/* GET /v1/generators: whose random numbers there are. */
#include "exchange.h"
#include "routes/generators.h"
#include "routes/routes.h"

enum problem_code get_generators(struct api_exchange *exchange,
                                 struct problem *problem)
{
    const struct sow_generator *generator;
    struct text text = {.grows = true};

    text_put(&text, "{\"generators\":[");
    for (size_t i = 0; (generator = sow_generator_at(i)); i++)
        generator_put_row(&text, generator, false);
    text_put(&text, "]}");
    return reply_written(&exchange->reply, &text, problem);
}
