/* SPDX-License-Identifier: MIT */
/* Ledgers in a folder of their own. */
#include "ledgers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char ledgers_folder[] = "/tmp/sow-ledger-XXXXXX";
char ledgers_path[64];

void ledgers_setup(void)
{
    snprintf(ledgers_folder, sizeof ledgers_folder, "/tmp/sow-ledger-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(ledgers_folder));
    snprintf(ledgers_path, sizeof ledgers_path, "%s/digests", ledgers_folder);
}

void ledgers_teardown(void)
{
    unlink(ledgers_path);
    rmdir(ledgers_path);
    ck_assert_msg(rmdir(ledgers_folder) == 0, "something is left in %s",
                  ledgers_folder);
}

struct ledger *must_open(void)
{
    char error[512] = "";
    struct ledger *ledger = ledger_open(ledgers_folder, error);
    ck_assert_msg(ledger != NULL, "%s", error);
    return ledger;
}

/* ---- records, as ledger.h describes them -------------------------------- */

/* A key, or digest, that stands for 'number'. */
static void name(uint32_t number, uint8_t out[SOW_DIGEST_BYTES])
{
    memset(out, (int)(number % 251), SOW_DIGEST_BYTES);
    memcpy(out, &number, sizeof number);
}

void make_record(uint32_t key, uint32_t digest, uint8_t out[RECORD])
{
    uint8_t check[SOW_DIGEST_BYTES];
    memcpy(out, "sowdig1\n", 8);
    name(key, out + 8);
    name(digest, out + 40);
    sow_digest(out, 72, check);
    memcpy(out + 72, check, 8);
}

/* Write records of keys [from, to) to the end of the file. */
void put_records(uint32_t from, uint32_t to)
{
    size_t size = (size_t)(to - from) * RECORD;
    uint8_t *bytes = malloc(size);
    FILE *file = fopen(ledgers_path, "a");
    ck_assert(bytes != NULL && file != NULL);
    for (uint32_t i = from; i < to; i++)
        make_record(i, i + 1, bytes + (size_t)(i - from) * RECORD);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    fclose(file);
    free(bytes);
}

void put_bytes(const void *bytes, size_t size)
{
    FILE *file = fopen(ledgers_path, "a");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

void add(struct ledger *ledger, uint32_t number)
{
    uint8_t key[SOW_DIGEST_BYTES], digest[SOW_DIGEST_BYTES];
    name(number, key);
    name(number + 1, digest);
    ledger_add(ledger, key, digest);
}

off_t file_records(void)
{
    struct stat about;
    ck_assert_int_eq(stat(ledgers_path, &about), 0);
    return about.st_size / RECORD;
}

/* ---- reading ------------------------------------------------------------ */

static void see(void *argument, const uint8_t *key, const uint8_t *digest)
{
    struct seen *seen = argument;
    uint8_t expected[SOW_DIGEST_BYTES];
    uint32_t number;
    memcpy(&number, key, sizeof number);
    name(number, expected);
    ck_assert_mem_eq(key, expected, SOW_DIGEST_BYTES);
    name(number + 1, expected);
    ck_assert_mem_eq(digest, expected, SOW_DIGEST_BYTES);
    ck_assert_uint_lt(seen->count, MOST);
    seen->numbers[seen->count++] = number;
}

/* Read everything as the next process would; to be freed. */
struct seen read_all(void)
{
    struct seen seen = {calloc(MOST, sizeof(uint32_t)), 0};
    struct ledger *ledger = must_open();
    ck_assert_ptr_nonnull(seen.numbers);
    ck_assert_uint_eq(ledger_read(ledger, see, &seen), seen.count);
    ledger_close(ledger);
    return seen;
}

/* The file must give these keys in this order. */
void expect(const char *what, size_t count, const uint32_t *numbers)
{
    struct seen seen = read_all();
    ck_assert_msg(seen.count == count, "%s: %zu records are read, not %zu",
                  what, seen.count, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(seen.numbers[i] == numbers[i],
                      "%s: record %zu is %u, not %u", what, i, seen.numbers[i],
                      numbers[i]);
    free(seen.numbers);
}
