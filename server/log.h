/* SPDX-License-Identifier: MIT */
/*
 * The log: one line an event, on standard error, for people or for programs.
 *
 *     2026-01-31T12:00:00.123Z info  stopping: 3 connections to finish
 *     {"ts":"2026-01-31T12:00:00.123Z","level":"info","msg":"stopping: …"}
 *
 * An event may have fields, name=value or members.  What a client sent can't
 * forge a line or drive a terminal: every byte that is not printable ASCII is
 * written as \xNN, or in JSON as \u00NN.  Any thread may log; a line is one
 * write(2), so lines never mix.  Nobody waits for who reads the log: when a
 * pipe is full, lines are left out, and their number is told later.
 */
#ifndef LOG_H
#define LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum log_level { LEVEL_ERROR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

/* Find a level by its name: "error", "warn", "info" or "debug". */
bool log_level_find(const char *name, enum log_level *level);

/* Find a format: "text" or "json". */
bool log_format_find(const char *name, enum log_format *format);

/*
 * Leave out what is less important than 'level'; LEVEL_INFO until called.
 * Call it, and the other, before there are other threads.
 */
void log_set_level(enum log_level level);

/* LOG_TEXT until called. */
void log_set_format(enum log_format format);

/* Whether a line of that level would be written. */
bool log_writes(enum log_level level);

/*
 * Write a line, from a printf format without a final newline.  Text past
 * 1,023 bytes is cut.
 */
void log_line(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A line at LEVEL_INFO, of text as it is. */
void log_notice(const char *text);

/* log_line(), as vprintf() is to printf(). */
void log_vline(enum log_level level, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* A field: a text, of which 512 bytes are written, or a number for NULL. */
struct log_field {
    const char *name;
    const char *text;
    double number;
};

/* Write an event with 'count' fields; a text that is empty is left out. */
void log_event(enum log_level level, const char *message,
               const struct log_field *fields, size_t count);

#endif
