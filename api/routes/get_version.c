/* SPDX-License-Identifier: MIT */
/* GET /v1/version: what runs here, and what it allows. */
#include "build.h"
#include "exchange.h"
#include "routes/routes.h"
#include "count.h"

/* A limit past what a JSON integer holds is no limit. */
static json_int_t limit(uint64_t value)
{
    return value > INT64_MAX ? INT64_MAX : (json_int_t)value;
}

static json_t *limits_json(const struct api_limits *limits)
{
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
        {"max_body_bytes", limits->max_body_bytes},
        {"max_layers", limits->max_layers},
        {"max_elements", limits->max_elements},
        {"max_json_elements", limits->max_json_elements},
        {"max_answer_bytes", limits->max_answer_bytes},
        {"digest_max_bytes", limits->digest_max_bytes},
        {"digest_wait_max_bytes", limits->digest_wait_max_bytes},
        {"cache_bytes", limits->cache_bytes},
        {"max_flops", limits->max_flops},
    };
    json_t *json = json_object();

    _Static_assert(sizeof *limits == COUNT(rows) * sizeof(uint64_t),
                   "every limit is told");
    for (size_t i = 0; i < COUNT(rows); i++)
        if (json_object_set_new(json, rows[i].name,
                                json_integer(limit(rows[i].value))) != 0) {
            json_decref(json);
            return NULL;
        }
    return json;
}

/* The full names of all. */
static json_t *generators_json(void)
{
    const struct sow_generator *generator;
    json_t *names = json_array();

    for (size_t i = 0; (generator = sow_generator_at(i)); i++)
        if (json_array_append_new(names, json_string(generator->name)) != 0) {
            json_decref(names);
            return NULL;
        }
    return names;
}

enum problem_code get_version(struct api_exchange *exchange,
                              struct problem *problem)
{
    const struct api *api = exchange->api;
    json_t *limits = limits_json(&api->limits);
    json_t *generators = generators_json();
    json_t *json =
        limits && generators
            ? json_pack("{s:s, s:s, s:O, s:s, s:O}", "version", SOW_VERSION,
                        "revision", build_revision(), "generators", generators,
                        "engine", sow_engine_name(api->engine), "limits",
                        limits)
            : NULL;

    json_decref(generators);
    json_decref(limits);
    if (reply_json(&exchange->reply, json, problem))
        return problem->code;
    reply_header(&exchange->reply, "Cache-Control", "no-cache");
    return PROBLEM_NONE;
}
