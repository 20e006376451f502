/* SPDX-License-Identifier: MIT */
/* Stored documents. */
#include "stored.h"

#include "base64.h"
#include "dump.h"
#include "fields.h"
#include "utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static const struct place at_files = {&place_document, "files", 0};
static const char config_name[] = "config.json";

/* 'bytes' is owned. */
struct file {
    char name[STORED_NAME];
    char *bytes;
    size_t size;
};

/* 'root' is the document without what only this file knows of. */
struct stored {
    json_t *root; /* owned */
    uint64_t seed;
    uint64_t shard_bytes;
    uint64_t room; /* what more files may have */
    size_t count;
    struct file files[STORED_FILES + 1];
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

static enum problem_code take_text(struct file *file, const json_t *json,
                                   struct problem *problem)
{
    file->size = json_string_length(json);
    file->bytes = malloc(file->size + 1);
    if (!file->bytes)
        return problem_no_memory(problem);
    memcpy(file->bytes, json_string_value(json), file->size);
    return PROBLEM_NONE;
}

/* How many bytes there are in base64: one less for each '=' at the end. */
static size_t count_bytes(const char *text, size_t n)
{
    size_t bytes = n / 4 * 3;

    for (size_t i = 0; i < 2 && i < n && text[n - 1 - i] == '='; i++)
        bytes--;
    return bytes;
}

static enum problem_code take_base64(struct file *file, const json_t *json,
                                     const struct place *place,
                                     struct problem *problem)
{
    const char *text = json_string_value(json);
    const size_t size = count_bytes(text, json_string_length(json));
    bool fine =
        json_string_length(json) % 4 == 0 && base64_is_padded(text, size);

    file->bytes = malloc(size + 1);
    if (!file->bytes)
        return problem_no_memory(problem);
    for (; fine && file->size < size; file->size++) {
        const int byte = base64_byte(text, file->size);
        fine = byte >= 0;
        file->bytes[file->size] = (char)byte;
    }
    if (fine)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_FIELD, place_text(place).text,
                       "This is not base64: A-Z, a-z, 0-9, + and /, with = at "
                       "the end where bytes are missing to a multiple of 3.");
}

/* White space makes the text of what is deeply nested far larger than it. */
static enum problem_code take_json(struct file *file, const json_t *json,
                                   uint64_t room, struct problem *problem)
{
    struct text text = {.grows = true, .most = (size_t)room + 1};

    dump_pretty(&text, json);
    text_put(&text, "\n");
    file->bytes = text.heap;
    file->size = text.over ? text.most : text.size;
    return text.failed && !text.over ? problem_no_memory(problem)
                                     : PROBLEM_NONE;
}

static enum problem_code take_content(struct file *file, json_t *json,
                                      const struct place *place, uint64_t room,
                                      struct problem *problem)
{
    const json_t *base64 = json_object_get(json, "base64");
    const struct value value = {NULL, json, place};

    if (json_is_string(json))
        return take_text(file, json, problem);
    if (json_object_size(json) == 1 && json_is_string(base64))
        return take_base64(file, base64, place, problem);
    if (json_is_object(json) || json_is_array(json))
        return take_json(file, json, room, problem);
    return value_refuse(&value,
                        "a text, {\"base64\": …}, or an object or array, which "
                        "is written as JSON",
                        problem);
}

/* Add the file called 'name', whose content is 'json'. */
static enum problem_code add_file(struct stored *stored, const char *name,
                                  json_t *json, const struct place *place,
                                  struct problem *problem)
{
    struct file *file = &stored->files[stored->count++];

    memcpy(file->name, name, strlen(name) + 1);
    if (take_content(file, json, place, stored->room, problem) != PROBLEM_NONE)
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
    return strcmp(((const struct file *)left)->name,
                  ((const struct file *)right)->name);
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

    return json ? value_seed(&value, &stored->seed, problem) : PROBLEM_NONE;
}

/* Refuse what belongs to a request alone. */
static enum problem_code check_fields(const json_t *root,
                                      struct problem *problem)
{
    static const enum field_id others[] = {
        FIELD_FORMAT, FIELD_DIGEST, FIELD_RECIPE, FIELD_TENSORS, FIELD_DATA};

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

enum problem_code stored_model(const struct stored *stored,
                               const struct api_limits *limits,
                               const uint64_t *seed,
                               const enum sow_dtype *dtype, struct model *model,
                               struct problem *problem)
{
    json_t *root = copy(stored->root);
    struct spec_options options;
    char digits[24];

    snprintf(digits, sizeof digits, "%" PRIu64, seed ? *seed : 0);
    if (!root || (seed && !replace(root, FIELD_SEED, digits)) ||
        (dtype && !replace(root, FIELD_DTYPE, sow_dtype_name(*dtype)))) {
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
    const struct file *file = &stored->files[i];

    *bytes = file->bytes;
    *size = file->size;
    return file->name;
}
