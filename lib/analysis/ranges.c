/* SPDX-License-Identifier: MIT */
/* Verdicts on saturation, overflow, dead units and finite width. */
#include <float.h>
#include <math.h>

#include "analysis/verdicts.h"

#define SATURATED 4 /* q, Glorot and Bengio's tanh far in its tails */
#define DEATH 0.01  /* a probability that is worth a word */
#define SPREAD 1    /* log(1 + spread^2): sum 5 / n above 1 for ReLU */
#define MOSTLY 0.9  /* a share of units */
#define HALF 0.6    /* about half of them */

/* The largest finite number of each type. */
static const double largest[SOW_DTYPES] = {
    [SOW_FLOAT32] = FLT_MAX,   [SOW_FLOAT64] = DBL_MAX,
    [SOW_FLOAT16] = 65504,     [SOW_BFLOAT16] = 0x1.fep127,
    [SOW_FLOAT8_E4M3FN] = 448, [SOW_FLOAT8_E5M2] = 57344,
};

/* How bad a layer is, above 0 where it is bad at all. */
typedef double badness(const struct sow_run *run, size_t i);

/* The bad layers and the worst; false when there is none. */
static bool find_span(const struct sow_run *run, badness *bad,
                      struct sow_span *span)
{
    bool found = false;

    for (size_t i = 0; i < run->count; i++) {
        if (!(bad(run, i) > 0))
            continue;
        if (!found)
            *span = (struct sow_span){i, i, i};
        found = true;
        span->last = i;
        if (bad(run, i) > bad(run, span->layer))
            span->layer = i;
    }
    return found;
}

static double saturation(const struct sow_run *run, size_t i)
{
    struct sow_phi phi =
        sow_phi_of(run->layers[i].activation, run->layers[i].parameter, false);

    return phi.shape->bounded ? run->results[i].q - SATURATED : 0;
}

static void judge_saturation(const struct sow_run *run,
                             struct sow_findings *findings)
{
    struct sow_span span;
    struct sow_verdict *v;
    char room[SOW_CALLED];

    if (!find_span(run, saturation, &span))
        return;
    v = sow_findings_add(findings, SOW_VERDICT_SATURATING, SOW_WARNING, span,
                         "q", run->results[span.layer].q);
    sow_say(v->text, sizeof v->text,
            "Pre-activations of %s have a mean square of %.4g, where %s is "
            "flat: E[phi'^2] is %.3g, and that much is left of a gradient.",
            sow_call(run, span.layer, room), v->number,
            sow_phi_name(&run->layers[span.layer]),
            run->results[span.layer].slope_square);
    sow_advise_gain(run, span.layer, &v->advice);
}

static double overflow(const struct sow_run *run, size_t i)
{
    return run->results[i].largest / largest[run->layers[i].dtype] - 1;
}

static void judge_overflow(const struct sow_run *run,
                           struct sow_findings *findings)
{
    struct sow_span span;
    struct sow_verdict *v;
    char room[SOW_CALLED];
    enum sow_dtype dtype;

    if (!find_span(run, overflow, &span))
        return;
    dtype = run->layers[span.layer].dtype;
    v = sow_findings_add(findings, SOW_VERDICT_OVERFLOW_RISK,
                         sqrt(run->results[span.layer].m2) > largest[dtype]
                             ? SOW_FAULT
                             : SOW_WARNING,
                         span, "largest", run->results[span.layer].largest);
    sow_say(v->text, sizeof v->text,
            "The largest of %s is expected at about %.3g, beyond %s, which "
            "ends at %.5g.",
            sow_call(run, span.layer, room), v->number, sow_dtype_name(dtype),
            largest[dtype]);
    sow_advise_gain(run, run->summary->typical, &v->advice);
}

/* ------------------------------------------------------------------------
 * Dead units
 */

static bool has_zero(const struct sow_run *run)
{
    for (size_t i = 0; i < run->count; i++)
        if (sow_is_zero(&run->layers[i]))
            return true;
    return false;
}

static double death(const struct sow_run *run, size_t i)
{
    double before = i > 0 ? run->results[i - 1].death : 0;

    return run->results[i].death > before ? run->results[i].death - DEATH : 0;
}

static double inactivity(const struct sow_run *run, size_t i)
{
    struct sow_phi phi =
        sow_phi_of(run->layers[i].activation, run->layers[i].parameter, false);

    return phi.shape->half ? run->results[i].inactive - MOSTLY : 0;
}

/*
 * 1 - (1 - 2^-n)^L = 0.01 for n = log2(L / 0.01), nearly; where units are off
 * more often than half of the time, not the width is to blame.
 */
static void say_death(const struct sow_run *run, struct sow_verdict *v)
{
    char room[SOW_CALLED];

    sow_say(v->text, sizeof v->text,
            "With probability %.3g all units of some layer up to %s give 0 "
            "for an input, and then nothing passes it.",
            v->number, sow_call(run, v->layer, room));
    if (run->results[v->layer].inactive > HALF) {
        sow_advise_gain(run, v->layer, &v->advice);
        return;
    }
    sow_say(v->advice.text, sizeof v->advice.text,
            "Make every layer at least %.0f units wide, or mirror the weights, "
            "which lets no input die.",
            ceil(log2((double)run->count / DEATH)));
    if (sow_has_even_widths(run))
        v->advice.weight = (struct sow_advice_scheme){.name = "mirrored"};
}

static void say_inactive(const struct sow_run *run, struct sow_verdict *v)
{
    char room[SOW_CALLED];

    sow_say(v->text, sizeof v->text,
            "%.3g of the units of %s give 0: their pre-activations have the "
            "mean %.3g and the mean square %.3g.",
            v->number, sow_call(run, v->layer, room),
            run->results[v->layer].mean, run->results[v->layer].q);
    sow_advise_gain(run, v->layer, &v->advice);
}

static void judge_death(const struct sow_run *run,
                        struct sow_findings *findings)
{
    struct sow_span span;

    if (has_zero(run))
        return;
    if (find_span(run, death, &span))
        say_death(run, sow_findings_add(findings, SOW_VERDICT_DEAD_RELU_RISK,
                                        SOW_WARNING, span, "death",
                                        run->results[span.layer].death));
    else if (find_span(run, inactivity, &span))
        say_inactive(run, sow_findings_add(findings, SOW_VERDICT_DEAD_RELU_RISK,
                                           SOW_WARNING, span, "inactive",
                                           run->results[span.layer].inactive));
}

/* ------------------------------------------------------------------------
 * Finite width
 */

static double log_spread(const struct sow_run *run, size_t i)
{
    double spread = run->results[i].finite_width;

    return log1p(spread * spread);
}

static double excess(const struct sow_run *run, size_t i)
{
    return log_spread(run, i) - SPREAD;
}

static double narrowest(const struct sow_run *run)
{
    double least = INFINITY;

    for (size_t i = 0; i < run->count; i++)
        if ((double)run->layers[i].n_out < least)
            least = (double)run->layers[i].n_out;
    return least;
}

static void judge_width(const struct sow_run *run,
                        struct sow_findings *findings)
{
    struct sow_span span;
    struct sow_verdict *v;
    double wider;

    if (has_zero(run) || !find_span(run, excess, &span))
        return;
    wider = log_spread(run, span.layer) / SPREAD;
    v = sow_findings_add(findings, SOW_VERDICT_FINITE_WIDTH, SOW_WARNING, span,
                         "finite_width", run->results[span.layer].finite_width);
    sow_say(v->text, sizeof v->text,
            "From one draw of the weights to the next the squared norm varies "
            "by %.3g times its mean: %.0f layers are too many for widths from "
            "%.0f on, even if the mean is right.",
            v->number, (double)span.layer + 1, narrowest(run));
    sow_advise_width(run, wider, &v->advice);
}

void sow_judge_ranges(const struct sow_run *run, struct sow_findings *findings)
{
    judge_saturation(run, findings);
    judge_overflow(run, findings);
    judge_death(run, findings);
    judge_width(run, findings);
}
