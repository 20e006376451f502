/* SPDX-License-Identifier: MIT */
/* Bytes written in base64. */
#include "base64.h"

#include <string.h>

/* The value of a character, or -1. */
static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int base64_byte(const char *text, size_t i)
{
    const size_t part = i % 3;
    const int high = sextet(text[4 * (i / 3) + part]);
    const int low = sextet(text[4 * (i / 3) + part + 1]);
    if (high < 0 || low < 0)
        return -1;
    return (high << (2 + 2 * part) | low >> (4 - 2 * part)) & 255;
}

size_t base64_characters(size_t bytes)
{
    return (bytes + 2) / 3 * 4;
}

bool base64_is_padded(const char *text, size_t bytes)
{
    for (size_t i = (8 * bytes + 5) / 6; i < base64_characters(bytes); i++)
        if (text[i] != '=')
            return false;
    return true;
}

void base64_write(const uint8_t *bytes, size_t n, char four[4])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
                                  "qrstuvwxyz0123456789+/";
    const unsigned second = n > 1 ? bytes[1] : 0;
    const unsigned third = n > 2 ? bytes[2] : 0;

    four[0] = letters[bytes[0] >> 2];
    four[1] = letters[(bytes[0] & 3U) << 4 | second >> 4];
    four[2] = n > 1 ? letters[(second & 15U) << 2 | third >> 6] : '=';
    four[3] = n > 2 ? letters[third & 63U] : '=';
}

void base64_text(const uint8_t *bytes, size_t n, char *text)
{
    for (; n > 0; text += 4) {
        const size_t taken = n < 3 ? n : 3;
        base64_write(bytes, taken, text);
        bytes += taken;
        n -= taken;
    }
    *text = '\0';
}

void base64_url(const uint8_t *bytes, size_t n, char *text)
{
    char four[4];

    *text = '\0';
    for (; n > 0; text += strlen(text)) {
        const size_t taken = n < 3 ? n : 3;
        base64_write(bytes, taken, four);
        for (size_t i = 0; i <= taken; i++)
            text[i] = four[i] == '+' ? '-' : four[i] == '/' ? '_' : four[i];
        text[taken + 1] = '\0';
        bytes += taken;
        n -= taken;
    }
}
