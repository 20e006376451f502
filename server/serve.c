/* SPDX-License-Identifier: MIT */
/* Opening what the process needs, and closing it in the other order. */
#include "serve.h"

#include "credentials.h"
#include "http.h"
#include "ledger.h"
#include "process.h"
#include "sandbox.h"
#include "store_directory.h"
#include "systemd.h"

/* How often what takes too long is looked for. */
#define TICK_MILLISECONDS 1000

/* The line that says it is up; scripts read the port from it. */
static void announce(const struct config *config, const struct http *http)
{
    char where[ADDRESS_TEXT];
    address_text(http_address(http), where);
    if (config->log_format == LOG_JSON)
        log_line(LEVEL_INFO, "sowd " SOW_VERSION " listening on http%s://%s",
                 config->tls_cert == NULL ? "" : "s", where);
    else
        fprintf(stderr, "sowd %s listening on http%s://%s (engine %s, %u %s)\n",
                SOW_VERSION, config->tls_cert == NULL ? "" : "s", where,
                sow_engine_name(config->engine), (unsigned)config->threads,
                config->threads == 1 ? "thread" : "threads");
}

/* What ledger_read() calls. */
static void remember(void *api, const uint8_t key[SOW_DIGEST_BYTES],
                     const uint8_t digest[SOW_DIGEST_BYTES])
{
    api_remember(api, key, digest);
}

/* SIGHUP: read again what may be changed while the server runs. */
static void reload(const struct config *config, struct api *api)
{
    systemd_notify_reloading();
    log_line(LEVEL_INFO, "reloading");
    credentials_reload(config, api);
    systemd_notify("READY=1");
}

/* Until a signal says to stop. */
static void watch(const struct config *config, struct api *api,
                  struct http *http)
{
    int watchdog = systemd_watchdog();
    int tick = watchdog > 0 && watchdog < TICK_MILLISECONDS ? watchdog
                                                            : TICK_MILLISECONDS;
    enum process_event event;
    while ((event = process_wait(tick)) != PROCESS_STOP) {
        if (event == PROCESS_RELOAD)
            reload(config, api);
        http_tick(http);
        if (watchdog > 0)
            systemd_notify("WATCHDOG=1");
    }
}

/* Leave the files that serving takes, before there are threads. */
static void lock_files(const struct config *config)
{
    const struct sandbox_path paths[] = {
        {config->recipes, SANDBOX_WRITE},
        {config->cache, SANDBOX_WRITE},
        {config->auth_tokens_file, SANDBOX_REPLACED},
        {config->tls_cert, SANDBOX_READ},
        {config->tls_key, SANDBOX_READ},
    };
    if (config->sandbox)
        sandbox_files(paths, sizeof paths / sizeof paths[0]);
}

/* And the system calls, when it listens. */
static void lock_calls(const struct config *config)
{
    if (config->sandbox)
        sandbox_calls();
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
    if (api != NULL && !credentials_start(config, api)) {
        api_free(api);
        return 2;
    }
    if (api != NULL)
        ledger_read(ledger, remember, api);
    lock_files(config);
    struct http *http = api == NULL ? NULL : http_start(config, api);
    if (http != NULL) {
        lock_calls(config);
        announce(config, http);
        systemd_notify("READY=1");
        watch(config, api, http);
        systemd_notify("STOPPING=1");
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
