/* SPDX-License-Identifier: MIT */
/*
 * A slice is the part of the whole that NumPy would cut, and the slices of any
 * partition, put together, are the whole.
 */
#include <stdlib.h>
#include <string.h>

#include "subject.h"

Suite *slice_suite(void);

/* ---- partitions --------------------------------------------------------- */

/* Dimensions are cut at so many places, ends included; parts may be empty. */
#define CUTS 4

/* A partition: where each dimension is cut, ascending, from 0 to its end. */
struct partition {
    uint64_t cuts[SOW_MAX_RANK][CUTS];
};

static uint64_t chance;

static uint64_t below(uint64_t n)
{
    return n > 0 ? mix(chance++) % n : 0;
}

static void partition_draw(struct partition *partition,
                           const struct sow_shape *shape)
{
    for (uint32_t axis = 0; axis < shape->rank; axis++) {
        uint64_t *cuts = partition->cuts[axis];
        const uint64_t size = shape->dims[axis];

        cuts[0] = 0;
        cuts[CUTS - 1] = size;
        for (size_t i = 1; i + 1 < CUTS; i++)
            cuts[i] = cuts[i - 1] + below(size - cuts[i - 1] + 1);
    }
}

/* Part 'number' of the partition; false past the last. */
static bool partition_part(const struct partition *partition, uint32_t rank,
                           size_t number, struct sow_slice *slice)
{
    for (uint32_t axis = 0; axis < rank; axis++) {
        const uint64_t *cuts = partition->cuts[axis] + number % (CUTS - 1);

        slice->start[axis] = cuts[0];
        slice->stop[axis] = cuts[1];
        number /= CUTS - 1;
    }
    return number == 0;
}

/* Where element 'i' of a slice is in the whole: by its indices. */
static uint64_t place_of(const struct sow_tensor *tensor,
                         const struct sow_slice *slice, uint64_t i)
{
    uint64_t place = 0, stride = 1;

    for (uint32_t axis = tensor->spec.shape.rank; axis-- > 0;) {
        const uint64_t count = slice->stop[axis] - slice->start[axis];

        place += (slice->start[axis] + i % count) * stride;
        stride *= tensor->spec.shape.dims[axis];
        i /= count;
    }
    return place;
}

/* Read a slice in pieces of odd sizes. */
static void read_pieces(const struct sow_engine *engine,
                        const struct sow_tensor *tensor, uint8_t *out)
{
    for (uint64_t at = 0, n; at < tensor->size; at += n) {
        n = 1 + below(700);
        n = n < tensor->size - at ? n : tensor->size - at;
        MUST(sow_tensor_read(engine, tensor, at, out + at, n) == SOW_OK,
             "bytes %llu to %llu of a slice of %s can't be read",
             (unsigned long long)at, (unsigned long long)(at + n),
             subject_describe(&tensor->spec));
    }
}

/* Put the slice's elements where they are in 'all'. */
static void put_part(const struct sow_tensor *whole,
                     const struct sow_slice *slice, uint8_t *all,
                     uint8_t *filled)
{
    struct sow_tensor part = *whole;
    struct sow_error error;
    const size_t item = sow_dtype_size(whole->spec.dtype);
    uint8_t *bytes = must_allocate(whole->size + 1);

    MUST(sow_tensor_cut(&part, slice, &error) == SOW_OK, "refused: %s",
         error.text);
    MUST(part.fan_in == whole->fan_in && part.fan_out == whole->fan_out,
         "%s has other fans when cut", subject_describe(&whole->spec));
    read_pieces(engine_at(below(2) && engine_at(1) ? 1 : 0), &part, bytes);
    for (uint64_t i = 0; i < part.size / item; i++) {
        const uint64_t place = place_of(whole, slice, i);

        memcpy(all + place * item, bytes + i * item, item);
        filled[place]++;
    }
    free(bytes);
}

static void partitions_are_the_whole_on(struct subject *subject)
{
    const struct sow_tensor *tensor = &subject->tensor;
    uint8_t *want = subject_read(engine_at(0), tensor);
    uint8_t *got = must_allocate(tensor->size + 1);
    uint8_t *filled = calloc(tensor->elements + 1, 1);
    struct partition partition;
    struct sow_slice slice;

    partition_draw(&partition, &tensor->spec.shape);
    for (size_t i = 0;
         partition_part(&partition, tensor->spec.shape.rank, i, &slice); i++)
        put_part(tensor, &slice, got, filled);
    for (uint64_t i = 0; i < tensor->elements; i++)
        MUST(filled[i] == 1, "element %llu of %s is in %d parts",
             (unsigned long long)i, subject_describe(&tensor->spec), filled[i]);
    subject_same(tensor, got, want, tensor->size, "put together from slices");
    free(filled);
    free(got);
    free(want);
}

START_TEST(parts_of_any_partition_are_the_whole)
{
    chance = (uint64_t)_i << 32;
    subject_each((enum sow_dtype)_i, partitions_are_the_whole_on);
}
END_TEST

/* ---- single slices ------------------------------------------------------ */

static struct sow_tensor normal(struct sow_shape shape)
{
    struct sow_spec spec = spec_make("normal", SOW_FLOAT32, shape);

    spec_set(&spec, "std", 1);
    return tensor_make(&spec);
}

START_TEST(slice_of_a_huge_tensor_costs_itself_alone)
{
    const uint64_t side = UINT64_C(1) << 30;
    struct sow_tensor tensor = normal(SHAPE(side, side));
    struct sow_slice slice = {{side - 2, side - 3}, {side, side}};
    struct sow_error error;
    float got[6], want;

    ck_assert_int_eq(sow_tensor_cut(&tensor, &slice, &error), SOW_OK);
    ck_assert_uint_eq(tensor.size, sizeof got);
    ck_assert_int_eq(sow_tensor_read(engine_at(0), &tensor, 0, got, sizeof got),
                     SOW_OK);
    tensor = normal(SHAPE(side, side));
    for (uint64_t i = 0; i < 6; i++) {
        const uint64_t at = (side - 2 + i / 3) * side + side - 3 + i % 3;

        ck_assert_int_eq(
            sow_tensor_read(engine_at(0), &tensor, at * 4, &want, 4), SOW_OK);
        ck_assert_uint_eq(f32_bits(got[i]), f32_bits(want));
    }
}
END_TEST

/* Columns of rows that are longer and shorter than what is drawn at a time. */
START_TEST(columns_of_every_width_are_the_elements_they_name)
{
    static const uint64_t lengths[] = {2, 9, 31, 32, 33, 257, 600};
    const uint64_t length = lengths[_i], rows = 70;
    struct sow_tensor whole = normal(SHAPE(rows, length));
    uint8_t *all = tensor_bytes(&whole);
    const struct sow_engine *engine;

    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        for (uint64_t width = 1; width < length && width < 150; width++) {
            uint64_t start = mix(width) % (length - width + 1);
            struct sow_slice slice = {{0, start}, {rows, start + width}};
            struct sow_tensor part = whole;
            struct sow_error error;
            uint8_t *got = must_allocate(rows * width * 4);

            ck_assert_int_eq(sow_tensor_cut(&part, &slice, &error), SOW_OK);
            ck_assert_int_eq(sow_tensor_read(engine, &part, 0, got, part.size),
                             SOW_OK);
            for (uint64_t row = 0; row < rows; row++)
                MUST(memcmp(got + row * width * 4,
                            all + (row * length + start) * 4, width * 4) == 0,
                     "engine %s, row %llu of %llu columns of %llu",
                     sow_engine_name(engine), (unsigned long long)row,
                     (unsigned long long)width, (unsigned long long)length);
            free(got);
        }
    free(all);
}
END_TEST

/* Short runs near each other and far apart, in many rows, and few. */
static const struct {
    struct sow_shape shape;
    struct sow_slice slice;
} short_runs[] = {
    {{2, {700, 64}}, {{0, 5}, {700, 6}}},
    {{2, {700, 61}}, {{3, 5}, {699, 6}}},
    {{2, {700, 62}}, {{3, 7}, {699, 18}}},
    {{2, {300, 130}}, {{1, 63}, {300, 96}}},
    {{2, {45, 513}}, {{0, 512}, {45, 513}}},
    {{2, {20, 513}}, {{0, 1}, {20, 3}}},
    {{2, {900, 9}}, {{0, 4}, {900, 5}}},
    {{2, {900, 3}}, {{0, 1}, {900, 3}}},
    {{3, {90, 100, 8}}, {{0, 0, 0}, {90, 2, 1}}},
    {{3, {90, 100, 8}}, {{0, 1, 7}, {90, 40, 8}}},
    {{3, {90, 100, 8}}, {{40, 97, 3}, {80, 100, 8}}},
    {{3, {300, 4, 8}}, {{0, 0, 0}, {300, 2, 1}}},
    {{4, {40, 40, 3, 3}}, {{0, 0, 0, 0}, {40, 40, 1, 1}}},
    {{4, {40, 40, 3, 3}}, {{0, 7, 1, 1}, {40, 8, 3, 2}}},
    {{4, {6, 5, 50, 7}}, {{1, 2, 3, 4}, {5, 4, 47, 6}}},
};

static void check_short_runs(struct sow_spec *spec, const struct sow_slice *cut)
{
    struct sow_tensor whole = tensor_make(spec), part = whole;
    const size_t item = sow_dtype_size(spec->dtype);
    uint8_t *all = tensor_bytes(&whole);
    uint8_t *got = must_allocate(whole.size);
    const struct sow_engine *engine;
    struct sow_error error;

    ck_assert_int_eq(sow_tensor_cut(&part, cut, &error), SOW_OK);
    for (size_t e = 0; (engine = engine_at(e)) != NULL; e++)
        for (int pieces = 0; pieces < 2; pieces++) {
            if (pieces)
                read_pieces(engine, &part, got);
            else
                ck_assert_int_eq(
                    sow_tensor_read(engine, &part, 0, got, part.size), SOW_OK);
            for (uint64_t i = 0; i < part.size / item; i++)
                MUST(memcmp(got + i * item,
                            all + place_of(&part, cut, i) * item, item) == 0,
                     "engine %s, %s: element %llu of the slice",
                     sow_engine_name(engine), subject_describe(spec),
                     (unsigned long long)i);
        }
    free(got);
    free(all);
}

START_TEST(short_runs_are_the_elements_they_name)
{
    static const char *const schemes[] = {"uniform", "normal",
                                          "truncated_normal", "constant"};

    chance = (uint64_t)_i << 40;
    for (size_t s = 0; s < COUNT(schemes); s++)
        for (int d = 0; d < SOW_DTYPES; d++) {
            struct sow_spec spec =
                spec_make(schemes[s], (enum sow_dtype)d, short_runs[_i].shape);

            if (s == 3)
                spec_set(&spec, "value", 0.7);
            check_short_runs(&spec, &short_runs[_i].slice);
        }
}
END_TEST

/*
 * The number of the generator's block passes a multiple of 2^32 in one of the
 * rows from this on, or its product with the cipher's multiplier 2^63.
 */
static const struct {
    uint64_t block, rows;
} carries[] = {{UINT64_C(3) << 32, 200}, {UINT64_C(2613940463), 2}};

/* Each element of the part, of at most 800, against itself read alone. */
static void check_elements(const struct sow_engine *engine,
                           const struct sow_tensor *part,
                           const struct sow_tensor *whole,
                           const struct sow_slice *slice)
{
    uint8_t got[800 * sizeof(double)], want[sizeof(double)];
    const size_t item = sow_dtype_size(part->spec.dtype);

    ck_assert_int_eq(sow_tensor_read(engine, part, 0, got, part->size), SOW_OK);
    for (uint64_t i = 0; i < part->size / item; i++) {
        ck_assert_int_eq(sow_tensor_read(engine, whole,
                                         place_of(part, slice, i) * item, want,
                                         item),
                         SOW_OK);
        MUST(memcmp(got + i * item, want, item) == 0, "%s: element %d by %s",
             subject_describe(&part->spec), (int)i, sow_engine_name(engine));
    }
}

START_TEST(columns_cross_a_carry)
{
    const uint64_t columns = 4000 + (uint64_t)_i / 2;

    for (int d = 0; d < SOW_DTYPES; d++) {
        struct sow_spec spec = spec_make("normal", (enum sow_dtype)d,
                                         SHAPE(UINT64_C(1) << 40, columns));
        struct sow_tensor whole = tensor_make(&spec), part = whole;
        uint64_t words = d == SOW_FLOAT64 ? 2 : 1;
        uint64_t row =
            carries[_i % 2].block * 4 / words / columns - carries[_i % 2].rows;
        struct sow_slice slice = {{row, 7}, {row + 400, 9}};
        struct sow_error error;

        ck_assert_int_eq(sow_tensor_cut(&part, &slice, &error), SOW_OK);
        for (size_t e = 0; engine_at(e) != NULL; e++)
            check_elements(engine_at(e), &part, &whole, &slice);
    }
}
END_TEST

START_TEST(slice_that_ends_before_it_starts_is_refused)
{
    struct sow_tensor tensor = normal(SHAPE(4, 5));
    struct sow_slice slice = {{0, 3}, {4, 2}};
    struct sow_error error;

    ck_assert_int_eq(sow_tensor_cut(&tensor, &slice, &error), SOW_BAD_SLICE);
    ck_assert_str_eq(error.at, "slice");
    ck_assert(!sow_tensor_is_cut(&tensor));
}
END_TEST

START_TEST(slice_past_the_end_is_refused)
{
    struct sow_tensor tensor = normal(SHAPE(4, 5));
    struct sow_slice slice = {{0, 0}, {5, 5}};
    struct sow_error error;

    ck_assert_int_eq(sow_tensor_cut(&tensor, &slice, &error), SOW_BAD_SLICE);
    ck_assert_uint_eq(tensor.size, 80);
}
END_TEST

START_TEST(slice_of_everything_is_no_cut)
{
    struct sow_tensor tensor = normal(SHAPE(4, 5));
    struct sow_slice slice = {{0, 0}, {4, 5}};
    struct sow_slice part = {{1, 0}, {2, 5}};
    struct sow_error error;

    ck_assert_int_eq(sow_tensor_cut(&tensor, &part, &error), SOW_OK);
    ck_assert(sow_tensor_is_cut(&tensor));
    ck_assert_int_eq(sow_tensor_cut(&tensor, &slice, &error), SOW_OK);
    ck_assert(!sow_tensor_is_cut(&tensor));
    ck_assert_uint_eq(tensor.size, 80);
}
END_TEST

START_TEST(empty_slice_has_no_byte_to_read)
{
    struct sow_tensor tensor = normal(SHAPE(4, 5));
    struct sow_slice slice = {{2, 0}, {2, 5}};
    struct sow_error error;
    uint8_t byte = 7;

    ck_assert_int_eq(sow_tensor_cut(&tensor, &slice, &error), SOW_OK);
    ck_assert_uint_eq(tensor.size, 0);
    ck_assert_int_eq(sow_tensor_read(engine_at(0), &tensor, 0, &byte, 0),
                     SOW_OK);
    ck_assert_int_eq(sow_tensor_read(engine_at(0), &tensor, 0, &byte, 1),
                     SOW_BAD_RANGE);
    ck_assert_uint_eq(byte, 7);
}
END_TEST

Suite *slice_suite(void)
{
    Suite *suite = suite_create("slice");
    TCase *cases = tcase_create("slice");

    tcase_set_timeout(cases, 600);
    tcase_add_loop_test(cases, parts_of_any_partition_are_the_whole, 0,
                        SOW_DTYPES);
    tcase_add_test(cases, slice_of_a_huge_tensor_costs_itself_alone);
    tcase_add_loop_test(
        cases, columns_of_every_width_are_the_elements_they_name, 0, 7);
    tcase_add_loop_test(cases, short_runs_are_the_elements_they_name, 0,
                        COUNT(short_runs));
    tcase_add_loop_test(cases, columns_cross_a_carry, 0, 10);
    tcase_add_test(cases, slice_that_ends_before_it_starts_is_refused);
    tcase_add_test(cases, slice_past_the_end_is_refused);
    tcase_add_test(cases, slice_of_everything_is_no_cut);
    tcase_add_test(cases, empty_slice_has_no_byte_to_read);
    suite_add_tcase(suite, cases);
    return suite;
}
