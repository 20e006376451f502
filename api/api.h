/* SPDX-License-Identifier: MIT */
/*
 * The HTTP API without a socket: a request goes in as plain data, an answer
 * comes out as status, headers and a body that can be read at any position.
 *
 *     exchange = api_begin(api, &request);         parse, look up, decide
 *     for each unit < api_work_count(exchange)     long work, if any: on any
 *         api_work(exchange, unit, stop, arg);     threads, side by side
 *     response = api_answer(exchange);             status, headers, size
 *     api_read(exchange, pos, buf, n) …            the body
 *     api_end(exchange);
 *
 * api_refuse(), api_answer() and api_read() are quick: they never take longer
 * than generating the bytes they are asked for, so they may run on an I/O
 * thread.  How long api_begin() takes api_pace() tells: at worst some fifty
 * milliseconds a MiB of the body, and up to ten microseconds for each tensor
 * of a model.  api_work() may take minutes.  'struct api' may be shared
 * by all threads; an exchange belongs to one thread at a time, but for
 * api_work() on different units.  Large bodies are made ahead of api_read(),
 * and of what hashes them, on threads that the caller lends to api_help().
 */
#ifndef API_H
#define API_H

#include "sow.h"
#include "store.h"

/* The answer's length is not known before it has been written. */
#define API_SIZE_UNKNOWN UINT64_MAX

/* What api_read() returns at the end, and when the answer can't go on. */
#define API_END (-1)
#define API_BROKEN (-2)

/* Room for the name of a user's token. */
#define API_USER 65

/* Room for a line about what is wrong with a file. */
#define API_ERROR 256

/*
 * Limits on what a client may ask for.  Each is named in the error of the
 * request that passes it, beside the option that sets it (--max-layers for
 * 'max_layers', and so on).
 */
struct api_limits {
    uint64_t max_body_bytes;        /* of a request */
    uint64_t max_layers;            /* tensors in a request */
    uint64_t max_elements;          /* elements of them; 0 for any */
    uint64_t max_json_elements;     /* numbers in a JSON answer */
    uint64_t max_answer_bytes;      /* of an answer's body; 0 for any */
    uint64_t digest_max_bytes;      /* digest=auto computes up to this */
    uint64_t digest_wait_max_bytes; /* digest=wait computes up to this */
    uint64_t cache_bytes; /* for what must be made as a whole, in all */
    uint64_t max_flops;   /* to make it, in a request */
};

/*
 * Everything the API is given at start; copied.  'notice', unless NULL, is
 * told in a sentence, on the thread that does the work, when a long
 * computation begins, every few seconds how it gets on, and how it ends; the
 * sentence may hold text that came from a client.  'store', or NULL, keeps the
 * recipes of users; borrowed, it must outlive the API.  'remember', unless
 * NULL, is called with 'remember_self', on any thread, with each digest that
 * was computed and is new: for api_remember() of a later process.
 */
struct api_config {
    const struct sow_engine *engine;
    struct api_limits limits;
    const struct store *store;
    void (*notice)(const char *text);
    void (*remember)(void *self, const uint8_t key[SOW_DIGEST_BYTES],
                     const uint8_t digest[SOW_DIGEST_BYTES]);
    void *remember_self;
    size_t helpers; /* threads that api_help() will be called on; 0 for none */
};

struct api;

/* NULL when out of memory.  api_free(NULL) is fine. */
struct api *api_new(const struct api_config *config);
void api_free(struct api *api);

/*
 * Know a digest without computing it: one that 'remember' was told, by this
 * process or another one, of this version or another one.
 */
void api_remember(struct api *api, const uint8_t key[SOW_DIGEST_BYTES],
                  const uint8_t digest[SOW_DIGEST_BYTES]);

/*
 * From now on answer only those who come with one of the tokens in the list
 * 'text' of 'n' bytes (tokens.h), but for the routes that are open; any
 * thread.  It may be called again, with a new list, while requests are
 * answered.  False, with what was before in force and 'error' one line that
 * says what is wrong, when it is malformed or memory is short.
 */
bool api_set_tokens(struct api *api, const char *text, size_t n,
                    char error[API_ERROR]);

/*
 * Sign every answer with the first of the keys in 'text', of 'n' bytes in PEM
 * (signing.h), and publish all; before the first request.  False as above.
 */
bool api_set_signing_keys(struct api *api, const char *text, size_t n,
                          char error[API_ERROR]);

/*
 * Compare known answers of every generator with what this engine gives: some
 * milliseconds, done once however often it is called.  As long as nobody did,
 * or they differ, /readyz answers 503.  Returns whether all are right, or else
 * a sentence about one that isn't.  Any thread.
 */
bool api_self_test(struct api *api, char reason[API_ERROR]);

/*
 * Help those who send or hash large bodies by making ahead of them what can be
 * made in any order, until api_stop_help(): for each of the threads that
 * 'helpers' of the configuration told of, best ones that run only when nothing
 * else does, for nobody ever waits for them.  They must have returned before
 * api_free(), and all exchanges have ended.
 */
void api_help(struct api *api);
void api_stop_help(struct api *api);

/* Not ready: /readyz answers 503.  For shutting down; any thread. */
void api_set_draining(struct api *api);

struct api_header {
    const char *name;
    const char *value;
};

/*
 * A request.  'target_path' is as it came, percent-encoded, without the
 * query; 'query' is what followed '?', undecoded, or NULL.  'headers' has
 * every field line in order, repeated ones included.  Everything is borrowed
 * until api_end(), the struct itself only for the call.  'http_1_0' says that
 * the request is an HTTP/1.0 one, which needs no Host.
 */
struct api_request {
    const char *method;
    const char *target_path;
    const char *query;
    const struct api_header *headers;
    size_t header_count;
    const void *body;
    size_t body_size;
    bool http_1_0;
};

/*
 * An answer.  'size' is the body's length in bytes, also for HEAD, which has
 * no body ('bodyless'; likewise 304), or API_SIZE_UNKNOWN: then the body must
 * be read in order.  'close' says that the request's framing is broken: where
 * it ends nobody knows, so that nothing after its head may be read and the
 * connection must end with the answer.
 * Content-Length, Date and Connection are the server's to write.
 */
struct api_response {
    unsigned status;
    const struct api_header *headers;
    size_t header_count;
    uint64_t size;
    bool bodyless;
    bool close;
};

struct api_exchange;

/*
 * Look at a request's head, before its body has been read: 'body' is ignored.
 * Returns an exchange that is ready to be answered when the request must be
 * refused at once (a framing that invites smuggling, a target or a declared
 * body that is too long, a method or path that doesn't exist), or NULL to go
 * on.
 */
struct api_exchange *api_refuse(struct api *api,
                                const struct api_request *request);

/*
 * An exchange that answers 413: the body of 'request' grew past
 * max_body_bytes while it came in.  NULL, here and below, when out of memory.
 */
struct api_exchange *api_refuse_body(struct api *api,
                                     const struct api_request *request);

/*
 * An exchange that answers 429 with Retry-After: there is no room for
 * 'request', or for the work that it takes, as 'detail' says in a sentence.
 */
struct api_exchange *api_refuse_busy(struct api *api,
                                     const struct api_request *request,
                                     const char *detail);

/* How long api_begin() takes. */
enum api_pace {
    API_QUICK, /* a fraction of a millisecond, in which nothing blocks */
    API_BRIEF, /* milliseconds, or a disk is read: not on an I/O thread */
    API_LONG,  /* long enough that brief requests shouldn't wait behind it */
};

/*
 * How long api_begin() will take for a whole request: its route says so, the
 * size of its body, and whether that may stand for many more tensors than it
 * spells out.
 */
enum api_pace api_pace(const struct api_request *request);

/* Start answering a whole request.  NULL only when out of memory. */
struct api_exchange *api_begin(struct api *api,
                               const struct api_request *request);

/* How many units of long work stand between this exchange and its answer. */
size_t api_work_count(const struct api_exchange *exchange);

/*
 * Do unit 'unit', once.  Now and then 'stop(argument)' is asked, if given;
 * when it says true the unit is left and the answer will be a 500 that nobody
 * waits for.
 */
void api_work(struct api_exchange *exchange, size_t unit,
              bool (*stop)(void *argument), void *argument);

/*
 * The answer, after all the units.  It, and all it points to, lives until
 * api_end(); asked for again, it is the same.
 */
const struct api_response *api_answer(struct api_exchange *exchange);

/*
 * Write up to 'n' bytes of the body from 'pos' to 'buf'; returns how many, at
 * least 1, or API_END, or API_BROKEN.
 */
int64_t api_read(struct api_exchange *exchange, uint64_t pos, void *buf,
                 size_t n);

/* How an answer ended, for GET /metrics. */
enum api_fate {
    API_SENT,
    API_CUT_CLIENT,   /* the client left */
    API_CUT_TIME,     /* silent, or slow, for too long */
    API_CUT_STOPPING, /* the server stops */
    API_CUT_ERROR,    /* our own fault */
    API_FATES
};

/*
 * What became of a request.  'status' is 0 when it was not answered; times
 * are in seconds since its first line, 'first_byte' to the answer's; 'bytes'
 * are those of the body that went out.
 */
struct api_outcome {
    unsigned status;
    double seconds, first_byte;
    uint64_t bytes;
    enum api_fate fate;
};

/* Count a request that is over; 'exchange' is its, or NULL for none. */
void api_count(struct api *api, const struct api_exchange *exchange,
               const struct api_outcome *outcome);

/*
 * What GET /metrics tells of the server and its process: open connections,
 * requests between their first line and their answer's end, and those that
 * long and brief work is done for, waiting included; how many of the first
 * three there may be; memory that holds bodies of requests, and may; requests
 * that it answered without the API, for they couldn't be read, and connections
 * that it hung up on, for there were too many.  Times are in seconds, 'start'
 * since 1970.  What isn't known is negative.
 */
struct api_vitals {
    double connections, in_flight, long_work, brief_work;
    double connections_limit, in_flight_limit, long_work_limit;
    double upload_bytes, upload_limit_bytes;
    double refused_requests, refused_connections;
    double cpu, start, resident_bytes, virtual_bytes, descriptors,
        most_descriptors;
};

/*
 * From now on ask 'vitals(self, …)', on any thread, what they are.  Call it
 * before the first request; NULL ends it.
 */
void api_watch(struct api *api, void (*vitals)(void *self, struct api_vitals *),
               void *self);

/* The path of the exchange's row of the route table, or NULL for none. */
const char *api_route(const struct api_exchange *exchange);

/*
 * Whose token the request came with, by the name that the list of tokens has
 * for it now; "" when it came with none that is taken.  For the log, whatever
 * the answer was; 'exchange' may be NULL.
 */
void api_user(const struct api_exchange *exchange, char name[API_USER]);

/*
 * Free an exchange; NULL is fine.  It may be some time before its memory is
 * free, for as long as somebody helps it still; what it has borrowed isn't
 * looked at any more.
 */
void api_end(struct api_exchange *exchange);

#endif
