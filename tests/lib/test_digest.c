/* SPDX-License-Identifier: MIT */
/* Tests of digests: known answers, and bodies against their bytes. */
#include "digest.h"

#include <stdlib.h>
#include <string.h>

#include "help.h"

Suite *digest_suite(void);

/* Bytes i -> 7 i of three sizes, as Python's hashlib digests them. */
static const struct {
    const char *bytes;
    size_t size;
    const char *blake2b, *sha256;
} answers[] = {
    {"", 0, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", 3,
     "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {NULL, 200000,
     "b59a875a08fbb8f080b98d157aa9c108b6a08565caec592f4584c9ae9e9cfb32",
     "2abed8532d85add1b4bc8f69ffc031c7357ed6b69b47c68a7a1e2f7ae8c3f21f"},
};

/* The answer's message; byte i is 7 i when it has none. To be freed. */
static uint8_t *message(size_t answer)
{
    uint8_t *bytes = must_allocate(answers[answer].size);

    for (size_t i = 0; i < answers[answer].size; i++)
        bytes[i] = answers[answer].bytes != NULL
                       ? (uint8_t)answers[answer].bytes[i]
                       : (uint8_t)(7 * i);
    return bytes;
}

static void check_hex(const uint8_t digest[SOW_DIGEST_BYTES], const char *want)
{
    char hex[2 * SOW_DIGEST_BYTES + 1];

    memset(hex, 'x', sizeof hex);
    sow_digest_hex(digest, hex);
    ck_assert_str_eq(hex, want);
}

START_TEST(digest_gives_the_known_answers)
{
    for (size_t i = 0; i < COUNT(answers); i++) {
        uint8_t digest[SOW_DIGEST_BYTES];
        uint8_t *bytes = message(i);

        sow_digest(bytes, answers[i].size, digest);
        check_hex(digest, answers[i].blake2b);
        free(bytes);
    }
}
END_TEST

START_TEST(bodies_of_bytes_give_the_known_answers)
{
    for (size_t i = 0; i < COUNT(answers); i++) {
        uint8_t *bytes = message(i);
        struct sow_segment segment = {.bytes = bytes, .size = answers[i].size};
        uint8_t blake2b[SOW_DIGEST_BYTES];
        uint8_t sha256[SOW_DIGEST_BYTES];
        struct sow_body body;

        ck_assert_int_eq(sow_body_init(&body, &segment, 1), SOW_OK);
        ck_assert_int_eq(
            sow_body_digests(engine_at(0), &body, NULL, NULL, blake2b, sha256),
            SOW_OK);
        check_hex(blake2b, answers[i].blake2b);
        check_hex(sha256, answers[i].sha256);
        free(bytes);
    }
}
END_TEST

START_TEST(either_digest_may_be_left_out)
{
    struct sow_segment segment = {.bytes = "abc", .size = 3};
    uint8_t digest[SOW_DIGEST_BYTES];
    struct sow_body body;

    ck_assert_int_eq(sow_body_init(&body, &segment, 1), SOW_OK);
    ck_assert_int_eq(
        sow_body_digests(engine_at(0), &body, NULL, NULL, digest, NULL),
        SOW_OK);
    check_hex(digest, answers[1].blake2b);
    ck_assert_int_eq(
        sow_body_digests(engine_at(0), &body, NULL, NULL, NULL, digest),
        SOW_OK);
    check_hex(digest, answers[1].sha256);
    ck_assert_int_eq(
        sow_body_digests(engine_at(0), &body, NULL, NULL, NULL, NULL), SOW_OK);
}
END_TEST

/* Sizes around the 64 KiB that are read at a time, on every engine. */
START_TEST(digest_of_a_tensor_is_that_of_its_bytes)
{
    const uint64_t sizes[] = {0, 1, 65535, 65536, 65537, 99991, 131072, 200003};
    const struct sow_engine *engine;

    for (size_t i = 0; i < COUNT(sizes); i++) {
        const struct sow_spec spec =
            spec_make("normal", SOW_FLOAT8_E4M3FN, SHAPE(sizes[i]));
        const struct sow_tensor t = tensor_make(&spec);
        struct sow_segment segment = {.tensor = &t};
        uint8_t *bytes = tensor_bytes(&t);
        uint8_t want[SOW_DIGEST_BYTES];
        uint8_t got[SOW_DIGEST_BYTES];
        struct sow_body body;

        sow_digest(bytes, t.size, want);
        ck_assert_int_eq(sow_body_init(&body, &segment, 1), SOW_OK);
        for (size_t e = 0; (engine = engine_at(e)) != NULL; e++) {
            ck_assert_int_eq(
                sow_body_digests(engine, &body, NULL, NULL, got, NULL), SOW_OK);
            ck_assert_mem_eq(got, want, sizeof got);
        }
        free(bytes);
    }
}
END_TEST

/* True from the time that the count at 'argument' has run out. */
static bool run_out(void *argument)
{
    int *left = argument;

    return (*left)-- <= 0;
}

START_TEST(stop_is_asked_between_reads_and_obeyed)
{
    const struct sow_spec spec =
        spec_make("uniform", SOW_FLOAT32, SHAPE(1 << 16));
    const struct sow_tensor t = tensor_make(&spec);
    struct sow_segment segment = {.tensor = &t};
    struct sow_body body;

    ck_assert_int_eq(sow_body_init(&body, &segment, 1), SOW_OK);
    for (int reads = 0; reads <= 4; reads++) {
        uint8_t blake2b[SOW_DIGEST_BYTES] = {1, 2};
        uint8_t sha256[SOW_DIGEST_BYTES] = {3, 4};
        int left = reads;
        enum sow_status status = sow_body_digests(engine_at(0), &body, run_out,
                                                  &left, blake2b, sha256);

        ck_assert_msg(status == (reads < 4 ? SOW_STOPPED : SOW_OK),
                      "stopped after %d reads: %s", reads,
                      sow_status_name(status));
        if (status == SOW_STOPPED) {
            ck_assert_int_eq(blake2b[0] + blake2b[1] + blake2b[2], 3);
            ck_assert_int_eq(sha256[0] + sha256[1] + sha256[2], 7);
        }
    }
}
END_TEST

START_TEST(hash_pieces_equal_the_whole)
{
    static const char text[] = "personal 16 char";
    uint8_t whole[64];

    for (size_t size = 16; size <= sizeof whole; size += 16) {
        for (size_t cut = 0; cut <= sizeof text; cut++) {
            struct sow_hash hash;
            uint8_t pieces[64];

            sow_hash_start(&hash, size, text);
            sow_hash_add(&hash, text, sizeof text);
            sow_hash_finish(&hash, whole, size);
            sow_hash_start(&hash, size, text);
            sow_hash_add(&hash, text, cut);
            sow_hash_add(&hash, text + cut, sizeof text - cut);
            sow_hash_finish(&hash, pieces, size);
            ck_assert_mem_eq(pieces, whole, size);
        }
    }
}
END_TEST

START_TEST(starting_again_does_no_harm)
{
    ck_assert_int_eq(sow_init(), SOW_OK);
    ck_assert_int_eq(sow_init(), SOW_OK);
}
END_TEST

Suite *digest_suite(void)
{
    Suite *suite = suite_create("digest");
    TCase *cases = tcase_create("digest");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, digest_gives_the_known_answers);
    tcase_add_test(cases, bodies_of_bytes_give_the_known_answers);
    tcase_add_test(cases, either_digest_may_be_left_out);
    tcase_add_test(cases, digest_of_a_tensor_is_that_of_its_bytes);
    tcase_add_test(cases, stop_is_asked_between_reads_and_obeyed);
    tcase_add_test(cases, hash_pieces_equal_the_whole);
    tcase_add_test(cases, starting_again_does_no_harm);
    suite_add_tcase(suite, cases);
    return suite;
}
