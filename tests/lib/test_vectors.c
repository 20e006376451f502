/* SPDX-License-Identifier: MIT */
/*
 * The library gives the known answers of tests/vectors/, which an independent
 * implementation of sow1.md has written: every line, bit by bit, on every
 * engine that this CPU runs.  All lines are compared before a test fails, each
 * with a message of its own.
 */
#include "vectors.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "generators/philox.h"
#include "whole.h"

Suite *vectors_suite(void);

/* Files of tensors, one for each text. */
static const char *const files[] = {"tensors.txt", "schemes.txt",
                                    "patterns.txt", "orthogonal.txt"};

#define HEAD_BYTES 32
#define MAX_SCHEMES 512

static void hex(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

/* Compare the tensor's run, in 'bytes', with the line's answers. */
static void compare(struct vectors *vectors, const struct vector *v,
                    const char *engine, const uint8_t *bytes, size_t n)
{
    uint8_t digest[SOW_DIGEST_BYTES];
    char text[2 * SOW_DIGEST_BYTES + 1];
    char head[2 * HEAD_BYTES + 1];

    sow_digest(bytes, n, digest);
    sow_digest_hex(digest, text);
    hex(bytes, n < HEAD_BYTES ? n : HEAD_BYTES, head);
    if (strcmp(text, v->blake2b) == 0 && strcmp(head, v->head) == 0)
        return;
    vectors_complain(
        vectors,
        "%s %s on %s, start %" PRIu64 ", count %" PRIu64
        ":\n  got  %s\n  want %s%s",
        v->scheme, sow_dtype_name(v->spec.dtype), engine, v->start, v->count,
        head, v->head,
        strcmp(head, v->head) == 0 ? "\n  but differs beyond these bytes" : "");
}

static void compare_on(struct vectors *vectors, const struct vector *v,
                       struct sow_tensor *tensor,
                       const struct sow_engine *engine)
{
    size_t size = sow_dtype_size(v->spec.dtype);
    size_t n = (size_t)v->count * size;
    uint8_t *bytes = malloc(n + 1);

    ck_assert_ptr_nonnull(bytes);
    whole_make(engine, tensor, false);
    if (sow_tensor_read(engine, tensor, v->start * size, bytes, n) == SOW_OK)
        compare(vectors, v, sow_engine_name(engine), bytes, n);
    else
        vectors_complain(vectors, "cannot be read on %s",
                         sow_engine_name(engine));
    whole_free(tensor);
    free(bytes);
}

START_TEST(philox_gives_the_published_words)
{
    struct vectors vectors;
    struct vector v;

    vectors_open(&vectors, "philox.txt");
    while (vectors_next(&vectors, &v)) {
        philox(v.key, v.counter);
        for (int i = 0; i < VECTOR_WORDS; i++)
            ck_assert_msg(v.counter[i] == v.out[i],
                          "%s:%u: word %d is %08" PRIx32 ", not %08" PRIx32,
                          vectors.name, vectors.line, i, v.counter[i],
                          v.out[i]);
    }
    vectors_close(&vectors);
}
END_TEST

/* A tensor shows the stream of its values only: other labels are skipped. */
static void compare_stream(struct vectors *vectors, struct vector *v)
{
    struct sow_tensor tensor;
    struct sow_error error;
    uint8_t id[16];
    char text[2 * sizeof id + 1];

    if (v->label == NULL || v->id == NULL) {
        vectors_complain(vectors, "says no label or no id");
        return;
    }
    if (strcmp(v->label, "value") != 0)
        return;
    sow_scheme_init(&v->spec.scheme, sow_scheme_find("uniform"));
    ck_assert_int_eq(sow_tensor_init(&tensor, &v->spec, &error), SOW_OK);
    for (size_t i = 0; i < sizeof id; i++) {
        size_t word = i / 4;

        id[i] = (uint8_t)((word < 2 ? tensor.stream.key[word]
                                    : tensor.stream.high[word - 2]) >>
                          8 * (i % 4));
    }
    hex(id, sizeof id, text);
    if (strcmp(text, v->id) != 0)
        vectors_complain(vectors, "the stream is %s, not %s", text, v->id);
}

START_TEST(streams_have_their_identities)
{
    struct vectors vectors;
    struct vector v;

    vectors_open(&vectors, "streams.txt");
    while (vectors_next(&vectors, &v))
        compare_stream(&vectors, &v);
    vectors_close(&vectors);
}
END_TEST

static void compare_tensor(struct vectors *vectors, const struct vector *v)
{
    struct sow_tensor tensor;
    struct sow_error error;
    const struct sow_engine *engine;

    if (v->scheme == NULL || v->head == NULL || v->blake2b == NULL) {
        vectors_complain(vectors, "says no scheme, no head or no blake2b");
        return;
    }
    if (sow_tensor_init(&tensor, &v->spec, &error) != SOW_OK) {
        vectors_complain(vectors, "%s refused: %s", v->scheme, error.text);
        return;
    }
    for (size_t i = 0; sow_engine_at(i) != NULL; i++)
        if (sow_engine_choose(sow_engine_at(i), &engine) == SOW_OK)
            compare_on(vectors, v, &tensor, engine);
}

START_TEST(tensors_are_the_same_bit_by_bit_on_every_engine)
{
    struct vectors vectors;
    struct vector v;

    vectors_open(&vectors, files[_i]);
    while (vectors_next(&vectors, &v))
        compare_tensor(&vectors, &v);
    vectors_close(&vectors);
}
END_TEST

/* The number of a row of the catalogue. */
static size_t row_of(const struct sow_scheme_info *info)
{
    size_t i = 0;

    while (sow_scheme_at(i) != info)
        i++;
    ck_assert_uint_lt(i, MAX_SCHEMES);
    return i;
}

START_TEST(every_scheme_has_a_vector_of_every_dtype)
{
    const unsigned all = (1u << SOW_DTYPES) - 1;
    unsigned seen[MAX_SCHEMES] = {0};
    struct vectors vectors;
    struct vector v;

    for (size_t i = 0; i < COUNT(files); i++) {
        vectors_open(&vectors, files[i]);
        while (vectors_next(&vectors, &v))
            if (v.spec.scheme.info != NULL && v.count > 0)
                seen[row_of(v.spec.scheme.info)] |= 1u << v.spec.dtype;
        vectors_close(&vectors);
    }
    for (size_t i = 0; sow_scheme_at(i) != NULL; i++)
        ck_assert_msg(seen[i] == all, "%s: dtypes seen are %#x of %#x",
                      sow_scheme_at(i)->name, seen[i], all);
}
END_TEST

Suite *vectors_suite(void)
{
    Suite *suite = suite_create("vectors");
    TCase *all = tcase_create("all");

    tcase_set_timeout(all, 120);
    tcase_add_test(all, philox_gives_the_published_words);
    tcase_add_test(all, streams_have_their_identities);
    tcase_add_loop_test(all, tensors_are_the_same_bit_by_bit_on_every_engine, 0,
                        COUNT(files));
    tcase_add_test(all, every_scheme_has_a_vector_of_every_dtype);
    suite_add_tcase(suite, all);
    return suite;
}
