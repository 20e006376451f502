/* SPDX-License-Identifier: MIT */
/* The one file that knows libseccomp: the system calls that serving takes. */
#include "sandbox.h"

#include "log.h"

#include <string.h>

/* Address sanitizers look for leaks, at the end, by forbidden means. */
#if defined(__has_feature) && !defined(__SANITIZE_ADDRESS__)
#if __has_feature(address_sanitizer) /* as clang says it */
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#if __has_include(<seccomp.h>) && !defined(__SANITIZE_ADDRESS__)

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define CALL(name) SCMP_SYS(name)

static const int allowed[] = {
    /* connections */
    CALL(accept),
    CALL(accept4),
    CALL(recvfrom),
    CALL(recvmsg),
    CALL(sendto),
    CALL(sendmsg),
    CALL(sendfile),
    CALL(shutdown),
    CALL(getsockopt),
    CALL(setsockopt),
    CALL(getsockname),
    CALL(getpeername),
    CALL(connect),
    /* waiting */
    CALL(epoll_create1),
    CALL(epoll_ctl),
    CALL(epoll_wait),
    CALL(epoll_pwait),
    CALL(poll),
    CALL(ppoll),
    CALL(select),
    CALL(pselect6),
    CALL(eventfd2),
    CALL(nanosleep),
    CALL(clock_nanosleep),
    CALL(clock_gettime),
    CALL(clock_getres),
    CALL(gettimeofday),
    CALL(time),
    CALL(restart_syscall),
    /* files */
    CALL(read),
    CALL(readv),
    CALL(pread64),
    CALL(write),
    CALL(writev),
    CALL(pwrite64),
    CALL(close),
    CALL(open),
    CALL(openat),
    CALL(fstat),
    CALL(stat),
    CALL(lstat),
    CALL(newfstatat),
    CALL(statx),
    CALL(lseek),
    CALL(getdents64),
    CALL(fsync),
    CALL(fdatasync),
    CALL(ftruncate),
    CALL(fallocate),
    CALL(flock),
    CALL(fcntl),
    CALL(dup),
    CALL(dup2),
    CALL(dup3),
    CALL(mkdir),
    CALL(mkdirat),
    CALL(rename),
    CALL(renameat),
    CALL(renameat2),
    CALL(linkat),
    CALL(unlink),
    CALL(unlinkat),
    CALL(rmdir),
    CALL(access),
    CALL(faccessat),
    CALL(faccessat2),
    CALL(readlink),
    CALL(readlinkat),
    CALL(utimensat),
    CALL(fchmod),
    /* memory */
    CALL(brk),
    CALL(munmap),
    CALL(mremap),
    CALL(madvise),
    /* threads and signals */
    CALL(futex),
    CALL(set_robust_list),
    CALL(rseq),
    CALL(membarrier),
    CALL(sched_yield),
    CALL(sched_getaffinity),
    CALL(getcpu),
    CALL(gettid),
    CALL(getpid),
    CALL(tgkill),
    CALL(sigaltstack),
    CALL(rt_sigaction),
    CALL(rt_sigprocmask),
    CALL(rt_sigreturn),
    CALL(rt_sigtimedwait),
    CALL(rt_sigpending),
    CALL(exit),
    CALL(exit_group),
    /* about the process */
    CALL(getuid),
    CALL(geteuid),
    CALL(getgid),
    CALL(getegid),
    CALL(getrandom),
    CALL(getrusage),
    CALL(prlimit64),
    CALL(getrlimit),
    CALL(sysinfo),
    CALL(uname),
};

/* Allow 'call' when its argument 'i', of the bits 'mask', is 'value'. */
static int allow_if(scmp_filter_ctx filter, int call, unsigned i, uint64_t mask,
                    uint64_t value)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
                            SCMP_CMP(i, SCMP_CMP_MASKED_EQ, mask, value));
}

/*
 * Memory but not for code, threads but not processes, sockets but to tell
 * systemd.  clone3() hides what it is asked; the C library then takes clone().
 */
static int allow_some(scmp_filter_ctx filter)
{
    int error = allow_if(filter, CALL(mmap), 2, PROT_EXEC, 0);
    if (error == 0)
        error = allow_if(filter, CALL(mprotect), 2, PROT_EXEC, 0);
    if (error == 0)
        error = allow_if(filter, CALL(clone), 0, CLONE_THREAD, CLONE_THREAD);
    if (error == 0)
        error = allow_if(filter, CALL(socket), 0, UINT32_MAX, AF_UNIX);
    if (error == 0)
        error =
            seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0);
    return error;
}

/* A call that this machine doesn't have is none that could be made. */
static int allow_all(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        int error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
        if (error != 0 && error != -EDOM)
            return error;
    }
    return allow_some(filter);
}

/* Returns 0 or the negative number of an error. */
static int filter_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL)
        return -ENOMEM;
    int error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (error == 0)
        error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (error == 0)
        error = allow_all(filter);
    if (error == 0)
        error = seccomp_load(filter);
    seccomp_release(filter);
    return error;
}

#else

#include <errno.h>

static int filter_calls(void)
{
    return -ENOSYS; /* built without it */
}

#endif

bool sandbox_calls(void)
{
    int error = filter_calls();
    if (error != 0)
        log_line(LEVEL_WARN, "sandbox: no filter of system calls here: %s",
                 strerror(-error));
    return error == 0;
}
