/* SPDX-License-Identifier: MIT */
/* What is in a file that is stored with a recipe. */
#include "stored_content.h"

#include "base64.h"
#include "dump.h"

#include <stdlib.h>
#include <string.h>

static enum problem_code take_text(struct stored_file *file, const json_t *json,
                                   struct problem *problem)
{
    file->size = json_string_length(json);
    file->bytes = malloc(file->size + 1);
    if (!file->bytes)
        return problem_no_memory(problem);
    memcpy(file->bytes, json_string_value(json), file->size);
    return PROBLEM_NONE;
}

/* The bytes of base64 of whole fours: one less for each '=' at the end. */
static size_t count_bytes(const char *text, size_t n)
{
    size_t bytes = n / 4 * 3;

    for (size_t i = 0; i < 2 && bytes > 0 && text[n - 1 - i] == '='; i++)
        bytes--;
    return bytes;
}

static enum problem_code take_base64(struct stored_file *file,
                                     const json_t *json,
                                     const struct place *place,
                                     struct problem *problem)
{
    const char *text = json_string_value(json);
    const size_t size = count_bytes(text, json_string_length(json));
    bool fine =
        json_string_length(json) % 4 == 0 && base64_is_padded(text, size);

    file->bytes = malloc(size + 1);
    if (!file->bytes)
        return problem_no_memory(problem);
    for (; fine && file->size < size; file->size++) {
        const int byte = base64_byte(text, file->size);
        fine = byte >= 0;
        file->bytes[file->size] = (char)byte;
    }
    if (fine)
        return PROBLEM_NONE;
    return problem_set(problem, PROBLEM_BAD_FIELD, place_text(place).text,
                       "This is not base64: A-Z, a-z, 0-9, + and /, with = at "
                       "the end where bytes are missing to a multiple of 3.");
}

/* White space makes the text of what is deeply nested far larger than it. */
static enum problem_code take_json(struct stored_file *file, const json_t *json,
                                   uint64_t room, struct problem *problem)
{
    struct text text = {.grows = true, .most = (size_t)room + 1};

    dump_pretty(&text, json);
    text_put(&text, "\n");
    file->bytes = text.heap;
    file->size = text.over ? text.most : text.size;
    return text.failed && !text.over ? problem_no_memory(problem)
                                     : PROBLEM_NONE;
}

enum problem_code stored_content(struct stored_file *file, json_t *json,
                                 const struct place *place, uint64_t room,
                                 struct problem *problem)
{
    const json_t *base64 = json_object_get(json, "base64");
    const struct value value = {NULL, json, place};

    if (json_is_string(json))
        return take_text(file, json, problem);
    if (json_object_size(json) == 1 && json_is_string(base64))
        return take_base64(file, base64, place, problem);
    if (json_is_object(json) || json_is_array(json))
        return take_json(file, json, room, problem);
    return value_refuse(&value,
                        "a text, {\"base64\": …}, or an object or array, which "
                        "is written as JSON",
                        problem);
}
