/* SPDX-License-Identifier: MIT */
/* Who is found, and that root is given up for good. */
#include "child.h"
#include "rows.h"
#include "user.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

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

/* Where root would make the folder 'below' of 'folder', and where it would not,
   by whose that is and who may write in it. */
static const struct {
    uid_t uid;
    mode_t mode;
    bool made;
} parents[] = {
    {0, 0755, true},      {0, 0700, true},       {0, 01777, true},
    {0, 0777, false},     {0, 0775, false},      {65534, 0755, false},
    {65534, 0777, false}, {65534, 01777, false}, {12345, 0700, false},
};

/* Root's folder, and nothing in it. */
static void start_afresh(void)
{
    EXPECT(chown(folder, 0, 0) == 0 && chmod(folder, 0755) == 0);
    EXPECT(rmdir(below) == 0 || errno == ENOENT);
}

static void leave_folders_to_the_user(void)
{
    start_afresh();
    for (size_t i = 0; i < sizeof parents / sizeof *parents; i++) {
        EXPECT(chown(folder, parents[i].uid, 0) == 0);
        EXPECT(chmod(folder, parents[i].mode) == 0);
        user_make_folder(&nobody, below);
        EXPECT((rmdir(below) == 0) == parents[i].made);
    }
}

/* Below a folder of others even root's own is theirs to exchange. */
static void leave_what_is_below_others(void)
{
    char deep[96];
    snprintf(deep, sizeof deep, "%s/x//", below);
    start_afresh();
    EXPECT(mkdir(below, 0755) == 0);
    user_make_folder(&nobody, deep);
    EXPECT(rmdir(deep) == 0);
    EXPECT(chmod(folder, 0777) == 0);
    user_make_folder(&nobody, deep);
    EXPECT(rmdir(deep) != 0);
    EXPECT(chdir(below) == 0); /* there it is known which one is meant */
    user_make_folder(&nobody, "./x");
    EXPECT(rmdir("x") == 0);
    EXPECT(rmdir(below) == 0);
}

static void follow_no_links(void)
{
    char link[80], deep[96];
    struct stat about;
    snprintf(link, sizeof link, "%s/link", folder);
    snprintf(deep, sizeof deep, "%s/x", link);
    start_afresh();
    EXPECT(mkdir(below, 0755) == 0 && symlink(below, link) == 0);
    user_make_folder(&nobody, deep);
    EXPECT(rmdir(deep) != 0);
    EXPECT(unlink(link) == 0 && rmdir(below) == 0);
    EXPECT(symlink(below, link) == 0);
    user_make_folder(&nobody, link); /* it leads nowhere */
    EXPECT(stat(below, &about) != 0 && lstat(link, &about) == 0);
    EXPECT(unlink(link) == 0);
}

/* ------------------------------------------------------------------------
 * Being one already
 */

/* What user_become() logs of a process that is nobody, in these groups. */
static void start_as_nobody(const gid_t *groups, size_t count, char said[512])
{
    int ends[2];
    EXPECT(setgroups(count, groups) == 0);
    EXPECT(setresgid(65534, 65534, 65534) == 0);
    EXPECT(setresuid(65534, 65534, 65534) == 0);
    EXPECT(pipe(ends) == 0 && dup2(ends[1], 2) == 2);
    EXPECT(user_become(&nobody));
    EXPECT(close(2) == 0 && close(ends[1]) == 0);
    ssize_t n = read(ends[0], said, 511);
    EXPECT(n >= 0);
    said[n] = '\0';
}

static void stay_in_groups(void)
{
    const gid_t groups[] = {4, 65534, 27};
    char said[512];
    start_as_nobody(groups, 3, said);
    EXPECT(strstr(said, "warn") && strstr(said, "in other groups, 4 27;"));
    EXPECT(getgroups(0, NULL) == 3);
}

static void be_in_no_others(void)
{
    const gid_t own = 65534;
    char said[512];
    start_as_nobody(&own, 1, said);
    EXPECT(said[0] == '\0');
}

/*
 * Where the privilege is there for it, as a service manager may leave it.  Not
 * with a sanitizer's thread: it isn't given the privilege here, and the C
 * library ends a process whose threads differ.
 */
static void leave_groups(void)
{
#ifdef __SANITIZE_THREAD__
    return;
#else
    const gid_t groups[] = {4, 27};
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[2] = {{0}};
    sets[0].effective = sets[0].permitted = 1u << CAP_SETGID;
    EXPECT(setgroups(2, groups) == 0);
    EXPECT(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0);
    EXPECT(setresgid(65534, 65534, 65534) == 0);
    EXPECT(setresuid(65534, 65534, 65534) == 0);
    EXPECT(syscall(SYS_capset, &head, sets) == 0);
    EXPECT(user_become(&nobody));
    EXPECT(getgroups(0, NULL) == 0);
#endif
}

static void (*const bodies[])(void) = {become,
                                       become_again,
                                       become_no_one,
                                       own_folders,
                                       stay_in_groups,
                                       be_in_no_others,
                                       leave_groups,
                                       follow_no_links,
                                       leave_folders_to_the_user,
                                       leave_what_is_below_others};

START_TEST(root_is_given_up_and_its_hands_are_kept_off)
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
    tcase_add_rows(tests, root_is_given_up_and_its_hands_are_kept_off, bodies);
    suite_add_tcase(suite, tests);
    return suite;
}
