/* SPDX-License-Identifier: MIT */
/* Tests of glibc's functions against digests of what glibc itself gave. */
#include "generators/glibc.h"

#include "expect.h"
#include "sha256.h"

Suite *glibc_suite(void);

/* What glibc 2.36 gives on a CPU with FMA. */
START_TEST(logarithms_are_those_of_2_36)
{
    struct sow_sha256 hash;

    sow_sha256_start(&hash);
    for (uint32_t i = 0; i < UINT32_C(1) << 24; i++) {
        float y = sow_glibc_log1pf(-(float)i * 0x1p-24f);

        sow_sha256_add(&hash, &y, sizeof y);
    }
    expect_digest(&hash, "log1pf",
                  "b7fc05bdd49a1aa66fe2e7ee3339a2a7"
                  "9189d6f5f1c94b090dc5f734a23bd354");
    sow_sha256_start(&hash);
    for (uint64_t i = 0; i < UINT64_C(1) << 20; i++) {
        double y = sow_glibc_log1p(-(double)(mix(i) >> 11 >> i % 53) * 0x1p-53);

        sow_sha256_add(&hash, &y, sizeof y);
    }
    expect_digest(&hash, "log1p",
                  "a4d37594067b5784467b19c24970b483"
                  "0b4f51b4648a95cf985ffa7e202c345d");
    sow_sha256_start(&hash);
    for (uint64_t i = 0; i < UINT64_C(1) << 20; i++) {
        double y = sow_glibc_log(
            i % 2 == 0 ? f64_of(mix(i) >> 12 | (1022 - i % 106) << 52)
                       : 1 - (double)(mix(i) >> 11) * 0x1p-57);

        sow_sha256_add(&hash, &y, sizeof y);
    }
    expect_digest(&hash, "log",
                  "52c0ae4befdd9a3d630cc5b32d004998"
                  "417c0a39c0ece6369caf47e73eac254b");
}
END_TEST

/* Since then log1pf is rounded correctly. */
START_TEST(the_rounded_log1p_is_the_log1pf_of_2_41)
{
    struct sow_sha256 hash;

    sow_sha256_start(&hash);
    for (uint32_t i = 0; i < UINT32_C(1) << 24; i++) {
        float y = (float)sow_glibc_log1p(-(double)i * 0x1p-24);

        sow_sha256_add(&hash, &y, sizeof y);
    }
    expect_digest(&hash, "log1pf",
                  "7bae1057f746dfb3ada8d73e454d2b07"
                  "0805ff8741b496f56ec4cae996437c7c");
}
END_TEST

Suite *glibc_suite(void)
{
    Suite *suite = suite_create("glibc");
    TCase *cases = tcase_create("glibc");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, logarithms_are_those_of_2_36);
    tcase_add_test(cases, the_rounded_log1p_is_the_log1pf_of_2_41);
    suite_add_tcase(suite, cases);
    return suite;
}
