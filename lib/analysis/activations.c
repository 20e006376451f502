/* SPDX-License-Identifier: MIT */
/* The activations: their table, values and slopes. */
#include <math.h>
#include <string.h>

#include "analysis/analysis.h"
#include "analysis/shape.h"

#define SELU_SCALE 1.0507009873554805
#define SELU_ALPHA 1.6732632423543772
#define ROOT_HALF 0.70710678118654752440
#define TWO_OVER_ROOT_PI 1.12837916709551257390
#define QUICK 1.702

/* ------------------------------------------------------------------------
 * Values and slopes that lib/activation.h doesn't have, or not fast
 */

static struct sow_point linear(double x, double parameter)
{
    (void)parameter;
    return (struct sow_point){x, 1};
}

static struct sow_point leaky(double x, double slope)
{
    return x > 0 ? (struct sow_point){x, 1}
                 : (struct sow_point){slope * x, slope};
}

static struct sow_point relu(double x, double parameter)
{
    (void)parameter;
    return leaky(x, 0);
}

static struct sow_point absolute(double x, double parameter)
{
    (void)parameter;
    return leaky(x, -1);
}

/* Of libm: lib/elementary.h's takes a microsecond. */
static struct sow_point error_function(double x, double parameter)
{
    (void)parameter;
    return (struct sow_point){erf(x), TWO_OVER_ROOT_PI * exp(-x * x)};
}

static struct sow_point hyperbolic(double x, double parameter)
{
    double t = tanh(x);

    (void)parameter;
    return (struct sow_point){t, 1 - t * t};
}

static struct sow_point logistic(double x, double parameter)
{
    double decay = exp(-fabs(x));
    double share = (x < 0 ? decay : 1) / (1 + decay);

    (void)parameter;
    return (struct sow_point){share, share * (1 - share)};
}

static struct sow_point silu(double x, double parameter)
{
    double share = logistic(x, parameter).value;

    return (struct sow_point){x * share, share * (1 + x * (1 - share))};
}

static struct sow_point gelu(double x, double parameter)
{
    double share = erfc(-x * ROOT_HALF) / 2;
    double density = TWO_OVER_ROOT_PI * ROOT_HALF / 2 * exp(-x * x / 2);

    (void)parameter;
    return (struct sow_point){x * share, share + x * density};
}

static struct sow_point quick_gelu(double x, double parameter)
{
    double share = 1 / (1 + exp(-QUICK * x));

    (void)parameter;
    return (struct sow_point){x * share, share * (1 + QUICK * x * (1 - share))};
}

static struct sow_point elu(double x, double alpha)
{
    double slope = alpha * exp(x);

    if (x > 0)
        return (struct sow_point){x, 1};
    return (struct sow_point){alpha * expm1(x), slope};
}

static struct sow_point celu(double x, double alpha)
{
    double slope = exp(x / alpha);

    if (x > 0)
        return (struct sow_point){x, 1};
    return (struct sow_point){alpha * expm1(x / alpha), slope};
}

static struct sow_point selu(double x, double parameter)
{
    struct sow_point p = elu(x, SELU_ALPHA);

    (void)parameter;
    return (struct sow_point){SELU_SCALE * p.value, SELU_SCALE * p.slope};
}

static struct sow_point clamp(double x, double least, double most)
{
    if (x <= least)
        return (struct sow_point){least, 0};
    if (x > most)
        return (struct sow_point){most, 0};
    return (struct sow_point){x, 1};
}

static struct sow_point hardtanh(double x, double parameter)
{
    (void)parameter;
    return clamp(x, -1, 1);
}

static struct sow_point hardsigmoid(double x, double parameter)
{
    struct sow_point p = clamp(x, -3, 3);

    (void)parameter;
    return (struct sow_point){(p.value + 3) / 6, p.slope / 6};
}

/* tanh(log(1 + e^x)) is n / (n + 2) for n = e^x (e^x + 2); 1 beyond 20. */
static struct sow_point mish(double x, double parameter)
{
    double e = exp(x < 20 ? x : 20);
    double n = e * (e + 2);
    double t = n / (n + 2);

    (void)parameter;
    return (struct sow_point){x * t,
                              t + x * (4 * e * (e + 1)) / ((n + 2) * (n + 2))};
}

static struct sow_point softplus(double x, double parameter)
{
    double decay = exp(-fabs(x));

    (void)parameter;
    return (struct sow_point){(x > 0 ? x : 0) + log1p(decay),
                              (x < 0 ? decay : 1) / (1 + decay)};
}

static struct sow_point log_sigmoid(double x, double parameter)
{
    double decay = exp(-fabs(x));

    (void)parameter;
    return (struct sow_point){(x < 0 ? x : 0) - log1p(decay),
                              (x < 0 ? 1 : decay) / (1 + decay)};
}

static struct sow_point tanh_shrink(double x, double parameter)
{
    double t = tanh(x);

    (void)parameter;
    return (struct sow_point){x - t, t * t};
}

static struct sow_point soft_shrink(double x, double edge)
{
    if (x > edge)
        return (struct sow_point){x - edge, 1};
    if (x <= -edge)
        return (struct sow_point){x + edge, 1};
    return (struct sow_point){0, 0};
}

static struct sow_point hard_shrink(double x, double edge)
{
    bool kept = x > edge || x < -edge;

    return (struct sow_point){kept ? x : 0, kept};
}

static struct sow_point sine(double x, double omega)
{
    return (struct sow_point){sin(omega * x), omega * cos(omega * x)};
}

static struct sow_point bell(double x, double parameter)
{
    double value = exp(-x * x);

    (void)parameter;
    return (struct sow_point){value, -2 * x * value};
}

static struct sow_point step(double x, double parameter)
{
    (void)parameter;
    return (struct sow_point){x > 0, 0};
}

static struct sow_point sign(double x, double parameter)
{
    (void)parameter;
    return (struct sow_point){x > 0 ? 1 : x < 0 ? -1 : 0, 0};
}

/* ------------------------------------------------------------------------
 * The table
 */

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define SHAPE(...) (&(const struct sow_analysis_shape){__VA_ARGS__})
#define KINKS(count, ...) .kink_count = (count), .kinks = {__VA_ARGS__}
#define SHARED .at = NULL

static const struct sow_analysis_activation activations[] = {
    {"linear", NAMES("identity", "none"), NULL, 0, 0, 0, "x",
     SHAPE(.at = linear, .lines = true, .pieces = true)},
    {"relu", NULL, NULL, 0, 0, 0, "max(x, 0)",
     SHAPE(.at = relu, KINKS(1, 0), .lines = true, .half = true,
           .pieces = true)},
    {"leaky_relu", NULL, "slope", 0.01, -100, 100, "x, or slope x below 0",
     SHAPE(.at = leaky, KINKS(1, 0), .lines = true, .pieces = true)},
    {"prelu", NULL, "slope", 0.25, -100, 100, "x, or slope x below 0",
     SHAPE(.at = leaky, KINKS(1, 0), .lines = true, .pieces = true)},
    {"relu6", NULL, NULL, 0, 0, 0, "min(max(x, 0), 6)",
     SHAPE(SHARED, KINKS(2, 0, 6), .half = true, .pieces = true)},
    {"tanh", NULL, NULL, 0, 0, 0, "tanh x",
     SHAPE(.at = hyperbolic, .bounded = true, .settles = true)},
    {"sigmoid", NAMES("logistic"), NULL, 0, 0, 0, "1 / (1 + e^-x)",
     SHAPE(.at = logistic, .bounded = true, .settles = true)},
    {"erf", NULL, NULL, 0, 0, 0, "erf x",
     SHAPE(.at = error_function, .erf = true, .bounded = true,
           .settles = true)},
    {"gelu", NULL, NULL, 0, 0, 0, "x Phi(x), Phi of the standard normal",
     SHAPE(.at = gelu, .settles = true)},
    {"gelu_tanh", NAMES("gelu_new"), NULL, 0, 0, 0,
     "x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2",
     SHAPE(SHARED, .settles = true)},
    {"quick_gelu", NULL, NULL, 0, 0, 0, "x / (1 + e^(-1.702 x))",
     SHAPE(.at = quick_gelu, .settles = true)},
    {"silu", NAMES("swish"), NULL, 0, 0, 0, "x / (1 + e^-x)",
     SHAPE(.at = silu, .settles = true)},
    {"elu", NULL, "alpha", 1, 0, 100, "x, or alpha (e^x - 1) below 0",
     SHAPE(.at = elu, KINKS(1, 0), .pieces = true, .decays = true)},
    {"selu", NULL, NULL, 0, 0, 0,
     "1.0507 times x, or 1.67326 (e^x - 1) below 0",
     SHAPE(.at = selu, KINKS(1, 0), .pieces = true, .decays = true)},
    {"celu", NULL, "alpha", 1, 0.001, 100,
     "x, or alpha (e^(x / alpha) - 1) below 0",
     SHAPE(.at = celu, KINKS(1, 0), .scale = true, .pieces = true,
           .decays = true)},
    {"softplus", NULL, NULL, 0, 0, 0, "log(1 + e^x)",
     SHAPE(.at = softplus, .settles = true)},
    {"softsign", NULL, NULL, 0, 0, 0, "x / (1 + |x|)",
     SHAPE(SHARED, KINKS(1, 0), .bounded = true)},
    {"mish", NULL, NULL, 0, 0, 0, "x tanh(log(1 + e^x))",
     SHAPE(.at = mish, .settles = true)},
    {"hardswish", NAMES("hard_swish", "hardsilu"), NULL, 0, 0, 0,
     "x min(max(x + 3, 0), 6) / 6",
     SHAPE(SHARED, KINKS(2, -3, 3), .pieces = true)},
    {"hardtanh", NULL, NULL, 0, 0, 0, "min(max(x, -1), 1)",
     SHAPE(.at = hardtanh, KINKS(2, -1, 1), .bounded = true, .pieces = true)},
    {"hardsigmoid", NAMES("hard_sigmoid"), NULL, 0, 0, 0,
     "min(max(x + 3, 0), 6) / 6",
     SHAPE(.at = hardsigmoid, KINKS(2, -3, 3), .bounded = true,
           .pieces = true)},
    {"logsigmoid", NAMES("log_sigmoid"), NULL, 0, 0, 0, "-log(1 + e^-x)",
     SHAPE(.at = log_sigmoid, .settles = true)},
    {"tanhshrink", NULL, NULL, 0, 0, 0, "x - tanh x",
     SHAPE(.at = tanh_shrink, .settles = true)},
    {"softshrink", NULL, "lambda", 0.5, 0.001, 100,
     "x - lambda above lambda, x + lambda below -lambda, else 0",
     SHAPE(.at = soft_shrink, KINKS(2, -1, 1), .scale = true, .pieces = true)},
    {"hardshrink", NULL, "lambda", 0.5, 0.001, 100,
     "x, or 0 from -lambda to lambda",
     SHAPE(.at = hard_shrink, KINKS(2, -1, 1), .scale = true, .jumps = true,
           .pieces = true)},
    {"sin", NAMES("sine"), "omega", 1, 0.001, 10000, "sin(omega x)",
     SHAPE(.at = sine, .wave = true)},
    {"relu_squared", NAMES("relu2", "squared_relu"), NULL, 0, 0, 0,
     "max(x, 0)^2", SHAPE(SHARED, KINKS(1, 0), .half = true, .pieces = true)},
    {"abs", NULL, NULL, 0, 0, 0, "|x|",
     SHAPE(.at = absolute, KINKS(1, 0), .lines = true, .pieces = true)},
    {"gaussian", NULL, NULL, 0, 0, 0, "e^(-x^2)",
     SHAPE(.at = bell, .settles = true)},
    {"step", NAMES("heaviside"), NULL, 0, 0, 0, "1 above 0, else 0",
     SHAPE(.at = step, KINKS(1, 0), .jumps = true, .half = true,
           .pieces = true)},
    {"sign", NULL, NULL, 0, 0, 0, "the sign of x",
     SHAPE(.at = sign, KINKS(1, 0), .jumps = true, .pieces = true)},
};

const struct sow_analysis_activation *sow_analysis_activation_at(size_t i)
{
    return i < sizeof activations / sizeof activations[0] ? &activations[i]
                                                          : NULL;
}

static bool is_called(const struct sow_analysis_activation *activation,
                      const char *name)
{
    if (strcmp(name, activation->name) == 0)
        return true;
    for (size_t i = 0; activation->aliases && activation->aliases[i]; i++)
        if (strcmp(name, activation->aliases[i]) == 0)
            return true;
    return false;
}

const struct sow_analysis_activation *
sow_analysis_activation_find(const char *name)
{
    const struct sow_analysis_activation *activation;

    for (size_t i = 0; (activation = sow_analysis_activation_at(i)); i++)
        if (is_called(activation, name))
            return activation;
    return NULL;
}

struct sow_phi sow_phi_of(const struct sow_analysis_activation *activation,
                          double parameter, bool odd)
{
    const struct sow_analysis_activation *row =
        activation == NULL ? &activations[0] : activation;

    return (struct sow_phi){
        row->shape, parameter, odd,
        row->shape->at == NULL ? sow_activation_find(row->name) : NULL};
}

static struct sow_point at(const struct sow_phi *phi, double x)
{
    return phi->shared != NULL ? phi->shared->at(x)
                               : phi->shape->at(x, phi->parameter);
}

struct sow_point sow_phi_at(const struct sow_phi *phi, double x)
{
    struct sow_point p = at(phi, x), m;

    if (!phi->odd)
        return p;
    m = at(phi, -x);
    return (struct sow_point){ROOT_HALF * (p.value - m.value),
                              ROOT_HALF * (p.slope + m.slope)};
}

double sow_analysis_value(const struct sow_analysis_activation *activation,
                          double parameter, double x)
{
    struct sow_phi phi = sow_phi_of(activation, parameter, false);

    return sow_phi_at(&phi, x).value;
}

double sow_analysis_slope(const struct sow_analysis_activation *activation,
                          double parameter, double x)
{
    struct sow_phi phi = sow_phi_of(activation, parameter, false);

    return sow_phi_at(&phi, x).slope;
}
