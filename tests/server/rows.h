/* SPDX-License-Identifier: MIT */
/* Tests that run once for each row of a table. */
#ifndef ROWS_H
#define ROWS_H

#include <check.h>

/* Add 'test', which reads 'table[_i]', for every row. */
#define tcase_add_rows(tests, test, table) \
    tcase_add_loop_test(tests, test, 0, (int)(sizeof table / sizeof *table))

#endif
