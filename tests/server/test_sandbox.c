/* SPDX-License-Identifier: MIT */
/*
 * What a process can and can't do in the sandbox.  Each test locks up a child
 * of its own, which tries and exits with the line of what was not so.  Where
 * a kernel or container lacks a lock there is nothing to try, and it says so.
 */
#include "child.h"
#include "rows.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

static char folder[] = "/tmp/sow-sandbox-XXXXXX";
static char file[64], renamed[64];

static void make_folder(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/file", folder);
    snprintf(renamed, sizeof renamed, "%s/renamed", folder);
}

static void remove_folder(void)
{
    rmdir(folder);
}

/* 0 when 'path' opens, else why not. */
static int refusal(const char *path, int flags)
{
    int fd = open(path, flags, 0600);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

/* Whether a lock is in force; the lack of one is told of. */
static bool locked(bool in_force, const char *what)
{
    if (!in_force) {
        printf("skipped: no %s here\n", what);
        fflush(stdout);
    }
    return in_force;
}

static bool lock_calls(void)
{
    return locked(sandbox_calls(), "filter of system calls");
}

static bool lock_files(void)
{
    const struct sandbox_path paths[] = {
        {folder, SANDBOX_WRITE},
        {NULL, SANDBOX_WRITE},
        {"/tmp/sow-is-not-there", SANDBOX_READ}};

    return locked(sandbox_files(paths, 3), "Landlock");
}

/* ------------------------------------------------------------------------
 * Files
 */

static void open_files_of_others(void)
{
    if (!lock_files())
        return;
    EXPECT(refusal("/etc/passwd", O_RDONLY) == EACCES);
    EXPECT(refusal("/proc/1/environ", O_RDONLY) != 0);
    EXPECT(refusal("/tmp/sow-new", O_WRONLY | O_CREAT) == EACCES);
    EXPECT(rmdir(folder) < 0 && errno == EACCES); /* it is its parent's */
}

static void use_named_folder(void)
{
    if (!lock_files())
        return;
    EXPECT(refusal(file, O_RDWR | O_CREAT | O_TRUNC) == 0);
    EXPECT(rename(file, renamed) == 0);
    EXPECT(link(renamed, file) == 0);
    EXPECT(unlink(file) == 0);
    EXPECT(unlink(renamed) == 0);
    EXPECT(refusal("/proc/self/statm", O_RDONLY) == 0);
}

/* A file that is replaced by moving another one over it. */
static void read_replaced(void)
{
    const struct sandbox_path paths[] = {{file, SANDBOX_REPLACED}};

    EXPECT(refusal(file, O_RDWR | O_CREAT) == 0);
    EXPECT(refusal(renamed, O_RDWR | O_CREAT) == 0);
    EXPECT(unlink(file) == 0 && rename(renamed, file) == 0);
    bool locked = sandbox_files(paths, 1);
    EXPECT(refusal(file, O_RDONLY) == 0);
    EXPECT(!locked || refusal(file, O_WRONLY) == EACCES);
    EXPECT(!locked || refusal("/etc/passwd", O_RDONLY) == EACCES);
}

START_TEST(files_of_others_do_not_open)
{
    in_child(open_files_of_others);
}
END_TEST

START_TEST(named_folders_can_be_used)
{
    in_child(use_named_folder);
}
END_TEST

START_TEST(files_may_be_replaced)
{
    in_child(read_replaced);
    ck_assert_int_eq(unlink(file), 0);
}
END_TEST

/* ------------------------------------------------------------------------
 * System calls
 */

static void start_program(void)
{
    char *const program[] = {"/bin/true", NULL};

    if (!lock_calls())
        return;
    execv(program[0], program);
    EXPECT(errno == EPERM); /* and it came back */
    EXPECT(fork() < 0 && errno == EPERM);
}

static void reach_out(void)
{
    if (!lock_calls())
        return;
    EXPECT(ptrace(PTRACE_ATTACH, getppid(), 0, 0) < 0 && errno == EPERM);
    EXPECT(socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EPERM);
    EXPECT(kill(getppid(), SIGTERM) < 0 && errno == EPERM);
}

static void make_code(void)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS;

    if (!lock_calls())
        return;
    void *block = mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags, -1, 0);
    EXPECT(block != MAP_FAILED);
    EXPECT(mprotect(block, 4096, PROT_READ | PROT_EXEC) < 0 && errno == EPERM);
    EXPECT(mmap(NULL, 4096, PROT_READ | PROT_EXEC, flags, -1, 0) ==
               MAP_FAILED &&
           errno == EPERM);
}

static void *work(void *argument)
{
    void *block = malloc((size_t)1 << 20);

    *(bool *)argument = block != NULL;
    free(block);
    return NULL;
}

/* A thread that was there before is locked up with the others. */
static void *try_later(void *argument)
{
    char *const program[] = {"/bin/true", NULL};

    pthread_barrier_wait(argument);
    execv(program[0], program);
    EXPECT(errno == EPERM);
    return NULL;
}

static void use_threads(void)
{
    bool worked = false;
    pthread_t before, after;
    pthread_barrier_t locked;

    EXPECT(pthread_barrier_init(&locked, NULL, 2) == 0);
    EXPECT(pthread_create(&before, NULL, try_later, &locked) == 0);
    if (!lock_calls())
        return;
    pthread_barrier_wait(&locked);
    EXPECT(pthread_join(before, NULL) == 0);
    EXPECT(pthread_create(&after, NULL, work, &worked) == 0);
    EXPECT(pthread_join(after, NULL) == 0);
    EXPECT(worked);
}

START_TEST(no_program_starts)
{
    in_child(start_program);
}
END_TEST

START_TEST(other_processes_are_out_of_reach)
{
    in_child(reach_out);
}
END_TEST

START_TEST(memory_does_not_become_code)
{
    in_child(make_code);
}
END_TEST

START_TEST(threads_are_locked_up_and_go_on)
{
    in_child(use_threads);
}
END_TEST

Suite *sandbox_suite(void);
Suite *sandbox_suite(void)
{
    TCase *tests = tcase_create("sandbox");
    Suite *suite = suite_create("server/sandbox");

    tcase_add_unchecked_fixture(tests, make_folder, remove_folder);
    tcase_add_test(tests, files_of_others_do_not_open);
    tcase_add_test(tests, named_folders_can_be_used);
    tcase_add_test(tests, files_may_be_replaced);
    tcase_add_test(tests, no_program_starts);
    tcase_add_test(tests, other_processes_are_out_of_reach);
    tcase_add_test(tests, memory_does_not_become_code);
    tcase_add_test(tests, threads_are_locked_up_and_go_on);
    suite_add_tcase(suite, tests);
    return suite;
}
