/* SPDX-License-Identifier: MIT */
/* DELETE /v1/recipes/{ns}/{name}: forget a name; its versions stay. */
#include "routes/recipes.h"
#include "routes/routes.h"

enum problem_code delete_recipe(struct api_exchange *exchange,
                                struct problem *problem)
{
    char name[REPO_NAME];

    if (recipes_name(exchange, name, problem) ||
        recipes_precondition(exchange, name, NULL, problem) ||
        library_remove(exchange->api, name, problem))
        return problem->code;
    reply_empty(&exchange->reply, REPLY_NO_CONTENT, 0);
    return PROBLEM_NONE;
}
