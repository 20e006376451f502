/* SPDX-License-Identifier: MIT */
/* Tests of the memory that answers hold together. */
#include "room.h"

#include "drive.h"

#include <check.h>
#include <stdlib.h>

Suite *room_suite(void);

static struct problem problem;

START_TEST(room_is_what_was_not_taken)
{
    struct room room;

    room_init(&room, 1000);
    ck_assert_uint_eq(room.limit, UINT64_C(1) << 30);
    ck_assert_int_eq(room_take(&room, room.limit - 1, &problem), PROBLEM_NONE);
    ck_assert_int_eq(room_take(&room, 2, &problem), PROBLEM_BUSY);
    ck_assert_int_eq(room_take(&room, UINT64_MAX, &problem), PROBLEM_BUSY);
    ck_assert_int_eq(room_take(&room, 1, &problem), PROBLEM_NONE);
    ck_assert_int_eq(room_take(&room, 1, &problem), PROBLEM_BUSY);
    room_give(&room, room.limit);
    ck_assert_int_eq(room_take(&room, room.limit, &problem), PROBLEM_NONE);
}
END_TEST

START_TEST(room_grows_with_the_layers_that_are_allowed)
{
    struct room room;

    room_init(&room, 100000000);
    ck_assert_uint_gt(room.limit, UINT64_C(100000000) * sizeof(void *));
    room_init(&room, UINT64_MAX);
    ck_assert_uint_eq(room.limit, UINT64_MAX);
}
END_TEST

#define CONFIG                                           \
    "{\"format\":\"raw\",\"digest\":\"off\",\"config\":" \
    "{\"model_type\":\"gpt2\",\"n_embd\":12,\"n_layer\":5000}}"

/* 60,004 tensors each: begun and not ended, they fill a GiB in the end. */
START_TEST(answers_that_nobody_reads_do_not_take_all_memory)
{
    struct api_limits limits = drive_limits;
    struct api_exchange *held[64] = {NULL};
    struct api_header fields[] = {{"Host", "h"},
                                  {"Content-Type", "application/json"}};
    struct api_request request = {.method = "POST",
                                  .target_path = "/v1/weights",
                                  .headers = fields,
                                  .header_count = 2,
                                  .body = CONFIG,
                                  .body_size = sizeof CONFIG - 1};
    size_t count = 0;
    unsigned status = 200;

    limits.max_layers = 100000;
    struct api *api = drive_api(&limits);
    for (; count < 64 && status == 200; count++) {
        held[count] = api_begin(api, &request);
        status = api_answer(held[count])->status;
    }
    ck_assert_uint_eq(status, 429);
    ck_assert_uint_gt(count, 4);
    for (size_t i = 0; i < count; i++)
        api_end(held[i]);
    struct answer answer =
        drive(api, "HEAD", "/v1/weights?shape=2&scheme=ones", NULL, NULL);
    ck_assert_uint_eq(answer.status, 200);
    answer_release(&answer);
    held[0] = api_begin(api, &request);
    ck_assert_uint_eq(api_answer(held[0])->status, 200);
    api_end(held[0]);
    api_free(api);
}
END_TEST

Suite *room_suite(void)
{
    Suite *suite = suite_create("room");
    TCase *cases = tcase_create("room");

    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, room_is_what_was_not_taken);
    tcase_add_test(cases, room_grows_with_the_layers_that_are_allowed);
    tcase_add_test(cases, answers_that_nobody_reads_do_not_take_all_memory);
    suite_add_tcase(suite, cases);
    return suite;
}
