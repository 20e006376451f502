/* SPDX-License-Identifier: MIT */
/*
 * What a repository is said to be: its description, without the files, as the
 * Hub's clients read it.
 */
#ifndef HUB_CARD_H
#define HUB_CARD_H

#include "hub/repo.h"

/*
 * When every repository was last changed, as the only form that clients read.
 * A commit is a hash of its contents, which have no date.
 */
#define CARD_DATE "1970-01-01T00:00:00.000Z"

/*
 * Add the members that any recipe has: id, author and so on.  'name' is
 * "ns/name".
 */
void card_put_name(struct text *text, const char *name);

/*
 * Add the members of a repository: sha, tags, library, the model's
 * configuration and the numbers of its parameters.
 */
void card_put_repo(struct text *text, const struct repo *repo);

/* Add the members that tell of its commit: id, title and date. */
void card_put_commit(struct text *text, const struct repo *repo);

#endif
