/* SPDX-License-Identifier: MIT */
/* Lines on standard error, escaped. */
#include "log.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Text before it is escaped; each byte of it may become six. */
#define TEXT_BYTES 1024
#define FIELD_BYTES 512
#define LINE_BYTES 16384

/* A line as it grows; what has no room is left out. */
struct line {
    size_t size;
    char bytes[LINE_BYTES];
};

static const char *const names[] = {
    [LEVEL_ERROR] = "error",
    [LEVEL_WARN] = "warn",
    [LEVEL_INFO] = "info",
    [LEVEL_DEBUG] = "debug",
};

static const char *const formats[] = {
    [LOG_TEXT] = "text",
    [LOG_JSON] = "json",
};

static enum log_level threshold = LEVEL_INFO;
static enum log_format layout = LOG_TEXT;
static atomic_uint_least64_t dropped;

/* The place of 'name' in a list of 'count', or 'count'. */
static size_t find(const char *const *list, size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && strcmp(name, list[i]) != 0)
        i++;
    return i;
}

bool log_level_find(const char *name, enum log_level *level)
{
    size_t count = sizeof names / sizeof *names;
    size_t i = find(names, count, name);
    if (i < count)
        *level = (enum log_level)i;
    return i < count;
}

bool log_format_find(const char *name, enum log_format *format)
{
    size_t count = sizeof formats / sizeof *formats;
    size_t i = find(formats, count, name);
    if (i < count)
        *format = (enum log_format)i;
    return i < count;
}

void log_set_level(enum log_level level)
{
    threshold = level;
}

void log_set_format(enum log_format format)
{
    layout = format;
}

bool log_writes(enum log_level level)
{
    return level <= threshold;
}

/* Room for a line's end is always left. */
static void put(struct line *line, const char *bytes, size_t n)
{
    if (n > LINE_BYTES - 8 - line->size)
        return;
    memcpy(line->bytes + line->size, bytes, n);
    line->size += n;
}

static void put_text(struct line *line, const char *text)
{
    put(line, text, strlen(text));
}

/* Escape one byte; 'quotes' escapes what ends a quoted text, too. */
static void put_byte(struct line *line, unsigned char byte, bool quotes)
{
    static const char hex[] = "0123456789abcdef";
    char out[6] = {(char)byte};
    if (byte >= 0x20 && byte < 0x7f &&
        !(quotes && (byte == '"' || byte == '\\'))) {
        put(line, out, 1);
        return;
    }
    if (layout == LOG_JSON)
        memcpy(out, (char[6]){'\\', 'u', '0', '0'}, 4);
    else
        memcpy(out, (char[2]){'\\', 'x'}, 2);
    size_t n = layout == LOG_JSON ? 4 : 2;
    out[n++] = hex[byte >> 4];
    out[n++] = hex[byte & 15];
    put(line, out, n);
}

static void put_escaped(struct line *line, const char *text, size_t most,
                        bool quotes)
{
    for (size_t i = 0; i < most && text[i] != '\0'; i++)
        put_byte(line, (unsigned char)text[i], quotes);
}

static void put_quoted(struct line *line, const char *text, size_t most)
{
    put_text(line, "\"");
    put_escaped(line, text, most, true);
    put_text(line, "\"");
}

/* The UTC time, to milliseconds. */
static void put_time(struct line *line)
{
    struct timespec now;
    struct tm utc;
    char day[32], text[64];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text, sizeof text, "%s.%03ldZ", day, now.tv_nsec / 1000000);
    put_text(line, text);
}

/* What stands before the fields. */
static void put_head(struct line *line, enum log_level level,
                     const char *message)
{
    char name[16];
    if (layout == LOG_JSON)
        put_text(line, "{\"ts\":\"");
    put_time(line);
    if (layout == LOG_TEXT) {
        snprintf(name, sizeof name, " %-5s ", names[level]);
        put_text(line, name);
        put_escaped(line, message, TEXT_BYTES, false);
        return;
    }
    put_text(line, "\",\"level\":\"");
    put_text(line, names[level]);
    put_text(line, "\",\"msg\":");
    put_quoted(line, message, TEXT_BYTES);
}

static void put_field(struct line *line, const struct log_field *field)
{
    bool json = layout == LOG_JSON;
    char number[32];
    put_text(line, json ? ",\"" : " ");
    put_text(line, field->name);
    put_text(line, json ? "\":" : "=");
    if (field->text == NULL) {
        snprintf(number, sizeof number, "%.10g", field->number);
        put_text(line, number);
    } else if (json || strpbrk(field->text, " \"=\\") != NULL)
        put_quoted(line, field->text, FIELD_BYTES);
    else
        put_escaped(line, field->text, FIELD_BYTES, false);
}

/* Write a line unless that would have to wait; returns whether it is out. */
static bool write_out(const struct line *line)
{
    struct pollfd log = {.fd = STDERR_FILENO, .events = POLLOUT};
    if (poll(&log, 1, 0) == 0)
        return false;
    return write(STDERR_FILENO, line->bytes, line->size) >= 0 ||
           errno != EAGAIN;
}

/* Returns whether it is out. */
static bool write_line(enum log_level level, const char *message,
                       const struct log_field *fields, size_t count)
{
    struct line line;
    line.size = 0;
    put_head(&line, level, message);
    for (size_t i = 0; i < count; i++)
        if (fields[i].text == NULL || fields[i].text[0] != '\0')
            put_field(&line, &fields[i]);
    if (layout == LOG_JSON)
        put_text(&line, "}");
    line.bytes[line.size++] = '\n';
    return write_out(&line);
}

/* Tell of lines that were left out, if there is room again. */
static void tell_dropped(void)
{
    if (atomic_load_explicit(&dropped, memory_order_relaxed) == 0)
        return;
    uint_least64_t lines = atomic_exchange(&dropped, 0);
    struct log_field field = {.name = "lines", .number = (double)lines};
    if (lines > 0 &&
        !write_line(LEVEL_WARN, "nobody read the log in time", &field, 1))
        atomic_fetch_add(&dropped, lines);
}

void log_event(enum log_level level, const char *message,
               const struct log_field *fields, size_t count)
{
    if (!log_writes(level))
        return;
    tell_dropped();
    if (!write_line(level, message, fields, count))
        atomic_fetch_add(&dropped, 1);
}

void log_vline(enum log_level level, const char *format, va_list arguments)
{
    char text[TEXT_BYTES];
    if (!log_writes(level) ||
        vsnprintf(text, sizeof text, format, arguments) < 0)
        return;
    log_event(level, text, NULL, 0);
}

void log_notice(const char *text)
{
    log_event(LEVEL_INFO, text, NULL, 0);
}

void log_line(enum log_level level, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_vline(level, format, arguments);
    va_end(arguments);
}
