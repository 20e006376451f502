/* SPDX-License-Identifier: MIT */
/* Lines into fields. */
#include "fuzz_head.h"

#include "fuzz.h"

#include <string.h>

char *fuzz_head(char *text, struct api_header fields[FUZZ_FIELDS],
                size_t *count)
{
    for (*count = 0; *text;) {
        char *line = text;
        bool last = !strchr(line, '\n');
        text = fuzz_line(line);
        if (!*line)
            return last ? NULL : text;
        char *colon = strchr(line, ':');
        if (!colon || *count == FUZZ_FIELDS)
            continue;
        *colon++ = '\0';
        fields[*count].name = line;
        fields[(*count)++].value = colon + strspn(colon, " \t");
    }
    return NULL;
}
