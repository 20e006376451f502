/* SPDX-License-Identifier: MIT */
/* Reading, writing and finding tokens. */
#include "tokens.h"

#include "base64.h"
#include "digest.h"
#include "names.h"
#include "secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "sow_";
static const char digits[] = "0123456789abcdef";
static const char url_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789-_";

#define PREFIX (sizeof prefix - 1)
#define HASH (2 * SOW_DIGEST_BYTES)

struct tokens {
    size_t count, room;
    struct token *rows; /* owned */
};

/* ------------------------------------------------------------------------
 * One token
 */

static const char *const scope_names[] = {
    [TOKEN_NONE] = "",
    [TOKEN_READ] = "read",
    [TOKEN_WRITE] = "write",
};

const char *token_scope_name(enum token_scope scope)
{
    return scope_names[scope];
}

bool token_scope_find(const char *name, size_t n, enum token_scope *scope)
{
    for (int i = TOKEN_READ; i <= TOKEN_WRITE; i++)
        if (strlen(scope_names[i]) == n && !memcmp(scope_names[i], name, n)) {
            *scope = (enum token_scope)i;
            return true;
        }
    return false;
}

/* Is 'text' made of 'letters' alone?  It may hold any bytes. */
static bool consists(const char *text, size_t n, const char *letters)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] == '\0' || !strchr(letters, text[i]))
            return false;
    return true;
}

bool token_is_name(const char *name, size_t n)
{
    if (n == 0 || n >= TOKEN_NAME)
        return false;
    for (size_t i = 0; i < n; i++)
        if (name[i] != '.' && !consists(name + i, 1, url_letters))
            return false;
    return true;
}

static bool is_token(const char *text, size_t n)
{
    return n == TOKEN_TEXT - 1 && !memcmp(text, prefix, PREFIX) &&
           consists(text + PREFIX, n - PREFIX, url_letters);
}

void token_write(const uint8_t random[TOKEN_RANDOM], char token[TOKEN_TEXT])
{
    memcpy(token, prefix, PREFIX);
    base64_url(random, TOKEN_RANDOM, token + PREFIX);
}

static void hash_token(const char *text, size_t n,
                       uint8_t hash[SOW_DIGEST_BYTES])
{
    struct sow_hash state;

    sow_hash_start(&state, SOW_DIGEST_BYTES, "sow token v1");
    sow_hash_add(&state, text, n);
    sow_hash_finish(&state, hash, SOW_DIGEST_BYTES);
    sow_secret_clear(&state, sizeof state);
}

void token_write_line(const char *name, enum token_scope scope,
                      const char *token, char line[TOKEN_LINE])
{
    uint8_t hash[SOW_DIGEST_BYTES];
    char hex[HASH + 1];

    hash_token(token, strlen(token), hash);
    sow_digest_hex(hash, hex);
    snprintf(line, TOKEN_LINE, "%s:%s:%s", name, scope_names[scope], hex);
}

/* ------------------------------------------------------------------------
 * A list
 */

struct field {
    const char *at;
    size_t n;
};

/* Cut off what is before the next 'separator', or all; false at the end. */
static bool cut(struct field *rest, char separator, struct field *piece)
{
    if (!rest->at)
        return false;
    const char *end = memchr(rest->at, separator, rest->n);
    const size_t n = end ? (size_t)(end - rest->at) : rest->n;

    *piece = (struct field){rest->at, n};
    *rest = (struct field){end ? end + 1 : NULL, end ? rest->n - n - 1 : 0};
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct field trim(struct field line)
{
    while (line.n > 0 && is_blank(line.at[0]))
        line = (struct field){line.at + 1, line.n - 1};
    while (line.n > 0 && is_blank(line.at[line.n - 1]))
        line.n--;
    return line;
}

static void read_hex(const char *hex, uint8_t hash[SOW_DIGEST_BYTES])
{
    for (size_t i = 0; i < SOW_DIGEST_BYTES; i++)
        hash[i] = (uint8_t)((strchr(digits, hex[2 * i]) - digits) << 4 |
                            (strchr(digits, hex[2 * i + 1]) - digits));
}

/*
 * Read a line.  Returns what is wrong with it, or NULL.  None of it is shown:
 * it might be a token that somebody put there by mistake.
 */
static const char *read_line(struct field line, struct token *token)
{
    struct field name, scope, hash;

    *token = (struct token){0};
    if (!cut(&line, ':', &name) || !cut(&line, ':', &scope) ||
        !cut(&line, ':', &hash) || line.at)
        return "is not name:scope:hash; 'sowd token new' writes such lines";
    if (!token_is_name(name.at, name.n))
        return "has a bad name; it may have 1 to 64 letters, digits and . _ -";
    if (!token_scope_find(scope.at, scope.n, &token->scope))
        return "has a scope that is neither 'read' nor 'write'";
    if (hash.n != HASH || !consists(hash.at, HASH, digits))
        return "has a hash that is not 64 hex digits; 'sowd token new' writes "
               "it";
    memcpy(token->name, name.at, name.n);
    read_hex(hash.at, token->hash);
    return NULL;
}

/* A list that is read, and what is in it already. */
struct reading {
    struct tokens *tokens;
    struct names names, hashes;
};

static const char no_memory[] = "does not fit into memory";

/* Note the 'n' bytes of a token; what forbids that, or NULL. */
static const char *note(struct names *known, const void *bytes, size_t n,
                        const char *twice)
{
    struct named_value *value = names_at(known, bytes, n);

    if (!value)
        return no_memory;
    return value->count++ ? twice : NULL;
}

/* What forbids to add 'token', or NULL. */
static const char *conflict(struct reading *reading, const struct token *token)
{
    const char *wrong = note(&reading->names, token->name, strlen(token->name),
                             "has the name of a line before it");

    if (!wrong)
        wrong = note(&reading->hashes, token->hash, SOW_DIGEST_BYTES,
                     "has the hash of a line before it");
    if (!wrong && reading->tokens->count == TOKENS_MOST)
        wrong = "is one too many: 4096 may be there";
    return wrong;
}

static const char *add(struct reading *reading, const struct token *token)
{
    const char *wrong = conflict(reading, token);
    struct tokens *tokens = reading->tokens;

    if (wrong)
        return wrong;
    if (tokens->count == tokens->room) {
        const size_t room = 2 * tokens->room + 8;
        struct token *rows = realloc(tokens->rows, room * sizeof *rows);
        if (!rows)
            return no_memory;
        tokens->rows = rows;
        tokens->room = room;
    }
    tokens->rows[tokens->count++] = *token;
    return NULL;
}

/* Read all lines; false with 'error'. */
static bool read_lines(struct reading *reading, struct field rest, char *error)
{
    struct field line;
    struct token token;

    for (size_t number = 1; cut(&rest, '\n', &line); number++) {
        line = trim(line);
        if (line.n == 0 || line.at[0] == '#')
            continue;
        const char *wrong = read_line(line, &token);
        if (!wrong)
            wrong = add(reading, &token);
        if (wrong) {
            snprintf(error, TOKENS_ERROR, "line %zu %s", number, wrong);
            return false;
        }
    }
    if (reading->tokens->count > 0)
        return true;
    snprintf(error, TOKENS_ERROR,
             "there is no token in it; 'sowd token new NAME' makes one");
    return false;
}

struct tokens *tokens_parse(const char *text, size_t n,
                            char error[TOKENS_ERROR])
{
    struct reading reading = {.tokens = calloc(1, sizeof *reading.tokens)};

    if (!reading.tokens) {
        snprintf(error, TOKENS_ERROR, "it does not fit into memory");
        return NULL;
    }
    const bool good = read_lines(&reading, (struct field){text, n}, error);
    names_release(&reading.names);
    names_release(&reading.hashes);
    if (good)
        return reading.tokens;
    tokens_free(reading.tokens);
    return NULL;
}

void tokens_free(struct tokens *tokens)
{
    if (!tokens)
        return;
    free(tokens->rows);
    free(tokens);
}

size_t tokens_count(const struct tokens *tokens)
{
    return tokens->count;
}

const struct token *tokens_find(const struct tokens *tokens, const char *text,
                                size_t n)
{
    const struct token *found = NULL;
    uint8_t hash[SOW_DIGEST_BYTES];

    if (!is_token(text, n))
        return NULL;
    hash_token(text, n, hash);
    for (size_t i = 0; i < tokens->count; i++)
        if (sow_secret_equal(tokens->rows[i].hash, hash, sizeof hash))
            found = &tokens->rows[i];
    return found;
}
