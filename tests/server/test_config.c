/* SPDX-License-Identifier: MIT */
/* The option table: where values come from, and what is refused. */
#include "config.h"
#include "process.h"
#include "rows.h"

#include <stdlib.h>
#include <string.h>

static char *const nothing[] = {NULL};

static enum config_verdict read_one(struct config *config, const char *flag,
                                    const char *value, char error[512])
{
    char *const arguments[] = {(char *)flag, (char *)value, NULL};
    return config_read(config, arguments, nothing, error);
}

START_TEST(defaults_are_the_documented_ones)
{
    struct config config;
    char error[512], where[ADDRESS_TEXT];
    ck_assert_int_eq(config_read(&config, nothing, nothing, error), CONFIG_OK);
    address_text(&config.listen, where);
    ck_assert_str_eq(where, "127.0.0.1:8080");
    ck_assert_uint_eq(config.threads, process_cpus());
    ck_assert_uint_eq(config.workers, process_cpus());
    ck_assert_uint_eq(config.read_ahead, process_helpers());
    ck_assert_uint_eq(config.max_connections, 4096);
    ck_assert_uint_eq(config.limits.max_body_bytes, 64 << 20);
    ck_assert_uint_eq(config.limits.max_layers, 200000);
    ck_assert_uint_eq(config.limits.max_json_elements, 16777216);
    ck_assert_uint_eq(config.limits.digest_max_bytes, 64 << 20);
    ck_assert_uint_eq(config.limits.digest_wait_max_bytes, 64ULL << 30);
    ck_assert_uint_eq(config.limits.cache_bytes, 1 << 30);
    ck_assert_uint_eq(config.limits.max_flops, 20000000000000);
    ck_assert_uint_eq(config.drain_seconds, 30);
    ck_assert_ptr_null(config.recipes);
    ck_assert_int_eq(config.log_level, LEVEL_INFO);
    ck_assert_ptr_nonnull(config.engine);
}
END_TEST

static const struct {
    const char *name, *argument, *variable;
    uint64_t layers;
} sources[] = {
    {"the default", NULL, NULL, 200000},
    {"a variable", NULL, "SOW_MAX_LAYERS=7", 7},
    {"a flag", "--max-layers=5", NULL, 5},
    {"a flag over a variable", "--max-layers=5", "SOW_MAX_LAYERS=7", 5},
    {"a flag over a bad variable", "--max-layers=5", "SOW_MAX_LAYERS=x", 5},
    {"other variables are none of its business", NULL, "SOWING=1", 200000},
};

START_TEST(flag_beats_variable_beats_default)
{
    char *const arguments[] = {(char *)sources[_i].argument, NULL};
    char *const environment[] = {(char *)sources[_i].variable, NULL};
    struct config config;
    char error[512] = "";
    ck_assert_msg(config_read(&config, arguments, environment, error) ==
                      CONFIG_OK,
                  "%s: refused: %s", sources[_i].name, error);
    ck_assert_msg(config.limits.max_layers == sources[_i].layers,
                  "%s: max_layers is %llu", sources[_i].name,
                  (unsigned long long)config.limits.max_layers);
}
END_TEST

START_TEST(the_last_of_two_flags_counts)
{
    char *const arguments[] = {"--queue", "3", "--queue=4", NULL};
    struct config config;
    char error[512];
    ck_assert_int_eq(config_read(&config, arguments, nothing, error),
                     CONFIG_OK);
    ck_assert_uint_eq(config.queue, 4);
}
END_TEST

static const struct {
    const char *text;
    uint64_t bytes;
} sizes[] = {
    {"0", 0},
    {"65536", 65536},
    {"512KiB", 512 << 10},
    {"64MiB", 64 << 20},
    {"2GiB", 2ULL << 30},
    {"1TiB", 1ULL << 40},
    {"8388607TiB", 8388607ULL << 40},
    {"9223372036854775807", INT64_MAX},
};

static const struct {
    const char *text;
    uint64_t flops;
} costs[] = {
    {"0", 0},
    {"5000", 5000},
    {"2e13", 20000000000000},
    {"1.5e+3", 1500},
    {"9223372036854774784", 9223372036854774784},
};

START_TEST(costs_take_powers_of_ten)
{
    struct config config;
    char error[512] = "";
    ck_assert_msg(read_one(&config, "--max-flops", costs[_i].text, error) ==
                      CONFIG_OK,
                  "%s: refused: %s", costs[_i].text, error);
    ck_assert_msg(config.limits.max_flops == costs[_i].flops,
                  "%s: read as %llu", costs[_i].text,
                  (unsigned long long)config.limits.max_flops);
}
END_TEST

START_TEST(sizes_take_binary_units)
{
    struct config config;
    char error[512] = "";
    ck_assert_msg(read_one(&config, "--max-body-bytes", sizes[_i].text,
                           error) == CONFIG_OK,
                  "%s: refused: %s", sizes[_i].text, error);
    ck_assert_msg(config.limits.max_body_bytes == sizes[_i].bytes,
                  "%s: read as %llu", sizes[_i].text,
                  (unsigned long long)config.limits.max_body_bytes);
}
END_TEST

static const struct {
    const char *flag, *value, *mend;
} bad_values[] = {
    {"--listen", "8080", "127.0.0.1:8080"},
    {"--listen", "localhost:8080", "numeric"},
    {"--listen", "127.0.0.1:65536", "numeric"},
    {"--threads", "0", "from 1 to 1024"},
    {"--threads", "-1", "from 1 to 1024"},
    {"--workers", "1025", "or cpus"},
    {"--read-ahead", "1025", "from 0 to 1024, or cpus"},
    {"--read-ahead", "off", "from 0 to 1024"},
    {"--queue", "", "whole number"},
    {"--queue", "1.5", "whole number"},
    {"--max-layers", "2147483648", "2147483647"},
    {"--max-layers", "0x10", "whole number"},
    {"--idle-seconds", "86401", "seconds"},
    {"--drain-seconds", "1m", "seconds"},
    {"--max-body-bytes", "64MB", "64MiB"},
    {"--max-flops", "", "2e13"},
    {"--max-flops", "-1", "2e13"},
    {"--max-flops", "0x10", "2e13"},
    {"--max-flops", "1e", "2e13"},
    {"--max-flops", "inf", "2e13"},
    {"--max-flops", "1e19", "below 2^63"},
    {"--max-flops", "1e9 ", "2e13"},
    {"--max-body-bytes", "64 MiB", "64MiB"},
    {"--max-body-bytes", "MiB", "64MiB"},
    {"--max-body-bytes", "+1", "64MiB"},
    {"--max-body-bytes", "8388608TiB", "below 2^63"},
    {"--digest-max-bytes", "9223372036854775808", "below 2^63"},
    {"--digest-wait-max-bytes", "99999999999999999999999", "below 2^63"},
    {"--log-level", "INFO", "error, warn, info or debug"},
    {"--log-format", "xml", "text or json"},
    {"--max-header-bytes", "8KiB", "from 16KiB to 1MiB"},
    {"--max-header-bytes", "2MiB", "from 16KiB to 1MiB"},
    {"--access-log", "yes", "on or off"},
    {"--max-connections-per-address", "-1", "from 0"},
    {"--engine", "abacus", "portable"},
    {"--cache", "", "path of a folder"},
    {"--user", "root", "not root"},
    {"--user", "no-such-user", "NAME:GROUP"},
    {"--recipes", "", "path of a folder"},
};

START_TEST(bad_values_are_named_with_the_mend)
{
    struct config config;
    const char *flag = bad_values[_i].flag, *value = bad_values[_i].value;
    char error[512] = "";
    ck_assert_msg(read_one(&config, flag, value, error) == CONFIG_BAD,
                  "%s '%s' was accepted", flag, value);
    ck_assert_msg(strstr(error, flag) && strstr(error, value) &&
                      strstr(error, bad_values[_i].mend) &&
                      !strchr(error, '\n'),
                  "%s '%s': \"%s\" should be one line with both and '%s'", flag,
                  value, error, bad_values[_i].mend);
}
END_TEST

START_TEST(a_bad_variable_is_named)
{
    char *const environment[] = {"SOW_THREADS=many", NULL};
    struct config config;
    char error[512] = "";
    ck_assert_int_eq(config_read(&config, nothing, environment, error),
                     CONFIG_BAD);
    ck_assert_str_eq(error, "SOW_THREADS is 'many'; expected a whole number "
                            "from 1 to 1024, or cpus");
}
END_TEST

static const struct {
    const char *first, *second, *named;
} bad_options[] = {
    {"--thread", "2", "--thread"},
    {"--threadsx", "2", "--threadsx"},
    {"-t", "2", "-t"},
    {"serve", NULL, "serve"},
    {"--queue", NULL, "--queue N"},
    {"--help=yes", NULL, "--help"},
};

START_TEST(bad_options_are_named)
{
    struct config config;
    char error[512] = "";
    ck_assert_msg(read_one(&config, bad_options[_i].first,
                           bad_options[_i].second, error) == CONFIG_BAD,
                  "'%s' was accepted", bad_options[_i].first);
    ck_assert_msg(strstr(error, bad_options[_i].named) != NULL,
                  "\"%s\" doesn't name %s", error, bad_options[_i].named);
}
END_TEST

START_TEST(unknown_variables_are_refused_by_name_not_value)
{
    char *const environment[] = {"PATH=/bin", "SOW_TREADS=4", NULL};
    struct config config;
    char error[512] = "";
    ck_assert_int_eq(config_read(&config, nothing, environment, error),
                     CONFIG_BAD);
    ck_assert_ptr_nonnull(strstr(error, "SOW_TREADS"));
    ck_assert_ptr_null(strstr(error, "SOW_TREADS=4"));
}
END_TEST

START_TEST(help_and_version_work_in_a_broken_environment)
{
    char *const environment[] = {"SOW_TREADS=4", NULL};
    char *const help[] = {"--help", "--nonsense", NULL};
    char *const version[] = {"--version", NULL};
    struct config config;
    char error[512];
    ck_assert_int_eq(config_read(&config, help, environment, error),
                     CONFIG_HELP);
    ck_assert_int_eq(config_read(&config, version, environment, error),
                     CONFIG_VERSION);
}
END_TEST

static const char *const flags[] = {
    "--listen",
    "--threads",
    "--workers",
    "--queue",
    "--max-connections",
    "--idle-seconds",
    "--drain-seconds",
    "--engine",
    "--max-body-bytes",
    "--max-layers",
    "--max-json-elements",
    "--digest-max-bytes",
    "--log-level",
    "--digest-wait-max-bytes",
    "--max-upload-bytes",
    "--cache",
    "--recipes",
    "--max-connections-per-address",
    "--max-requests",
    "--max-seconds",
    "--min-rate",
    "--max-answer-bytes",
    "--max-header-bytes",
    "--log-format",
    "--access-log",
    "--user",
    "--sandbox",
    "--print-config",
    "--man",
    "--help",
    "--version",
};

START_TEST(help_names_every_option)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    config_help(out);
    fclose(out);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        ck_assert_msg(strstr(text, flags[i]) != NULL, "%s is missing:\n%s",
                      flags[i], text);
    free(text);
}
END_TEST

Suite *config_suite(void);
Suite *config_suite(void)
{
    Suite *suite = suite_create("server/config");
    TCase *tests = tcase_create("config");
    tcase_add_test(tests, defaults_are_the_documented_ones);
    tcase_add_rows(tests, flag_beats_variable_beats_default, sources);
    tcase_add_test(tests, the_last_of_two_flags_counts);
    tcase_add_rows(tests, sizes_take_binary_units, sizes);
    tcase_add_rows(tests, costs_take_powers_of_ten, costs);
    tcase_add_rows(tests, bad_values_are_named_with_the_mend, bad_values);
    tcase_add_test(tests, a_bad_variable_is_named);
    tcase_add_rows(tests, bad_options_are_named, bad_options);
    tcase_add_test(tests, unknown_variables_are_refused_by_name_not_value);
    tcase_add_test(tests, help_and_version_work_in_a_broken_environment);
    tcase_add_test(tests, help_names_every_option);
    suite_add_tcase(suite, tests);
    return suite;
}
