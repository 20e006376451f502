/* SPDX-License-Identifier: MIT */
/*
 * Reading the bodies of an exchange with the help of others, where that pays:
 * what is sent, and what is hashed.  Where there is no help, or no memory for
 * it, it is read without.
 *
 * Helpers may be at it still when the exchange ends, which therefore lasts
 * until they have left it.
 */
#ifndef AIDED_H
#define AIDED_H

#include "crew.h"

struct api;
struct api_exchange;

/*
 * Of an exchange: 'seat' is where the answer's body is read ahead, or NULL;
 * 'lent' counts seats that something of the exchange is needed for.
 */
struct aided {
    struct seat *seat;
    atomic_size_t lent;
    struct api_exchange *next; /* of those that helpers left behind */
};

/*
 * Read as api_read() does, of the part of the answer's body that is sent:
 * [pos, pos + n) lies in it.
 */
int64_t aided_read(struct api_exchange *exchange, uint64_t pos, void *buf,
                   size_t n);

/* sow_body_digests() for a body of the exchange. */
enum sow_status aided_digests(struct api_exchange *exchange,
                              const struct sow_body *body,
                              bool (*stop)(void *argument), void *argument,
                              uint8_t *blake2b, uint8_t *sha256);

/*
 * The exchange ends: 'release' is called with it, by whoever needs it last,
 * now or later.
 */
void aided_end(struct api_exchange *exchange);

/*
 * Free the exchanges that helpers were the last to need: they free nothing
 * themselves, since they may be left without a processor in the middle of it.
 */
void aided_sweep(struct api *api);

#endif
