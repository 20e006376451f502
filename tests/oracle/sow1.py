#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The generator sow1 in NumPy, written from lib/generators/sow1.md.

It shares nothing with the C but the two tables of coefficients that are part
of the specification.  The section numbers below are that text's; section 6 is
schemes.py, section 7 elementary.py.  Everything is one pure function, tensor(),
which gives the raw bytes of any run of elements.  NumPy never fuses a
multiplication with an addition, and arrays of float32 that meet float32
scalars only stay float32: 'F' below is always one of np.float32 and
np.float64, and all scalars go through it.
"""

import hashlib
import math
import os
import re

import numpy as np

from elementary import cdf
from law import Place, Refused, axes_of, fans
from schemes import BASE, KERAS, PLAIN, SCHEMES, resolve

__all__ = ("BASE", "DTYPES", "KERAS", "PLAIN", "SCHEMES", "Place", "Refused",
           "fans", "itemsize", "philox", "resolve", "stream_id", "tensor")

TABLES = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "..", "..", "lib", "generators")


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


def stream_words(seed, label, name, at):
    """The words of a stream at the places 'at', both uint64."""
    ident = stream_id(seed, label, name)
    k0, k1, h0, h1 = (int.from_bytes(ident[i:i + 4], "little")
                      for i in range(0, 16, 4))
    block, where = np.unique(at >> np.uint64(2), return_inverse=True)
    high = np.zeros_like(block)
    outputs = philox(block & MASK32, block >> np.uint64(32),
                     high + np.uint64(h0), high + np.uint64(h1), k0, k1)
    return np.stack(outputs, axis=1)[where, at & np.uint64(3)]


def element_words(F, seed, label, name, at):
    """The word of 32 (float32) or 53 bits (float64) of elements 'at'."""
    if F is np.float32:
        return stream_words(seed, label, name, at)
    low = stream_words(seed, label, name, np.uint64(2) * at)
    high = stream_words(seed, label, name, np.uint64(2) * at + np.uint64(1))
    return (low + (high << np.uint64(32))) >> np.uint64(11)


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


def quantile(F, k, table=None):
    """Z of the words whose signed readings are k (int64)."""
    B, c = BITS[F], TABLE[F] if table is None else table
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


def truncated_normal(F, word, mean, std, low, high, least=None, most=None):
    if least is None:
        least, most = mean + low * std, mean + high * std
    first = below(F, low)
    count = below(F, high) - first
    if count < SMALLEST_COUNT:
        raise Refused(f"only {count} words lie between the bounds")
    rank = scaled(F, word, count).astype(np.int64) + first
    x = quantile(F, rank - 2 ** (BITS[F] - 1)) * F(std) + F(mean)
    x = np.where(x > F(least), x, F(least))
    return np.where(x < F(most), x, F(most))


# ---- 5. Other laws and types ----------------------------------------------

def narrow(x, exponent_bits, mantissa_bits, largest):
    """float32 to the codes of a narrower type, to nearest even, on bits;
    what lies past the code 'largest' gets it."""
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
    code = np.minimum(code, largest)
    return code | (sign << (exponent_bits + mantissa_bits))


#       bytes, exponent bits, mantissa bits, infinity (or 448, having none)
NARROW = {"float16": (2, 5, 10, 0x7C00),
          "bfloat16": (2, 8, 7, 0x7F80),
          "float8_e5m2": (1, 5, 2, 0x7C),
          "float8_e4m3fn": (1, 4, 3, 0x7E)}
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


# ---- a tensor -------------------------------------------------------------

class Tensor:
    """What an arranged element may look at: draws, words and its place."""

    def __init__(self, F, seed, name, shape, axes):
        self.F, self.seed, self.name = F, seed, name
        self.shape, self.axes = shape, axes

    def draw(self, law, at, label="value"):
        """Draws 'at' of a law, exactly, as float64."""
        word = element_words(self.F, self.seed, label, self.name, at)
        return RANDOM[law[0]](self.F, word, *law[1:]).astype(np.float64)

    def words(self, label, at, name=None):
        """Words 'at' of a stream, of another name if that is given."""
        return stream_words(self.seed, label,
                            self.name if name is None else name, at)

    def normals(self, at):
        """Standard normal draws 'at' of 32 bits, whatever the dtype."""
        word = self.words("value", at)
        return quantile(np.float32, signed(np.float32, word)).astype(
            np.float64)


RANDOM = {"uniform": uniform, "normal": normal, "truncated": truncated_normal}


def tensor(scheme, shape, seed=0, name="", dtype="float32", start=0,
           count=None, params=None, layout=None, multiplier=1.0, **axes):
    """The bytes of elements [start, start + count) of a tensor.

    'layout' defaults to the scheme's own; in_axes, out_axes and batch_axes
    replace its axes."""
    size = math.prod(shape)
    count = size - start if count is None else count
    if start < 0 or count < 0 or start + count > size:
        raise Refused("the range is not in the tensor")
    F = np.float64 if dtype == "float64" else np.float32
    law = resolve(scheme, shape, params, layout, **axes)
    at = np.uint64(start) + np.arange(count, dtype=np.uint64)
    whole = Tensor(F, seed, name, shape, axes_of(
        shape, layout or SCHEMES[scheme].layout, **axes))
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        return stored(values(whole, law, at, multiplier), dtype)


def values(whole, law, at, multiplier, label="value"):
    """Elements 'at', in the type of the computation."""
    if law[0] == "stream":
        return values(whole, law[2], at, multiplier, law[1])
    if law[0] == "arranged":
        made = law[1](whole, at, *law[2:]) if at.size else np.zeros(0)
        return (made * multiplier).astype(whole.F)
    if law[0] == "constant":
        return np.full(at.shape, whole.F(law[1] * multiplier))
    law = multiplied(law, multiplier)
    word = element_words(whole.F, whole.seed, label, whole.name, at)
    return RANDOM[law[0]](whole.F, word, *law[1:])


def multiplied(law, m):
    """The law with its numbers, but bounds in units of std, times m."""
    if law[0] != "truncated":
        return law[0], *(x * m for x in law[1:])
    _, mean, std, low, high, *bounds = law
    least, most = bounds or (mean + low * std, mean + high * std)
    return "truncated", mean * m, std * m, low, high, least * m, most * m
