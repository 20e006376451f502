/* SPDX-License-Identifier: MIT */
/* Tests of keys: read, named, published, written. */
#include "signing.h"

#include "pairs.h"
#include "../count.h"

#include <check.h>
#include <stdlib.h>

Suite *signing_suite(void);

static bool parse(struct signing *signing, const char *text,
                  char error[SIGNING_ERROR])
{
    /* In exactly as much memory, so that reading past it is seen. */
    const size_t n = strlen(text);
    char *copy = malloc(n + !n);

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, n);
    bool fine = signing_parse(signing, copy, n, error);
    free(copy);
    return fine;
}

static struct signing parsed(const char *text)
{
    char error[SIGNING_ERROR] = "";
    struct signing signing;

    ck_assert_msg(parse(&signing, text, error), "refused: %s", error);
    return signing;
}

/* RFC 8037, A.3. */
START_TEST(a_key_has_the_published_thumbprint)
{
    struct signing signing = parsed(RFC8032_PEM);

    ck_assert_uint_eq(signing.count, 1);
    ck_assert_str_eq(signing.keys[0].id, RFC8037_ID);
    signing_release(&signing);
}
END_TEST

START_TEST(the_key_of_rfc_9421_is_read)
{
    char set[512];
    struct text text = {.bytes = set, .room = sizeof set};
    struct signing signing = parsed(RFC9421_PEM);

    signing_put_keys(&signing, &text);
    text_add(&text, "", 1);
    ck_assert(!text.failed);
    ck_assert_str_eq(set,
                     "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":"
                     "\"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs\",\"kid\":"
                     "\"poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U\",\"use\":"
                     "\"sig\"}]}");
    signing_release(&signing);
}
END_TEST

START_TEST(a_key_is_written_as_openssl_has_it)
{
    uint8_t seed[SOW_KEY_BYTES];
    char pem[SIGNING_PEM];

    struct signing signing = parsed(RFC9421_PEM);
    memcpy(seed, signing.signer.secret, sizeof seed);
    signing_write(seed, pem);
    ck_assert_str_eq(pem, RFC9421_PEM);
    signing_release(&signing);
}
END_TEST

START_TEST(the_first_key_signs_and_all_are_published)
{
    struct signing signing =
        parsed("of 2026:\n" RFC8032_PEM "of 2025:\r\n" RFC9421_PUBLIC);
    uint8_t right[SOW_SIGNATURE_BYTES], signature[SOW_SIGNATURE_BYTES];
    struct signing alone = parsed(RFC8032_PEM);

    ck_assert_uint_eq(signing.count, 2);
    ck_assert_str_eq(signing.keys[0].id, RFC8037_ID);
    ck_assert_str_eq(signing.keys[1].id, RFC9421_ID);
    sow_signer_sign(&signing.signer, "a", 1, signature);
    sow_signer_sign(&alone.signer, "a", 1, right);
    ck_assert_mem_eq(signature, right, sizeof right);
    signing_release(&signing);
    signing_release(&alone);
}
END_TEST

START_TEST(a_key_on_several_lines_is_read)
{
    struct signing signing = parsed("-----BEGIN PRIVATE KEY-----\r\n"
                                    "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6\r\n"
                                    " SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF"
                                    "\r\n-----END PRIVATE KEY-----");

    ck_assert_str_eq(signing.keys[0].id, RFC9421_ID);
    signing_release(&signing);
}
END_TEST

#define BAD_KEY                                                    \
    "is not an Ed25519 key as 'sowd key new' or 'openssl genpkey " \
    "-algorithm ed25519' writes it"
#define BEGIN "-----BEGIN PRIVATE KEY-----\n"
#define END "\n-----END PRIVATE KEY-----\n"

static const struct {
    const char *text, *error;
} refused[] = {
    {"", "there is no key in it; 'sowd key new' makes one"},
    {"MC4CAQAwBQYDK2VwBCIEIJ", "there is no key in it; 'sowd key new' makes "
                               "one"},
    {"-----BEGIN ", "key 1 " BAD_KEY},
    {BEGIN, "key 1 " BAD_KEY},
    {BEGIN END, "key 1 " BAD_KEY},
    {BEGIN
     "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSn" END,
     "key 1 " BAD_KEY},
    {BEGIN
     "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnFA" END,
     "key 1 " BAD_KEY},
    {BEGIN
     "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSn!" END,
     "key 1 " BAD_KEY},
    {BEGIN "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF",
     "key 1 " BAD_KEY},
    /* X25519, which agrees on keys and can't sign. */
    {BEGIN
     "MC4CAQAwBQYDK2VuBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF" END,
     "key 1 " BAD_KEY},
    {BEGIN "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF"
           "\n-----END PUBLIC KEY-----\n",
     "key 1 " BAD_KEY},
    {"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
     "key 1 " BAD_KEY},
    {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE "
     "KEY-----\n",
     "key 1 " BAD_KEY},
    {RFC9421_PUBLIC, "key 1 is public; the first one signs, and so must be "
                     "private"},
    {RFC9421_PEM RFC9421_PUBLIC, "key 2 is there twice"},
    {RFC9421_PEM "-----BEGIN CERTIFICATE-----\nAAAA\n", "key 2 " BAD_KEY},
};

START_TEST(a_bad_file_is_refused)
{
    char error[SIGNING_ERROR] = "";
    struct signing signing;

    ck_assert_msg(!parse(&signing, refused[_i].text, error), "'%s' is taken",
                  refused[_i].text);
    ck_assert_str_eq(error, refused[_i].error);
    signing_release(&signing);
}
END_TEST

START_TEST(eight_keys_may_be_there)
{
    char file[(SIGNING_KEYS + 1) * SIGNING_PEM] = "";
    char error[SIGNING_ERROR] = "";
    uint8_t seed[SOW_KEY_BYTES] = {0};
    struct signing signing;
    size_t used = 0;

    for (uint8_t i = 0; i < SIGNING_KEYS; i++) {
        seed[0] = i;
        signing_write(seed, file + used);
        used += strlen(file + used);
    }
    ck_assert(parse(&signing, file, error));
    ck_assert_uint_eq(signing.count, SIGNING_KEYS);
    signing_release(&signing);
    seed[0] = SIGNING_KEYS;
    signing_write(seed, file + used);
    ck_assert(!parse(&signing, file, error));
    ck_assert_str_eq(error, "key 9 is one too many: 8 may be there");
    signing_release(&signing);
}
END_TEST

START_TEST(release_leaves_no_secret)
{
    struct signing signing = parsed(RFC9421_PEM), nothing;

    memset(&nothing, 0, sizeof nothing);
    signing_release(&signing);
    ck_assert_mem_eq(&signing, &nothing, sizeof nothing);
}
END_TEST

Suite *signing_suite(void)
{
    Suite *suite = suite_create("signing");
    TCase *tcase = tcase_create("signing");

    tcase_add_test(tcase, a_key_has_the_published_thumbprint);
    tcase_add_test(tcase, the_key_of_rfc_9421_is_read);
    tcase_add_test(tcase, a_key_is_written_as_openssl_has_it);
    tcase_add_test(tcase, the_first_key_signs_and_all_are_published);
    tcase_add_test(tcase, a_key_on_several_lines_is_read);
    tcase_add_loop_test(tcase, a_bad_file_is_refused, 0, COUNT(refused));
    tcase_add_test(tcase, eight_keys_may_be_there);
    tcase_add_test(tcase, release_leaves_no_secret);
    suite_add_tcase(suite, tcase);
    return suite;
}
