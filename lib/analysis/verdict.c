/* SPDX-License-Identifier: MIT */
/* Verdicts: their names, their order, and what their parts share. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "analysis/verdicts.h"

static const struct {
    const char *name, *source;
} kinds[SOW_VERDICTS] = {
    [SOW_VERDICT_DEAD] = {"dead", "the chain rule"},
    [SOW_VERDICT_ZERO_LAYER_OK] =
        {"zero_layer_ok", "Zhang et al. 2019, Fixup, arXiv:1901.09321"},
    [SOW_VERDICT_ZERO_BUT_SYMMETRIC] =
        {"zero_but_symmetric",
         "Goodfellow et al. 2016, Deep Learning, section 8.4"},
    [SOW_VERDICT_SYMMETRIC] =
        {"symmetric", "Goodfellow et al. 2016, Deep Learning, section 8.4"},
    [SOW_VERDICT_VANISHING] = {"vanishing", "Glorot and Bengio 2010, AISTATS; "
                                            "He et al. 2015, arXiv:1502.01852"},
    [SOW_VERDICT_EXPLODING] = {"exploding", "Glorot and Bengio 2010, AISTATS; "
                                            "He et al. 2015, arXiv:1502.01852"},
    [SOW_VERDICT_ORDERED] = {"ordered",
                             "Schoenholz et al. 2017, arXiv:1611.01232"},
    [SOW_VERDICT_CRITICAL] = {"critical",
                              "Schoenholz et al. 2017, arXiv:1611.01232"},
    [SOW_VERDICT_CHAOTIC] = {"chaotic", "Poole et al. 2016, arXiv:1606.05340"},
    [SOW_VERDICT_UNSTABLE_FIXED_POINT] =
        {"unstable_fixed_point",
         "the length map of Poole et al. 2016, arXiv:1606.05340"},
    [SOW_VERDICT_SATURATING] = {"saturating",
                                "Glorot and Bengio 2010, AISTATS"},
    [SOW_VERDICT_OVERFLOW_RISK] =
        {"overflow_risk", "Micikevicius et al. 2018, arXiv:1710.03740"},
    [SOW_VERDICT_DEAD_RELU_RISK] =
        {"dead_relu_risk",
         "Burkholz and Dubatovka 2019, arXiv:1806.06362; Lu et al. 2020, "
         "arXiv:1903.06733"},
    [SOW_VERDICT_FINITE_WIDTH] =
        {"finite_width",
         "Burkholz and Dubatovka 2019, arXiv:1806.06362; Hanin and Rolnick "
         "2018, arXiv:1803.01719"},
    [SOW_VERDICT_ISOMETRIC] = {"isometric",
                               "Pennington et al. 2017, arXiv:1711.04735"},
    [SOW_VERDICT_APPROXIMATE] = {"approximate", "the theory's own assumption"},
};

/* A share of the mean square that matters. */
#define MUCH 0.1

#define NOT_NORMAL                                                      \
    "so its outputs are not the independent normal variables that the " \
    "theory takes them for; from there on the numbers are only a guide."

static const char *const severities[] = {"note", "warning", "fault"};

const char *sow_verdict_name(enum sow_verdict_kind kind)
{
    return kinds[kind].name;
}

const char *sow_severity_name(enum sow_severity severity)
{
    return severities[severity];
}

struct sow_verdict *sow_findings_add(struct sow_findings *findings,
                                     enum sow_verdict_kind kind,
                                     enum sow_severity severity,
                                     struct sow_span span, const char *quantity,
                                     double number)
{
    struct sow_verdict *v = &findings->verdicts[findings->count++];

    *v = (struct sow_verdict){
        .kind = kind,
        .severity = severity,
        .layer = span.layer,
        .first = span.first,
        .last = span.last,
        .quantity = quantity,
        .number = number,
        .source = kinds[kind].source,
        .advice.alpha = NAN,
    };
    return v;
}

const struct sow_verdict *sow_findings_of(const struct sow_findings *findings,
                                          enum sow_verdict_kind kind)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->verdicts[i].kind == kind)
            return &findings->verdicts[i];
    return NULL;
}

void sow_say(char *text, size_t size, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, size, format, arguments);
    va_end(arguments);
}

static bool is_number(const char *name)
{
    while (*name >= '0' && *name <= '9')
        name++;
    return *name == '\0';
}

/* Names are used that a sentence has room for and that are no numbers. */
const char *sow_call(const struct sow_run *run, size_t i, char room[SOW_CALLED])
{
    const char *name = run->layers[i].name;

    if (name != NULL && strlen(name) < SOW_CALLED && !is_number(name))
        return name;
    sow_say(room, SOW_CALLED, "layer %zu", i);
    return room;
}

const char *sow_phi_name(const struct sow_analysis_layer *layer)
{
    return layer->activation != NULL ? layer->activation->name : "linear";
}

bool sow_is_zero(const struct sow_analysis_layer *layer)
{
    return layer->weight.mean == 0 && layer->weight.variance == 0;
}

static bool is_fixed(const struct sow_run *run, size_t i)
{
    return run->layers[i].weight.ensemble == SOW_ENSEMBLE_FIXED;
}

/* One number, other than 0, everywhere. */
static bool is_constant(const struct sow_run *run, size_t i)
{
    const struct sow_analysis_weight *weight = &run->layers[i].weight;

    return weight->variance == 0 && weight->mean != 0;
}

/*
 * Through random weights with a mean all units get alike what the elements of
 * one input add up to: is that much beside what the theory knows of?
 */
static bool has_sum(const struct sow_run *run, size_t i)
{
    const struct sow_analysis_layer *layer = &run->layers[i];
    const struct sow_analysis_result *before = &run->results[i - (i > 0)];
    double mean = i > 0 ? before->m1 : run->input->mean;
    double square = i > 0 ? before->m2 : run->input->second_moment;
    double factor = sow_theory_terms(layer) * layer->weight.mean *
                    layer->weight.mean / run->results[i].norm_variance;

    return layer->weight.variance > 0 && layer->input_norm == SOW_NORM_NONE &&
           layer->norm != SOW_NORM_LAYER &&
           factor * (square - mean * mean) > MUCH * run->results[i].q;
}

/* Why layer 'i' isn't what the theory takes it for, or NULL. */
static const char *misfit(const struct sow_run *run, size_t i)
{
    if (is_constant(run, i))
        return "are all equal: its outputs are copies of one, and all units "
               "below get the same sum of gradients, which the theory doesn't "
               "follow. The numbers, most of all those of gradients, are only "
               "a guide.";
    if (is_fixed(run, i))
        return "are not random, " NOT_NORMAL;
    if (has_sum(run, i))
        return "have a mean, by which all units get alike what an input adds "
               "up to, " NOT_NORMAL;
    return NULL;
}

/* Weights that the theory's assumptions don't fit. */
static void judge_fit(const struct sow_run *run, struct sow_findings *findings)
{
    struct sow_span span = {run->count, 0, 0};
    struct sow_verdict *v;
    char room[SOW_CALLED];

    for (size_t i = 0; i < run->count; i++)
        if (misfit(run, i) != NULL) {
            span.layer = span.layer < i ? span.layer : i;
            span.last = i;
        }
    if (span.layer == run->count)
        return;
    span.first = span.layer;
    v = sow_findings_add(findings, SOW_VERDICT_APPROXIMATE, SOW_NOTE, span,
                         "layer", (double)span.layer);
    sow_say(v->text, sizeof v->text, "The weights of %s %s",
            sow_call(run, span.layer, room), misfit(run, span.layer));
}

/* Does the network scale as its input does, unit by unit? */
static bool is_homogeneous(const struct sow_run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        const struct sow_analysis_layer *layer = &run->layers[i];

        if (layer->receptive != 1 || layer->bias_mean != 0 ||
            layer->bias_variance != 0 || layer->norm != SOW_NORM_NONE ||
            layer->input_norm != SOW_NORM_NONE || layer->keep < 1 ||
            !sow_phi_of(layer->activation, layer->parameter, false)
                 .shape->lines)
            return false;
    }
    return true;
}

/*
 * Then x . dL/dx is the same before and behind it (Euler), so that a gradient
 * gains along the signal what that gains: nothing beside the other directions
 * in the limit of infinite width, but more where signals gain more than
 * gradients, as in residual branches whose means add up.
 */
static void judge_gradients(const struct sow_run *run,
                            struct sow_findings *findings)
{
    const struct sow_analysis_summary *s = run->summary;
    struct sow_span span = {0, 0, run->count - 1};
    double units = (double)run->layers[0].n_in;
    double least = s->log10_forward - 2 * log10(units) +
                   log10((double)run->layers[run->count - 1].n_out);
    struct sow_verdict *v;

    if (sow_findings_of(findings, SOW_VERDICT_APPROXIMATE) ||
        !is_homogeneous(run) || !(least > s->log10_backward) || isinf(least) ||
        isinf(s->log10_backward))
        return;
    v = sow_findings_add(findings, SOW_VERDICT_APPROXIMATE, SOW_NOTE, span,
                         "log10_backward", least);
    sow_say(v->text, sizeof v->text,
            "Gradients at the input are 10^%.3g at least, not the 10^%.3g of "
            "the theory, which is that of infinite width: along the signal a "
            "gradient gains what the signal does, 10^%.3g, and among %.0f "
            "units that counts.",
            least, s->log10_backward, s->log10_forward, units);
}

/* By severity, then kind; there are few. */
static void sort(struct sow_findings *findings)
{
    struct sow_verdict *v = findings->verdicts;

    for (size_t i = 1; i < findings->count; i++)
        for (size_t k = i; k > 0; k--) {
            struct sow_verdict swap = v[k];

            if (v[k - 1].severity > v[k].severity ||
                (v[k - 1].severity == v[k].severity &&
                 v[k - 1].kind < v[k].kind))
                break;
            v[k] = v[k - 1];
            v[k - 1] = swap;
        }
}

size_t sow_analysis_verdicts(const struct sow_analysis_input *input,
                             const struct sow_analysis_layer *layers,
                             size_t count,
                             const struct sow_analysis_result *results,
                             const struct sow_analysis_summary *summary,
                             struct sow_verdict verdicts[SOW_VERDICTS])
{
    const struct sow_run run = {input, layers, count, results, summary};
    struct sow_findings findings = {verdicts, 0};

    sow_judge_zeros(&run, &findings);
    sow_judge_gains(&run, &findings);
    sow_judge_ranges(&run, &findings);
    judge_fit(&run, &findings);
    judge_gradients(&run, &findings);
    sort(&findings);
    return findings.count;
}
