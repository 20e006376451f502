/* SPDX-License-Identifier: MIT */
/*
 * What is counted for GET /metrics.
 *
 * Counting is a few atomic additions and takes no lock; any thread may.  What
 * is counted by has few values: rows of the route table, classes of status,
 * codes of problems.
 */
#ifndef METRICS_H
#define METRICS_H

#include "api.h"
#include "formats/text.h"
#include "problems.h"
#include "router.h"

struct metrics;

/* NULL when out of memory.  metrics_free(NULL) is fine. */
struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

/* Sums that grow by any amount. */
enum metrics_sum {
    METRICS_GENERATION, /* nanoseconds of making bodies */
    METRICS_HASH,       /* of hashing, and making what is hashed */
    METRICS_ANALYSIS,   /* of analyses */
    METRICS_SENT,       /* bytes of bodies */
    METRICS_KNOWN,      /* digests looked up that were known, and not */
    METRICS_UNKNOWN,
    METRICS_SUMS
};

void metrics_add(struct metrics *metrics, enum metrics_sum sum, uint64_t n);

/* A clock for the sums of nanoseconds: add what has passed since 'start'. */
uint64_t metrics_now(void);
void metrics_add_since(struct metrics *metrics, enum metrics_sum sum,
                       uint64_t start);

/* A request was answered with a problem. */
void metrics_problem(struct metrics *metrics, enum problem_code code);

/* A request is over; 'route' is NULL when there was none. */
void metrics_request(struct metrics *metrics, const struct route *route,
                     const struct api_outcome *outcome);

/* A sample without labels, as Prometheus's text format has it. */
struct metric {
    const char *name;
    const char *type; /* counter, or gauge */
    const char *help;
    double value;
};

/* Write the lines that come before samples, and a lone sample with them. */
void metrics_put_help(struct text *text, const char *name, const char *type,
                      const char *help);
void metrics_put(struct text *text, const struct metric *metric);

/* Write all that is counted here. */
void metrics_write(const struct metrics *metrics, struct text *text);

#endif
