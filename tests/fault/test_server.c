/* SPDX-License-Identifier: MIT */
/* What a server asks of the API beside answers, where memory runs out. */
#include "memory.h"
#include "small.h"

#include <check.h>

Suite *fault_server_suite(void);

/* What can't be made for lack of memory isn't wrong: it is made later. */
START_TEST(a_self_test_that_lacks_memory_has_not_failed)
{
    struct memory_fault fault = {.first = 1};
    char reason[API_ERROR] = "";
    long leaked;

    for (int i = 0; i < 40; i++, fault.first += 13) {
        struct api *api = small_api(NULL, 1);
        memory_begin(fault);
        bool fine = api_self_test(api, reason);
        memory_end(&leaked);
        ck_assert_msg(fine, "allocation %d: %s", (int)fault.first, reason);
        ck_assert_msg(api_self_test(api, reason), "and then: %s", reason);
        api_free(api);
    }
}
END_TEST

static struct api_exchange *refuse_busy(struct api *api,
                                        const struct api_request *request)
{
    return api_refuse_busy(api, request, "There is no room.");
}

/* What a server says when it can't do more. */
START_TEST(a_refusal_is_right_or_a_500_or_none)
{
    struct api_exchange *(*const refusals[])(
        struct api *, const struct api_request *) = {api_refuse_body,
                                                     refuse_busy};
    static const struct api_request request = {.method = "POST",
                                               .target_path = "/v1/weights"};
    static const unsigned statuses[] = {413, 429};
    struct api *api = small_api(NULL, 1);
    struct memory_fault fault = {.first = 1};
    unsigned status = 0;
    long leaked;

    for (; status != statuses[_i]; fault.first++) {
        memory_begin(fault);
        struct api_exchange *exchange = refusals[_i](api, &request);
        status = exchange ? api_answer(exchange)->status : 0;
        api_end(exchange);
        memory_end(&leaked);
        ck_assert_int_eq(leaked, 0);
        ck_assert(status == 0 || status == 500 || status == statuses[_i]);
    }
    ck_assert_int_gt(fault.first, 2);
    api_free(api);
}
END_TEST

/*
 * Helpers are promised, and the memory for what they make runs out: a body is
 * sent, and hashed, without them.
 */
START_TEST(what_others_can_not_help_with_is_done_alone)
{
    static uint8_t bytes[1 << 20];
    const struct api_request request = {
        .method = "GET",
        .target_path = "/v1/weights",
        .query = _i == 0 ? "shape=3000,1000&scheme=he_normal&digest=off"
                         : "shape=3000,1000&scheme=he_normal&digest=wait",
        .headers = &(struct api_header){"Host", "test"},
        .header_count = 1};
    struct api *api = small_api(NULL, 1);
    struct api_exchange *exchange = api_begin(api, &request);
    uint64_t pos = 0;
    long leaked;

    ck_assert_ptr_nonnull(exchange);
    memory_begin((struct memory_fault){.first = 1, .onwards = true});
    for (size_t i = 0; i < api_work_count(exchange); i++)
        api_work(exchange, i, NULL, NULL);
    const unsigned status = api_answer(exchange)->status;
    for (int64_t n = 1; n > 0; pos += n > 0 ? (uint64_t)n : 0)
        n = api_read(exchange, pos, bytes, sizeof bytes);
    const long tried = memory_end(&leaked);
    ck_assert_uint_eq(status, 200);
    ck_assert_uint_eq(pos, 12000000);
    ck_assert_int_gt(tried, 0);
    ck_assert_int_eq(leaked, 0);
    api_end(exchange);
    api_free(api);
}
END_TEST

Suite *fault_server_suite(void)
{
    Suite *suite = suite_create("fault_server");
    TCase *tcase = tcase_create("fault_server");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_self_test_that_lacks_memory_has_not_failed);
    tcase_add_loop_test(tcase, a_refusal_is_right_or_a_500_or_none, 0, 2);
    tcase_add_loop_test(tcase, what_others_can_not_help_with_is_done_alone, 0,
                        2);
    suite_add_tcase(suite, tcase);
    return suite;
}
