/* SPDX-License-Identifier: MIT */
/*
 * Who is let in, and what answers are signed with: the files of
 * --auth-tokens-file and --signing-key-file, given to the API.
 */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include "config.h"

/*
 * At start.  Returns false after logging what is wrong.  Without tokens, at an
 * address that others reach, it logs a warning.
 */
bool credentials_start(const struct config *config, struct api *api);

/*
 * Read the tokens again.  A list that is malformed, or gone, is logged, and
 * the one before it remains in force.
 */
void credentials_reload(const struct config *config, struct api *api);

#endif
