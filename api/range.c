/* SPDX-License-Identifier: MIT */
/* Entity tags and byte ranges. */
#include "range.h"

#include "digits.h"
#include "head.h"

#include <string.h>
#include <strings.h>

/* Is the entity tag of 'n' bytes 'etag', or weakly, 'etag' or W/'etag'? */
static bool tag_is(const char *tag, size_t n, const char *etag, bool weakly)
{
    if (weakly && n > 2 && !memcmp(tag, "W/", 2)) {
        tag += 2;
        n -= 2;
    }
    return n == strlen(etag) && !memcmp(tag, etag, n);
}

/*
 * The end of the tag in 'list' that begins at 'at', or NULL when there is
 * none.  A backslash in a tag is a character as any other, unlike in a quoted
 * string, so head_list won't do.
 */
static const char *tag_end(const char *at)
{
    const char *quote = strncmp(at, "W/", 2) ? at : at + 2;

    if (*quote != '"')
        return NULL;
    quote = strchr(quote + 1, '"');
    return quote ? quote + 1 : NULL;
}

/* Does a list of entity tags, or "*", hold 'etag'? */
static bool list_holds(const char *list, const char *etag, bool weakly)
{
    const char *end;

    if (!strcmp(list + strspn(list, " \t"), "*"))
        return true;
    for (;; list = end) {
        list += strspn(list, " \t,");
        end = tag_end(list);
        if (!end)
            return false;
        if (tag_is(list, (size_t)(end - list), etag, weakly))
            return true;
    }
}

static bool any_holds(const struct api_request *request, const char *name,
                      const char *etag, bool weakly)
{
    const char *list;

    for (size_t i = 0; (list = head_next(request, name, &i));)
        if (list_holds(list, etag, weakly))
            return true;
    return false;
}

enum condition condition_evaluate(const struct api_request *request,
                                  const char *etag, bool safe)
{
    if (head_value(request, "If-Match") &&
        !any_holds(request, "If-Match", etag, false))
        return CONDITION_FAILED;
    if (!any_holds(request, "If-None-Match", etag, true))
        return CONDITION_GO_ON;
    return safe ? CONDITION_NOT_MODIFIED : CONDITION_FAILED;
}

static const char *blanks(const char *text)
{
    return text + strspn(text, " \t");
}

/* "first-last", "first-" or "-count", as they stand. */
struct wish {
    bool has_first, has_last;
    uint64_t first, last;
};

/* Read the one range in 'text'; false when that isn't what it is. */
static bool wish_parse(const char *text, struct wish *wish)
{
    if (strncasecmp(text, "bytes=", 6) != 0)
        return false;
    text = blanks(text + 6);
    size_t n = digits_read(text, &wish->first);
    wish->has_first = n > 0;
    text += n;
    if (*text++ != '-')
        return false;
    n = digits_read(text, &wish->last);
    wish->has_last = n > 0;
    if (*blanks(text + n) || (!wish->has_first && !wish->has_last))
        return false;
    return !wish->has_first || !wish->has_last || wish->first <= wish->last;
}

/*
 * The last 'count' bytes of 'size'.  The last few of none are none, which a
 * Content-Range can't say, so they are sent as a whole.
 */
static enum range_kind grant_suffix(uint64_t count, uint64_t size,
                                    struct range *range)
{
    if (count == 0)
        return RANGE_UNSATISFIABLE;
    range->size = count < size ? count : size;
    range->first = size - range->size;
    return size > 0 ? RANGE_PART : RANGE_WHOLE;
}

/* What 'wish' comes to for 'size' bytes. */
static enum range_kind grant(const struct wish *wish, uint64_t size,
                             struct range *range)
{
    uint64_t last = size - 1;

    *range = (struct range){0, 0};
    if (!wish->has_first)
        return grant_suffix(wish->last, size, range);
    if (wish->first >= size)
        return RANGE_UNSATISFIABLE;
    if (wish->has_last && wish->last < last)
        last = wish->last;
    *range = (struct range){wish->first, last - wish->first + 1};
    return RANGE_PART;
}

enum range_kind range_evaluate(const struct api_request *request,
                               const char *etag, uint64_t size,
                               struct range *range)
{
    size_t i = 0;
    const char *field = head_next(request, "Range", &i);
    const char *condition = head_value(request, "If-Range");
    struct wish wish;

    *range = (struct range){0, size};
    if (!field || head_next(request, "Range", &i))
        return RANGE_WHOLE;
    if (condition && strcmp(condition, etag) != 0)
        return RANGE_WHOLE;
    if (!wish_parse(field, &wish))
        return RANGE_WHOLE;
    return grant(&wish, size, range);
}
