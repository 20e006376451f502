/* SPDX-License-Identifier: MIT */
/* Making tokens and keys. */
#include "tool.h"

#include "secret.h"
#include "signing.h"
#include "tokens.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static int complain(const char *what)
{
    fprintf(stderr, "sowd: %s\n", what);
    return 2;
}

/* Random bytes of the kernel's, at most 256; false after saying why not. */
static bool random_bytes(void *bytes, size_t n)
{
    ssize_t got;
    do
        got = getrandom(bytes, n, 0);
    while (got < 0 && errno == EINTR);
    if (got == (ssize_t)n)
        return true;
    fprintf(stderr, "sowd: no random bytes: %s\n", strerror(errno));
    return false;
}

/* Whether all that was printed has arrived. */
static int finish(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    fprintf(stderr, "sowd: can't write: %s\n", strerror(errno));
    return 1;
}

/* ------------------------------------------------------------------------
 * token new
 */

static int print_token(const char *name, enum token_scope scope)
{
    uint8_t random[TOKEN_RANDOM];
    char token[TOKEN_TEXT], line[TOKEN_LINE];
    if (!random_bytes(random, sizeof random))
        return 1;
    token_write(random, token);
    token_write_line(name, scope, token, line);
    puts(line);
    int status = finish();
    if (status == 0)
        fprintf(stderr, "%s\n", token);
    sow_secret_clear(random, sizeof random);
    sow_secret_clear(token, sizeof token);
    return status;
}

static const char token_usage[] =
    "usage: sowd token new NAME [--scope read|write]; a name has up to 64 "
    "letters, digits, . _ and -, and begins with another one than -";

static int token_new(char *const *arguments)
{
    const char *name = NULL;
    enum token_scope scope = TOKEN_READ;
    for (; *arguments != NULL; arguments++) {
        const char *text = *arguments;
        if (strcmp(text, "--scope") == 0 && arguments[1] != NULL) {
            text = *++arguments;
            if (!token_scope_find(text, strlen(text), &scope))
                return complain("a token's scope is 'read' or 'write'");
            continue;
        }
        if (name != NULL || *text == '-' || !token_is_name(text, strlen(text)))
            return complain(token_usage);
        name = text;
    }
    return name == NULL ? complain(token_usage) : print_token(name, scope);
}

/* ------------------------------------------------------------------------
 * key new
 */

static int key_new(char *const *arguments)
{
    uint8_t seed[SOW_KEY_BYTES];
    char pem[SIGNING_PEM];
    if (*arguments != NULL)
        return complain("usage: sowd key new >FILE");
    if (!random_bytes(seed, sizeof seed))
        return 1;
    signing_write(seed, pem);
    fputs(pem, stdout);
    int status = finish();
    sow_secret_clear(seed, sizeof seed);
    sow_secret_clear(pem, sizeof pem);
    return status;
}

/* ------------------------------------------------------------------------
 * All
 */

static const struct {
    const char *noun, *verb;
    int (*run)(char *const *arguments);
} tools[] = {
    {"token", "new", token_new},
    {"key", "new", key_new},
};

bool tool_run(char *const *arguments, int *status)
{
    if (arguments[0] == NULL)
        return false;
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        if (strcmp(arguments[0], tools[i].noun) != 0)
            continue;
        if (arguments[1] != NULL && strcmp(arguments[1], tools[i].verb) == 0) {
            *status = tools[i].run(arguments + 2);
            return true;
        }
        fprintf(stderr, "sowd: usage: sowd %s %s\n", tools[i].noun,
                tools[i].verb);
        *status = 2;
        return true;
    }
    return false;
}
