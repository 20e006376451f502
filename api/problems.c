/* SPDX-License-Identifier: MIT */
/* The problems that an answer can report, and how they are written. */
#include "problems.h"
#include "dump.h"
#include "utf8.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A title is the same for every occurrence: never a client's text. */
struct row {
    unsigned status;
    const char *name;
    const char *title;
};

static const struct row rows[PROBLEM_CODES] = {
    [PROBLEM_NONE] = {200, "NONE", "No problem"},
    [PROBLEM_BAD_REQUEST] = {400, "BAD_REQUEST", "The request is malformed"},
    [PROBLEM_BAD_PATH] = {400, "BAD_PATH", "The path is malformed"},
    [PROBLEM_BAD_QUERY] = {400, "BAD_QUERY", "The query is malformed"},
    [PROBLEM_BAD_JSON] = {400, "BAD_JSON", "The body is not the JSON expected"},
    [PROBLEM_BAD_FIELD] = {400, "BAD_FIELD", "A field is malformed"},
    [PROBLEM_UNKNOWN_FIELD] = {400, "UNKNOWN_FIELD",
                               "A field or parameter is unknown here"},
    [PROBLEM_MISSING_FIELD] = {400, "MISSING_FIELD", "A field is missing"},
    [PROBLEM_TOKEN_REQUIRED] = {401, "TOKEN_REQUIRED", "A token is needed"},
    [PROBLEM_TOKEN_UNKNOWN] = {401, "TOKEN_UNKNOWN", "Unknown token"},
    [PROBLEM_SCOPE_MISSING] = {403, "SCOPE_MISSING",
                               "The token is not good for that"},
    [PROBLEM_STORE_READ_ONLY] = {403, "STORE_READ_ONLY",
                                 "The recipe cannot be changed here"},
    [PROBLEM_NOT_FOUND] = {404, "NOT_FOUND", "There is nothing here"},
    [PROBLEM_UNKNOWN_RECIPE] = {404, "UNKNOWN_RECIPE", "Unknown recipe"},
    [PROBLEM_REPO_NOT_FOUND] = {404, "REPO_NOT_FOUND", "Repository not found"},
    [PROBLEM_REVISION_NOT_FOUND] = {404, "REVISION_NOT_FOUND",
                                    "Revision not found"},
    [PROBLEM_ENTRY_NOT_FOUND] = {404, "ENTRY_NOT_FOUND", "Entry not found"},
    [PROBLEM_METHOD_NOT_ALLOWED] = {405, "METHOD_NOT_ALLOWED",
                                    "The method does not apply here"},
    [PROBLEM_NOT_ACCEPTABLE] = {406, "NOT_ACCEPTABLE",
                                "No format that the client accepts"},
    [PROBLEM_PRECONDITION_FAILED] = {412, "PRECONDITION_FAILED",
                                     "A precondition does not hold"},
    [PROBLEM_RECIPE_EXISTS] = {412, "RECIPE_EXISTS", "The recipe exists"},
    [PROBLEM_BODY_TOO_LARGE] = {413, "BODY_TOO_LARGE",
                                "The request is too large"},
    [PROBLEM_URI_TOO_LONG] = {414, "URI_TOO_LONG",
                              "The path and query are too long"},
    [PROBLEM_UNSUPPORTED_MEDIA_TYPE] = {415, "UNSUPPORTED_MEDIA_TYPE",
                                        "The body must be JSON"},
    [PROBLEM_RANGE_NOT_SATISFIABLE] = {416, "RANGE_NOT_SATISFIABLE",
                                       "The range lies outside the answer"},
    [PROBLEM_UNKNOWN_SCHEME] = {422, "UNKNOWN_SCHEME", "Unknown scheme"},
    [PROBLEM_UNKNOWN_VALUE] = {422, "UNKNOWN_VALUE", "Unknown value"},
    [PROBLEM_BAD_PARAMETER] = {422, "BAD_PARAMETER",
                               "A parameter is out of its range"},
    [PROBLEM_BAD_SHAPE] = {422, "BAD_SHAPE", "Impossible shape"},
    [PROBLEM_BAD_AXES] = {422, "BAD_AXES", "Impossible axes"},
    [PROBLEM_BAD_SLICE] = {422, "BAD_SLICE", "Impossible slice"},
    [PROBLEM_BAD_GENERATOR] = {422, "BAD_GENERATOR",
                               "The generator cannot do that"},
    [PROBLEM_UNKNOWN_TENSOR] = {422, "UNKNOWN_TENSOR", "No such tensor"},
    [PROBLEM_BAD_SCHEME] = {422, "BAD_SCHEME",
                            "The scheme does not fit the shape"},
    [PROBLEM_DUPLICATE_NAME] = {422, "DUPLICATE_NAME",
                                "Two tensors have one name"},
    [PROBLEM_TOO_MANY_LAYERS] = {422, "TOO_MANY_LAYERS", "Too many layers"},
    [PROBLEM_TOO_MANY_ELEMENTS] = {422, "TOO_MANY_ELEMENTS",
                                   "Too many elements for JSON"},
    [PROBLEM_TOO_LARGE] = {422, "TOO_LARGE", "The answer would be too large"},
    [PROBLEM_DIGEST_TOO_LARGE] = {422, "DIGEST_TOO_LARGE",
                                  "Too large to wait for a digest"},
    [PROBLEM_NOT_FINITE] = {422, "NOT_FINITE", "JSON cannot hold the values"},
    [PROBLEM_COST_LIMIT] = {422, "COST_LIMIT", "Too much to compute"},
    [PROBLEM_WHOLE_TOO_LARGE] = {422, "WHOLE_TOO_LARGE",
                                 "Too large to be made as a whole"},
    [PROBLEM_BUSY] = {429, "BUSY", "Too much work is waiting"},
    [PROBLEM_INTERNAL] = {500, "INTERNAL", "The server failed"},
    [PROBLEM_STORE_FAILED] = {500, "STORE_FAILED",
                              "The store of recipes failed"},
    [PROBLEM_NOT_IMPLEMENTED] = {501, "NOT_IMPLEMENTED", "Not implemented"},
    [PROBLEM_STORE_FULL] = {507, "STORE_FULL", "No room for the recipe"},
};

enum problem_code problem_set(struct problem *problem, enum problem_code code,
                              const char *at, const char *detail, ...)
{
    problem->code = code;
    snprintf(problem->at, sizeof(problem->at), "%s", at);
    utf8_mend(problem->at);

    va_list arguments;
    va_start(arguments, detail);
    if (vsnprintf(problem->detail, sizeof(problem->detail), detail, arguments) <
        0)
        problem->detail[0] = '\0';
    va_end(arguments);
    utf8_mend(problem->detail);
    return code;
}

enum problem_code problem_no_memory(struct problem *problem)
{
    return problem_set(problem, PROBLEM_INTERNAL, "", "Out of memory.");
}

unsigned problem_status(enum problem_code code)
{
    return rows[code].status;
}

const char *problem_name(enum problem_code code)
{
    return rows[code].name;
}

const char *problem_title(enum problem_code code)
{
    return rows[code].title;
}

/* UNKNOWN_SCHEME gives /problems/unknown-scheme. */
static void write_type(enum problem_code code, char *type, size_t size)
{
    static const char folder[] = "/problems/";
    snprintf(type, size, "%s%s", folder, rows[code].name);
    for (char *c = type + sizeof(folder) - 1; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
        if (*c == '_')
            *c = '-';
    }
}

/* Add a member; false when out of memory. */
static bool add_string(json_t *json, const char *key, const char *string)
{
    return json_object_set_new(json, key, json_string(string)) == 0;
}

char *problem_json(const struct problem *problem, bool with_error)
{
    char type[64];
    write_type(problem->code, type, sizeof(type));
    json_t *json = json_pack(
        "{s:s, s:s, s:i, s:s, s:s}", "type", type, "title",
        rows[problem->code].title, "status", (int)rows[problem->code].status,
        "code", rows[problem->code].name, "detail", problem->detail);
    if (!json)
        return NULL;
    if ((problem->at[0] && !add_string(json, "at", problem->at)) ||
        (with_error && !add_string(json, "error", problem->detail))) {
        json_decref(json);
        return NULL;
    }
    char *text = dump_json(json);
    json_decref(json);
    return text;
}
