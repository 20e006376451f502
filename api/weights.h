/* SPDX-License-Identifier: MIT */
/*
 * What GET and POST /v1/weights share: from a model and the options to an
 * answer.
 */
#ifndef WEIGHTS_H
#define WEIGHTS_H

#include "final.h"
#include "formats/formats.h"
#include "pins.h"
#include "range.h"
#include "spec.h"
#include "work.h"

/* Pieces of a body that need no allocation: a header and a tensor. */
#define WEIGHTS_FEW 2

/* Room for an entity tag: quotes, a short prefix, hex and a final NUL. */
#define WEIGHTS_ETAG (2 + 3 + 2 * SOW_DIGEST_BYTES + 1)

/*
 * What an answer with weights looks like that isn't told by their recipe, but
 * by a name of its own: 'validate' adds the fields that a 304 repeats, and
 * 'describe' those that say what it is, in place of ours.
 */
struct weights_guise {
    void (*validate)(struct api_exchange *exchange);
    void (*describe)(struct api_exchange *exchange);
};

/*
 * An answer with weights in the making.  'recipe' is the model's recipe
 * digest, 'tag' the digest in 'etag', which names the body's bytes.  'body'
 * and 'range' are set for formats of a known size (formats/sized.h), 'text'
 * for others.  'alias' says that the request names its model, and that the
 * name may come to stand for another.  'guise' and 'type', the media type,
 * are NULL for the usual ones.
 */
struct weights {
    struct model model;
    struct spec_options options;
    bool alias;
    uint64_t room; /* bytes of the API's room */
    const struct format *format;
    const struct weights_guise *guise;
    const char *type;
    uint8_t recipe[SOW_DIGEST_BYTES];
    uint8_t tag[SOW_DIGEST_BYTES];
    char etag[WEIGHTS_ETAG];
    struct work work;
    struct pins pins;
    struct final final;
    struct sow_body body;
    struct sow_segment few[WEIGHTS_FEW]; /* of a body of no more */
    struct sow_segment *segments;        /* of any other; owned */
    char *literal; /* owned: bytes that were made for the body */
    enum range_kind part;
    struct range range;
    struct text_stream *text; /* owned */
};

/*
 * Prepare the answer to an exchange whose weights hold a model and options.
 * 'usual' is the format of a request that names none.  Afterwards either the
 * reply is ready (a 304), or the exchange's work is to be done and then
 * weights_finish() called.
 */
enum problem_code weights_begin(struct api_exchange *exchange,
                                enum spec_format usual,
                                struct problem *problem);

/* Name the answer's bytes by a digest, and a prefix of its ETag. */
void weights_tag(struct weights *weights, const char *prefix,
                 const uint8_t digest[SOW_DIGEST_BYTES]);

/*
 * The same for an answer in a guise, in one format of a known size.  The
 * weights have a tag, and what the format's 'open' wants.
 */
enum problem_code weights_begin_as(struct api_exchange *exchange,
                                   const struct format *format,
                                   const struct weights_guise *guise,
                                   struct problem *problem);

/* Fill in the reply, once all work is done. */
enum problem_code weights_finish(struct api_exchange *exchange,
                                 struct problem *problem);

void weights_release(struct api_exchange *exchange);

#endif
