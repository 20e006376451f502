/* SPDX-License-Identifier: MIT */
/*
 * Layers and models as named tensors, and profiles that initialize them; the
 * second header that leaves lib/, beside sow.h.  It includes draws.h, which
 * has the draws that make a layer.
 *
 * Model.  A layer type, such as torch's "linear" or a whole
 * "transformers.gpt2", is data: the arguments that the framework's own
 * constructor takes (a model: the keys of its config.json), and rows that say
 * which tensors it has.  Adding one is adding rows to a table (rows.h).
 *
 *     type = sow_layer_type_find("conv2d");
 *     sow_layer_init(&layer, type, given, count, &error);
 *     sow_layer_visit(&layer, limit, each_tensor, argument, &error);
 *     sow_layer_draws(&layer, limit, each_draw, argument, &error);
 *
 * sow_layer_init() checks the arguments and fills in the framework's defaults.
 * sow_layer_visit() hands out the tensors in the order of the framework's
 * state_dict (or of its own list of weights): the parameter's own name and
 * shape and the framework's default scheme, ready for a 'struct sow_spec'.
 * sow_layer_draws() says in which order the framework's code draws them, and
 * what it draws beside, for the generators that follow a framework's own.
 *
 * A profile is a list of rules over tensors' names: the first one that matches
 * sets the scheme, or a multiplier on top of it, or both.
 *
 * Numbers in rows and rules are expressions, which users write as well:
 * "0.02 / sqrt(2 * n_layer)".  See sow_evaluate().
 *
 * Conventions are those of sow.h: nothing here allocates or keeps state,
 * pointers in structs are borrowed, results are untouched on failure, any
 * thread may call.  Text from users may be anything at all; an expression,
 * a pattern and a list of arguments take time in proportion to their length
 * (a pattern: times that of the name), and a visit to its limit.
 *
 * What differs from the frameworks: sow1's values depend on a tensor's name, so
 * the layers of a TransformerEncoder, which torch makes as equal copies of one,
 * have different values; num_batches_tracked, an integer, is left out.
 */
#ifndef LAYERS_H
#define LAYERS_H

#include "sow.h"

#define SOW_MAX_SIZES 8        /* numbers in a variable that is a list */
#define SOW_MAX_ARGUMENTS 48   /* of a layer type, derived ones included */
#define SOW_MAX_EXPRESSION 512 /* bytes of an expression or a scheme's text */

/* ------------------------------------------------------------------------
 * Expressions
 */

/*
 * A named number (count 1), list of numbers, or null (count 0).  'choices',
 * ending with NULL, are the words that the number is an index of, or NULL.
 * 'asked', unless NULL, becomes true when anything looks the variable up.
 */
struct sow_variable {
    const char *name;
    const char *const *choices;
    uint32_t count;
    double numbers[SOW_MAX_SIZES];
    bool *asked;
};

/* Variables by name; those that are not here are looked for in 'outer'. */
struct sow_scope {
    const struct sow_variable *variables;
    size_t count;
    const struct sow_scope *outer;
};

/*
 * Evaluate 'text' to a finite double.  From loosest to tightest:
 *
 *     a ? b : c    right to left
 *     a || b       1 or 0
 *     a && b
 *     == != < <= > >=   1 or 0, not chained
 *     + -          left to right
 *     * / %        left to right; a % b is of whole numbers, its sign that of a
 *     - + !        before an operand; -a is 0 - a
 *     a ^ b        power, right to left, tighter than a sign before it
 *     x[e]         element e of a list, from 0
 *
 * with numbers (2, .5, 1e-5), true, false, variables (a letter or _, then
 * letters, digits and _), ( ) and the functions sqrt log exp abs floor ceil of
 * one number, min max of two or more, len(x) and prod(x) of a list, has(x),
 * which says that x is not null, and is(x, word), which says that x is that
 * one of its choices.  Only the branch taken of ?: && || is computed, but
 * names must be known everywhere.  Numbers have at most 19 digits and lie
 * between 1e-60 and 1e60; blanks are spaces; brackets, signs and branches nest
 * about 30 deep.  Dividing by 0, what overflows and what has no value (the
 * root or logarithm of a negative number, an element past the end of a list)
 * are mistakes, too.
 *
 * The same bits everywhere: a number is the double nearest to it (ties to
 * even), each operation is IEEE 754's in the order written,
 * log, exp and ^ are those of lib/elementary.h, and x^n with n whole and at
 * most 64 in magnitude is the product from the left (its reciprocal below 0).
 *
 * Returns SOW_BAD_PARAMETER with error.at "expression" and the column of the
 * mistake in the text.
 */
SOW_MUST_CHECK enum sow_status sow_evaluate(const char *text,
                                            const struct sow_scope *scope,
                                            double *result,
                                            struct sow_error *error);

/*
 * Set 'scheme' from text such as "zeros" or "torch.uniform(a = -1 / n, b =
 * 1 / n)": a name of the catalogue, and expressions for parameters; a choice
 * is a word of its choices.  Required parameters must be there.  Returns
 * SOW_BAD_SCHEME with error.at "scheme" when there is no such scheme, and
 * SOW_BAD_PARAMETER with error.at the parameter's name, or "expression".
 */
SOW_MUST_CHECK enum sow_status sow_scheme_read(struct sow_scheme *scheme,
                                               const char *text,
                                               const struct sow_scope *scope,
                                               struct sow_error *error);

/* ------------------------------------------------------------------------
 * Arguments
 */

enum sow_argument_kind {
    SOW_ARGUMENT_COUNT,   /* a whole number from 1 to 2^53 */
    SOW_ARGUMENT_INDEX,   /* a whole number from 0 to 2^53 */
    SOW_ARGUMENT_WHOLE,   /* a whole number of any sign */
    SOW_ARGUMENT_NUMBER,  /* a finite double */
    SOW_ARGUMENT_FLAG,    /* true or false */
    SOW_ARGUMENT_CHOICE,  /* one of 'choices' */
    SOW_ARGUMENT_SIZES,   /* whole numbers from 0; one alone is repeated */
    SOW_ARGUMENT_IGNORED, /* the framework's, without effect on parameters */
    SOW_ARGUMENT_DERIVED, /* not to be given: computed from the others */
};

/*
 * One argument of a layer type, a model or a profile.  'alias' is another name
 * for it, or NULL.  'otherwise' is its value when it is not given, an
 * expression over the arguments before it (of a choice, the word; "null" for
 * null); NULL says that it is required.  null may be given for it if 'nullable'
 * and stands for 'otherwise' then.  A list of sizes has 'length' numbers, or
 * with 0 from 1 to SOW_MAX_SIZES.  'least' is added to the domain of the kind
 * where it is above 0: that number or more.
 */
struct sow_argument {
    const char *name;
    enum sow_argument_kind kind;
    const char *otherwise;
    bool nullable;
    uint32_t length;
    uint32_t least;
    const char *const *choices;
    const char *alias;
};

/* What a caller gives: a value of one of JSON's kinds, more or less. */
enum sow_value_kind {
    SOW_VALUE_NULL,
    SOW_VALUE_BOOL,    /* numbers[0], 0 or 1 */
    SOW_VALUE_NUMBER,  /* numbers[0] */
    SOW_VALUE_NUMBERS, /* 'count' of them */
    SOW_VALUE_TEXT,    /* 'text' */
    SOW_VALUE_OTHER,   /* anything else: only good to be ignored */
};

struct sow_given {
    const char *name;
    enum sow_value_kind kind;
    uint32_t count;
    double numbers[SOW_MAX_SIZES];
    const char *text;
};

/*
 * Set variables[i], for each of 'count' <= SOW_MAX_ARGUMENTS 'arguments', from
 * what is given or otherwise.  With 'open' names that aren't among them are
 * passed over, as the many keys of a config.json have to be.  Nothing given is
 * borrowed afterwards.  Returns SOW_BAD_PARAMETER, error.at the argument's name
 * ("arguments" when it is no plain word), when one is unknown, given twice,
 * missing or out of its domain; 'variables' is undefined then.
 */
SOW_MUST_CHECK enum sow_status
sow_arguments_bind(const struct sow_argument *arguments, size_t count,
                   bool open, const struct sow_given *given, size_t given_count,
                   struct sow_variable *variables, struct sow_error *error);

/* ------------------------------------------------------------------------
 * Layers
 */

/*
 * What a tensor is for.  A caller's 'scheme' for a layer is meant for
 * SOW_WEIGHTS, and a 'bias' for SOW_PART_BIAS; norms, buffers and others keep
 * the framework's default, unless the layer has nothing else.
 */
enum sow_part {
    SOW_PART_WEIGHT = 1,
    SOW_PART_RECURRENT = 2, /* a weight from hidden state to hidden state */
    SOW_PART_EMBEDDING = 4,
    SOW_PART_BIAS = 8,
    SOW_PART_SCALE = 16, /* of a norm, or of a branch */
    SOW_PART_SHIFT = 32, /* the bias of a norm */
    SOW_PART_STATE = 64, /* a buffer, such as running_mean */
    SOW_PART_OTHER = 128,
};

#define SOW_WEIGHTS (SOW_PART_WEIGHT | SOW_PART_RECURRENT | SOW_PART_EMBEDDING)

/*
 * One type.  'name' is "linear" or, for a library but torch, "keras.dense";
 * 'aliases' end with NULL, or are NULL.  'open' says that unknown arguments are
 * passed over.  'layout' is that of its tensors where a row doesn't say more.
 * 'narrow' says that draws are the library's for element types up to float32,
 * but not in float64, as a standard deviation comes from its libm's pow().  The
 * rest is for lib/layers/ (rows.h).
 */
struct sow_layer_type {
    const char *name;
    const char *const *aliases;
    const char *library; /* "torch", "keras", "flax", "transformers" */
    const char *summary;
    enum sow_layout layout;
    bool open;
    bool narrow;
    const struct sow_argument *arguments;
    uint32_t argument_count;
    const struct sow_check *checks;
    uint32_t check_count;
    const struct sow_row *rows;
    uint32_t row_count;
    const struct sow_draw *draws;
    uint32_t draw_count;
};

/* Built-in type 'i', or NULL past the last. */
const struct sow_layer_type *sow_layer_type_at(size_t i);

/*
 * Find a type by name or alias, of torch's also with "torch." or "torch.nn."
 * before it; NULL when there is none.
 */
const struct sow_layer_type *sow_layer_type_find(const char *name);

/* A type with the values of all of its arguments, in the type's order. */
struct sow_layer {
    const struct sow_layer_type *type;
    struct sow_variable variables[SOW_MAX_ARGUMENTS];
};

/*
 * Check what is given and fill in the rest.  Returns SOW_BAD_PARAMETER with
 * error.at the argument's name.
 */
SOW_MUST_CHECK enum sow_status sow_layer_init(struct sow_layer *layer,
                                              const struct sow_layer_type *type,
                                              const struct sow_given *given,
                                              size_t given_count,
                                              struct sow_error *error);

/* The layer's arguments as variables, for a profile's expressions. */
struct sow_scope sow_layer_scope(const struct sow_layer *layer);

/*
 * A tensor of a layer: what a 'struct sow_spec' wants, but for seed and dtype.
 * 'name' is relative to the layer: "weight", "layers.0.self_attn.in_proj_bias".
 * The struct lasts for the call only that hands it out.
 */
struct sow_layer_tensor {
    char name[SOW_MAX_NAME + 1];
    enum sow_part part;
    struct sow_shape shape;
    enum sow_layout layout;
    struct sow_axes axes;
    struct sow_scheme scheme;
    double multiplier;
};

/*
 * Called for each tensor in order.  What it returns but SOW_OK ends the visit
 * and is returned by it, with 'error' as the visitor has filled it.
 */
typedef enum sow_status sow_layer_visitor(void *argument,
                                          const struct sow_layer_tensor *tensor,
                                          struct sow_error *error);

/*
 * Visit the tensors of 'layer', which sow_layer_init() has set.  More than
 * 'limit' are refused when they are reached.  Returns SOW_BAD_PARAMETER or
 * SOW_BAD_SHAPE (error.at an argument, "layers", "name" or "shape") when there
 * are too many, or a name is too long or a size too large.  A visit depends on
 * the layer alone, so one may count first and fill afterwards.
 */
SOW_MUST_CHECK enum sow_status sow_layer_visit(const struct sow_layer *layer,
                                               size_t limit,
                                               sow_layer_visitor *visit,
                                               void *argument,
                                               struct sow_error *error);

/* What a visit has: tensors, bytes of their names without NUL, parts ored. */
struct sow_layer_size {
    size_t tensors;
    size_t names;
    unsigned parts;
};

/*
 * Measure what sow_layer_visit() will visit, in half the time: for all but
 * shapes, schemes and multipliers, which are not looked at, it returns the
 * same.
 */
SOW_MUST_CHECK enum sow_status sow_layer_measure(const struct sow_layer *layer,
                                                 size_t limit,
                                                 struct sow_layer_size *size,
                                                 struct sow_error *error);

/* How many tensors a visit has; it is one. */
SOW_MUST_CHECK enum sow_status sow_layer_count(const struct sow_layer *layer,
                                               size_t limit, size_t *count,
                                               struct sow_error *error);

/* ------------------------------------------------------------------------
 * Profiles
 */

/*
 * A rule.  'match' is one or more patterns with | between them, of which one
 * must match the whole of the tensor's full name: * stands for any bytes, dots
 * too, or none, ? for one byte, and {x} for a whole number in decimal, all the
 * digits there are (15 at most), which becomes the variable x: at most four of
 * them, the same ones on both sides of a |.  'parts' are the parts wanted,
 * ored, or 0 for any; 'when' is an expression that must not be 0, or NULL.
 * 'scheme' is a text for sow_scheme_read(), or NULL to leave it; 'multiplier'
 * an expression that the multiplier is multiplied by, or NULL.
 */
struct sow_profile_rule {
    const char *match;
    unsigned parts;
    const char *when;
    const char *scheme;
    const char *multiplier;
};

/*
 * Rules in order, and the arguments that their expressions may use.
 * 'provisional' says that some formula is from memory or second-hand.
 */
struct sow_profile {
    const char *name;
    const char *summary;
    const char *source;
    bool provisional;
    const struct sow_argument *arguments;
    uint32_t argument_count;
    const struct sow_profile_rule *rules;
    uint32_t rule_count;
};

/* Built-in profile 'i', or NULL past the last; and by name, or NULL. */
const struct sow_profile *sow_profile_at(size_t i);
const struct sow_profile *sow_profile_find(const char *name);

/*
 * Apply the first rule that matches to 'tensor', whose full name is 'name':
 * set its scheme and multiplier, which all others keep.  Expressions see,
 * innermost first, what {x} stood for, the tensor's own variables, which are
 * rank, dims (a list), elements and, where it has them, fan_in and fan_out in
 * its layout, and then 'scope': as a rule, the profile's bound arguments.
 * 'rule' (which may be NULL) becomes the index of the rule, or -1 when none
 * matches.  Returns SOW_BAD_PARAMETER or SOW_BAD_SCHEME when an expression or
 * a scheme is wrong, with 'tensor' untouched and 'rule' the one at fault;
 * error.at is as in sow_profile_check().
 */
SOW_MUST_CHECK enum sow_status
sow_profile_apply(const struct sow_profile *profile, const char *name,
                  const struct sow_scope *scope,
                  struct sow_layer_tensor *tensor, int *rule,
                  struct sow_error *error);

/*
 * Whether the patterns and expressions of a profile can be right at all: what
 * can be told without a tensor.  'scope' has the variables that expressions
 * may use beside those above.  Returns as sow_profile_apply() does, 'rule'
 * (not NULL) set to the rule at fault; error.at is "match", "when", "scheme",
 * "multiplier", or a scheme's parameter.
 */
SOW_MUST_CHECK enum sow_status
sow_profile_check(const struct sow_profile *profile,
                  const struct sow_scope *scope, int *rule,
                  struct sow_error *error);

#include "layers/draws.h"

#endif
