/* SPDX-License-Identifier: MIT */
/* Signals are waited for, never handled: no code runs inside a handler. */
#include "process.h"

#include "quota.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

static sigset_t stop_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

void process_prepare(void)
{
    sigset_t set = stop_signals();
    struct rlimit files;
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

uint64_t process_files(void)
{
    struct rlimit files;
    return getrlimit(RLIMIT_NOFILE, &files) == 0 ? files.rlim_cur : 0;
}

/* Wait for a signal of 'set'; its number, or what isn't positive for none. */
static int wait_for(const sigset_t *set, int milliseconds)
{
    struct timespec limit = {.tv_sec = milliseconds / 1000,
                             .tv_nsec = milliseconds % 1000 * 1000000L};
    int got;
    do
        got = sigtimedwait(set, NULL, &limit);
    while (got < 0 && errno == EINTR);
    return got;
}

enum process_event process_wait(int milliseconds)
{
    sigset_t set = stop_signals();
    sigaddset(&set, SIGHUP);
    int got = wait_for(&set, milliseconds);
    if (got == SIGHUP)
        return PROCESS_RELOAD;
    return got > 0 ? PROCESS_STOP : PROCESS_NOTHING;
}

bool process_stop_asked(int milliseconds)
{
    sigset_t set = stop_signals();
    return wait_for(&set, milliseconds) > 0;
}

void process_give_back(void)
{
    malloc_trim(0);
}

static unsigned count_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? (unsigned)count : 1;
}

unsigned process_cpus(void)
{
    return quota_threads(count_processors(), quota_read(""));
}

unsigned process_helpers(void)
{
    return quota_helpers(count_processors(), quota_read(""));
}
