/* SPDX-License-Identifier: MIT */
/* What may be the name of a recipe. */
#include "repo_name.h"
#include "../count.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define A32 "aaaaaaaabbbbbbbbccccccccdddddddd"
#define A96 A32 A32 A32

/* 'says' is a part of the problem, or NULL for a good name. */
static const struct {
    const char *ns, *part, *says;
} names[] = {
    {"lab", "tiny", NULL},
    {"L4b_", "T.i-n_y.9", NULL},
    {"_", "_", NULL},
    {"0", "7b", NULL},
    {"init", "gpt2", NULL},
    {"V1", "v1", NULL},
    {"lab", "api", NULL},
    {"a.git.b", "x.git-y", NULL},
    {A96, A96, NULL},
    {"", "tiny", "1 to 96"},
    {"lab", "", "1 to 96"},
    {A96 "a", "tiny", "1 to 96"},
    {"lab", A96 "a", "1 to 96"},
    {"..", "tiny", "begin or end"},
    {"lab", "..", "begin or end"},
    {"lab", ".", "begin or end"},
    {".hidden", "tiny", "begin or end"},
    {"lab", "tiny.", "begin or end"},
    {"-lab", "tiny", "begin or end"},
    {"lab", "tiny-", "begin or end"},
    {"la--b", "tiny", "no '--'"},
    {"lab", "ti..ny", "no '--'"},
    {"lab", "tiny.git", "'.git'"},
    {"lab.git", "tiny", "'.git'"},
    {"lab", "tiny.ipynb", "'.ipynb'"},
    {"la/b", "tiny", "letters"},
    {"lab", "../../etc/passwd", "letters"},
    {"lab", "a b", "letters"},
    {"lab", "a\nb", "letters"},
    {"lab", "caf\xc3\xa9", "letters"},
    {"lab", "a\\b", "letters"},
    {"lab", "a@b", "letters"},
    {"v1", "tiny", "paths"},
    {"api", "tiny", "paths"},
    {"healthz", "tiny", "paths"},
    {"metrics", "tiny", "paths"},
    {"datasets", "tiny", "paths"},
    {"kernels", "tiny", "paths"},
};

START_TEST(names_follow_the_rules)
{
    char name[REPO_NAME], both[2 * REPO_NAME];
    struct problem problem = {0};
    enum problem_code code =
        repo_name_join(names[_i].ns, names[_i].part, name, &problem);

    snprintf(both, sizeof both, "%s/%s", names[_i].ns, names[_i].part);
    ck_assert_msg(!code == !names[_i].says, "%s: %d", both, code);
    ck_assert_msg(repo_name_ok(both) == !names[_i].says, "%s", both);
    if (!names[_i].says) {
        ck_assert_str_eq(name, both);
        return;
    }
    ck_assert_int_eq(code, PROBLEM_BAD_FIELD);
    ck_assert_msg(strstr(problem.detail, names[_i].says), "%s: %s", both,
                  problem.detail);
}
END_TEST

static const char *const no_names[] = {
    "", "/", "lab", "lab/", "/tiny", "lab/a/b", "lab//a", "/lab/a", "lab/a/",
};

START_TEST(a_name_has_two_parts)
{
    ck_assert_msg(!repo_name_ok(no_names[_i]), "'%s'", no_names[_i]);
}
END_TEST

START_TEST(the_built_in_namespace_is_exactly_that)
{
    ck_assert(repo_name_built_in("init/gpt2"));
    ck_assert(!repo_name_built_in("initial/gpt2"));
    ck_assert(!repo_name_built_in("ini/init"));
}
END_TEST

Suite *repo_name_suite(void);
Suite *repo_name_suite(void)
{
    Suite *suite = suite_create("api/repo_name");
    TCase *tcase = tcase_create("repo_name");

    tcase_add_loop_test(tcase, names_follow_the_rules, 0, COUNT(names));
    tcase_add_loop_test(tcase, a_name_has_two_parts, 0, COUNT(no_names));
    tcase_add_test(tcase, the_built_in_namespace_is_exactly_that);
    suite_add_tcase(suite, tcase);
    return suite;
}
