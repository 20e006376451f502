/* SPDX-License-Identifier: MIT */
/* "Did you mean …?", by the optimal string alignment distance. */
#include "suggest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LONGEST 64

static char fold(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c == '-' ? '_' : c;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t suggest_distance(const char *a, const char *b)
{
    const size_t rows = strnlen(a, LONGEST + 1);
    const size_t columns = strnlen(b, LONGEST + 1);
    size_t d[LONGEST + 1][LONGEST + 1];
    if (rows > LONGEST || columns > LONGEST)
        return SIZE_MAX;
    for (size_t i = 0; i <= rows; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= columns; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= rows; i++) {
        for (size_t j = 1; j <= columns; j++) {
            const char x = fold(a[i - 1]), y = fold(b[j - 1]);
            d[i][j] = smaller(d[i - 1][j], d[i][j - 1]) + 1;
            d[i][j] = smaller(d[i][j], d[i - 1][j - 1] + (x != y));
            if (i > 1 && j > 1 && x == fold(b[j - 2]) && fold(a[i - 2]) == y)
                d[i][j] = smaller(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[rows][columns];
}

void suggest_init(struct suggest *suggest, const char *written)
{
    suggest->written = written;
    suggest->nearest = NULL;
    /* A third of the letters wrong, at least one, may still be a slip. */
    const size_t allowed = strnlen(written, LONGEST) / 3;
    suggest->distance = (allowed > 0 ? allowed : 1) + 1;
    suggest->names[0] = '\0';
}

void suggest_offer(struct suggest *suggest, const char *name)
{
    const size_t used = strlen(suggest->names);
    if (strlen(name) + 2 < sizeof(suggest->names) - used)
        snprintf(suggest->names + used, sizeof(suggest->names) - used, "%s%s",
                 used > 0 ? ", " : "", name);
    const size_t distance = suggest_distance(suggest->written, name);
    if (distance >= suggest->distance || distance >= strlen(name))
        return;
    suggest->nearest = name;
    suggest->distance = distance;
}

struct suggest_hint suggest_hint(const struct suggest *suggest)
{
    struct suggest_hint hint = {""};
    if (suggest->nearest)
        snprintf(hint.text, sizeof(hint.text), " Did you mean '%s'?",
                 suggest->nearest);
    return hint;
}
