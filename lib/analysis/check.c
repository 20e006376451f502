/* SPDX-License-Identifier: MIT */
/* Layers and inputs: names, defaults, and what is out of range. */
#include <math.h>
#include <string.h>

#include "analysis/theory.h"
#include "status.h"

static const char *const ensembles[] = {"independent", "orthogonal", "fixed"};
static const char *const norms[] = {"none", "layer_norm", "rms_norm",
                                    "batch_norm"};

const char *sow_analysis_ensemble_name(enum sow_analysis_ensemble ensemble)
{
    return ensembles[ensemble];
}

const char *sow_analysis_norm_name(enum sow_analysis_norm norm)
{
    return norms[norm];
}

bool sow_analysis_norm_find(const char *name, enum sow_analysis_norm *norm)
{
    for (size_t i = 0; i < sizeof norms / sizeof norms[0]; i++)
        if (strcmp(name, norms[i]) == 0) {
            *norm = (enum sow_analysis_norm)i;
            return true;
        }
    return false;
}

void sow_analysis_input_init(struct sow_analysis_input *input)
{
    *input = (struct sow_analysis_input){.second_moment = 1,
                                         .correlation = 0.5,
                                         .threshold = 3,
                                         .epsilon = 0.01};
}

void sow_analysis_layer_init(struct sow_analysis_layer *layer, uint64_t n_in,
                             uint64_t n_out)
{
    *layer = (struct sow_analysis_layer){.n_in = n_in,
                                         .n_out = n_out,
                                         .receptive = 1,
                                         .keep = 1,
                                         .alpha = 1,
                                         .dtype = SOW_FLOAT32};
}

/* A number and its range; with 'open' the lower end is not in it. */
struct range {
    const char *name;
    double value, low, high;
    bool open;
};

static bool is_in(const struct range *range)
{
    return isfinite(range->value) && range->value <= range->high &&
           (range->open ? range->value > range->low
                        : range->value >= range->low);
}

static enum sow_status check_input(const struct sow_analysis_input *input,
                                   struct sow_error *error)
{
    const struct range ranges[] = {
        {"second_moment", input->second_moment, 0, INFINITY, false},
        {"mean", input->mean * input->mean, 0, input->second_moment, false},
        {"correlation", input->correlation, -1, 1, false},
        {"between", input->between, -1, 1, false},
        {"threshold", input->threshold, 0, INFINITY, true},
        {"epsilon", input->epsilon, 0, INFINITY, true},
    };

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (!is_in(&ranges[i]))
            return sow_fail(error, SOW_BAD_PARAMETER, ranges[i].name,
                            "the input's %s is out of range: give a "
                            "second_moment of at least 0, a mean whose square "
                            "is not above it, correlations from -1 to 1, and "
                            "a threshold and an epsilon above 0",
                            ranges[i].name);
    return SOW_OK;
}

static enum sow_status check_layer(const struct sow_analysis_layer *layer,
                                   size_t i, struct sow_error *error)
{
    const struct sow_analysis_activation *phi = layer->activation;
    bool has = phi != NULL && phi->parameter != NULL;
    const struct range ranges[] = {
        {"n_in", (double)layer->n_in, 1, INFINITY, false},
        {"n_out", (double)layer->n_out, 1, INFINITY, false},
        {"receptive", layer->receptive, 0, INFINITY, true},
        {"mean", layer->weight.mean, -INFINITY, INFINITY, false},
        {"variance", layer->weight.variance, 0, INFINITY, false},
        {"bias_mean", layer->bias_mean, -INFINITY, INFINITY, false},
        {"bias_variance", layer->bias_variance, 0, INFINITY, false},
        {has ? phi->parameter : "parameter", has ? layer->parameter : 0,
         has ? phi->low : 0, has ? phi->high : 0, false},
        {"keep", layer->keep, 0, 1, true},
        {"alpha", layer->alpha, -INFINITY, INFINITY, false},
    };

    for (size_t k = 0; k < sizeof ranges / sizeof ranges[0]; k++)
        if (!is_in(&ranges[k]))
            return sow_fail(error, SOW_BAD_PARAMETER, ranges[k].name,
                            "layer %zu: %s is %g; it must be a number from %g "
                            "to %g%s",
                            i, ranges[k].name, ranges[k].value, ranges[k].low,
                            ranges[k].high,
                            ranges[k].open ? ", above the first" : "");
    return SOW_OK;
}

static enum sow_status check_branch(const struct sow_analysis_layer *layer,
                                    size_t i, bool *inside,
                                    struct sow_error *error)
{
    if (layer->opens && *inside)
        return sow_fail(error, SOW_BAD_SHAPE, "opens",
                        "layer %zu opens a residual branch inside one; close "
                        "that first",
                        i);
    *inside = *inside || layer->opens;
    if (layer->closes && !*inside)
        return sow_fail(error, SOW_BAD_SHAPE, "closes",
                        "layer %zu closes a residual branch that none opened; "
                        "let one layer up to here open it",
                        i);
    *inside = *inside && !layer->closes;
    return SOW_OK;
}

enum sow_status sow_theory_check(const struct sow_analysis_input *input,
                                 const struct sow_analysis_layer *layers,
                                 size_t count, struct sow_error *error)
{
    enum sow_status status = check_input(input, error);
    bool inside = false;

    if (status == SOW_OK && count == 0)
        status = sow_fail(error, SOW_BAD_SHAPE, "count",
                          "there are no layers; give at least one");
    for (size_t i = 0; i < count && status == SOW_OK; i++) {
        status = check_layer(&layers[i], i, error);
        if (status == SOW_OK)
            status = check_branch(&layers[i], i, &inside, error);
    }
    if (status == SOW_OK && inside)
        status = sow_fail(error, SOW_BAD_SHAPE, "closes",
                          "a residual branch is open at the end; let its last "
                          "layer close it");
    return status;
}
