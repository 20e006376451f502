/* SPDX-License-Identifier: MIT */
/*
 * What the process was asked to be.  Each option is one row of one table in
 * option.c; a flag beats its environment variable, which beats the default.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "address.h"
#include "api.h"
#include "log.h"
#include "user.h"

#include <stdint.h>
#include <stdio.h>

/* Rows that the option table may have. */
#define CONFIG_OPTIONS 64

/* An option's value as text, and the flag or variable it came from, or NULL
 * for the default.  Both point into the arguments or the environment. */
struct config_choice {
    const char *text;
    const char *source;
};

/*
 * Everything is filled in; nothing needs to be freed.  Texts are those of the
 * arguments or the environment.
 */
struct config {
    struct address listen;
    uint64_t threads;    /* that read requests and send answers */
    uint64_t workers;    /* that do long work */
    uint64_t read_ahead; /* that help both */
    uint64_t queue;      /* requests that may wait for long work or have it */
    uint64_t max_connections;
    uint64_t max_address_connections; /* of one address; 0: any number */
    uint64_t max_requests;            /* in flight */
    uint64_t max_seconds;             /* of work for a request; 0: any */
    uint64_t min_rate;         /* bytes per second of slow clients; 0: any */
    uint64_t max_header_bytes; /* memory for the head of a request */
    uint64_t max_upload_bytes; /* request bodies held at one time, together */
    uint64_t idle_seconds;
    uint64_t drain_seconds;
    const struct sow_engine *engine;
    struct api_limits limits;
    const char *recipes;          /* the folder of them, or NULL */
    const char *cache;            /* the folder of digests, or NULL */
    const char *auth_tokens_file; /* or NULL */
    const char *signing_key_file; /* or NULL */
    const char *tls_cert;         /* both or neither are NULL */
    const char *tls_key;
    struct user user; /* who to become */
    enum log_level log_level;
    enum log_format log_format;
    bool access_log;
    bool sandbox;
    bool print;                                   /* --print-config was given */
    struct config_choice choices[CONFIG_OPTIONS]; /* in the table's order */
};

enum config_verdict {
    CONFIG_OK,
    CONFIG_HELP,    /* --help was given; the rest has not been looked at */
    CONFIG_VERSION, /* likewise --version */
    CONFIG_MAN,     /* and --man */
    CONFIG_PRINT,   /* --print-config was given; all has been read */
    CONFIG_BAD,
};

/*
 * Read the arguments (without the program's name, ending with NULL) and the
 * SOW_... variables of 'environment' into 'config'.  With CONFIG_BAD 'error'
 * is one line that names what is wrong and the mend.
 */
enum config_verdict config_read(struct config *config, char *const *arguments,
                                char *const *environment, char error[512]);

/*
 * config_read() for main(): print what was asked for, or the error.  Returns
 * true to go on, or false to exit with 'status' (0, or 2 for an error).
 */
bool config_from_process(struct config *config, char *const *arguments,
                         int *status);

/* Write what --help says, and --man. */
void config_help(FILE *out);
void config_man(FILE *out);

/*
 * Write the options as a file of variables, such as systemd and Docker read,
 * with where each comes from.
 */
void config_print(const struct config *config, FILE *out);

/* Log every option that was set, and at debug level the defaults too. */
void config_log(const struct config *config);

#endif
