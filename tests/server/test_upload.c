/* SPDX-License-Identifier: MIT */
/* Bodies up to a cap, past it, and far past it. */
#include "upload.h"
#include "rows.h"

#include <string.h>

/* Add 'total' bytes in pieces of 'piece'; returns the last state. */
static enum upload_state feed(struct upload *upload, size_t total, size_t piece)
{
    char bytes[4096];
    enum upload_state state = upload->state;
    for (size_t at = 0; at < total; at += piece) {
        for (size_t i = 0; i < piece; i++)
            bytes[i] = (char)((at + i) % 251);
        state =
            upload_add(upload, bytes, piece < total - at ? piece : total - at);
    }
    return state;
}

static const struct {
    size_t total, piece;
    enum upload_state state;
} feeds[] = {
    {0, 1, UPLOAD_FITS},
    {1, 1, UPLOAD_FITS},
    {10000, 4096, UPLOAD_FITS},
    {10000, 1, UPLOAD_FITS},
    {10001, 4096, UPLOAD_TOO_LARGE},
    {10001, 1, UPLOAD_TOO_LARGE},
    {80007, 4096, UPLOAD_TOO_LARGE},
    {80008, 1, UPLOAD_ENDLESS},
    {800000, 4096, UPLOAD_ENDLESS},
};

START_TEST(what_fits_is_kept_and_the_rest_is_not)
{
    struct upload_budget budget = {.limit = 1 << 20};
    struct upload upload;
    upload_init(&upload, 10000, &budget);
    enum upload_state state = feed(&upload, feeds[_i].total, feeds[_i].piece);
    ck_assert_msg(state == feeds[_i].state, "%zu bytes by %zu: state %d",
                  feeds[_i].total, feeds[_i].piece, (int)state);
    size_t kept = state == UPLOAD_FITS ? feeds[_i].total : 0;
    ck_assert_uint_eq(upload.size, kept);
    for (size_t i = 0; i < kept; i++)
        ck_assert_int_eq(upload.bytes[i], (char)(i % 251));
    if (kept == 0)
        ck_assert_uint_eq(budget.held, 0);
    upload_release(&upload);
    ck_assert_uint_eq(budget.held, 0);
}
END_TEST

START_TEST(all_uploads_share_a_budget)
{
    struct upload_budget budget = {.limit = 16384};
    struct upload first, second, third;
    upload_init(&first, 1 << 20, &budget);
    upload_init(&second, 1 << 20, &budget);
    upload_init(&third, 1 << 20, &budget);
    ck_assert_int_eq((int)feed(&first, 8192, 4096), UPLOAD_FITS);
    ck_assert_int_eq((int)feed(&second, 8192, 4096), UPLOAD_FITS);
    ck_assert_int_eq((int)feed(&third, 1, 1), UPLOAD_NO_ROOM);
    upload_release(&first);
    ck_assert_int_eq((int)feed(&third, 1, 1), UPLOAD_NO_ROOM);
    upload_release(&third);
    upload_init(&third, 1 << 20, &budget);
    ck_assert_int_eq((int)feed(&third, 4096, 4096), UPLOAD_FITS);
    upload_release(&second);
    upload_release(&third);
    ck_assert_uint_eq(budget.held, 0);
}
END_TEST

START_TEST(a_discarded_upload_keeps_nothing_and_still_ends)
{
    struct upload_budget budget = {.limit = 1 << 20};
    struct upload upload;
    upload_init(&upload, 1000, &budget);
    upload_discard(&upload);
    ck_assert_int_eq((int)feed(&upload, 10, 10), UPLOAD_TOO_LARGE);
    ck_assert_uint_eq(upload.size, 0);
    ck_assert_int_eq((int)feed(&upload, 8000, 1000), UPLOAD_ENDLESS);
    upload_release(&upload);
}
END_TEST

Suite *upload_suite(void);
Suite *upload_suite(void)
{
    Suite *suite = suite_create("server/upload");
    TCase *tests = tcase_create("upload");
    tcase_add_rows(tests, what_fits_is_kept_and_the_rest_is_not, feeds);
    tcase_add_test(tests, all_uploads_share_a_budget);
    tcase_add_test(tests, a_discarded_upload_keeps_nothing_and_still_ends);
    suite_add_tcase(suite, tests);
    return suite;
}
