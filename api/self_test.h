/* SPDX-License-Identifier: MIT */
/*
 * Whether this machine computes what it should: a wrong engine, compiler or
 * processor would change everybody's weights without a word.  Known answers of
 * every generator, some milliseconds of work, once.
 */
#ifndef SELF_TEST_H
#define SELF_TEST_H

#include "api.h"

#include <stdatomic.h>

enum self_test_state {
    SELF_TEST_NONE, /* not run yet, or short of memory */
    SELF_TEST_RUNNING,
    SELF_TEST_PASSED,
    SELF_TEST_FAILED,
};

/* 'failed' and 'scheme' name the first answer that was wrong, once it failed.
 */
struct self_test {
    atomic_int state;
    const char *failed, *scheme;
};

/*
 * Run the test unless somebody has, or does; any thread.  Returns the state,
 * which may be SELF_TEST_RUNNING, on another thread.
 */
enum self_test_state self_test_run(struct api *api);

/* The generator of known answer 'i', or NULL past the last. */
const char *self_test_generator(size_t i);

#endif
