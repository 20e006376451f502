/* SPDX-License-Identifier: MIT */
/* GET /v1/version: what runs here, and what it allows. */
#include "exchange.h"
#include "routes/routes.h"

/* A limit past what a JSON integer holds is no limit. */
static json_int_t limit(uint64_t value)
{
    return value > INT64_MAX ? INT64_MAX : (json_int_t)value;
}

static json_t *limits_json(const struct api_limits *limits)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "max_body_bytes",
                     limit(limits->max_body_bytes), "max_layers",
                     limit(limits->max_layers), "max_json_elements",
                     limit(limits->max_json_elements), "digest_max_bytes",
                     limit(limits->digest_max_bytes), "digest_wait_max_bytes",
                     limit(limits->digest_wait_max_bytes), "cache_bytes",
                     limit(limits->cache_bytes), "max_flops",
                     limit(limits->max_flops));
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
            ? json_pack("{s:s, s:O, s:s, s:O}", "version", SOW_VERSION,
                        "generators", generators, "engine",
                        sow_engine_name(api->engine), "limits", limits)
            : NULL;

    json_decref(generators);
    json_decref(limits);
    if (reply_json(&exchange->reply, json, problem))
        return problem->code;
    reply_header(&exchange->reply, "Cache-Control", "no-cache");
    return PROBLEM_NONE;
}
