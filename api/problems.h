/* SPDX-License-Identifier: MIT */
/*
 * What can be wrong with a request: one code a kind, as RFC 9457 problems.
 *
 * A function that can refuse returns an 'enum problem_code', PROBLEM_NONE
 * when all is well, and fills the caller's 'struct problem' otherwise.  Only
 * problems.c knows status numbers.
 */
#ifndef PROBLEMS_H
#define PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

enum problem_code {
    PROBLEM_NONE = 0,
    /* 400 */
    PROBLEM_BAD_REQUEST, /* framing or Host that invites smuggling */
    PROBLEM_BAD_PATH,
    PROBLEM_BAD_QUERY, /* percent-encoding, or a name given twice */
    PROBLEM_BAD_JSON,
    PROBLEM_BAD_FIELD, /* wrong type or syntax of a field */
    PROBLEM_UNKNOWN_FIELD,
    PROBLEM_MISSING_FIELD,
    /* 401, 403, 404, 405, 406, 412, 413, 414, 415, 416 */
    PROBLEM_TOKEN_REQUIRED,
    PROBLEM_TOKEN_UNKNOWN,
    PROBLEM_SCOPE_MISSING,   /* the token isn't good for that */
    PROBLEM_STORE_READ_ONLY, /* built in, no store, or one that refuses */
    PROBLEM_NOT_FOUND,
    PROBLEM_UNKNOWN_RECIPE,
    PROBLEM_REPO_NOT_FOUND, /* these three are the Hub's */
    PROBLEM_REVISION_NOT_FOUND,
    PROBLEM_ENTRY_NOT_FOUND,
    PROBLEM_METHOD_NOT_ALLOWED,
    PROBLEM_NOT_ACCEPTABLE,
    PROBLEM_PRECONDITION_FAILED, /* If-Match, or a POST's If-None-Match */
    PROBLEM_RECIPE_EXISTS,       /* and was to be created */
    PROBLEM_BODY_TOO_LARGE,
    PROBLEM_URI_TOO_LONG,
    PROBLEM_UNSUPPORTED_MEDIA_TYPE,
    PROBLEM_RANGE_NOT_SATISFIABLE,
    /* 422 */
    PROBLEM_UNKNOWN_SCHEME,
    PROBLEM_UNKNOWN_VALUE, /* dtype, layout, format, … of that name */
    PROBLEM_BAD_PARAMETER, /* a scheme's parameter out of its range */
    PROBLEM_BAD_SHAPE,
    PROBLEM_BAD_AXES,
    PROBLEM_BAD_SCHEME, /* the scheme can't give that shape */
    PROBLEM_BAD_SLICE,
    PROBLEM_BAD_GENERATOR,  /* the generator can't do what is asked of it */
    PROBLEM_UNKNOWN_TENSOR, /* 'tensors' or 'name' names none of the model */
    PROBLEM_DUPLICATE_NAME,
    PROBLEM_TOO_MANY_LAYERS,
    PROBLEM_TOO_MANY_ELEMENTS, /* for JSON */
    PROBLEM_TOO_LARGE,         /* the answer passes 2^63 - 1 bytes */
    PROBLEM_DIGEST_TOO_LARGE,
    PROBLEM_NOT_FINITE,      /* JSON can't hold the values */
    PROBLEM_COST_LIMIT,      /* too many floating-point operations */
    PROBLEM_WHOLE_TOO_LARGE, /* the cache can't hold what must be made */
    /* 429, 500, 501 */
    PROBLEM_BUSY,
    PROBLEM_INTERNAL,
    PROBLEM_STORE_FAILED,
    PROBLEM_NOT_IMPLEMENTED, /* a Transfer-Encoding we don't know */
    PROBLEM_STORE_FULL,      /* 507 */
    PROBLEM_CODES
};

/*
 * 'at' is a JSON pointer ("/layers/3/shape") or the name of a query
 * parameter; empty when no place is to blame.  'detail' is one or two
 * sentences: what is wrong, and the mend.
 */
struct problem {
    enum problem_code code;
    char at[320];
    char detail[512];
};

/*
 * Fill 'problem' and return 'code', so that a caller can
 * 'return problem_set(…)'.  'detail' is a printf format.  Text that came from
 * the client is cut, never split within a UTF-8 sequence.
 */
enum problem_code problem_set(struct problem *problem, enum problem_code code,
                              const char *at, const char *detail, ...)
    __attribute__((format(printf, 4, 5)));

/* PROBLEM_INTERNAL, when memory is short. */
enum problem_code problem_no_memory(struct problem *problem);

/* The HTTP status, the UPPER_SNAKE name and the title of a code. */
unsigned problem_status(enum problem_code code);
const char *problem_name(enum problem_code code);
const char *problem_title(enum problem_code code);

/*
 * The problem as an application/problem+json document, allocated with
 * malloc(); NULL when out of memory.  'with_error' repeats the detail as
 * "error", where the Hub's clients look for it.
 */
char *problem_json(const struct problem *problem, bool with_error);

#endif
