/* SPDX-License-Identifier: MIT */
/*
 * A slice: the first line is a shape, "4,5,6", the second a slice of it.  What
 * it reads is what one picks out of the whole, element by element.
 */
#include "fuzz.h"

#include "cut.h"
#include "query.h"

#include <inttypes.h>
#include <string.h>

#define MOST 4096

/* One that can't be written a second time, as text, reads as it was. */
static void check_written(const struct sow_tensor *tensor)
{
    char bytes[SOW_MAX_RANK * 44];
    struct text text = {.bytes = bytes, .room = sizeof bytes - 1};
    struct sow_tensor again = *tensor;
    struct value value = {.text = bytes, .place = &place_query};
    struct problem problem;
    struct cut cut;

    if (!sow_tensor_is_cut(tensor))
        return;
    cut_put(&text, tensor);
    MUST(!text.failed, "%zu", text.size);
    bytes[text.size] = '\0';
    MUST(!cut_read(&cut, &value, &problem), "%s: %s", bytes, problem.detail);
    MUST(!cut_apply(&cut, &place_query, &again, &problem), "%s", bytes);
    MUST(again.size == tensor->size, "%s", bytes);
    MUST(!memcmp(again.start, tensor->start, sizeof again.start), "%s", bytes);
}

/* Where element 'i' of the slice is in the whole. */
static uint64_t place_of(const struct sow_tensor *cut, uint64_t i)
{
    const struct sow_shape *whole = &cut->spec.shape;
    uint64_t at = 0;
    uint64_t stride = 1;

    for (size_t d = whole->rank; d-- > 0;) {
        at += (cut->start[d] + i % cut->shape.dims[d]) * stride;
        i /= cut->shape.dims[d];
        stride *= whole->dims[d];
    }
    return at;
}

static void check_elements(const struct sow_tensor *whole,
                           const struct sow_tensor *cut)
{
    static uint32_t all[MOST], part[MOST];
    const struct sow_engine *engine;

    MUST(!sow_engine_choose(NULL, &engine), "no engine");
    MUST(cut->size <= whole->size, "%" PRIu64, cut->size);
    if (whole->size > sizeof all)
        return;
    MUST(!sow_tensor_read(engine, whole, 0, all, whole->size), "whole");
    MUST(!sow_tensor_read(engine, cut, 0, part, cut->size), "cut");
    for (uint64_t i = 0; i < cut->size / sizeof part[0]; i++)
        MUST(part[i] == all[place_of(cut, i)], "element %" PRIu64, i);
}

static void check(const struct sow_tensor *whole, const char *slice)
{
    struct place place = {&place_query, "slice", 0};
    struct value value = {.text = slice, .place = &place};
    struct sow_tensor tensor = *whole;
    struct problem problem;
    struct cut cut;
    enum problem_code code = cut_read(&cut, &value, &problem);

    if (!code)
        code = cut_apply(&cut, &place, &tensor, &problem);
    if (code) {
        fuzz_problem(&problem, code);
        MUST(!strcmp(problem.at, "slice"), "%s", problem.at);
        MUST(tensor.size == whole->size, "%s", slice);
        return;
    }
    check_written(&tensor);
    check_elements(whole, &tensor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    char *slice = fuzz_line(text);
    struct query query = {.count = 2,
                          .pairs = {{"scheme", "normal"}, {"shape", text}}};
    struct model model = {0};
    struct spec_options options = {0};
    struct problem problem;

    if (!spec_from_query(&fuzz_limits, &query, &model, &options, &problem)) {
        check(&model.tensors[0], slice);
        model_release(&model);
    }
    free(text);
    return 0;
}
