/* SPDX-License-Identifier: MIT */
/* What may be the name of a recipe. */
#include "repo_name.h"

#include "utf8.h"

#include <stdio.h>
#include <string.h>

static const char *const reserved[] = {
    "v1",       "api",    "healthz", "readyz",  "livez", "metrics",
    "datasets", "spaces", "models",  "kernels", NULL,
};

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z') || c == '_';
}

static bool ends_with(const char *part, size_t n, const char *end)
{
    size_t k = strlen(end);

    return n >= k && !memcmp(part + n - k, end, k);
}

static bool is_reserved(const char *part, size_t n)
{
    for (size_t i = 0; reserved[i]; i++)
        if (strlen(reserved[i]) == n && !memcmp(reserved[i], part, n))
            return true;
    return false;
}

/* Whether "--" or ".." is among 'n' characters. */
static bool has_pair(const char *part, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (part[i] == part[i - 1] && (part[i] == '-' || part[i] == '.'))
            return true;
    return false;
}

/* The rule that 'n' characters break, or NULL for a good part. */
static const char *broken_rule(const char *part, size_t n)
{
    if (n < 1 || n > REPO_PART)
        return "must have 1 to 96 characters";
    for (size_t i = 0; i < n; i++)
        if (!is_word(part[i]) && part[i] != '.' && part[i] != '-')
            return "may have letters, digits, '.', '_' and '-' only";
    if (!is_word(part[0]) || !is_word(part[n - 1]))
        return "must not begin or end with '.' or '-'";
    if (has_pair(part, n))
        return "must have no '--' and no '..'";
    if (ends_with(part, n, ".git") || ends_with(part, n, ".ipynb"))
        return "must not end with '.git' or '.ipynb'";
    return NULL;
}

bool repo_name_ok(const char *name)
{
    size_t n = strcspn(name, "/");

    return name[n] == '/' && !broken_rule(name, n) && !is_reserved(name, n) &&
           !broken_rule(name + n + 1, strlen(name + n + 1));
}

enum problem_code repo_name_join(const char *ns, const char *part,
                                 char name[REPO_NAME], struct problem *problem)
{
    const char *const parts[] = {ns, part};

    for (size_t i = 0; i < 2; i++) {
        const char *rule = broken_rule(parts[i], strlen(parts[i]));
        if (i == 0 && !rule && is_reserved(ns, strlen(ns)))
            rule = "must not be a word that paths of this server begin with";
        if (rule)
            return problem_set(problem, PROBLEM_BAD_FIELD,
                               i == 0 ? "ns" : "name",
                               "'%s' %s; a recipe is called by a namespace and "
                               "a name, such as 'lab/tiny-bert'.",
                               utf8_quote(parts[i]).text, rule);
    }
    snprintf(name, REPO_NAME, "%s/%s", ns, part);
    return PROBLEM_NONE;
}

bool repo_name_built_in(const char *name)
{
    static const char prefix[] = REPO_BUILT_IN "/";

    return !strncmp(name, prefix, sizeof prefix - 1);
}
