/* SPDX-License-Identifier: MIT */
/*
 * A recipe at a seed as a repository of the Hub: a commit, and files.
 *
 * The files are the side files of the recipe, and the weights as
 * model.safetensors or as shards with an index.  A repository is immutable
 * and counted: many exchanges read it at the same time.
 */
#ifndef HUB_REPO_H
#define HUB_REPO_H

#include "hub/revision.h"
#include "hub/shards.h"
#include "library.h"
#include "stored.h"

#include <stdatomic.h>

/* Files that a repository may have. */
#define REPO_FILES 10000

/*
 * What a cache finds a repository by: its commit, its generator and seed, its
 * seed alone, "main".
 */
#define REPO_KEYS 4

/*
 * A file.  'key' is the hash of commit and path, that is of all that its bytes
 * follow from: its ETag, and what its SHA-256 is remembered by.  It has
 * 'bytes', or with 'weights' is shard 'shard'.
 */
struct repo_file {
    const char *name;
    uint64_t size;
    const void *bytes;
    bool weights;
    size_t shard;
    uint8_t key[SOW_DIGEST_BYTES];
};

/*
 * The body of a file with weights: its header and tensors of the model.  With
 * 'waits' some of these need more than their recipe to be read, so that who
 * reads them needs copies of its own.
 */
struct repo_shard {
    struct text header; /* owned */
    struct sow_body body;
    bool waits;
};

struct repo;

/* A place in a cache (repos.h). */
struct repo_link {
    uint8_t key[SOW_DIGEST_BYTES];
    struct repo_link *next;
    struct repo *repo;
};

/* 'files' are sorted by name; 'bytes' is about the memory that all takes. */
struct repo {
    atomic_uint references;
    char *name; /* "ns/name"; owned */
    uint8_t version[SOW_DIGEST_BYTES];
    const struct sow_generator *generator;
    uint64_t seed;
    uint8_t commit[COMMIT_BYTES];
    char hex[COMMIT_HEX]; /* of the commit */
    struct stored *stored;
    struct model model;
    struct shards shards;
    struct repo_shard *parts;       /* owned, one a shard */
    struct sow_segment *segments;   /* owned, of all shards */
    char (*part_names)[SHARD_NAME]; /* owned */
    struct text index;              /* owned; empty for one shard */
    struct repo_file *files;        /* owned */
    size_t file_count;
    size_t bytes;
    struct room *room; /* that 'bytes' were taken from, or NULL */

    /* The cache's own. */
    struct repo_link links[REPO_KEYS];
    size_t link_count;
    struct repo *newer, *older;
};

/*
 * Open 'name' ("ns/name", any text) at 'revision', any text.  Refuses with
 * PROBLEM_REPO_NOT_FOUND, PROBLEM_REVISION_NOT_FOUND, what is wrong with the
 * recipe, or the store's failure.  On success the caller ends '*repo' with
 * repo_close().  It takes milliseconds, microseconds when the repository is
 * still in the cache.
 */
enum problem_code repo_open(struct api *api, const char *name,
                            const char *revision, struct repo **repo,
                            struct problem *problem);

/* Drop a reference; NULL is fine. */
void repo_close(struct repo *repo);

/* The file called 'path', or NULL. */
const struct repo_file *repo_find(const struct repo *repo, const char *path);

/* ------------------------------------------------------------------------
 * Making one, in steps: repo_open() alone does this
 */

/*
 * What 'document' says, but for 'change', and the commit.  The document and
 * the name are copied; the caller owns '*repo'.
 */
enum problem_code repo_draft(const struct api_limits *limits, const char *name,
                             const struct library_book *document,
                             const struct stored_change *change,
                             struct repo **repo, struct problem *problem);

/* Lay out its files.  It may not be used before. */
enum problem_code repo_complete(struct repo *repo, struct problem *problem);

#endif
