/* SPDX-License-Identifier: MIT */
/*
 * Counters with the names and units that Prometheus asks for.  What has not
 * happened to a route yet isn't written: there are many routes.
 */
#include "metrics.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "count.h"

/* 1xx to 5xx. */
#define CLASSES 5

/* Upper bounds of buckets. */
static const double seconds[] = {0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5,
                                 1,      5,     10,    30,   60,   300};
static const double bytes[] = {1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10};

/* The last bucket has no bound.  'sum' is in nanoseconds, or bytes. */
#define BUCKETS (COUNT(seconds) + 1)
_Static_assert(COUNT(bytes) < BUCKETS, "sizes fit in a histogram of times");

typedef atomic_uint_least64_t counter;

struct histogram {
    counter buckets[BUCKETS];
    counter sum;
};

struct row {
    counter classes[CLASSES];
    struct histogram duration, first_byte;
};

struct metrics {
    counter sums[METRICS_SUMS];
    counter problems[PROBLEM_CODES];
    counter cuts[API_FATES];
    struct histogram sizes;
    size_t rows; /* of the route table, and one for all that has no route */
    struct row row[];
};

struct metrics *metrics_new(void)
{
    size_t rows = 1;

    while (route_at(rows - 1))
        rows++;
    struct metrics *metrics =
        calloc(1, sizeof *metrics + rows * sizeof metrics->row[0]);
    if (metrics)
        metrics->rows = rows;
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    free(metrics);
}

/* ------------------------------------------------------------------------
 * Counting
 */

static void add(counter *to, uint64_t n)
{
    atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

void metrics_add(struct metrics *metrics, enum metrics_sum sum, uint64_t n)
{
    add(&metrics->sums[sum], n);
}

uint64_t metrics_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void metrics_add_since(struct metrics *metrics, enum metrics_sum sum,
                       uint64_t start)
{
    add(&metrics->sums[sum], metrics_now() - start);
}

void metrics_problem(struct metrics *metrics, enum problem_code code)
{
    add(&metrics->problems[code], 1);
}

static void observe(struct histogram *histogram, const double *bounds,
                    size_t count, double value, double unit)
{
    size_t i = 0;

    while (i < count && value > bounds[i])
        i++;
    add(&histogram->buckets[i], 1);
    add(&histogram->sum, (uint64_t)(value * unit));
}

void metrics_request(struct metrics *metrics, const struct route *route,
                     const struct api_outcome *outcome)
{
    size_t i = route ? (size_t)(route - route_at(0)) : metrics->rows - 1;
    struct row *row = &metrics->row[i];
    unsigned class = outcome->status / 100;

    if (outcome->fate != API_SENT)
        add(&metrics->cuts[outcome->fate], 1);
    if (class < 1 || class > CLASSES)
        return;
    add(&row->classes[class - 1], 1);
    observe(&row->duration, seconds, COUNT(seconds), outcome->seconds, 1e9);
    observe(&row->first_byte, seconds, COUNT(seconds), outcome->first_byte,
            1e9);
    observe(&metrics->sizes, bytes, COUNT(bytes), (double)outcome->bytes, 1);
}

/* ------------------------------------------------------------------------
 * Writing
 */

static double get(const counter *from)
{
    return (double)atomic_load_explicit(from, memory_order_relaxed);
}

void metrics_put_help(struct text *text, const char *name, const char *type,
                      const char *help)
{
    text_put(text, "# HELP ");
    text_put(text, name);
    text_put(text, " ");
    text_put(text, help);
    text_put(text, "\n# TYPE ");
    text_put(text, name);
    text_put(text, " ");
    text_put(text, type);
    text_put(text, "\n");
}

/* " value", and the line's end. */
static void put_value(struct text *text, double value)
{
    text_put(text, " ");
    text_put_number(text, value);
    text_put(text, "\n");
}

void metrics_put(struct text *text, const struct metric *metric)
{
    metrics_put_help(text, metric->name, metric->type, metric->help);
    text_put(text, metric->name);
    put_value(text, metric->value);
}

/* What a sample is called, up to its own labels: "name{method=…,route=…". */
static void put_row(struct text *text, const char *name,
                    const struct route *route)
{
    text_put(text, name);
    text_put(text, "{method=\"");
    text_put(text, route ? route->method : "none");
    text_put(text, "\",route=\"");
    text_put(text, route ? route->path : "none");
    text_put(text, "\"");
}

static void put_requests(struct text *text, const struct metrics *metrics)
{
    static const char name[] = "sow_http_requests_total";
    static const char *const classes[CLASSES] = {"1xx", "2xx", "3xx", "4xx",
                                                 "5xx"};

    metrics_put_help(text, name, "counter",
                     "Requests answered; HEAD counts as GET.");
    for (size_t i = 0; i < metrics->rows; i++)
        for (size_t c = 0; c < CLASSES; c++) {
            double value = get(&metrics->row[i].classes[c]);
            if (!(value > 0))
                continue;
            put_row(text, name, route_at(i));
            text_put(text, ",code=\"");
            text_put(text, classes[c]);
            text_put(text, "\"}");
            put_value(text, value);
        }
}

struct scale {
    const char *name, *help;
    const double *bounds;
    size_t count;
    double unit; /* of the sum */
};

static const struct scale durations = {
    "sow_http_request_duration_seconds",
    "From a request's first line to its answer's last byte.", seconds,
    COUNT(seconds), 1e9};
static const struct scale first_bytes = {
    "sow_http_time_to_first_byte_seconds",
    "From a request's first line to its answer's.", seconds, COUNT(seconds),
    1e9};
static const struct scale sizes = {"sow_http_response_size_bytes",
                                   "Bytes sent of a body.", bytes, COUNT(bytes),
                                   1};

/* The beginning of a histogram's sample with that ending. */
static void put_sample(struct text *text, const struct scale *scale,
                       const char *ending, const struct route *const *route)
{
    char name[64];

    snprintf(name, sizeof name, "%s%s", scale->name, ending);
    if (route)
        put_row(text, name, *route);
    else
        text_put(text, name);
}

static void put_bucket(struct text *text, const struct scale *scale, size_t i,
                       const struct route *const *route)
{
    char bound[32] = "+Inf";

    if (i < scale->count)
        snprintf(bound, sizeof bound, "%g", scale->bounds[i]);
    put_sample(text, scale, "_bucket", route);
    text_put(text, route ? ",le=\"" : "{le=\"");
    text_put(text, bound);
    text_put(text, "\"}");
}

/* The samples of a histogram, of a row of the route table or of none. */
static void put_histogram(struct text *text, const struct scale *scale,
                          const struct histogram *histogram,
                          const struct route *const *route)
{
    const char *end = route ? "}" : "";
    double count = 0;

    for (size_t i = 0; i <= scale->count; i++) {
        count += get(&histogram->buckets[i]);
        put_bucket(text, scale, i, route);
        put_value(text, count);
    }
    put_sample(text, scale, "_sum", route);
    text_put(text, end);
    put_value(text, get(&histogram->sum) / scale->unit);
    put_sample(text, scale, "_count", route);
    text_put(text, end);
    put_value(text, count);
}

static bool is_empty(const struct row *row)
{
    for (size_t i = 0; i < CLASSES; i++)
        if (get(&row->classes[i]) > 0)
            return false;
    return true;
}

/* A histogram of each route, which is at 'offset' in its row. */
static void put_histograms(struct text *text, const struct metrics *metrics,
                           const struct scale *scale, size_t offset)
{
    metrics_put_help(text, scale->name, "histogram", scale->help);
    for (size_t i = 0; i < metrics->rows; i++) {
        const struct row *row = &metrics->row[i];
        const struct route *route = route_at(i);
        if (!is_empty(row))
            put_histogram(
                text, scale,
                (const struct histogram *)((const char *)row + offset), &route);
    }
}

/* A sample of a counter with one label. */
static void put_labelled(struct text *text, const char *name, const char *label,
                         const char *value, double number)
{
    text_put(text, name);
    text_put(text, "{");
    text_put(text, label);
    text_put(text, "=\"");
    text_put(text, value);
    text_put(text, "\"}");
    put_value(text, number);
}

static void put_refusals(struct text *text, const struct metrics *metrics)
{
    static const char problems[] = "sow_problems_total";
    static const char cuts[] = "sow_http_aborted_responses_total";
    static const char *const reasons[API_FATES] = {
        [API_SENT] = NULL,         [API_CUT_CLIENT] = "client",
        [API_CUT_TIME] = "time",   [API_CUT_STOPPING] = "stopping",
        [API_CUT_ERROR] = "error",
    };

    metrics_put_help(text, problems, "counter",
                     "Requests answered with a problem, by its code.");
    for (size_t i = 1; i < PROBLEM_CODES; i++)
        if (get(&metrics->problems[i]) > 0)
            put_labelled(text, problems, "code",
                         problem_name((enum problem_code)i),
                         get(&metrics->problems[i]));
    metrics_put_help(text, cuts, "counter",
                     "Requests that ended before their answer did, by what "
                     "ended them.");
    for (size_t i = 1; i < API_FATES; i++)
        put_labelled(text, cuts, "reason", reasons[i], get(&metrics->cuts[i]));
}

static void put_sums(struct text *text, const struct metrics *metrics)
{
    const counter *sums = metrics->sums;
    const struct metric rows[] = {
        {"sow_http_response_bytes_total", "counter", "Bytes sent of bodies.",
         get(&sums[METRICS_SENT])},
        {"sow_generation_seconds_total", "counter",
         "Time spent on making bodies as they are sent.",
         get(&sums[METRICS_GENERATION]) / 1e9},
        {"sow_hash_seconds_total", "counter",
         "Time spent on digests, making what is hashed included.",
         get(&sums[METRICS_HASH]) / 1e9},
        {"sow_analysis_seconds_total", "counter", "Time spent on analyses.",
         get(&sums[METRICS_ANALYSIS]) / 1e9},
        {"sow_digest_hits_total", "counter",
         "Digests looked up that were remembered.", get(&sums[METRICS_KNOWN])},
        {"sow_digest_misses_total", "counter",
         "Digests looked up that were not remembered.",
         get(&sums[METRICS_UNKNOWN])},
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        metrics_put(text, &rows[i]);
}

void metrics_write(const struct metrics *metrics, struct text *text)
{
    put_requests(text, metrics);
    put_histograms(text, metrics, &durations, offsetof(struct row, duration));
    put_histograms(text, metrics, &first_bytes,
                   offsetof(struct row, first_byte));
    metrics_put_help(text, sizes.name, "histogram", sizes.help);
    put_histogram(text, &sizes, &metrics->sizes, NULL);
    put_refusals(text, metrics);
    put_sums(text, metrics);
}
