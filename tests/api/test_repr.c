/* SPDX-License-Identifier: MIT */
/* Tests of Want-Repr-Digest and Repr-Digest. */
#include "repr.h"
#include "../count.h"

#include <check.h>

Suite *repr_suite(void);

static const struct {
    const char *value;
    bool wanted;
} wishes[] = {
    {"sha-256=1", true},
    {"sha-256=10", true},
    {"sha-512=3, sha-256=9", true},
    {"sha-512=3 ,sha-256=9 , md5=1", true},
    {"sha-256=0", false},
    {"sha-256=11", false},
    {"sha-256=100", false},
    {"sha-256=-1", false},
    {"sha-256=1.5", false},
    {"sha-256=", false},
    {"sha-256", false},
    {"SHA-256=5", false},
    {"sha-512=5", false},
    {"xsha-256=5", false},
    {"", false},
};

START_TEST(a_wish_is_understood)
{
    struct api_header header = {"want-repr-digest", wishes[_i].value};
    struct api_request request = {.headers = &header, .header_count = 1};

    ck_assert_msg(repr_wanted(&request) == wishes[_i].wanted, "'%s'",
                  wishes[_i].value);
}
END_TEST

START_TEST(no_wish_is_none)
{
    struct api_request request = {0};

    ck_assert(!repr_wanted(&request));
}
END_TEST

START_TEST(a_digest_is_written_in_base64)
{
    /* The SHA-256 of nothing. */
    static const uint8_t empty[SOW_DIGEST_BYTES] = {
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
        0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
        0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    };
    char value[REPR_VALUE];

    repr_write(empty, value);
    ck_assert_str_eq(value,
                     "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
}
END_TEST

Suite *repr_suite(void)
{
    Suite *suite = suite_create("repr");
    TCase *tcase = tcase_create("repr");

    tcase_add_loop_test(tcase, a_wish_is_understood, 0, COUNT(wishes));
    tcase_add_test(tcase, no_wish_is_none);
    tcase_add_test(tcase, a_digest_is_written_in_base64);
    suite_add_tcase(suite, tcase);
    return suite;
}
