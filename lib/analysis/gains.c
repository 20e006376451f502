/* SPDX-License-Identifier: MIT */
/* Verdicts on how signals and gradients grow with depth. */
#include <math.h>

#include "analysis/verdicts.h"

/* ------------------------------------------------------------------------
 * Vanishing and exploding
 */

/* What passes the threshold on one side, forward or backward. */
struct crossing {
    struct sow_span span;
    const char *quantity;
    double number;
};

/* Widen 'crossing' by a logarithm of layer 'i' that is past the threshold. */
static void cross(struct crossing *crossing, double sign, double threshold,
                  size_t i, const char *quantity, double number)
{
    struct sow_span *span = &crossing->span;

    if (!(sign * number > threshold) || isinf(number))
        return;
    if (crossing->quantity == NULL)
        span->first = i;
    span->first = i < span->first ? i : span->first;
    span->last = i > span->last ? i : span->last;
    if (crossing->quantity != NULL && sign * number <= sign * crossing->number)
        return;
    span->layer = i;
    crossing->quantity = quantity;
    crossing->number = number;
}

/*
 * What is small in a residual branch is no matter: its skip passes signals and
 * gradients on.
 */
static struct crossing find_crossing(const struct sow_run *run, double sign)
{
    struct crossing crossing = {{0, 0, 0}, NULL, 0};
    bool before = false;

    for (size_t i = 0; i < run->count; i++) {
        const struct sow_analysis_result *r = &run->results[i];
        const struct sow_analysis_layer *layer = &run->layers[i];
        const bool after = (before || layer->opens) && !layer->closes;

        if (sign > 0 || !after)
            cross(&crossing, sign, run->input->threshold, i, "log10_forward",
                  r->log10_forward);
        if (sign > 0 || !before)
            cross(&crossing, sign, run->input->threshold, i, "log10_backward",
                  r->log10_backward);
        before = after;
    }
    return crossing;
}

static bool has_branch(const struct sow_run *run)
{
    for (size_t i = 0; i < run->count; i++)
        if (run->layers[i].closes)
            return true;
    return false;
}

static double branches(const struct sow_run *run)
{
    double n = 0;

    for (size_t i = 0; i < run->count; i++)
        n += run->layers[i].closes;
    return n;
}

static void raise_to(double *most, double number)
{
    if (number > *most)
        *most = number;
}

/*
 * The most that a branch f adds to what it takes, x: E[f^2] / E[x^2], 1 at
 * least, and the mean of f over the root of E[x^2]; and the mean of what the
 * first one takes over its root.
 */
struct addition {
    double square, mean, start;
};

/* Count in the branch that opens at layer 'first' and closes at 'last'. */
static void add_branch(const struct sow_run *run, size_t first, size_t last,
                       struct addition *most)
{
    const struct sow_analysis_result *r = &run->results[last];
    const double alpha = run->layers[last].alpha;
    double mean = run->input->mean, square = run->input->second_moment;
    double own, own_square;

    if (first > 0) {
        mean = run->results[first - 1].m1;
        square = run->results[first - 1].m2;
    }
    own = (r->m1 - mean) / alpha;
    own_square = (r->m2 - square - 2 * alpha * own * mean) / (alpha * alpha);
    if (!(square > 0) || !isfinite(own) || !isfinite(own_square))
        return;
    if (isnan(most->start))
        most->start = fabs(mean) / sqrt(square);
    raise_to(&most->square, own_square / square);
    raise_to(&most->mean, fabs(own) / sqrt(square));
}

static struct addition find_addition(const struct sow_run *run)
{
    struct addition most = {1, 0, NAN};
    size_t opened = 0;

    for (size_t i = 0; i < run->count; i++) {
        if (run->layers[i].opens)
            opened = i;
        if (run->layers[i].closes && run->layers[i].alpha != 0)
            add_branch(run, opened, i, &most);
    }
    most.start = isnan(most.start) ? 0 : most.start;
    return most;
}

/* Means that add up to less than this are roundings. */
#define NO_MEAN 1e-6

/*
 * The factor a of n branches that together grow E[x^2] by e at most.  With
 * u = E[x] / E[x^2]^(1/2), s = square and m = mean they grow it by
 *
 *     exp(a^2 s n) (cosh(a m n) + u sinh(a m n))^2
 *         <= exp(a^2 s n + (a m n)^2 + 2 u a m n)
 *
 * for small a, since means add up while squares do.
 */
static double factor_of(const struct addition *most, double n)
{
    double sum = most->mean * n;
    double half = most->start * sum;

    return 1 / (half + sqrt(half * half + most->square * n + sum * sum));
}

static void say_branches(double count, const struct addition *most,
                         struct sow_advice *advice)
{
    static const char then[] = "all of them together then grow the mean "
                               "square by a factor of about e at most.";

    if (most->mean * count < NO_MEAN)
        sow_say(advice->text, sizeof advice->text,
                "Multiply each of the %.0f residual branches by %.4g, "
                "1 / sqrt(%.4g): %s",
                count, advice->alpha, most->square * count, then);
    else
        sow_say(advice->text, sizeof advice->text,
                "Multiply each of the %.0f residual branches by %.4g, which "
                "is less than 1 / sqrt(%.0f), since what they give has a "
                "mean, and means add up: %s",
                count, advice->alpha, count, then);
}

/* Of a sum of branches: a factor for them, if it is less than they have. */
static bool advise_branches(const struct sow_run *run, double sign,
                            struct sow_advice *advice)
{
    double count = branches(run), alpha;
    struct addition most;

    if (sign < 0 || !has_branch(run))
        return false;
    most = find_addition(run);
    alpha = factor_of(&most, count);
    for (size_t i = 0; i < run->count; i++)
        if (run->layers[i].closes && fabs(run->layers[i].alpha) <= alpha)
            return false;
    advice->alpha = alpha;
    say_branches(count, &most, advice);
    return true;
}

static bool is_unstable(const struct sow_run *run)
{
    const struct sow_analysis_summary *s = run->summary;

    return s->fixed && s->q_star > 0 && s->slope > 1 + run->input->epsilon;
}

/* Is the scale of its weights no matter to what follows? */
static bool is_scale_free(const struct sow_run *run, size_t i)
{
    const struct sow_analysis_layer *layer = &run->layers[i];

    return layer->norm != SOW_NORM_NONE ||
           (layer->input_norm != SOW_NORM_NONE &&
            sow_phi_of(layer->activation, layer->parameter, false)
                .shape->lines);
}

/*
 * For the typical layer.  Behind a norm no variance is a mend; nor where its
 * lengths run away from their fixed point, and no edge of chaos is stable.
 */
static void advise(const struct sow_run *run, struct sow_advice *advice)
{
    size_t at = run->summary->typical;

    if (is_scale_free(run, at)) {
        sow_say(advice->text, sizeof advice->text,
                "A norm divides by the scale of the weights, so none would "
                "mend it: make the layers residual branches, take fewer of "
                "them, or an activation that is nearer to a line.");
        return;
    }
    sow_advise_gain(run, at, advice);
    if (!is_unstable(run) || advice->bias.name != NULL)
        return;
    advice->weight = (struct sow_advice_scheme){.name = NULL};
    sow_say(advice->text, sizeof advice->text,
            "No variance makes lengths stable under %s: put a norm (rms_norm, "
            "layer_norm) before it, or make the layers residual branches.",
            sow_phi_name(&run->layers[at]));
}

static void judge_growth(const struct sow_run *run, double sign,
                         struct sow_findings *findings)
{
    enum sow_verdict_kind kind =
        sign < 0 ? SOW_VERDICT_VANISHING : SOW_VERDICT_EXPLODING;
    struct crossing c = find_crossing(run, sign);
    double layers;
    char room[SOW_CALLED];
    struct sow_verdict *v;
    bool forward;

    if (c.quantity == NULL)
        return;
    forward = c.quantity[6] == 'f'; /* log10_forward */
    if (forward)
        layers = (double)c.span.layer + 1;
    else
        layers = (double)(run->count - c.span.layer);
    v = sow_findings_add(findings, kind, SOW_WARNING, c.span, c.quantity,
                         c.number);
    sow_say(v->text, sizeof v->text,
            "%s %s have 10^%.3g times the mean square of %s: a factor of %.3g "
            "for each of %.0f layers.",
            forward ? "Signals after" : "Gradients at",
            sow_call(run, c.span.layer, room), c.number,
            forward ? "the input" : "those at the output",
            pow(10, c.number / layers), layers);
    if (!advise_branches(run, sign, &v->advice))
        advise(run, &v->advice);
}

/* ------------------------------------------------------------------------
 * Phases
 */

static bool is_square(const struct sow_analysis_layer *layer)
{
    return layer->n_in == layer->n_out;
}

static enum sow_verdict_kind phase_of(const struct sow_run *run)
{
    double chi = run->summary->chi_1;

    if (chi < 1 - run->input->epsilon)
        return SOW_VERDICT_ORDERED;
    return chi > 1 + run->input->epsilon ? SOW_VERDICT_CHAOTIC
                                         : SOW_VERDICT_CRITICAL;
}

/*
 * Of a layer that gives another number of units than it takes chi_1 tells of
 * distances alone, and nothing of other layers; where it is 0 nothing is left.
 */
static void say_phase(const struct sow_run *run, struct sow_verdict *v)
{
    double depth = run->summary->xi_gradient;
    double chi = run->summary->chi_1;
    char room[SOW_CALLED];

    if (isnan(depth))
        depth = fabs(1 / log(chi));
    if (!is_square(&run->layers[v->layer]) || chi == 0)
        sow_say(v->text, sizeof v->text, "chi_1 is %.4g at %s: %s", chi,
                sow_call(run, v->layer, room),
                chi == 0 ? "no difference between inputs and no gradient "
                           "passes it."
                : v->kind == SOW_VERDICT_CRITICAL
                    ? "nearby inputs keep their distance there."
                : v->kind == SOW_VERDICT_ORDERED
                    ? "nearby inputs grow alike there."
                    : "nearby inputs part there.");
    else if (v->kind == SOW_VERDICT_CRITICAL)
        sow_say(v->text, sizeof v->text,
                "chi_1 is %.4g at %s: the edge of chaos, where gradients keep "
                "their size and nearby inputs their distance.",
                chi, sow_call(run, v->layer, room));
    else if (v->kind == SOW_VERDICT_ORDERED)
        sow_say(v->text, sizeof v->text,
                "chi_1 is %.4g at %s, below 1: inputs grow alike and gradients "
                "vanish, by a factor of e in mean square every %.3g layers.",
                chi, sow_call(run, v->layer, room), depth);
    else
        sow_say(v->text, sizeof v->text,
                "chi_1 is %.4g at %s, above 1: nearby inputs part and "
                "gradients explode, by a factor of e in mean square every "
                "%.3g layers.",
                chi, sow_call(run, v->layer, room), depth);
}

static void judge_phase(const struct sow_run *run,
                        struct sow_findings *findings)
{
    size_t at = run->summary->typical;
    enum sow_verdict_kind kind = phase_of(run);
    struct sow_span span = {at, at, at};
    double hidden = is_square(&run->layers[at]) ? (double)run->count - 1 : 1;
    double change = fabs(log10(run->summary->chi_1)) * hidden;
    struct sow_verdict *v;

    if (run->count < 2 || sow_is_zero(&run->layers[at]) ||
        run->layers[at].weight.mean != 0 ||
        sow_theory_is_inside(run->layers, at))
        return;
    v = sow_findings_add(findings, kind,
                         kind != SOW_VERDICT_CRITICAL &&
                                 change > run->input->threshold
                             ? SOW_WARNING
                             : SOW_NOTE,
                         span, "chi_1", run->summary->chi_1);
    say_phase(run, v);
    if (v->severity == SOW_WARNING)
        advise(run, &v->advice);
}

static void judge_fixed_point(const struct sow_run *run,
                              struct sow_findings *findings)
{
    const struct sow_analysis_summary *s = run->summary;
    struct sow_span span = {s->typical, s->typical, s->typical};
    double depth = (double)run->count - 1;
    struct sow_verdict *v;

    if (run->count < 2 || !is_unstable(run))
        return;
    v = sow_findings_add(findings, SOW_VERDICT_UNSTABLE_FIXED_POINT,
                         pow(s->slope, depth) > 2 ? SOW_WARNING : SOW_NOTE,
                         span, "slope", s->slope);
    sow_say(
        v->text, sizeof v->text,
        "Lengths have a fixed point at q = %.4g, but it is unstable: dq'/dq "
        "is %.4g, so that a deviation is multiplied by %.3g over %.0f "
        "layers, and smaller inputs decay while larger ones explode.",
        s->q_star, s->slope, pow(s->slope, depth), depth);
    advise(run, &v->advice);
}

/* Singular values of the Jacobian about 1, all of them. */
static void judge_isometry(const struct sow_run *run,
                           struct sow_findings *findings)
{
    const struct sow_analysis_summary *s = run->summary;
    struct sow_span span = {0, 0, run->count - 1};
    struct sow_verdict *v;

    if (run->count < 2 || !(s->jacobian <= 1) ||
        !(fabs(s->log10_backward) < 0.3))
        return;
    v = sow_findings_add(findings, SOW_VERDICT_ISOMETRIC, SOW_NOTE, span,
                         "jacobian", s->jacobian);
    sow_say(v->text, sizeof v->text,
            "The squared singular values of the Jacobian have the mean %.3g "
            "and the relative variance %.3g: close to dynamical isometry.",
            pow(10, s->log10_backward), s->jacobian);
}

void sow_judge_gains(const struct sow_run *run, struct sow_findings *findings)
{
    judge_growth(run, -1, findings);
    judge_growth(run, 1, findings);
    judge_phase(run, findings);
    judge_fixed_point(run, findings);
    judge_isometry(run, findings);
}
