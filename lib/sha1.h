/* SPDX-License-Identifier: MIT */
/* SHA-1, where another library's keys are made with it; for lib/. */
#ifndef SHA1_H
#define SHA1_H

#include <stddef.h>
#include <stdint.h>

#define SOW_SHA1_BYTES 20

/* The digest of the 'n' bytes at 'bytes', then those at 'more'. */
void sow_sha1(const void *bytes, size_t n, const void *more, size_t m,
              uint8_t digest[SOW_SHA1_BYTES]);

#endif
