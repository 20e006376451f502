/* SPDX-License-Identifier: MIT */
/*
 * Range and If-Range, on the first two lines; the third is the size of the
 * representation.
 */
#include "fuzz.h"

#include "digits.h"
#include "range.h"

#include <inttypes.h>
#include <string.h>

#define TAG "\"tag\""

static void check_wish(const char *field, uint64_t size,
                       const struct range *range)
{
    uint64_t first, last;
    char end;

    if (sscanf(field, "bytes=%" SCNu64 "-%" SCNu64 "%c", &first, &last, &end) !=
            2 ||
        strspn(field + 6, "0123456789-") != strlen(field + 6) || first > last ||
        first >= size || last == UINT64_MAX)
        return;
    MUST(range->first == first, "%s", field);
    MUST(range->size == (last < size ? last : size - 1) - first + 1, "%s",
         field);
}

static void check(enum range_kind kind, const struct range *range,
                  uint64_t size)
{
    MUST(range->first <= size, "%" PRIu64, range->first);
    MUST(range->size <= size - range->first, "%" PRIu64, range->size);
    if (kind == RANGE_WHOLE)
        MUST(range->size == size, "%" PRIu64, range->size);
    if (kind == RANGE_PART)
        MUST(range->size > 0, "%" PRIu64, size);
    if (kind == RANGE_UNSATISFIABLE)
        MUST(range->size == 0, "%" PRIu64, range->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    char *condition = fuzz_line(text);
    char *number = fuzz_line(condition);
    struct api_header headers[] = {{"Range", text}, {"If-Range", condition}};
    struct api_request request = {.headers = headers, .header_count = 1};
    struct range range, other;
    uint64_t bytes = 0;

    digits_read(number, &bytes);
    enum range_kind kind = range_evaluate(&request, TAG, bytes, &range);
    check(kind, &range, bytes);
    if (kind == RANGE_PART)
        check_wish(text, bytes, &range);
    request.header_count = 2;
    enum range_kind with = range_evaluate(&request, TAG, bytes, &other);
    if (strcmp(condition, TAG) != 0)
        MUST(with == RANGE_WHOLE, "%s", condition);
    else
        MUST(with == kind && other.first == range.first, "%s", text);
    free(text);
    return 0;
}
