#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The generator sow1 in NumPy, written from lib/generators/sow1.md.

It shares nothing with the C but the two tables of coefficients that are part
of the specification.  The section numbers below are that text's; section 6 is
schemes.py.  Everything is one pure function, tensor(),
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

from schemes import KERAS, PLAIN, SCHEMES, Refused, fans, resolve

__all__ = ("DTYPES", "KERAS", "PLAIN", "SCHEMES", "Refused", "fans",
           "itemsize", "philox", "resolve", "stream_id", "tensor")

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


# ---- 7. The normal distribution function ----------------------------------

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
