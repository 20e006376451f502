/* SPDX-License-Identifier: MIT */
/*
 * What must be made before a tensor can be read is the same however it is
 * made; and a tensor that needs nothing can be read anywhere.
 */
#include "whole.h"

#include <stdlib.h>

#include "subject.h"

Suite *access_suite(void);

/* ---- wholes ------------------------------------------------------------- */

static void check_whole(struct sow_tensor *tensor, const uint8_t *want,
                        const char *what)
{
    uint8_t *got = subject_read(engine_at(0), tensor);

    subject_same(tensor, got, want, tensor->size, what);
    whole_free(tensor);
    free(got);
}

static void wholes_are_the_same_on(struct subject *subject)
{
    struct sow_tensor tensor = subject->tensor;
    struct sow_need need = sow_tensor_need(&tensor);
    uint8_t *want = subject_read(engine_at(0), &tensor);

    MUST(need.doubles == 0 ||
             tensor.spec.scheme.info->access != SOW_ANY_ELEMENT,
         "%s makes a whole, but does not say so",
         subject_describe(&tensor.spec));
    tensor.whole = NULL;
    if (need.units > 0 && tensor.size > 0)
        MUST(sow_tensor_read(engine_at(0), &tensor, 0, want, 1) ==
                 SOW_NEEDS_WHOLE,
             "%s can be read without its whole",
             subject_describe(&tensor.spec));
    for (size_t e = 0; need.units > 0 && engine_at(e) != NULL; e++) {
        whole_make(engine_at(e), &tensor, true);
        check_whole(&tensor, want, "made backward");
    }
    whole_make_twice(engine_at(0), &tensor);
    check_whole(&tensor, want, "made again after a stop");
    whole_make_side_by_side(engine_at(0), &tensor);
    check_whole(&tensor, want, "made by two threads");
    free(want);
}

START_TEST(wholes_are_the_same_however_made)
{
    subject_each(SOW_FLOAT32, wholes_are_the_same_on);
}
END_TEST

/* ---- far away ----------------------------------------------------------- */

#define WINDOW 3000

/* A window that begins at 'pos', at once and in pieces. */
static void check_window(const struct sow_tensor *tensor, uint64_t pos)
{
    uint8_t whole[WINDOW], pieces[WINDOW], portable[WINDOW];
    const struct sow_engine *reference;

    ck_assert_int_eq(sow_engine_choose("portable", &reference), SOW_OK);
    MUST(sow_tensor_read(engine_at(0), tensor, pos, whole, WINDOW) == SOW_OK,
         "can't be read");
    MUST(sow_tensor_read(reference, tensor, pos, portable, WINDOW) == SOW_OK,
         "can't be read");
    subject_same(tensor, whole, portable, WINDOW, "far away, the engine");
    for (size_t at = 0, n; at < WINDOW; at += n) {
        n = 1 + (size_t)(mix(pos + at) % 999);
        n = n < WINDOW - at ? n : WINDOW - at;
        MUST(sow_tensor_read(engine_at(0), tensor, pos + at, pieces + at, n) ==
                 SOW_OK,
             "can't be read");
    }
    subject_same(tensor, pieces, whole, WINDOW, "far away, in pieces");
}

/* Elements past 2^32 and 2^52, of every scheme that takes such a shape. */
START_TEST(far_windows_are_the_same_in_pieces)
{
    static const struct sow_shape shapes[] = {
        {1, {UINT64_C(1) << 59}},
        {2, {UINT64_C(1) << 29, UINT64_C(1) << 30}},
        {2, {UINT64_C(1) << 27, UINT64_C(1) << 27}},
        {3, {UINT64_C(1) << 20, UINT64_C(1) << 19, 3}},
        {4, {UINT64_C(1) << 20, UINT64_C(1) << 19, 3, 3}},
        {4, {3, 3, UINT64_C(1) << 19, UINT64_C(1) << 20}},
    };
    const struct sow_scheme_info *info;

    for (size_t row = 0; (info = sow_scheme_at(row)) != NULL; row++) {
        struct subject s;

        fitting_first(info, SOW_FLOAT32, &s.spec, &s.tensor);
        for (size_t i = 0; i < COUNT(shapes); i++) {
            struct sow_error error;

            s.spec.shape = shapes[i];
            if (sow_tensor_init(&s.tensor, &s.spec, &error) != SOW_OK ||
                sow_tensor_need(&s.tensor).units > 0)
                continue;
            check_window(&s.tensor, s.tensor.size - WINDOW);
            check_window(&s.tensor, s.tensor.size / 3 * 2 + 1);
            check_window(&s.tensor, (UINT64_C(1) << 34) - WINDOW / 2);
        }
    }
}
END_TEST

Suite *access_suite(void)
{
    Suite *suite = suite_create("access");
    TCase *cases = tcase_create("access");

    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, wholes_are_the_same_however_made);
    tcase_add_test(cases, far_windows_are_the_same_in_pieces);
    suite_add_tcase(suite, cases);
    return suite;
}
