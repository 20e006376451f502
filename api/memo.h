/* SPDX-License-Identifier: MIT */
/*
 * A bounded memory of digests: 32-byte key to 32-byte digest.
 *
 * The memory is fixed when it is made.  A full set forgets the entry that was
 * used least recently.  Every function may be called from any thread.
 */
#ifndef MEMO_H
#define MEMO_H

#include "sow.h"

/* Entries a memo holds: 4 MiB of keys and digests. */
#define MEMO_ENTRIES 65536

struct memo;

/* NULL when out of memory.  memo_free(NULL) is fine. */
struct memo *memo_new(void);
void memo_free(struct memo *memo);

/* Is nothing remembered, so that it is no use to make a key? */
bool memo_is_empty(struct memo *memo);

/*
 * Copy what is remembered under 'key' to 'digest'.  Returns false, 'digest'
 * untouched, when that is nothing.
 */
SOW_MUST_CHECK bool memo_get(struct memo *memo,
                             const uint8_t key[SOW_DIGEST_BYTES],
                             uint8_t digest[SOW_DIGEST_BYTES]);

/* Remember 'digest' under 'key'.  Returns whether that is news. */
bool memo_put(struct memo *memo, const uint8_t key[SOW_DIGEST_BYTES],
              const uint8_t digest[SOW_DIGEST_BYTES]);

#endif
