/* SPDX-License-Identifier: MIT */
/*
 * Who is let in, and what answers are signed with: the files of
 * --auth-tokens-file and --signing-key-file, given to the API.
 */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include "config.h"
#include "secret_file.h"

/* What the files hold, until the API has it. */
struct credentials {
    struct secret_file tokens, keys;
};

/*
 * At start, while root may read them: read the files.  Returns false after
 * logging what is wrong.  Without tokens, at an address that others reach, it
 * logs a warning.
 */
bool credentials_read(struct credentials *credentials,
                      const struct config *config);

/*
 * As whoever serves: give the API what was read, and forget it.  Returns false
 * after logging what is wrong with it.  A user of --user who couldn't read the
 * tokens again gets a warning.
 */
bool credentials_give(struct credentials *credentials,
                      const struct config *config, struct api *api);

/* Overwrite and free what was read, if anything is left. */
void credentials_release(struct credentials *credentials);

/*
 * Read the tokens again.  A list that is malformed, or gone, or that the user
 * of --user may not read, is logged, and the one before it remains in force.
 */
void credentials_reload(const struct config *config, struct api *api);

#endif
