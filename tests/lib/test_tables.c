/* SPDX-License-Identifier: MIT */
/*
 * The tables of layer types and profiles: every text in them can be read, and
 * names only what there is.
 */
#include <stdio.h>
#include <string.h>

#include "help.h"
#include "layers/expression.h"
#include "layers/rows.h"

Suite *tables_suite(void);

static void check(const char *where, const char *what, const char *text,
                  const struct sow_scope *scope)
{
    struct sow_error error = {.text = ""};

    if (text == NULL)
        return;
    ck_assert_msg(sow_expression_check(text, scope, &error) == SOW_OK,
                  "%s, %s = \"%s\": %s", where, what, text, error.text);
}

static void check_scheme(const char *where, const char *text,
                         const struct sow_scope *scope)
{
    struct sow_error error = {.text = ""};
    struct sow_scheme scheme;

    if (text == NULL)
        return;
    ck_assert_msg(sow_scheme_parse(&scheme, text, scope, true, &error) ==
                      SOW_OK,
                  "%s, \"%s\": %s: %s", where, text, error.at, error.text);
}

static void check_name(const char *where, const char *name,
                       const struct sow_scope *scope)
{
    while (name != NULL && (name = strchr(name, '{')) != NULL) {
        struct sow_error error = {.text = ""};
        double value;
        size_t at = 1;

        ck_assert_msg(sow_expression_read(name, &at, scope, true, &value,
                                          &error) == SOW_OK &&
                          name[at] == '}',
                      "%s, \"%s\": %s", where, name, error.text);
        name += at;
    }
}

static void check_sizes(const char *where, const struct sow_row *row,
                        const struct sow_scope *scope)
{
    for (int i = 0; i < SOW_MAX_RANK && row->shape[i] != NULL; i++)
        if (row->shape[i][0] == '*')
            ck_assert_msg(sow_scope_find(scope, row->shape[i] + 1,
                                         strlen(row->shape[i] + 1)) != NULL,
                          "%s: there is no %s", where, row->shape[i] + 1);
        else
            check(where, "shape", row->shape[i], scope);
}

/* Each argument as a variable of its kind. */
static size_t declare(const struct sow_layer_type *type,
                      struct sow_variable *variables)
{
    memset(variables, 0, SOW_MAX_ARGUMENTS * sizeof *variables);
    ck_assert_uint_le(type->argument_count, SOW_MAX_ARGUMENTS);
    for (uint32_t i = 0; i < type->argument_count; i++) {
        const struct sow_scope before = {variables, i, NULL};
        const struct sow_argument *argument = &type->arguments[i];

        variables[i].name = argument->name;
        variables[i].choices = argument->choices;
        if (argument->kind == SOW_ARGUMENT_CHOICE)
            ck_assert_msg(argument->choices != NULL, "%s has no choices",
                          argument->name);
        else if (argument->otherwise != NULL &&
                 strcmp(argument->otherwise, "null") != 0)
            check(argument->name, "otherwise", argument->otherwise, &before);
    }
    return type->argument_count;
}

static void check_type(const struct sow_layer_type *type, const char *where,
                       const struct sow_scope *outer, int depth);

static void check_row(const struct sow_row *row, const char *name,
                      const struct sow_scope *outer, int depth)
{
    const struct sow_variable index = {.name = row->index != NULL ? row->index
                                                                  : "i"};
    const struct sow_scope repeated = {&index, 1, outer};
    const struct sow_scope *scope = row->repeat != NULL ? &repeated : outer;
    char where[160];

    snprintf(where, sizeof where, "%s/%s", name,
             row->name == NULL ? "" : row->name);
    check(where, "repeat", row->repeat, outer);
    check(where, "when", row->when, scope);
    check(where, "tied", row->tied, scope);
    check(where, "multiplier", row->multiplier, scope);
    check_name(where, row->name, scope);
    check_scheme(where, row->matrices, scope);
    if (row->block != NULL) {
        check_type(row->block, where, scope, depth + 1);
        return;
    }
    ck_assert_msg(row->part != 0 && row->scheme != NULL,
                  "%s has no part or no scheme", where);
    check_scheme(where, row->scheme, scope);
    check_sizes(where, row, scope);
}

/* It names rows; a scheme is for tensors that are not repeated. */
static void check_draw(const struct sow_draw *draw,
                       const struct sow_layer_type *type, const char *where,
                       const struct sow_scope *scope)
{
    size_t named = 0;

    for (uint32_t i = 0; draw->name != NULL && i < type->row_count; i++) {
        const struct sow_row *row = &type->rows[i];

        if (strcmp(row->name, draw->name) != 0)
            continue;
        named++;
        ck_assert_msg(!draw->copied || row->repeat != NULL,
                      "%s: %s is no repetition", where, draw->name);
        ck_assert_msg(draw->scheme == NULL ||
                          (row->block == NULL && row->repeat == NULL),
                      "%s: %s is no tensor", where, draw->name);
    }
    ck_assert_msg(draw->name == NULL || named > 0, "%s has no row \"%s\"",
                  where, draw->name);
    check_scheme(where, draw->scheme, scope);
}

static void check_type(const struct sow_layer_type *type, const char *where,
                       const struct sow_scope *outer, int depth)
{
    struct sow_variable variables[SOW_MAX_ARGUMENTS];
    const struct sow_scope own = {variables, declare(type, variables), NULL};
    const struct sow_scope *scope = type->argument_count > 0 ? &own : outer;

    ck_assert_msg(depth <= SOW_MAX_NESTING, "%s is nested too deeply", where);
    for (uint32_t i = 0; i < type->check_count; i++) {
        check(where, "holds", type->checks[i].holds, scope);
        ck_assert_ptr_nonnull(type->checks[i].text);
    }
    for (uint32_t i = 0; i < type->row_count; i++)
        check_row(&type->rows[i], where, scope, depth);
    for (uint32_t i = 0; i < type->draw_count; i++)
        check_draw(&type->draws[i], type, where, scope);
}

START_TEST(types_can_be_read)
{
    const struct sow_scope none = {NULL, 0, NULL};
    const struct sow_layer_type *type;
    size_t count = 0;

    for (; (type = sow_layer_type_at(count)) != NULL; count++) {
        ck_assert_ptr_nonnull(type->summary);
        check_type(type, type->name, &none, 0);
    }
    ck_assert_uint_ge(count, 30);
}
END_TEST

START_TEST(types_are_found_by_each_name)
{
    const struct sow_layer_type *type;

    for (size_t i = 0; (type = sow_layer_type_at(i)) != NULL; i++) {
        ck_assert_msg(sow_layer_type_find(type->name) == type,
                      "%s is another's", type->name);
        for (size_t a = 0; type->aliases != NULL && type->aliases[a] != NULL;
             a++)
            ck_assert_msg(sow_layer_type_find(type->aliases[a]) == type,
                          "%s is another's than %s", type->aliases[a],
                          type->name);
    }
    ck_assert_ptr_eq(sow_layer_type_find("torch.nn.LSTM"),
                     sow_layer_type_find("lstm"));
    ck_assert_ptr_null(sow_layer_type_find("torch.keras.dense"));
    ck_assert_ptr_null(sow_layer_type_find(""));
}
END_TEST

/* Names and aliases of arguments are words, each once. */
START_TEST(arguments_have_names_of_their_own)
{
    const struct sow_layer_type *type;

    for (size_t i = 0; (type = sow_layer_type_at(i)) != NULL; i++)
        for (uint32_t a = 0; a < type->argument_count; a++) {
            const char *name = type->arguments[a].name;

            ck_assert_uint_eq(sow_word_length(name, 0), strlen(name));
            for (uint32_t b = 0; b < a; b++)
                ck_assert_msg(strcmp(name, type->arguments[b].name) != 0 &&
                                  (type->arguments[b].alias == NULL ||
                                   strcmp(name, type->arguments[b].alias) != 0),
                              "%s has %s twice", type->name, name);
        }
}
END_TEST

START_TEST(profiles_can_be_read)
{
    const struct sow_profile *profile;

    for (size_t i = 0; (profile = sow_profile_at(i)) != NULL; i++) {
        const struct sow_layer_type like = {.arguments = profile->arguments,
                                            .argument_count =
                                                profile->argument_count};
        struct sow_variable variables[SOW_MAX_ARGUMENTS];
        const struct sow_scope scope = {variables, declare(&like, variables),
                                        NULL};
        struct sow_error error = {.text = ""};
        int rule = -1;

        ck_assert_msg(
            sow_profile_check(profile, &scope, &rule, &error) == SOW_OK,
            "%s, rule %d, %s: %s", profile->name, rule, error.at, error.text);
        ck_assert_ptr_eq(sow_profile_find(profile->name), profile);
    }
}
END_TEST

Suite *tables_suite(void)
{
    Suite *suite = suite_create("tables");
    TCase *cases = tcase_create("tables");

    tcase_add_test(cases, types_can_be_read);
    tcase_add_test(cases, types_are_found_by_each_name);
    tcase_add_test(cases, arguments_have_names_of_their_own);
    tcase_add_test(cases, profiles_can_be_read);
    suite_add_tcase(suite, cases);
    return suite;
}
