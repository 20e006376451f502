/* SPDX-License-Identifier: MIT */
/* The cache of wholes: who holds which, and what is evicted for which. */
#include "wholes_state.h"

#include <stdlib.h>
#include <string.h>

uint64_t wholes_bytes(const struct sow_tensor *tensor)
{
    struct sow_need need = sow_tensor_need(tensor);
    uint64_t bytes;

    if (need.units == 0)
        return 0;
    if (__builtin_mul_overflow(need.doubles, sizeof(double), &bytes) ||
        __builtin_add_overflow(
            bytes, sizeof(struct whole) + need.units + WHOLE_ALIGNMENT, &bytes))
        return UINT64_MAX;
    return bytes;
}

/* ------------------------------------------------------------------------
 * The cache
 */

struct wholes *wholes_new(uint64_t limit, void (*notice)(const char *text))
{
    struct wholes *wholes = calloc(1, sizeof *wholes);

    if (!wholes)
        return NULL;
    if (!together_init(&wholes->lock, &wholes->changed)) {
        free(wholes);
        return NULL;
    }
    wholes->report.limit = limit;
    wholes->notice = notice;
    return wholes;
}

void whole_free_chain(struct whole *whole)
{
    while (whole) {
        struct whole *next = whole->chain;
        free(whole->block);
        free(whole);
        whole = next;
    }
}

void wholes_free(struct wholes *wholes)
{
    if (!wholes)
        return;
    for (size_t i = 0; i < WHOLES_BUCKETS; i++)
        whole_free_chain(wholes->buckets[i]);
    pthread_cond_destroy(&wholes->changed);
    pthread_mutex_destroy(&wholes->lock);
    free(wholes);
}

/* The link that leads to the whole of that key, or where it belongs. */
static struct whole **find(struct wholes *wholes, const uint8_t *key)
{
    uint32_t word;

    memcpy(&word, key, sizeof word);
    struct whole **link = &wholes->buckets[word % WHOLES_BUCKETS];
    while (*link && memcmp((*link)->key, key, SOW_DIGEST_BYTES) != 0)
        link = &(*link)->chain;
    return link;
}

static void take_out(struct wholes *wholes, struct whole *whole)
{
    *find(wholes, whole->key) = whole->chain;
    whole->chain = NULL;
}

/* ------------------------------------------------------------------------
 * The order of use
 */

static void order_remove(struct wholes *wholes, struct whole *whole)
{
    *(whole->newer ? &whole->newer->older : &wholes->newest) = whole->older;
    *(whole->older ? &whole->older->newer : &wholes->oldest) = whole->newer;
}

static void order_add(struct wholes *wholes, struct whole *whole)
{
    whole->newer = NULL;
    whole->older = wholes->newest;
    *(whole->older ? &whole->older->newer : &wholes->oldest) = whole;
    wholes->newest = whole;
}

struct whole *wholes_evict(struct wholes *wholes, uint64_t bytes)
{
    struct wholes_report *report = &wholes->report;
    struct whole *evicted = NULL;

    while (wholes->oldest && report->bytes + bytes > report->limit) {
        struct whole *whole = wholes->oldest;
        order_remove(wholes, whole);
        take_out(wholes, whole);
        report->bytes -= whole->bytes;
        report->evictions++;
        whole->chain = evicted;
        evicted = whole;
    }
    return evicted;
}

/* ------------------------------------------------------------------------
 * Pinning
 */

static bool has_room(const struct wholes *wholes, uint64_t bytes)
{
    return bytes <= wholes->report.limit &&
           wholes->held <= wholes->report.limit - bytes;
}

/* Pin what is there. */
static enum wholes_verdict hold(struct wholes *wholes, struct whole *whole)
{
    if (whole->holders == 0) {
        if (!has_room(wholes, whole->bytes))
            return WHOLES_FULL;
        order_remove(wholes, whole);
        wholes->held += whole->bytes;
    }
    whole->holders++;
    wholes->report.hits++;
    return WHOLES_PINNED;
}

/* Put a new one, pinned, where 'link' ends. */
static enum wholes_verdict add(struct wholes *wholes, struct whole **link,
                               const uint8_t *key,
                               const struct sow_tensor *tensor)
{
    struct sow_need need = sow_tensor_need(tensor);
    uint64_t bytes = wholes_bytes(tensor);

    if (!has_room(wholes, bytes))
        return WHOLES_FULL;
    struct whole *whole = calloc(1, sizeof *whole + need.units);
    if (!whole)
        return WHOLES_NO_MEMORY;
    memcpy(whole->key, key, SOW_DIGEST_BYTES);
    whole->need = need;
    whole->bytes = bytes;
    whole->holders = 1;
    *link = whole;
    wholes->held += bytes;
    wholes->open_flops += need.flops;
    wholes->report.in_progress++;
    wholes->report.misses++;
    return WHOLES_PINNED;
}

enum wholes_verdict wholes_pin(struct wholes *wholes,
                               const uint8_t key[SOW_DIGEST_BYTES],
                               const struct sow_tensor *tensor,
                               struct whole **whole)
{
    pthread_mutex_lock(&wholes->lock);
    struct whole **link = find(wholes, key);
    enum wholes_verdict verdict =
        *link ? hold(wholes, *link) : add(wholes, link, key, tensor);
    if (verdict == WHOLES_PINNED)
        *whole = *link;
    pthread_mutex_unlock(&wholes->lock);
    return verdict;
}

void wholes_close(struct wholes *wholes, const struct whole *whole)
{
    wholes->open_flops -= whole->need.flops;
    wholes->open_made -= whole_unit_flops(whole) * whole->made;
    if (--wholes->report.in_progress == 0)
        wholes->open_flops = wholes->open_made = 0;
}

void wholes_unpin(struct wholes *wholes, struct whole *whole,
                  const struct sow_tensor *tensor)
{
    bool last, made;

    pthread_mutex_lock(&wholes->lock);
    last = --whole->holders == 0;
    made = whole_is_made(whole);
    if (last)
        wholes->held -= whole->bytes;
    if (last && made)
        order_add(wholes, whole);
    if (last && !made) {
        take_out(wholes, whole);
        wholes_close(wholes, whole);
        if (whole->block)
            wholes->report.bytes -= whole->bytes;
    }
    pthread_mutex_unlock(&wholes->lock);
    if (last && !made) {
        wholes_tell(wholes, tensor, whole_news(whole, NOTICE_ABANDONED));
        whole_free_chain(whole);
    }
}

struct wholes_report wholes_report(struct wholes *wholes)
{
    pthread_mutex_lock(&wholes->lock);
    struct wholes_report report = wholes->report;
    report.progress =
        wholes->open_flops > 0 ? wholes->open_made / wholes->open_flops : 1;
    pthread_mutex_unlock(&wholes->lock);
    return report;
}
