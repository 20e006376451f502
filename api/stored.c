/* SPDX-License-Identifier: MIT */
/* Stored documents. */
#include "stored.h"

#include "fields.h"
#include "stored_content.h"
#include "utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static const struct place at_files = {&place_document, "files", 0};
static const char config_name[] = "config.json";

/* 'root' is the document without what only this file knows of. */
struct stored {
    json_t *root; /* owned */
    uint64_t seed;
    uint64_t shard_bytes;
    uint64_t room; /* what more files may have */
    size_t count;
    struct stored_file files[STORED_FILES + 1];
};

/* ------------------------------------------------------------------------
 * Files
 */

/* What the weights are called is taken. */
static bool is_reserved(const char *name)
{
    static const char weights[] = "model";
    const char *end = strstr(name, ".safetensors");

    return strncmp(name, weights, strlen(weights)) == 0 && end &&
           (name[strlen(weights)] == '.' || name[strlen(weights)] == '-');
}

static enum problem_code check_name(const char *name, const struct place *place,
                                    struct problem *problem)
{
    const size_t n = strlen(name);

    if (n == 0 || n >= STORED_NAME || strspn(name, LETTERS "._-") != n ||
        !strchr(LETTERS, name[0]) || strstr(name, ".."))
        return problem_set(problem, PROBLEM_BAD_FIELD, place_text(place).text,
                           "'%s' can't be the name of a file: it must be 1 to "
                           "%d letters, digits, dots, hyphens and underscores, "
                           "a letter or digit first and no two dots together.",
                           utf8_quote(name).text, STORED_NAME - 1);
    if (is_reserved(name))
        return problem_set(problem, PROBLEM_BAD_FIELD, place_text(place).text,
                           "'%s' is a name for the weights themselves: leave "
                           "it out.",
                           utf8_quote(name).text);
    return PROBLEM_NONE;
}

/* Add the file called 'name', whose content is 'json'. */
static enum problem_code add_file(struct stored *stored, const char *name,
                                  json_t *json, const struct place *place,
                                  struct problem *problem)
{
    struct stored_file *file = &stored->files[stored->count++];

    memcpy(file->name, name, strlen(name) + 1);
    if (stored_content(file, json, place, stored->room, problem) !=
        PROBLEM_NONE)
        return problem->code;
    if (file->size > stored->room)
        return problem_set(problem, PROBLEM_TOO_LARGE, place_text(place).text,
                           "With this one the files have more bytes than a "
                           "request's body may have (option "
                           "--max-body-bytes); what is JSON is indented.");
    stored->room -= file->size;
    return PROBLEM_NONE;
}

static int compare(const void *left, const void *right)
{
    return strcmp(((const struct stored_file *)left)->name,
                  ((const struct stored_file *)right)->name);
}

static enum problem_code read_files(struct stored *stored, json_t *files,
                                    struct problem *problem)
{
    const struct value value = {NULL, files, &at_files};
    const char *name;
    json_t *json;

    if (!json_is_object(files))
        return value_refuse(&value, "an object with a member for each file",
                            problem);
    if (json_object_size(files) > STORED_FILES)
        return problem_set(problem, PROBLEM_BAD_FIELD,
                           place_text(&at_files).text,
                           "There are %zu files; at most %d are allowed.",
                           json_object_size(files), STORED_FILES);
    json_object_foreach(files, name, json)
    {
        const struct place place = {&at_files, name, 0};
        if (check_name(name, &place, problem) != PROBLEM_NONE ||
            add_file(stored, name, json, &place, problem) != PROBLEM_NONE)
            return problem->code;
    }
    return PROBLEM_NONE;
}

/* The files of a document, in order. */
static enum problem_code take_files(struct stored *stored,
                                    struct problem *problem)
{
    const struct place at = {&place_document, "config", 0};
    json_t *files = json_object_get(stored->root, "files");
    json_t *config = json_object_get(stored->root, "config");

    if (files && read_files(stored, files, problem) != PROBLEM_NONE)
        return problem->code;
    if (config && !json_object_get(files, config_name) &&
        add_file(stored, config_name, config, &at, problem) != PROBLEM_NONE)
        return problem->code;
    qsort(stored->files, stored->count, sizeof stored->files[0], compare);
    if (files)
        json_object_del(stored->root, "files");
    return PROBLEM_NONE;
}

/* ------------------------------------------------------------------------
 * The document
 */

static enum problem_code take_shard_bytes(struct stored *stored,
                                          struct problem *problem)
{
    const struct place at = {&place_document, "shard_bytes", 0};
    json_t *json = json_object_get(stored->root, at.key);
    const struct value value = {NULL, json, &at};
    const json_int_t bytes = json_integer_value(json);

    stored->shard_bytes = STORED_SHARD_BYTES;
    if (!json)
        return PROBLEM_NONE;
    if (bytes < 1 || (uint64_t)bytes > STORED_SHARD_MOST)
        return value_refuse(&value, "a whole number from 1 to 50000000000",
                            problem);
    stored->shard_bytes = (uint64_t)bytes;
    json_object_del(stored->root, at.key);
    return PROBLEM_NONE;
}

static enum problem_code take_seed(struct stored *stored,
                                   struct problem *problem)
{
    const struct place at = {&place_document, field_name(FIELD_SEED), 0};
    json_t *json = json_object_get(stored->root, at.key);
    const struct value value = {NULL, json, &at};
    bool negative = false;

    if (json && value_signed_seed(&value, &stored->seed, &negative, problem) !=
                    PROBLEM_NONE)
        return problem->code;
    if (!json ||
        value_seed_fits(stored_generator(stored), stored->seed, negative))
        return PROBLEM_NONE;
    return value_refuse_seed(&value, stored_generator(stored), problem);
}

/* Refuse what belongs to a request alone. */
static enum problem_code check_fields(const json_t *root,
                                      struct problem *problem)
{
    static const enum field_id others[] = {
        FIELD_FORMAT, FIELD_DIGEST, FIELD_RECIPE,     FIELD_TENSORS,
        FIELD_DATA,   FIELD_STATE,  FIELD_FINAL_STATE};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const struct place at = {&place_document, field_name(others[i]), 0};
        if (json_object_get(root, at.key))
            return problem_set(problem, PROBLEM_BAD_FIELD, place_text(&at).text,
                               "'%s' belongs to a request for weights, not "
                               "into a stored recipe.",
                               at.key);
    }
    return PROBLEM_NONE;
}

enum problem_code stored_new(const struct api_limits *limits, const void *bytes,
                             size_t size, struct stored **stored,
                             struct problem *problem)
{
    json_t *root;

    if (spec_load(limits, bytes, size, &root, problem) != PROBLEM_NONE)
        return problem->code;
    struct stored *made = calloc(1, sizeof *made);
    if (!made) {
        json_decref(root);
        return problem_no_memory(problem);
    }
    made->root = root;
    made->room = limits->max_body_bytes;
    if (check_fields(root, problem) != PROBLEM_NONE ||
        take_seed(made, problem) != PROBLEM_NONE ||
        take_shard_bytes(made, problem) != PROBLEM_NONE ||
        take_files(made, problem) != PROBLEM_NONE) {
        stored_free(made);
        return problem->code;
    }
    *stored = made;
    return PROBLEM_NONE;
}

void stored_free(struct stored *stored)
{
    if (!stored)
        return;
    for (size_t i = 0; i < stored->count; i++)
        free(stored->files[i].bytes);
    json_decref(stored->root);
    free(stored);
}

/* json_copy() leaves out, and doesn't tell, what it has no memory for. */
static json_t *copy(json_t *object)
{
    json_t *made = json_copy(object);

    if (json_object_size(made) == json_object_size(object))
        return made;
    json_decref(made);
    return NULL;
}

/* Put a text where 'field' stands; false when out of memory. */
static bool replace(json_t *root, enum field_id field, const char *text)
{
    return json_object_set_new(root, field_name(field), json_string(text)) == 0;
}

/*
 * Change the document 'root'; false when out of memory.  A seed that can only
 * have been negative is so again.
 */
static bool apply(const struct stored *stored,
                  const struct stored_change *change, json_t *root)
{
    const struct sow_generator *generator =
        change->generator ? change->generator : stored_generator(stored);
    const uint64_t seed = change->seed ? *change->seed : 0;
    char digits[24];

    snprintf(digits, sizeof digits,
             value_seed_fits(generator, seed, false) ? "%" PRIu64 : "%" PRId64,
             seed);
    return (!change->generator ||
            replace(root, FIELD_GENERATOR, change->generator->name)) &&
           (!change->seed || replace(root, FIELD_SEED, digits)) &&
           (!change->dtype ||
            replace(root, FIELD_DTYPE, sow_dtype_name(*change->dtype)));
}

enum problem_code stored_model(const struct stored *stored,
                               const struct api_limits *limits,
                               const struct stored_change *change,
                               struct model *model, struct problem *problem)
{
    json_t *root = copy(stored->root);
    struct spec_options options;

    if (!root || !apply(stored, change, root)) {
        json_decref(root);
        return problem_no_memory(problem);
    }
    const enum problem_code code =
        spec_from_json(limits, root, NULL, model, &options, problem);
    json_decref(root);
    return code;
}

uint64_t stored_seed(const struct stored *stored)
{
    return stored->seed;
}

const struct sow_generator *stored_generator(const struct stored *stored)
{
    const json_t *name =
        json_object_get(stored->root, field_name(FIELD_GENERATOR));
    const struct sow_generator *found =
        name && json_is_string(name)
            ? sow_generator_find(json_string_value(name))
            : NULL;

    return found ? found : sow_generator_at(0);
}

uint64_t stored_shard_bytes(const struct stored *stored)
{
    return stored->shard_bytes;
}

const json_t *stored_config(const struct stored *stored)
{
    return json_object_get(stored->root, "config");
}

size_t stored_file_count(const struct stored *stored)
{
    return stored->count;
}

const char *stored_file(const struct stored *stored, size_t i,
                        const void **bytes, size_t *size)
{
    const struct stored_file *file = &stored->files[i];

    *bytes = file->bytes;
    *size = file->size;
    return file->name;
}
