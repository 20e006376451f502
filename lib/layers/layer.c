/* SPDX-License-Identifier: MIT */
/* Layers and blocks before they are expanded: arguments bound and checked. */
#include <string.h>

#include "layers/arguments.h"
#include "layers/rows.h"
#include "status.h"

enum sow_status sow_block_bind(const struct sow_layer_type *block,
                               const char *with, const struct sow_scope *scope,
                               struct sow_variable *variables,
                               struct sow_error *error)
{
    bool is_set[SOW_MAX_ARGUMENTS] = {false};
    size_t at = 0;

    while (with != NULL && with[at] != '\0') {
        size_t length = sow_word_length(with, at);
        int found = sow_argument_find(block->arguments, block->argument_count,
                                      with + at, length);
        enum sow_status status;

        at = sow_skip_blanks(with, at + length);
        if (found < 0 || with[at] != '=')
            return sow_fail(error, SOW_BAD_PARAMETER, block->name,
                            "%.60s has no argument as in %.100s", block->name,
                            with);
        at++;
        status = sow_argument_read(&block->arguments[found], with, &at, scope,
                                   &variables[found], error);
        if (status != SOW_OK)
            return status;
        is_set[found] = true;
        at = sow_skip_blanks(with, at + (with[at] == ','));
    }
    return sow_arguments_fill(block->arguments, block->argument_count, is_set,
                              variables, error);
}

enum sow_status sow_layer_check(const struct sow_layer_type *type,
                                const struct sow_scope *scope,
                                struct sow_error *error)
{
    for (uint32_t i = 0; i < type->check_count; i++) {
        double holds = 0;
        enum sow_status status =
            sow_evaluate(type->checks[i].holds, scope, &holds, error);

        if (status != SOW_OK)
            return status;
        if (holds == 0)
            return sow_fail(error, SOW_BAD_PARAMETER, type->checks[i].argument,
                            "%s", type->checks[i].text);
    }
    return SOW_OK;
}

enum sow_status sow_layer_init(struct sow_layer *layer,
                               const struct sow_layer_type *type,
                               const struct sow_given *given,
                               size_t given_count, struct sow_error *error)
{
    struct sow_variable variables[SOW_MAX_ARGUMENTS];
    const struct sow_scope scope = {variables, type->argument_count, NULL};
    enum sow_status status =
        sow_arguments_bind(type->arguments, type->argument_count, type->open,
                           given, given_count, variables, error);

    if (status == SOW_OK)
        status = sow_layer_check(type, &scope, error);
    if (status != SOW_OK)
        return status;
    layer->type = type;
    memcpy(layer->variables, variables,
           type->argument_count * sizeof variables[0]);
    return SOW_OK;
}

struct sow_scope sow_layer_scope(const struct sow_layer *layer)
{
    return (struct sow_scope){layer->variables, layer->type->argument_count,
                              NULL};
}

static enum sow_status count_one(void *argument,
                                 const struct sow_layer_tensor *tensor,
                                 struct sow_error *error)
{
    size_t *count = argument;

    (void)tensor;
    (void)error;
    ++*count;
    return SOW_OK;
}

enum sow_status sow_layer_count(const struct sow_layer *layer, size_t limit,
                                size_t *count, struct sow_error *error)
{
    size_t counted = 0;
    enum sow_status status =
        sow_layer_visit(layer, limit, count_one, &counted, error);

    if (status == SOW_OK)
        *count = counted;
    return status;
}
