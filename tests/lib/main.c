/* SPDX-License-Identifier: MIT */
/* The suites of lib/, after the names of the engines that can't be tested. */
#include "../suites.h"

/* clang-format off */
#define SUITES(ROW) \
    ROW(access) \
    ROW(accuracy) \
    ROW(activation) \
    ROW(analysis) \
    ROW(analysis_accuracy) \
    ROW(analysis_activations) \
    ROW(analysis_advice) \
    ROW(analysis_blocks) \
    ROW(analysis_extremes) \
    ROW(analysis_moments) \
    ROW(analysis_products) \
    ROW(analysis_simulation) \
    ROW(analysis_verdicts) \
    ROW(analysis_weights) \
    ROW(arguments) \
    ROW(basis) \
    ROW(bfloat16) \
    ROW(body) \
    ROW(calibrate) \
    ROW(catalogue) \
    ROW(chain) \
    ROW(choose) \
    ROW(classical) \
    ROW(convention) \
    ROW(convert) \
    ROW(convolution) \
    ROW(density) \
    ROW(density_values) \
    ROW(digest) \
    ROW(domains) \
    ROW(doubles) \
    ROW(drawn) \
    ROW(draws) \
    ROW(elementary) \
    ROW(elementary_bits) \
    ROW(embedding) \
    ROW(expression) \
    ROW(gain) \
    ROW(glibc) \
    ROW(haar) \
    ROW(image) \
    ROW(jax) \
    ROW(jax_laws) \
    ROW(kernels) \
    ROW(kernels_agree) \
    ROW(laws) \
    ROW(layers) \
    ROW(mamba) \
    ROW(marks) \
    ROW(measure) \
    ROW(measure_gradients) \
    ROW(measure_order) \
    ROW(measure_refused) \
    ROW(measure_theory) \
    ROW(mirrored) \
    ROW(models) \
    ROW(mt19937) \
    ROW(narrow) \
    ROW(norm) \
    ROW(numpy) \
    ROW(numpy_states) \
    ROW(orthogonal) \
    ROW(papers) \
    ROW(pattern) \
    ROW(philox) \
    ROW(position) \
    ROW(profiles) \
    ROW(read) \
    ROW(repeat) \
    ROW(recurrent) \
    ROW(rules) \
    ROW(scaling) \
    ROW(schemes) \
    ROW(secret) \
    ROW(shape) \
    ROW(sha1) \
    ROW(sha256) \
    ROW(sign) \
    ROW(slice) \
    ROW(sow1) \
    ROW(sparse) \
    ROW(state) \
    ROW(statistics) \
    ROW(status) \
    ROW(stft) \
    ROW(tables) \
    ROW(tensor) \
    ROW(torch) \
    ROW(truncated) \
    ROW(vectors) \
    ROW(wholes)
/* clang-format on */

SUITES(SUITE_DECLARE)

static const struct suite_row suites[] = {SUITES(SUITE_ROW)};

static void name_missing_engines(void)
{
    const struct sow_engine *engine;
    const char *name;

    for (size_t i = 0; (name = sow_engine_at(i)) != NULL; i++)
        if (sow_engine_choose(name, &engine) != SOW_OK)
            printf("engine missing on this CPU: %s\n", name);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    name_missing_engines();
    return suites_main(suites, sizeof suites / sizeof suites[0], argc, argv);
}
