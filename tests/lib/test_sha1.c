/* SPDX-License-Identifier: MIT */
/* Tests of SHA-1: the answers of FIPS 180, in one piece and in two. */
#include "sha1.h"

#include <string.h>

#include "help.h"

Suite *sha1_suite(void);

static const struct {
    const char *text;
    uint8_t digest[SOW_SHA1_BYTES];
} answers[] = {
    {"", {0xda, 0x39, 0xa3, 0xee, 0x5e, 0x6b, 0x4b, 0x0d, 0x32, 0x55,
          0xbf, 0xef, 0x95, 0x60, 0x18, 0x90, 0xaf, 0xd8, 0x07, 0x09}},
    {"abc", {0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e,
             0x25, 0x71, 0x78, 0x50, 0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d}},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     {0x84, 0x98, 0x3e, 0x44, 0x1c, 0x3b, 0xd2, 0x6e, 0xba, 0xae,
      0x4a, 0xa1, 0xf9, 0x51, 0x29, 0xe5, 0xe5, 0x46, 0x70, 0xf1}},
};

START_TEST(published_answers_hold)
{
    const char *text = answers[_i].text;
    size_t n = strlen(text);

    for (size_t cut = 0; cut <= n; cut++) {
        uint8_t digest[SOW_SHA1_BYTES];

        sow_sha1(text, cut, text + cut, n - cut, digest);
        ck_assert_mem_eq(digest, answers[_i].digest, sizeof digest);
    }
}
END_TEST

Suite *sha1_suite(void)
{
    Suite *suite = suite_create("sha1");
    TCase *tcase = tcase_create("sha1");

    tcase_add_loop_test(tcase, published_answers_hold, 0, COUNT(answers));
    suite_add_tcase(suite, tcase);
    return suite;
}
