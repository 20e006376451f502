/* SPDX-License-Identifier: MIT */
/* GET /metrics: counters and gauges, in Prometheus's text format. */
#include "build.h"
#include "exchange.h"
#include "routes/routes.h"
#include "count.h"

static void put_all(struct text *text, const struct metric *metrics,
                    size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (metrics[i].value >= 0)
            metrics_put(text, &metrics[i]);
}

static void put_wholes(struct text *text, const struct wholes_report *report)
{
    const struct metric metrics[] = {
        {"sow_whole_flops_total", "counter",
         "Floating-point operations spent on tensors made as a whole.",
         report->flops},
        {"sow_whole_units_total", "counter",
         "Parts made of tensors made as a whole.", (double)report->units},
        {"sow_wholes_in_progress", "gauge",
         "Tensors being made as a whole, or waiting for it.",
         (double)report->in_progress},
        {"sow_whole_progress_ratio", "gauge",
         "Share that is made of those in progress; 1 when there are none.",
         report->progress},
        {"sow_cache_bytes", "gauge", "Memory that the cache of wholes takes.",
         (double)report->bytes},
        {"sow_cache_limit_bytes", "gauge",
         "Memory that the cache of wholes may take.", (double)report->limit},
        {"sow_cache_hits_total", "counter",
         "Wholes wanted that were made already, or in progress.",
         (double)report->hits},
        {"sow_cache_misses_total", "counter",
         "Wholes wanted that had to be begun.", (double)report->misses},
        {"sow_cache_evictions_total", "counter",
         "Wholes dropped to make room for others.", (double)report->evictions},
    };

    put_all(text, metrics, COUNT(metrics));
}

/* What the server knows, if there is one. */
static void put_vitals(struct text *text, const struct api *api)
{
    struct api_vitals vitals;

    if (!api->vitals)
        return;
    api->vitals(api->vitals_self, &vitals);
    const struct metric metrics[] = {
        {"sow_http_connections", "gauge", "Open connections.",
         vitals.connections},
        {"sow_http_connections_limit", "gauge",
         "Open connections that there may be (--max-connections).",
         vitals.connections_limit},
        {"sow_http_requests_in_flight", "gauge",
         "Requests between their first line and the end of their answer.",
         vitals.in_flight},
        {"sow_http_requests_in_flight_limit", "gauge",
         "Requests in flight that there may be (--max-requests).",
         vitals.in_flight_limit},
        {"sow_long_work_requests", "gauge",
         "Requests that long work is done for, or that wait for it.",
         vitals.long_work},
        {"sow_long_work_requests_limit", "gauge",
         "Requests in long work that there may be (--queue).",
         vitals.long_work_limit},
        {"sow_brief_work_requests", "gauge",
         "Requests that brief work is done for, or that wait for it.",
         vitals.brief_work},
        {"sow_upload_bytes", "gauge",
         "Memory that holds the bodies of requests.", vitals.upload_bytes},
        {"sow_upload_limit_bytes", "gauge",
         "Memory that may hold them (--max-upload-bytes).",
         vitals.upload_limit_bytes},
        {"sow_http_refused_requests_total", "counter",
         "Requests that the HTTP library answered itself, most of them "
         "malformed or with too large a head.",
         vitals.refused_requests},
        {"sow_http_refused_connections_total", "counter",
         "Connections refused, more than may be of an address or in all.",
         vitals.refused_connections},
        {"process_cpu_seconds_total", "counter",
         "Processor time spent, in the kernel too.", vitals.cpu},
        {"process_start_time_seconds", "gauge",
         "When the process started, since 1970.", vitals.start},
        {"process_resident_memory_bytes", "gauge", "Resident memory.",
         vitals.resident_bytes},
        {"process_virtual_memory_bytes", "gauge", "Virtual memory.",
         vitals.virtual_bytes},
        {"process_open_fds", "gauge", "Open file descriptors.",
         vitals.descriptors},
        {"process_max_fds", "gauge", "File descriptors that may be open.",
         vitals.most_descriptors},
    };

    put_all(text, metrics, COUNT(metrics));
}

static void put_build(struct text *text, const struct api *api)
{
    static const char name[] = "sow_build_info";

    metrics_put_help(text, name, "gauge", "What runs here; always 1.");
    text_put(text, name);
    text_put(text, "{version=\"" SOW_VERSION "\",revision=\"");
    text_put(text, build_revision());
    text_put(text, "\",engine=\"");
    text_put(text, sow_engine_name(api->engine));
    text_put(text, "\"} 1\n");
}

enum problem_code get_metrics(struct api_exchange *exchange,
                              struct problem *problem)
{
    const struct api *api = exchange->api;
    struct wholes_report report = wholes_report(api->wholes);
    char start[64];
    struct text text = {.bytes = start, .room = sizeof start, .grows = true};

    put_build(&text, api);
    metrics_write(api->metrics, &text);
    put_wholes(&text, &report);
    put_vitals(&text, api);
    if (reply_typed(&exchange->reply,
                    "text/plain; version=0.0.4; charset=utf-8", &text, problem))
        return problem->code;
    reply_header(&exchange->reply, "Cache-Control", "no-store");
    return PROBLEM_NONE;
}
