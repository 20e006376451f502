/* SPDX-License-Identifier: MIT */
/*
 * Files of a repository as JSON.  'sha256' is NULL where it isn't known; the
 * file is then listed without "lfs".
 */
#ifndef HUB_LISTING_H
#define HUB_LISTING_H

#include "hub/repo.h"

/*
 * An entry of a tree:
 * {"type":"file","oid":…,"size":…,"lfs":{"oid":…,…},"path":…}, and unless
 * 'last' is NULL "lastCommit", that of the repository.
 */
void listing_put_entry(struct text *text, const struct repo_file *file,
                       const uint8_t *sha256, const struct repo *last);

/*
 * A sibling of a model's description: {"rfilename":…}, and with 'blobs'
 * "blobId", "size" and "lfs".
 */
void listing_put_sibling(struct text *text, const struct repo_file *file,
                         bool blobs, const uint8_t *sha256);

#endif
