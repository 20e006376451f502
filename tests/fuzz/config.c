/* SPDX-License-Identifier: MIT */
/* The config.json of a model. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct model model = {0};
    struct spec_options options = {0};
    struct problem problem;
    json_t *config =
        json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);

    if (!config)
        return 0;
    json_t *root = json_pack("{s:o}", "config", config);
    MUST(root, "out of memory");
    enum problem_code code =
        spec_from_json(&fuzz_limits, root, NULL, &model, &options, &problem);
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
