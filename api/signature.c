/* SPDX-License-Identifier: MIT */
/* The signature base, and what is signed. */
#include "signature.h"

#include "base64.h"
#include "head.h"
#include "repr.h"
#include "sha256.h"

#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

/* SHA-256 of so much takes a millisecond. */
#define DIGEST_MOST ((uint64_t)1 << 20)

/* Room for the names of components, and for their lines. */
#define LIST_ROOM 512
#define BASE_ROOM (HEAD_MAX_TARGET + REPLY_TEXT + 2048)

/* Fields of an answer that tell what its body is. */
static const char *const fields[] = {
    "content-type", "content-range", "repr-digest", "etag",
    "sow-digest",   "sow-recipe",    "sow-shape",   "sow-slice",
    "sow-dtype",    "x-repo-commit",
};

/* What is signed: the names of components, and a line of each. */
struct base {
    struct text list, lines;
};

static void cover(struct base *base, const char *name, const char *parameter,
                  const char *value)
{
    text_put(&base->list, base->list.size > 0 ? " \"" : "\"");
    text_put(&base->list, name);
    text_put(&base->list, "\"");
    text_put(&base->list, parameter);
    text_put(&base->lines, "\"");
    text_put(&base->lines, name);
    text_put(&base->lines, "\"");
    text_put(&base->lines, parameter);
    text_put(&base->lines, ": ");
    text_put(&base->lines, value);
    text_put(&base->lines, "\n");
}

static const char *find(const struct reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->response.header_count; i++)
        if (!strcasecmp(reply->headers[i].name, name))
            return reply->headers[i].value;
    return NULL;
}

static void cover_number(struct base *base, const char *name, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, value);
    cover(base, name, "", text);
}

/* A 204 has no length, and a 304's may get lost on the way. */
static bool tells_size(const struct api_response *response)
{
    return response->size != API_SIZE_UNKNOWN &&
           response->status != REPLY_NO_CONTENT &&
           response->status != REPLY_NOT_MODIFIED;
}

static void cover_reply(struct base *base, const struct reply *reply)
{
    cover_number(base, "@status", reply->response.status);
    if (tells_size(&reply->response))
        cover_number(base, "content-length", reply->response.size);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const char *value = find(reply, fields[i]);
        if (value)
            cover(base, fields[i], "", value);
    }
}

/*
 * The path of a target, which may be an absolute URI; NULL for "*", and when
 * there is none, as in the API's own questions to itself.
 */
static const char *path_of(const char *target)
{
    if (!target || target[0] == '/')
        return target;
    const char *authority = strstr(target, "://");
    if (!authority)
        return NULL;
    const char *path = strchr(authority + 3, '/');
    return path ? path : "/";
}

static bool is_printable(const char *text)
{
    if (!text)
        return false;
    while (*text > ' ' && *text < 0x7f)
        text++;
    return *text == '\0';
}

/* False for what can't be signed. */
static bool cover_request(struct base *base, const struct api_request *request)
{
    const char *path = path_of(request->target_path);
    const char *query = request->query ? request->query : "";
    char text[HEAD_MAX_TARGET + 2];

    if (!is_printable(request->method) || !is_printable(path) ||
        !is_printable(query) || strlen(query) > HEAD_MAX_TARGET)
        return false;
    snprintf(text, sizeof text, "?%s", query);
    cover(base, "@method", ";req", request->method);
    cover(base, "@path", ";req", path);
    cover(base, "@query", ";req", text);
    return true;
}

/* The digest of a body that is at hand: then it is all of it. */
static void add_digest(struct reply *reply)
{
    uint8_t digest[SOW_DIGEST_BYTES];
    char value[REPR_VALUE];
    struct sow_sha256 hash;

    if (!reply->bytes || reply->response.size > DIGEST_MOST ||
        find(reply, "Repr-Digest"))
        return;
    sow_sha256_start(&hash);
    sow_sha256_add(&hash, reply->bytes, (size_t)reply->response.size);
    sow_sha256_finish(&hash, digest);
    repr_write(digest, value);
    struct text text = reply_text(reply);
    text_put(&text, value);
    reply_header_text(reply, "Repr-Digest", &text);
}

/* "(…);created=…;keyid="…"…" */
static void put_parameters(struct text *text, const struct text *list,
                           const struct signing *signing, int64_t created)
{
    text_put(text, "(");
    text_add(text, list->bytes, list->size);
    text_put(text, ");created=");
    text_put_integer(text, created < 0 ? 0 : (uint64_t)created);
    text_put(text, ";keyid=\"");
    text_put(text, signing->keys[0].id);
    text_put(text, "\";alg=\"ed25519\";tag=\"sow\"");
}

static void add_signature(struct reply *reply, const struct signing *signing,
                          const struct text *lines)
{
    uint8_t signature[SOW_SIGNATURE_BYTES];
    char value[SOW_SIGNATURE_BYTES / 3 * 4 + 8];
    struct text text = reply_text(reply);

    sow_signer_sign(&signing->signer, lines->bytes, lines->size, signature);
    base64_text(signature, sizeof signature, value);
    text_put(&text, "sow=:");
    text_put(&text, value);
    text_put(&text, ":");
    reply_header_text(reply, "Signature", &text);
}

void signature_add(const struct signing *signing,
                   const struct api_request *request, struct reply *reply,
                   int64_t created)
{
    char names[LIST_ROOM], lines[BASE_ROOM];
    struct base base = {{.bytes = names, .room = sizeof names},
                        {.bytes = lines, .room = sizeof lines}};

    add_digest(reply);
    cover_reply(&base, reply);
    if (!cover_request(&base, request))
        return;
    text_put(&base.lines, "\"@signature-params\": ");
    put_parameters(&base.lines, &base.list, signing, created);
    if (base.list.failed || base.lines.failed)
        return;
    struct text input = reply_text(reply);
    text_put(&input, "sow=");
    put_parameters(&input, &base.list, signing, created);
    reply_header_text(reply, "Signature-Input", &input);
    add_signature(reply, signing, &base.lines);
}
