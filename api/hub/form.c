/* SPDX-License-Identifier: MIT */
/* Reading forms. */
#include "hub/form.h"

#include "digits.h"

#include <string.h>
#include <strings.h>

struct form form_of(const char *bytes, size_t size)
{
    struct form form = {.at = bytes ? bytes : ""};

    form.end = form.at + (bytes ? size : 0);
    return form;
}

/* The byte at 'form->at', decoded, which moves past it. */
static char decode(struct form *form)
{
    char c = *form->at++;

    if (c == '%' && form->end - form->at >= 2 && digits_escape(form->at) >= 0) {
        c = (char)digits_escape(form->at);
        form->at += 2;
    }
    return c == '+' && form->at[-1] == '+' ? ' ' : c;
}

/* Read up to 'stop', or the end of the pair. */
static void read(struct form *form, char stop, char text[FORM_TEXT])
{
    size_t n = 0;

    while (form->at < form->end && *form->at != stop && *form->at != '&') {
        char c = decode(form);
        if (n < FORM_TEXT)
            text[n] = c;
        n++;
    }
    text[n < FORM_TEXT ? n : 0] = '\0';
}

bool form_next(struct form *form)
{
    if (form->at == form->end)
        return false;
    form->value[0] = '\0';
    read(form, '=', form->name);
    if (form->at < form->end && *form->at == '=') {
        form->at++;
        read(form, '&', form->value);
    }
    if (form->at < form->end)
        form->at++;
    return true;
}

bool form_find(const char *query, const char *name, char value[FORM_TEXT])
{
    struct form form = form_of(query, query ? strlen(query) : 0);

    while (form_next(&form))
        if (!strcmp(form.name, name)) {
            memcpy(value, form.value, FORM_TEXT);
            return true;
        }
    return false;
}

bool form_is_yes(const char *value)
{
    return value[0] != '\0' && strcmp(value, "0") != 0 &&
           strcasecmp(value, "false") != 0;
}
