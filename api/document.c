/* SPDX-License-Identifier: MIT */
/*
 * A JSON body: loaded with bounds, and when it is bad with the place.
 *
 * The parser says at which byte it stopped and what the tree costs it doesn't
 * say at all.  So a scanner, which knows no more of JSON than strings and the
 * six structural characters, goes over the text before (the cost) and over
 * the part before an error (the place).
 */
#include "document.h"
#include "digits.h"
#include "place.h"
#include "plain.h"
#include "utf8.h"

#include <errno.h>
#include <string.h>

/*
 * A string of more bytes is refused, but in a few fields: no other holds one a
 * fourth as long, and the parser doesn't look whether it got the memory for a
 * token.  So where there is a long one, the bytes of all are counted again in
 * the tree.
 */
#define STRING_BYTES 8192
#define LONG_FIELDS "/data/base64", "/files/"

/* Levels of a pointer that are followed; no field is deeper. */
#define LEVELS 6

/*
 * A token: a structural character, or '"' for a string from 'start' on, which
 * stands for 'decoded' bytes.
 */
struct scanner {
    const char *text;
    size_t size;
    size_t position;
    size_t start;
    size_t decoded;
};

/*
 * The bytes of UTF-8 that the four digits of a hexadecimal escape stand for:
 * a pair of surrogates is one character of 4.
 */
static size_t escaped_bytes(const char *digits, size_t left)
{
    unsigned unit = 0;
    for (size_t i = 0; i < 4 && i < left; i++)
        unit = unit << 4 | ((unsigned)digit_value(digits[i]) & 15);
    if (unit >= 0xd800 && unit < 0xe000)
        return 2;
    return unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
}

/* Move behind an escape whose backslash has just been passed. */
static void skip_escape(struct scanner *scanner)
{
    const size_t at = scanner->position++;
    if (at >= scanner->size || scanner->text[at] != 'u') {
        scanner->decoded++;
        return;
    }
    scanner->decoded +=
        escaped_bytes(scanner->text + at + 1, scanner->size - at - 1);
    scanner->position += 4;
}

/* How many bytes come before the next quote or escape, or the end. */
static size_t plain_run(const char *text, size_t size)
{
    size_t n = 0;
    while (n < size && text[n] != '"' && text[n] != '\\')
        n++;
    return n;
}

/* Move behind the string whose opening quote has just been passed. */
static void skip_string(struct scanner *scanner)
{
    scanner->start = scanner->position;
    scanner->decoded = 0;
    while (scanner->position < scanner->size) {
        const size_t n = plain_run(scanner->text + scanner->position,
                                   scanner->size - scanner->position);
        scanner->decoded += n;
        scanner->position += n;
        if (scanner->position == scanner->size)
            return;
        if (scanner->text[scanner->position++] == '"')
            return;
        skip_escape(scanner);
    }
    scanner->position = scanner->size;
}

/* The next token, or NUL at the end. */
static char scan(struct scanner *scanner)
{
    static const bool structural[256] = {
        ['{'] = true, ['}'] = true, ['['] = true, [']'] = true,
        [','] = true, [':'] = true, ['"'] = true,
    };
    while (scanner->position < scanner->size) {
        const char c = scanner->text[scanner->position++];
        if (!structural[(unsigned char)c])
            continue;
        if (c == '"')
            skip_string(scanner);
        return c;
    }
    return '\0';
}

/* A level of the path: which member of an object or entry of an array. */
struct level {
    bool object;
    bool in_value;
    char key[72];
    size_t index;
};

struct path {
    struct level levels[LEVELS];
    size_t depth;
};

/* The string just passed, without its closing quote, and cut. */
static void path_key(struct level *level, const struct scanner *scanner)
{
    const size_t room = sizeof(level->key) - 1;
    size_t n = scanner->position - scanner->start;
    n = n > 0 ? n - 1 : 0;
    n = n < room ? n : room;
    memcpy(level->key, scanner->text + scanner->start, n);
    level->key[n] = '\0';
    utf8_mend(level->key);
}

static void path_open(struct path *path, bool object)
{
    if (path->depth < LEVELS) {
        struct level *level = &path->levels[path->depth];
        memset(level, 0, sizeof(*level));
        level->object = object;
    }
    path->depth++;
}

static void path_step(struct path *path, const struct scanner *scanner, char c)
{
    if (c == '{' || c == '[') {
        path_open(path, c == '{');
        return;
    }
    if (path->depth == 0)
        return;
    if (c == '}' || c == ']') {
        path->depth--;
        return;
    }
    if (path->depth > LEVELS)
        return;
    struct level *level = &path->levels[path->depth - 1];
    if (c == '"' && level->object && !level->in_value)
        path_key(level, scanner);
    if (c == ':')
        level->in_value = true;
    if (c == ',') {
        level->in_value = false;
        level->index++;
    }
}

/* The pointer to the value or member that 'size' bytes of JSON end in. */
static struct place_text pointer_of(const char *text, size_t size)
{
    struct scanner scanner = {text, size, 0, 0, 0};
    struct path path = {.depth = 0};
    for (char c; (c = scan(&scanner));)
        path_step(&path, &scanner, c);

    struct place places[LEVELS];
    const struct place *place = &place_document;
    for (size_t i = 0; i < path.depth && i < LEVELS; i++) {
        const struct level *level = &path.levels[i];
        places[i] = (struct place){place, level->object ? level->key : NULL,
                                   level->index};
        place = &places[i];
    }
    return place_text(place);
}

/*
 * When memory runs out inside a token, the parser takes that for bad syntax,
 * or even goes on without a byte of it; what tells is malloc()'s errno, unless
 * a number follows, which sets it back.
 */
static enum problem_code refuse_load(const char *text, size_t size,
                                     const json_error_t *error,
                                     struct problem *problem)
{
    const size_t position =
        error->position > 0 && (size_t)error->position < size
            ? (size_t)error->position
            : size;
    const enum json_error_code code = json_error_code(error);
    if (code == json_error_out_of_memory || error->text[0] == '\0' ||
        errno == ENOMEM)
        return problem_no_memory(problem);
    if (code == json_error_numeric_overflow)
        return problem_set(problem, PROBLEM_BAD_FIELD,
                           pointer_of(text, position).text,
                           "The number is too big for a JSON number (line %d, "
                           "column %d). A seed above 9007199254740991, or a "
                           "number of a state, is written as a string.",
                           error->line, error->column);
    if (code == json_error_duplicate_key)
        return problem_set(problem, PROBLEM_BAD_FIELD,
                           pointer_of(text, position).text,
                           "This member is given twice (line %d, column %d).",
                           error->line, error->column);
    return problem_set(problem, PROBLEM_BAD_JSON, "",
                       "The body is not JSON: line %d, column %d: %s.",
                       error->line, error->column, error->text);
}

/*
 * What a text would cost: about how many bytes its tree takes, the parser's
 * structs and malloc's; where its first string ends that is too long for its
 * place, or 0; and of all strings, if any is long, how many bytes they have.
 */
struct survey {
    uint64_t tree;
    size_t too_long;
    bool has_long;
    size_t decoded;
};

/* May the string that 'size' bytes of JSON end in be long? */
static bool may_be_long(const char *text, size_t size)
{
    static const char *const fields[] = {LONG_FIELDS};
    const struct place_text place = pointer_of(text, size);

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (strncmp(place.text, fields[i], strlen(fields[i])) == 0)
            return true;
    return false;
}

static void survey_string(struct survey *found, const struct scanner *scanner)
{
    found->decoded += scanner->decoded;
    if (scanner->position - scanner->start <= STRING_BYTES)
        return;
    found->has_long = true;
    if (found->too_long == 0 && !may_be_long(scanner->text, scanner->position))
        found->too_long = scanner->position;
}

static struct survey survey(const char *text, size_t size)
{
    struct scanner scanner = {text, size, 0, 0, 0};
    struct survey found = {0};
    for (char c; (c = scan(&scanner));) {
        if (c == '{')
            found.tree += 256;
        if (c == '[')
            found.tree += 128;
        if (c == ':')
            found.tree += 96;
        if (c == ',')
            found.tree += 48;
        if (c == '"')
            survey_string(&found, &scanner);
    }
    return found;
}

/* The bytes of all strings of a tree, keys included. */
static size_t string_bytes(json_t *json)
{
    size_t sum = json_string_length(json);
    const char *key;
    json_t *value;
    size_t i;

    json_object_foreach(json, key, value) sum +=
        strlen(key) + string_bytes(value);
    json_array_foreach(json, i, value) sum += string_bytes(value);
    return sum;
}

static bool is_blank(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\0' || !strchr(" \t\r\n", text[i]))
            return false;
    return true;
}

enum problem_code document_load(const void *json, size_t size,
                                uint64_t max_bytes, json_t **root,
                                struct problem *problem)
{
    const char *text = json;
    if (is_blank(text, size))
        return problem_set(problem, PROBLEM_BAD_JSON, "",
                           "The body is empty: it must be a JSON object with "
                           "'layers'.");
    const struct survey found = survey(text, size);
    if (found.too_long > 0)
        return problem_set(problem, PROBLEM_BAD_FIELD,
                           pointer_of(text, found.too_long).text,
                           "This string has more than %d bytes, which is more "
                           "than any field takes.",
                           STRING_BYTES);
    if (found.tree > max_bytes)
        return PROBLEM_BODY_TOO_LARGE;
    json_error_t error = {0};
    errno = 0;
    json_t *loaded = plain_load(text, size);
    if (!loaded && errno != ENOMEM)
        loaded = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (!loaded)
        return refuse_load(text, size, &error, problem);
    if (errno == ENOMEM ||
        (found.has_long && string_bytes(loaded) != found.decoded)) {
        json_decref(loaded);
        return problem_no_memory(problem);
    }
    if (!json_is_object(loaded)) {
        json_decref(loaded);
        return problem_set(problem, PROBLEM_BAD_JSON, "",
                           "The body must be a JSON object with 'layers', not "
                           "an array.");
    }
    *root = loaded;
    return PROBLEM_NONE;
}
