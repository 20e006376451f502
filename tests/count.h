/* SPDX-License-Identifier: MIT */
#ifndef TESTS_COUNT_H
#define TESTS_COUNT_H

/* How many elements an array has, as an int, which Check's loops count in. */
#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

#endif
