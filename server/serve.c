/* SPDX-License-Identifier: MIT */
/* Opening what the process needs, and closing it in the other order. */
#include "serve.h"

#include "credentials.h"
#include "helpers.h"
#include "http.h"
#include "ledger.h"
#include "process.h"
#include "sandbox.h"
#include "store_directory.h"
#include "systemd.h"

/* How often what takes too long is looked for. */
#define TICK_MILLISECONDS 1000

/* What is open before there is an API. */
struct opened {
    struct credentials credentials;
    struct store_directory *recipes; /* these two may be NULL */
    struct ledger *ledger;
};

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

/* Once it is open: serve, until a signal says to stop; 'http' is freed. */
static void serve_until_stopped(const struct config *config, struct api *api,
                                struct http *http)
{
    lock_calls(config);
    announce(config, http);
    systemd_notify("READY=1");
    watch(config, api, http);
    systemd_notify("STOPPING=1");
    log_line(LEVEL_INFO, "stopping; a second signal stops at once");
    http_stop(http, config->drain_seconds, process_stop_asked);
}

/* Returns 0 when it has served; 'http' is freed in any case. */
static int run(const struct config *config, struct opened *opened,
               struct http *http)
{
    struct api_config wanted = {
        .engine = config->engine,
        .limits = config->limits,
        .store = store_directory_store(opened->recipes),
        .notice = log_notice,
        .remember = ledger_add,
        .remember_self = opened->ledger,
        .helpers = config->read_ahead,
    };
    struct api *api = api_new(&wanted);
    if (api == NULL) {
        log_line(LEVEL_ERROR, "can't start: out of memory");
        http_close(http);
        return 1;
    }
    struct helpers *helpers = NULL;
    int status = credentials_give(&opened->credentials, config, api) ? 1 : 2;
    if (status == 1) {
        ledger_read(opened->ledger, remember, api);
        lock_files(config);
        if (helpers_start(api, config->read_ahead, &helpers) &&
            http_start(http, config, api)) {
            serve_until_stopped(config, api, http);
            status = 0;
        }
    }
    if (status != 0)
        http_close(http); /* before the API, which it needs */
    helpers_stop(helpers);
    api_free(api);
    return status;
}

/* Root's part: secrets are read, and folders of the user's are made. */
static bool open_as_root(const struct config *config, struct opened *opened)
{
    if (!credentials_read(&opened->credentials, config))
        return false;
    user_make_folder(&config->user, config->recipes);
    user_make_folder(&config->user, config->cache);
    return user_become(&config->user);
}

/* The user's part. */
static bool open_folders(const struct config *config, struct opened *opened)
{
    return user_may_use(&config->user, "--recipes", config->recipes) &&
           user_may_use(&config->user, "--cache", config->cache) &&
           store_directory_start(config->recipes, &opened->recipes) &&
           ledger_start(config->cache, &opened->ledger);
}

int serve(const struct config *config)
{
    struct opened opened = {0};
    struct http *http = http_open(config);
    if (http == NULL)
        return 1;
    int status = 2;
    if (open_as_root(config, &opened) && open_folders(config, &opened))
        status = run(config, &opened, http);
    else
        http_close(http);
    ledger_close(opened.ledger);
    store_directory_close(opened.recipes);
    credentials_release(&opened.credentials);
    return status;
}
