/* SPDX-License-Identifier: MIT */
/* Who is found, and that root is given up for good. */
#include "child.h"
#include "rows.h"
#include "user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>

static const struct {
    const char *text;
    uid_t uid;
    gid_t gid;
} known[] = {
    {"nobody", 65534, 65534},        {"65534", 65534, 65534},
    {"nobody:daemon", 65534, 1},     {"daemon:nogroup", 1, 65534},
    {"54321:54322", 54321, 54322},   {"nobody:54322", 65534, 54322},
    {"4294967294:1", 4294967294, 1},
};

START_TEST(names_and_numbers_are_found)
{
    struct user user = {0};
    ck_assert_msg(user_find(known[_i].text, &user), "%s is not found",
                  known[_i].text);
    ck_assert_str_eq(user.name, known[_i].text);
    ck_assert_msg(user.uid == known[_i].uid && user.gid == known[_i].gid,
                  "%s is %u:%u", known[_i].text, (unsigned)user.uid,
                  (unsigned)user.gid);
}
END_TEST

static const char *const unknown[] = {
    "",
    ":",
    "root",
    "0",
    "00",
    "0:0",
    "nobody:root",
    "nobody:0",
    "nobody:",
    ":nogroup",
    "nobody:nogroup:nogroup",
    "no-such-user",
    "nobody:no-such-group",
    "54321",
    "-1:1",
    "+1:1",
    " 1:1",
    "1 :1",
    "0x1:1",
    "4294967295:1",
    "1:4294967295",
    "4294967296:1",
    "18446744073709551617:1",
    "a-name-that-is-longer-than-any-that-a-machine-could-know-of-a-user",
};

START_TEST(others_and_root_are_not)
{
    struct user user = {.uid = 7};
    ck_assert_msg(!user_find(unknown[_i], &user), "'%s' is %u:%u", unknown[_i],
                  (unsigned)user.uid, (unsigned)user.gid);
    ck_assert_uint_eq(user.uid, 7);
    ck_assert_ptr_null(user.name);
}
END_TEST

/* ------------------------------------------------------------------------
 * Becoming one, which takes root
 */

static const struct user nobody = {"nobody", 65534, 65534};
static char folder[] = "/tmp/sow-user-XXXXXX";
static char below[64];

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(below, sizeof below, "%s/below", folder);
}

static void remove_folder(void)
{
    rmdir(below);
    rmdir(folder);
}

static void become(void)
{
    const gid_t groups[] = {1, 2};
    EXPECT(setgroups(2, groups) == 0);
    EXPECT(user_become(&nobody));
    EXPECT(getuid() == 65534 && geteuid() == 65534);
    EXPECT(getgid() == 65534 && getegid() == 65534);
    EXPECT(getgroups(0, NULL) == 0);
    EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    EXPECT(setuid(0) < 0 && errno == EPERM);
    EXPECT(setresuid(0, 0, 0) < 0 && errno == EPERM);
    EXPECT(setresgid(0, 0, 0) < 0 && errno == EPERM);
    EXPECT(setgroups(2, groups) < 0 && errno == EPERM);
}

static void become_again(void)
{
    const struct user other = {"daemon", 1, 1};
    EXPECT(user_become(&nobody));
    EXPECT(user_become(&nobody));
    EXPECT(!user_become(&other));
    EXPECT(getuid() == 65534);
}

static void become_no_one(void)
{
    const struct user none = {0};
    EXPECT(user_become(&none));
    EXPECT(getuid() == 0);
}

static void own_folders(void)
{
    struct stat about;
    EXPECT(chmod(folder, 0755) == 0);
    user_make_folder(&nobody, NULL);
    user_make_folder(&nobody, "/no/such/parent");
    user_make_folder(&nobody, folder); /* is there: remains root's */
    user_make_folder(&nobody, below);
    EXPECT(stat(folder, &about) == 0 && about.st_uid == 0);
    EXPECT(stat(below, &about) == 0);
    EXPECT(about.st_uid == 65534 && about.st_gid == 65534);
    EXPECT(user_become(&nobody));
    EXPECT(user_may_use(&nobody, "--recipes", NULL));
    EXPECT(user_may_use(&nobody, "--recipes", below));
    EXPECT(!user_may_use(&nobody, "--recipes", folder));
    EXPECT(user_may_use(&nobody, "--recipes", "/tmp/sow-is-not-there"));
    EXPECT(rmdir(below) < 0); /* it is its parent's */
}

static void (*const bodies[])(void) = {become, become_again, become_no_one,
                                       own_folders};

START_TEST(root_is_given_up_for_good)
{
    if (geteuid() == 0)
        in_child(bodies[_i]);
}
END_TEST

Suite *user_suite(void);
Suite *user_suite(void)
{
    TCase *tests = tcase_create("user");
    Suite *suite = suite_create("server/user");

    tcase_add_unchecked_fixture(tests, make_folder, remove_folder);
    tcase_add_rows(tests, names_and_numbers_are_found, known);
    tcase_add_rows(tests, others_and_root_are_not, unknown);
    tcase_add_rows(tests, root_is_given_up_for_good, bodies);
    suite_add_tcase(suite, tests);
    return suite;
}
