/* SPDX-License-Identifier: MIT */
/* A growing buffer with a cap of its own and one that all share. */
#include "upload.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 4096
#define READ_ON 8 /* times the cap */

void upload_init(struct upload *upload, uint64_t cap,
                 struct upload_budget *budget)
{
    *upload = (struct upload){.cap = cap, .budget = budget};
}

void upload_release(struct upload *upload)
{
    free(upload->bytes);
    atomic_fetch_sub(&upload->budget->held, upload->room);
    upload->bytes = NULL;
    upload->size = 0;
    upload->room = 0;
}

static enum upload_state drop(struct upload *upload, enum upload_state why)
{
    upload_release(upload);
    upload->state = why;
    return why;
}

void upload_discard(struct upload *upload)
{
    drop(upload, UPLOAD_TOO_LARGE);
}

/* Make room for 'size' bytes, at least doubling it. */
static enum upload_state grow(struct upload *upload, size_t size)
{
    size_t room = upload->room == 0 ? FIRST_ROOM : upload->room;
    while (room < size)
        room *= 2;
    uint64_t more = room - upload->room;
    uint64_t before = atomic_fetch_add(&upload->budget->held, more);
    char *bytes = NULL;
    if (before + more <= upload->budget->limit)
        bytes = realloc(upload->bytes, room);
    if (bytes == NULL) {
        atomic_fetch_sub(&upload->budget->held, more);
        return drop(upload, UPLOAD_NO_ROOM);
    }
    upload->bytes = bytes;
    upload->room = room;
    return UPLOAD_FITS;
}

/* Keep 'n' bytes that are within the cap. */
static enum upload_state keep(struct upload *upload, const void *bytes,
                              size_t n)
{
    if (n > upload->room - upload->size &&
        grow(upload, upload->size + n) != UPLOAD_FITS)
        return upload->state;
    memcpy(upload->bytes + upload->size, bytes, n);
    upload->size += n;
    return UPLOAD_FITS;
}

bool upload_worth_reading(const struct upload *upload, uint64_t n)
{
    return n / READ_ON <= upload->cap;
}

enum upload_state upload_add(struct upload *upload, const void *bytes, size_t n)
{
    upload->seen += n;
    if (upload->state == UPLOAD_FITS && upload->seen <= upload->cap)
        return keep(upload, bytes, n);
    if (upload->state == UPLOAD_FITS)
        drop(upload, UPLOAD_TOO_LARGE);
    if (!upload_worth_reading(upload, upload->seen))
        upload->state = UPLOAD_ENDLESS;
    return upload->state;
}
