/* SPDX-License-Identifier: MIT */
/* Files as entries of a tree, and as siblings. */
#include "hub/listing.h"

#include "hub/card.h"

/* Begin a member of the object that is being written. */
static void put_integer(struct text *text, const char *key, uint64_t number)
{
    text_put_key(text, key);
    text_put_integer(text, number);
}

/*
 * Git's name of a file is a SHA-1, which nobody can check who has the SHA-256:
 * any 40 digits will do that are the file's own.
 */
static void put_oid(struct text *text, const char *key,
                    const struct repo_file *file)
{
    char hex[COMMIT_HEX];

    commit_hex(file->key, hex);
    text_put_member(text, key, hex);
}

/* The size of the file that Git keeps in place of a large one. */
static uint64_t pointer_size(uint64_t size)
{
    static const char pointer[] = "version https://git-lfs.github.com/spec/v1\n"
                                  "oid sha256:\n"
                                  "size \n";
    uint64_t digits = 1;

    for (; size >= 10; size /= 10)
        digits++;
    return sizeof pointer - 1 + 2 * SOW_DIGEST_BYTES + digits;
}

static void put_lfs(struct text *text, const char *key,
                    const struct repo_file *file, const uint8_t *sha256)
{
    char hex[2 * SOW_DIGEST_BYTES + 1];

    if (!sha256)
        return;
    sow_digest_hex(sha256, hex);
    text_put_key(text, "lfs");
    text_put(text, "{");
    text_put_member(text, key, hex);
    put_integer(text, "size", file->size);
    put_integer(text, "pointerSize", pointer_size(file->size));
    text_put(text, "}");
}

static void put_commit(struct text *text, const struct repo *repo)
{
    text_put_key(text, "lastCommit");
    text_put(text, "{");
    card_put_commit(text, repo);
    text_put(text, "}");
}

void listing_put_entry(struct text *text, const struct repo_file *file,
                       const uint8_t *sha256, const struct repo *last)
{
    text_put_entry(text);
    text_put(text, "{");
    text_put_member(text, "type", "file");
    put_oid(text, "oid", file);
    put_integer(text, "size", file->size);
    put_lfs(text, "oid", file, sha256);
    text_put_member(text, "path", file->name);
    if (last)
        put_commit(text, last);
    text_put(text, "}");
}

void listing_put_sibling(struct text *text, const struct repo_file *file,
                         bool blobs, const uint8_t *sha256)
{
    text_put_entry(text);
    text_put(text, "{");
    text_put_member(text, "rfilename", file->name);
    if (blobs) {
        put_oid(text, "blobId", file);
        put_integer(text, "size", file->size);
        put_lfs(text, "sha256", file, sha256);
    }
    text_put(text, "}");
}
