/* SPDX-License-Identifier: MIT */
/*
 * Tests of reading: engine against engine, pieces against the whole, and
 * ranges that are refused.
 */
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "kernels/kernels.h"

Suite *read_suite(void);

#define CANARY 0xa5

/* Three groups of the widest type, and a ragged end. */
enum { MOST = 3 * SOW_GROUP * 8 + 9 };

static const struct {
    const char *scheme;
    struct {
        const char *name;
        double value;
    } parameters[4];
} laws[] = {
    {"constant", {{"value", -1.7}}},
    {"uniform", {{"low", -0.1}, {"high", 0.3}}},
    {"normal", {{"mean", 0.3}, {"std", 0.7}}},
    {"truncated_normal", {{"mean", -1}, {"std", 3}}},
    {"truncated_normal", {{"low", 2.5}, {"high", 8}}},
    {"truncated_normal", {{"low", -8}, {"high", 8}}},
    {"eye", {{NULL, 0}}},
};

/* A tensor of 2^62 bytes, a matrix since an identity is one. */
static struct sow_tensor huge(size_t law, enum sow_dtype dtype)
{
    uint64_t side = UINT64_C(1) << 31;
    struct sow_spec spec = spec_make(laws[law].scheme, dtype,
                                     SHAPE(side / sow_dtype_size(dtype), side));

    for (size_t i = 0; i < COUNT(laws[law].parameters); i++)
        if (laws[law].parameters[i].name != NULL)
            spec_set(&spec, laws[law].parameters[i].name,
                     laws[law].parameters[i].value);
    return tensor_make(&spec);
}

static void must_read(const struct sow_engine *engine,
                      const struct sow_tensor *tensor, uint64_t pos, void *buf,
                      size_t n)
{
    if (sow_tensor_read(engine, tensor, pos, buf, n) != SOW_OK)
        ck_abort_msg("%s %s: %zu bytes at %llu are refused",
                     tensor->spec.scheme.info->name,
                     sow_dtype_name(tensor->spec.dtype), n,
                     (unsigned long long)pos);
}

/* Read 'n' bytes to a buffer off its alignment; they must be 'want'. */
static void check_read(const struct sow_engine *engine,
                       const struct sow_tensor *tensor, uint64_t pos, size_t n,
                       const uint8_t *want)
{
    uint8_t buf[MOST + 80];
    uint8_t *to = buf + 8 + n % 7;

    memset(to - 8, CANARY, 8);
    memset(to + n, CANARY, 64);
    must_read(engine, tensor, pos, to, n);
    if (memcmp(to, want, n) != 0)
        ck_abort_msg("engine %s, %s %s: %zu bytes at %#llx differ",
                     engine->name, tensor->spec.scheme.info->name,
                     sow_dtype_name(tensor->spec.dtype), n,
                     (unsigned long long)pos);
    for (int i = 0; i < 64; i++)
        if (to[n + (size_t)i] != CANARY || to[i % 8 - 8] != CANARY)
            ck_abort_msg("engine %s, %s %s: %zu bytes at %#llx overrun",
                         engine->name, tensor->spec.scheme.info->name,
                         sow_dtype_name(tensor->spec.dtype), n,
                         (unsigned long long)pos);
}

/*
 * Where a multiple of 2^32 blocks begins: four words a block, and one word an
 * element, or two of float64.
 */
static uint64_t carry(const struct sow_tensor *tensor)
{
    uint64_t words = tensor->spec.dtype == SOW_FLOAT64 ? 2 : 1;

    return (UINT64_C(1) << 34) / words * sow_dtype_size(tensor->spec.dtype);
}

static void check_positions(const struct sow_engine *engine,
                            const struct sow_tensor *tensor)
{
    size_t group = SOW_GROUP * sow_dtype_size(tensor->spec.dtype);
    uint64_t high = carry(tensor) * 12345;
    const uint64_t positions[] = {
        0,
        1,
        group - 1,
        group,
        group + 1,
        5 * group + 3,
        carry(tensor) / 2 - group,
        carry(tensor) - 2 * group,
        carry(tensor) - group - 1,
        carry(tensor) - 1,
        carry(tensor),
        carry(tensor) + 1,
        high - group - 5,
        tensor->size - MOST,
        tensor->size - group,
        tensor->size - 1,
    };

    for (size_t p = 0; p < COUNT(positions); p++) {
        uint64_t left = tensor->size - positions[p];
        size_t most = left < MOST ? (size_t)left : MOST;
        uint8_t want[MOST];

        must_read(&sow_engine_portable, tensor, positions[p], want, most);
        for (size_t n = 0; n <= most; n++)
            check_read(engine, tensor, positions[p], n, want);
    }
}

/* Over all laws, types and engines: every length at awkward positions. */
START_TEST(engines_agree_at_every_length_and_awkward_position)
{
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++) {
        for (int d = 0; d < SOW_DTYPES; d++) {
            const struct sow_tensor tensor =
                huge((size_t)_i, (enum sow_dtype)d);

            ck_assert_uint_eq(tensor.size, UINT64_C(1) << 62);
            check_positions(engine, &tensor);
        }
    }
}
END_TEST

/* Over all laws and types: far apart, in one long read each. */
START_TEST(engines_agree_over_long_reads)
{
    enum { LONG = 400003 };
    uint8_t *want = must_allocate(LONG);
    uint8_t *got = must_allocate(LONG);
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++) {
        for (int d = 0; d < SOW_DTYPES; d++) {
            const struct sow_tensor t = huge((size_t)_i, (enum sow_dtype)d);
            const uint64_t positions[] = {0, carry(&t) - LONG / 2,
                                          mix((uint64_t)d) % (t.size - LONG),
                                          t.size - LONG};

            for (size_t p = 0; p < COUNT(positions); p++) {
                must_read(&sow_engine_portable, &t, positions[p], want, LONG);
                must_read(engine, &t, positions[p], got, LONG);
                ck_assert_msg(memcmp(got, want, LONG) == 0,
                              "engine %s, %s %s, position %zu", engine->name,
                              laws[_i].scheme,
                              sow_dtype_name((enum sow_dtype)d), p);
            }
        }
    }
    free(want);
    free(got);
}
END_TEST

/* A small tensor of each law and type: any cut in two, and any middle. */
START_TEST(pieces_equal_the_whole)
{
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++) {
        for (int d = 0; d < SOW_DTYPES; d++) {
            struct sow_spec spec = huge((size_t)_i, (enum sow_dtype)d).spec;
            struct sow_tensor tensor;
            uint8_t *whole;

            spec.shape = SHAPE(5, 9);
            tensor = tensor_make(&spec);
            whole = tensor_bytes(&tensor);
            for (uint64_t pos = 0; pos <= tensor.size; pos++)
                for (size_t n = 0; n <= tensor.size - pos; n++)
                    check_read(engine, &tensor, pos, n, whole + pos);
            free(whole);
        }
    }
}
END_TEST

/* The values of an element do not depend on what surrounds it. */
START_TEST(a_longer_tensor_begins_with_the_shorter)
{
    for (int d = 0; d < SOW_DTYPES; d++) {
        struct sow_spec spec =
            spec_make("normal", (enum sow_dtype)d, SHAPE(1000));
        const struct sow_tensor longer = tensor_make(&spec);
        uint8_t *whole = tensor_bytes(&longer);

        for (uint64_t n = 0; n < 100; n++) {
            struct sow_tensor shorter;
            uint8_t *part;

            spec.shape = SHAPE(n);
            shorter = tensor_make(&spec);
            part = tensor_bytes(&shorter);
            ck_assert_mem_eq(part, whole, shorter.size);
            free(part);
        }
        free(whole);
    }
}
END_TEST

START_TEST(range_outside_is_refused_and_writes_nothing)
{
    const struct sow_spec spec = spec_make("normal", SOW_FLOAT32, SHAPE(25));
    const struct sow_tensor tensor = tensor_make(&spec);
    const struct {
        uint64_t pos;
        size_t n;
    } ranges[] = {
        {100, 1},
        {101, 0},
        {99, 2},
        {0, 101},
        {1, SIZE_MAX},
        {100, SIZE_MAX},
        {UINT64_MAX, 1},
        {UINT64_MAX, 0},
        {UINT64_MAX, SIZE_MAX},
        {UINT64_MAX - 99, 100},
    };
    const struct sow_engine *engine;
    uint8_t buf[200];
    uint8_t before[200];

    memset(buf, CANARY, sizeof buf);
    memcpy(before, buf, sizeof buf);
    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        for (size_t i = 0; i < COUNT(ranges); i++)
            ck_assert_msg(sow_tensor_read(engine, &tensor, ranges[i].pos, buf,
                                          ranges[i].n) == SOW_BAD_RANGE,
                          "range %zu is not refused", i);
    ck_assert_mem_eq(buf, before, sizeof buf);
}
END_TEST

START_TEST(nothing_can_be_read_anywhere_up_to_the_end)
{
    const uint64_t sizes[] = {0, 1, 32, 33};
    uint8_t byte = CANARY;

    for (size_t i = 0; i < COUNT(sizes); i++) {
        const struct sow_spec spec =
            spec_make("normal", SOW_FLOAT64, SHAPE(sizes[i]));
        const struct sow_tensor tensor = tensor_make(&spec);

        for (uint64_t pos = 0; pos <= tensor.size; pos++) {
            must_read(engine_at(0), &tensor, pos, &byte, 0);
            must_read(engine_at(0), &tensor, pos, NULL, 0);
        }
        ck_assert_int_eq(
            sow_tensor_read(engine_at(0), &tensor, tensor.size + 1, &byte, 0),
            SOW_BAD_RANGE);
    }
    ck_assert_uint_eq(byte, CANARY);
}
END_TEST

/* 2^62 elements, and the largest tensor there can be. */
START_TEST(largest_tensors_are_read_at_their_end)
{
    const uint64_t counts[] = {UINT64_C(1) << 62, INT64_MAX};
    const struct sow_engine *engine;

    for (size_t i = 0; i < COUNT(counts); i++) {
        const struct sow_spec spec =
            spec_make("normal", SOW_FLOAT8_E5M2, SHAPE(counts[i]));
        const struct sow_tensor tensor = tensor_make(&spec);
        uint8_t want[101];
        uint8_t got[101];

        for (size_t e = 0; (engine = engine_at(e)) != NULL; e++) {
            must_read(&sow_engine_portable, &tensor, counts[i] - 101, want,
                      101);
            must_read(engine, &tensor, counts[i] - 101, got, 101);
            ck_assert_mem_eq(got, want, 101);
            ck_assert_int_eq(
                sow_tensor_read(engine, &tensor, counts[i] - 1, got, 2),
                SOW_BAD_RANGE);
        }
    }
}
END_TEST

Suite *read_suite(void)
{
    Suite *suite = suite_create("read");
    TCase *cases = tcase_create("read");
    int count = (int)COUNT(laws);

    tcase_set_timeout(cases, 300);
    tcase_add_loop_test(
        cases, engines_agree_at_every_length_and_awkward_position, 0, count);
    tcase_add_loop_test(cases, engines_agree_over_long_reads, 0, count);
    tcase_add_loop_test(cases, pieces_equal_the_whole, 0, count);
    tcase_add_test(cases, a_longer_tensor_begins_with_the_shorter);
    tcase_add_test(cases, range_outside_is_refused_and_writes_nothing);
    tcase_add_test(cases, nothing_can_be_read_anywhere_up_to_the_end);
    tcase_add_test(cases, largest_tensors_are_read_at_their_end);
    suite_add_tcase(suite, cases);
    return suite;
}
