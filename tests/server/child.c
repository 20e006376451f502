/* SPDX-License-Identifier: MIT */
#include "child.h"

#include <check.h>
#include <sys/wait.h>

void in_child(void (*body)(void))
{
    int status;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0) {
        body();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "a signal ended the child: %d", status);
    ck_assert_msg(WEXITSTATUS(status) == 0, "line %d (modulo 256) is not so",
                  WEXITSTATUS(status));
}
