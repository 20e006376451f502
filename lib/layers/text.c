/* SPDX-License-Identifier: MIT */
/* What expressions, patterns and schemes are written with: words and names. */
#include <math.h>

#include "layers/expression.h"

static bool is_letter(char c)
{
    return (unsigned)((c | 0x20) - 'a') < 26 || c == '_';
}

size_t sow_word_length(const char *text, size_t at)
{
    size_t n = 0;

    while (is_letter(text[at + n]) ||
           (n > 0 && text[at + n] >= '0' && text[at + n] <= '9'))
        n++;
    return n;
}

size_t sow_skip_blanks(const char *text, size_t at)
{
    while (text[at] == ' ')
        at++;
    return at;
}

/* Most words differ in the first letters: no call is worth it. */
bool sow_word_is(const char *word, const char *text, size_t length)
{
    size_t n = 0;

    while (n < length && word[n] != '\0' && word[n] == text[n])
        n++;
    return n == length && word[n] == '\0';
}

/* The variable, which has been asked for. */
static const struct sow_variable *note(const struct sow_variable *variable)
{
    if (variable->asked != NULL)
        *variable->asked = true;
    return variable;
}

const struct sow_variable *sow_scope_find(const struct sow_scope *scope,
                                          const char *text, size_t length)
{
    for (; scope != NULL; scope = scope->outer)
        for (size_t i = 0; i < scope->count; i++)
            if (scope->variables[i].name[0] == text[0] &&
                sow_word_is(scope->variables[i].name, text, length))
                return note(&scope->variables[i]);
    return NULL;
}

int sow_choice_find(const char *const *choices, const char *text, size_t length)
{
    for (int i = 0; choices[i] != NULL; i++)
        if (sow_word_is(choices[i], text, length))
            return i;
    return -1;
}

bool sow_is_whole(double x)
{
    return fabs(x) <= 0x1p53 && x == (double)(int64_t)x;
}
