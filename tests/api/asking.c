/* SPDX-License-Identifier: MIT */
/* What the tests of analyses share. */
#include "asking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct api *asked;

void asking_setup(void)
{
    asked = drive_api(NULL);
}

void asking_teardown(void)
{
    api_free(asked);
}

struct answer asking_post(const char *target, const char *body)
{
    char *quoted = strdup(body);

    ck_assert_ptr_nonnull(quoted);
    for (char *c = quoted; *c; c++)
        if (*c == '\'')
            *c = '"';
    struct answer answer = drive(asked, "POST", target, NULL, quoted);
    free(quoted);
    return answer;
}

json_t *ask(const char *body)
{
    struct answer answer = asking_post("/v1/analysis", body);
    json_t *json = json_loads(answer.body, 0, NULL);

    ck_assert_msg(answer.status == 200, "%s gives %u: %s", body, answer.status,
                  answer.body);
    ck_assert_ptr_nonnull(json);
    ck_assert_uint_eq(answer.size, answer.read);
    answer_expect(&answer, "Content-Type", "application/json");
    answer_release(&answer);
    return json;
}

json_t *analysis_of(json_t *json, size_t i)
{
    return json_array_get(json_object_get(json, "analyses"), i);
}

json_t *layer_of(json_t *json, size_t i)
{
    return json_array_get(json_object_get(analysis_of(json, 0), "layers"), i);
}

double number(const json_t *object, const char *name)
{
    const json_t *json = json_object_get(object, name);

    ck_assert_msg(json_is_number(json), "'%s' is no number", name);
    return json_number_value(json);
}

const char *string(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    ck_assert_msg(text != NULL, "'%s' is no string", name);
    return text;
}

void expect(const json_t *object, const char *name, double right)
{
    double got = number(object, name);

    ck_assert_msg(fabs(got - right) <= 1e-9 * (1 + fabs(right)),
                  "'%s' is %.17g, not %.17g", name, got, right);
}
