/* SPDX-License-Identifier: MIT */
/*
 * Tests of where tensors begin that come after turns: the same whether turns
 * are drawn one by one, all at once, or remembered.
 */
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "kernels/kernels.h"
#include "whole.h"

Suite *chain_suite(void);

/* More than are remembered at a time on the way back. */
#define TURNS 150
#define ENDS 400

/* What the memory has been told under each key, the last of it. */
struct memory {
    size_t count;
    unsigned hits;
    struct {
        uint8_t key[SOW_DIGEST_BYTES];
        uint64_t at;
        uint8_t bytes[SOW_MEMORY_BYTES];
    } entries[ENDS];
};

static size_t entry_of(const struct memory *memory, const uint8_t *key)
{
    size_t i = 0;

    while (i < memory->count &&
           memcmp(memory->entries[i].key, key, SOW_DIGEST_BYTES) != 0)
        i++;
    return i;
}

static uint64_t find(void *self, const uint8_t key[SOW_DIGEST_BYTES],
                     uint64_t at, void *bytes, size_t size)
{
    struct memory *memory = self;
    size_t i = entry_of(memory, key);

    if (i == memory->count || memory->entries[i].at > at)
        return UINT64_MAX;
    memory->hits++;
    memcpy(bytes, memory->entries[i].bytes, size);
    return memory->entries[i].at;
}

static void keep(void *self, const uint8_t key[SOW_DIGEST_BYTES], uint64_t at,
                 uint64_t from, const void *bytes, size_t size)
{
    struct memory *memory = self;
    size_t i = entry_of(memory, key);

    (void)from;
    ck_assert_uint_lt(i, ENDS);
    memory->count += i == memory->count;
    memcpy(memory->entries[i].key, key, SOW_DIGEST_BYTES);
    memcpy(memory->entries[i].bytes, bytes, size);
    memory->entries[i].at = at;
}

/* Turns of sizes around 16, with something between them, and an end. */
struct sequence {
    struct sow_start start;
    struct sow_turn turns[TURNS];
    struct sow_origin end;
};

static struct sow_spec turn_spec(struct sow_origin origin, size_t i)
{
    struct sow_spec spec =
        spec_make("torch.trunc_normal", SOW_FLOAT32, SHAPE(1 + mix(i) % 40));

    spec.origin = origin;
    spec_set(&spec, "a", -1);
    spec_set(&spec, "b", 1.5);
    return spec;
}

static void sequence_make(struct sequence *sequence)
{
    struct sow_error error;
    struct sow_origin origin;

    if (sow_start_seed(&sequence->start, sow_generator_find("torch"), 42,
                       &error) != SOW_OK)
        ck_abort_msg("%s", error.text);
    origin = sow_origin_begin(&sequence->start);
    for (size_t i = 0; i < TURNS; i++) {
        struct sow_spec spec = turn_spec(origin, i);
        struct sow_tensor tensor = tensor_make(&spec);

        ck_assert(sow_tensor_is_turn(&tensor));
        sow_turn_init(&sequence->turns[i], &tensor);
        origin = sow_origin_next(&tensor, &sequence->turns[i]);
        ck_assert_int_eq(sow_origin_skip(&origin, i % 3), SOW_OK);
    }
    sequence->end = origin;
}

/* 20 uniforms where the sequence ends. */
static void end_values(const struct sequence *sequence, float values[20])
{
    struct sow_spec spec = spec_make("torch.uniform", SOW_FLOAT32, SHAPE(20));
    struct sow_tensor tensor;

    spec.origin = sequence->end;
    tensor = tensor_make(&spec);
    ck_assert_int_eq(sow_tensor_read(engine_at(0), &tensor, 0, values, 4),
                     SOW_NEEDS_WHOLE);
    whole_make(engine_at(0), &tensor, false);
    ck_assert_int_eq(
        sow_tensor_read(engine_at(0), &tensor, 0, values, 20 * sizeof *values),
        SOW_OK);
    whole_free(&tensor);
}

/* The same, from the state after each turn, one after another. */
static void step_by_step(const struct sequence *sequence, float values[20])
{
    const struct sow_generator *generator = sow_generator_find("torch");
    struct sow_start start = sequence->start;
    struct sow_error error;
    uint8_t *state = must_allocate(sow_state_size(generator));
    struct sow_spec spec = spec_make("zeros", SOW_FLOAT32, SHAPE(0));
    struct sow_tensor tensor;
    struct sow_turn turn;

    for (size_t i = 0; i < TURNS; i++) {
        struct sow_spec one = turn_spec(sow_origin_begin(&start), i);

        tensor = tensor_make(&one);
        sow_turn_init(&turn, &tensor);
        spec.origin = sow_origin_next(&tensor, &turn);
        ck_assert_int_eq(sow_origin_skip(&spec.origin, i % 3), SOW_OK);
        tensor = tensor_make(&spec);
        whole_make(engine_at(0), &tensor, false);
        ck_assert_int_eq(sow_state_write(engine_at(0), &tensor, state), SOW_OK);
        whole_free(&tensor);
        ck_assert_int_eq(sow_start_state(&start, generator, state, &error),
                         SOW_OK);
    }
    spec = spec_make("torch.uniform", SOW_FLOAT32, SHAPE(20));
    spec.origin = sow_origin_begin(&start);
    tensor = tensor_make(&spec);
    ck_assert_int_eq(
        sow_tensor_read(engine_at(0), &tensor, 0, values, 20 * sizeof *values),
        SOW_OK);
    free(state);
}

START_TEST(a_long_chain_ends_where_its_turns_do_one_by_one)
{
    struct sequence *sequence = must_allocate(sizeof *sequence);
    float want[20], got[20];

    sequence_make(sequence);
    step_by_step(sequence, want);
    end_values(sequence, got);
    ck_assert_mem_eq(got, want, sizeof want);
    free(sequence);
}
END_TEST

START_TEST(ends_of_turns_are_remembered)
{
    struct sequence *sequence = must_allocate(sizeof *sequence);
    struct memory *memory = must_allocate(sizeof *memory);
    struct sow_memory given = {memory, find, keep};
    float want[20], got[20];
    size_t count;

    memory->count = 0;
    sequence_make(sequence);
    end_values(sequence, want);
    sequence->start.memory = &given;
    end_values(sequence, got);
    ck_assert_mem_eq(got, want, sizeof want);
    ck_assert_uint_ge(memory->count, TURNS);
    count = memory->count;
    memory->hits = 0;
    end_values(sequence, got);
    ck_assert_mem_eq(got, want, sizeof want);
    ck_assert_uint_eq(memory->count, count);
    ck_assert_uint_le(memory->hits, 2);
    free(memory);
    free(sequence);
}
END_TEST

static bool stop_third(void *argument)
{
    unsigned *asked = argument;

    return ++*asked == 3;
}

START_TEST(a_turn_that_is_told_to_stop_can_be_made_again)
{
    struct sow_spec spec =
        spec_make("torch.trunc_normal", SOW_FLOAT32, SHAPE(300000));
    struct sow_start start;
    struct sow_error error;
    struct sow_tensor tensor;
    struct sow_need need;
    unsigned asked = 0;
    double whole[16];
    void *scratch;

    ck_assert_int_eq(
        sow_start_seed(&start, sow_generator_find("torch"), 1, &error), SOW_OK);
    spec.origin = sow_origin_begin(&start);
    tensor = tensor_make(&spec);
    need = sow_tensor_need(&tensor);
    ck_assert_uint_le(need.doubles, COUNT(whole));
    scratch = must_allocate(need.scratch);
    ck_assert_int_eq(sow_tensor_make_whole(engine_at(0), &tensor, 0, whole,
                                           scratch, stop_third, &asked),
                     SOW_STOPPED);
    ck_assert_uint_eq(asked, 3);
    ck_assert_int_eq(sow_tensor_make_whole(engine_at(0), &tensor, 0, whole,
                                           scratch, stop_third, &asked),
                     SOW_OK);
    free(scratch);
}
END_TEST

START_TEST(what_a_turn_leaves_depends_on_all_before_it)
{
    struct sequence *sequence = must_allocate(sizeof *sequence);
    const uint8_t *chains[TURNS];

    sequence_make(sequence);
    for (size_t i = 0; i < TURNS; i++) {
        struct sow_origin origin = {.start = &sequence->start,
                                    .after = &sequence->turns[i]};

        chains[i] = sow_origin_chain(&origin);
        for (size_t j = 0; j < i; j++)
            ck_assert_mem_ne(chains[i], chains[j], SOW_DIGEST_BYTES);
    }
    free(sequence);
}
END_TEST

/* Whoever asks what is kept looks at the last turn, not along all of them. */
START_TEST(what_a_turn_leaves_is_known_without_those_before_it)
{
    struct sow_start start;
    struct sow_error error;
    struct sow_spec three = spec_make("torch.normal", SOW_FLOAT32, SHAPE(3));
    struct sow_spec turn =
        spec_make("torch.trunc_normal", SOW_FLOAT32, SHAPE(16));
    struct sow_turn turns[2];
    struct sow_tensor tensor;

    ck_assert_int_eq(
        sow_start_seed(&start, sow_generator_find("torch"), 42, &error),
        SOW_OK);
    three.origin = sow_origin_begin(&start);
    spec_set(&turn, "a", -1);
    tensor = tensor_make(&three);
    turn.origin = sow_origin_next(&tensor, NULL);
    for (size_t i = 0; i < COUNT(turns); i++) {
        tensor = tensor_make(&turn);
        sow_turn_init(&turns[i], &tensor);
        turn.origin = sow_origin_next(&tensor, &turns[i]);
    }
    memset(&turns[0], 0, sizeof turns[0]);
    three.origin = turn.origin;
    tensor = tensor_make(&three);
    ck_assert_msg(tensor.law.steps == 4 && !sow_tensor_is_turn(&tensor),
                  "after one that is kept two more take %llu words, not 4",
                  (unsigned long long)tensor.law.steps);
}
END_TEST

Suite *chain_suite(void)
{
    Suite *s = suite_create("chain");
    TCase *tc = tcase_create("chain");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_long_chain_ends_where_its_turns_do_one_by_one);
    tcase_add_test(tc, ends_of_turns_are_remembered);
    tcase_add_test(tc, a_turn_that_is_told_to_stop_can_be_made_again);
    tcase_add_test(tc, what_a_turn_leaves_depends_on_all_before_it);
    tcase_add_test(tc, what_a_turn_leaves_is_known_without_those_before_it);
    suite_add_tcase(s, tc);
    return s;
}
