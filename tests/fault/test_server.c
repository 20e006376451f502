/* SPDX-License-Identifier: MIT */
/* What a server asks of the API beside answers, where memory runs out. */
#include "api.h"
#include "memory.h"

#include <check.h>

Suite *fault_server_suite(void);

static struct api *make_api(void)
{
    struct api_config config = {.limits = {.max_body_bytes = 1 << 20,
                                           .max_layers = 10,
                                           .cache_bytes = 1 << 20,
                                           .max_flops = 1000000000}};

    ck_assert_int_eq(sow_init(), SOW_OK);
    ck_assert_int_eq(sow_engine_choose(NULL, &config.engine), SOW_OK);
    struct api *api = api_new(&config);
    ck_assert_ptr_nonnull(api);
    return api;
}

/* What can't be made for lack of memory isn't wrong: it is made later. */
START_TEST(a_self_test_that_lacks_memory_has_not_failed)
{
    struct memory_fault fault = {.first = 1};
    char reason[API_ERROR] = "";
    long leaked;

    for (int i = 0; i < 40; i++, fault.first += 13) {
        struct api *api = make_api();
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
    struct api *api = make_api();
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

Suite *fault_server_suite(void)
{
    Suite *suite = suite_create("fault_server");
    TCase *tcase = tcase_create("fault_server");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_self_test_that_lacks_memory_has_not_failed);
    tcase_add_loop_test(tcase, a_refusal_is_right_or_a_500_or_none, 0, 2);
    suite_add_tcase(suite, tcase);
    return suite;
}
