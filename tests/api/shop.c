/* SPDX-License-Identifier: MIT */
/* An API whose store is a keeper. */
#include "shop.h"

#include "keeper.h"

#include <stdio.h>
#include <string.h>

struct api *shop;

static struct keeper keeper;

/* The same, but nobody who asks the API can write there. */
static struct store store;

unsigned shop_reads(void)
{
    return atomic_load(&keeper.reads);
}

void shop_remove(const char *name)
{
    ck_assert_int_eq(keeper.store.remove(&keeper, name), STORE_OK);
}

void shop_put(const char *name, const char *document)
{
    uint8_t version[SOW_DIGEST_BYTES];
    bool created;

    ck_assert_int_eq(keeper.store.write(&keeper, name, document,
                                        strlen(document), false, version,
                                        &created),
                     STORE_OK);
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
    keeper_init(&keeper);
    store = keeper.store;
    store.write = NULL;
    store.remove = NULL;
    shop_restart(&drive_limits);
    shop_put(SHOP_NAME, SHOP_RECIPE(""));
}

void shop_teardown(void)
{
    api_free(shop);
    shop = NULL;
    keeper_release(&keeper);
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
