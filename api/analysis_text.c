/* SPDX-License-Identifier: MIT */
/*
 * Analyses as JSON.  Numbers are called as the fields of lib/analysis, which
 * verdicts name; what is infinite or no number is null.
 */
#include "analysis_text.h"

#include "formats/formats.h"
#include "count.h"

#include <math.h>
#include <stddef.h>

/* A number of a struct; 'measured' says that measurements have it, too. */
struct number {
    const char *name;
    size_t offset;
    bool measured;
};

#define INPUT(field, measured)                                       \
    {                                                                \
#field, offsetof(struct sow_analysis_input, field), measured \
    }
#define RESULT(field, measured)                                       \
    {                                                                 \
#field, offsetof(struct sow_analysis_result, field), measured \
    }
#define SUMMARY(field, measured)                                       \
    {                                                                  \
#field, offsetof(struct sow_analysis_summary, field), measured \
    }

static const struct number input_numbers[] = {
    INPUT(mean, true),        INPUT(second_moment, true),
    INPUT(correlation, true), INPUT(threshold, false),
    INPUT(epsilon, false),
};

static const struct number result_numbers[] = {
    RESULT(mean, true),
    RESULT(q, true),
    RESULT(c, true),
    RESULT(m1, true),
    RESULT(m2, true),
    RESULT(c2, true),
    RESULT(sigma_w2, true),
    RESULT(chi_1, true),
    RESULT(dq, false),
    RESULT(slope, true),
    RESULT(slope_square, true),
    RESULT(forward, true),
    RESULT(backward, true),
    RESULT(log10_forward, true),
    RESULT(log10_backward, true),
    RESULT(log10_weight_gradient, true),
    RESULT(finite_width, false),
    RESULT(death, true),
    RESULT(jacobian, false),
    RESULT(largest, true),
    RESULT(inactive, true),
};

static const struct number summary_numbers[] = {
    SUMMARY(log10_forward, true),
    SUMMARY(log10_backward, true),
    SUMMARY(forward_rate, true),
    SUMMARY(backward_rate, true),
    SUMMARY(jacobian, false),
    SUMMARY(finite_width, false),
    SUMMARY(death, true),
    SUMMARY(q_star, false),
    SUMMARY(c_star, false),
    SUMMARY(chi_1, false),
    SUMMARY(slope, false),
    SUMMARY(xi_c, false),
    SUMMARY(xi_q, false),
    SUMMARY(xi_gradient, false),
    SUMMARY(trainable_depth, false),
};

/*
 * A number beyond 2^53 that has neither exponent nor point gets one: as an
 * integer it would pass the 64 bits that readers have for those.
 */
static void put_number(struct text *text, const char *key, double number)
{
    text_put_key(text, key);
    const size_t start = text->size;
    text_put_number(text, number);
    if (fabs(number) >= 0x1p53 && isfinite(number) && !text->failed &&
        !memchr(text->bytes + start, 'e', text->size - start))
        text_put(text, ".0");
}

static void put_integer(struct text *text, const char *key, uint64_t number)
{
    text_put_key(text, key);
    text_put_integer(text, number);
}

static void put_flag(struct text *text, const char *key, bool flag)
{
    text_put_key(text, key);
    text_put(text, flag ? "true" : "false");
}

/* Put those of 'from', or of a measurement. */
static void put_numbers(struct text *text, const struct number *numbers,
                        size_t count, bool measured, const void *from)
{
    double number;

    for (size_t i = 0; i < count; i++) {
        if (measured && !numbers[i].measured)
            continue;
        memcpy(&number, (const char *)from + numbers[i].offset, sizeof number);
        put_number(text, numbers[i].name, number);
    }
}

/* A member of that name: an object of numbers, 'from' NULL for none. */
static void put_measured(struct text *text, const struct number *numbers,
                         size_t count, const void *from)
{
    if (!from)
        return;
    text_put_key(text, "measured");
    text_put(text, "{");
    put_numbers(text, numbers, count, true, from);
    text_put(text, "}");
}

static void put_batch(struct text *text, const struct analysis_batch *batch)
{
    text_put_key(text, "measured");
    text_put(text, "{");
    put_integer(text, "samples", batch->samples);
    put_number(text, "flops", batch->flops);
    put_numbers(text, input_numbers, COUNT(input_numbers), true, &batch->input);
    text_put(text, "}");
}

bool analysis_put_head(struct text *text,
                       const struct sow_analysis_input *input,
                       const struct analysis_batch *batch)
{
    *text = (struct text){.grows = true};
    text_put(text, "{");
    text_put_key(text, "input");
    text_put(text, "{");
    put_numbers(text, input_numbers, COUNT(input_numbers), false, input);
    text_put(text, "}");
    if (batch)
        put_batch(text, batch);
    text_put(text, ",\"analyses\":[");
    return !text->failed;
}

/* ------------------------------------------------------------------------
 * Layers
 */

/* A name, or with a parameter an object, as a request has it. */
static void put_activation(struct text *text,
                           const struct sow_analysis_layer *layer)
{
    const struct sow_analysis_activation *activation = layer->activation;

    if (!activation)
        activation = sow_analysis_activation_find("linear");
    if (!activation->parameter) {
        text_put_member(text, "activation", activation->name);
        return;
    }
    text_put_key(text, "activation");
    text_put(text, "{");
    text_put_member(text, "name", activation->name);
    put_number(text, activation->parameter, layer->parameter);
    text_put(text, "}");
}

static void put_weight(struct text *text,
                       const struct sow_analysis_weight *weight)
{
    text_put_key(text, "weight");
    text_put(text, "{");
    put_number(text, "mean", weight->mean);
    put_number(text, "variance", weight->variance);
    text_put_member(text, "ensemble",
                    sow_analysis_ensemble_name(weight->ensemble));
    if (weight->mirrors_in || weight->mirrors_out) {
        put_flag(text, "mirrors_in", weight->mirrors_in);
        put_flag(text, "mirrors_out", weight->mirrors_out);
    }
    text_put(text, "}");
}

/* What the layer has beside weights and an activation. */
static void put_traits(struct text *text,
                       const struct sow_analysis_layer *layer)
{
    if (layer->bias_mean != 0 || layer->bias_variance != 0) {
        text_put(text, ",\"bias\":{");
        put_number(text, "mean", layer->bias_mean);
        put_number(text, "variance", layer->bias_variance);
        text_put(text, "}");
    }
    if (layer->input_norm != SOW_NORM_NONE)
        text_put_member(text, "input_norm",
                        sow_analysis_norm_name(layer->input_norm));
    if (layer->norm != SOW_NORM_NONE)
        text_put_member(text, "norm", sow_analysis_norm_name(layer->norm));
    if (layer->keep < 1)
        put_number(text, "dropout", 1 - layer->keep);
    if (layer->opens)
        put_flag(text, "opens", true);
    if (layer->closes)
        put_number(text, "alpha", layer->alpha);
}

/* One without a name is called by its position. */
static void put_name(struct text *text, const char *name, size_t position)
{
    if (name) {
        text_put_member(text, "name", name);
        return;
    }
    text_put_key(text, "name");
    text_put(text, "\"");
    text_put_integer(text, position);
    text_put(text, "\"");
}

static void put_layer(struct text *text, const struct analysis_findings *from,
                      size_t i)
{
    const struct sow_analysis_layer *layer = &from->layers[i];
    const struct sow_analysis_result *result = &from->results[i];

    text_put_entry(text);
    text_put(text, "{");
    put_name(text, layer->name, i);
    put_integer(text, "n_in", layer->n_in);
    put_integer(text, "n_out", layer->n_out);
    put_number(text, "receptive", layer->receptive);
    put_weight(text, &layer->weight);
    put_activation(text, layer);
    put_traits(text, layer);
    put_numbers(text, result_numbers, COUNT(result_numbers), false, result);
    put_flag(text, "scale_invariant", result->scale_invariant);
    put_measured(text, result_numbers, COUNT(result_numbers),
                 from->measured ? &from->measured->results[i] : NULL);
    text_put(text, "}");
}

static void put_summary(struct text *text, const struct analysis_findings *from)
{
    const struct sow_analysis_summary *summary = from->summary;

    text_put_key(text, "summary");
    text_put(text, "{");
    put_integer(text, "typical", summary->typical);
    put_flag(text, "fixed", summary->fixed);
    put_numbers(text, summary_numbers, COUNT(summary_numbers), false, summary);
    put_measured(text, summary_numbers, COUNT(summary_numbers),
                 from->measured ? from->measured->summary : NULL);
    text_put(text, "}");
}

/* ------------------------------------------------------------------------
 * Verdicts
 */

/* A scheme as a request writes it. */
static void put_advised(struct text *text, const char *key,
                        const struct sow_advice_scheme *scheme)
{
    text_put_key(text, key);
    if (!scheme->name) {
        text_put(text, "null");
        return;
    }
    text_put(text, "{");
    text_put_member(text, "name", scheme->name);
    for (size_t i = 0; i < scheme->count; i++) {
        if (scheme->parameters[i].choice)
            text_put_member(text, scheme->parameters[i].name,
                            scheme->parameters[i].choice);
        else
            put_number(text, scheme->parameters[i].name,
                       scheme->parameters[i].number);
    }
    text_put(text, "}");
}

static void put_advice(struct text *text, const struct sow_advice *advice)
{
    text_put_key(text, "suggestion");
    if (advice->text[0] == '\0') {
        text_put(text, "null");
        return;
    }
    text_put(text, "{");
    text_put_member(text, "text", advice->text);
    put_advised(text, "scheme", &advice->weight);
    put_advised(text, "bias", &advice->bias);
    put_number(text, "alpha", advice->alpha);
    text_put(text, "}");
}

static void put_verdict(struct text *text, const struct sow_verdict *verdict)
{
    text_put_entry(text);
    text_put(text, "{");
    text_put_member(text, "verdict", sow_verdict_name(verdict->kind));
    text_put_member(text, "severity", sow_severity_name(verdict->severity));
    put_integer(text, "layer", verdict->layer);
    put_integer(text, "first", verdict->first);
    put_integer(text, "last", verdict->last);
    text_put_member(text, "quantity", verdict->quantity);
    put_number(text, "value", verdict->number);
    text_put_member(text, "why", verdict->text);
    text_put_member(text, "source", verdict->source);
    put_advice(text, &verdict->advice);
    text_put(text, "}");
}

static void put_verdicts(struct text *text,
                         const struct analysis_findings *findings)
{
    struct sow_verdict verdicts[SOW_VERDICTS];
    const size_t count = sow_analysis_verdicts(
        findings->input, findings->layers, findings->count, findings->results,
        findings->summary, verdicts);

    text_put_key(text, "verdicts");
    text_put(text, "[");
    for (size_t i = 0; i < count; i++)
        put_verdict(text, &verdicts[i]);
    text_put(text, "]");
}

void analysis_put(struct text *text, const struct sow_scheme *scheme,
                  const struct analysis_findings *findings)
{
    text_put_entry(text);
    text_put(text, "{");
    text_put_key(text, "scheme");
    if (scheme)
        manifest_put_scheme(text, scheme);
    else
        text_put(text, "null");
    text_put_key(text, "layers");
    text_put(text, "[");
    for (size_t i = 0; i < findings->count; i++)
        put_layer(text, findings, i);
    text_put(text, "]");
    put_summary(text, findings);
    put_verdicts(text, findings);
    text_put(text, "}");
}
