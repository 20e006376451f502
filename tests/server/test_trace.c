/* SPDX-License-Identifier: MIT */
/* Which ids of requests are taken, and which are made. */
#include "rows.h"
#include "trace.h"

#include <string.h>

#define LONGEST                                                        \
    "0123456789012345678901234567890123456789012345678901234567890123" \
    "0123456789012345678901234567890123456789012345678901234567890123"

static const struct {
    const char *id;
    bool kept;
} ids[] = {
    {"7b2c", true},
    {"f0:e1-d2_c3/b4=\"", true},
    {LONGEST, true},
    {LONGEST "x", false},
    {"", false},
    {NULL, false},
    {"two words", false},
    {"tab\there", false},
    {"caf\xc3\xa9", false},
    {"del\x7f", false},
};

START_TEST(a_sane_request_id_is_kept_and_else_one_is_made)
{
    struct trace trace;
    trace_read(&trace, ids[_i].id, NULL);
    bool kept = ids[_i].id != NULL && strcmp(trace.request, ids[_i].id) == 0;
    ck_assert_msg(kept == ids[_i].kept, "'%s' became '%s'", ids[_i].id,
                  trace.request);
    if (!kept)
        ck_assert_msg(strlen(trace.request) == 32 &&
                          strspn(trace.request, "0123456789abcdef") == 32,
                      "'%s' was made", trace.request);
}
END_TEST

START_TEST(no_two_ids_that_are_made_are_the_same)
{
    struct trace one, two;
    trace_read(&one, NULL, NULL);
    trace_read(&two, NULL, NULL);
    ck_assert_str_ne(one.request, two.request);
}
END_TEST

/* The valid ones are those of the recommendation. */
#define IDS "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"

static const struct {
    const char *parent;
    bool valid;
} parents[] = {
    {"00-" IDS "-01", true},
    {"00-" IDS "-00", true},
    {"cc-" IDS "-01-what-the-future-brings", true},
    {"cc-" IDS "-01", true},
    {"00-" IDS "-01-more", false},
    {"cc-" IDS "-01.more", false},
    {"ff-" IDS "-01", false},
    {"00-" IDS "-0", false},
    {"00-" IDS "-0G", false},
    {"00-" IDS, false},
    {"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false},
    {"00-00000000000000000000000000000000-b7ad6b7169203331-01", false},
    {"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false},
    {"00-0af7651916cd43dd8448eb211c80319c+b7ad6b7169203331-01", false},
    {"0-" IDS "-01", false},
    {"", false},
};

START_TEST(a_traceparent_is_taken_as_the_recommendation_says)
{
    const char *parent = parents[_i].parent;
    struct trace trace;
    trace_read(&trace, "x", parent);
    ck_assert_msg((trace.trace[0] != '\0') == parents[_i].valid, "'%s': '%s'",
                  parent, trace.trace);
    if (!parents[_i].valid)
        return;
    ck_assert_str_eq(trace.trace, "0af7651916cd43dd8448eb211c80319c");
    ck_assert_str_eq(trace.span, "b7ad6b7169203331");
}
END_TEST

Suite *trace_suite(void);
Suite *trace_suite(void)
{
    Suite *suite = suite_create("server/trace");
    TCase *tests = tcase_create("trace");
    tcase_add_rows(tests, a_sane_request_id_is_kept_and_else_one_is_made, ids);
    tcase_add_test(tests, no_two_ids_that_are_made_are_the_same);
    tcase_add_rows(tests, a_traceparent_is_taken_as_the_recommendation_says,
                   parents);
    suite_add_tcase(suite, tests);
    return suite;
}
