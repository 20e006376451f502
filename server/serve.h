/* SPDX-License-Identifier: MIT */
/* The daemon's life between its configuration and its end. */
#ifndef SERVE_H
#define SERVE_H

#include "config.h"

/*
 * Open the folders, start the API and the HTTP server, wait for a signal, and
 * stop.  Returns the process's exit status; what failed has been logged.
 */
int serve(const struct config *config);

#endif
