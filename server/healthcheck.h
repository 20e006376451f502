/* SPDX-License-Identifier: MIT */
/* The subcommand "sowd healthcheck": is the server on this machine well? */
#ifndef HEALTHCHECK_H
#define HEALTHCHECK_H

/*
 * Ask GET /healthz, or /readyz when that is the first argument, of the server
 * at --listen (or SOW_LISTEN).  'arguments' are those after the subcommand.
 * Returns the exit status: 0 when the answer is 200, 1 with a line on stderr
 * when it is not, 2 for a bad option.
 */
int healthcheck(char *const *arguments);

#endif
