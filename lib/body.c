/* SPDX-License-Identifier: MIT */
/* Bodies: segments read as one. */
#include <string.h>

#include "sow.h"

static uint64_t segment_size(const struct sow_segment *segment)
{
    return segment->tensor != NULL ? segment->tensor->size : segment->size;
}

enum sow_status sow_body_init(struct sow_body *body,
                              struct sow_segment *segments, size_t count)
{
    uint64_t size = 0;

    for (size_t i = 0; i < count; i++) {
        if (segment_size(&segments[i]) > INT64_MAX - size)
            return SOW_BAD_SHAPE;
        size += segment_size(&segments[i]);
    }
    body->segments = segments;
    body->count = count;
    body->size = 0;
    for (size_t i = 0; i < count; i++) {
        segments[i].size = segment_size(&segments[i]);
        segments[i].start = body->size;
        body->size += segments[i].size;
    }
    return SOW_OK;
}

/* The last segment that starts at or before 'pos'. */
static size_t find(const struct sow_body *body, uint64_t pos)
{
    size_t low = 0;
    size_t high = body->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (body->segments[middle].start <= pos)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static enum sow_status read_segment(const struct sow_engine *engine,
                                    const struct sow_segment *segment,
                                    uint64_t pos, void *buf, size_t n)
{
    if (segment->tensor != NULL)
        return sow_tensor_read(engine, segment->tensor, pos, buf, n);
    if (n > 0)
        memcpy(buf, (const uint8_t *)segment->bytes + pos, n);
    return SOW_OK;
}

enum sow_status sow_body_read(const struct sow_engine *engine,
                              const struct sow_body *body, uint64_t pos,
                              void *buf, size_t n)
{
    uint8_t *out = buf;

    if (pos > body->size || n > body->size - pos)
        return SOW_BAD_RANGE;
    for (size_t i = n > 0 ? find(body, pos) : 0; n > 0; i++) {
        const struct sow_segment *segment = &body->segments[i];
        uint64_t from = pos - segment->start;
        uint64_t left = segment->size - from;
        size_t take = n < left ? n : (size_t)left;
        enum sow_status status = read_segment(engine, segment, from, out, take);

        if (status != SOW_OK)
            return status;
        out += take;
        pos += take;
        n -= take;
    }
    return SOW_OK;
}
