/* SPDX-License-Identifier: MIT */
/* The JSON that is the body of a request for weights. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void *bytes = fuzz_bytes(data, size);
    struct model model = {0};
    struct spec_options options = {0};
    struct problem problem;
    json_t *root = NULL;

    enum problem_code code =
        spec_load(&fuzz_limits, bytes, size, &root, &problem);
    free(bytes);
    if (code) {
        fuzz_problem(&problem, code);
        return 0;
    }
    code = spec_from_json(&fuzz_limits, root, NULL, &model, &options, &problem);
    if (code) {
        fuzz_problem(&problem, code);
        if (problem.at[0])
            fuzz_pointer(root, problem.at, problem_name(code));
    } else {
        fuzz_model(&model);
        model_release(&model);
    }
    json_decref(root);
    return 0;
}
