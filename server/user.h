/* SPDX-License-Identifier: MIT */
/*
 * Who the process is, once it takes root no more (--user).
 */
#ifndef USER_H
#define USER_H

#include <stdbool.h>
#include <sys/types.h>

struct user {
    const char *name; /* NAME[:GROUP], as it was given; NULL: who started it */
    uid_t uid;
    gid_t gid;
};

/*
 * Look up "NAME[:GROUP]" among the users and groups of this machine; without
 * GROUP it is the user's own.  Both may be numbers, of nobody too if both are
 * there.  Returns false, 'user' untouched, for one that isn't there, and for
 * root and root's group.  'name' borrows 'text'.
 */
bool user_find(const char *text, struct user *user);

/*
 * Before there are threads: from root become 'user', in no other group, for
 * good, and without new privileges.  Being that user already is fine too; the
 * other groups are left if the privileges are there for that, and warned of
 * otherwise.  With no name nothing changes, and root gets a warning.  Returns
 * false after logging what is wrong.
 */
bool user_become(const struct user *user);

/*
 * As root: make the folder 'path', for 'user', if it isn't there and its
 * parent is.  Only root's own hand is in that: it is left to the user, which
 * is logged, when a folder on the way is another's, or one that others may
 * write in and exchange what is there, or is reached by a symbolic link.  What
 * goes wrong shows when the folder is used.  NULL is fine, and so is a user
 * with no name, for whom nothing is made.
 */
void user_make_folder(const struct user *user, const char *path);

/*
 * As the user: whether the folder 'path', which 'option' names, can be read
 * and written, or is not to be written by anybody.  False after logging the
 * mend.  NULL, a folder that isn't there, and a user with no name are fine.
 */
bool user_may_use(const struct user *user, const char *option,
                  const char *path);

#endif
