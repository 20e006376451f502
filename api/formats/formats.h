/* SPDX-License-Identifier: MIT */
/*
 * The formats that weights are sent in: one file and one row of the table in
 * formats.c each.
 */
#ifndef FORMATS_FORMATS_H
#define FORMATS_FORMATS_H

#include "formats/text.h"
#include "problems.h"
#include "reply.h"
#include "spec.h"

struct weights;

/*
 * A format.  'version' goes up when its bytes change.
 *
 * negotiated         Accept may choose it, by 'type'
 * sized              the size is known and any byte can be read: 'open' sets
 *                    the body of the weights; else 'start' sets their text
 * numbers            it writes every value as a number, finite ones only
 * lists_digests      the body holds the digest of each tensor
 * computes_digests   digest=auto computes what is not large
 * recalls_digests    digest=auto shows what is remembered
 * warns              the body has warnings (warnings.h), where there are any
 */
struct format {
    enum spec_format id;
    unsigned version;
    const char *type;
    bool negotiated;
    bool sized;
    bool numbers;
    bool lists_digests;
    bool computes_digests;
    bool recalls_digests;
    bool warns;
    /* Check the model against limits, before any work. */
    enum problem_code (*open)(struct api_exchange *exchange,
                              struct problem *problem);
    /* Get ready to be read, after the work. */
    enum problem_code (*start)(struct api_exchange *exchange,
                               struct problem *problem);
    reply_reader *read;
};

extern const struct format format_raw;
extern const struct format format_json;
extern const struct format format_npy;
extern const struct format format_safetensors;
extern const struct format format_manifest;

/*
 * The format of an answer: 'asked' if set, else what Accept likes best, else
 * 'usual'.  Refuses with PROBLEM_NOT_ACCEPTABLE.
 */
enum problem_code format_choose(const struct api_request *request,
                                enum spec_format asked, enum spec_format usual,
                                const struct format **format,
                                struct problem *problem);

struct phrases;

/*
 * Describe tensor 'i': a JSON object without "data".  'phrases' keeps the
 * schemes for the next one.
 */
void manifest_put_entry(const struct weights *weights, size_t i,
                        struct phrases *phrases, struct text *text);

/*
 * The first members of such an object, which follow from the tensor alone, up
 * to "std".
 */
void manifest_put_tensor(const struct sow_tensor *tensor,
                         struct phrases *phrases, struct text *text);

/* Describe a scheme: its name, then every parameter as in the catalogue. */
void manifest_put_scheme(struct text *text, const struct sow_scheme *scheme);

/* ------------------------------------------------------------------------
 * JSON as a stream
 */

/*
 * The text of a JSON document about a model, made while it is read.  Memory
 * is constant, whatever the model's size.
 */
struct text_stream;

/* Begin the exchange's text ('weights.text'); a format's 'start'. */
enum problem_code text_stream_start(struct api_exchange *exchange,
                                    struct problem *problem);

/* Read on, whatever 'pos' says; a format's 'read'. */
reply_reader text_stream_read;

/* NULL is fine. */
void text_stream_free(struct text_stream *stream);

#endif
