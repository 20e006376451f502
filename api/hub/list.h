/* SPDX-License-Identifier: MIT */
/*
 * Files that an exchange lists with their SHA-256.  What isn't remembered is
 * computed first, on the pool: all, or where that would take more than the
 * limits allow nothing.
 */
#ifndef HUB_LIST_H
#define HUB_LIST_H

#include "hub/listing.h"
#include "router.h"

/* Room for 'count' files; once. */
enum problem_code list_init(struct api_exchange *exchange, size_t count,
                            struct problem *problem);

/* Add a file of the exchange's repository, for which there is room. */
void list_add(struct api_exchange *exchange, const struct repo_file *file);

/* list_init() and list_add() for all files, in order. */
enum problem_code list_add_all(struct api_exchange *exchange,
                               struct problem *problem);

/* Find the hashes, and call 'finish' once they are there. */
enum problem_code list_begin(struct api_exchange *exchange,
                             route_handler *finish, struct problem *problem);

/* For 'finish': PROBLEM_INTERNAL when the work was stopped. */
enum problem_code list_check(const struct api_exchange *exchange,
                             struct problem *problem);

/* The SHA-256 of file 'i' of the list, or NULL when it isn't known. */
const uint8_t *list_sha256(const struct api_exchange *exchange, size_t i);

/* A 'finish': answer with the entries of all files. */
route_handler list_finish;

#endif
