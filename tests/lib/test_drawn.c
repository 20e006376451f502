/* SPDX-License-Identifier: MIT */
/* What constructors draw, and what must hold of it for every type. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "given.h"
#include "help.h"

Suite *drawn_suite(void);

#define MOST_TENSORS 1024

/* A tensor as it is visited, and as its last draw has it. */
struct known {
    struct sow_layer_tensor visited, drawn;
    bool is_drawn;
};

/* All tensors of a layer, and how many draws there were. */
struct knowledge {
    const char *label;
    struct known tensors[MOST_TENSORS];
    size_t count, draws;
};

static enum sow_status learn(void *argument,
                             const struct sow_layer_tensor *tensor,
                             struct sow_error *error)
{
    struct knowledge *known = argument;

    (void)error;
    ck_assert_uint_lt(known->count, MOST_TENSORS);
    known->tensors[known->count++].visited = *tensor;
    return SOW_OK;
}

static struct known *find(struct knowledge *known, const char *name)
{
    for (size_t i = 0; i < known->count; i++)
        if (strcmp(known->tensors[i].visited.name, name) == 0)
            return &known->tensors[i];
    ck_abort_msg("%s has no tensor \"%s\", which it draws", known->label, name);
    return NULL;
}

static bool has_shape(const struct sow_layer_tensor *a,
                      const struct sow_layer_tensor *b)
{
    return a->shape.rank == b->shape.rank &&
           memcmp(a->shape.dims, b->shape.dims,
                  a->shape.rank * sizeof a->shape.dims[0]) == 0;
}

static enum sow_status follow(void *argument, const struct sow_layer_draw *draw,
                              struct sow_error *error)
{
    const char *name = draw->tensor->name;
    struct knowledge *known = argument;
    struct known *tensor;

    (void)error;
    known->draws++;
    ck_assert_msg((draw->use == SOW_DRAW_COPIED) == (draw->from != NULL),
                  "%s: %s has a model, or none", known->label, name);
    if (draw->use == SOW_DRAW_DISCARDED) {
        ck_assert_str_eq(name, "");
        return SOW_OK;
    }
    tensor = find(known, name);
    ck_assert_msg(has_shape(&tensor->visited, draw->tensor),
                  "%s: %s is drawn in another shape", known->label, name);
    ck_assert_msg(draw->from == NULL || find(known, draw->from)->is_drawn,
                  "%s: %s is copied from %s before that is drawn", known->label,
                  name, draw->from);
    tensor->drawn = *draw->tensor;
    tensor->is_drawn = true;
    return SOW_OK;
}

/* By name, but for the library before it; and by parameters, nearly. */
static bool is_same_scheme(const struct sow_scheme *a,
                           const struct sow_scheme *b)
{
    const char *name = a->info->name, *behind = strrchr(b->info->name, '.');

    if (strcmp(name, b->info->name) != 0 &&
        (behind == NULL || strcmp(name, behind + 1) != 0))
        return false;
    for (uint32_t i = 0; i < a->info->parameter_count; i++)
        if (fabs(a->values[i] - b->values[i]) > 1e-15 * fabs(a->values[i]))
            return false;
    return true;
}

static bool is_constant(const struct sow_layer_tensor *tensor)
{
    const char *dot = strrchr(tensor->scheme.info->name, '.');

    return dot != NULL &&
           (strcmp(dot, ".zeros") == 0 || strcmp(dot, ".ones") == 0 ||
            strcmp(dot, ".constant") == 0);
}

static void check_last_draws(const struct knowledge *known, bool counted)
{
    for (size_t i = 0; i < known->count; i++) {
        const struct known *tensor = &known->tensors[i];
        bool wanted = counted ? tensor->visited.part != SOW_PART_STATE
                              : !is_constant(&tensor->visited);

        ck_assert_msg(tensor->is_drawn == wanted, "%s: %s is %sdrawn",
                      known->label, tensor->visited.name, wanted ? "not " : "");
        ck_assert_msg(!wanted || is_same_scheme(&tensor->visited.scheme,
                                                &tensor->drawn.scheme),
                      "%s: %s is %s, but drawn as %s", known->label,
                      tensor->visited.name, tensor->visited.scheme.info->name,
                      tensor->drawn.scheme.info->name);
    }
}

static void check_draws(const struct sow_layer *layer, const char *label)
{
    struct knowledge *known = must_allocate(sizeof *known);
    struct sow_error error = {.text = ""};
    enum sow_status status;

    memset(known, 0, sizeof *known);
    known->label = label;
    ck_assert_int_eq(sow_layer_visit(layer, MOST_TENSORS, learn, known, &error),
                     SOW_OK);
    status = sow_layer_draws(layer, 100000, follow, known, &error);
    if (strcmp(layer->type->library, "keras") == 0) {
        ck_assert_int_eq(status, SOW_BAD_SCHEME);
        ck_assert_str_eq(error.at, "type");
    } else {
        ck_assert_msg(status == SOW_OK, "%s is refused: %s: %s", label,
                      error.at, error.text);
        check_last_draws(known, strcmp(layer->type->library, "flax") == 0);
    }
    free(known);
}

/* All that are required are 32. */
static void make_layer(struct sow_layer *layer,
                       const struct sow_layer_type *type)
{
    struct sow_given given[SOW_MAX_ARGUMENTS];
    struct sow_error error = {.text = ""};
    size_t count = 0;

    for (uint32_t i = 0; i < type->argument_count; i++)
        if (type->arguments[i].otherwise == NULL &&
            type->arguments[i].kind != SOW_ARGUMENT_IGNORED)
            given[count++] = (struct sow_given){.name = type->arguments[i].name,
                                                .kind = SOW_VALUE_NUMBER,
                                                .count = 1,
                                                .numbers = {32}};
    ck_assert_msg(sow_layer_init(layer, type, given, count, &error) == SOW_OK,
                  "%s is refused: %s: %s", type->name, error.at, error.text);
}

START_TEST(every_tensor_has_its_scheme_by_its_last_draw)
{
    const struct sow_layer_type *type;

    for (size_t i = 0; (type = sow_layer_type_at(i)) != NULL; i++) {
        struct sow_layer layer;

        make_layer(&layer, type);
        check_draws(&layer, type->name);
    }
}
END_TEST

/* The words of 'architectures', with tied words and without. */
START_TEST(so_has_every_architecture)
{
    const struct sow_layer_type *type;
    size_t seen = 0;

    for (size_t i = 0; (type = sow_layer_type_at(i)) != NULL; i++) {
        const char *const *words = type->arguments[0].choices;

        if (strcmp(type->library, "transformers") != 0)
            continue;
        for (; *words != NULL; words++, seen++) {
            struct sow_error error = {.text = ""};
            struct sow_layer layer;
            char arguments[200];

            snprintf(arguments, sizeof arguments,
                     "architectures=%s tie_word_embeddings=%s", *words,
                     seen % 2 == 0 ? "true" : "false");
            ck_assert_int_eq(layer_make(&layer, type->name, arguments, &error),
                             SOW_OK);
            check_draws(&layer, *words);
        }
    }
    ck_assert_uint_ge(seen, 30);
}
END_TEST

Suite *drawn_suite(void)
{
    Suite *suite = suite_create("drawn");
    TCase *cases = tcase_create("drawn");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, every_tensor_has_its_scheme_by_its_last_draw);
    tcase_add_test(cases, so_has_every_architecture);
    suite_add_tcase(suite, cases);
    return suite;
}
