/* SPDX-License-Identifier: MIT */
/* What is on the shelves, and what may be put there. */
#include "library.h"

#include "exchange.h"
#include "keeper.h"
#include "recipes/builtin.h"
#include "stored.h"
#include "../count.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define ONE "{\"scheme\":\"ones\",\"layers\":[{\"name\":\"a\",\"shape\":[3]}]}"
#define TWO "{\"scheme\":\"ones\",\"layers\":[{\"name\":\"a\",\"shape\":[5]}]}"

static struct keeper keeper;
static struct api *api;
static struct problem problem;

static void setup(void)
{
    keeper_init(&keeper);
    api = keeper_api(&keeper);
    problem = (struct problem){0};
}

static void teardown(void)
{
    api_free(api);
    keeper_release(&keeper);
}

static enum problem_code put(const char *name, const char *text,
                             struct library_receipt *receipt)
{
    return library_put(api, name, text, strlen(text), false, receipt, &problem);
}

/* The current document is 'text'. */
static void must_be(const char *name, const char *text)
{
    struct library_book book;
    uint8_t version[SOW_DIGEST_BYTES];

    ck_assert_msg(!library_get(api, name, NULL, &book, &problem), "%s: %s",
                  name, problem.detail);
    ck_assert_uint_eq(book.size, strlen(text));
    ck_assert_str_eq(book.bytes, text);
    ck_assert(!book.built_in);
    sow_digest(text, strlen(text), version);
    ck_assert_mem_eq(book.version, version, sizeof version);
    library_release(&book);
    ck_assert(!library_current(api, name, version, &problem));
}

/* ------------------------------------------------------------------------
 * What is built in
 */

START_TEST(what_is_built_in_is_there_in_order)
{
    const char *bytes, *name, *before = "";
    struct library_book book;
    size_t size, count = 0;

    for (; (bytes = builtin_at(count, &name, &size)); count++) {
        ck_assert_str_lt(before, name);
        ck_assert_msg(repo_name_ok(name) && repo_name_built_in(name), "%s",
                      name);
        ck_assert_int_eq(bytes[size], '\0');
        ck_assert_uint_eq(strlen(bytes), size);
        ck_assert(!library_get(api, name, NULL, &book, &problem));
        ck_assert_ptr_eq(book.bytes, bytes);
        ck_assert(book.built_in);
        library_release(&book);
        before = name;
    }
    ck_assert_uint_ge(count, 19);
    ck_assert_ptr_null(builtin_at(count + 1, &name, &size));
    ck_assert_int_eq(keeper.asked, 0);
}
END_TEST

START_TEST(what_is_built_in_can_be_stored)
{
    struct library_receipt receipt;
    const char *bytes, *name;
    size_t size;

    for (size_t i = 0; (bytes = builtin_at(i, &name, &size)); i++) {
        problem = (struct problem){0};
        ck_assert_msg(!put("lab/copy", bytes, &receipt), "%s: %s at '%s'", name,
                      problem.detail, problem.at);
        ck_assert_uint_gt(receipt.tensors, 15);
        ck_assert_msg(strncmp(name, "init/tiny-", 10) != 0 ||
                          receipt.bytes < 1 << 20,
                      "%s has %zu bytes", name, (size_t)receipt.bytes);
    }
}
END_TEST

START_TEST(a_version_of_what_is_built_in_is_that_one)
{
    struct library_book book;
    uint8_t version[SOW_DIGEST_BYTES];

    ck_assert(!library_current(api, "init/gpt2", version, &problem));
    ck_assert(!library_get(api, "init/gpt2", version, &book, &problem));
    library_release(&book);
    version[31] ^= 1;
    ck_assert_int_eq(library_get(api, "init/gpt2", version, &book, &problem),
                     PROBLEM_UNKNOWN_RECIPE);
    ck_assert_str_eq(problem.at, "version");
}
END_TEST

/* ------------------------------------------------------------------------
 * What is stored
 */

START_TEST(what_is_put_is_there_with_its_size)
{
    struct library_receipt receipt;

    ck_assert(!put("lab/a", ONE, &receipt));
    ck_assert(receipt.created && receipt.tensors == 1 && receipt.bytes == 12);
    must_be("lab/a", ONE);
    ck_assert(!put("lab/a", TWO, &receipt));
    ck_assert(!receipt.created && receipt.bytes == 20);
    must_be("lab/a", TWO);
}
END_TEST

START_TEST(an_old_version_stays_also_of_a_removed_name)
{
    struct library_receipt one, two;
    struct library_book book;

    ck_assert(!put("lab/a", ONE, &one) && !put("lab/a", TWO, &two));
    ck_assert(!library_remove(api, "lab/a", &problem));
    ck_assert_int_eq(library_get(api, "lab/a", NULL, &book, &problem),
                     PROBLEM_UNKNOWN_RECIPE);
    ck_assert_int_eq(library_remove(api, "lab/a", &problem),
                     PROBLEM_UNKNOWN_RECIPE);
    ck_assert(!library_get(api, "lab/a", one.version, &book, &problem));
    ck_assert_str_eq(book.bytes, ONE);
    library_release(&book);
}
END_TEST

/* 'code' is what is wrong, 'says' a part of the problem. */
static const struct {
    const char *text, *says;
    enum problem_code code;
} documents[] = {
    {"", "", PROBLEM_BAD_JSON},
    {"[]", "", PROBLEM_BAD_JSON},
    {"{\"layers\":", "", PROBLEM_BAD_JSON},
    {"{}", "layers", PROBLEM_MISSING_FIELD},
    {"{\"layers\":[],\"scheme\":\"ones\"}", "", PROBLEM_BAD_FIELD},
    {"{\"layers\":[{\"shape\":[1]}]}", "scheme", PROBLEM_MISSING_FIELD},
    {"{\"layers\":[{\"shape\":[1]}],\"scheme\":\"one\"}", "ones",
     PROBLEM_UNKNOWN_SCHEME},
    {"{\"layers\":[{\"shape\":[1]}],\"scheme\":\"ones\",\"format\":\"raw\"}",
     "format", PROBLEM_BAD_FIELD},
    {"{\"config\":{\"model_type\":\"gpt2\",\"n_layer\":2000}}", "--max-layers",
     PROBLEM_TOO_MANY_LAYERS},
    {"{\"layers\":[{\"name\":\"a\",\"shape\":[1]},{\"name\":\"a\",\"shape\":"
     "[1]}],\"scheme\":\"ones\"}",
     "", PROBLEM_DUPLICATE_NAME},
};

START_TEST(what_cannot_be_served_is_not_kept)
{
    struct library_receipt receipt;
    enum problem_code code = put("lab/a", documents[_i].text, &receipt);

    ck_assert_msg(code == documents[_i].code, "%s: %s: %s", documents[_i].text,
                  problem_name(code), problem.detail);
    ck_assert_msg(strstr(problem.detail, documents[_i].says), "%s: %s",
                  documents[_i].text, problem.detail);
    ck_assert_int_eq(keeper.asked, 0);
}
END_TEST

/* ------------------------------------------------------------------------
 * Names
 */

static const char *const no_names[] = {
    "lab/..", "../x", "lab/a/b", "lab", "", "v1/x", "lab/a\nb", "init/none",
};

START_TEST(the_store_is_not_asked_for_what_is_no_name)
{
    struct library_book book;
    uint8_t version[SOW_DIGEST_BYTES] = {0};

    ck_assert_int_eq(library_get(api, no_names[_i], NULL, &book, &problem),
                     PROBLEM_UNKNOWN_RECIPE);
    ck_assert_int_eq(library_get(api, no_names[_i], version, &book, &problem),
                     PROBLEM_UNKNOWN_RECIPE);
    /* Only for names that are near. */
    ck_assert_int_eq(keeper.asked, 2);
}
END_TEST

static const struct {
    const char *name, *hint;
} near[] = {
    {"init/gpt3", "Did you mean 'init/gpt2'?"},
    {"lab/tinyy", "Did you mean 'lab/tiny'?"},
    {"Lab/TINY", "Did you mean 'lab/tiny'?"},
    {"quite/another", "There is no recipe 'quite/another'. GET"},
};

START_TEST(a_near_name_is_told)
{
    struct library_receipt receipt;
    struct library_book book;

    ck_assert(!put("lab/tiny", ONE, &receipt));
    ck_assert_int_eq(library_get(api, near[_i].name, NULL, &book, &problem),
                     PROBLEM_UNKNOWN_RECIPE);
    ck_assert_msg(strstr(problem.detail, near[_i].hint), "%s", problem.detail);
}
END_TEST

static const struct {
    const char *hex;
    bool good;
} hexes[] = {
    {"0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef", true},
    {"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde", false},
    {"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0",
     false},
    {"g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", false},
    {"", false},
};

START_TEST(a_version_is_64_digits)
{
    uint8_t version[SOW_DIGEST_BYTES];

    ck_assert(library_version_read(hexes[_i].hex, version) == hexes[_i].good);
    if (hexes[_i].good)
        ck_assert_uint_eq(version[31], 0xef);
}
END_TEST

/* ---- lists ---- */

struct seen {
    char text[2048];
    size_t left;
};

static bool see(void *argument, const char *name,
                const uint8_t version[SOW_DIGEST_BYTES])
{
    struct seen *seen = argument;
    size_t n = strlen(seen->text);

    (void)version;
    if (!repo_name_built_in(name))
        snprintf(seen->text + n, sizeof seen->text - n, "%s ", name);
    return --seen->left > 0;
}

START_TEST(only_names_that_can_be_asked_for_are_listed)
{
    static const char *const names[] = {"lab/a", "init/gpt2", "v1/x", "a b/c"};
    struct seen all = {.left = 100}, some = {.left = 20};
    uint8_t version[SOW_DIGEST_BYTES];
    bool created;

    for (int i = 0; i < COUNT(names); i++)
        ck_assert(!keeper.store.write(&keeper, names[i], ONE, strlen(ONE),
                                      false, version, &created));
    ck_assert(!library_list(api, see, &all, &problem));
    ck_assert_str_eq(all.text, "lab/a ");
    ck_assert(!library_list(api, see, &some, &problem));
    ck_assert_str_eq(some.text, "lab/a ");
    some = (struct seen){.left = 3};
    ck_assert(!library_list(api, see, &some, &problem));
    ck_assert_uint_eq(some.left, 0);
}
END_TEST

START_TEST(versions_are_those_that_are_kept)
{
    struct library_receipt receipt;
    struct seen stored = {.left = 9}, built_in = {.left = 9};

    ck_assert(!put("lab/a", ONE, &receipt) && !put("lab/a", TWO, &receipt));
    ck_assert(!library_versions(api, "lab/a", see, &stored, &problem));
    ck_assert_str_eq(stored.text, "lab/a lab/a ");
    ck_assert(!library_versions(api, "init/gpt2", see, &built_in, &problem));
    ck_assert_uint_eq(built_in.left, 8);
    ck_assert_int_eq(library_versions(api, "lab/b", see, &stored, &problem),
                     PROBLEM_UNKNOWN_RECIPE);
}
END_TEST

/* ---- stores that fail, and none ---- */

static const struct {
    enum store_status status;
    enum problem_code code;
} failures[] = {
    {STORE_EXISTS, PROBLEM_RECIPE_EXISTS},
    {STORE_READ_ONLY, PROBLEM_STORE_READ_ONLY},
    {STORE_FULL, PROBLEM_STORE_FULL},
    {STORE_FAILED, PROBLEM_STORE_FAILED},
    {STORE_NO_MEMORY, PROBLEM_INTERNAL},
};

START_TEST(failures_of_the_store_are_told)
{
    enum problem_code code = failures[_i].code;
    struct library_receipt receipt;
    struct library_book book;
    struct seen seen = {.left = 100};
    uint8_t version[SOW_DIGEST_BYTES] = {0};

    keeper.fails = failures[_i].status;
    ck_assert_int_eq(put("lab/a", ONE, &receipt), code);
    ck_assert_int_eq(library_remove(api, "lab/a", &problem), code);
    ck_assert_int_eq(library_get(api, "lab/a", NULL, &book, &problem), code);
    ck_assert_int_eq(library_get(api, "lab/a", version, &book, &problem), code);
    ck_assert_int_eq(library_current(api, "lab/a", version, &problem), code);
    ck_assert_int_eq(library_list(api, see, &seen, &problem), code);
    ck_assert_int_eq(library_versions(api, "lab/a", see, &seen, &problem),
                     code);
}
END_TEST

START_TEST(without_a_store_there_is_what_is_built_in)
{
    struct library_receipt receipt;
    struct library_book book;
    struct seen seen = {.left = 100};

    api_free(api);
    api = keeper_api(NULL);
    ck_assert_int_eq(put("lab/a", ONE, &receipt), PROBLEM_STORE_READ_ONLY);
    ck_assert_msg(strstr(problem.detail, "--recipes"), "%s", problem.detail);
    ck_assert_int_eq(library_remove(api, "lab/a", &problem),
                     PROBLEM_STORE_READ_ONLY);
    ck_assert_int_eq(library_get(api, "lab/a", NULL, &book, &problem),
                     PROBLEM_UNKNOWN_RECIPE);
    ck_assert(!library_get(api, "init/gpt2", NULL, &book, &problem));
    library_release(&book);
    ck_assert(!library_list(api, see, &seen, &problem));
    ck_assert_uint_le(seen.left, 81);
}
END_TEST

START_TEST(what_is_built_in_cannot_be_changed)
{
    struct library_receipt receipt;

    ck_assert_int_eq(put("init/mine", ONE, &receipt), PROBLEM_STORE_READ_ONLY);
    ck_assert_msg(strstr(problem.detail, "built in"), "%s", problem.detail);
    ck_assert_int_eq(library_remove(api, "init/gpt2", &problem),
                     PROBLEM_STORE_READ_ONLY);
    ck_assert_int_eq(keeper.asked, 0);
}
END_TEST

Suite *library_suite(void);
Suite *library_suite(void)
{
    Suite *suite = suite_create("api/library");
    TCase *tcase = tcase_create("library");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, what_is_built_in_is_there_in_order);
    tcase_add_test(tcase, what_is_built_in_can_be_stored);
    tcase_add_test(tcase, a_version_of_what_is_built_in_is_that_one);
    tcase_add_test(tcase, what_is_put_is_there_with_its_size);
    tcase_add_test(tcase, an_old_version_stays_also_of_a_removed_name);
    tcase_add_loop_test(tcase, what_cannot_be_served_is_not_kept, 0,
                        COUNT(documents));
    tcase_add_loop_test(tcase, the_store_is_not_asked_for_what_is_no_name, 0,
                        COUNT(no_names));
    tcase_add_loop_test(tcase, a_near_name_is_told, 0, COUNT(near));
    tcase_add_loop_test(tcase, a_version_is_64_digits, 0, COUNT(hexes));
    tcase_add_test(tcase, only_names_that_can_be_asked_for_are_listed);
    tcase_add_test(tcase, versions_are_those_that_are_kept);
    tcase_add_loop_test(tcase, failures_of_the_store_are_told, 0,
                        COUNT(failures));
    tcase_add_test(tcase, without_a_store_there_is_what_is_built_in);
    tcase_add_test(tcase, what_is_built_in_cannot_be_changed);
    suite_add_tcase(suite, tcase);
    return suite;
}
