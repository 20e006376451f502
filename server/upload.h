/* SPDX-License-Identifier: MIT */
/*
 * The body of a request while it comes in: kept up to a cap, then read on and
 * thrown away for a while, so that a client that is still writing gets to
 * read why it was refused.
 */
#ifndef UPLOAD_H
#define UPLOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The memory that all uploads may hold together. */
struct upload_budget {
    uint64_t limit;
    atomic_uint_least64_t held;
};

enum upload_state {
    UPLOAD_FITS,
    UPLOAD_TOO_LARGE, /* passed the cap: nothing is kept */
    UPLOAD_NO_ROOM,   /* the budget or the memory is used up: likewise */
    UPLOAD_ENDLESS,   /* passed eight times the cap: not worth reading */
};

/* 'bytes' is owned; NULL while nothing is kept. */
struct upload {
    enum upload_state state;
    char *bytes;
    size_t size, room;
    uint64_t seen; /* bytes that came, kept or not */
    uint64_t cap;
    struct upload_budget *budget;
};

/* Start an upload of up to 'cap' bytes; the budget is borrowed. */
void upload_init(struct upload *upload, uint64_t cap,
                 struct upload_budget *budget);

/* Free what is kept and give it back to the budget. */
void upload_release(struct upload *upload);

/* From now on keep nothing: the request is refused whatever it holds. */
void upload_discard(struct upload *upload);

/* Whether a body of 'n' bytes would end before UPLOAD_ENDLESS. */
bool upload_worth_reading(const struct upload *upload, uint64_t n);

/* Take the next 'n' bytes; returns the state they lead to. */
enum upload_state upload_add(struct upload *upload, const void *bytes,
                             size_t n);

#endif
