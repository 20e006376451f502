/* SPDX-License-Identifier: MIT */
/* A store in memory. */
#include "shop.h"

#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOOKS 64

struct api *shop;
atomic_uint shop_reads;

/* Versions of names, the oldest first; the last 'current' one counts. */
static struct book {
    char name[64];
    char *bytes;
    uint8_t version[SOW_DIGEST_BYTES];
    bool current;
} books[BOOKS];
static size_t book_count;

static enum store_status current(void *self, const char *name,
                                 uint8_t version[SOW_DIGEST_BYTES])
{
    (void)self;
    for (size_t i = book_count; i-- > 0;)
        if (books[i].current && !strcmp(books[i].name, name)) {
            memcpy(version, books[i].version, SOW_DIGEST_BYTES);
            return STORE_OK;
        }
    return STORE_MISSING;
}

static enum store_status read(void *self, const char *name,
                              const uint8_t version[SOW_DIGEST_BYTES],
                              char **bytes, size_t *size)
{
    (void)self;
    shop_reads++;
    for (size_t i = 0; i < book_count; i++)
        if (!strcmp(books[i].name, name) &&
            !memcmp(books[i].version, version, SOW_DIGEST_BYTES)) {
            *bytes = strdup(books[i].bytes);
            *size = strlen(books[i].bytes);
            return STORE_OK;
        }
    return STORE_MISSING;
}

static enum store_status list(void *self, store_visit *visit, void *argument)
{
    (void)self;
    for (size_t i = 0; i < book_count; i++)
        if (books[i].current)
            visit(argument, books[i].name, books[i].version);
    return STORE_OK;
}

static enum store_status versions(void *self, const char *name,
                                  store_visit *visit, void *argument)
{
    enum store_status status = STORE_MISSING;

    (void)self;
    for (size_t i = book_count; i-- > 0;)
        if (!strcmp(books[i].name, name)) {
            visit(argument, name, books[i].version);
            status = STORE_OK;
        }
    return status;
}

static const struct store store = {
    .current = current, .read = read, .list = list, .versions = versions};

void shop_remove(const char *name)
{
    for (size_t i = 0; i < book_count; i++)
        if (!strcmp(books[i].name, name))
            books[i].current = false;
}

void shop_put(const char *name, const char *document)
{
    struct book *book = &books[book_count++];

    ck_assert_uint_le(book_count, BOOKS);
    shop_remove(name);
    snprintf(book->name, sizeof book->name, "%s", name);
    book->bytes = strdup(document);
    book->current = true;
    sow_digest(document, strlen(document), book->version);
}

/* ------------------------------------------------------------------------
 * The API
 */

void shop_restart(const struct api_limits *limits)
{
    struct api_config config = {.limits = *limits, .store = &store};

    api_free(shop);
    ck_assert_int_eq(sow_init(), SOW_OK);
    ck_assert_int_eq(sow_engine_choose(NULL, &config.engine), SOW_OK);
    shop = api_new(&config);
    ck_assert_ptr_nonnull(shop);
}

void shop_setup(void)
{
    shop_restart(&drive_limits);
    shop_put(SHOP_NAME, SHOP_RECIPE(""));
}

void shop_teardown(void)
{
    api_free(shop);
    shop = NULL;
    for (size_t i = 0; i < book_count; i++)
        free(books[i].bytes);
    book_count = 0;
    shop_reads = 0;
}

static struct answer ask(const char *method, const char *target,
                         const char *headers, unsigned status)
{
    struct answer answer = drive(shop, method, target, headers, NULL);

    ck_assert_msg(answer.status == status, "%s %s is %u, not %u: %s", method,
                  target, answer.status, status,
                  answer.body ? answer.body : "");
    return answer;
}

struct answer shop_get(const char *target, const char *headers, unsigned status)
{
    return ask("GET", target, headers, status);
}

struct answer shop_head(const char *target, const char *headers,
                        unsigned status)
{
    return ask("HEAD", target, headers, status);
}

json_t *shop_json(const char *target)
{
    struct answer answer = shop_get(target, NULL, 200);
    json_t *json = json_loads(answer.body, JSON_REJECT_DUPLICATES, NULL);

    answer_expect(&answer, "Content-Type", "application/json");
    ck_assert_msg(json, "%s is no JSON: %s", target, answer.body);
    answer_release(&answer);
    return json;
}

const char *shop_commit(const char *name, const char *revision)
{
    static char commits[16][48];
    static unsigned next;
    char *commit = commits[next++ % 16];
    char target[256];

    snprintf(target, sizeof target, "/api/models/%s/revision/%s", name,
             revision);
    json_t *json = shop_json(target);
    const char *sha = json_string_value(json_object_get(json, "sha"));
    ck_assert_msg(sha && strlen(sha) == 40, "%s has no commit", target);
    snprintf(commit, sizeof commits[0], "%s", sha);
    json_decref(json);
    return commit;
}
