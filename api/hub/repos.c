/* SPDX-License-Identifier: MIT */
/* The cache of repositories: a hash table, and a list by age. */
#include "hub/repos.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 1024

struct repos {
    pthread_mutex_t lock;
    size_t limit, bytes;
    struct repo *newest, *oldest;
    struct repo_link *buckets[BUCKETS];
};

struct repos *repos_new(size_t limit)
{
    struct repos *repos = calloc(1, sizeof *repos);

    if (!repos)
        return NULL;
    if (pthread_mutex_init(&repos->lock, NULL)) {
        free(repos);
        return NULL;
    }
    repos->limit = limit;
    return repos;
}

/* ------------------------------------------------------------------------
 * Under the lock
 */

/* Keys are hashes: any bits of them will do. */
static struct repo_link **bucket(struct repos *repos, const uint8_t *key)
{
    return &repos->buckets[(key[0] | key[1] << 8) % BUCKETS];
}

static struct repo_link *look_up(struct repos *repos, const uint8_t *key)
{
    struct repo_link *link = *bucket(repos, key);

    while (link && memcmp(link->key, key, sizeof link->key) != 0)
        link = link->next;
    return link;
}

static void list_add(struct repos *repos, struct repo *repo)
{
    repo->newer = NULL;
    repo->older = repos->newest;
    if (repos->newest)
        repos->newest->newer = repo;
    else
        repos->oldest = repo;
    repos->newest = repo;
}

static void list_remove(struct repos *repos, struct repo *repo)
{
    if (repo->newer)
        repo->newer->older = repo->older;
    else
        repos->newest = repo->older;
    if (repo->older)
        repo->older->newer = repo->newer;
    else
        repos->oldest = repo->newer;
}

static void unlink_key(struct repos *repos, struct repo_link *link)
{
    struct repo_link **at = bucket(repos, link->key);

    while (*at != link)
        at = &(*at)->next;
    *at = link->next;
}

static void evict(struct repos *repos, struct repo *repo)
{
    for (size_t i = 0; i < repo->link_count; i++)
        unlink_key(repos, &repo->links[i]);
    list_remove(repos, repo);
    repos->bytes -= repo->bytes;
    repo_close(repo);
}

static void insert(struct repos *repos, struct repo *repo)
{
    while (repos->bytes > repos->limit - repo->bytes)
        evict(repos, repos->oldest);
    for (size_t i = 0; i < repo->link_count; i++) {
        struct repo_link *link = &repo->links[i];
        struct repo_link **at = bucket(repos, link->key);
        link->repo = repo;
        link->next = *at;
        *at = link;
    }
    list_add(repos, repo);
    repos->bytes += repo->bytes;
    atomic_fetch_add(&repo->references, 1);
}

/* The repository of a link, used just now, with a reference. */
static struct repo *take(struct repos *repos, struct repo_link *link)
{
    list_remove(repos, link->repo);
    list_add(repos, link->repo);
    atomic_fetch_add(&link->repo->references, 1);
    return link->repo;
}

/* ------------------------------------------------------------------------
 * From outside
 */

struct repo *repos_find(struct repos *repos,
                        const uint8_t key[SOW_DIGEST_BYTES])
{
    struct repo *repo = NULL;

    pthread_mutex_lock(&repos->lock);
    struct repo_link *link = look_up(repos, key);
    if (link)
        repo = take(repos, link);
    pthread_mutex_unlock(&repos->lock);
    return repo;
}

struct repo *repos_add(struct repos *repos, struct repo *repo)
{
    struct repo *kept = repo;

    pthread_mutex_lock(&repos->lock);
    struct repo_link *link = look_up(repos, repo->links[0].key);
    if (link)
        kept = take(repos, link);
    else if (repo->bytes <= repos->limit)
        insert(repos, repo);
    pthread_mutex_unlock(&repos->lock);
    if (kept != repo)
        repo_close(repo);
    return kept;
}

void repos_free(struct repos *repos)
{
    if (!repos)
        return;
    while (repos->oldest)
        evict(repos, repos->oldest);
    pthread_mutex_destroy(&repos->lock);
    free(repos);
}
