/* SPDX-License-Identifier: MIT */
/* Digits in text from clients. */
#ifndef DIGITS_H
#define DIGITS_H

#include <stddef.h>
#include <stdint.h>

/* The value of a hexadecimal digit, or -1 when 'c' is none. */
int digit_value(char c);

/*
 * The byte that the two digits after a '%' stand for; -1 when they are none,
 * and for NUL, which no text may hold.
 */
int digits_escape(const char *text);

/*
 * Read the decimal digits that 'text' begins with; returns how many there
 * are.  A number past 64 bits is UINT64_MAX.
 */
size_t digits_read(const char *text, uint64_t *value);

#endif
