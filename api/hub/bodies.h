/* SPDX-License-Identifier: MIT */
/* The bytes of files, ready to be read within an exchange. */
#ifndef HUB_BODIES_H
#define HUB_BODIES_H

#include "hub/repo.h"

/* Must tensors of the file be made as a whole before it is read? */
bool bodies_wait(const struct repo *repo, const struct repo_file *file);

/*
 * Set bodies[i] to the bytes of files[i], 'count' files of the exchange's
 * repository.  The tensors of a file that waits are copied to the exchange's
 * model, where pins give them what they need, and with 'work', for files that
 * are hashed (work.h), those of all; others are the repository's own.  Once
 * for an exchange, which owns what is allocated.
 */
enum problem_code bodies_make(struct api_exchange *exchange,
                              const struct repo_file *const *files,
                              size_t count, bool work, struct sow_body *bodies,
                              struct problem *problem);

#endif
