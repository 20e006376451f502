/* SPDX-License-Identifier: MIT */
#include "small.h"

struct api *small_api(const struct store *store, size_t helpers)
{
    struct api_config config = {
        .helpers = helpers,
        .limits = {.max_body_bytes = 1 << 20,
                   .max_layers = 1000,
                   .max_json_elements = 1 << 20,
                   .digest_max_bytes = 1 << 24,
                   .digest_wait_max_bytes = 1 << 26,
                   .cache_bytes = 1 << 20,
                   .max_flops = 1000000000},
        .store = store,
    };

    if (sow_init() != SOW_OK ||
        sow_engine_choose(NULL, &config.engine) != SOW_OK)
        return NULL;
    return api_new(&config);
}
