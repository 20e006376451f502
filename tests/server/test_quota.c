/* SPDX-License-Identifier: MIT */
/* Quotas of processor time, in folders as machines have them. */
#include "quota.h"
#include "rows.h"
#include "shelf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

Suite *quota_suite(void);

/* A file below the folder, and what is in it; NULL after the last. */
struct file {
    const char *path, *text;
};

/* What mounts look like, and where the process is. */
#define MOUNT_2                             \
    "25 1 8:1 / / rw - ext4 /dev/sda1 rw\n" \
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n"
#define MOUNT_1                                                              \
    "31 23 0:27 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755\n"             \
    "35 31 0:31 / /sys/fs/cgroup/cpuset rw shared:9 - cgroup cgroup "        \
    "rw,cpuset\n"                                                            \
    "36 31 0:32 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 master:7 - cgroup " \
    "cgroup rw,cpu,cpuacct\n"
#define MOUNT_OF_DOCKER_1 \
    "36 31 0:32 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n"

static const struct {
    const char *what;
    unsigned quota;
    struct file files[8];
} machines[] = {
    {"no control groups", 0, {{"proc/self/cgroup", ""}}},
    {"nothing at all", 0, {{NULL, NULL}}},
    {"a container's own tree",
     1500,
     {{"proc/self/cgroup", "0::/\n"},
      {"proc/self/mountinfo", MOUNT_2},
      {"sys/fs/cgroup/cpu.max", "150000 100000\n"}}},
    {"a service of systemd, and its slice, which gets less",
     750,
     {{"proc/self/cgroup", "0::/system.slice/sowd.service\n"},
      {"proc/self/mountinfo", MOUNT_2},
      {"sys/fs/cgroup/system.slice/sowd.service/cpu.max", "200000 100000\n"},
      {"sys/fs/cgroup/system.slice/cpu.max", "75000 100000\n"}}},
    {"a slice without a limit",
     2000,
     {{"proc/self/cgroup", "0::/system.slice/sowd.service\n"},
      {"proc/self/mountinfo", MOUNT_2},
      {"sys/fs/cgroup/system.slice/sowd.service/cpu.max", "100000 50000\n"},
      {"sys/fs/cgroup/system.slice/cpu.max", "max 100000\n"}}},
    {"no limit",
     0,
     {{"proc/self/cgroup", "0::/a\n"},
      {"proc/self/mountinfo", MOUNT_2},
      {"sys/fs/cgroup/a/cpu.max", "max 100000\n"}}},
    {"another group's limit",
     0,
     {{"proc/self/cgroup", "0::/a\n"},
      {"proc/self/mountinfo", MOUNT_2},
      {"sys/fs/cgroup/ab/cpu.max", "50000 100000\n"},
      {"sys/fs/cgroup/a/b/cpu.max", "50000 100000\n"},
      {"sys/fs/cpu.max", "50000 100000\n"}}},
    {"no more than a moment",
     1,
     {{"proc/self/cgroup", "0::/\n"},
      {"proc/self/mountinfo", MOUNT_2},
      {"sys/fs/cgroup/cpu.max", "1000 100000000\n"}}},
    {"version 1",
     2500,
     {{"proc/self/cgroup", "12:cpuset:/other\n4:cpu,cpuacct:/user/me\n"
                           "1:name=systemd:/user/me\n"},
      {"proc/self/mountinfo", MOUNT_1},
      {"sys/fs/cgroup/cpu,cpuacct/user/me/cpu.cfs_quota_us", "250000\n"},
      {"sys/fs/cgroup/cpu,cpuacct/user/me/cpu.cfs_period_us", "100000\n"},
      {"sys/fs/cgroup/cpu,cpuacct/user/cpu.cfs_quota_us", "-1\n"},
      {"sys/fs/cgroup/cpu,cpuacct/user/cpu.cfs_period_us", "100000\n"}}},
    {"version 1 in a container, whose group is mounted at the top",
     500,
     {{"proc/self/cgroup", "3:cpu:/docker/abc\n0::/\n"},
      {"proc/self/mountinfo", MOUNT_OF_DOCKER_1},
      {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}}},
    {"version 1 without a limit",
     0,
     {{"proc/self/cgroup", "3:cpu:/docker/abc\n"},
      {"proc/self/mountinfo", MOUNT_OF_DOCKER_1},
      {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}}},
    {"a group that isn't mounted",
     0,
     {{"proc/self/cgroup", "3:cpu:/docker/abcd\n"},
      {"proc/self/mountinfo", MOUNT_OF_DOCKER_1},
      {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}}},
    {"both versions",
     1000,
     {{"proc/self/cgroup", "2:cpu:/v\n0::/w\n"},
      {"proc/self/mountinfo", "36 31 0:32 / /one rw - cgroup cgroup rw,cpu\n"
                              "37 31 0:33 / /two rw - cgroup2 cgroup2 rw\n"},
      {"one/v/cpu.cfs_quota_us", "300000"},
      {"one/v/cpu.cfs_period_us", "100000"},
      {"two/w/cpu.max", "10000 10000"}}},
    {"what makes no sense",
     0,
     {{"proc/self/cgroup", "nonsense\n0:\n0::/\n"},
      {"proc/self/mountinfo", "nonsense\n - cgroup2\n" MOUNT_2 "1 2 - x"},
      {"sys/fs/cgroup/cpu.max", "999999999999999999999 -5"}}},
    {"a limit beyond all processors",
     0,
     {{"proc/self/cgroup", "0::/\n"},
      {"proc/self/mountinfo", MOUNT_2},
      {"sys/fs/cgroup/cpu.max", "1000000000000 1"}}},
};

static void write_file(const char *root, const struct file *file)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", root, file->path);
    for (char *at = path + strlen(root) + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        mkdir(path, 0700);
        *at = '/';
    }
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    ck_assert_int_ge(fputs(file->text, out), 0);
    ck_assert_int_eq(fclose(out), 0);
}

START_TEST(the_least_limit_from_the_group_upwards_counts)
{
    char root[] = "/tmp/sow-quota-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(root));
    for (const struct file *file = machines[_i].files; file->path; file++)
        write_file(root, file);
    unsigned quota = quota_read(root);
    shelf_remove(root);
    ck_assert_msg(quota == machines[_i].quota, "%s: %u instead of %u",
                  machines[_i].what, quota, machines[_i].quota);
}
END_TEST

static const struct {
    unsigned processors, quota, threads, helpers;
} counts[] = {
    {1, 0, 1, 1},        {2, 0, 2, 2},     {64, 0, 64, 64},  {2, 2000, 2, 2},
    {2, 9999, 2, 2},     {2, 1999, 2, 0},  {2, 1000, 1, 0},  {2, 1, 1, 0},
    {4, 500, 1, 0},      {64, 1001, 2, 0}, {64, 2000, 2, 1}, {64, 2500, 3, 1},
    {64, 63999, 64, 62}, {1, 300, 1, 0},
};

START_TEST(threads_use_a_quota_up_and_helpers_stay_within_it)
{
    unsigned processors = counts[_i].processors, quota = counts[_i].quota;
    unsigned threads = quota_threads(processors, quota);
    unsigned helpers = quota_helpers(processors, quota);
    ck_assert_msg(threads == counts[_i].threads &&
                      helpers == counts[_i].helpers,
                  "%u processors, %u thousandths: %u threads, %u helpers",
                  processors, quota, threads, helpers);
}
END_TEST

Suite *quota_suite(void)
{
    Suite *suite = suite_create("quota");
    TCase *tests = tcase_create("quota");
    tcase_add_rows(tests, the_least_limit_from_the_group_upwards_counts,
                   machines);
    tcase_add_rows(tests, threads_use_a_quota_up_and_helpers_stay_within_it,
                   counts);
    suite_add_tcase(suite, tests);
    return suite;
}
