/* SPDX-License-Identifier: MIT */
/* What changes a process for good is tried in a child of its own. */
#ifndef CHILD_H
#define CHILD_H

#include <unistd.h>

/* Leave the child with the number of this line unless 'holds'. */
#define EXPECT(holds)        \
    do {                     \
        if (!(holds))        \
            _exit(__LINE__); \
    } while (0)

/* Run 'body' in a child; the test fails unless all was as it EXPECTs. */
void in_child(void (*body)(void));

#endif
