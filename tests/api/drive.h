/* SPDX-License-Identifier: MIT */
/*
 * Drives the API as a server would, without a socket: a request in, an answer
 * out, all the work done in between.
 */
#ifndef DRIVE_H
#define DRIVE_H

#include "api.h"

/*
 * An answer, copied.  'size' is what was announced; 'body' holds 'read' bytes
 * and a final NUL, none for a bodyless answer.  'units' of long work were
 * done.  'refused' says that api_refuse() gave it.
 */
struct answer {
    unsigned status;
    bool bodyless, close, refused, broken;
    uint64_t size;
    size_t units;
    char headers[4096];
    char *body;
    size_t read;
};

/* Limits that no test passes by accident. */
extern const struct api_limits drive_limits;

/* A new API on the fastest engine; 'limits' may be NULL for drive_limits. */
struct api *drive_api(const struct api_limits *limits);

/* Such a one, of the running test; a checked fixture. */
extern struct api *driven;
void drive_setup(void);
void drive_teardown(void);

/* A request for one tensor, and the body of one for two. */
#define DRIVE_SMALL "/v1/weights?shape=16,8&scheme=he_normal&seed=42"
#define DRIVE_TWO                                     \
    "{\"seed\":7,\"scheme\":\"uniform\",\"layers\":[" \
    "{\"name\":\"a\",\"shape\":[3,5]},"               \
    "{\"name\":\"b\",\"shape\":[7],\"dtype\":\"float16\"}]}"

/*
 * Send a request.  'target' is a path with an optional query; 'headers' are
 * lines "Name: value\n", or NULL; 'body' may be NULL.  A Host is added, and
 * with a body Content-Type: application/json, unless given.
 */
struct answer drive(struct api *api, const char *method, const char *target,
                    const char *headers, const char *body);

/* GET 'target', or POST a JSON body for weights: what must be a 200. */
struct answer drive_get(struct api *api, const char *target);
struct answer drive_post(struct api *api, const char *body);

/* Send exactly these headers. */
struct answer drive_bare(struct api *api, const char *method,
                         const char *target, const char *headers,
                         const char *body);

/* Answer an exchange and end it. */
struct answer drive_exchange(struct api_exchange *exchange);

/*
 * The value of the answer's field 'name', or NULL.  Lasts as long as the
 * answer, or until sixteen more are asked for.
 */
const char *answer_header(const struct answer *answer, const char *name);

/* The "code" of a problem+json answer; "" when it isn't one. */
const char *answer_code(const struct answer *answer);

/* What any other string member of a JSON answer says; likewise. */
const char *answer_string(const struct answer *answer, const char *member);

/* Assert that field 'name' has 'value', or with NULL that there is none. */
void answer_expect(const struct answer *answer, const char *name,
                   const char *value);

void answer_release(struct answer *answer);

/* What /metrics says of 'name'. */
double drive_metric(struct api *api, const char *name);

/* The hex of the digest of 'n' bytes, until the next call. */
const char *digest_hex(const void *bytes, size_t n);

#endif
