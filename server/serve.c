/* SPDX-License-Identifier: MIT */
/* Opening what the process needs, and closing it in the other order. */
#include "serve.h"

#include "http.h"
#include "ledger.h"
#include "process.h"
#include "store_directory.h"

/* The line that says it is up; scripts read the port from it. */
static void announce(const struct config *config, const struct http *http)
{
    char where[ADDRESS_TEXT];
    address_text(http_address(http), where);
    fprintf(stderr, "sowd %s listening on http://%s (engine %s, %u %s)\n",
            SOW_VERSION, where, sow_engine_name(config->engine),
            (unsigned)config->threads,
            config->threads == 1 ? "thread" : "threads");
}

/* What ledger_read() calls. */
static void remember(void *api, const uint8_t key[SOW_DIGEST_BYTES],
                     const uint8_t digest[SOW_DIGEST_BYTES])
{
    api_remember(api, key, digest);
}

static int run(const struct config *config, struct store_directory *recipes,
               struct ledger *ledger)
{
    struct api_config wanted = {
        .engine = config->engine,
        .limits = config->limits,
        .store = store_directory_store(recipes),
        .notice = log_notice,
        .remember = ledger_add,
        .remember_self = ledger,
    };
    struct api *api = api_new(&wanted);
    if (api != NULL)
        ledger_read(ledger, remember, api);
    struct http *http = api == NULL ? NULL : http_start(config, api);
    if (http != NULL) {
        announce(config, http);
        process_stop_asked(-1);
        log_line(LEVEL_INFO, "stopping; a second signal stops at once");
        http_stop(http, config->drain_seconds, process_stop_asked);
    }
    api_free(api);
    return http == NULL;
}

int serve(const struct config *config)
{
    struct store_directory *recipes = NULL;
    struct ledger *ledger = NULL;
    int status = 2;
    if (store_directory_start(config->recipes, &recipes) &&
        ledger_start(config->cache, &ledger))
        status = run(config, recipes, ledger);
    ledger_close(ledger);
    store_directory_close(recipes);
    return status;
}
