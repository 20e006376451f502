/* SPDX-License-Identifier: MIT */
/*
 * The catalogue of schemes: what there is, with which parameters.  A part of
 * sow.h, which includes it.
 */
#ifndef CATALOGUE_H
#define CATALOGUE_H

#define SOW_MAX_PARAMETERS 8 /* of a scheme */

enum sow_parameter_kind {
    SOW_NUMBER,       /* a finite double */
    SOW_NON_NEGATIVE, /* one of 0 or more */
    SOW_POSITIVE,     /* one above 0 */
    SOW_PROBABILITY,  /* one from 0 to 1 */
    SOW_COUNT,        /* a whole number from 1 to 2^53 */
    SOW_INDEX,        /* a whole number from 0 to 2^53 */
    SOW_CHOICE,       /* one of 'choices'; the value is its index */
    SOW_FLAG,         /* 0 for false, 1 for true */
};

/*
 * One parameter of a scheme.  'value' is the default; a parameter that is
 * 'required' has none.  'choices' ends with NULL.  'role' is what the scheme's
 * rule knows it by (lib/schemes/schemes.h), since each library has its own
 * names.
 */
struct sow_parameter {
    const char *name;
    int role;
    enum sow_parameter_kind kind;
    double value;
    bool required;
    const char *const *choices;
    const char *help;
};

/* What an element costs beside itself. */
enum sow_access {
    SOW_ANY_ELEMENT, /* nothing: each is a function of its position */
    SOW_ROWS,        /* a number a row is made first: a small whole */
    SOW_WHOLE,       /* a matrix of about the tensor's size is made first */
};

/*
 * A row of the catalogue.  'aliases' are other names, ending with NULL, or
 * NULL.  'library' is "torch", "jax" or another for a function of that
 * library, which then also fixes the layout, and NULL for the general schemes.
 * 'fans' says that the values depend on the fans, 'data' that they depend on
 * data that flow through the layers (struct sow_data).  'formula' and 'source'
 * are for people; 'provisional' says that the source could not be read, so that
 * the formula is second-hand or our reconstruction.
 */
struct sow_scheme_info {
    const char *name;
    const char *const *aliases;
    const char *library;
    enum sow_layout layout;
    bool fans;
    bool data;
    bool provisional;
    enum sow_access access;
    const struct sow_parameter *parameters;
    uint32_t parameter_count;
    const char *summary;
    const char *formula;
    const char *source;
    const struct sow_rule *rule;
};

/* A scheme with the values of its parameters, in the order of its row. */
struct sow_scheme {
    const struct sow_scheme_info *info;
    double values[SOW_MAX_PARAMETERS];
};

/* The catalogue's row 'i', or NULL past the last. */
const struct sow_scheme_info *sow_scheme_at(size_t i);

/* Find a row by name or alias; NULL when there is none. */
const struct sow_scheme_info *sow_scheme_find(const char *name);

/*
 * Whether a row is called 'name' by its library: what stands behind the dot,
 * or all of a name without one.
 */
bool sow_scheme_is(const struct sow_scheme_info *info, const char *name);

/* Set 'scheme' to the row with every parameter at its default. */
void sow_scheme_init(struct sow_scheme *scheme,
                     const struct sow_scheme_info *info);

/* The index of the parameter called 'name', or -1 when there is none. */
int sow_scheme_parameter(const struct sow_scheme_info *info, const char *name);

#endif
