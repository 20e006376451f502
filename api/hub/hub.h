/* SPDX-License-Identifier: MIT */
/*
 * The Hugging Face Hub's read protocol: recipes as repositories, so that its
 * clients load weights from here as they do from there.
 *
 *     repo        a recipe at a seed: commit and files
 *     resolve.c   one file: GET /{ns}/{name}/resolve/{rev}/{path}
 *     model.c     what a repository is
 *     tree.c      which files it has, with their hashes; paths_info.c: some
 *     headers.c   what its shards hold
 *     refs.c      branches and commits
 *     account.c   who asks
 */
#ifndef HUB_HUB_H
#define HUB_HUB_H

#include "hub/repo.h"
#include "router.h"

/* Files that an exchange lists, or reads, and the bodies of these. */
struct hub_files {
    const struct repo_file **files; /* owned */
    struct sow_body *bodies;        /* owned */
    size_t count;
};

/*
 * What an exchange has to do with a repository.  'repo' is a reference, NULL
 * as long as none is open; 'pinned' says that the request named a commit, so
 * that the answer never changes; 'file' is the one that is served, 'list' are
 * those that are listed, 'hashes' that some of them are hashed first,
 * 'expands' that their last commit is listed as well.
 */
struct hub {
    struct repo *repo;
    bool pinned;
    const struct repo_file *file;
    struct hub_files list;
    bool hashes;
    bool expands;
};

/*
 * Open the repository that the request's path names by its first two
 * arguments: at a revision, or at that which is the third.
 */
enum problem_code hub_open(struct api_exchange *exchange, const char *revision,
                           struct problem *problem);
enum problem_code hub_open_revision(struct api_exchange *exchange,
                                    struct problem *problem);

/* "no-cache", or for what is pinned "public, …". */
const char *hub_cache_control(const struct api_exchange *exchange);

/* Answer with a JSON text that grows; takes it. */
enum problem_code hub_reply(struct api_exchange *exchange, struct text *text,
                            struct problem *problem);

/*
 * Add the fields of every answer of these routes, or of one that is a problem,
 * to the exchange's reply.
 */
void hub_add_fields(struct api_exchange *exchange);
void hub_add_problem(struct api_exchange *exchange,
                     const struct problem *problem);

void hub_release(struct api_exchange *exchange);

/* ------------------------------------------------------------------------
 * Handlers
 */

/* A file: /{ns}/{name}/resolve/{rev}/{path*}, or raw. */
route_handler hub_resolve;

/* The repositories, and one of them, at main or a revision. */
route_handler hub_models;
route_handler hub_model;
route_handler hub_model_revision;

/* Its files: all, or those asked for. */
route_handler hub_tree;
route_handler hub_paths_info;

/* The headers of all its shards, which clients ask for in place of each. */
route_handler hub_headers;

/* Its branches and commits. */
route_handler hub_refs;
route_handler hub_commits;

/* Whether one may read it, and who one is: anybody may, and is nobody. */
route_handler hub_auth_check;
route_handler hub_whoami;
route_handler hub_harnesses;

/* A path that only a repository of another kind, or name, could have. */
route_handler hub_missing;

#endif
