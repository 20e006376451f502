/* SPDX-License-Identifier: MIT */
/* Tests of bodies: segments of bytes and tensors, read as one. */
#include <stdlib.h>
#include <string.h>

#include "help.h"

Suite *body_suite(void);

#define CANARY 0xa5

/* A body of every kind of segment, and all of its bytes. */
struct sample {
    struct sow_tensor tensors[3];
    struct sow_segment segments[8];
    struct sow_body body;
    uint8_t *bytes;
};

static void sample_init(struct sample *s)
{
    const struct sow_spec specs[] = {
        spec_make("normal", SOW_FLOAT32, SHAPE(5, 13)),
        spec_make("uniform", SOW_BFLOAT16, SHAPE(0, 3)),
        spec_make("truncated_normal", SOW_FLOAT8_E5M2, SHAPE(71)),
    };
    const struct sow_segment segments[] = {
        {.bytes = "", .size = 0},      {.bytes = "head", .size = 4},
        {.tensor = &s->tensors[0]},    {.tensor = &s->tensors[1]},
        {.bytes = NULL, .size = 0},    {.tensor = &s->tensors[2]},
        {.bytes = "tail!", .size = 5}, {.bytes = "", .size = 0},
    };
    uint8_t *to;

    for (size_t i = 0; i < COUNT(specs); i++)
        s->tensors[i] = tensor_make(&specs[i]);
    memcpy(s->segments, segments, sizeof segments);
    ck_assert_int_eq(sow_body_init(&s->body, s->segments, COUNT(segments)),
                     SOW_OK);
    to = s->bytes = must_allocate(s->body.size);
    for (size_t i = 0; i < COUNT(segments); i++) {
        uint8_t *own = NULL;
        const void *from = segments[i].bytes;

        if (segments[i].tensor != NULL)
            from = own = tensor_bytes(segments[i].tensor);
        if (s->segments[i].size > 0)
            memcpy(to, from, s->segments[i].size);
        to += s->segments[i].size;
        free(own);
    }
}

START_TEST(segments_follow_one_another)
{
    const uint64_t starts[] = {0, 0, 4, 264, 264, 264, 335, 340};
    struct sample s;

    sample_init(&s);
    for (size_t i = 0; i < COUNT(starts); i++)
        ck_assert_uint_eq(s.body.segments[i].start, starts[i]);
    ck_assert_uint_eq(s.body.size, 340);
    ck_assert_uint_eq(s.body.count, 8);
    free(s.bytes);
}
END_TEST

static void check_read(const struct sow_engine *engine, const struct sample *s,
                       uint64_t pos, size_t n)
{
    uint8_t buf[512];

    memset(buf, CANARY, sizeof buf);
    if (sow_body_read(engine, &s->body, pos, buf + 1, n) != SOW_OK)
        ck_abort_msg("%zu bytes at %llu are refused", n,
                     (unsigned long long)pos);
    if (memcmp(buf + 1, s->bytes + pos, n) != 0)
        ck_abort_msg("%zu bytes at %llu differ", n, (unsigned long long)pos);
    if (buf[0] != CANARY || buf[1 + n] != CANARY)
        ck_abort_msg("%zu bytes at %llu overrun", n, (unsigned long long)pos);
}

START_TEST(every_piece_equals_its_part_of_the_whole)
{
    const struct sow_engine *engine;
    struct sample s;

    sample_init(&s);
    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        for (uint64_t pos = 0; pos <= s.body.size; pos++)
            for (size_t n = 0; n <= s.body.size - pos; n++)
                check_read(engine, &s, pos, n);
    free(s.bytes);
}
END_TEST

START_TEST(range_past_the_end_is_refused_and_writes_nothing)
{
    const struct {
        uint64_t pos;
        size_t n;
    } ranges[] = {
        {0, 341},      {340, 1},        {341, 0},
        {339, 2},      {UINT64_MAX, 0}, {UINT64_MAX, 1},
        {1, SIZE_MAX}, {340, SIZE_MAX}, {UINT64_MAX - 4, 5},
        {1u << 31, 1},
    };
    uint8_t buf[512];
    uint8_t before[512];
    struct sample s;

    sample_init(&s);
    memset(buf, CANARY, sizeof buf);
    memcpy(before, buf, sizeof buf);
    for (size_t i = 0; i < COUNT(ranges); i++)
        ck_assert_msg(sow_body_read(engine_at(0), &s.body, ranges[i].pos, buf,
                                    ranges[i].n) == SOW_BAD_RANGE,
                      "range %zu is not refused", i);
    ck_assert_mem_eq(buf, before, sizeof buf);
    free(s.bytes);
}
END_TEST

START_TEST(no_segments_are_an_empty_body)
{
    struct sow_body body;
    uint8_t byte = CANARY;

    ck_assert_int_eq(sow_body_init(&body, NULL, 0), SOW_OK);
    ck_assert_uint_eq(body.size, 0);
    ck_assert_int_eq(sow_body_read(engine_at(0), &body, 0, &byte, 0), SOW_OK);
    ck_assert_int_eq(sow_body_read(engine_at(0), &body, 0, &byte, 1),
                     SOW_BAD_RANGE);
    ck_assert_uint_eq(byte, CANARY);
}
END_TEST

START_TEST(size_stops_below_2_63)
{
    const struct {
        uint64_t a, b;
        enum sow_status status;
    } sums[] = {
        {INT64_MAX, 0, SOW_OK},
        {INT64_MAX - 1, 1, SOW_OK},
        {INT64_MAX, 1, SOW_BAD_SHAPE},
        {1, INT64_MAX, SOW_BAD_SHAPE},
        {UINT64_MAX, 1, SOW_BAD_SHAPE},
        {1, UINT64_MAX, SOW_BAD_SHAPE},
        {UINT64_C(1) << 62, UINT64_C(1) << 62, SOW_BAD_SHAPE},
    };

    for (size_t i = 0; i < COUNT(sums); i++) {
        struct sow_segment segments[] = {{.size = sums[i].a, .bytes = ""},
                                         {.size = sums[i].b, .bytes = ""}};
        struct sow_body body = {.size = 77};

        ck_assert_msg(sow_body_init(&body, segments, 2) == sums[i].status,
                      "sum %zu", i);
        if (sums[i].status != SOW_OK)
            ck_assert_uint_eq(body.size, 77);
        else
            ck_assert_uint_eq(body.size, INT64_MAX);
    }
}
END_TEST

/* Three tensors near 2^61 bytes each: only what is asked for is made. */
START_TEST(huge_bodies_are_read_at_their_far_end)
{
    const struct sow_spec spec =
        spec_make("normal", SOW_FLOAT32, SHAPE((uint64_t)1 << 59));
    const struct sow_tensor t = tensor_make(&spec);
    struct sow_segment segments[] = {
        {.tensor = &t}, {.bytes = "x", .size = 1}, {.tensor = &t}};
    struct sow_body body;
    uint8_t want[70];
    uint8_t got[141];

    ck_assert_int_eq(sow_body_init(&body, segments, 3), SOW_OK);
    ck_assert_uint_eq(body.size, 2 * t.size + 1);
    ck_assert_int_eq(sow_tensor_read(engine_at(0), &t, t.size - 70, want, 70),
                     SOW_OK);
    ck_assert_int_eq(
        sow_body_read(engine_at(0), &body, body.size - 70, got, 70), SOW_OK);
    ck_assert_mem_eq(got, want, 70);
    ck_assert_int_eq(sow_body_read(engine_at(0), &body, t.size - 70, got, 141),
                     SOW_OK);
    ck_assert_mem_eq(got, want, 70);
    ck_assert_uint_eq(got[70], 'x');
    ck_assert_int_eq(sow_tensor_read(engine_at(0), &t, 0, want, 70), SOW_OK);
    ck_assert_mem_eq(got + 71, want, 70);
}
END_TEST

Suite *body_suite(void)
{
    Suite *suite = suite_create("body");
    TCase *cases = tcase_create("body");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, segments_follow_one_another);
    tcase_add_test(cases, every_piece_equals_its_part_of_the_whole);
    tcase_add_test(cases, range_past_the_end_is_refused_and_writes_nothing);
    tcase_add_test(cases, no_segments_are_an_empty_body);
    tcase_add_test(cases, size_stops_below_2_63);
    tcase_add_test(cases, huge_bodies_are_read_at_their_far_end);
    suite_add_tcase(suite, cases);
    return suite;
}
