/* SPDX-License-Identifier: MIT */
/* A store in a folder that lasts as long as a test. */
#include "shelf.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

char shelf_root[32];
struct store_directory *shelf_directory;
const struct store *store;

void shelf_open(void)
{
    char error[512];
    shelf_directory = store_directory_open(shelf_root, error);
    ck_assert_msg(shelf_directory != NULL, "%s", error);
    store = store_directory_store(shelf_directory);
}

void shelf_setup(void)
{
    snprintf(shelf_root, sizeof shelf_root, "/tmp/sow-store-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(shelf_root));
    shelf_open();
}

static int remove_one(const char *path, const struct stat *about, int kind,
                      struct FTW *place)
{
    (void)about, (void)kind, (void)place;
    return remove(path);
}

void shelf_remove(const char *folder)
{
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void shelf_teardown(void)
{
    store_directory_close(shelf_directory);
    shelf_remove(shelf_root);
}

/* ------------------------------------------------------------------------
 * Files below the folder
 */

/* The path of a file there, in one of a few buffers. */
const char *shelf_path(const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", shelf_root, name);
    return path;
}

void shelf_write(const char *name, const char *text)
{
    FILE *file = fopen(shelf_path(name), "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

const char *shelf_text(const char *name)
{
    static char text[512];
    FILE *file = fopen(shelf_path(name), "r");
    ck_assert_msg(file != NULL, "no file %s", name);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* How many entries a folder has that begin with 'prefix'. */
int shelf_count(const char *folder, const char *prefix)
{
    DIR *list = opendir(folder);
    struct dirent *entry;
    int count = 0;
    ck_assert_ptr_nonnull(list);
    while ((entry = readdir(list)) != NULL)
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
            count++;
    closedir(list);
    return count;
}

void shelf_age(const char *name, time_t seconds)
{
    struct timespec times[2] = {{.tv_sec = time(NULL) - seconds},
                                {.tv_sec = time(NULL) - seconds}};
    ck_assert_int_eq(utimensat(AT_FDCWD, shelf_path(name), times, 0), 0);
}

/* ------------------------------------------------------------------------
 * Documents
 */

struct shelf_hex shelf_hex_of(const char *document)
{
    struct shelf_hex hex;
    uint8_t digest[SOW_DIGEST_BYTES];
    sow_digest(document, strlen(document), digest);
    sow_digest_hex(digest, hex.text);
    return hex;
}

/* Where a document of SHELF_NAME lies. */
const char *shelf_document(const char *document)
{
    static char names[2][128];
    static unsigned next;
    char *name = names[next++ % 2];
    snprintf(name, sizeof names[0], SHELF_NAME "/%s.json",
             shelf_hex_of(document).text);
    return name;
}

enum store_status shelf_put(const char *name, const char *document, bool create,
                            bool *created)
{
    uint8_t version[SOW_DIGEST_BYTES] = {0};
    struct shelf_hex hex;
    enum store_status status =
        store->write(store->self, name, document, strlen(document), create,
                     version, created);
    sow_digest_hex(version, hex.text);
    if (status == STORE_OK)
        ck_assert_str_eq(hex.text, shelf_hex_of(document).text);
    return status;
}

void shelf_must_put(const char *name, const char *document)
{
    bool created;
    ck_assert_int_eq(shelf_put(name, document, false, &created), STORE_OK);
}

enum store_status shelf_get(const char *name, const char *document)
{
    uint8_t version[SOW_DIGEST_BYTES];
    char *bytes = NULL;
    size_t size = 0;
    sow_digest(document, strlen(document), version);
    enum store_status status =
        store->read(store->self, name, version, &bytes, &size);
    if (status == STORE_OK) {
        ck_assert_uint_eq(size, strlen(document));
        ck_assert_str_eq(bytes, document);
    }
    free(bytes);
    return status;
}

/* Assert that the current document of 'name' is 'document', whole. */
void shelf_must_be(const char *name, const char *document)
{
    uint8_t version[SOW_DIGEST_BYTES];
    struct shelf_hex hex;
    ck_assert_int_eq(store->current(store->self, name, version), STORE_OK);
    sow_digest_hex(version, hex.text);
    ck_assert_str_eq(hex.text, shelf_hex_of(document).text);
    ck_assert_int_eq(shelf_get(name, document), STORE_OK);
}

enum store_status shelf_current(const char *name)
{
    uint8_t version[SOW_DIGEST_BYTES];
    return store->current(store->self, name, version);
}

bool shelf_see(void *argument, const char *name,
               const uint8_t version[SOW_DIGEST_BYTES])
{
    struct shelf_seen *seen = argument;
    size_t n = strlen(seen->text);
    snprintf(seen->text + n, sizeof seen->text - n, "%s=%02x ", name,
             version[0]);
    return --seen->left > 0;
}

/* How 'shelf_see' writes a document's version. */
const char *shelf_seen_as(const char *document)
{
    static char texts[4][80];
    static unsigned next;
    char *text = texts[next++ % 4];
    snprintf(text, sizeof texts[0], SHELF_NAME "=%.2s ",
             shelf_hex_of(document).text);
    return text;
}
