#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The generator sow1 in NumPy, written from lib/generators/sow1.md alone.

It shares nothing with the C but the two tables of coefficients that are part
of the specification; the section numbers below are that text's.  Everything
is one pure function, tensor(), which gives the raw bytes of any run of
elements.  NumPy never fuses a multiplication with an addition, and arrays of
float32 met only by float32 scalars stay float32; 'F' below is always one of
np.float32 and np.float64, and all scalars go through it.
"""

import hashlib
import math
import os
import re
from collections import namedtuple

import numpy as np

TABLES = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "..", "..", "lib", "generators")


class Refused(ValueError):
    """The specification has no bits for this request."""


# ---- 1. Streams -----------------------------------------------------------

MASK32 = np.uint64(0xFFFFFFFF)
ROUNDS = 10


def stream_id(seed, label, name):
    """The 16 bytes that name a stream."""
    message = (seed.to_bytes(8, "little") + label.encode() + b"\0"
               + name.encode())
    return hashlib.blake2b(message, digest_size=16,
                           person=b"sow1 stream\0\0\0\0\0").digest()


def philox(x0, x1, x2, x3, k0, k1):
    """Philox4x32-10 on arrays of words (kept in uint64, each below 2^32)."""
    m0, m1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
    half = np.uint64(32)
    for turn in range(ROUNDS):
        q0 = np.uint64((k0 + turn * 0x9E3779B9) & 0xFFFFFFFF)
        q1 = np.uint64((k1 + turn * 0xBB67AE85) & 0xFFFFFFFF)
        a, b = m0 * x0, m1 * x2
        x0, x1, x2, x3 = ((b >> half) ^ x1 ^ q0, b & MASK32,
                          (a >> half) ^ x3 ^ q1, a & MASK32)
    return x0, x1, x2, x3


def stream_words(seed, label, name, start, count):
    """Words [start, start + count) of a stream, as uint64."""
    ident = stream_id(seed, label, name)
    k0, k1, h0, h1 = (int.from_bytes(ident[i:i + 4], "little")
                      for i in range(0, 16, 4))
    first, end = start // 4, -(-(start + count) // 4)
    block = np.uint64(first) + np.arange(end - first, dtype=np.uint64)
    high = np.zeros_like(block)
    outputs = philox(block & MASK32, block >> np.uint64(32),
                     high + np.uint64(h0), high + np.uint64(h1), k0, k1)
    words = np.stack(outputs, axis=1).reshape(-1)
    return words[start - 4 * first:][:count]


def element_words(F, seed, name, start, count):
    """The word of 32 (float32) or 53 bits (float64) of each element."""
    if F is np.float32:
        return stream_words(seed, "value", name, start, count)
    pair = stream_words(seed, "value", name, 2 * start, 2 * count)
    return (pair[0::2] + (pair[1::2] << np.uint64(32))) >> np.uint64(11)


# ---- 2. Uniform -----------------------------------------------------------

def uniform(F, word, low, high):
    low, high = F(low), F(high)
    span = high - low
    if F is np.float32:
        u, unit = (word >> np.uint64(8)).astype(F), F(2.0 ** -24)
    else:
        u, unit = word.astype(F), F(2.0 ** -53)
    x = (u * unit) * span + low
    last = low if low == high else np.nextafter(high, F(-np.inf))
    return np.where(x < last, x, last)


# ---- 3. Normal ------------------------------------------------------------

def read_table(file, F):
    with open(os.path.join(TABLES, file), encoding="ascii") as table:
        rows = re.findall(r"\{([^}]*)\}", table.read())
    values = [[float.fromhex(c) for c in row.split(",")] for row in rows]
    result = np.array(values, dtype=F)
    assert (result == np.array(values)).all(), "a coefficient is no F"
    return result


TABLE = {np.float32: read_table("normal_f32.inc", np.float32),
         np.float64: read_table("normal_f64.inc", np.float64)}
BITS = {np.float32: 32, np.float64: 53}
assert TABLE[np.float32].shape == (32, 9)
assert TABLE[np.float64].shape == (53, 21)


def quantile(F, k):
    """Z of the words whose signed readings are k (int64)."""
    B, c = BITS[F], TABLE[F]
    m = np.where(k >= 0, k, -1 - k)
    a = 2 ** (B - 1) - 1 - m
    t = a.astype(F) + F(0.5)
    if F is np.float32:
        t = np.minimum(t, F(2147483520))
    # t = fraction * 2^exponent with 0.5 <= fraction < 1, so that
    # e = exponent - 1 and t / 2^e = 2 * fraction.
    fraction, exponent = np.frexp(t)
    inner = m < 2 ** (B - 2)
    r = np.where(inner, 0, B - 2 - (exponent.astype(np.int64) - 1))
    w = np.where(inner, (2 * m + 1).astype(F) * F(2.0 ** -(B - 1)),
                 F(2) - F(2) * fraction)
    v = np.where(inner, w * w, w)
    n = c.shape[1] - 1
    z = c[r, n]
    for i in range(n - 1, 0, -1):
        z = z * v + c[r, i]
    z = z * w + c[r, 0]
    assert z.dtype == F
    return np.where(k < 0, -z, z)


def signed(F, word):
    """A word read as a two's complement integer of B bits."""
    k, B = word.astype(np.int64), BITS[F]
    return np.where(k >= 2 ** (B - 1), k - 2 ** B, k)


def normal(F, word, mean, std):
    return quantile(F, signed(F, word)) * F(std) + F(mean)


# ---- 4. Truncated normal --------------------------------------------------

SMALLEST_COUNT = 2 ** 20


def below(F, x):
    """How many ranks lie below the bound x; all but the last step float64."""
    whole = 2 ** BITS[F]

    def rounded(p):
        return math.floor(p * whole + 0.5)

    return rounded(cdf(x)) if x <= 0 else whole - rounded(cdf(-x))


def scaled(F, word, count):
    """floor(word * count / 2^B), with all bits of the product."""
    if F is np.float32:
        return (word * np.uint64(count)) >> np.uint64(32)
    # Halves of 27 bits: product = hh 2^54 + mixed 2^27 + ll.
    low27 = np.uint64(2 ** 27 - 1)
    wh, wl = word >> np.uint64(27), word & low27
    ch, cl = np.uint64(count >> 27), np.uint64(count) & low27
    mixed = wh * cl + wl * ch + ((wl * cl) >> np.uint64(27))
    return wh * ch * np.uint64(2) + (mixed >> np.uint64(26))


def truncated_normal(F, word, mean, std, low, high):
    first = below(F, low)
    count = below(F, high) - first
    if count < SMALLEST_COUNT:
        raise Refused(f"only {count} words lie between the bounds")
    rank = scaled(F, word, count).astype(np.int64) + first
    z = quantile(F, rank - 2 ** (BITS[F] - 1))
    z = np.where(z > F(low), z, F(low))
    z = np.where(z < F(high), z, F(high))
    return z * F(std) + F(mean)


# ---- 5. Other laws and types ----------------------------------------------

def narrow(x, exponent_bits, mantissa_bits, has_infinity):
    """float32 to the codes of a narrower type, to nearest even, on bits."""
    bits = x.view(np.uint32).astype(np.int64)
    sign, magnitude = bits >> 31, bits & 0x7FFFFFFF
    field = magnitude >> 23
    exponent = np.maximum(field, 1) - 127
    significand = (magnitude & 0x7FFFFF) + np.where(field > 0, 1 << 23, 0)

    smallest = 2 - (1 << (exponent_bits - 1))       # of a normal number
    lost = 23 - mantissa_bits + np.maximum(smallest - exponent, 0)
    lost = np.minimum(lost, 25)                     # enough to make it 0
    kept, rest = significand >> lost, significand & ((1 << lost) - 1)
    tie = 1 << (lost - 1)
    kept = kept + ((rest > tie) | ((rest == tie) & (kept & 1 == 1)))
    steps = np.maximum(exponent - smallest, 0) << mantissa_bits
    code = steps + kept          # a carry moves on into the exponent

    infinity = ((1 << exponent_bits) - 1) << mantissa_bits
    if has_infinity:
        over = infinity
        code = np.where(code >= infinity, over, code)
    else:
        over = (1 << (exponent_bits + mantissa_bits)) - 1    # the NaN
        code = np.where(code >= over, over, code)
    code = np.where(field == 255, over, code)
    return code | (sign << (exponent_bits + mantissa_bits))


#       bytes, exponent bits, mantissa bits, has infinities
NARROW = {"float16": (2, 5, 10, True),
          "bfloat16": (2, 8, 7, True),
          "float8_e5m2": (1, 5, 2, True),
          "float8_e4m3fn": (1, 4, 3, False)}
DTYPES = ("float32", "float64", *NARROW)


def itemsize(dtype):
    return {"float32": 4, "float64": 8}.get(dtype) or NARROW[dtype][0]


def stored(values, dtype):
    """The little-endian bytes of computed values in their dtype."""
    if dtype == "float64":
        return values.astype("<f8").tobytes()
    assert values.dtype == np.float32
    if dtype == "float32":
        return values.astype("<f4").tobytes()
    size, *rest = NARROW[dtype]
    return narrow(values, *rest).astype(f"<u{size}").tobytes()


def coordinates(shape, start, count):
    """One array of indices for each dimension, in row-major order."""
    index = np.uint64(start) + np.arange(count, dtype=np.uint64)
    result = []
    for extent in reversed(shape):
        result.append(index % np.uint64(max(extent, 1)))
        index = index // np.uint64(max(extent, 1))
    return result[::-1]


def eye(F, shape, start, count, gain):
    if len(shape) != 2:
        raise Refused("eye has two dimensions")
    row, column = coordinates(shape, start, count)
    return np.where(row == column, F(gain), F(0))


def dirac(F, shape, start, count, groups):
    if not 3 <= len(shape) <= 5:
        raise Refused("dirac has three to five dimensions")
    if groups < 1 or shape[0] % groups:
        raise Refused("groups divides the output channels")
    o, d, *kernel = coordinates(shape, start, count)
    here = d == o % np.uint64(max(shape[0] // groups, 1))
    for at, extent in zip(kernel, shape[2:]):
        here &= at == np.uint64(extent // 2)
    return np.where(here, F(1), F(0))


# ---- 6. From schemes to laws ----------------------------------------------

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
        return ("uniform", -b, b)
    if distribution == "normal":
        return ("normal", 0.0, math.sqrt(variance))
    assert distribution == "truncated"
    return ("truncated", 0.0, math.sqrt(variance) / TRUNCATED_STD, -2.0, 2.0)


def trunc_normal_law(p):
    if p["std"] <= 0:
        raise Refused("std is positive")
    return ("truncated", p["mean"], p["std"],
            (p["a"] - p["mean"]) / p["std"], (p["b"] - p["mean"]) / p["std"])


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


# ---- the normal distribution function -------------------------------------

def exp(x):
    s = x * float.fromhex("0x1.71547652b82fep+0")
    k = math.trunc(s - 0.5 if s < 0 else s + 0.5)
    r = ((x - k * float.fromhex("0x1.62e42feep-1"))
         - k * float.fromhex("0x1.a39ef35793c76p-33"))
    y = 0.0
    for i in range(18, 0, -1):
        y = (y + 1) * (r / i)
    return (1 + y) * 2.0 ** k


def density(x):
    if abs(x) > 37:
        return 0.0
    return exp((-0.5 * x) * x) / float.fromhex("0x1.40d931ff62706p+1")


def centre(x):
    term = total = x
    i = 3
    while term > total * 2.0 ** -60:
        term = term * (x * x) / i
        total = total + term
        i += 2
    return total * density(x)


def tail(x):
    f = x
    for i in range(150, 0, -1):
        f = x + i / f
    return density(x) / f


def cdf(x):
    if x >= 3:
        return 1 - tail(x)
    if x <= -3:
        return tail(-x)
    return 0.5 - centre(-x) if x < 0 else 0.5 + centre(x)


# ---- a tensor -------------------------------------------------------------

def tensor(scheme, shape, seed=0, name="", dtype="float32", start=0,
           count=None, params=None, layout=None, **axes):
    """The bytes of elements [start, start + count) of a tensor.

    'layout' defaults to the scheme's own; in_axes, out_axes and batch_axes
    replace its axes."""
    size = math.prod(shape)
    count = size - start if count is None else count
    if start < 0 or count < 0 or start + count > size:
        raise Refused("the range is not in the tensor")
    F = np.float64 if dtype == "float64" else np.float32
    law, *args = resolve(scheme, shape, params, layout, **axes)
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        return stored(values(F, law, args, shape, seed, name, start, count),
                      dtype)


RANDOM = {"uniform": uniform, "normal": normal, "truncated": truncated_normal}
PATTERN = {"eye": eye, "dirac": dirac}


def values(F, law, args, shape, seed, name, start, count):
    if law == "constant":
        return np.full(count, F(args[0]))
    if law in PATTERN:
        return PATTERN[law](F, shape, start, count, *args)
    return RANDOM[law](F, element_words(F, seed, name, start, count), *args)
