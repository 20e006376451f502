/* SPDX-License-Identifier: MIT */
/* The subcommands that make what the options want: tokens and keys. */
#ifndef TOOL_H
#define TOOL_H

#include <stdbool.h>

/*
 * Run the subcommand that the first of 'arguments' names, if it names one:
 *
 *     token new NAME [--scope read|write]
 *         a token, on standard error, and the line for the file of
 *         --auth-tokens-file, on standard output
 *
 *     key new
 *         an Ed25519 key in PEM for --signing-key-file, on standard output
 *
 * Returns false, with nothing done, for anything else.  'status' is the exit
 * status: 0, 1 when something failed, 2 for bad arguments, both after a line on
 * standard error.
 */
bool tool_run(char *const *arguments, int *status);

#endif
