/* SPDX-License-Identifier: MIT */
/*
 * Between a program and the system: calls that fail when told to.  Preloaded
 * (LD_PRELOAD), it maps the file that EDGES names and, of the calls of the kind
 * that is said there, lets the 'left'-th fail: with 'error', or when that is 0
 * by doing only a part.  test_faults.py writes that file.
 *
 * What isn't a file, a socket or standard error (event counters, epoll) never
 * fails: nor does it in a kernel.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The order of KINDS in test_faults.py, from 1. */
enum kind {
    NONE,
    OPEN,
    READ,
    WRITE,
    SYNC,
    RENAME,
    LINK,
    MKDIR,
    ACCEPT,
    RECEIVE,
    SEND,
    THREAD,
    MEMORY
};

struct edges {
    _Atomic int kind;
    _Atomic int error;
    _Atomic long left;
    _Atomic long fired;
};

static struct edges *edges;

__attribute__((constructor)) static void start(void)
{
    const char *name = getenv("EDGES");
    int file = name ? open(name, O_RDWR | O_CLOEXEC) : -1;

    if (file < 0)
        return;
    void *map =
        mmap(NULL, sizeof *edges, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (map != MAP_FAILED)
        edges = map;
}

/* Is this the call that fails?  Then errno is set. */
static bool fails(enum kind kind)
{
    if (!edges || atomic_load(&edges->kind) != (int)kind ||
        atomic_fetch_sub(&edges->left, 1) != 1)
        return false;
    atomic_fetch_add(&edges->fired, 1);
    errno = atomic_load(&edges->error);
    return true;
}

static bool is_file(int fd)
{
    struct stat status;

    return fd == STDERR_FILENO ||
           (fstat(fd, &status) == 0 &&
            (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)));
}

/* A part of 'n', where it has parts. */
static size_t part(size_t n)
{
    return n > 1 ? n / 2 : n;
}

/* The next definition of the function that has this name here. */
#define NEXT(name)                 \
    static __typeof__(&name) next; \
    if (!next)                     \
        *(void **)&next = dlsym(RTLD_NEXT, #name);

ssize_t read(int fd, void *buf, size_t n)
{
    NEXT(read)
    if (!is_file(fd) || !fails(READ))
        return next(fd, buf, n);
    return errno ? -1 : next(fd, buf, part(n));
}

ssize_t pread(int fd, void *buf, size_t n, off_t at)
{
    NEXT(pread)
    if (!fails(READ))
        return next(fd, buf, n, at);
    return errno ? -1 : next(fd, buf, part(n), at);
}

ssize_t write(int fd, const void *buf, size_t n)
{
    NEXT(write)
    if (!is_file(fd) || !fails(WRITE))
        return next(fd, buf, n);
    return errno ? -1 : next(fd, buf, part(n));
}

ssize_t recv(int fd, void *buf, size_t n, int flags)
{
    NEXT(recv)
    if (!fails(RECEIVE))
        return next(fd, buf, n, flags);
    return errno ? -1 : next(fd, buf, part(n), flags);
}

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
    NEXT(send)
    if (!fails(SEND))
        return next(fd, buf, n, flags);
    return errno ? -1 : next(fd, buf, part(n), flags);
}

/* Its parts are many: it fails wholly, or not at all. */
ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    NEXT(sendmsg)
    return fails(SEND) && errno ? -1 : next(fd, message, flags);
}

int openat(int folder, const char *name, int flags, ...)
{
    NEXT(openat)
    va_list arguments;

    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return fails(OPEN) ? -1 : next(folder, name, flags, mode);
}

int fsync(int fd)
{
    NEXT(fsync)
    return fails(SYNC) ? -1 : next(fd);
}

int renameat(int from, const char *name, int to, const char *other)
{
    NEXT(renameat)
    return fails(RENAME) ? -1 : next(from, name, to, other);
}

int linkat(int from, const char *name, int to, const char *other, int flags)
{
    NEXT(linkat)
    return fails(LINK) ? -1 : next(from, name, to, other, flags);
}

int mkdirat(int folder, const char *name, mode_t mode)
{
    NEXT(mkdirat)
    return fails(MKDIR) ? -1 : next(folder, name, mode);
}

int accept4(int fd, __SOCKADDR_ARG address, socklen_t *size, int flags)
{
    NEXT(accept4)
    return fails(ACCEPT) ? -1 : next(fd, address, size, flags);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*run)(void *), void *argument)
{
    NEXT(pthread_create)
    return fails(THREAD) ? errno : next(thread, attributes, run, argument);
}

void *malloc(size_t size)
{
    NEXT(malloc)
    return fails(MEMORY) ? NULL : next(size);
}

void *calloc(size_t count, size_t size)
{
    NEXT(calloc)
    return fails(MEMORY) ? NULL : next(count, size);
}

void *realloc(void *old, size_t size)
{
    NEXT(realloc)
    return fails(MEMORY) ? NULL : next(old, size);
}
