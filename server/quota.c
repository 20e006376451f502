/* SPDX-License-Identifier: MIT */
/* Quotas, as /proc and the file systems of control groups tell them. */
#include "quota.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for a path, and its width where it is read. */
#define PATH 4096
#define PATH_WIDTH "4095"

/* For a number or two. */
#define LINE 64

/* Times beyond that, in microseconds, aren't taken for any. */
#define LONGEST (UINT64_C(1) << 50)

/* What is looked for below 'root'; 'quota' is the least so far, 0 for none. */
struct search {
    const char *root;
    unsigned quota;
};

/* Open 'name' in 'folder'; NULL when it isn't there, or has too long a path. */
static FILE *open_in(const char *root, const char *folder, const char *name)
{
    char path[2 * PATH];
    int length = snprintf(path, sizeof path, "%s%s/%s", root, folder, name);
    return length > 0 && length < (int)sizeof path ? fopen(path, "re") : NULL;
}

/* Is 'word' one of a list with commas? */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, word, length) == 0 &&
            (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

/* ---- one group ---- */

/* Take 'time' of each 'period' for a limit, if it is one. */
static void limit(struct search *search, int64_t time, int64_t period)
{
    if (time <= 0 || period <= 0 || (uint64_t)time > LONGEST)
        return;
    int64_t quota = time * 1000 / period;
    if (quota > INT_MAX)
        return;
    quota += quota == 0;
    if (search->quota == 0 || quota < search->quota)
        search->quota = (unsigned)quota;
}

/* The first line of a file, or "". */
static void read_line(const struct search *search, const char *folder,
                      const char *name, char line[LINE])
{
    FILE *file = open_in(search->root, folder, name);
    line[0] = '\0';
    if (file == NULL)
        return;
    if (fgets(line, LINE, file) == NULL)
        line[0] = '\0';
    fclose(file);
}

/* Both numbers are in one file; "max" is no number. */
static void look_new(struct search *search, const char *folder)
{
    char line[LINE], *rest;
    read_line(search, folder, "cpu.max", line);
    int64_t time = strtoll(line, &rest, 10);
    limit(search, time, strtoll(rest, NULL, 10));
}

static void look_old(struct search *search, const char *folder)
{
    char time[LINE], period[LINE];
    read_line(search, folder, "cpu.cfs_quota_us", time);
    read_line(search, folder, "cpu.cfs_period_us", period);
    limit(search, strtoll(time, NULL, 10), strtoll(period, NULL, 10));
}

/* ---- which groups ---- */

/* By the type of its file system, and how a process's list names it. */
struct version {
    const char *type;
    const char *controller; /* "" for all */
    void (*look)(struct search *search, const char *folder);
};

static const struct version versions[] = {
    {"cgroup2", "", look_new},
    {"cgroup", "cpu", look_old},
};

/* The group of the process in that version's tree; false when it has none. */
static bool find_group(const char *root, const struct version *version,
                       char group[PATH])
{
    FILE *file = open_in(root, "", "proc/self/cgroup");
    char line[2 * PATH];
    bool found = false;
    if (file == NULL)
        return false;
    while (!found && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *list = strchr(line, ':');
        char *path = list != NULL ? strchr(list + 1, ':') : NULL;
        if (path == NULL)
            continue;
        *path++ = '\0';
        found = has_word(list + 1, version->controller) &&
                snprintf(group, PATH, "%s", path) < PATH;
    }
    fclose(file);
    return found;
}

/* What of 'group' lies below 'top', the group that is mounted; or NULL. */
static const char *below(const char *group, const char *top)
{
    size_t length = strcmp(top, "/") == 0 ? 0 : strlen(top);
    if (strncmp(group, top, length) != 0 ||
        (group[length] != '/' && group[length] != '\0'))
        return NULL;
    return group + length;
}

/* Look at a group, and at all above it that can be seen. */
static void climb(struct search *search, const struct version *version,
                  const char *mounted, const char *rest)
{
    char folder[2 * PATH];
    size_t least = strlen(mounted);
    if (snprintf(folder, sizeof folder, "%s%s", mounted, rest) >=
        (int)sizeof folder)
        return;
    while (true) {
        version->look(search, folder);
        char *end = strrchr(folder, '/');
        if (end == NULL || (size_t)(end - folder) < least)
            return;
        *end = '\0';
    }
}

/* If a line of the mounts is that version's tree, look for the group there. */
static void look_at_mount(struct search *search, const struct version *version,
                          const char *group, const char *line)
{
    char top[PATH], mounted[PATH], type[32], options[PATH];
    const char *rest, *second = strstr(line, " - ");
    if (second == NULL ||
        sscanf(line, "%*s %*s %*s %" PATH_WIDTH "s %" PATH_WIDTH "s", top,
               mounted) != 2 ||
        sscanf(second, " - %31s %*s %" PATH_WIDTH "s", type, options) != 2)
        return;
    if (strcmp(type, version->type) != 0 ||
        (version->controller[0] != '\0' &&
         !has_word(options, version->controller)))
        return;
    rest = below(group, top);
    if (rest != NULL)
        climb(search, version, mounted, rest);
}

static void look(struct search *search, const struct version *version)
{
    char group[PATH], *line = NULL;
    size_t room = 0;
    FILE *mounts;
    if (!find_group(search->root, version, group) ||
        (mounts = open_in(search->root, "", "proc/self/mountinfo")) == NULL)
        return;
    while (getline(&line, &room, mounts) > 0)
        look_at_mount(search, version, group, line);
    free(line);
    fclose(mounts);
}

unsigned quota_read(const char *root)
{
    struct search search = {root, 0};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        look(&search, &versions[i]);
    return search.quota;
}

/* ---- what follows ---- */

static bool is_limited(unsigned processors, unsigned quota)
{
    return quota != 0 && quota / 1000 < processors;
}

unsigned quota_threads(unsigned processors, unsigned quota)
{
    if (!is_limited(processors, quota))
        return processors;
    return quota / 1000 + (quota % 1000 != 0);
}

unsigned quota_helpers(unsigned processors, unsigned quota)
{
    if (!is_limited(processors, quota))
        return processors;
    return quota < 1000 ? 0 : quota / 1000 - 1;
}
