/* SPDX-License-Identifier: MIT */
/* Writing descriptions. */
#include "hub/card.h"

#include "document.h"
#include "formats/safetensors.h"

#include <string.h>

/* A config.json that takes more memory than that is not looked into. */
#define CONFIG_BYTES ((uint64_t)16 << 20)

void card_put_name(struct text *text, const char *name)
{
    char author[REPO_NAME] = "";
    size_t n = strcspn(name, "/");

    if (n < sizeof author)
        memcpy(author, name, n);
    text_put_member(text, "id", name);
    text_put_member(text, "modelId", name);
    text_put_member(text, "author", author);
    text_put(text, ",\"private\":false,\"gated\":false,\"disabled\":false,"
                   "\"downloads\":0,\"likes\":0");
    text_put_member(text, "lastModified", CARD_DATE);
    text_put_member(text, "createdAt", CARD_DATE);
}

/* ------------------------------------------------------------------------
 * The configuration
 */

/* What a config.json says that descriptions repeat; borrowed from it. */
struct config {
    json_t *json; /* owned; NULL when there is none that can be read */
    const char *type;
    const json_t *architectures;
    const char *architecture; /* the first */
};

/* Sets 'short_of_memory', and leaves it alone otherwise. */
static struct config config_read(const struct repo *repo, bool *short_of_memory)
{
    const struct repo_file *file = repo_find(repo, "config.json");
    struct config config = {0};
    struct problem problem;

    if (!file)
        return config;
    if (document_load(file->bytes, (size_t)file->size, CONFIG_BYTES,
                      &config.json, &problem)) {
        *short_of_memory |= problem.code == PROBLEM_INTERNAL;
        return config;
    }
    config.type = json_string_value(json_object_get(config.json, "model_type"));
    config.architectures = json_object_get(config.json, "architectures");
    config.architecture =
        json_string_value(json_array_get(config.architectures, 0));
    return config;
}

/* What the architectures of some endings are for. */
static const struct {
    const char *ending;
    const char *task;
} tasks[] = {
    {"ForCausalLM", "text-generation"},
    {"LMHeadModel", "text-generation"},
    {"ForConditionalGeneration", "text2text-generation"},
    {"ForMaskedLM", "fill-mask"},
    {"ForSequenceClassification", "text-classification"},
    {"ForTokenClassification", "token-classification"},
    {"ForQuestionAnswering", "question-answering"},
    {"ForImageClassification", "image-classification"},
};

/* NULL where it isn't sure. */
static const char *task_of(const char *architecture)
{
    size_t n = architecture ? strlen(architecture) : 0;

    for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++) {
        size_t k = strlen(tasks[i].ending);
        if (n > k && !strcmp(architecture + n - k, tasks[i].ending))
            return tasks[i].task;
    }
    return NULL;
}

static void put_architectures(struct text *text, const json_t *names)
{
    const json_t *name;
    size_t i;

    text_put_key(text, "architectures");
    text_put(text, "[");
    json_array_foreach(names, i, name) if (json_is_string(name))
    {
        text_put_entry(text);
        text_put_string(text, json_string_value(name));
    }
    text_put(text, "]");
}

static void put_config(struct text *text, const struct config *config)
{
    text_put_key(text, "config");
    text_put(text, "{");
    if (json_is_array(config->architectures))
        put_architectures(text, config->architectures);
    if (config->type)
        text_put_member(text, "model_type", config->type);
    text_put(text, "}");
}

static void put_library(struct text *text, const struct config *config)
{
    const char *task = task_of(config->architecture);
    const char *tags[5] = {"safetensors"};
    size_t n = 1;

    if (config->type) {
        tags[n++] = "transformers";
        tags[n++] = config->type;
        text_put_member(text, "library_name", "transformers");
    }
    if (task) {
        tags[n++] = task;
        text_put_member(text, "pipeline_tag", task);
    }
    text_put_strings(text, "tags", tags);
}

/* ------------------------------------------------------------------------
 * The weights
 */

/* How many elements there are of each type, by safetensors' names. */
static void put_parameters(struct text *text, const struct model *model)
{
    uint64_t counts[SOW_DTYPES] = {0};
    uint64_t total = 0;

    for (size_t i = 0; i < model->count; i++) {
        counts[model->tensors[i].spec.dtype] += model->tensors[i].elements;
        total += model->tensors[i].elements;
    }
    text_put_key(text, "safetensors");
    text_put(text, "{");
    text_put_key(text, "parameters");
    text_put(text, "{");
    for (enum sow_dtype dtype = 0; dtype < SOW_DTYPES; dtype++) {
        if (counts[dtype] == 0)
            continue;
        text_put_key(text, safetensors_dtype(dtype));
        text_put_integer(text, counts[dtype]);
    }
    text_put(text, "}");
    text_put_key(text, "total");
    text_put_integer(text, total);
    text_put(text, "}");
}

void card_put_repo(struct text *text, const struct repo *repo)
{
    struct config config = config_read(repo, &text->failed);

    text_put_member(text, "sha", repo->hex);
    put_library(text, &config);
    put_config(text, &config);
    put_parameters(text, &repo->model);
    json_decref(config.json);
}

/* "init/gpt2 with seed 42". */
static void put_title(struct text *text, const struct repo *repo)
{
    char bytes[REPO_NAME + 128];
    struct text title = {.bytes = bytes, .room = sizeof bytes};

    text_put(&title, repo->name);
    text_put(&title, " with seed ");
    text_put_integer(&title, repo->seed);
    if (repo->generator != sow_generator_at(0)) {
        text_put(&title, " of ");
        text_put(&title, repo->generator->name);
    }
    text_add(&title, "", 1);
    text_put_member(text, "title", bytes);
}

void card_put_commit(struct text *text, const struct repo *repo)
{
    text_put_member(text, "id", repo->hex);
    put_title(text, repo);
    text_put_member(text, "date", CARD_DATE);
}
