/* SPDX-License-Identifier: MIT */
/* The option table, and the few functions that walk it. */
#include "config.h"

#include "process.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPECTED_BYTES 160

/*
 * A kind of value.  'parse' reads 'text' into the field; on failure it
 * returns false and writes what it expects, to follow "expected ".
 */
struct kind {
    bool (*parse)(const char *text, void *field, char *expected);
    const char *placeholder; /* in --help; NULL for a flag without a value */
    enum config_verdict verdict;
};

struct option {
    const char *flag;
    const char *variable; /* NULL: a flag alone */
    const struct kind *kind;
    size_t offset;     /* of the field in 'struct config' */
    const char *value; /* the default */
    const char *help;
};

static bool refuse(char *expected, const char *what)
{
    snprintf(expected, EXPECTED_BYTES, "%s", what);
    return false;
}

/* Read digits alone, up to 'most'; 'rest' is what follows them. */
static bool parse_digits(const char *text, uint64_t most, uint64_t *value,
                         const char **rest)
{
    uint64_t sum = 0;
    const char *digit = text;
    for (; *digit >= '0' && *digit <= '9'; digit++) {
        uint64_t next = (uint64_t)(*digit - '0');
        if (sum > (most - next) / 10)
            return false;
        sum = sum * 10 + next;
    }
    *value = sum;
    *rest = digit;
    return digit != text;
}

static bool parse_whole(const char *text, uint64_t least, uint64_t most,
                        uint64_t *field)
{
    uint64_t value;
    const char *rest;
    if (!parse_digits(text, most, &value, &rest) || *rest != '\0' ||
        value < least)
        return false;
    *field = value;
    return true;
}

static bool parse_address(const char *text, void *field, char *expected)
{
    return address_parse(text, field) ||
           refuse(expected, "a numeric address and a port, such as "
                            "127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080");
}

static bool parse_threads(const char *text, void *field, char *expected)
{
    if (strcmp(text, "cpus") == 0) {
        *(uint64_t *)field = process_cpus();
        return true;
    }
    return parse_whole(text, 1, 1024, field) ||
           refuse(expected, "a whole number from 1 to 1024, or cpus");
}

static bool parse_count(const char *text, void *field, char *expected)
{
    return parse_whole(text, 1, INT32_MAX, field) ||
           refuse(expected, "a whole number from 1 to 2147483647");
}

static bool parse_seconds(const char *text, void *field, char *expected)
{
    return parse_whole(text, 0, 86400, field) ||
           refuse(expected, "a whole number of seconds from 0 to 86400");
}

static bool parse_size(const char *text, void *field, char *expected)
{
    static const char *const units[] = {"", "KiB", "MiB", "GiB", "TiB"};
    uint64_t value;
    const char *rest;
    if (parse_digits(text, INT64_MAX, &value, &rest))
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
            if (strcmp(rest, units[i]) == 0 &&
                value <= (uint64_t)INT64_MAX >> 10 * i) {
                *(uint64_t *)field = value << 10 * i;
                return true;
            }
    return refuse(expected, "a number of bytes below 2^63, such as 65536, "
                            "512KiB, 64MiB, 2GiB or 1TiB");
}

/* A count that may be large, and is a power of ten as likely as not. */
static bool parse_flops(const char *text, void *field, char *expected)
{
    char *rest;
    double value = strtod(text, &rest);
    if (text[strspn(text, "0123456789.e+")] != '\0' || rest == text ||
        *rest != '\0' || !(value >= 0 && value < 0x1p63))
        return refuse(expected, "a number of operations below 2^63, such as "
                                "20000000000 or 2e13");
    *(uint64_t *)field = (uint64_t)value;
    return true;
}

static bool parse_folder(const char *text, void *field, char *expected)
{
    if (*text == '\0')
        return refuse(expected, "the path of a folder");
    *(const char **)field = text;
    return true;
}

static bool parse_level(const char *text, void *field, char *expected)
{
    return log_level_find(text, field) ||
           refuse(expected, "error, warn, info or debug");
}

static bool parse_engine(const char *text, void *field, char *expected)
{
    const char *name = strcmp(text, "auto") == 0 ? NULL : text;
    if (sow_engine_choose(name, field) == SOW_OK)
        return true;
    refuse(expected, "auto, or one of these that this CPU can run:");
    for (size_t i = 0; (name = sow_engine_at(i)) != NULL; i++) {
        size_t n = strlen(expected);
        snprintf(expected + n, EXPECTED_BYTES - n, " %s", name);
    }
    return false;
}

static const struct kind address_kind = {parse_address, "ADDRESS:PORT", 0};
static const struct kind threads_kind = {parse_threads, "N|cpus", 0};
static const struct kind count_kind = {parse_count, "N", 0};
static const struct kind seconds_kind = {parse_seconds, "SECONDS", 0};
static const struct kind size_kind = {parse_size, "SIZE", 0};
static const struct kind flops_kind = {parse_flops, "N", 0};
static const struct kind folder_kind = {parse_folder, "DIR", 0};
static const struct kind level_kind = {parse_level, "LEVEL", 0};
static const struct kind engine_kind = {parse_engine, "NAME", 0};
static const struct kind help_kind = {NULL, NULL, CONFIG_HELP};
static const struct kind version_kind = {NULL, NULL, CONFIG_VERSION};

#define FIELD(name) offsetof(struct config, name)

/* clang-format off */
static const struct option options[] = {
    {"--listen", "SOW_LISTEN", &address_kind, FIELD(listen),
     "127.0.0.1:8080", "where to listen; port 0: any free one"},
    {"--threads", "SOW_THREADS", &threads_kind, FIELD(threads),
     "cpus", "threads that read requests and send answers"},
    {"--workers", "SOW_WORKERS", &threads_kind, FIELD(workers),
     "cpus", "threads for digests and other long work"},
    {"--queue", "SOW_QUEUE", &count_kind, FIELD(queue),
     "256", "requests in long work or waiting for it; more get 429"},
    {"--max-connections", "SOW_MAX_CONNECTIONS", &count_kind,
     FIELD(max_connections), "4096", "open connections"},
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
    {"--max-json-elements", "SOW_MAX_JSON_ELEMENTS", &count_kind,
     FIELD(limits.max_json_elements), "16777216", "numbers in a JSON answer"},
    {"--digest-max-bytes", "SOW_DIGEST_MAX_BYTES", &size_kind,
     FIELD(limits.digest_max_bytes), "64MiB",
     "largest tensor that digest=auto hashes"},
    {"--digest-wait-max-bytes", "SOW_DIGEST_WAIT_MAX_BYTES", &size_kind,
     FIELD(limits.digest_wait_max_bytes), "64GiB",
     "largest tensor that digest=wait hashes"},
    {"--cache-bytes", "SOW_CACHE_BYTES", &size_kind, FIELD(limits.cache_bytes),
     "1GiB", "memory for matrices that are made as a whole"},
    {"--max-flops", "SOW_MAX_FLOPS", &flops_kind, FIELD(limits.max_flops),
     "2e13", "what making them may cost in a request"},
    {"--recipes", "SOW_RECIPES", &folder_kind, FIELD(recipes),
     NULL, "where users' recipes are kept; made if its parent is there"},
    {"--cache", "SOW_CACHE", &folder_kind, FIELD(cache),
     NULL, "where digests are kept for the next start; likewise made"},
    {"--log-level", "SOW_LOG_LEVEL", &level_kind, FIELD(log_level),
     "info", "error, warn, info or debug"},
    {"--help", NULL, &help_kind, 0, NULL, "print this and exit"},
    {"--version", NULL, &version_kind, 0, NULL, "print the version and exit"},
};
/* clang-format on */

_Static_assert(sizeof options / sizeof *options == CONFIG_OPTIONS,
               "a choice for each option");

/*
 * Whether 'word' is 'name' alone or "name=value".  'value' is set to the
 * value, or to NULL.
 */
static bool names(const char *word, const char *name, const char **value)
{
    size_t n = strlen(name);
    if (strncmp(word, name, n) != 0 || (word[n] != '\0' && word[n] != '='))
        return false;
    *value = word[n] == '=' ? word + n + 1 : NULL;
    return true;
}

/* Take one argument, and the next if it is its value. */
static enum config_verdict read_argument(struct config *config,
                                         char *const **next, char *error)
{
    const char *word = *(*next)++, *value;
    size_t i = 0;
    while (i < CONFIG_OPTIONS && !names(word, options[i].flag, &value))
        i++;
    if (i == CONFIG_OPTIONS) {
        snprintf(error, 512, "unknown option '%.80s'; see sowd --help", word);
        return CONFIG_BAD;
    }
    if (options[i].kind->placeholder == NULL && value == NULL)
        return options[i].kind->verdict;
    if (options[i].kind->placeholder == NULL) {
        snprintf(error, 512, "%s takes no value", options[i].flag);
        return CONFIG_BAD;
    }
    if (value == NULL && **next != NULL)
        value = *(*next)++;
    if (value == NULL) {
        snprintf(error, 512, "%s needs a value: %s %s", options[i].flag,
                 options[i].flag, options[i].kind->placeholder);
        return CONFIG_BAD;
    }
    config->choices[i] = (struct config_choice){value, options[i].flag};
    return CONFIG_OK;
}

/* Take a variable, unless a flag was there first. */
static enum config_verdict read_variable(struct config *config,
                                         const char *word, char *error)
{
    const char *value;
    if (strncmp(word, "SOW_", 4) != 0)
        return CONFIG_OK;
    for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
        const char *variable = options[i].variable;
        if (variable == NULL || !names(word, variable, &value))
            continue;
        if (config->choices[i].source == NULL && value != NULL)
            config->choices[i] = (struct config_choice){value, variable};
        return CONFIG_OK;
    }
    size_t n = strcspn(word, "=");
    snprintf(error, 512,
             "unknown variable %.*s in the environment; unset it, or see "
             "sowd --help",
             n < 80 ? (int)n : 80, word);
    return CONFIG_BAD;
}

/* Turn the chosen texts into values. */
static enum config_verdict parse_all(struct config *config, char *error)
{
    char expected[EXPECTED_BYTES];
    for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
        const struct config_choice *choice = &config->choices[i];
        void *field = (char *)config + options[i].offset;
        if (choice->text == NULL ||
            options[i].kind->parse(choice->text, field, expected))
            continue;
        snprintf(error, 512, "%s is '%.80s'; expected %s",
                 choice->source == NULL ? options[i].flag : choice->source,
                 choice->text, expected);
        return CONFIG_BAD;
    }
    return CONFIG_OK;
}

enum config_verdict config_read(struct config *config, char *const *arguments,
                                char *const *environment, char error[512])
{
    enum config_verdict verdict = CONFIG_OK;
    *config = (struct config){0};
    for (size_t i = 0; i < CONFIG_OPTIONS; i++)
        config->choices[i].text = options[i].value;
    while (*arguments != NULL && verdict == CONFIG_OK)
        verdict = read_argument(config, &arguments, error);
    while (*environment != NULL && verdict == CONFIG_OK)
        verdict = read_variable(config, *environment++, error);
    return verdict == CONFIG_OK ? parse_all(config, error) : verdict;
}

bool config_from_process(struct config *config, char *const *arguments,
                         int *status)
{
    char error[512];
    switch (config_read(config, arguments, environ, error)) {
    case CONFIG_OK:
        return true;
    case CONFIG_HELP:
        config_help(stdout);
        break;
    case CONFIG_VERSION:
        puts("sowd " SOW_VERSION);
        break;
    case CONFIG_BAD:
        fprintf(stderr, "sowd: %s\n", error);
        *status = 2;
        return false;
    }
    *status = 0;
    return false;
}

void config_help(FILE *out)
{
    fputs("Usage: sowd [OPTION]...\n"
          "       sowd healthcheck [/readyz] [OPTION]...\n\n"
          "Serve neural-network weights over HTTP.  Each option is also a\n"
          "variable: --max-layers 9 is SOW_MAX_LAYERS=9; the flag wins.\n"
          "healthcheck asks the server at --listen and exits 0 or 1.\n\n",
          out);
    for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
        const struct option *option = &options[i];
        const char *placeholder = option->kind->placeholder;
        int n = fprintf(out, "  %s %s", option->flag,
                        placeholder == NULL ? "" : placeholder);
        fprintf(out, "%*s%s", n < 34 ? 34 - n : 1, "", option->help);
        fprintf(out, option->value == NULL ? "\n" : " (%s)\n", option->value);
    }
}

void config_log(const struct config *config)
{
    for (size_t i = 0; i < CONFIG_OPTIONS; i++) {
        const struct config_choice *choice = &config->choices[i];
        if (choice->source != NULL)
            log_line(LEVEL_INFO, "%s %s (from %s)", options[i].flag,
                     choice->text, choice->source);
        else if (choice->text != NULL)
            log_line(LEVEL_DEBUG, "%s %s (default)", options[i].flag,
                     choice->text);
    }
}
