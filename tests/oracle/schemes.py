# SPDX-License-Identifier: MIT
"""From schemes to laws: section 6 of lib/generators/sow1.md.

A law is a tuple of its name ("constant", "uniform", "normal", "truncated",
"eye", "dirac") and its arguments.  Everything here is float64 arithmetic, as
Python's own.  The names of the parameters, their defaults and the axes of
the fans are those that the API promises.
"""

import math
from collections import namedtuple


class Refused(ValueError):
    """The specification has no bits for this request."""


TRUNCATED_STD = 0.87962566103423978
LAYOUT_AXES = {"torch": ((1,), (0,)),
               "jax": ((-2,), (-1,)),
               "keras": ((-2,), (-1,))}


def fans(shape, layout="torch", in_axes=None, out_axes=None, batch_axes=None):
    """(fan_in, fan_out): fan_in is the product of the extents that are
    neither out nor batch axes, fan_out of those that are neither in nor
    batch axes.  Axes that are given replace all of the layout's."""
    explicit = (in_axes, out_axes, batch_axes) != (None, None, None)
    if layout == "keras" and not explicit:
        if len(shape) < 2:
            return (max(1, *shape, 1),) * 2
    elif len(shape) < 2:
        raise Refused("a fan needs two dimensions")
    sides = (in_axes, out_axes) if explicit else LAYOUT_AXES[layout]
    ins, outs, batch = ({a % len(shape) for a in side or ()}
                        for side in (*sides, batch_axes))
    fan_in, fan_out = (math.prod(extent for axis, extent in enumerate(shape)
                                 if axis not in others | batch)
                       for others in (outs, ins))
    if layout == "keras" and not explicit:
        return max(1, fan_in), max(1, fan_out)
    return fan_in, fan_out


def mode_fan(mode, fan_in, fan_out):
    fan_in, fan_out = float(fan_in), float(fan_out)
    return {"fan_in": lambda: fan_in,
            "fan_out": lambda: fan_out,
            "fan_avg": lambda: (fan_in + fan_out) / 2,
            "fan_geo_avg": lambda: math.sqrt(fan_in * fan_out)}[mode]()


def kaiming_scale(a, nonlinearity):
    return {"leaky_relu": lambda: 2 / (1 + a * a),
            "relu": lambda: 2.0,
            "tanh": lambda: 25 / 9,
            "selu": lambda: 9 / 16,
            "linear": lambda: 1.0,
            "sigmoid": lambda: 1.0}[nonlinearity]()


# A law is a name and its arguments; a scheme is its parameters with their
# defaults, the layout that it brings, and a function from the parameters to
# a law, or, if 'fan' is set, to (scale, mode, distribution).
Scheme = namedtuple("Scheme", "defaults law fan layout")


def fan_law(fan_pair, scale, mode, distribution):
    n = mode_fan(mode, *fan_pair)
    variance = scale / n if n != 0 else 0.0
    if distribution == "uniform":
        b = math.sqrt(3 * variance)
        return ("uniform", 0.0 - b, b)
    if distribution == "normal":
        return ("normal", 0.0, math.sqrt(variance))
    assert distribution == "truncated"
    return ("truncated", 0.0, math.sqrt(variance) / TRUNCATED_STD, -2.0, 2.0)


def trunc_normal_law(p):
    if p["std"] <= 0:
        raise Refused("std is positive")
    return ("truncated", p["mean"], p["std"],
            (p["a"] - p["mean"]) / p["std"], (p["b"] - p["mean"]) / p["std"],
            p["a"], p["b"])


PLAIN = {"uniform": "uniform", "normal": "normal",
         "truncated_normal": "truncated"}
KERAS = {"uniform": "uniform", "normal": "truncated",
         "truncated_normal": "truncated", "untruncated_normal": "normal"}


def plain_schemes():
    """Schemes whose law does not look at the shape, by library."""
    def law(name, *keys):
        return lambda p: (name, *(k if isinstance(k, float) else p[k]
                                  for k in keys))

    zeros = ({}, law("constant", 0.0))
    ones = ({}, law("constant", 1.0))
    bounds = ("mean", "std", "low", "high")
    return {
        "": {
            "zeros": zeros, "ones": ones,
            "constant": ({"value": None}, law("constant", "value")),
            "uniform": ({"low": 0.0, "high": 1.0},
                        law("uniform", "low", "high")),
            "normal": ({"mean": 0.0, "std": 1.0},
                       law("normal", "mean", "std")),
            "truncated_normal": (dict(zip(bounds, (0.0, 1.0, -2.0, 2.0))),
                                 law("truncated", *bounds)),
            "eye": ({}, law("eye", 1.0)),
            "dirac": ({"groups": 1}, law("dirac", "groups"))},
        "torch.": {
            "zeros": zeros, "ones": ones,
            "constant": ({"val": None}, law("constant", "val")),
            "uniform": ({"a": 0.0, "b": 1.0}, law("uniform", "a", "b")),
            "normal": ({"mean": 0.0, "std": 1.0},
                       law("normal", "mean", "std")),
            "trunc_normal": ({"mean": 0.0, "std": 1.0, "a": -2.0, "b": 2.0},
                             trunc_normal_law),
            "eye": ({}, law("eye", 1.0)),
            "dirac": ({"groups": 1}, law("dirac", "groups"))},
        "jax.": {
            "zeros": zeros, "ones": ones,
            "constant": ({"value": None}, law("constant", "value")),
            "uniform": ({"scale": 0.01}, law("uniform", 0.0, "scale")),
            "normal": ({"stddev": 0.01}, law("normal", 0.0, "stddev")),
            "truncated_normal": (
                {"stddev": 0.01, "lower": -2.0, "upper": 2.0},
                law("truncated", 0.0, "stddev", "lower", "upper"))},
        "keras.": {
            "zeros": zeros, "ones": ones,
            "constant": ({"value": 0.0}, law("constant", "value")),
            "random_uniform": ({"minval": -0.05, "maxval": 0.05},
                               law("uniform", "minval", "maxval")),
            "random_normal": ({"mean": 0.0, "stddev": 0.05},
                              law("normal", "mean", "stddev")),
            "truncated_normal": (
                {"mean": 0.0, "stddev": 0.05},
                law("truncated", "mean", "stddev", -2.0, 2.0)),
            "identity": ({"gain": 1.0}, law("eye", "gain"))}}


def fan_schemes(prefix, normal_law, distributions):
    """The schemes with a fan rule, as one library has them."""
    def preset(scale, mode, law):
        return ({}, lambda p: (scale, mode, law))

    result = {"variance_scaling": (
        {"scale": None, "mode": None, "distribution": None},
        lambda p: (p["scale"], p["mode"], distributions[p["distribution"]]))}
    for kind, law in (("uniform", "uniform"), ("normal", normal_law)):
        xavier = ({"gain": 1.0}, lambda p, law=law:
                  (p["gain"] * p["gain"], "fan_avg", law))
        kaiming = ({"a": 0.0, "mode": "fan_in", "nonlinearity": "leaky_relu"},
                   lambda p, law=law: (kaiming_scale(
                       p["a"], p["nonlinearity"]), p["mode"], law))
        if prefix in ("jax.", "keras."):
            xavier = preset(1.0, "fan_avg", law)
            kaiming = preset(2.0, "fan_in", law)
        lecun = preset(1.0, "fan_in", law)
        family = {"": (("xavier", xavier), ("glorot", xavier),
                       ("kaiming", kaiming), ("he", kaiming),
                       ("lecun", lecun)),
                  "torch.": (("xavier", xavier), ("kaiming", kaiming)),
                  "jax.": (("xavier", xavier), ("glorot", xavier),
                           ("kaiming", kaiming), ("he", kaiming),
                           ("lecun", lecun)),
                  "keras.": (("glorot", xavier), ("he", kaiming),
                             ("lecun", lecun))}[prefix]
        result.update({f"{name}_{kind}": rule for name, rule in family})
    if prefix == "torch.":
        del result["variance_scaling"]
        result["linear"] = preset(1 / 3, "fan_in", "uniform")
    if prefix in ("", "keras."):
        result["variance_scaling"][0].update(
            scale=1.0, mode="fan_in", distribution="truncated_normal")
    return result


def all_schemes():
    result = {}
    for prefix, plain in plain_schemes().items():
        normal_law = "normal" if prefix in ("", "torch.") else "truncated"
        layout = prefix[:-1] or "torch"
        fan = fan_schemes(prefix, normal_law,
                          KERAS if prefix == "keras." else PLAIN)
        for name, (defaults, law) in plain.items():
            result[prefix + name] = Scheme(defaults, law, False, layout)
        for name, (defaults, law) in fan.items():
            result[prefix + name] = Scheme(defaults, law, True, layout)
    return result


SCHEMES = all_schemes()


def resolve(scheme, shape, params=None, layout=None, **axes):
    """The law of a scheme on a shape, as a tuple of name and arguments."""
    row = SCHEMES[scheme]
    given = {**row.defaults, **(params or {})}
    if given.keys() != row.defaults.keys() or None in given.values():
        raise Refused(f"{scheme} takes {', '.join(row.defaults)}")
    if not row.fan:
        return row.law(given)
    return fan_law(fans(shape, layout or row.layout, **axes),
                   *row.law(given))
