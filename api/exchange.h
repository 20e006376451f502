/* SPDX-License-Identifier: MIT */
/*
 * What stands behind 'struct api' and 'struct api_exchange': for the files of
 * api/ only.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "aided.h"
#include "api.h"
#include "auth.h"
#include "hub/hub.h"
#include "memo.h"
#include "metrics.h"
#include "reply.h"
#include "room.h"
#include "router.h"
#include "self_test.h"
#include "signing.h"
#include "weights.h"
#include "wholes.h"

#include <stdatomic.h>
#include <string.h>

/* Constant after api_new(), but for what locks itself. */
struct api {
    const struct sow_engine *engine;
    struct api_limits limits;
    const struct store *store;        /* borrowed; NULL for none */
    struct memo *memo;                /* owned */
    struct wholes *wholes;            /* owned */
    struct states *states;            /* owned */
    void (*notice)(const char *text); /* as in 'struct api_config' */
    /* As in 'struct api_config': told what is new in 'memo'. */
    void (*remember)(void *self, const uint8_t key[SOW_DIGEST_BYTES],
                     const uint8_t digest[SOW_DIGEST_BYTES]);
    void *remember_self;
    struct repos *repos;     /* owned */
    struct metrics *metrics; /* owned */
    void (*vitals)(void *self, struct api_vitals *vitals);
    void *vitals_self;
    struct auth auth;       /* locks itself */
    struct signing signing; /* of no key: nothing is signed */
    struct room room;
    struct crew crew;                     /* needs no lock */
    _Atomic(struct api_exchange *) ended; /* for aided_sweep() */
    atomic_bool draining;
    struct self_test self_test;
};

/*
 * One request and its answer.  Routes for weights, for files of the Hub and
 * for analyses use 'weights', of which the last have just the body; their reply
 * is written after the work, in api_answer(), by 'finish' unless that is NULL.
 * 'told' says that the reply has the fields that all of its kind have.
 */
struct api_exchange {
    struct api *api;
    struct api_request request;
    struct route_match match;
    struct reply reply;
    struct weights weights;
    struct analysis *analysis; /* owned; NULL for all but an analysis */
    struct hub hub;
    route_handler *finish;
    bool told;
    struct aided aided;
};

/* Free it and all that it owns, once nobody needs any of it. */
void exchange_free(struct api_exchange *exchange);

/* Is that the request's method? */
static inline bool exchange_is(const struct api_exchange *exchange,
                               const char *method)
{
    return exchange->request.method &&
           !strcmp(exchange->request.method, method);
}

#endif
