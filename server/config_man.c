/* SPDX-License-Identifier: MIT */
/* The manual page, in the macros of man(7), from the option table. */
#include "config.h"

#include "option.h"

static const char beginning[] =
    ".TH SOWD 1 \"\" \"sowd " SOW_VERSION "\" \"User Commands\"\n"
    ".SH NAME\n"
    "sowd \\- serve neural-network weights over HTTP\n"
    ".SH SYNOPSIS\n"
    ".B sowd\n"
    "[\\fIOPTION\\fR]...\n"
    ".br\n"
    ".B sowd healthcheck\n"
    "[\\fB/readyz\\fR] [\\fIOPTION\\fR]...\n"
    ".br\n"
    ".B sowd token new\n"
    "\\fINAME\\fR [\\fB\\-\\-scope read\\fR|\\fBwrite\\fR]\n"
    ".br\n"
    ".B sowd key new\n"
    ".SH DESCRIPTION\n"
    ".B sowd\n"
    "turns a shape, an initialization scheme and a seed into the weights of a\n"
    "neural network, and sends them over HTTP: the same request gives the "
    "same\n"
    "bytes on every machine.\n"
    ".PP\n"
    ".B sowd healthcheck\n"
    "asks the server that listens at\n"
    ".B \\-\\-listen\n"
    "whether it lives, or with\n"
    ".B /readyz\n"
    "whether it wants requests.\n"
    ".PP\n"
    ".B sowd token new\n"
    "writes the line of a new token for\n"
    ".B \\-\\-auth\\-tokens\\-file\n"
    "to standard output, and the token to standard error;\n"
    ".B sowd key new\n"
    "writes a key for\n"
    ".BR \\-\\-signing\\-key\\-file .\n"
    ".SH OPTIONS\n"
    "Each option is also a variable of the environment; the flag wins.\n"
    "A variable whose name begins with\n"
    ".B SOW_\n"
    "and that is none of these is an error.\n"
    "Sizes take KiB, MiB, GiB and TiB.\n";

static const char end[] =
    ".SH SIGNALS\n"
    ".TP\n"
    ".BR SIGTERM \", \" SIGINT\n"
    "Take no more connections, let requests finish for up to\n"
    ".BR \\-\\-drain\\-seconds ,\n"
    "and end.\n"
    "A second one ends at once.\n"
    ".TP\n"
    ".B SIGHUP\n"
    "Read the files of tokens again.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n"
    ".BR LISTEN_FDS \", \" LISTEN_PID\n"
    "A socket that systemd listens at already, in place of\n"
    ".BR \\-\\-listen .\n"
    ".TP\n"
    ".BR NOTIFY_SOCKET \", \" WATCHDOG_USEC \", \" WATCHDOG_PID\n"
    "Where systemd is told of the service's state, and how often.\n"
    ".SH EXIT STATUS\n"
    "0 when it was asked to end; 1 when it can't serve, or isn't well; 2 for "
    "a\n"
    "bad option.\n"
    ".SH EXAMPLES\n"
    ".EX\n"
    "sowd \\-\\-listen 0.0.0.0:8080 \\-\\-recipes /var/lib/sow\n"
    "sowd \\-\\-max\\-layers 1000 \\-\\-print\\-config >/etc/sowd.env\n"
    ".EE\n";

/* Text that is no request: hyphens that can be searched for, no escapes. */
static void put(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        switch (*text) {
        case '-':
            fputs("\\-", out);
            break;
        case '\\':
            fputs("\\e", out);
            break;
        case '\'':
            fputs("\\(aq", out);
            break;
        default:
            fputc(*text, out);
        }
}

static void put_option(FILE *out, const struct option *option)
{
    fputs(".TP\n\\fB", out);
    put(out, option->flag);
    fputs("\\fR", out);
    if (option->kind->placeholder != NULL) {
        fputs(" \\fI", out);
        put(out, option->kind->placeholder);
        fputs("\\fR", out);
    }
    fputs("\n", out);
    put(out, option->help);
    if (option->value != NULL) {
        fputs(" (", out);
        put(out, option->value);
        fputs(")", out);
    }
    if (option->variable != NULL) {
        fputs("\n.br\n", out);
        put(out, option->variable);
    }
    fputs("\n", out);
}

void config_man(FILE *out)
{
    const struct option *option;
    fputs(beginning, out);
    for (size_t i = 0; (option = option_at(i)) != NULL; i++)
        put_option(out, option);
    fputs(end, out);
}
