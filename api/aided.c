/* SPDX-License-Identifier: MIT */
/* Reading with the help of others. */
#include "aided.h"

#include "exchange.h"

#include "digest.h"

/*
 * What is made faster than so many bytes a nanosecond isn't worth being copied
 * from elsewhere; nor are reads of fewer bytes, which tell little of that.
 */
#define FAST 5
#define LEAST_READ ((size_t)64 << 10)

/* Bytes that are made and hashed in turn: they stay in a core's own cache. */
#define PIECE ((size_t)64 << 10)

/* ------------------------------------------------------------------------
 * Lending
 */

/* 'lent' is 0 when the exchange is needed by one alone, who lets it go here. */
static void let_go(void *self)
{
    struct api_exchange *exchange = self;

    if (atomic_fetch_sub(&exchange->aided.lent, 1) == 0)
        exchange_free(exchange);
}

/* The same for a seat, whose last may be a helper. */
static void give_back(void *self)
{
    struct api_exchange *exchange = self;
    struct api *api = exchange->api;

    if (atomic_fetch_sub(&exchange->aided.lent, 1) != 0)
        return;
    exchange->aided.next = atomic_load(&api->ended);
    while (!atomic_compare_exchange_weak(&api->ended, &exchange->aided.next,
                                         exchange))
        ;
}

void aided_sweep(struct api *api)
{
    struct api_exchange *exchange = atomic_exchange(&api->ended, NULL);

    while (exchange) {
        struct api_exchange *next = exchange->aided.next;
        exchange_free(exchange);
        exchange = next;
    }
}

static void spent(void *self, uint64_t nanoseconds)
{
    struct api_exchange *exchange = self;

    metrics_add(exchange->api->metrics, METRICS_GENERATION, nanoseconds);
}

/* A seat for reading a part of a body from 'pos' in it; or NULL. */
static struct seat *sit(struct api_exchange *exchange,
                        const struct sow_body *body, struct range part,
                        uint64_t pos, const void *reader)
{
    const struct crew_job job = {
        .engine = exchange->api->engine,
        .body = *body,
        .first = part.first,
        .size = part.size,
        .pos = pos,
        .over = give_back,
        .spent = spent,
        .self = exchange,
    };

    atomic_fetch_add(&exchange->aided.lent, 1);
    struct seat *seat = crew_sit(&exchange->api->crew, &job, reader);
    if (!seat)
        atomic_fetch_sub(&exchange->aided.lent, 1);
    return seat;
}

void aided_end(struct api_exchange *exchange)
{
    if (exchange->aided.seat)
        crew_leave(exchange->aided.seat, exchange);
    let_go(exchange);
}

/* ------------------------------------------------------------------------
 * Sending
 */

static int64_t read_alone(struct api_exchange *exchange, uint64_t pos,
                          void *buf, size_t n)
{
    const struct weights *weights = &exchange->weights;

    return sow_body_read(exchange->api->engine, &weights->body,
                         weights->range.first + pos, buf, n)
               ? API_BROKEN
               : (int64_t)n;
}

/* Read alone, and see whether that takes so long that help is welcome. */
static int64_t read_first(struct api_exchange *exchange, uint64_t pos,
                          void *buf, size_t n)
{
    const struct range *range = &exchange->weights.range;
    const uint64_t start = metrics_now();
    const int64_t made = read_alone(exchange, pos, buf, n);

    if (made < 0 || n < LEAST_READ || range->size - pos < CREW_LEAST ||
        (metrics_now() - start) * FAST < n)
        return made;
    exchange->aided.seat =
        sit(exchange, &exchange->weights.body, *range, pos + n, exchange);
    return made;
}

int64_t aided_read(struct api_exchange *exchange, uint64_t pos, void *buf,
                   size_t n)
{
    struct crew *crew = &exchange->api->crew;
    struct seat *seat = exchange->aided.seat;

    if (crew->count == 0)
        return read_alone(exchange, pos, buf, n);
    if (seat && !crew_resume(seat, exchange))
        seat = exchange->aided.seat = NULL;
    if (!seat)
        return read_first(exchange, pos, buf, n);
    const size_t made = ahead_read(&seat->ahead, pos, buf, n);
    crew_pause(crew, seat, exchange);
    return made > 0 ? (int64_t)made : API_BROKEN;
}

/* ------------------------------------------------------------------------
 * Hashing
 */

/* A body that is being hashed; 'seat' is NULL when it was taken. */
struct hashing {
    struct api_exchange *exchange;
    const struct sow_body *body;
    struct seat *seat;
    bool (*stop)(void *argument);
    void *argument;
    uint64_t pos;
    _Alignas(64) uint8_t piece[PIECE];
};

static enum sow_status make_piece(struct hashing *hashing, size_t *n)
{
    const uint64_t left = hashing->body->size - hashing->pos;

    *n = left < PIECE ? (size_t)left : PIECE;
    return sow_body_read(hashing->exchange->api->engine, hashing->body,
                         hashing->pos, hashing->piece, *n);
}

/* The seat is the reader's from one piece to the next, while it is hashed. */
static enum sow_status next_piece(void *self, const void **bytes, size_t *n)
{
    struct hashing *hashing = self;

    *n = 0;
    if (hashing->seat) {
        crew_pause(&hashing->exchange->api->crew, hashing->seat, hashing);
        if (!crew_resume(hashing->seat, hashing))
            hashing->seat = NULL;
    }
    if (hashing->pos == hashing->body->size)
        return SOW_OK;
    if (hashing->stop && hashing->stop(hashing->argument))
        return SOW_STOPPED;
    *bytes = hashing->piece;
    if (hashing->seat)
        *n = ahead_view(&hashing->seat->ahead, hashing->pos, hashing->piece,
                        PIECE, bytes);
    enum sow_status status = *n > 0 ? SOW_OK : make_piece(hashing, n);
    hashing->pos += *n;
    return status;
}

enum sow_status aided_digests(struct api_exchange *exchange,
                              const struct sow_body *body,
                              bool (*stop)(void *argument), void *argument,
                              uint8_t *blake2b, uint8_t *sha256)
{
    struct hashing hashing = {
        .exchange = exchange, .body = body, .stop = stop, .argument = argument};
    const struct sow_pieces pieces = {next_piece, &hashing};

    if (body->size >= CREW_LEAST)
        hashing.seat =
            sit(exchange, body, (struct range){0, body->size}, 0, &hashing);
    if (!hashing.seat)
        return sow_body_digests(exchange->api->engine, body, stop, argument,
                                blake2b, sha256);
    if (!crew_resume(hashing.seat, &hashing))
        hashing.seat = NULL;
    enum sow_status status = sow_pieces_digests(&pieces, blake2b, sha256);
    if (hashing.seat)
        crew_pause(&exchange->api->crew, hashing.seat, &hashing);
    if (hashing.seat)
        crew_leave(hashing.seat, &hashing);
    return status;
}
