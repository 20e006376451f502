/* SPDX-License-Identifier: MIT */
/*
 * The option table: what 'struct config' is filled from.  Parsing, the
 * environment, --help, the manual page and the log at start all walk it, so
 * that a new option is one row of it and one field of 'struct config'.
 */
#ifndef OPTION_H
#define OPTION_H

#include "config.h"

/* Room for what a kind expects. */
#define OPTION_EXPECTED 160

/*
 * A kind of value.  'parse' reads 'text' into the field; on failure it
 * returns false and writes what it expects, to follow "expected ".
 */
struct option_kind {
    bool (*parse)(const char *text, void *field,
                  char expected[OPTION_EXPECTED]);
    const char *placeholder; /* in --help; NULL for a flag without a value */
    enum config_verdict verdict; /* of such a flag */
};

extern const struct option_kind address_kind, threads_kind, helpers_kind,
    count_kind, number_kind, seconds_kind, size_kind, head_kind, large_kind,
    folder_kind, file_kind, user_kind, level_kind, format_kind, switch_kind,
    engine_kind;

struct option {
    const char *flag;
    const char *variable; /* NULL: a flag alone */
    const struct option_kind *kind;
    size_t offset;     /* of the field in 'struct config' */
    const char *value; /* the default; NULL for none */
    const char *help;  /* a few words, for one line */
};

/* Row 'i' of the table, or NULL past the last. */
const struct option *option_at(size_t i);

#endif
