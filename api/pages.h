/* SPDX-License-Identifier: MIT */
/* Memory in large pages. */
#ifndef PAGES_H
#define PAGES_H

#include <stddef.h>

/*
 * Ask the system to back 'block', of 'bytes', with large pages as far as it
 * spans any.  What is written or read across thousands of pages takes less
 * time then.  It is only a hint; NULL is passed over.
 */
void pages_enlarge(void *block, size_t bytes);

#endif
