/* SPDX-License-Identifier: MIT */
/*
 * Known answers: for each generator tensors whose digests are those of the
 * libraries, or of the tests' reference for our own generator.
 */
#include "self_test.h"

#include "exchange.h"
#include "routes/routes.h"

#include <inttypes.h>
#include <stdlib.h>

/* What is asked for each: no multiple of a group or a block. */
#define SHAPE "shape=63,17&name=w&seed=42&digest=off"

/* The largest tensor, and the pieces that it is read in: odd ones. */
#define ROOM ((size_t)63 * 17 * sizeof(double))
#define PIECE ((size_t)997)

/* 'digest' is the first eight bytes of the BLAKE2b-256. */
struct answer {
    const char *generator;
    const char *scheme; /* and element type */
    uint64_t digest;
};

static const struct answer answers[] = {
    {"sow1", "uniform", 0x816133e2d4aeefa4},
    {"sow1", "normal", 0x0a4951f3af72fea2},
    {"sow1", "truncated_normal", 0xf1e6cd354f16eb5c},
    {"sow1", "uniform&dtype=float64", 0x5b14f172a68d00e0},
    {"sow1", "normal&dtype=float64", 0xc8d362589bdba881},
    {"sow1", "truncated_normal&dtype=float64", 0xec3f95219eb68ed8},
    {"sow1", "normal&dtype=float16", 0x61fb34d29fc0e21a},
    {"sow1", "normal&dtype=bfloat16", 0x622f44ff3bb47be1},
    {"sow1", "normal&dtype=float8_e4m3fn", 0xd13e6dbfce74beaf},
    {"sow1", "normal&dtype=float8_e5m2", 0x2482983d519e0fa7},
    {"sow1", "sparse&sparsity=0.5", 0x866d50a9fa1b21a4},
    {"sow1", "orthogonal", 0xa66d7e2cd9ddc6c9},
    {"sow1", "orthogonal&dtype=float64", 0x79bae83a4a184e12},
    {"torch/linux-x86_64-avx2@2.13", "torch.uniform", 0xedc57d4338694875},
    {"torch/linux-x86_64-avx2@2.13", "torch.normal", 0x1c6dd9369380ea97},
    {"torch/linux-x86_64-avx2@2.13", "torch.trunc_normal", 0x343e496080bb835f},
    {"torch/linux-x86_64-avx2@2.13", "torch.normal&dtype=float64",
     0x90b6dc80d9f3e7a9},
    {"torch/linux-x86_64-avx2@2.13", "torch.normal&dtype=bfloat16",
     0xaae354370eeadee2},
    {"torch/linux-x86_64-avx2@2.12", "torch.uniform", 0xedc57d4338694875},
    {"torch/linux-x86_64-avx2@2.12", "torch.normal", 0x1c6dd9369380ea97},
    {"torch/linux-x86_64-avx2@2.12", "torch.trunc_normal", 0x343e496080bb835f},
    {"torch/linux-x86_64-avx2@2.12", "torch.normal&dtype=float64",
     0x90b6dc80d9f3e7a9},
    {"torch/linux-x86_64-avx2@2.11", "torch.uniform", 0xedc57d4338694875},
    {"torch/linux-x86_64-avx2@2.11", "torch.normal", 0x1c6dd9369380ea97},
    {"torch/linux-x86_64-avx2@2.11", "torch.normal&dtype=float64",
     0x90b6dc80d9f3e7a9},
    {"torch/linux-x86_64-avx2@2.11", "torch.normal&dtype=bfloat16",
     0x3bcc586fb8599b0e},
    {"jax/threefry@0.10", "jax.lecun_uniform", 0x677edffaf412fe36},
    {"jax/threefry@0.10", "jax.normal", 0x0326e66fc69a3070},
    {"jax/threefry@0.10", "jax.truncated_normal", 0x7cea34c6d7e2f4d8},
    {"jax/threefry@0.10", "jax.normal&dtype=float64", 0x637bd1e12702cd86},
    {"jax/threefry@0.10", "jax.normal&dtype=bfloat16", 0x43d40b7ea8bcb9f7},
    {"jax/threefry-original@0.10", "jax.lecun_uniform", 0xbcbe1e16c377c60a},
    {"jax/threefry-original@0.10", "jax.normal", 0xd633a584d29801c3},
    {"jax/threefry-original@0.10", "jax.truncated_normal", 0x090d611db8b8d382},
    {"jax/threefry-original@0.10", "jax.normal&dtype=float64",
     0x30f89185e7094a87},
    {"jax/threefry-original@0.10", "jax.normal&dtype=bfloat16",
     0x04271fc2f28a97aa},
    {"flax/linen", "jax.lecun_normal", 0xd3840dd8e81f48a6},
    {"flax/linen", "jax.normal", 0x99040127c709431c},
    {"flax/nnx", "jax.lecun_normal", 0x17a508e46fc3f2f9},
    {"flax/nnx", "jax.normal", 0xd766cbc8c474c04f},
    {"numpy/pcg64", "numpy.uniform&dtype=float64", 0x1d9f6dc0d9e073d0},
    {"numpy/pcg64", "numpy.normal&dtype=float64", 0xca583292d58bf51b},
    {"numpy/pcg64@glibc2.41", "numpy.uniform&dtype=float64",
     0x1d9f6dc0d9e073d0},
    {"numpy/pcg64@glibc2.41", "numpy.normal&dtype=float64", 0xca583292d58bf51b},
    {"numpy/pcg64dxsm", "numpy.uniform&dtype=float64", 0x28a5c19da917d8aa},
    {"numpy/pcg64dxsm", "numpy.normal&dtype=float64", 0xa34fbd3f32e0279a},
    {"numpy/pcg64dxsm@glibc2.41", "numpy.uniform&dtype=float64",
     0x28a5c19da917d8aa},
    {"numpy/pcg64dxsm@glibc2.41", "numpy.normal&dtype=float64",
     0xa34fbd3f32e0279a},
    {"numpy/randomstate", "numpy.uniform&dtype=float64", 0x61363c00bd81b1dc},
    {"numpy/randomstate", "numpy.normal&dtype=float64", 0x047e8d0c2b8bd18a},
};

const char *self_test_generator(size_t i)
{
    return i < sizeof answers / sizeof answers[0] ? answers[i].generator : NULL;
}

/* What a known answer shows. */
enum verdict {
    RIGHT,
    WRONG,
    UNKNOWN, /* there is no memory to make it */
};

/* Read all of a body; returns its size, or 0 when that can't be had. */
static size_t read_all(struct api_exchange *exchange, uint8_t bytes[ROOM])
{
    const struct api_response *response = api_answer(exchange);

    if (response->status != REPLY_OK || response->size > ROOM)
        return 0;
    for (uint64_t pos = 0; pos < response->size;) {
        uint64_t left = response->size - pos;
        size_t n = left < PIECE ? (size_t)left : PIECE;
        int64_t got = api_read(exchange, pos, bytes + pos, n);
        if (got <= 0)
            return 0;
        pos += (uint64_t)got;
    }
    return (size_t)response->size;
}

static enum verdict compare(struct api_exchange *exchange, uint64_t known)
{
    uint8_t bytes[ROOM], digest[SOW_DIGEST_BYTES];
    uint64_t got = 0;
    size_t size = read_all(exchange, bytes);

    if (size == 0)
        return UNKNOWN;
    sow_digest(bytes, size, digest);
    for (size_t i = 0; i < sizeof got; i++)
        got = got << 8 | digest[i];
    return got == known ? RIGHT : WRONG;
}

/*
 * Ask as a client would, but past the router and who it lets in.  What the
 * limits here don't allow nobody can get, right or wrong.
 */
static enum verdict ask(struct api_exchange *exchange,
                        const struct answer *answer)
{
    char query[160];
    struct problem problem;

    snprintf(query, sizeof query, SHAPE "&generator=%s&scheme=%s",
             answer->generator, answer->scheme);
    exchange->request = (struct api_request){.method = "GET", .query = query};
    switch (get_weights(exchange, &problem)) {
    case PROBLEM_NONE:
        break;
    case PROBLEM_COST_LIMIT:
    case PROBLEM_WHOLE_TOO_LARGE:
    case PROBLEM_BUSY:
        return RIGHT;
    case PROBLEM_INTERNAL:
        return UNKNOWN;
    default:
        return WRONG;
    }
    for (size_t i = 0; i < api_work_count(exchange); i++)
        api_work(exchange, i, NULL, NULL);
    return compare(exchange, answer->digest);
}

static enum verdict check(struct api *api, const struct answer *answer)
{
    struct api_exchange *exchange = calloc(1, sizeof *exchange);

    if (!exchange)
        return UNKNOWN;
    exchange->api = api;
    enum verdict verdict = ask(exchange, answer);
    api_end(exchange);
    return verdict;
}

static enum self_test_state test_all(struct api *api, struct self_test *test)
{
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        enum verdict verdict = check(api, &answers[i]);
        if (verdict == RIGHT)
            continue;
        test->failed = answers[i].generator;
        test->scheme = answers[i].scheme;
        return verdict == WRONG ? SELF_TEST_FAILED : SELF_TEST_NONE;
    }
    return SELF_TEST_PASSED;
}

enum self_test_state self_test_run(struct api *api)
{
    struct self_test *test = &api->self_test;
    int state = SELF_TEST_NONE;

    if (!atomic_compare_exchange_strong(&test->state, &state,
                                        SELF_TEST_RUNNING))
        return (enum self_test_state)state;
    enum self_test_state found = test_all(api, test);
    atomic_store(&test->state, (int)found);
    return found;
}

bool api_self_test(struct api *api, char reason[API_ERROR])
{
    const struct self_test *test = &api->self_test;

    if (self_test_run(api) != SELF_TEST_FAILED)
        return true;
    snprintf(reason, API_ERROR,
             "the engine %s gives wrong values: generator %s, scheme %s",
             sow_engine_name(api->engine), test->failed, test->scheme);
    return false;
}
