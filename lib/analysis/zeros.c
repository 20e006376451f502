/* SPDX-License-Identifier: MIT */
/* Verdicts on zero weights and on units that are copies of each other. */
#include <math.h>

#include "analysis/verdicts.h"

/* ------------------------------------------------------------------------
 * Zero weights: the main path, and each residual branch, by itself
 */

/* The zero layers of a path: how many, the first and the last. */
struct zeros {
    size_t count, first, last;
    bool skipped; /* a residual branch */
};

static void count_zero(struct zeros *zeros, size_t i)
{
    if (zeros->count == 0)
        zeros->first = i;
    zeros->last = i;
    zeros->count++;
}

/* Does the activation behind the last one stop gradients? */
static bool is_flat(const struct sow_run *run, const struct zeros *zeros)
{
    return run->results[zeros->last].slope_square == 0;
}

/*
 * With two, the upper one stops gradients and the lower one signals, unless
 * something in between is not 0; a single one still needs a gradient, which an
 * activation that is flat at 0 stops.
 */
static bool is_dead(const struct sow_run *run, const struct zeros *zeros)
{
    return zeros->count > 0 &&
           (is_flat(run, zeros) || (zeros->first < zeros->last &&
                                    run->results[zeros->last - 1].m2 == 0));
}

/* What is below a branch has gradients by the way around it. */
static const char *reach_of(const struct zeros *zeros)
{
    return zeros->skipped ? "what is before them in their residual branch, "
                            "around which signals and gradients still pass"
                          : "anything below";
}

static void say_dead(const struct sow_run *run, const struct zeros *zeros,
                     struct sow_verdict *v)
{
    char a[SOW_CALLED], b[SOW_CALLED];

    if (zeros->first < zeros->last)
        sow_say(v->text, sizeof v->text,
                "%zu layers on one path have zero weights, from %s to %s: the "
                "upper stops the gradients of the lower, which stops the "
                "signals of the upper, so their weights never move.",
                zeros->count, sow_call(run, zeros->first, a),
                sow_call(run, zeros->last, b));
    else
        sow_say(v->text, sizeof v->text,
                "The weights of %s are 0, and %s is flat where its "
                "pre-activations are, so no gradient ever reaches them or %s.",
                sow_call(run, zeros->last, a),
                sow_phi_name(&run->layers[zeros->last]), reach_of(zeros));
}

static void advise_dead(const struct sow_run *run, const struct zeros *zeros,
                        struct sow_advice *advice)
{
    const char *with = "", *name = "";

    sow_advise_gain(run, zeros->first, advice);
    if (advice->weight.name != NULL) {
        with = ", with ";
        name = advice->weight.name;
    }
    if (is_flat(run, zeros))
        sow_say(advice->text, sizeof advice->text,
                "Draw the weights at random%s%s; only what has no activation "
                "behind it that is flat at 0 may begin at 0, as the last "
                "layer of a path.",
                with, name);
    else
        sow_say(advice->text, sizeof advice->text,
                "Leave at most the last layer of a path at 0, and draw the "
                "others at random%s%s.",
                with, name);
}

static struct sow_verdict *find_dead(struct sow_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        if (findings->verdicts[i].kind == SOW_VERDICT_DEAD)
            return &findings->verdicts[i];
    return NULL;
}

/*
 * One verdict, from the first layer of a dead path to the last: in the words
 * of the main path where that is dead, else of the first branch.
 */
static void add_dead(const struct sow_run *run, const struct zeros *zeros,
                     struct sow_findings *findings)
{
    struct sow_span span = {zeros->first, zeros->first, zeros->last};
    struct sow_verdict *v = find_dead(findings);

    if (!is_dead(run, zeros))
        return;
    if (v == NULL) {
        v = sow_findings_add(findings, SOW_VERDICT_DEAD, SOW_FAULT, span,
                             "zero_layers", 0);
    } else {
        v->first = span.first < v->first ? span.first : v->first;
        v->last = span.last > v->last ? span.last : v->last;
    }
    v->number += (double)zeros->count;
    if (zeros->skipped && v->text[0] != '\0')
        return;
    v->layer = span.layer;
    say_dead(run, zeros, v);
    advise_dead(run, zeros, &v->advice);
}

static void add_zero(const struct sow_run *run, const struct zeros *zeros,
                     struct sow_findings *findings)
{
    struct sow_span span = {zeros->last, zeros->last, zeros->last};
    char room[SOW_CALLED];
    struct sow_verdict *v;

    if (zeros->count != 1 || is_dead(run, zeros) ||
        sow_findings_of(findings, SOW_VERDICT_ZERO_LAYER_OK))
        return;
    v = sow_findings_add(findings, SOW_VERDICT_ZERO_LAYER_OK, SOW_NOTE, span,
                         "zero_layers", 1);
    sow_say(v->text, sizeof v->text,
            "The weights of %s are 0, the only ones on their path: they get "
            "gradients at the first step, and what is below from the second "
            "on.",
            sow_call(run, zeros->last, room));
}

static void judge_path(const struct sow_run *run, const struct zeros *zeros,
                       struct sow_findings *findings)
{
    add_dead(run, zeros, findings);
    add_zero(run, zeros, findings);
}

static void judge_paths(const struct sow_run *run,
                        struct sow_findings *findings)
{
    struct zeros path = {.skipped = false}, branch = {.skipped = true};
    bool inside = false;

    for (size_t i = 0; i < run->count; i++) {
        const struct sow_analysis_layer *layer = &run->layers[i];

        if (layer->opens)
            branch = (struct zeros){.skipped = true};
        inside = inside || layer->opens;
        if (sow_is_zero(layer))
            count_zero(inside ? &branch : &path, i);
        if (layer->closes) {
            judge_path(run, &branch, findings);
            inside = false;
        }
    }
    judge_path(run, &path, findings);
}

/* ------------------------------------------------------------------------
 * Equal units
 */

static double kinds_of(uint64_t different, uint64_t all)
{
    return (double)(different > 0 && different < all ? different : all);
}

/*
 * The most groups of units of layer 'i' that can be told apart: by their
 * incoming rows and outgoing columns; INFINITY where more tells them apart.
 */
static double groups_of(const struct sow_run *run, size_t i)
{
    const struct sow_analysis_layer *layer = &run->layers[i];
    const struct sow_analysis_layer *next = layer + 1;

    if (i + 1 == run->count || next->n_in != layer->n_out ||
        layer->bias_variance > 0 || layer->keep < 1 || layer->closes ||
        next->opens || (sow_is_zero(layer) && run->results[i].m2 == 0))
        return INFINITY;
    return kinds_of(layer->weight.rows, layer->n_out) *
           kinds_of(next->weight.columns, next->n_in);
}

static void say_symmetric(const struct sow_run *run, size_t i, double groups,
                          struct sow_verdict *v)
{
    char room[SOW_CALLED];

    sow_say(v->text, sizeof v->text,
            "Of the %.0f units of %s at most %.0f %s different: with equal "
            "weights%s in and out the others get equal gradients and stay "
            "copies for ever.",
            (double)run->layers[i].n_out, sow_call(run, i, room), groups,
            groups > 1 ? "are" : "is",
            sow_is_zero(&run->layers[i]) ? " (zeros)" : "");
    sow_advise_gain(run, i, &v->advice);
    sow_say(v->advice.text, sizeof v->advice.text,
            "Draw the weights at random%s%s.",
            v->advice.weight.name != NULL ? ", for instance with " : "",
            v->advice.weight.name != NULL ? v->advice.weight.name : "");
}

static void judge_symmetry(const struct sow_run *run, bool zero,
                           struct sow_findings *findings)
{
    enum sow_verdict_kind kind =
        zero ? SOW_VERDICT_ZERO_BUT_SYMMETRIC : SOW_VERDICT_SYMMETRIC;
    struct sow_span span = {run->count, 0, 0};

    for (size_t i = 0; i < run->count; i++) {
        if (sow_is_zero(&run->layers[i]) != zero ||
            !(groups_of(run, i) < (double)run->layers[i].n_out))
            continue;
        span.layer = span.layer < i ? span.layer : i;
        span.last = i;
    }
    if (span.layer == run->count)
        return;
    span.first = span.layer;
    say_symmetric(run, span.layer, groups_of(run, span.layer),
                  sow_findings_add(findings, kind, SOW_FAULT, span, "width",
                                   groups_of(run, span.layer)));
}

void sow_judge_zeros(const struct sow_run *run, struct sow_findings *findings)
{
    judge_paths(run, findings);
    judge_symmetry(run, true, findings);
    judge_symmetry(run, false, findings);
}
