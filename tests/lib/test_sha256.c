/* SPDX-License-Identifier: MIT */
/* Tests of SHA-256: published answers, hashlib's, pieces and copies. */
#include "sha256.h"

#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "vectors.h"

Suite *sha256_suite(void);

/*
 * Of NIST: the examples of FIPS 180-2 as text, and messages of its validation
 * program (SHA256ShortMsg, SHA256LongMsg) in hex.
 */
static const struct {
    const char *text, *hex, *sha256;
} published[] = {
    {"", NULL,
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", NULL,
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", NULL,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {NULL, "d3",
     "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"},
    {NULL, "11af",
     "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98"},
    {NULL, "b4190e",
     "dff2e73091f6c05e528896c4c831b9448653dc2ff043528f6769437bc7b975c2"},
    {NULL,
     "2d52447d1244d2ebc28650e7b05654bad35b3a68eedc7f8515306b496d75f3e73385dd1b"
     "002625024b81a02f2fd6dffb6e6d561cb7d0bd7a",
     "cfb88d6faf2de3a69d36195acec2e255e2af2b7d933997f348e09f6ce5758360"},
    {NULL,
     "5a86b737eaea8ee976a0a24da63e7ed7eefad18a101c1211e2b3650c5187c2a8a6505472"
     "08251f6d4237e661c7bf4c77f335390394c37fa1a9f9be836ac28509",
     "42e61e174fbb3897d6dd6cef3dd2802fe67b331953b06114a65c772859dfc1aa"},
    {NULL,
     "451101250ec6f26652249d59dc974b7361d571a8101cdfd36aba3b5854d3ae086b5fdd45"
     "97721b66e3c0dc5d8c606d9657d0e323283a5217d1f53f2f284f57b85c8a61ac8924711f"
     "895c5ed90ef17745ed2d728abd22a5f7a13479a462d71b56c19a74a40b655c58edfe0a18"
     "8ad2cf46cbf30524f65d423c837dd1ff2bf462ac4198007345bb44dbb7b1c861298cdf61"
     "982a833afc728fae1eda2f87aa2c9480858bec",
     "3c593aa539fdcdae516cdf2f15000f6634185c88f505b39775fb9ab137a10aa2"},
};

/* The bytes of a row, in exactly as much memory; to be freed. */
static uint8_t *message(size_t row, size_t *size)
{
    const char *text = published[row].text;
    const char *hex = published[row].hex;
    size_t n = text != NULL ? strlen(text) : strlen(hex) / 2;
    uint8_t *bytes = must_allocate(n);

    for (size_t i = 0; i < n; i++) {
        const char pair[3] = {text ? '0' : hex[2 * i],
                              text ? '0' : hex[2 * i + 1], '\0'};
        bytes[i] = text ? (uint8_t)text[i] : (uint8_t)strtoul(pair, NULL, 16);
    }
    *size = n;
    return bytes;
}

static void finish(struct sow_sha256 *hash, char hex[2 * SOW_DIGEST_BYTES + 1])
{
    uint8_t digest[SOW_DIGEST_BYTES];

    sow_sha256_finish(hash, digest);
    sow_digest_hex(digest, hex);
}

START_TEST(published_answers_are_given)
{
    char hex[2 * SOW_DIGEST_BYTES + 1];
    struct sow_sha256 hash;
    size_t size;
    uint8_t *bytes = message((size_t)_i, &size);

    sow_sha256_start(&hash);
    sow_sha256_add(&hash, bytes, size);
    finish(&hash, hex);
    ck_assert_str_eq(hex, published[_i].sha256);
    free(bytes);
}
END_TEST

START_TEST(a_million_a_give_the_published_answer)
{
    char hex[2 * SOW_DIGEST_BYTES + 1];
    struct sow_sha256 hash;
    uint8_t many[1000];

    memset(many, 'a', sizeof many);
    sow_sha256_start(&hash);
    for (size_t i = 0; i < 1000; i++)
        sow_sha256_add(&hash, many, sizeof many);
    finish(&hash, hex);
    ck_assert_str_eq(
        hex,
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

/* Every length around the ends of blocks, whole and in two odd pieces. */
START_TEST(every_length_is_as_hashlib_has_it)
{
    struct vectors vectors;
    struct vector v;

    vectors_open(&vectors, "sha256.txt");
    while (vectors_next(&vectors, &v)) {
        uint8_t *bytes = must_allocate(v.count);
        char hex[2 * SOW_DIGEST_BYTES + 1];
        struct sow_sha256 hash;

        for (uint64_t i = 0; i < v.count; i++)
            bytes[i] = (uint8_t)(7 * i + i / 256);
        for (size_t pieces = 1; pieces <= 2; pieces++) {
            size_t cut = pieces == 1 ? 0 : v.count / 3;

            sow_sha256_start(&hash);
            sow_sha256_add(&hash, bytes, cut);
            sow_sha256_add(&hash, bytes + cut, v.count - cut);
            finish(&hash, hex);
            if (strcmp(hex, v.sha256) != 0)
                vectors_complain(&vectors, "%zu bytes in %zu pieces give %s",
                                 (size_t)v.count, pieces, hex);
        }
        free(bytes);
    }
    vectors_close(&vectors);
}
END_TEST

START_TEST(a_copy_goes_on_by_itself)
{
    struct sow_sha256 hash;
    struct sow_sha256 copy;
    char hex[2 * SOW_DIGEST_BYTES + 1];

    sow_sha256_start(&hash);
    sow_sha256_add(&hash, "a", 1);
    copy = hash;
    sow_sha256_add(&hash, "xyz", 3);
    finish(&hash, hex);
    sow_sha256_add(&copy, "bc", 2);
    finish(&copy, hex);
    ck_assert_str_eq(hex, published[1].sha256);
}
END_TEST

Suite *sha256_suite(void)
{
    Suite *suite = suite_create("sha256");
    TCase *cases = tcase_create("sha256");

    tcase_add_loop_test(cases, published_answers_are_given, 0,
                        COUNT(published));
    tcase_add_test(cases, a_million_a_give_the_published_answer);
    tcase_add_test(cases, every_length_is_as_hashlib_has_it);
    tcase_add_test(cases, a_copy_goes_on_by_itself);
    suite_add_tcase(suite, cases);
    return suite;
}
