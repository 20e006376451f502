/* SPDX-License-Identifier: MIT */
/* From a document and a seed to a commit, and to files. */
#include "hub/repo.h"

#include "formats/safetensors.h"
#include "recipe.h"
#include "tape.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/*
 * Goes into every commit; another one when files are laid out or written in
 * another way.
 */
#define LAYOUT "sow hub 1"

/* ------------------------------------------------------------------------
 * The commit
 */

static void put_u64(struct text *text, uint64_t number)
{
    char bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(number >> 8 * i & 0xff);
    text_add(text, bytes, sizeof bytes);
}

static void put_hash(struct text *text, const void *bytes, size_t size)
{
    uint8_t digest[SOW_DIGEST_BYTES];

    sow_digest(bytes, size, digest);
    text_add(text, (const char *)digest, sizeof digest);
}

/* Write all that the bytes of the files follow from. */
static enum problem_code put_contents(const struct repo *repo,
                                      struct text *text,
                                      struct problem *problem)
{
    uint8_t recipe[SOW_DIGEST_BYTES];

    if (recipe_digest(&repo->model, recipe, problem))
        return problem->code;
    text_add(text, LAYOUT, sizeof LAYOUT);
    text_add(text, (const char *)recipe, sizeof recipe);
    put_u64(text, stored_shard_bytes(repo->stored));
    for (size_t i = 0; i < stored_file_count(repo->stored); i++) {
        const void *bytes;
        size_t size;
        const char *name = stored_file(repo->stored, i, &bytes, &size);
        text_add(text, name, strlen(name) + 1);
        put_hash(text, bytes, size);
    }
    return text->failed ? problem_no_memory(problem) : PROBLEM_NONE;
}

static enum problem_code make_commit(struct repo *repo, struct problem *problem)
{
    struct text text = {.grows = true};
    uint8_t contents[SOW_DIGEST_BYTES];
    enum problem_code code = put_contents(repo, &text, problem);

    if (!code) {
        sow_digest(text.bytes, text.size, contents);
        commit_make(contents, repo->generator, repo->seed, repo->commit);
        commit_hex(repo->commit, repo->hex);
    }
    text_release(&text);
    return code;
}

static enum problem_code read_document(struct repo *repo,
                                       const struct api_limits *limits,
                                       const struct library_book *document,
                                       const struct stored_change *change,
                                       struct problem *problem)
{
    struct stored_change full = *change;

    if (stored_new(limits, document->bytes, document->size, &repo->stored,
                   problem))
        return problem->code;
    repo->seed = change->seed ? *change->seed : stored_seed(repo->stored);
    full.seed = &repo->seed;
    if (stored_model(repo->stored, limits, &full, &repo->model, problem))
        return problem->code;
    repo->generator = repo->model.generator;
    repo->bytes += repo->model.tape ? repo->model.tape->bytes : 0;
    if (repo->model.stack)
        return problem_set(problem, PROBLEM_BAD_SCHEME, "",
                           "A repository can't have weights that follow from "
                           "data; ask for them with POST /v1/weights.");
    return make_commit(repo, problem);
}

enum problem_code repo_draft(const struct api_limits *limits, const char *name,
                             const struct library_book *document,
                             const struct stored_change *change,
                             struct repo **repo, struct problem *problem)
{
    struct repo *draft = calloc(1, sizeof *draft);

    if (!draft)
        return problem_no_memory(problem);
    atomic_init(&draft->references, 1);
    memcpy(draft->version, document->version, sizeof draft->version);
    draft->bytes = sizeof *draft + strlen(name) + 3 * document->size;
    draft->name = malloc(strlen(name) + 1);
    if (draft->name)
        memcpy(draft->name, name, strlen(name) + 1);
    enum problem_code code =
        draft->name ? read_document(draft, limits, document, change, problem)
                    : problem_no_memory(problem);
    if (code)
        repo_close(draft);
    else
        *repo = draft;
    return code;
}

/* ------------------------------------------------------------------------
 * Weights
 */

/* Can a tensor be read from its recipe alone? */
static bool is_ready(const struct sow_tensor *tensor)
{
    return sow_tensor_need(tensor).units == 0 && !tensor->data;
}

/* Lay out shard 's' in its share of the segments. */
static enum problem_code lay_out(struct repo *repo, size_t s,
                                 struct problem *problem)
{
    struct repo_shard *part = &repo->parts[s];
    size_t from = repo->shards.first[s];
    size_t count = repo->shards.first[s + 1] - from;
    size_t *order = repo->shards.order + from;
    struct sow_segment *segments = repo->segments + from + s;

    part->header = (struct text){.grows = true};
    if (safetensors_sort(&repo->model, order, count, problem) ||
        safetensors_header(&repo->model, order, count, &part->header, problem))
        return problem->code;
    segments[0].bytes = part->header.bytes;
    segments[0].size = part->header.size;
    for (size_t i = 0; i < count; i++) {
        segments[1 + i].tensor = &repo->model.tensors[order[i]];
        part->waits |= !is_ready(segments[1 + i].tensor);
    }
    repo->bytes += sizeof *part + part->header.room;
    if (sow_body_init(&part->body, segments, 1 + count))
        return problem_set(problem, PROBLEM_TOO_LARGE, "/shard_bytes",
                           "A file would have more than 2^63 - 1 bytes; use "
                           "a smaller 'shard_bytes'.");
    return PROBLEM_NONE;
}

static enum problem_code make_parts(struct repo *repo, struct problem *problem)
{
    size_t shards = repo->shards.count;
    size_t tensors = repo->model.count;

    repo->parts = calloc(shards, sizeof *repo->parts);
    repo->part_names = calloc(shards, sizeof *repo->part_names);
    repo->segments = calloc(tensors + shards, sizeof *repo->segments);
    if (!repo->parts || !repo->part_names || !repo->segments)
        return problem_no_memory(problem);
    repo->bytes +=
        (tensors + shards) * sizeof *repo->segments +
        tensors * (sizeof *repo->model.tensors + 4 * sizeof(size_t) + 64);
    for (size_t s = 0; s < shards; s++) {
        shards_name(&repo->shards, s, repo->part_names[s]);
        if (lay_out(repo, s, problem))
            return problem->code;
    }
    return PROBLEM_NONE;
}

/* Before the parts: these sort the tensors of each shard. */
static enum problem_code make_index(struct repo *repo, struct problem *problem)
{
    repo->index = (struct text){.grows = true};
    if (repo->shards.count > 1)
        shards_put_index(&repo->shards, &repo->model, &repo->index);
    repo->bytes += repo->index.room;
    return repo->index.failed ? problem_no_memory(problem) : PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * The list of files
 */

/* What the bytes of a file follow from: its commit and its path. */
static void make_key(const struct repo *repo, struct repo_file *file)
{
    char text[COMMIT_BYTES + STORED_NAME];
    struct text key = {.bytes = text, .room = sizeof text};

    text_add(&key, (const char *)repo->commit, COMMIT_BYTES);
    text_put(&key, file->name);
    sow_digest(key.bytes, key.size, file->key);
}

static void add_file(struct repo *repo, struct repo_file file)
{
    make_key(repo, &file);
    repo->files[repo->file_count++] = file;
}

static int compare(const void *left, const void *right)
{
    const struct repo_file *a = left;
    const struct repo_file *b = right;

    return strcmp(a->name, b->name);
}

static enum problem_code make_files(struct repo *repo, struct problem *problem)
{
    size_t texts = stored_file_count(repo->stored);
    size_t room = texts + repo->shards.count + 1;
    struct repo_file file = {0};

    repo->files = calloc(room, sizeof *repo->files);
    if (!repo->files)
        return problem_no_memory(problem);
    repo->bytes += room * sizeof *repo->files;
    for (size_t i = 0; i < texts; i++) {
        size_t size;
        file.name = stored_file(repo->stored, i, &file.bytes, &size);
        file.size = size;
        add_file(repo, file);
    }
    if (repo->index.size > 0)
        add_file(repo, (struct repo_file){.name = SHARD_INDEX,
                                          .bytes = repo->index.bytes,
                                          .size = repo->index.size});
    for (size_t s = 0; s < repo->shards.count; s++)
        add_file(repo, (struct repo_file){.name = repo->part_names[s],
                                          .size = repo->parts[s].body.size,
                                          .weights = true,
                                          .shard = s});
    qsort(repo->files, repo->file_count, sizeof *repo->files, compare);
    return PROBLEM_NONE;
}

static enum problem_code check_count(const struct repo *repo,
                                     struct problem *problem)
{
    if (repo->shards.count <= REPO_FILES)
        return PROBLEM_NONE;
    return problem_set(
        problem, PROBLEM_TOO_LARGE, "/shard_bytes",
        "The weights would be %zu files, and a repository has "
        "at most %d; use a larger 'shard_bytes' than %" PRIu64 ".",
        repo->shards.count, REPO_FILES, stored_shard_bytes(repo->stored));
}

enum problem_code repo_complete(struct repo *repo, struct problem *problem)
{
    if (!shards_init(&repo->shards, &repo->model,
                     stored_shard_bytes(repo->stored)))
        return problem_no_memory(problem);
    if (check_count(repo, problem) || make_index(repo, problem) ||
        make_parts(repo, problem))
        return problem->code;
    return make_files(repo, problem);
}
