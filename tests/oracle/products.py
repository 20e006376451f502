#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""E[phi(x) phi(y)] and E[phi'(x) phi'(y)] of correlated normal variables.

    python3 tests/oracle/products.py > tests/lib/product_answers.inc

By Gauss and Legendre's 24 points on many panels in x, and for each x in y,
with the definitions of the activations as papers and frameworks give them.
Panels end at kinks, at powers of two around 0, at fractions of deviations, and
in x around where the mean of y passes a kink.
"""
import numpy
from scipy.special import erf, erfc, expit

NODES, WEIGHTS = numpy.polynomial.legendre.leggauss(24)
REACH = 9.5
PI = numpy.pi


def where(condition, a, b):
    return numpy.where(condition, a, b)


def softplus(x):
    return numpy.logaddexp(0, x)


def density(x):
    return numpy.exp(-x * x / 2) / numpy.sqrt(2 * PI)


def cdf(x):
    return erfc(-x / numpy.sqrt(2)) / 2


def sech2(x):
    return 4 * expit(2 * x) * expit(-2 * x)


def gelu_tanh(x):
    inner = numpy.sqrt(2 / PI) * (x + 0.044715 * x ** 3)
    bend = numpy.sqrt(2 / PI) * (1 + 3 * 0.044715 * x ** 2)
    return (x * expit(2 * inner),
            expit(2 * inner) + x / 2 * sech2(inner) * bend)


def exponential(x, scale, alpha, unit):
    low = numpy.minimum(x, 0) / unit
    return (scale * where(x > 0, x, alpha * numpy.expm1(low)),
            scale * where(x > 0, 1, alpha / unit * numpy.exp(low)))


def mish(x):
    t = numpy.tanh(softplus(x))
    return x * t, t + x * (1 - t * t) * expit(x)


def clamp(x, low, high, scale):
    return (scale * (numpy.clip(x, low, high) - low),
            scale * ((x > low) & (x <= high)))


def hard(x):
    return (x * numpy.clip(x + 3, 0, 6) / 6,
            where(x > 3, 1, where(x <= -3, 0, (2 * x + 3) / 6)))


def shrink(x, edge, less):
    out = abs(x) > edge
    return out * (x - less * numpy.sign(x)), out * 1.0


# name, parameter (0 where there is none), kinks, value and slope
ACTIVATIONS = [
    ('linear', 0, [], lambda x: (x, 1 + 0 * x)),
    ('relu', 0, [0], lambda x: (where(x > 0, x, 0), 1.0 * (x > 0))),
    ('leaky_relu', 0.01, [0],
     lambda x: (where(x > 0, x, .01 * x), where(x > 0, 1, .01))),
    ('relu6', 0, [0, 6], lambda x: clamp(x, 0, 6, 1)),
    ('tanh', 0, [], lambda x: (numpy.tanh(x), sech2(x))),
    ('sigmoid', 0, [], lambda x: (expit(x), expit(x) * expit(-x))),
    ('erf', 0, [],
     lambda x: (erf(x), 2 / numpy.sqrt(PI) * numpy.exp(-x * x))),
    ('gelu', 0, [], lambda x: (x * cdf(x), cdf(x) + x * density(x))),
    ('gelu_tanh', 0, [], gelu_tanh),
    ('quick_gelu', 0, [],
     lambda x: (x * expit(1.702 * x), expit(1.702 * x) * (
         1 + 1.702 * x * expit(-1.702 * x)))),
    ('silu', 0, [],
     lambda x: (x * expit(x), expit(x) * (1 + x * expit(-x)))),
    ('elu', 1, [0], lambda x: exponential(x, 1, 1, 1)),
    ('selu', 0, [0],
     lambda x: exponential(x, 1.0507009873554805, 1.6732632423543772, 1)),
    ('celu', 0.125, [0], lambda x: exponential(x, 1, .125, .125)),
    ('celu', 20, [0], lambda x: exponential(x, 1, 20, 20)),
    ('softplus', 0, [], lambda x: (softplus(x), expit(x))),
    ('softsign', 0, [0],
     lambda x: (x / (1 + abs(x)), 1 / (1 + abs(x)) ** 2)),
    ('mish', 0, [], mish),
    ('hardswish', 0, [-3, 3], hard),
    ('hardtanh', 0, [-1, 1],
     lambda x: (numpy.clip(x, -1, 1), clamp(x, -1, 1, 1)[1])),
    ('hardsigmoid', 0, [-3, 3], lambda x: clamp(x, -3, 3, 1 / 6)),
    ('logsigmoid', 0, [], lambda x: (-softplus(-x), expit(-x))),
    ('tanhshrink', 0, [],
     lambda x: (x - numpy.tanh(x), numpy.tanh(x) ** 2)),
    ('softshrink', 0.5, [-.5, .5], lambda x: shrink(x, .5, .5)),
    ('hardshrink', 0.5, [-.5, .5], lambda x: shrink(x, .5, 0)),
    ('relu_squared', 0, [0],
     lambda x: (where(x > 0, x * x, 0), where(x > 0, 2 * x, 0))),
    ('abs', 0, [0], lambda x: (abs(x), where(x > 0, 1.0, -1.0))),
    ('gaussian', 0, [],
     lambda x: (numpy.exp(-x * x), -2 * x * numpy.exp(-x * x))),
    ('step', 0, [0], lambda x: (1.0 * (x > 0), 0 * x)),
    ('sign', 0, [0], lambda x: (numpy.sign(x), 0 * x)),
]

# mean, variance, rho
CASES = [
    (0, 1, 0.5), (0, 1, -0.9), (0, 1, 0.9999), (0, 0.01, 0.7),
    (0, 30, 0.3), (0, 30, -0.99), (0, 700, 0.99999), (0, 1e6, -0.5),
    (0.7, 2, 0.6), (-3, 60, -0.2),
]

UNITS = numpy.concatenate([2.0 ** numpy.arange(-7, 14, 1)])


def edges(fixed, centre, deviation):
    """Ends of panels for each of 'centre': (count, ends), ascending."""
    within = numpy.linspace(-REACH, REACH, 25)
    ends = numpy.concatenate(
        [centre[:, None] + deviation * within[None, :],
         numpy.broadcast_to(numpy.array(fixed), (len(centre), len(fixed)))],
        axis=1)
    low = (centre - REACH * deviation)[:, None]
    high = (centre + REACH * deviation)[:, None]
    return numpy.sort(numpy.clip(ends, low, high), axis=1)


def points(ends):
    half = numpy.diff(ends, axis=1)[:, :, None] / 2
    middle = (ends[:, :-1, None] + ends[:, 1:, None]) / 2
    count = len(ends)
    return ((middle + half * NODES).reshape(count, -1),
            (half * WEIGHTS).reshape(count, -1))


def fixed_ends(kinks, parameter):
    unit = parameter if parameter else 1
    ends = list(kinks) + [0.0]
    for x in UNITS * min(unit, 1):
        ends += [x, -x]
    return ends


def conditional(activation, centre, deviation):
    name, parameter, kinks, phi = activation
    y, weight = points(edges(fixed_ends(kinks, parameter), centre, deviation))
    weight = weight * density((y - centre[:, None]) / deviation) / deviation
    value, slope = phi(y)
    return (value * weight).sum(axis=1), (slope * weight).sum(axis=1)


def expect(activation, mean, variance, rho):
    name, parameter, kinks, phi = activation
    deviation = numpy.sqrt(variance)
    rest = deviation * numpy.sqrt((1 - rho) * (1 + rho))
    ends = fixed_ends(kinks, parameter)
    for kink in list(kinks) + [0]:
        at = mean + (kink - mean) / rho
        for k in range(-4, 12):
            by = rest * 2.0 ** k / abs(rho)
            ends += [at, at + by, at - by]
    x, weight = points(edges(ends, numpy.array([mean * 1.0]), deviation))
    x, weight = x[0], weight[0]
    weight = weight * density((x - mean) / deviation) / deviation
    keep = weight > 1e-300
    x, weight = x[keep], weight[keep]
    totals = numpy.zeros(2)
    value, slope = phi(x)
    for i in range(0, len(x), 512):
        part = slice(i, i + 512)
        v, s = conditional(activation, mean + rho * (x[part] - mean), rest)
        totals += [(weight[part] * value[part] * v).sum(),
                   (weight[part] * slope[part] * s).sum()]
    squares = [(weight * value ** 2).sum(), (weight * slope ** 2).sum()]
    return totals, squares


def main():
    print("""/* SPDX-License-Identifier: MIT */
/*
 * Rows of an activation, its parameter, mean, variance and correlation, and
 * of E[phi(x) phi(y)], E[phi'(x) phi'(y)], E[phi^2] and E[phi'^2]; written by
 * tests/oracle/products.py.
 */""")
    for activation in ACTIVATIONS:
        for case in CASES:
            totals, squares = expect(activation, *case)
            numbers = ', '.join('%.13e' % x for x in (*totals, *squares))
            print('{"%s", %g, %g, %g, %g,\n %s},' % (
                activation[:2] + case + (numbers,)))


if __name__ == '__main__':
    main()
