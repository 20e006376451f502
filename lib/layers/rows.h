/* SPDX-License-Identifier: MIT */
/*
 * The rows of layer types: how tables say which tensors a layer has; for
 * lib/layers/ only.  expand.c reads them.
 *
 * All numbers are expressions (layers.h) over the type's arguments and the
 * indices of the repetitions around.  A library's file is tables alone:
 *
 *     static const struct sow_argument linear_arguments[] = {
 *         SOW_NEEDS("in_features", INDEX),
 *         SOW_NEEDS("out_features", INDEX),
 *         SOW_TAKES("bias", FLAG, "true"),
 *     };
 *     static const struct sow_row linear_rows[] = {
 *         {.name = "weight",
 *          .part = SOW_PART_WEIGHT,
 *          .shape = {"out_features", "in_features"},
 *          .scheme = "torch.linear"},
 *         {.name = "bias", .when = "bias", …},
 *     };
 *
 * A row with a 'block' stands for all rows of that type, with 'name' before
 * their names ("self_attn."; dots are written out):
 *
 *     {.name = "h.{i}.", .block = &gpt2_block, .repeat = "n_layer"},
 *     {.name = "linear1.", .block = &linear,
 *      .with = "in_features = d_model, out_features = 4 * d_model"},
 *
 * A block that has arguments sees these alone, given by 'with' as expressions
 * in the includer's scope (those not given are at their default, and so for a
 * choice or a list, which 'with' can pass on by bare name only); a block
 * without arguments sees all that its includer sees.  A word that is all of a
 * value, in 'with' or as an argument's default, is null, or else a variable,
 * or else a choice.  'repeat' is evaluated before 'when', which sees the index.
 *
 * What a constructor draws is what its tensors' schemes say, one after another
 * (draws.c).  A type of which that isn't all has a list of draws, which names
 * rows.  Draws have phases: a framework's modules draw when they are made; a
 * model then resets its modules, and a module may draw some of what is in it
 * again.  Of a type with a list, what happens in a phase is the entries that
 * are 'in' it, and of one without: in any phase its blocks do what they do in
 * it, and its own tensors are drawn when it is made, and those that 'matrices'
 * is for when it is reset.  sow_layer_draws() makes a type.
 *
 *     static const struct sow_draw model_draws[] = {
 *         SOW_PASS(MAKE, NULL, MAKE),    all rows are made, in order, and
 *         SOW_PASS(MAKE, NULL, RESET),   reset; the whole isn't by others
 *     };
 *     static const struct sow_draw linear_draws[] = {
 *         SOW_DRAW(MAKE, "weight", "torch.linear"),
 *         SOW_DRAW(RESET, "weight", NULL),
 *     };
 */
#ifndef ROWS_H
#define ROWS_H

#include "layers/layers.h"
#include "count.h"

/* Blocks within blocks; a table that goes deeper is refused. */
#define SOW_MAX_NESTING 8

struct sow_row {
    const char *when; /* expression: only then; NULL: always */
    const char *tied; /* expression: then not, but what it draws is discarded */
    const char *name; /* {e} is the value of expression e, a whole one */
    const char *repeat; /* expression: as often, or NULL: once … */
    const char *index;  /* … this counting from 0; NULL: "i" */
    enum sow_part part; /* what follows is for a row without a block: */
    const char *shape[SOW_MAX_RANK]; /* up to NULL; "*x" for all of list x */
    const char *scheme;              /* sow_scheme_read() */
    const char *multiplier; /* expression, NULL: 1; with a block: of all */
    struct sow_axes axes;   /* explicit ones, unless all 0 */
    const struct sow_layer_type *block;
    const char *with;     /* the block's arguments: "name = e, …" */
    const char *matrices; /* scheme of all that have 2 dimensions or more */
};

enum sow_phase { SOW_MAKE, SOW_RESET, SOW_AGAIN };

/*
 * In phase 'in' the type's rows called 'name', or with NULL all of them, do
 * what they do in phase 'as'; a tensor that is called by its name is drawn by
 * 'scheme', or with NULL the row's.  Of a repetition that is 'copied' the first
 * turn alone is made, and the others are copies of it; where there is none it
 * is made and discarded.
 */
struct sow_draw {
    enum sow_phase in;
    const char *name;
    enum sow_phase as;
    const char *scheme;
    bool copied;
};

/*
 * What must hold besides each argument's domain: 'holds' is an expression,
 * 'argument' the name that an error is about, 'text' its sentence, such as
 * "embed_dim must be a multiple of num_heads".
 */
struct sow_check {
    const char *holds;
    const char *argument;
    const char *text;
};

/*
 * For initializers of arguments: required, with a default, sizes, without
 * effect, computed.
 */
#define SOW_NEEDS(n, k)                       \
    {                                         \
        .name = (n), .kind = SOW_ARGUMENT_##k \
    }
#define SOW_TAKES(n, k, o)                                      \
    {                                                           \
        .name = (n), .kind = SOW_ARGUMENT_##k, .otherwise = (o) \
    }
#define SOW_TAKES_SIZES(n, l, o)                                \
    {                                                           \
        .name = (n), .kind = SOW_ARGUMENT_SIZES, .length = (l), \
        .otherwise = (o)                                        \
    }
#define SOW_IGNORES(n)                            \
    {                                             \
        .name = (n), .kind = SOW_ARGUMENT_IGNORED \
    }
#define SOW_DERIVES(n, o)                                           \
    {                                                               \
        .name = (n), .kind = SOW_ARGUMENT_DERIVED, .otherwise = (o) \
    }

/* For initializers of types and profiles: arrays and how many they have. */
#define SOW_ARGUMENTS(array) \
    .arguments = (array), .argument_count = COUNT(array)
#define SOW_CHECKS(array) .checks = (array), .check_count = COUNT(array)
#define SOW_ROWS_OF(array) .rows = (array), .row_count = COUNT(array)
#define SOW_DRAWS_OF(array) .draws = (array), .draw_count = COUNT(array)
#define SOW_RULES(array) .rules = (array), .rule_count = COUNT(array)

/* For lists of draws: a tensor that is drawn, and rows that do as in 'a'. */
#define SOW_DRAW(p, n, s)                          \
    {                                              \
        .in = SOW_##p, .name = (n), .scheme = (s), \
    }
#define SOW_PASS(p, n, a)                          \
    {                                              \
        .in = SOW_##p, .name = (n), .as = SOW_##a, \
    }

/*
 * Set 'variables', one for each of the block's arguments, from "name = value,
 * …" in 'scope' or otherwise.
 */
SOW_MUST_CHECK enum sow_status
sow_block_bind(const struct sow_layer_type *block, const char *with,
               const struct sow_scope *scope, struct sow_variable *variables,
               struct sow_error *error);

/* Whether all checks hold for the arguments in 'scope'. */
SOW_MUST_CHECK enum sow_status
sow_layer_check(const struct sow_layer_type *type,
                const struct sow_scope *scope, struct sow_error *error);

/* Whether a row counts, by its 'when' and its 'tied'. */
enum sow_presence { SOW_ABSENT, SOW_PRESENT, SOW_TIED };

SOW_MUST_CHECK enum sow_status sow_row_presence(const struct sow_row *row,
                                                const struct sow_scope *scope,
                                                enum sow_presence *presence,
                                                struct sow_error *error);

/*
 * Set all of 'tensor' that a row of 'type' without a block says, but for its
 * scheme, multiplier and name, which is there already.
 */
SOW_MUST_CHECK enum sow_status sow_row_tensor(const struct sow_row *row,
                                              const struct sow_layer_type *type,
                                              const struct sow_scope *scope,
                                              struct sow_layer_tensor *tensor,
                                              struct sow_error *error);

/* One library's types; library.c lists these. */
struct sow_layer_library {
    const struct sow_layer_type *types;
    size_t count;
};

extern const struct sow_layer_library sow_torch_layers;
extern const struct sow_layer_library sow_torch_norm_layers;
extern const struct sow_layer_library sow_torch_recurrent_layers;
extern const struct sow_layer_library sow_torch_attention_layers;
extern const struct sow_layer_library sow_keras_layers;
extern const struct sow_layer_library sow_keras_recurrent_layers;
extern const struct sow_layer_library sow_keras_attention_layers;
extern const struct sow_layer_library sow_flax_layers;
extern const struct sow_layer_library sow_flax_attention_layers;
extern const struct sow_layer_library sow_flax_recurrent_layers;
extern const struct sow_layer_library sow_transformers_layers;

/* Built-in profiles (profiles.c). */
extern const struct sow_profile *const sow_profiles[];
extern const size_t sow_profile_total;

#endif
