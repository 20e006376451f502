/* SPDX-License-Identifier: MIT */
/*
 * A bounded cache of repositories; the least recently used goes first.  Every
 * function may be called from any thread.
 */
#ifndef HUB_REPOS_H
#define HUB_REPOS_H

#include "hub/repo.h"

/* What the cache holds together, in bytes. */
#define REPOS_BYTES ((size_t)256 << 20)

struct repos;

/* NULL when out of memory.  repos_free(NULL) is fine. */
struct repos *repos_new(size_t limit);
void repos_free(struct repos *repos);

/* The repository under 'key', with a reference for the caller, or NULL. */
struct repo *repos_find(struct repos *repos,
                        const uint8_t key[SOW_DIGEST_BYTES]);

/*
 * Keep a repository under the keys of its links, unless it is larger than the
 * cache or one with its first key is there: then that one is returned in its
 * place, and the reference to the other taken.  The caller's reference
 * remains the caller's.
 */
struct repo *repos_add(struct repos *repos, struct repo *repo);

#endif
