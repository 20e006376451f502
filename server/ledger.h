/* SPDX-License-Identifier: MIT */
/*
 * Digests on a disk (--cache DIR): what was hashed once is known after a
 * restart, and to other daemons that start with the same folder.
 *
 * DIR/digests is a list of records of 80 bytes:
 *
 *     8    "sowdig1\n", the version of this format
 *     32   key: names all that the digest follows from, versions included
 *     32   digest
 *     8    the first of the BLAKE2b-256 of the 72 bytes before
 *
 * Each is appended by one write(2), nothing waits for the disk, and what is no
 * whole record is passed over when the file is read.  So whatever happens (a
 * daemon that is killed, a full disk, a network file system that lets two
 * writers collide) a digest may be lost, and then it is computed again; a
 * wrong one doesn't come of it.  Who may write in DIR is trusted.
 *
 * A file that has grown long is replaced by its latest records.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include "sow.h"

struct ledger;

/* A file of more records than these two together is compacted to the first. */
#define LEDGER_KEPT 65536
#define LEDGER_GROWTH 65536

/*
 * Use the folder 'path', or make it in a folder that is there.  Returns NULL,
 * with one line in 'error', when it can't be written.
 */
struct ledger *ledger_open(const char *path, char error[512]);

/*
 * The same for main(): open what --cache names, unless that is NULL, and print
 * the error.  'ledger' is NULL then.  Returns true to go on.
 */
bool ledger_start(const char *path, struct ledger **ledger);

/*
 * Call 'visit' with each record, the oldest first, but no more than the last
 * LEDGER_KEPT + LEDGER_GROWTH; a key may come more than once.  Returns how
 * many there were.
 */
typedef void ledger_visit(void *argument, const uint8_t key[SOW_DIGEST_BYTES],
                          const uint8_t digest[SOW_DIGEST_BYTES]);
size_t ledger_read(struct ledger *ledger, ledger_visit *visit, void *argument);

/*
 * Add a record to 'self', which is a ledger, or NULL for nothing.  What goes
 * wrong is logged, the first time.  Any thread.
 */
void ledger_add(void *self, const uint8_t key[SOW_DIGEST_BYTES],
                const uint8_t digest[SOW_DIGEST_BYTES]);

/* NULL is fine. */
void ledger_close(struct ledger *ledger);

#endif
