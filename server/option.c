/* SPDX-License-Identifier: MIT */
/* The options themselves. */
#include "option.h"

static const struct option_kind help_kind = {NULL, NULL, CONFIG_HELP};
static const struct option_kind version_kind = {NULL, NULL, CONFIG_VERSION};
static const struct option_kind man_kind = {NULL, NULL, CONFIG_MAN};
static const struct option_kind print_kind = {NULL, NULL, CONFIG_PRINT};

#define FIELD(name) offsetof(struct config, name)

/* clang-format off */
static const struct option options[] = {
    {"--listen", "SOW_LISTEN", &address_kind, FIELD(listen),
     "127.0.0.1:8080", "where to listen; port 0: any free one"},
    {"--threads", "SOW_THREADS", &threads_kind, FIELD(threads),
     "cpus", "threads that read requests and send answers"},
    {"--workers", "SOW_WORKERS", &threads_kind, FIELD(workers),
     "cpus", "threads for digests and other long work"},
    {"--read-ahead", "SOW_READ_AHEAD", &helpers_kind, FIELD(read_ahead),
     "cpus", "threads that make large bodies ahead on idle CPUs; 0: none"},
    {"--queue", "SOW_QUEUE", &count_kind, FIELD(queue),
     "256", "requests in long work or waiting for it; more get 429"},
    {"--max-connections", "SOW_MAX_CONNECTIONS", &count_kind,
     FIELD(max_connections), "4096", "open connections; more get 429"},
    {"--max-connections-per-address", "SOW_MAX_CONNECTIONS_PER_ADDRESS",
     &number_kind, FIELD(max_address_connections), "0",
     "those of one client's address; 0: no limit"},
    {"--max-requests", "SOW_MAX_REQUESTS", &count_kind, FIELD(max_requests),
     "4096", "requests in flight; more get 429"},
    {"--max-seconds", "SOW_MAX_SECONDS", &seconds_kind, FIELD(max_seconds),
     "3600", "work for a request before its answer; 0: no limit"},
    {"--min-rate", "SOW_MIN_RATE", &size_kind, FIELD(min_rate),
     "256", "bytes per second; slower clients are cut off; 0: none"},
    {"--idle-seconds", "SOW_IDLE_SECONDS", &seconds_kind, FIELD(idle_seconds),
     "60", "close a connection that is silent for so long; 0: never"},
    {"--drain-seconds", "SOW_DRAIN_SECONDS", &seconds_kind,
     FIELD(drain_seconds), "30", "on SIGTERM, let requests finish for so long"},
    {"--engine", "SOW_ENGINE", &engine_kind, FIELD(engine),
     "auto", "what computes; auto: the fastest this CPU runs"},
    {"--max-body-bytes", "SOW_MAX_BODY_BYTES", &size_kind,
     FIELD(limits.max_body_bytes), "64MiB", "size of a request's body"},
    {"--max-upload-bytes", "SOW_MAX_UPLOAD_BYTES", &size_kind,
     FIELD(max_upload_bytes), "1GiB", "size of all bodies held at one time"},
    {"--max-layers", "SOW_MAX_LAYERS", &count_kind, FIELD(limits.max_layers),
     "200000", "tensors in a request"},
    {"--max-elements", "SOW_MAX_ELEMENTS", &large_kind,
     FIELD(limits.max_elements), "0", "their elements together; 0: any"},
    {"--max-json-elements", "SOW_MAX_JSON_ELEMENTS", &count_kind,
     FIELD(limits.max_json_elements), "16777216", "numbers in a JSON answer"},
    {"--max-answer-bytes", "SOW_MAX_ANSWER_BYTES", &size_kind,
     FIELD(limits.max_answer_bytes), "0",
     "size of an answer's body, or the part of it asked for; 0: any"},
    {"--max-header-bytes", "SOW_MAX_HEADER_BYTES", &head_kind,
     FIELD(max_header_bytes), "32KiB", "memory for the head of a request"},
    {"--digest-max-bytes", "SOW_DIGEST_MAX_BYTES", &size_kind,
     FIELD(limits.digest_max_bytes), "64MiB",
     "largest tensor that digest=auto hashes"},
    {"--digest-wait-max-bytes", "SOW_DIGEST_WAIT_MAX_BYTES", &size_kind,
     FIELD(limits.digest_wait_max_bytes), "64GiB",
     "largest tensor that digest=wait hashes"},
    {"--cache-bytes", "SOW_CACHE_BYTES", &size_kind, FIELD(limits.cache_bytes),
     "1GiB", "memory for matrices that are made as a whole"},
    {"--max-flops", "SOW_MAX_FLOPS", &large_kind, FIELD(limits.max_flops),
     "2e13", "what making them may cost in a request"},
    {"--recipes", "SOW_RECIPES", &folder_kind, FIELD(recipes),
     NULL, "where users' recipes are kept; made if its parent is there"},
    {"--cache", "SOW_CACHE", &folder_kind, FIELD(cache),
     NULL, "where digests are kept for the next start; likewise made"},
    {"--tls-cert", "SOW_TLS_CERT", &file_kind, FIELD(tls_cert),
     NULL, "serve HTTPS: the certificate, and those it hangs on, in PEM"},
    {"--tls-key", "SOW_TLS_KEY", &file_kind, FIELD(tls_key),
     NULL, "the certificate's private key, in PEM"},
    {"--auth-tokens-file", "SOW_AUTH_TOKENS_FILE", &file_kind,
     FIELD(auth_tokens_file), NULL,
     "answer only with one of its tokens; 'sowd token new'"},
    {"--signing-key-file", "SOW_SIGNING_KEY_FILE", &file_kind,
     FIELD(signing_key_file), NULL,
     "sign answers with its key; 'sowd key new'"},
    {"--user", "SOW_USER", &user_kind, FIELD(user),
     NULL, "started as root: who to become, when it listens, for good"},
    {"--sandbox", "SOW_SANDBOX", &switch_kind, FIELD(sandbox),
     "on", "give up files and system calls that serving doesn't take"},
    {"--log-level", "SOW_LOG_LEVEL", &level_kind, FIELD(log_level),
     "info", "error, warn, info or debug"},
    {"--log-format", "SOW_LOG_FORMAT", &format_kind, FIELD(log_format),
     "text", "lines for people, or JSON for programs"},
    {"--access-log", "SOW_ACCESS_LOG", &switch_kind, FIELD(access_log),
     "on", "log requests, at level info; health and metrics at debug"},
    {"--print-config", NULL, &print_kind, 0, NULL,
     "print all options as a file of variables and exit"},
    {"--man", NULL, &man_kind, 0, NULL, "print the manual page and exit"},
    {"--help", NULL, &help_kind, 0, NULL, "print this and exit"},
    {"--version", NULL, &version_kind, 0, NULL, "print the version and exit"},
};
/* clang-format on */

#define OPTIONS (sizeof options / sizeof options[0])

_Static_assert(OPTIONS <= CONFIG_OPTIONS, "room for a choice of each option");

const struct option *option_at(size_t i)
{
    return i < OPTIONS ? &options[i] : NULL;
}
