/* SPDX-License-Identifier: MIT */
/*
 * GET /v1/generators/torch/probe: a script for the torch at hand, which prints
 * the generator that gives its bits.
 */
#include "exchange.h"
#include "routes/routes.h"

/* The file probe.py, embedded by probe.S. */
extern const char probe_begin[];
extern const char probe_end[];

enum problem_code get_probe(struct api_exchange *exchange,
                            struct problem *problem)
{
    (void)problem;
    reply_bytes(&exchange->reply, REPLY_OK, "text/x-python; charset=utf-8",
                probe_begin, (size_t)(probe_end - probe_begin));
    reply_header(&exchange->reply, "Cache-Control", "no-cache");
    return PROBLEM_NONE;
}
