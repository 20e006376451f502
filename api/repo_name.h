/* SPDX-License-Identifier: MIT */
/*
 * Names of recipes: "ns/name", by the rules that the Hub's clients check
 * before they send anything, so that what can be stored can be asked for.
 *
 * A part has 1 to 96 of the characters A-Z a-z 0-9 . _ -, begins and ends with
 * a letter, a digit or _, has no "--" and no "..", and does not end with
 * ".git" or ".ipynb".  A namespace is none of the words that our own paths
 * begin with.
 */
#ifndef REPO_NAME_H
#define REPO_NAME_H

#include "problems.h"

#include <stdbool.h>

/* Bytes of a part, and room for a whole name with its final NUL. */
#define REPO_PART 96
#define REPO_NAME (2 * REPO_PART + 2)

/* The namespace of what is built in: nobody writes there. */
#define REPO_BUILT_IN "init"

/* Whether 'name' is a namespace and a name with one "/" between. */
bool repo_name_ok(const char *name);

/*
 * Join two parts that came from a client to 'name'.  Returns
 * PROBLEM_BAD_FIELD, with the rule that is broken, when they are no name.
 */
enum problem_code repo_name_join(const char *ns, const char *part,
                                 char name[REPO_NAME], struct problem *problem);

/* Whether a good name lies in the namespace of what is built in. */
bool repo_name_built_in(const char *name);

#endif
