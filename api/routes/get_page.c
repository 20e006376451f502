/* SPDX-License-Identifier: MIT */
/* GET / and /page/{file}: the page for people. */
#include "exchange.h"
#include "page/files.h"
#include "range.h"
#include "routes/routes.h"

/* The page takes nothing from elsewhere and shows itself nowhere else. */
static const struct api_header fields[] = {
    {"Cache-Control", "no-cache"},
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; "
     "img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; "
     "form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
};

#define FIELDS (sizeof fields / sizeof fields[0])

/* Room for an ETag: a digest in quotes, and a NUL. */
#define ETAG (2 * SOW_DIGEST_BYTES + 3)

static void make_etag(const struct page_file *file, char etag[ETAG])
{
    uint8_t digest[SOW_DIGEST_BYTES];

    sow_digest(file->bytes, file->size, digest);
    etag[0] = '"';
    sow_digest_hex(digest, etag + 1);
    memcpy(etag + ETAG - 2, "\"", 2);
}

static void add_fields(struct reply *reply, const char *etag)
{
    struct text text = reply_text(reply);

    text_put(&text, etag);
    reply_header_text(reply, "ETag", &text);
    for (size_t i = 0; i < FIELDS; i++)
        reply_header(reply, fields[i].name, fields[i].value);
}

static enum problem_code answer(struct api_exchange *exchange,
                                const struct page_file *file,
                                struct problem *problem)
{
    struct reply *reply = &exchange->reply;
    char etag[ETAG];

    make_etag(file, etag);
    switch (condition_evaluate(&exchange->request, etag, true)) {
    case CONDITION_FAILED:
        return problem_set(problem, PROBLEM_PRECONDITION_FAILED, "",
                           "The file's ETag is %s, which the request's "
                           "If-Match rules out.",
                           etag);
    case CONDITION_NOT_MODIFIED:
        reply_empty(reply, REPLY_NOT_MODIFIED, file->size);
        break;
    case CONDITION_GO_ON:
        reply_bytes(reply, REPLY_OK, file->type, file->bytes, file->size);
        break;
    }
    add_fields(reply, etag);
    return PROBLEM_NONE;
}

enum problem_code get_page(struct api_exchange *exchange,
                           struct problem *problem)
{
    struct page_file file;

    if (!page_file_find("index.html", &file))
        return problem_set(problem, PROBLEM_INTERNAL, "",
                           "The page was not built in.");
    return answer(exchange, &file, problem);
}

enum problem_code get_page_file(struct api_exchange *exchange,
                                struct problem *problem)
{
    const char *name = exchange->match.arguments[0];
    struct page_file file;

    if (!page_file_find(name, &file))
        return problem_set(problem, PROBLEM_NOT_FOUND, "",
                           "The page has no such file; it begins at /.");
    return answer(exchange, &file, problem);
}
