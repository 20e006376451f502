/* SPDX-License-Identifier: MIT */
/*
 * Who may ask for what.  Without tokens everybody may do everything; with
 * them, all but a few routes (ROUTE_OPEN) want "Authorization: Bearer …".
 */
#ifndef AUTH_H
#define AUTH_H

#include "router.h"
#include "tokens.h"

#include <pthread.h>
#include <stdatomic.h>

/*
 * The tokens that are taken; may be replaced while requests are checked.
 * 'on' says that there are some, and never ends.
 */
struct auth {
    pthread_rwlock_t lock;
    atomic_bool on;
    struct tokens *tokens; /* owned; NULL as long as it is off */
};

/* False, with nothing to release, when the system is short of something. */
bool auth_init(struct auth *auth);
void auth_release(struct auth *auth);

/* From now on take these tokens and no others; takes 'tokens'. */
void auth_replace(struct auth *auth, struct tokens *tokens);

/*
 * May the request be answered by the route that was found?  Refuses with
 * PROBLEM_TOKEN_REQUIRED, PROBLEM_TOKEN_UNKNOWN or PROBLEM_SCOPE_MISSING.
 * Microseconds.
 */
enum problem_code auth_check(struct auth *auth,
                             const struct api_request *request,
                             const struct route_match *match,
                             struct problem *problem);

/* Does it depend on the token whether the route answers? */
bool auth_covers(const struct auth *auth, const struct route_match *match);

/* Who asks, by a copy of the token's row; false for nobody that is known. */
bool auth_caller(struct auth *auth, const struct api_request *request,
                 struct token *caller);

/* The WWW-Authenticate field of a problem of auth_check(). */
const char *auth_challenge(enum problem_code code);

#endif
