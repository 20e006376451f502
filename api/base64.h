/* SPDX-License-Identifier: MIT */
/*
 * Bytes written in base64 (RFC 4648, section 4), padded, and in base64url
 * (section 5), unpadded.
 */
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

/*
 * Write 'n' bytes as text: base64_characters(n) characters and a NUL, or in
 * base64url, without padding, (4 n + 2) / 3 and a NUL.
 */
void base64_text(const uint8_t *bytes, size_t n, char *text);
void base64_url(const uint8_t *bytes, size_t n, char *text);

#endif
