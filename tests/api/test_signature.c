/* SPDX-License-Identifier: MIT */
/*
 * Tests of signed answers.  What is signed stands here in full, and libsodium
 * says whether the signature is of it.
 */
#include "signature.h"

#include "exchange.h"
#include "head.h"
#include "pairs.h"
#include "shop.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

Suite *signature_suite(void);

#define PARAMETERS                                                      \
    ";created=1618884473;keyid=\"" RFC9421_ID "\";alg=\"ed25519\";tag=" \
    "\"sow\""

static struct signing signing;

static void setup(void)
{
    char error[API_ERROR] = "";

    ck_assert(signing_parse(&signing, RFC9421_PEM, strlen(RFC9421_PEM), error));
    shop_setup();
    ck_assert(
        api_set_signing_keys(shop, RFC9421_PEM, strlen(RFC9421_PEM), error));
}

static void teardown(void)
{
    signing_release(&signing);
    shop_teardown();
}

static const char *field(const struct reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->response.header_count; i++)
        if (!strcmp(reply->headers[i].name, name))
            return reply->headers[i].value;
    return NULL;
}

/* 'value' must be a signature of 'base'. */
static void expect_signature(const char *value, const char *base)
{
    uint8_t signature[SOW_SIGNATURE_BYTES];
    const char *end;
    size_t n;

    ck_assert_ptr_nonnull(value);
    ck_assert(!strncmp(value, "sow=:", 5));
    ck_assert_int_eq(sodium_base642bin(signature, sizeof signature, value + 5,
                                       strlen(value) - 5, NULL, &n, &end,
                                       sodium_base64_VARIANT_ORIGINAL),
                     0);
    ck_assert_uint_eq(n, sizeof signature);
    ck_assert_str_eq(end, ":");
    ck_assert_msg(!crypto_sign_verify_detached(signature, (const uint8_t *)base,
                                               strlen(base),
                                               signing.keys[0].public),
                  "the signature is not of\n%s", base);
}

/* ------------------------------------------------------------------------
 * What is signed, in full
 */

#define EMPTY "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"

/* A reply, by its status, size and fields, and what is signed of it. */
static const struct {
    unsigned status;
    uint64_t size;
    struct api_header fields[4];
    const char *method, *target, *query;
    const char *names, *lines;
} signed_as[] = {
    {200,
     0,
     {{"Content-Type", "text/plain"}, {"Vary", "Accept"}},
     "GET",
     "/healthz",
     NULL,
     "\"@status\" \"content-length\" \"content-type\" \"@method\";req "
     "\"@path\";req \"@query\";req",
     "\"@status\": 200\n\"content-length\": 0\n\"content-type\": text/plain\n"
     "\"@method\";req: GET\n\"@path\";req: /healthz\n\"@query\";req: ?\n"},
    {206,
     7,
     {{"ETag", "\"e\""},
      {"Content-Range", "bytes 1-7/9"},
      {"Repr-Digest", EMPTY}},
     "GET",
     "/v1/weights",
     "shape=3&scheme=%41",
     "\"@status\" \"content-length\" \"content-range\" \"repr-digest\" "
     "\"etag\" \"@method\";req \"@path\";req \"@query\";req",
     "\"@status\": 206\n\"content-length\": 7\n"
     "\"content-range\": bytes 1-7/9\n\"repr-digest\": " EMPTY "\n"
     "\"etag\": \"e\"\n\"@method\";req: GET\n\"@path\";req: /v1/weights\n"
     "\"@query\";req: ?shape=3&scheme=%41\n"},
    {304,
     99,
     {{"ETag", "\"e\""}},
     "HEAD",
     "/a%20b/",
     "",
     "\"@status\" \"etag\" \"@method\";req \"@path\";req \"@query\";req",
     "\"@status\": 304\n\"etag\": \"e\"\n\"@method\";req: HEAD\n"
     "\"@path\";req: /a%20b/\n\"@query\";req: ?\n"},
    {204,
     0,
     {{"Allow", "GET"}},
     "OPTIONS",
     "http://h:80/x",
     NULL,
     "\"@status\" \"@method\";req \"@path\";req \"@query\";req",
     "\"@status\": 204\n\"@method\";req: OPTIONS\n\"@path\";req: /x\n"
     "\"@query\";req: ?\n"},
    {200,
     API_SIZE_UNKNOWN,
     {{"Sow-Recipe", "r"}, {"X-Repo-Commit", "c"}},
     "POST",
     "http://h",
     NULL,
     "\"@status\" \"sow-recipe\" \"x-repo-commit\" \"@method\";req "
     "\"@path\";req \"@query\";req",
     "\"@status\": 200\n\"sow-recipe\": r\n\"x-repo-commit\": c\n"
     "\"@method\";req: POST\n\"@path\";req: /\n\"@query\";req: ?\n"},
};

static void make_reply(struct reply *reply, int i)
{
    *reply = (struct reply){0};
    reply_empty(reply, REPLY_OK, signed_as[i].size);
    reply->response.status = signed_as[i].status;
    for (size_t f = 0; f < 4 && signed_as[i].fields[f].name; f++)
        reply_header(reply, signed_as[i].fields[f].name,
                     signed_as[i].fields[f].value);
}

START_TEST(answers_are_signed_with_what_was_asked)
{
    const struct api_request request = {.method = signed_as[_i].method,
                                        .target_path = signed_as[_i].target,
                                        .query = signed_as[_i].query};
    char base[1024], input[512];
    struct reply reply;

    make_reply(&reply, _i);
    signature_add(&signing, &request, &reply, 1618884473);
    snprintf(input, sizeof input, "sow=(%s)" PARAMETERS, signed_as[_i].names);
    ck_assert_str_eq(field(&reply, "Signature-Input"), input);
    snprintf(base, sizeof base, "%s\"@signature-params\": (%s)" PARAMETERS,
             signed_as[_i].lines, signed_as[_i].names);
    expect_signature(field(&reply, "Signature"), base);
    reply_release(&reply);
}
END_TEST

/* Requests of which nothing can be signed without being read in two ways. */
static const struct {
    const char *method, *target, *query;
} unsignable[] = {
    {"GET", "*", NULL},
    {"GET", "healthz", NULL},
    {"GET", "/\xc3\xa4", NULL},
    {"GET", "/a b", NULL},
    {"GET", "/a\n\"@status\": 200", NULL},
    {"GET", "/", "a\tb"},
    {"GET", "/", "\x7f"},
    {"G\nT", "/", NULL},
    {NULL, NULL, NULL},
};

START_TEST(what_is_not_printable_is_left_unsigned)
{
    const struct api_request request = {.method = unsignable[_i].method,
                                        .target_path = unsignable[_i].target,
                                        .query = unsignable[_i].query};
    struct reply reply;

    make_reply(&reply, 0);
    signature_add(&signing, &request, &reply, 1618884473);
    ck_assert_ptr_null(field(&reply, "Signature"));
    ck_assert_ptr_null(field(&reply, "Signature-Input"));
    ck_assert_uint_eq(reply.response.status, 200);
    reply_release(&reply);
}
END_TEST

/* The API refuses longer targets; their refusals are signed as far as it goes.
 */
START_TEST(the_longest_target_is_signed)
{
    char *query = malloc(HEAD_MAX_TARGET + 2);

    ck_assert_ptr_nonnull(query);
    memset(query, 'q', HEAD_MAX_TARGET + 1);
    for (size_t n = HEAD_MAX_TARGET; n <= HEAD_MAX_TARGET + 1; n++) {
        const struct api_request request = {
            .method = "GET", .target_path = "/", .query = query};
        struct reply reply;
        query[n] = '\0';
        make_reply(&reply, 0);
        signature_add(&signing, &request, &reply, 1618884473);
        ck_assert(!field(&reply, "Signature") == (n > HEAD_MAX_TARGET));
        reply_release(&reply);
        query[n] = 'q';
    }
    free(query);
}
END_TEST

/* ------------------------------------------------------------------------
 * In the API
 */

#define WEIGHTS "/v1/weights?shape=6&scheme=ones"
#define REQUEST " \"@method\";req \"@path\";req \"@query\";req)"

/* Requests, and what their answers have signed. */
static const struct {
    const char *method, *target, *headers;
    unsigned status;
    const char *names;
} answered[] = {
    {"GET", "/v1/schemes", NULL, 200,
     "(\"@status\" \"content-length\" \"content-type\" "
     "\"repr-digest\"" REQUEST},
    {"GET", "/healthz", NULL, 200,
     "(\"@status\" \"content-length\" \"content-type\" "
     "\"repr-digest\"" REQUEST},
    {"GET", "/nothing", NULL, 404,
     "(\"@status\" \"content-length\" \"content-type\" "
     "\"repr-digest\"" REQUEST},
    {"GET", WEIGHTS, NULL, 200,
     "(\"@status\" \"content-length\" \"content-type\" \"etag\" "
     "\"sow-digest\" \"sow-recipe\" \"sow-shape\" \"sow-dtype\"" REQUEST},
    {"HEAD", WEIGHTS, NULL, 200,
     "(\"@status\" \"content-length\" \"content-type\" \"etag\" "
     "\"sow-digest\" \"sow-recipe\" \"sow-shape\" \"sow-dtype\"" REQUEST},
    {"GET", WEIGHTS, "Want-Repr-Digest: sha-256=1\n", 200,
     "(\"@status\" \"content-length\" \"content-type\" \"repr-digest\" "
     "\"etag\" \"sow-digest\" \"sow-recipe\" \"sow-shape\" "
     "\"sow-dtype\"" REQUEST},
    {"GET", WEIGHTS, "Range: bytes=0-3\n", 206,
     "(\"@status\" \"content-length\" \"content-type\" \"content-range\" "
     "\"etag\" \"sow-digest\" \"sow-recipe\" \"sow-shape\" "
     "\"sow-dtype\"" REQUEST},
    {"GET", WEIGHTS "&format=json", NULL, 200,
     "(\"@status\" \"content-type\" \"etag\" \"sow-digest\" \"sow-recipe\" "
     "\"sow-shape\" \"sow-dtype\"" REQUEST},
    {"GET", WEIGHTS, "If-None-Match: *\n", 304,
     "(\"@status\" \"etag\"" REQUEST},
    {"GET", "/" SHOP_NAME "/resolve/main/model.safetensors", NULL, 200,
     "(\"@status\" \"content-length\" \"content-type\" \"etag\" "
     "\"x-repo-commit\"" REQUEST},
};

START_TEST(every_answer_is_signed)
{
    struct answer answer = drive(shop, answered[_i].method, answered[_i].target,
                                 answered[_i].headers, NULL);
    const char *input = answer_header(&answer, "Signature-Input");
    const char *list = input ? strchr(input, '(') : NULL;

    ck_assert_uint_eq(answer.status, answered[_i].status);
    ck_assert_msg(list, "%s has no signature", answered[_i].target);
    ck_assert_msg(
        !strncmp(list, answered[_i].names, strlen(answered[_i].names)),
        "%s has signed %s", answered[_i].target, list);
    ck_assert_ptr_nonnull(answer_header(&answer, "Signature"));
    answer_release(&answer);
}
END_TEST

/* Without a key there is neither a signature nor a digest for one. */
START_TEST(without_a_key_nothing_is_signed)
{
    shop_restart(&drive_limits);
    struct answer answer = drive(shop, answered[_i].method, answered[_i].target,
                                 answered[_i].headers, NULL);

    ck_assert_uint_eq(answer.status, answered[_i].status);
    answer_expect(&answer, "Signature", NULL);
    answer_expect(&answer, "Signature-Input", NULL);
    if (!answered[_i].headers)
        answer_expect(&answer, "Repr-Digest", NULL);
    answer_release(&answer);
}
END_TEST

START_TEST(the_digest_is_of_the_body)
{
    struct answer answer = shop_get("/healthz", NULL, 200);

    ck_assert_str_eq(answer.body, "ok\n");
    answer_expect(&answer, "Repr-Digest",
                  "sha-256=:3FG4yWwtdF3zvVWQ2ZAjCkgv0kcSNZlUjgYy/b+X/CI=:");
    answer_release(&answer);
}
END_TEST

START_TEST(the_keys_are_published)
{
    json_t *keys = NULL;
    struct answer answer = shop_get("/.well-known/jwks.json", NULL, 200);

    answer_expect(&answer, "Content-Type", "application/jwk-set+json");
    json_t *json = json_loads(answer.body, 0, NULL);
    keys = json_object_get(json, "keys");
    ck_assert_uint_eq(json_array_size(keys), 1);
    ck_assert_str_eq(
        json_string_value(json_object_get(json_array_get(keys, 0), "kid")),
        RFC9421_ID);
    json_decref(json);
    answer_release(&answer);
    shop_restart(&drive_limits);
    answer = shop_get("/.well-known/jwks.json", NULL, 200);
    ck_assert_str_eq(answer.body, "{\"keys\":[]}");
    answer_release(&answer);
}
END_TEST

Suite *signature_suite(void)
{
    Suite *suite = suite_create("signature");
    TCase *tcase = tcase_create("signature");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, answers_are_signed_with_what_was_asked, 0,
                        COUNT(signed_as));
    tcase_add_loop_test(tcase, what_is_not_printable_is_left_unsigned, 0,
                        COUNT(unsignable));
    tcase_add_test(tcase, the_longest_target_is_signed);
    tcase_add_loop_test(tcase, every_answer_is_signed, 0, COUNT(answered));
    tcase_add_loop_test(tcase, without_a_key_nothing_is_signed, 0,
                        COUNT(answered));
    tcase_add_test(tcase, the_digest_is_of_the_body);
    tcase_add_test(tcase, the_keys_are_published);
    suite_add_tcase(suite, tcase);
    return suite;
}
