/* SPDX-License-Identifier: MIT */
/* Exchanges with files to hash. */
#include "filing.h"

#include "drive.h"

#include <pthread.h>

/* Two tensors of a MiB each, and one that must be made as a whole. */
#define MODEL                                                              \
    "{\"scheme\":\"zeros\",\"layers\":[{\"name\":\"a\",\"shape\":[262144]" \
    "},{\"name\":\"b\",\"scheme\":\"ones\",\"shape\":[300000]},{\"name\":" \
    "\"c\",\"scheme\":\"orthogonal\",\"shape\":[60,50]}]}"

/* As hashlib has them. */
const char *const filing_hashes[FILES] = {
    /* 2^20 zero bytes */
    "30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58",
    /* "abc" and 300,000 float32 of 1 */
    "0d086527fcd598a9ceec95c2006d74366af358e2c37c8bf812f203394017f572",
    /* "abc" */
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
};

struct learnt learnt;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void learn(void *self, const uint8_t key[SOW_DIGEST_BYTES],
                  const uint8_t digest[SOW_DIGEST_BYTES])
{
    pthread_mutex_lock(&lock);
    ck_assert_ptr_eq(self, &learnt);
    if (learnt.count < LEARNT) {
        memcpy(learnt.keys[learnt.count], key, SOW_DIGEST_BYTES);
        memcpy(learnt.digests[learnt.count], digest, SOW_DIGEST_BYTES);
    }
    learnt.count++;
    pthread_mutex_unlock(&lock);
}

struct api *api;
static struct api_config config;

void filing_start(const struct api_limits *limits)
{
    config = (struct api_config){
        .limits = *limits, .remember = learn, .remember_self = &learnt};
    ck_assert_int_eq(sow_init(), SOW_OK);
    ck_assert_int_eq(sow_engine_choose(NULL, &config.engine), SOW_OK);
    api_free(api);
    api = api_new(&config);
    ck_assert_ptr_nonnull(api);
    learnt.count = 0;
}

void filing_setup(void)
{
    api = NULL;
    filing_start(&drive_limits);
}

void filing_teardown(void)
{
    api_free(api);
}

void set_body(struct files *f, size_t i, const char *text,
              const struct sow_tensor *tensor)
{
    struct sow_segment *segments = f->segments[i];
    size_t count = 0;

    if (text)
        segments[count++] =
            (struct sow_segment){.bytes = text, .size = strlen(text)};
    if (tensor)
        segments[count++] = (struct sow_segment){.tensor = tensor};
    ck_assert_int_eq(sow_body_init(&f->bodies[i], segments, count), SOW_OK);
    f->files[i].body = &f->bodies[i];
    memset(f->files[i].key, (int)i + 1, SOW_DIGEST_BYTES);
}

/* Make it, up to the start of the work. */
void prepare(struct files *f)
{
    struct reading model = reading_json(MODEL, strlen(MODEL), NULL);

    reading_expect_good(&model, MODEL);
    memset(f, 0, sizeof *f);
    f->exchange = calloc(1, sizeof *f->exchange);
    ck_assert_ptr_nonnull(f->exchange);
    f->exchange->api = api;
    f->exchange->weights.model = model.model;
    f->files = work_add_files(&f->exchange->weights.work, FILES);
    ck_assert_ptr_nonnull(f->files);
    set_body(f, 0, NULL, &model.model.tensors[0]);
    set_body(f, 1, "abc", &model.model.tensors[1]);
    set_body(f, 2, "abc", NULL);
}

enum problem_code begin(struct files *f)
{
    prepare(f);
    return work_start_files(f->exchange, &f->problem);
}

void run_all(struct files *f)
{
    for (size_t i = 0; i < work_count(f->exchange); i++)
        work_unit(f->exchange, i, NULL, NULL);
}

void expect_all(struct files *f)
{
    char hex[2 * SOW_DIGEST_BYTES + 1];

    ck_assert_int_eq(work_check(f->exchange, &f->problem), PROBLEM_NONE);
    for (size_t i = 0; i < FILES; i++) {
        ck_assert_msg(f->files[i].known, "file %zu is not known", i);
        sow_digest_hex(f->files[i].sha256, hex);
        ck_assert_str_eq(hex, filing_hashes[i]);
    }
}

/* Ask for all, and say how many units that takes. */
size_t hash_all(void)
{
    struct files f;

    ck_assert_int_eq(begin(&f), PROBLEM_NONE);
    size_t units = work_count(f.exchange);
    run_all(&f);
    expect_all(&f);
    api_end(f.exchange);
    return units;
}

void sha256_of(const void *bytes, size_t size, uint8_t sha256[SOW_DIGEST_BYTES])
{
    struct sow_segment segment = {.bytes = bytes, .size = size};
    struct sow_body body;

    ck_assert_int_eq(sow_body_init(&body, &segment, 1), SOW_OK);
    ck_assert_int_eq(
        sow_body_digests(config.engine, &body, NULL, NULL, NULL, sha256),
        SOW_OK);
}
