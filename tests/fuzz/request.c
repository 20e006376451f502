/* SPDX-License-Identifier: MIT */
/*
 * Whole requests, up to four, with a line "--" between them:
 *
 *     GET /v1/weights?shape=2&scheme=ones
 *     Range: bytes=0-3
 *
 *     the body
 *
 * Two servers that never hear of each other, on different engines, get them:
 * their answers must be the same.
 */
#include "fuzz.h"
#include "fuzz_answer.h"
#include "fuzz_head.h"

#include "../api/keeper.h"

#include <string.h>

/* In an input, and inputs until servers start anew. */
#define REQUESTS 4
#define INPUTS 25

/* The portable engine, and the fastest. */
static const char *const engines[] = {"portable", NULL};

#define SERVERS (sizeof engines / sizeof engines[0])

struct server {
    struct keeper keeper;
    struct api *api;
};

static void server_start(struct server *server, const char *engine)
{
    struct api_config config = {.limits = fuzz_limits};

    keeper_init(&server->keeper);
    config.store = &server->keeper.store;
    MUST(!sow_init(), "sow_init()");
    MUST(!sow_engine_choose(engine, &config.engine), "no engine");
    server->api = api_new(&config);
    MUST(server->api, "out of memory");
}

static void server_stop(struct server *server)
{
    api_free(server->api);
    keeper_release(&server->keeper);
    *server = (struct server){.api = NULL};
}

/*
 * May the answer name the engine, or count and time?  Escapes may hide the path
 * of one that does.
 */
static bool tells_of_itself(const char *path)
{
    return strstr(path, "v1/version") || strstr(path, "metrics") ||
           strchr(path, '%');
}

static void ask_all(struct server servers[SERVERS],
                    const struct api_request *request)
{
    struct fuzz_answer one = fuzz_ask(servers[0].api, request, 4096);
    struct fuzz_answer other = fuzz_ask(servers[1].api, request, 61);
    bool same = !tells_of_itself(request->target_path);

    MUST(one.status == other.status, "%u, %u", one.status, other.status);
    if (same)
        MUST(one.size == other.size && one.kept == other.kept &&
                 !memcmp(one.bytes, other.bytes, one.kept),
             "%s", request->target_path);
    free(one.bytes);
    free(other.bytes);
}

/* The bytes of the body, which may hold NULs, are not in 'text'. */
static void ask_one(struct server servers[SERVERS], const uint8_t *data,
                    size_t size)
{
    char *text = fuzz_text(data, size);
    struct api_header fields[FUZZ_FIELDS + 1];
    char *head = fuzz_line(text);
    char *path = strchr(text, ' ');
    struct api_request request = {.method = text, .headers = fields};
    char *body = fuzz_head(head, fields, &request.header_count);

    if (path) {
        *path++ = '\0';
        request.target_path = path;
        request.query = strchr(path, '?');
        if (request.query)
            path[request.query++ - path] = '\0';
        fields[request.header_count++] = (struct api_header){"Host", "fuzz"};
        request.body_size = body ? size - (size_t)(body - text) : 0;
        void *bytes =
            fuzz_bytes(data + (size - request.body_size), request.body_size);
        request.body = bytes;
        ask_all(servers, &request);
        free(bytes);
    }
    free(text);
}

/*
 * Starting servers takes longer than asking them, so they serve many inputs;
 * in step, so that what they remember is the same.
 */
static struct server *servers_start(void)
{
    static struct server servers[SERVERS];
    static unsigned inputs;

    if (inputs % INPUTS == 0 ||
        servers[0].keeper.count + REQUESTS > KEEPER_ROOM) {
        for (size_t i = 0; i < SERVERS; i++) {
            server_stop(&servers[i]);
            server_start(&servers[i], engines[i]);
        }
    }
    inputs++;
    return servers;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct server *servers = servers_start();

    for (int i = 0; i < REQUESTS && size > 0; i++) {
        const uint8_t *cut = memmem(data, size, "\n--\n", 4);
        size_t n = cut ? (size_t)(cut - data) : size;
        ask_one(servers, data, n);
        size -= cut ? n + 4 : n;
        data += cut ? n + 4 : n;
    }
    return 0;
}
