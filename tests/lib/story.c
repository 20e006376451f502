/* SPDX-License-Identifier: MIT */
#include "story.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "help.h"

void story_say(struct story *story, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    story->used +=
        (size_t)vsnprintf(story->text + story->used,
                          sizeof story->text - story->used, format, values);
    va_end(values);
    ck_assert_uint_lt(story->used, sizeof story->text);
}

void story_tell(struct story *story, const struct sow_layer_tensor *tensor)
{
    const struct sow_scheme *scheme = &tensor->scheme;
    const char *dot = strrchr(scheme->info->name, '.');

    story_say(story, "%s ", tensor->name);
    for (uint32_t i = 0; i < tensor->shape.rank; i++)
        story_say(story, "%s%llu", i == 0 ? "" : "x",
                  (unsigned long long)tensor->shape.dims[i]);
    story_say(story, " %s", dot == NULL ? scheme->info->name : dot + 1);
    for (uint32_t i = 0; i < scheme->info->parameter_count; i++)
        story_say(story, " %.6g", scheme->values[i]);
    story_say(story, "; ");
}
