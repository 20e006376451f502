/* SPDX-License-Identifier: MIT */
/* Ed25519 against the numbers of RFC 8032 and RFC 9421; comparing secrets. */
#include "secret.h"

#include <check.h>
#include <sodium.h>
#include <string.h>

Suite *secret_suite(void);

/* Texts of hex, or as RFC 9421 has them in base64 or base64url. */
static void read_bytes(const char *text, uint8_t *bytes, size_t size)
{
    const size_t n = strlen(text);
    const int variant = text[n - 1] == '='
                            ? sodium_base64_VARIANT_ORIGINAL
                            : sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    size_t got;

    if (n == 2 * size)
        ck_assert_int_eq(sodium_hex2bin(bytes, size, text, n, NULL, &got, NULL),
                         0);
    else
        ck_assert_int_eq(
            sodium_base642bin(bytes, size, text, n, NULL, &got, NULL, variant),
            0);
    ck_assert_uint_eq(got, size);
}

/* What was published: a key pair, a message, and its signature. */
struct answer {
    const char *what, *seed, *public, *message, *signature;
};

/* Of RFC 9421 the key is in B.1.4, the message in B.2.6. */
static const struct answer answers[] = {
    {"RFC 8032, 7.1, test 1",
     "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"RFC 8032, 7.1, test 2",
     "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "r",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"RFC 9421, B.2.6", "n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU",
     "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs",
     "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n"
     "\"@method\": POST\n"
     "\"@path\": /foo\n"
     "\"@authority\": example.com\n"
     "\"content-type\": application/json\n"
     "\"content-length\": 18\n"
     "\"@signature-params\": (\"date\" \"@method\" \"@path\" \"@authority\" "
     "\"content-type\" \"content-length\");created=1618884473;"
     "keyid=\"test-key-ed25519\"",
     "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1"
     "u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="},
};

START_TEST(published_signatures_are_reproduced)
{
    const struct answer *answer = &answers[_i];
    uint8_t seed[SOW_KEY_BYTES], public[SOW_KEY_BYTES];
    uint8_t right[SOW_SIGNATURE_BYTES], signature[SOW_SIGNATURE_BYTES];
    struct sow_signer signer;

    read_bytes(answer->seed, seed, sizeof seed);
    read_bytes(answer->public, public, sizeof public);
    read_bytes(answer->signature, right, sizeof right);
    sow_signer_init(&signer, seed);
    ck_assert_msg(!memcmp(sow_signer_public(&signer), public, sizeof public),
                  "%s: another public key", answer->what);
    sow_signer_sign(&signer, answer->message, strlen(answer->message),
                    signature);
    ck_assert_msg(!memcmp(signature, right, sizeof right),
                  "%s: another signature", answer->what);
}
END_TEST

START_TEST(a_difference_in_any_bit_is_seen)
{
    uint8_t a[SOW_KEY_BYTES], b[SOW_KEY_BYTES];

    memset(a, 0x5a, sizeof a);
    memcpy(b, a, sizeof b);
    ck_assert(sow_secret_equal(a, b, sizeof a));
    for (size_t bit = 0; bit < 8 * sizeof b; bit++) {
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        ck_assert_msg(!sow_secret_equal(a, b, sizeof a),
                      "bit %zu makes no difference", bit);
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    b[sizeof b - 1] ^= 1;
    ck_assert_msg(sow_secret_equal(a, b, sizeof b - 1),
                  "a byte past the end makes a difference");
}
END_TEST

START_TEST(clearing_leaves_zeros_there_and_nowhere_else)
{
    uint8_t bytes[] = {1, 2, 3, 4, 5};
    const uint8_t right[] = {1, 0, 0, 0, 5};

    sow_secret_clear(bytes + 1, 3);
    ck_assert_mem_eq(bytes, right, sizeof right);
}
END_TEST

Suite *secret_suite(void)
{
    Suite *suite = suite_create("secret");
    TCase *tcase = tcase_create("secret");

    tcase_add_loop_test(tcase, published_signatures_are_reproduced, 0,
                        sizeof answers / sizeof answers[0]);
    tcase_add_test(tcase, a_difference_in_any_bit_is_seen);
    tcase_add_test(tcase, clearing_leaves_zeros_there_and_nowhere_else);
    suite_add_tcase(suite, tcase);
    return suite;
}
