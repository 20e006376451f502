/* SPDX-License-Identifier: MIT */
/* Recipes kept in an array. */
#include "keeper.h"

#include "drive.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, SOW_DIGEST_BYTES) == 0;
}

/* A version of a name, or with NULL its current one; NULL when not there. */
static struct keeper_document *find(struct keeper *keeper, const char *name,
                                    const uint8_t *version)
{
    for (size_t i = 0; i < keeper->count; i++) {
        struct keeper_document *document = &keeper->documents[i];
        if (strcmp(document->name, name) == 0 &&
            (version ? same(document->version, version) : document->current))
            return document;
    }
    return NULL;
}

static enum store_status ask(struct keeper *keeper)
{
    keeper->asked++;
    return keeper->fails;
}

static enum store_status current(void *self, const char *name,
                                 uint8_t version[SOW_DIGEST_BYTES])
{
    const struct keeper_document *document = find(self, name, NULL);

    if (ask(self))
        return ((struct keeper *)self)->fails;
    if (!document)
        return STORE_MISSING;
    memcpy(version, document->version, SOW_DIGEST_BYTES);
    return STORE_OK;
}

static enum store_status read_one(void *self, const char *name,
                                  const uint8_t version[SOW_DIGEST_BYTES],
                                  char **bytes, size_t *size)
{
    struct keeper *keeper = self;
    const struct keeper_document *document = find(keeper, name, version);

    keeper->reads++;
    if (ask(self))
        return ((struct keeper *)self)->fails;
    if (!document)
        return STORE_MISSING;
    *bytes = malloc(document->size + 1);
    ck_assert_ptr_nonnull(*bytes);
    memcpy(*bytes, document->bytes, document->size + 1);
    *size = document->size;
    return STORE_OK;
}

static struct keeper_document *add(struct keeper *keeper, const char *name,
                                   const void *bytes, size_t size)
{
    ck_assert_uint_lt(keeper->count, KEEPER_ROOM);
    struct keeper_document *document = &keeper->documents[keeper->count++];

    snprintf(document->name, sizeof document->name, "%s", name);
    sow_digest(bytes, size, document->version);
    document->bytes = calloc(1, size + 1);
    ck_assert_ptr_nonnull(document->bytes);
    memcpy(document->bytes, bytes, size);
    document->size = size;
    return document;
}

static enum store_status write_one(void *self, const char *name,
                                   const void *bytes, size_t size, bool create,
                                   uint8_t version[SOW_DIGEST_BYTES],
                                   bool *created)
{
    struct keeper_document *before = find(self, name, NULL);

    if (ask(self))
        return ((struct keeper *)self)->fails;
    if (create && before)
        return STORE_EXISTS;
    sow_digest(bytes, size, version);
    *created = !before;
    if (before)
        before->current = false;
    struct keeper_document *document = find(self, name, version);
    if (!document)
        document = add(self, name, bytes, size);
    document->current = true;
    return STORE_OK;
}

static enum store_status forget(void *self, const char *name)
{
    struct keeper_document *document = find(self, name, NULL);

    if (ask(self))
        return ((struct keeper *)self)->fails;
    if (!document)
        return STORE_MISSING;
    document->current = false;
    return STORE_OK;
}

static enum store_status list(void *self, store_visit *visit, void *argument)
{
    struct keeper *keeper = self;

    if (ask(keeper))
        return keeper->fails;
    for (size_t i = 0; i < keeper->count; i++) {
        const struct keeper_document *document = &keeper->documents[i];
        if (document->current &&
            !visit(argument, document->name, document->version))
            break;
    }
    return STORE_OK;
}

static enum store_status versions(void *self, const char *name,
                                  store_visit *visit, void *argument)
{
    struct keeper *keeper = self;
    enum store_status status = STORE_MISSING;

    if (ask(keeper))
        return keeper->fails;
    for (size_t i = keeper->count; i-- > 0;) {
        const struct keeper_document *document = &keeper->documents[i];
        if (strcmp(document->name, name) != 0)
            continue;
        status = STORE_OK;
        if (!visit(argument, name, document->version))
            break;
    }
    return status;
}

void keeper_init(struct keeper *keeper)
{
    *keeper = (struct keeper){.store = {keeper, current, read_one, write_one,
                                        forget, list, versions}};
}

void keeper_release(struct keeper *keeper)
{
    for (size_t i = 0; i < keeper->count; i++)
        free(keeper->documents[i].bytes);
}

struct api *keeper_api(struct keeper *keeper)
{
    struct api_config config = {.limits = drive_limits,
                                .store = keeper ? &keeper->store : NULL};

    ck_assert_int_eq(sow_init(), SOW_OK);
    ck_assert_int_eq(sow_engine_choose(NULL, &config.engine), SOW_OK);
    struct api *api = api_new(&config);
    ck_assert_ptr_nonnull(api);
    return api;
}
