/* SPDX-License-Identifier: MIT */
/* The suites of api/. */
#include "../suites.h"

/* clang-format off */
#define SUITES(ROW) \
    ROW(accept) \
    ROW(ahead) \
    ROW(aided) \
    ROW(analysis) \
    ROW(auth) \
    ROW(base64) \
    ROW(analysis_forms) \
    ROW(analysis_refusals) \
    ROW(answer_size) \
    ROW(api) \
    ROW(choose) \
    ROW(crew) \
    ROW(cut) \
    ROW(digits) \
    ROW(finite) \
    ROW(formats) \
    ROW(formats_sized) \
    ROW(generators) \
    ROW(head) \
    ROW(hub_commits) \
    ROW(hub_errors) \
    ROW(hub_form) \
    ROW(hub_models) \
    ROW(hub_resolve) \
    ROW(hub_revision) \
    ROW(hub_shards) \
    ROW(library) \
    ROW(measure) \
    ROW(measure_refusals) \
    ROW(measuring) \
    ROW(memo) \
    ROW(metrics) \
    ROW(named) \
    ROW(model) \
    ROW(nested) \
    ROW(npy) \
    ROW(number) \
    ROW(page) \
    ROW(pace) \
    ROW(path) \
    ROW(problems) \
    ROW(query) \
    ROW(range) \
    ROW(recipe) \
    ROW(recipes) \
    ROW(refusals) \
    ROW(repo_name) \
    ROW(repr) \
    ROW(room) \
    ROW(router) \
    ROW(safetensors) \
    ROW(signature) \
    ROW(signing) \
    ROW(self_test) \
    ROW(spec) \
    ROW(spec_json) \
    ROW(spec_json_hostile) \
    ROW(spec_json_refusals) \
    ROW(spec_layers) \
    ROW(spec_layers_refusals) \
    ROW(spec_refusals) \
    ROW(suggest) \
    ROW(tape) \
    ROW(tensor_law) \
    ROW(text) \
    ROW(tokens) \
    ROW(utf8) \
    ROW(version) \
    ROW(warnings) \
    ROW(weights) \
    ROW(wholes) \
    ROW(wholes_make) \
    ROW(pins) \
    ROW(pins_limits) \
    ROW(plain) \
    ROW(stored) \
    ROW(stack) \
    ROW(stack_refusals) \
    ROW(stack_work) \
    ROW(states) \
    ROW(work) \
    ROW(work_files)
/* clang-format on */

SUITES(SUITE_DECLARE)

static const struct suite_row suites[] = {SUITES(SUITE_ROW)};

int main(int argc, char **argv)
{
    return suites_main(suites, sizeof suites / sizeof suites[0], argc, argv);
}
