/* SPDX-License-Identifier: MIT */
/* Which weights would mend a stack: from its activation's own moments. */
#include <math.h>
#include <string.h>

#include "analysis/verdicts.h"

/* Lengths to try for the edge of chaos, in the order of preference. */
static const double lengths[] = {1, 0.5, 0.25, 0.1, 2};

/* Does the scheme's 'activation' have that choice? */
static const char *choice_of(const char *scheme, const char *activation)
{
    const struct sow_scheme_info *info = sow_scheme_find(scheme);
    int at = sow_scheme_parameter(info, "activation");
    const char *const *choices = info->parameters[at].choices;

    for (size_t i = 0; choices[i] != NULL; i++)
        if (strcmp(choices[i], activation) == 0)
            return choices[i];
    return NULL;
}

static void set_choice(struct sow_advice_scheme *scheme, const char *name,
                       const char *choice)
{
    size_t i = scheme->count++;

    scheme->parameters[i].name = name;
    scheme->parameters[i].choice = choice;
}

static void set_number(struct sow_advice_scheme *scheme, const char *name,
                       double number)
{
    size_t i = scheme->count++;

    scheme->parameters[i].name = name;
    scheme->parameters[i].number = number;
}

/* What an activation's weights should be like, at q = E[h^2]. */
struct point {
    double q, weight, bias, slope;
};

/*
 * A point where chi_1 = 1 and lengths don't run away; false when there is
 * none, as for sigmoid.
 */
static bool find_critical(const struct sow_phi *phi, struct point *point)
{
    struct sow_analysis_moments m;

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        double q = lengths[i];

        sow_phi_moments(phi, 0, q, &m);
        *point =
            (struct point){q, 1 / m.slope_square, q - m.square / m.slope_square,
                           m.stretch / m.slope_square};
        if (fabs(point->bias) < 1e-12 * q)
            point->bias = 0;
        if (point->bias >= 0 && point->slope <= 1 + 1e-12)
            return true;
    }
    return false;
}

static void advise_critical(const char *activation, const struct point *point,
                            struct sow_advice *advice)
{
    advice->weight = (struct sow_advice_scheme){.name = "edge_of_chaos"};
    advice->bias = (struct sow_advice_scheme){.name = "edge_of_chaos_bias"};
    set_choice(&advice->weight, "activation", activation);
    set_choice(&advice->bias, "activation", activation);
    set_number(&advice->weight, "q_star", point->q);
    set_number(&advice->bias, "q_star", point->q);
    sow_say(advice->text, sizeof advice->text,
            "Use the edge of chaos of %s: weights of variance %.4g / fan_in "
            "and biases of variance %.4g, which keep lengths at %g and "
            "gradients their size.",
            activation, point->weight, point->bias, point->q);
}

/* Has the activation its default parameter, which the schemes know? */
static bool is_plain(const struct sow_analysis_layer *layer)
{
    return layer->activation == NULL || layer->activation->parameter == NULL ||
           layer->parameter == layer->activation->value;
}

/* He with the exact gain, or its variance where the scheme has no such one. */
static void advise_exact(const struct sow_analysis_layer *layer, double scale,
                         struct sow_advice *advice)
{
    const char *name = sow_phi_name(layer);
    bool leaks = strcmp(name, "prelu") == 0 || strcmp(name, "leaky_relu") == 0;
    const char *choice = choice_of("exact_gain", leaks ? "leaky_relu" : name);

    if (layer->keep == 1 && choice != NULL && (leaks || is_plain(layer))) {
        advice->weight = (struct sow_advice_scheme){.name = "exact_gain"};
        set_choice(&advice->weight, "activation", choice);
        if (leaks)
            set_number(&advice->weight, "slope", layer->parameter);
        return;
    }
    advice->weight = (struct sow_advice_scheme){.name = "variance_scaling"};
    set_number(&advice->weight, "scale", scale);
    set_choice(&advice->weight, "distribution", "normal");
}

static const char *caveat_of(const struct sow_analysis_moments *m)
{
    if (m->slope_square < 0.9 * m->square)
        return " Gradients will still shrink: no variance makes this "
               "activation critical; a norm, or another one, would.";
    if (m->stretch > 1.01 * m->square)
        return " Lengths are still unstable in deep plain stacks; a norm or "
               "residual branches help.";
    return "";
}

void sow_advise_gain(const struct sow_run *run, size_t i,
                     struct sow_advice *advice)
{
    const struct sow_analysis_layer *layer = &run->layers[i];
    struct sow_phi phi = sow_phi_of(layer->activation, layer->parameter, false);
    const char *critical = choice_of("edge_of_chaos", sow_phi_name(layer));
    struct sow_analysis_moments m;
    struct point point;

    if (layer->keep == 1 && critical != NULL && is_plain(layer) &&
        find_critical(&phi, &point) && point.bias > 0) {
        advise_critical(critical, &point, advice);
        return;
    }
    sow_phi_moments(&phi, 0, 1, &m);
    if (!(m.square > 0))
        return;
    advise_exact(layer, layer->keep / m.square, advice);
    sow_say(advice->text, sizeof advice->text,
            "Use weights of variance %.4g / fan_in, which keep the mean "
            "square through %s%s, and biases of 0.%s",
            layer->keep / m.square, sow_phi_name(layer),
            layer->keep < 1 ? " and dropout" : "", caveat_of(&m));
}

bool sow_has_even_widths(const struct sow_run *run)
{
    for (size_t i = 0; i < run->count; i++)
        if (run->layers[i].n_in % 2 != 0 || run->layers[i].n_out % 2 != 0)
            return false;
    return true;
}

/* Where layers widen, an orthogonal matrix can't keep each unit's square. */
static bool widens(const struct sow_run *run)
{
    for (size_t i = 0; i < run->count; i++)
        if (sow_theory_terms(&run->layers[i]) < (double)run->layers[i].n_out)
            return true;
    return false;
}

/*
 * How much of the spread, a layer, is left when an orthogonal matrix keeps the
 * sum of the squares of h; 3 / 5 of it under ReLU.
 */
static double spread_left(const struct sow_analysis_moments *m)
{
    double unit = m->fourth / (m->square * m->square) - 1;
    double elastic = m->stretch / m->square;

    return unit > 0 ? 1 - 2 * elastic * elastic / unit : 0;
}

void sow_advise_width(const struct sow_run *run, double wider,
                      struct sow_advice *advice)
{
    const struct sow_analysis_layer *layer =
        &run->layers[run->summary->typical];
    struct sow_phi phi = sow_phi_of(layer->activation, layer->parameter, false);
    struct sow_analysis_moments m;
    const char *instead = "";

    sow_phi_moments(&phi, 0, 1, &m);
    if (!widens(run) && strcmp(sow_phi_name(layer), "relu") == 0 &&
        layer->keep == 1 && sow_has_even_widths(run)) {
        advice->weight = (struct sow_advice_scheme){.name = "mirrored"};
        set_choice(&advice->weight, "base", "orthogonal");
        instead = ", or mirror orthogonal weights, with which a ReLU network "
                  "is an isometry at first";
    } else if (!widens(run) && m.square > 0 && spread_left(&m) * wider <= 1) {
        advice->weight = (struct sow_advice_scheme){.name = "orthogonal"};
        set_number(&advice->weight, "gain", sqrt(layer->keep / m.square));
        instead = ", or the weights orthogonal, which vary less";
    }
    sow_say(advice->text, sizeof advice->text,
            "Make the layers about %.2g times as wide%s.", wider, instead);
}
