/* SPDX-License-Identifier: MIT */
/* Bytes written in base64 (RFC 4648, section 4), padded. */
#ifndef BASE64_H
#define BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The characters for so many bytes, the padding included. */
size_t base64_characters(size_t bytes);

/* Byte 'i' of what 'text' stands for, or -1 for a character of another kind. */
int base64_byte(const char *text, size_t i);

/* Is all that comes after the characters of 'bytes' bytes padding? */
bool base64_is_padded(const char *text, size_t bytes);

/* Write 1 to 3 bytes as four characters. */
void base64_write(const uint8_t *bytes, size_t n, char four[4]);

#endif
