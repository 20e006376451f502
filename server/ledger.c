/* SPDX-License-Identifier: MIT */
/* Appending records, reading them back, and leaving out the old ones. */
#include "ledger.h"

#include "folder.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_NAME "digests"
#define MAGIC "sowdig1\n"
#define MAGIC_BYTES 8
#define CHECK_BYTES 8

/* What writers that died left aside is removed after so long. */
#define STALE_SECONDS 3600

struct record {
    char magic[MAGIC_BYTES];
    uint8_t key[SOW_DIGEST_BYTES];
    uint8_t digest[SOW_DIGEST_BYTES];
    uint8_t check[CHECK_BYTES];
};

_Static_assert(sizeof(struct record) == 80, "a record has no padding");

#define MOST_BYTES \
    ((off_t)sizeof(struct record) * (LEDGER_KEPT + LEDGER_GROWTH))
#define GROWTH_BYTES ((off_t)sizeof(struct record) * LEDGER_GROWTH)

struct ledger {
    int folder;
    pthread_mutex_t lock; /* for all below */
    int file;             /* -1 when it could not be opened again */
    struct stat about;    /* of 'file' */
    off_t bound;          /* compact it when it is longer */
    bool complained;
};

/* Say what failed, with errno, the first time. */
static void complain(struct ledger *ledger, const char *what)
{
    if (!ledger->complained)
        log_line(LEVEL_WARN,
                 "can't %s the file of digests of --cache: %s; some will be "
                 "computed again after a restart",
                 what, strerror(errno));
    ledger->complained = true;
}

/* ------------------------------------------------------------------------
 * Records
 */

static void seal(const struct record *record, uint8_t check[CHECK_BYTES])
{
    uint8_t digest[SOW_DIGEST_BYTES];

    sow_digest(record, offsetof(struct record, check), digest);
    memcpy(check, digest, CHECK_BYTES);
}

static bool is_record(const struct record *record)
{
    uint8_t check[CHECK_BYTES];

    if (memcmp(record->magic, MAGIC, MAGIC_BYTES) != 0)
        return false;
    seal(record, check);
    return memcmp(record->check, check, CHECK_BYTES) == 0;
}

/*
 * Move the whole records among 'size' bytes to the front of them; returns how
 * many there are.  What follows a torn one need not be aligned.
 */
static size_t sift(char *bytes, size_t size)
{
    struct record record;
    char *from = bytes, *to = bytes, *end = bytes + size;

    while (from != NULL && (size_t)(end - from) >= sizeof record) {
        memcpy(&record, from, sizeof record);
        if (is_record(&record)) {
            memcpy(to, &record, sizeof record);
            to += sizeof record;
            from += sizeof record;
        } else {
            from++;
            from = memmem(from, (size_t)(end - from), MAGIC, MAGIC_BYTES);
        }
    }
    return (size_t)(to - bytes) / sizeof record;
}

/*
 * The last records of the file, to be freed; NULL, with errno, on failure.
 * There may be fewer than the file's size says: it may shrink meanwhile.
 */
static struct record *load(int file, size_t *count)
{
    struct stat about;
    if (fstat(file, &about) != 0)
        return NULL;
    off_t start = about.st_size > MOST_BYTES ? about.st_size - MOST_BYTES : 0;
    size_t size = (size_t)(about.st_size - start), done = 0;
    char *bytes = malloc(size + 1);
    if (bytes == NULL)
        return NULL;
    while (done < size) {
        ssize_t n = pread(file, bytes + done, size - done, start + (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            free(bytes);
            return NULL;
        }
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *count = sift(bytes, done);
    return (struct record *)bytes;
}

/* ------------------------------------------------------------------------
 * Compacting
 */

/* By key, and of one key by place. */
static int compare(const void *a, const void *b)
{
    const struct record *one = *(struct record *const *)a;
    const struct record *other = *(struct record *const *)b;
    int order = memcmp(one->key, other->key, SOW_DIGEST_BYTES);

    return order != 0 ? order : (one > other) - (one < other);
}

/* Unmake records whose key comes again later.  False when out of memory. */
static bool unmake_repeated(struct record *records, size_t count)
{
    struct record **sorted = calloc(count + 1, sizeof(struct record *));

    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &records[i];
    qsort(sorted, count, sizeof(struct record *), compare);
    for (size_t i = 1; i < count; i++)
        if (memcmp(sorted[i - 1]->key, sorted[i]->key, SOW_DIGEST_BYTES) == 0)
            sorted[i - 1]->magic[0] = '\0';
    free(sorted);
    return true;
}

/*
 * Leave each key once, and of these the last LEDGER_KEPT.  False when out of
 * memory.
 */
static bool thin(struct record *records, size_t *count)
{
    size_t kept = 0, first = 0;

    if (!unmake_repeated(records, *count))
        return false;
    for (size_t i = 0; i < *count; i++)
        if (records[i].magic[0] != '\0')
            records[kept++] = records[i];
    if (kept > LEDGER_KEPT)
        first = kept - LEDGER_KEPT;
    memmove(records, records + first, (kept - first) * sizeof *records);
    *count = kept - first;
    return true;
}

/* Write the file anew with its latest records; false with errno. */
static bool rewrite(int folder, int file)
{
    size_t count = 0;
    char aside[FOLDER_ASIDE];
    struct record *records = load(file, &count);
    bool done = records != NULL && thin(records, &count) &&
                folder_write(folder, records, count * sizeof *records, aside) &&
                folder_place(folder, aside, FILE_NAME);
    int saved = errno;

    free(records);
    errno = saved;
    return done;
}

/* ------------------------------------------------------------------------
 * Opening and closing
 */

/* Not blocking: what is there could be a pipe. */
static bool open_file(struct ledger *ledger)
{
    ledger->bound = MOST_BYTES;
    ledger->file =
        openat(ledger->folder, FILE_NAME,
               O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);
    if (ledger->file < 0 || fstat(ledger->file, &ledger->about) != 0)
        return false;
    if (S_ISREG(ledger->about.st_mode))
        return true;
    errno = EINVAL;
    return false;
}

static void close_file(struct ledger *ledger)
{
    int saved = errno;

    if (ledger->file >= 0)
        close(ledger->file);
    ledger->file = -1;
    errno = saved;
}

/* Open the file again if another one has its name by now. */
static bool follow(struct ledger *ledger)
{
    struct stat about;

    if (ledger->file >= 0 &&
        fstatat(ledger->folder, FILE_NAME, &about, 0) == 0 &&
        about.st_ino == ledger->about.st_ino &&
        about.st_dev == ledger->about.st_dev)
        return true;
    close_file(ledger);
    if (open_file(ledger))
        return true;
    close_file(ledger);
    return false;
}

static int open_folder(const char *path)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST && errno != EROFS)
        return -1;
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Fill in a ledger; false with errno. */
static bool set_up(struct ledger *ledger, const char *path)
{
    ledger->file = -1;
    ledger->folder = open_folder(path);
    if (ledger->folder < 0 || !open_file(ledger))
        return false;
    errno = pthread_mutex_init(&ledger->lock, NULL);
    return errno == 0;
}

struct ledger *ledger_open(const char *path, char error[512])
{
    struct ledger *ledger = calloc(1, sizeof *ledger);

    if (ledger != NULL && set_up(ledger, path)) {
        folder_sweep(ledger->folder, time(NULL) - STALE_SECONDS);
        return ledger;
    }
    snprintf(error, 512, "can't write digests in the folder '%.300s': %s", path,
             strerror(errno));
    if (ledger != NULL) {
        close_file(ledger);
        if (ledger->folder >= 0)
            close(ledger->folder);
    }
    free(ledger);
    return NULL;
}

bool ledger_start(const char *path, struct ledger **ledger)
{
    char error[512];

    *ledger = NULL;
    if (path == NULL)
        return true;
    *ledger = ledger_open(path, error);
    if (*ledger == NULL)
        fprintf(stderr, "sowd: --cache: %s\n", error);
    return *ledger != NULL;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    close_file(ledger);
    close(ledger->folder);
    pthread_mutex_destroy(&ledger->lock);
    free(ledger);
}

/* ------------------------------------------------------------------------
 * Reading and writing
 */

size_t ledger_read(struct ledger *ledger, ledger_visit *visit, void *argument)
{
    size_t count = 0;
    struct record *records = ledger == NULL ? NULL : load(ledger->file, &count);

    if (ledger != NULL && records == NULL)
        complain(ledger, "read");
    for (size_t i = 0; i < count; i++)
        visit(argument, records[i].key, records[i].digest);
    free(records);
    return count;
}

/*
 * Append a record, and compact the file when it has grown too long.  If that
 * fails it is tried again when the file has grown once more.
 */
static void append(struct ledger *ledger, const struct record *record)
{
    ssize_t n = write(ledger->file, record, sizeof *record);

    if (n >= 0 && n < (ssize_t)sizeof *record)
        errno = ENOSPC;
    if (n < (ssize_t)sizeof *record) {
        complain(ledger, "write");
        return;
    }
    off_t size = lseek(ledger->file, 0, SEEK_CUR);
    if (size <= ledger->bound)
        return;
    ledger->bound = size + GROWTH_BYTES;
    if (!rewrite(ledger->folder, ledger->file))
        complain(ledger, "compact");
}

void ledger_add(void *self, const uint8_t key[SOW_DIGEST_BYTES],
                const uint8_t digest[SOW_DIGEST_BYTES])
{
    struct ledger *ledger = self;
    struct record record;

    if (ledger == NULL)
        return;
    memcpy(record.magic, MAGIC, MAGIC_BYTES);
    memcpy(record.key, key, SOW_DIGEST_BYTES);
    memcpy(record.digest, digest, SOW_DIGEST_BYTES);
    seal(&record, record.check);
    pthread_mutex_lock(&ledger->lock);
    if (follow(ledger))
        append(ledger, &record);
    else
        complain(ledger, "open");
    pthread_mutex_unlock(&ledger->lock);
}
