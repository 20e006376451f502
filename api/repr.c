/* SPDX-License-Identifier: MIT */
/* Want-Repr-Digest and Repr-Digest, SHA-256 alone. */
#include "repr.h"

#include "head.h"

#include <string.h>

static const char key[] = "sha-256=";

#define KEY (sizeof key - 1)

/* Is 'item' "sha-256=1" to "sha-256=10"?  0 means "not this one". */
static bool is_wish(const char *item, size_t n)
{
    if (n <= KEY || memcmp(item, key, KEY) != 0)
        return false;
    item += KEY;
    n -= KEY;
    return (n == 1 && item[0] >= '1' && item[0] <= '9') ||
           (n == 2 && !memcmp(item, "10", 2));
}

bool repr_wanted(const struct api_request *request)
{
    const char *value;
    const char *item;
    size_t n;

    for (size_t i = 0; (value = head_next(request, "Want-Repr-Digest", &i));) {
        struct head_list list = head_list(value, strlen(value), ',');
        while (head_list_next(&list, &item, &n))
            if (is_wish(item, n))
                return true;
    }
    return false;
}

/* Write three bytes as four characters of base64. */
static void base64_write(uint32_t bytes, char out[4])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";

    for (int i = 0; i < 4; i++)
        out[i] = digits[(bytes >> (18 - 6 * i)) & 63];
}

/* 32 bytes are ten groups of three and two bytes more. */
void repr_write(const uint8_t sha256[SOW_DIGEST_BYTES], char out[REPR_VALUE])
{
    memcpy(out, key, KEY);
    out += KEY;
    *out++ = ':';
    for (size_t i = 0; i < SOW_DIGEST_BYTES; i += 3, out += 4) {
        uint32_t last = i + 2 < SOW_DIGEST_BYTES ? sha256[i + 2] : 0;
        base64_write((uint32_t)sha256[i] << 16 | (uint32_t)sha256[i + 1] << 8 |
                         last,
                     out);
    }
    memcpy(out - 1, "=:", 3);
}
