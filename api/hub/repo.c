/* SPDX-License-Identifier: MIT */
/* A repository once it is made: its files, and its end. */
#include "hub/repo.h"

#include "room.h"

#include <stdlib.h>
#include <string.h>

static void release(struct repo *repo)
{
    if (repo->room)
        room_give(repo->room, repo->bytes);
    for (size_t s = 0; repo->parts && s < repo->shards.count; s++)
        text_release(&repo->parts[s].header);
    free(repo->parts);
    free(repo->segments);
    free(repo->part_names);
    text_release(&repo->index);
    free(repo->files);
    shards_release(&repo->shards);
    model_release(&repo->model);
    stored_free(repo->stored);
    free(repo->name);
    free(repo);
}

void repo_close(struct repo *repo)
{
    if (repo && atomic_fetch_sub(&repo->references, 1) == 1)
        release(repo);
}

static int compare(const void *key, const void *member)
{
    const struct repo_file *file = member;

    return strcmp(key, file->name);
}

const struct repo_file *repo_find(const struct repo *repo, const char *path)
{
    return bsearch(path, repo->files, repo->file_count, sizeof *repo->files,
                   compare);
}
