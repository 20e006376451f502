/* SPDX-License-Identifier: MIT */
#ifndef COUNT_H
#define COUNT_H

/* How many elements an array has; not for what is a pointer. */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
