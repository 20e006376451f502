/* SPDX-License-Identifier: MIT */
/* Text from clients: well-formed UTF-8 as Unicode's table 3-7 has it. */
#include "utf8.h"
#include "count.h"

#include <string.h>

#define ELLIPSIS "\xe2\x80\xa6"

/* Leading bytes but ASCII, and the range of the byte that follows them. */
struct lead {
    unsigned char first, last;
    unsigned char low, high;
    size_t length;
};

static const struct lead leads[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
    {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static const struct lead *lead_find(unsigned char byte)
{
    for (size_t i = 0; i < COUNT(leads); i++)
        if (byte >= leads[i].first && byte <= leads[i].last)
            return &leads[i];
    return NULL;
}

size_t utf8_length(const char *text, size_t n)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (n == 0)
        return 0;
    if (bytes[0] < 0x80)
        return 1;
    const struct lead *lead = lead_find(bytes[0]);
    if (!lead || lead->length > n)
        return 0;
    if (bytes[1] < lead->low || bytes[1] > lead->high)
        return 0;
    for (size_t i = 2; i < lead->length; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    return lead->length;
}

bool utf8_valid(const char *text, size_t n)
{
    for (size_t i = 0, length; i < n; i += length) {
        length = utf8_length(text + i, n - i);
        if (length == 0)
            return false;
    }
    return true;
}

bool utf8_has_control(const char *text, size_t n)
{
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] < 0x20 || bytes[i] == 0x7f)
            return true;
        if (bytes[i] == 0xc2 && i + 1 < n && bytes[i + 1] < 0xa0)
            return true;
    }
    return false;
}

/* Whether the 'n' bytes at 'text' are the beginning of a longer sequence. */
static bool cut_off(const char *text, size_t n)
{
    const struct lead *lead = lead_find((unsigned char)text[0]);
    if (!lead || lead->length <= n)
        return false;
    for (size_t i = 1; i < n; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return false;
    return true;
}

void utf8_mend(char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0, length; i < n; i += length) {
        length = utf8_length(text + i, n - i);
        if (length > 0)
            continue;
        if (cut_off(text + i, n - i)) {
            text[i] = '\0';
            return;
        }
        text[i] = '?';
        length = 1;
    }
}

struct utf8_quote utf8_quote(const char *text)
{
    struct utf8_quote quote;
    const size_t room = sizeof(quote.text) - sizeof(ELLIPSIS);
    size_t n = strnlen(text, room + 1);
    if (n <= room) {
        memcpy(quote.text, text, n);
        quote.text[n] = '\0';
        return quote;
    }
    memcpy(quote.text, text, room);
    quote.text[room] = '\0';
    utf8_mend(quote.text);
    memcpy(quote.text + strlen(quote.text), ELLIPSIS, sizeof(ELLIPSIS));
    return quote;
}
