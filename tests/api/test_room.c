/* SPDX-License-Identifier: MIT */
/* Tests of the memory that answers hold together. */
#include "room.h"

#include "drive.h"
#include "exchange.h"

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

#define MODEL                                            \
    "{\"format\":\"raw\",\"digest\":\"off\",\"config\":" \
    "{\"model_type\":\"gpt2\",\"n_embd\":12,\"n_layer\":10}}"
#define TENSORS (4 + 12 * 10)

static struct api_exchange *begin(struct api *api)
{
    const struct api_header fields[] = {{"Host", "h"},
                                        {"Content-Type", "application/json"}};
    const struct api_request request = {.method = "POST",
                                        .target_path = "/v1/weights",
                                        .headers = fields,
                                        .header_count = 2,
                                        .body = MODEL,
                                        .body_size = sizeof MODEL - 1};

    return api_begin(api, &request);
}

/* Room for three models and a half: begun and not ended, they keep it. */
START_TEST(answers_that_nobody_reads_do_not_take_all_memory)
{
    struct api *api = drive_api(NULL);
    struct api_exchange *held[4];

    api->room.limit = 7 * TENSORS * sizeof(struct sow_tensor) / 2;
    for (size_t i = 0; i < 4; i++) {
        held[i] = begin(api);
        ck_assert_uint_eq(api_answer(held[i])->status, i < 3 ? 200 : 429);
    }
    for (size_t i = 0; i < 4; i++)
        api_end(held[i]);
    ck_assert_uint_eq(api->room.taken, 0);
    held[0] = begin(api);
    ck_assert_uint_eq(api_answer(held[0])->status, 200);
    api_end(held[0]);
    api_free(api);
}
END_TEST

Suite *room_suite(void)
{
    Suite *suite = suite_create("room");
    TCase *cases = tcase_create("room");

    tcase_add_test(cases, room_is_what_was_not_taken);
    tcase_add_test(cases, room_grows_with_the_layers_that_are_allowed);
    tcase_add_test(cases, answers_that_nobody_reads_do_not_take_all_memory);
    suite_add_tcase(suite, cases);
    return suite;
}
