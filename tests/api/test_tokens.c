/* SPDX-License-Identifier: MIT */
/* Tests of tokens and of lists of them. */
#include "tokens.h"

#include "passes.h"
#include "../count.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *tokens_suite(void);

static struct tokens *parse(const char *text, char error[TOKENS_ERROR])
{
    /* In exactly as much memory, so that reading past it is seen. */
    const size_t n = strlen(text);
    char *copy = malloc(n + !n);

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, n);
    struct tokens *tokens = tokens_parse(copy, n, error);
    free(copy);
    return tokens;
}

static struct tokens *parsed(const char *text)
{
    char error[TOKENS_ERROR] = "";
    struct tokens *tokens = parse(text, error);

    ck_assert_msg(tokens, "refused: %s", error);
    return tokens;
}

static const struct token *find(const struct tokens *tokens, const char *text)
{
    return tokens_find(tokens, text, strlen(text));
}

START_TEST(a_token_is_its_random_bytes_in_base64url)
{
    uint8_t random[TOKEN_RANDOM];
    char token[TOKEN_TEXT];

    for (size_t i = 0; i < sizeof random; i++)
        random[i] = (uint8_t)i;
    token_write(random, token);
    ck_assert_str_eq(token, READER);
    memset(random, 255, sizeof random);
    token_write(random, token);
    ck_assert_str_eq(token, WRITER);
}
END_TEST

START_TEST(a_line_holds_the_hash_that_others_compute)
{
    char line[TOKEN_LINE];

    token_write_line("trainer", TOKEN_READ, READER, line);
    ck_assert_str_eq(line, "trainer:read:" READER_HASH);
    token_write_line("release-job", TOKEN_WRITE, WRITER, line);
    ck_assert_str_eq(line, "release-job:write:" WRITER_HASH);
}
END_TEST

START_TEST(the_longest_name_has_room_in_its_line)
{
    char name[TOKEN_NAME], line[TOKEN_LINE];

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert(token_is_name(name, strlen(name)));
    token_write_line(name, TOKEN_WRITE, READER, line);
    struct tokens *tokens = parsed(line);
    ck_assert_str_eq(find(tokens, READER)->name, name);
    tokens_free(tokens);
}
END_TEST

START_TEST(a_list_finds_its_tokens)
{
    struct tokens *tokens =
        parsed("# who may\n\n" READER_LINE "  \t# more\r\n  " WRITER_LINE);
    const struct token *reader = find(tokens, READER);
    const struct token *writer = find(tokens, WRITER);

    ck_assert_uint_eq(tokens_count(tokens), 2);
    ck_assert_ptr_nonnull(reader);
    ck_assert_str_eq(reader->name, "trainer");
    ck_assert_int_eq(reader->scope, TOKEN_READ);
    ck_assert_ptr_nonnull(writer);
    ck_assert_str_eq(writer->name, "release-job");
    ck_assert_int_eq(writer->scope, TOKEN_WRITE);
    tokens_free(tokens);
}
END_TEST

START_TEST(line_ends_of_windows_and_a_missing_last_one_are_fine)
{
    struct tokens *tokens =
        parsed("trainer:read:" READER_HASH "\r\nb:write:" WRITER_HASH);

    ck_assert_ptr_nonnull(find(tokens, READER));
    ck_assert_ptr_nonnull(find(tokens, WRITER));
    tokens_free(tokens);
}
END_TEST

static const char *const strangers[] = {
    "",
    "sow_",
    READER "A",
    "sow_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh",
    "sow_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9",
    "SOW_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    "hf__AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    WRITER,
    READER_HASH,
    "trainer",
};

START_TEST(a_stranger_is_not_found)
{
    struct tokens *tokens = parsed(READER_LINE);

    ck_assert_msg(!find(tokens, strangers[_i]), "'%s' is found", strangers[_i]);
    tokens_free(tokens);
}
END_TEST

/* Hashed well, a password is still none: it isn't written as a token. */
START_TEST(a_password_is_no_token)
{
    char line[TOKEN_LINE];

    token_write_line("boss", TOKEN_WRITE, "correct horse", line);
    struct tokens *tokens = parsed(line);
    ck_assert_ptr_null(find(tokens, "correct horse"));
    tokens_free(tokens);
}
END_TEST

static const struct {
    const char *text, *error;
} refused[] = {
    {"", "there is no token in it; 'sowd token new NAME' makes one"},
    {"# nobody\n\n", "there is no token in it; 'sowd token new NAME' makes "
                     "one"},
    {"\n\ntrainer", "line 3 is not name:scope:hash; 'sowd token new' writes "
                    "such lines"},
    {"trainer:" READER_HASH, "line 1 is not name:scope:hash; 'sowd token new' "
                             "writes such lines"},
    {READER_LINE "b:read:" WRITER_HASH ":", "line 2 is not name:scope:hash; "
                                            "'sowd token new' writes such "
                                            "lines"},
    {":read:" READER_HASH, "line 1 has a bad name; it may have 1 to 64 "
                           "letters, digits and . _ -"},
    {"a b:read:" READER_HASH, "line 1 has a bad name; it may have 1 to 64 "
                              "letters, digits and . _ -"},
    {"a:admin:" READER_HASH, "line 1 has a scope that is neither 'read' nor "
                             "'write'"},
    {"a::" READER_HASH, "line 1 has a scope that is neither 'read' nor "
                        "'write'"},
    {"a:read:" READER, "line 1 has a hash that is not 64 hex digits; 'sowd "
                       "token new' writes it"},
    {"a:read:" READER_HASH "0", "line 1 has a hash that is not 64 hex digits; "
                                "'sowd token new' writes it"},
    {"a:read:D9E5D93122186624D120EBBEFC2C03E6117C9C90EC290BA4BC0A579CF1A647F4",
     "line 1 has a hash that is not 64 hex digits; 'sowd token new' writes it"},
    {READER_LINE "\ntrainer:write:" WRITER_HASH,
     "line 3 has the name of a line before it"},
    {READER_LINE "b:write:" READER_HASH,
     "line 2 has the hash of a line before it"},
};

START_TEST(a_bad_list_is_refused_by_its_line)
{
    char error[TOKENS_ERROR] = "";

    ck_assert_msg(!parse(refused[_i].text, error), "'%s' is taken",
                  refused[_i].text);
    ck_assert_str_eq(error, refused[_i].error);
}
END_TEST

/* What is in a bad line may be a token, which no log should show. */
START_TEST(an_error_tells_nothing_of_its_line)
{
    char error[TOKENS_ERROR] = "";

    ck_assert_ptr_null(parse(READER "\n", error));
    ck_assert_ptr_null(strstr(error, "AAEC"));
}
END_TEST

START_TEST(a_zero_byte_is_no_end_of_a_list)
{
    static const char text[] = READER_LINE "a\0b:read:" WRITER_HASH;
    char error[TOKENS_ERROR] = "";

    ck_assert_ptr_null(tokens_parse(text, sizeof text - 1, error));
    ck_assert_str_eq(error, "line 2 has a bad name; it may have 1 to 64 "
                            "letters, digits and . _ -");
}
END_TEST

/* A list of 'count' tokens, to be freed; nobody has these. */
static char *long_list(int count)
{
    const size_t room = (size_t)count * 100 + 1;
    char *text = malloc(room);
    size_t used = 0;

    ck_assert_ptr_nonnull(text);
    for (int i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, room - used, "t%d:read:%064x\n",
                                 i, (unsigned)i);
    return text;
}

START_TEST(a_list_has_an_end)
{
    char error[TOKENS_ERROR] = "";
    char *text = long_list(TOKENS_MOST);
    struct tokens *tokens = parsed(text);

    ck_assert_uint_eq(tokens_count(tokens), TOKENS_MOST);
    tokens_free(tokens);
    free(text);
    text = long_list(TOKENS_MOST + 1);
    ck_assert_ptr_null(parse(text, error));
    ck_assert_str_eq(error, "line 4097 is one too many: 4096 may be there");
    free(text);
}
END_TEST

Suite *tokens_suite(void)
{
    Suite *suite = suite_create("tokens");
    TCase *tcase = tcase_create("tokens");

    tcase_add_test(tcase, a_token_is_its_random_bytes_in_base64url);
    tcase_add_test(tcase, a_line_holds_the_hash_that_others_compute);
    tcase_add_test(tcase, the_longest_name_has_room_in_its_line);
    tcase_add_test(tcase, a_list_finds_its_tokens);
    tcase_add_test(tcase, line_ends_of_windows_and_a_missing_last_one_are_fine);
    tcase_add_loop_test(tcase, a_stranger_is_not_found, 0, COUNT(strangers));
    tcase_add_test(tcase, a_password_is_no_token);
    tcase_add_loop_test(tcase, a_bad_list_is_refused_by_its_line, 0,
                        COUNT(refused));
    tcase_add_test(tcase, an_error_tells_nothing_of_its_line);
    tcase_add_test(tcase, a_zero_byte_is_no_end_of_a_list);
    tcase_add_test(tcase, a_list_has_an_end);
    suite_add_tcase(suite, tcase);
    return suite;
}
