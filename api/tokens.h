/* SPDX-License-Identifier: MIT */
/*
 * Access tokens, and the list of those that a server takes.
 *
 * A token is "sow_" and 32 random bytes in 43 characters of base64url.  The
 * list holds a hash of each, one a line:
 *
 *     # name:scope:hash
 *     trainer:read:3f…                 64 hex digits
 *     release-job:write:9a…
 *
 * The hash is BLAKE2b-256 under a personalisation of its own, which keys it:
 * a hash of the same bytes for another purpose is another one.  It is quick,
 * on purpose.  A slow password hash makes guessing dear, and nobody guesses
 * 256 random bits; but every request would pay for it, those of strangers
 * too.  For the same reason nothing that isn't written as a token is taken for
 * one, so that no password can come into the list.
 */
#ifndef TOKENS_H
#define TOKENS_H

#include "sow.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Random bytes in a token, and room for it with the final NUL. */
#define TOKEN_RANDOM 32
#define TOKEN_TEXT 48

/* Room for a name, of letters, digits, '.', '_' and '-', and for a line. */
#define TOKEN_NAME 65
#define TOKEN_LINE 144

/* Room for what is wrong with a list, and tokens that it may have. */
#define TOKENS_ERROR 240
#define TOKENS_MOST 4096

/* What a token is good for.  Each scope includes those before it. */
enum token_scope {
    TOKEN_NONE,  /* what is open to everybody */
    TOKEN_READ,  /* all that changes nothing */
    TOKEN_WRITE, /* recipes */
};

/* "read" or "write", and back: false for another name. */
const char *token_scope_name(enum token_scope scope);
bool token_scope_find(const char *name, size_t n, enum token_scope *scope);

/* Is that a name: 1 to 64 of its characters? */
bool token_is_name(const char *name, size_t n);

/* Write random bytes as a token. */
void token_write(const uint8_t random[TOKEN_RANDOM], char token[TOKEN_TEXT]);

/*
 * Write the line of the list, without a newline, for a token under a name that
 * is one.
 */
void token_write_line(const char *name, enum token_scope scope,
                      const char *token, char line[TOKEN_LINE]);

/* What is known of a token. */
struct token {
    char name[TOKEN_NAME];
    enum token_scope scope;
    uint8_t hash[SOW_DIGEST_BYTES];
};

struct tokens;

/*
 * Read a list.  Empty lines and lines that begin with '#' are skipped; names
 * and hashes are unique; there is at least one token, for a list of none is
 * more likely to be half written than meant.  NULL, with 'error' filled in
 * ("line 3: …"), when it is malformed or memory is short.
 */
struct tokens *tokens_parse(const char *text, size_t n,
                            char error[TOKENS_ERROR]);

/* NULL is fine. */
void tokens_free(struct tokens *tokens);

size_t tokens_count(const struct tokens *tokens);

/*
 * Find what a client sent as a token; NULL when it isn't one of these.  How
 * long that takes tells nothing of what is in the list but its length.
 */
const struct token *tokens_find(const struct tokens *tokens, const char *text,
                                size_t n);

#endif
