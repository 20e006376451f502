/* SPDX-License-Identifier: MIT */
/* Digits in text from clients. */
#include "digits.h"

int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int digits_escape(const char *text)
{
    int high = digit_value(text[0]);
    int low = high < 0 ? -1 : digit_value(text[1]);

    return low < 0 || high + low == 0 ? -1 : high * 16 + low;
}

size_t digits_read(const char *text, uint64_t *value)
{
    size_t n = 0;

    *value = 0;
    for (; text[n] >= '0' && text[n] <= '9'; n++)
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(text[n] - '0'), value))
            *value = UINT64_MAX;
    return n;
}
