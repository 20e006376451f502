/* SPDX-License-Identifier: MIT */
/* Giving up root. */
#include "user.h"

#include "folder.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Names are shorter. */
#define NAME_BYTES 64

/*
 * A number of digits alone: not root's 0, and not the one that stands for no
 * change.
 */
static bool parse_number(const char *text, id_t *number)
{
    char *end;
    if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0')
        return false;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || value == 0 || value >= UINT32_MAX)
        return false;
    *number = (id_t)value;
    return true;
}

static bool find_user(const char *name, bool has_group, struct user *user)
{
    id_t number;
    bool is_number = parse_number(name, &number);
    const struct passwd *entry = getpwnam(name);
    if (entry == NULL && is_number)
        entry = getpwuid(number);
    if (entry == NULL && !(is_number && has_group))
        return false;
    user->uid = entry == NULL ? number : entry->pw_uid;
    user->gid = entry == NULL ? 0 : entry->pw_gid;
    return true;
}

static bool find_group(const char *name, struct user *user)
{
    id_t number;
    const struct group *entry = getgrnam(name);
    if (entry == NULL && !parse_number(name, &number))
        return false;
    user->gid = entry == NULL ? number : entry->gr_gid;
    return true;
}

bool user_find(const char *text, struct user *user)
{
    char name[NAME_BYTES];
    struct user found = {.name = text};
    const char *colon = strchr(text, ':');
    size_t n = colon == NULL ? strlen(text) : (size_t)(colon - text);
    if (n >= sizeof name)
        return false;
    memcpy(name, text, n);
    name[n] = '\0';
    if (!find_user(name, colon != NULL, &found) ||
        (colon != NULL && !find_group(colon + 1, &found)))
        return false;
    if (found.uid == 0 || found.gid == 0)
        return false;
    *user = found;
    return true;
}

/* Whether the process is nobody but 'user', in all three ways. */
static bool is_user(const struct user *user)
{
    uid_t uids[3];
    gid_t gids[3];
    if (getresuid(&uids[0], &uids[1], &uids[2]) != 0 ||
        getresgid(&gids[0], &gids[1], &gids[2]) != 0)
        return false;
    for (int i = 0; i < 3; i++)
        if (uids[i] != user->uid || gids[i] != user->gid)
            return false;
    return true;
}

/* The groups first: they take root.  Returns what failed, or NULL. */
static const char *change(const struct user *user)
{
    if (setgroups(0, NULL) != 0)
        return "leave the groups";
    if (setresgid(user->gid, user->gid, user->gid) != 0)
        return "take the group";
    if (setresuid(user->uid, user->uid, user->uid) != 0)
        return "take the user";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return "renounce privileges";
    return NULL;
}

/* What the kernel was asked for is what it did, and it can't be undone. */
static bool is_for_good(const struct user *user)
{
    return is_user(user) && getgroups(0, NULL) == 0 && setuid(0) != 0 &&
           seteuid(0) != 0 && setgid(0) != 0;
}

/* Write the groups that aren't the user's own; how many there are. */
static size_t list_groups(const struct user *user, const gid_t *groups,
                          size_t count, char *text, size_t room)
{
    size_t others = 0, n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (groups[i] == user->gid)
            continue;
        others++;
        if (n < room - 1)
            n += (size_t)snprintf(text + n, room - n, " %u",
                                  (unsigned)groups[i]);
    }
    return others;
}

/* Being the user: leave the other groups, or say that it is still in them. */
static void leave_groups(const struct user *user)
{
    char text[128];
    int count = getgroups(0, NULL);
    gid_t *groups = count > 0 && setgroups(0, NULL) != 0
                        ? calloc((size_t)count, sizeof *groups)
                        : NULL;
    if (groups == NULL)
        return;
    count = getgroups(count, groups);
    if (count > 0 &&
        list_groups(user, groups, (size_t)count, text, sizeof text) > 0)
        log_line(LEVEL_WARN,
                 "--user %s: who started this is that user and in other "
                 "groups,%s; only root leaves them: start as root, or without "
                 "them",
                 user->name, text);
    free(groups);
}

bool user_become(const struct user *user)
{
    if (user->name == NULL && geteuid() == 0)
        log_line(LEVEL_WARN, "running as root, which serving doesn't take: "
                             "name a user for it with --user NAME");
    if (user->name == NULL)
        return true;
    if (geteuid() != 0 && is_user(user)) {
        leave_groups(user);
        return true;
    }
    if (geteuid() != 0) {
        log_line(LEVEL_ERROR,
                 "--user %s: only root becomes another user; start as root, "
                 "or leave the option out",
                 user->name);
        return false;
    }
    const char *failure = change(user);
    if (failure != NULL) {
        log_line(LEVEL_ERROR, "--user %s: can't %s: %s", user->name, failure,
                 strerror(errno));
        return false;
    }
    if (!is_for_good(user)) {
        log_line(LEVEL_ERROR, "--user %s: root could be had back", user->name);
        return false;
    }
    log_line(LEVEL_INFO, "now user %u, group %u", (unsigned)user->uid,
             (unsigned)user->gid);
    return true;
}

/*
 * Pass on an open folder, or -1, if nobody but root can put another file where
 * one is in it.  Else it is closed, and -1 comes back with EPERM.
 */
static int only_roots(int folder)
{
    struct stat about;
    if (folder < 0 || (fstat(folder, &about) == 0 && about.st_uid == 0 &&
                       ((about.st_mode & (S_IWGRP | S_IWOTH)) == 0 ||
                        (about.st_mode & S_ISVTX) != 0)))
        return folder;
    close(folder);
    errno = EPERM;
    return -1;
}

/* From a folder into one that is in it; -1 with errno if that can't be. */
static int enter(int folder, const char *name)
{
    int next =
        openat(folder, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int saved = errno;
    close(folder);
    errno = saved;
    return only_roots(next);
}

/*
 * Open the folder that 'path' names something in, part by part, so that it is
 * the one that the operator means; -1 with errno, which is EPERM if others
 * than root may write on the way, and ENOTDIR for a link there.  'path' is cut
 * up, and 'name' set to its last part.
 */
static int open_parent(char *path, const char **name)
{
    const char *start = path[0] == '/' ? "/" : ".", *next;
    int folder = only_roots(open(start, O_PATH | O_DIRECTORY | O_CLOEXEC));
    char *rest = NULL;
    *name = strtok_r(path, "/", &rest);
    while (folder >= 0 && (next = strtok_r(NULL, "/", &rest)) != NULL) {
        folder = enter(folder, *name);
        *name = next;
    }
    return folder;
}

/* Make it in its parent, which is root's: what was made is what is opened. */
static void make_folder(const struct user *user, int parent, const char *name)
{
    if (mkdirat(parent, name, 0777) != 0)
        return;
    int folder = folder_open(parent, name);
    if (folder < 0 || fchown(folder, user->uid, user->gid) != 0)
        log_line(LEVEL_WARN, "can't give the folder %.200s to %s: %s", name,
                 user->name, strerror(errno));
    if (folder >= 0)
        close(folder);
}

void user_make_folder(const struct user *user, const char *path)
{
    const char *name;
    if (user->name == NULL || path == NULL || geteuid() != 0 ||
        access(path, F_OK) == 0)
        return;
    char *parts = strdup(path);
    int parent = parts == NULL ? -1 : open_parent(parts, &name);
    if (parent >= 0) {
        make_folder(user, parent, name);
        close(parent);
    } else if (errno != ENOENT) {
        log_line(LEVEL_INFO,
                 "left to %s to make %.200s: on the way there others than root "
                 "may write, or a link is (%s)",
                 user->name, path, strerror(errno));
    }
    free(parts);
}

bool user_may_use(const struct user *user, const char *option, const char *path)
{
    if (user->name == NULL || path == NULL ||
        access(path, R_OK | W_OK | X_OK) == 0 || errno == ENOENT ||
        errno == EROFS)
        return true;
    log_line(LEVEL_ERROR,
             "%s %.200s: %s for the user of --user; give it the folder: "
             "chown -R %s %.200s",
             option, path, strerror(errno), user->name, path);
    return false;
}
