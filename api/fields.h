/* SPDX-License-Identifier: MIT */
/*
 * The fields of a request, in one table: where each may stand and how it is
 * read, in a query and in JSON.
 */
#ifndef FIELDS_H
#define FIELDS_H

#include "draft.h"
#include "query.h"
#include "suggest.h"

/* Where a field may stand. */
enum scope {
    SCOPE_QUERY = 1,         /* the query of GET */
    SCOPE_REQUEST = 2,       /* the object that is the body of POST */
    SCOPE_LAYER = 4,         /* an entry of 'layers' */
    SCOPE_BESIDE = 8,        /* the query of POST */
    SCOPE_RECIPE_QUERY = 16, /* the query of GET, with a recipe */
    SCOPE_RECIPE_BODY = 32,  /* the body of POST, with a recipe */
};

/* The name of a field. */
const char *field_name(enum field_id field);

/* Whether a field called 'name' may stand in 'scope'. */
bool field_stands(const char *name, enum scope scope);

/*
 * Read the field called 'value->place->key' into 'draft'.  Sets '*known' to
 * false, and does nothing else, when no field of that name stands in 'scope'.
 */
enum problem_code field_read(struct draft *draft, enum scope scope,
                             const struct value *value, bool *known,
                             struct problem *problem);

/* Offer the fields that may stand in 'scope'. */
void field_offer(struct suggest *suggest, enum scope scope);

/*
 * Whether 'name' looks like a slip for a field that may stand in 'scope', or
 * for 'own', a name of the route's; NULL for none.
 */
bool field_is_near(const char *name, enum scope scope, const char *own);

/*
 * Refuse the name 'place->key', which is no field of 'scope'.  'scheme' is
 * the scheme whose parameters are allowed there too, or NULL; likewise 'own'.
 */
enum problem_code field_refuse(const struct place *place, enum scope scope,
                               const struct sow_scheme_info *scheme,
                               const char *own, struct problem *problem);

/*
 * Read the pairs of a query that are fields of 'scope'; 'unknown[i]' says that
 * pair i is none.
 */
enum problem_code fields_read_query(struct draft *draft, enum scope scope,
                                    const struct query *query,
                                    bool unknown[QUERY_MAX_PAIRS],
                                    struct problem *problem);

/*
 * Read the members of 'object', all of which must be fields of 'scope', or in
 * an entry with a 'type' arguments of that, which are passed over.
 */
enum problem_code fields_read_object(struct draft *draft, enum scope scope,
                                     json_t *object, const struct place *place,
                                     struct problem *problem);

/*
 * Read the query beside a body, or NULL, into the body's draft: it must not
 * repeat what the body says.
 */
enum problem_code fields_read_beside(struct draft *draft, const char *text,
                                     struct problem *problem);

#endif
