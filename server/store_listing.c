/* SPDX-License-Identifier: MIT */
/* Looking through a store: all names, all versions of one, what is stale. */
#include "store_files.h"

#include "folder.h"
#include "repo_name.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ------------------------------------------------------------------------
 * Listing names
 */

/*
 * A walk over all recipes: 'each' gets their folders, and their names; false
 * ends the walk.
 */
struct walk {
    const struct store_directory *directory;
    bool (*each)(struct walk *walk, int folder, const char *name);
    store_visit *visit;
    void *argument;
    char ns[REPO_PART + 1];
    int parent;
    bool ended;
};

/* What is no recipe, such as lost+found, is none of our business. */
static bool walk_name(void *argument, const char *part)
{
    struct walk *walk = argument;
    char name[REPO_NAME];
    int n = snprintf(name, sizeof name, "%s/%s", walk->ns, part);
    if (n >= (int)sizeof name || !repo_name_ok(name))
        return true;
    int folder = folder_open(walk->parent, part);
    if (folder < 0) {
        store_fail_reading(walk->directory, name);
        return true;
    }
    walk->ended = !walk->each(walk, folder, name);
    close(folder);
    return !walk->ended;
}

static bool walk_ns(void *argument, const char *ns)
{
    struct walk *walk = argument;
    char name[REPO_NAME];
    int n = snprintf(name, sizeof name, "%s/x", ns);
    if (n >= (int)sizeof name || !repo_name_ok(name))
        return true;
    walk->parent = folder_open(walk->directory->root, ns);
    if (walk->parent < 0) {
        store_fail_reading(walk->directory, ns);
        return true;
    }
    snprintf(walk->ns, sizeof walk->ns, "%s", ns);
    if (!folder_each(walk->parent, walk_name, walk))
        store_fail_reading(walk->directory, ns);
    close(walk->parent);
    return !walk->ended;
}

static bool list_current(struct walk *walk, int folder, const char *name)
{
    uint8_t version[SOW_DIGEST_BYTES];
    return store_current_read(walk->directory, folder, name, version) !=
               STORE_OK ||
           walk->visit(walk->argument, name, version);
}

enum store_status store_list(void *self, store_visit *visit, void *argument)
{
    struct walk walk = {.directory = self,
                        .each = list_current,
                        .visit = visit,
                        .argument = argument};
    if (folder_each(walk.directory->root, walk_ns, &walk))
        return STORE_OK;
    return store_fail_reading(walk.directory, ".");
}

static bool sweep(struct walk *walk, int folder, const char *name)
{
    (void)name;
    folder_sweep(folder, *(const time_t *)walk->argument);
    return true;
}

void store_sweep(const struct store_directory *directory, time_t before)
{
    struct walk walk = {
        .directory = directory, .each = sweep, .argument = &before};
    if (!folder_each(directory->root, walk_ns, &walk))
        store_fail_reading(directory, ".");
}

/* ------------------------------------------------------------------------
 * Versions of a name
 */

struct kept {
    uint8_t version[SOW_DIGEST_BYTES];
    struct timespec written;
};

/* 'kept' is owned. */
struct history {
    int folder;
    struct kept *kept;
    size_t count, room;
    bool no_memory;
};

static bool history_grow(struct history *history)
{
    if (history->count < history->room)
        return true;
    size_t room = history->room == 0 ? 16 : 2 * history->room;
    struct kept *kept = realloc(history->kept, room * sizeof *kept);
    if (kept == NULL)
        return false;
    history->kept = kept;
    history->room = room;
    return true;
}

static bool history_add(void *argument, const char *file)
{
    struct history *history = argument;
    struct kept kept;
    struct stat about;
    if (!store_version_read(file, STORE_SUFFIX, kept.version) ||
        fstatat(history->folder, file, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    kept.written = about.st_mtim;
    history->no_memory = !history_grow(history);
    if (history->no_memory)
        return false;
    history->kept[history->count++] = kept;
    return true;
}

/* Newest first. */
static int by_age(const void *left, const void *right)
{
    const struct kept *a = left, *b = right;
    if (a->written.tv_sec != b->written.tv_sec)
        return a->written.tv_sec < b->written.tv_sec ? 1 : -1;
    if (a->written.tv_nsec != b->written.tv_nsec)
        return a->written.tv_nsec < b->written.tv_nsec ? 1 : -1;
    return memcmp(a->version, b->version, sizeof a->version);
}

static enum store_status history_visit(struct history *history,
                                       const char *name, store_visit *visit,
                                       void *argument)
{
    if (history->no_memory)
        return STORE_NO_MEMORY;
    if (history->count == 0)
        return STORE_MISSING;
    qsort(history->kept, history->count, sizeof *history->kept, by_age);
    for (size_t i = 0; i < history->count; i++)
        if (!visit(argument, name, history->kept[i].version))
            break;
    return STORE_OK;
}

enum store_status store_versions(void *self, const char *name,
                                 store_visit *visit, void *argument)
{
    const struct store_directory *directory = self;
    struct history history = {.folder = store_name_open(directory, name)};
    if (history.folder < 0)
        return store_fail_reading(directory, name);
    enum store_status status =
        folder_each(history.folder, history_add, &history)
            ? history_visit(&history, name, visit, argument)
            : store_fail_reading(directory, name);
    close(history.folder);
    free(history.kept);
    return status;
}
