/* SPDX-License-Identifier: MIT */
/*
 * What the tests of ledgers share: a folder of their own, records that are
 * made without the ledger, and what the next process reads.
 */
#ifndef LEDGERS_H
#define LEDGERS_H

#include "ledger.h"
#include "rows.h"

#define RECORD 80
#define MOST (LEDGER_KEPT + LEDGER_GROWTH)

/* The folder, and the file in it. */
extern char ledgers_folder[];
extern char ledgers_path[64];

/* A fixture: the folder is new, and at the end there is only the file in it. */
void ledgers_setup(void);
void ledgers_teardown(void);

struct ledger *must_open(void);

/* Make the record of key 'key' and digest 'digest', as ledger.h says. */
void make_record(uint32_t key, uint32_t digest, uint8_t out[RECORD]);

/* Write records of keys [from, to), or bytes, to the end of the file. */
void put_records(uint32_t from, uint32_t to);
void put_bytes(const void *bytes, size_t size);

/* Add the record of 'number' to a ledger. */
void add(struct ledger *ledger, uint32_t number);

/* How many records the file has room for. */
off_t file_records(void);

/* What was read: the numbers of the keys, each with its right digest. */
struct seen {
    uint32_t *numbers;
    size_t count;
};

/* Read everything as the next process would; 'numbers' are to be freed. */
struct seen read_all(void);

/* The file must give these keys in this order. */
void expect(const char *what, size_t count, const uint32_t *numbers);

#endif
