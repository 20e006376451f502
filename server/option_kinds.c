/* SPDX-License-Identifier: MIT */
/* How the text of an option is read, by kind. */
#include "option.h"

#include "process.h"

#include <stdlib.h>
#include <string.h>

static bool refuse(char *expected, const char *what)
{
    snprintf(expected, OPTION_EXPECTED, "%s", what);
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

static bool parse_helpers(const char *text, void *field, char *expected)
{
    if (strcmp(text, "cpus") == 0) {
        *(uint64_t *)field = process_helpers();
        return true;
    }
    return parse_whole(text, 0, 1024, field) ||
           refuse(expected, "a whole number from 0 to 1024, or cpus");
}

static bool parse_count(const char *text, void *field, char *expected)
{
    return parse_whole(text, 1, INT32_MAX, field) ||
           refuse(expected, "a whole number from 1 to 2147483647");
}

static bool parse_number(const char *text, void *field, char *expected)
{
    return parse_whole(text, 0, INT32_MAX, field) ||
           refuse(expected, "a whole number from 0 to 2147483647");
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

/* Our own limit of a target, 8 KiB, has to come first. */
static bool parse_head(const char *text, void *field, char *expected)
{
    uint64_t value;
    if (!parse_size(text, &value, expected) || value < 16 << 10 ||
        value > 1 << 20)
        return refuse(expected, "a size from 16KiB to 1MiB");
    *(uint64_t *)field = value;
    return true;
}

/* A count that may be large, and is a power of ten as likely as not. */
static bool parse_large(const char *text, void *field, char *expected)
{
    char *rest;
    double value = strtod(text, &rest);
    if (text[strspn(text, "0123456789.e+")] != '\0' || rest == text ||
        *rest != '\0' || !(value >= 0 && value < 0x1p63))
        return refuse(expected, "a number below 2^63, such as "
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

static bool parse_file(const char *text, void *field, char *expected)
{
    if (*text == '\0')
        return refuse(expected, "the path of a file");
    *(const char **)field = text;
    return true;
}

static bool parse_user(const char *text, void *field, char *expected)
{
    return user_find(text, field) ||
           refuse(expected, "NAME or NAME:GROUP, or their numbers, that this "
                            "machine knows; not root");
}

static bool parse_level(const char *text, void *field, char *expected)
{
    return log_level_find(text, field) ||
           refuse(expected, "error, warn, info or debug");
}

static bool parse_format(const char *text, void *field, char *expected)
{
    return log_format_find(text, field) || refuse(expected, "text or json");
}

static bool parse_switch(const char *text, void *field, char *expected)
{
    *(bool *)field = strcmp(text, "on") == 0;
    return *(bool *)field || strcmp(text, "off") == 0 ||
           refuse(expected, "on or off");
}

static bool parse_engine(const char *text, void *field, char *expected)
{
    const char *name = strcmp(text, "auto") == 0 ? NULL : text;
    if (sow_engine_choose(name, field) == SOW_OK)
        return true;
    refuse(expected, "auto, or one of these that this CPU can run:");
    for (size_t i = 0; (name = sow_engine_at(i)) != NULL; i++) {
        const struct sow_engine *here;
        size_t n = strlen(expected);
        if (sow_engine_choose(name, &here) == SOW_OK)
            snprintf(expected + n, OPTION_EXPECTED - n, " %s", name);
    }
    return false;
}

const struct option_kind address_kind = {parse_address, "ADDRESS:PORT", 0};
const struct option_kind threads_kind = {parse_threads, "N|cpus", 0};
const struct option_kind helpers_kind = {parse_helpers, "N|cpus", 0};
const struct option_kind count_kind = {parse_count, "N", 0};
const struct option_kind number_kind = {parse_number, "N", 0};
const struct option_kind seconds_kind = {parse_seconds, "SECONDS", 0};
const struct option_kind size_kind = {parse_size, "SIZE", 0};
const struct option_kind head_kind = {parse_head, "SIZE", 0};
const struct option_kind large_kind = {parse_large, "N", 0};
const struct option_kind folder_kind = {parse_folder, "DIR", 0};
const struct option_kind file_kind = {parse_file, "FILE", 0};
const struct option_kind user_kind = {parse_user, "NAME[:GROUP]", 0};
const struct option_kind level_kind = {parse_level, "LEVEL", 0};
const struct option_kind format_kind = {parse_format, "text|json", 0};
const struct option_kind switch_kind = {parse_switch, "on|off", 0};
const struct option_kind engine_kind = {parse_engine, "NAME", 0};
