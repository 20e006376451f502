#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write tests/vectors/*.txt: known answers for any implementation of sow1.

Each file begins with a '#' line that explains it; every other line is one
answer, of key=value pairs between single spaces.  The bits of sow1 are for
ever, so running this may add lines but never changes one.
"""

import functools
import hashlib
import os

import cases
import sow1

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       "..", "vectors")
SEEDS = (0, 1, 42, 2 ** 64 - 1)
NAMES = ("", "w", "fc1.weight", "вес", "重み", "🌱", "é", "e\u0301",
         "a" * 256)

# Philox: published with Random123 by Salmon et al. as kat_vectors.
PHILOX = (
    ("00000000 00000000 00000000 00000000", "00000000 00000000",
     "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
     "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
     "d16cfe09 94fdcceb 5001e420 24126ea1"))


def philox_lines():
    yield ("# Philox4x32-10, Random123's own vectors; words in hexadecimal,"
           " first to last")
    for counter, key, out in PHILOX:
        yield " ".join(f"{k}={v.replace(' ', ',')}" for k, v in (
            ("counter", counter), ("key", key), ("out", out)))


def stream_lines():
    yield ("# stream identities (sow1.md section 1): id is its 16 bytes in"
           " hexadecimal; a name may be empty, is UTF-8, has no white space")
    for seed in SEEDS:
        for label in ("value", "sign", ""):
            for name in NAMES:
                ident = sow1.stream_id(seed, label, name).hex()
                yield f"seed={seed} label={label} name={name} id={ident}"


# ---- tensors: a case is a dict of what tensor() takes ----------------------

HEADER = (
    "# tensors: elements [start, start + count) of each, stored little-endian."
    " Between shape and scheme stand the scheme's parameters; a shape is its"
    " dimensions, () for a scalar; axes are lists too, and where there are"
    " any they stand in place of layout; a name may be empty, is UTF-8, has"
    " no white space; head is up to 32 bytes in hexadecimal, blake2b the"
    " BLAKE2b-256 of all.")
REQUIRED = {"value": 0.7, "val": -1.3, "scale": 1.7, "mode": "fan_avg",
            "distribution": "normal"}
PRIMITIVES = ("uniform", "normal", "truncated_normal")
FAN = ("he_normal", "xavier_uniform")


def case(scheme, shape=(64, 17), dtype="float32", seed=42, name="w", start=0,
         count=None, axes=None, layout=None, **params):
    row = sow1.SCHEMES[scheme]
    for key, value in row.defaults.items():
        if value is None:
            params.setdefault(key, REQUIRED[key])
    return dict(scheme=scheme, shape=shape, dtype=dtype, seed=seed, name=name,
                start=start, count=count, params=params,
                **(axes or {"layout": layout or row.layout}))


def listed(numbers):
    return ",".join(map(str, numbers))


def text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def line(c):
    data = sow1.tensor(**c)
    size = sow1.itemsize(c["dtype"])
    sides = [f"{k}={listed(c[k])}"
             for k in ("in_axes", "out_axes", "batch_axes") if k in c]
    factor = c.get("multiplier", 1.0)
    return " ".join((
        f"scheme={c['scheme']}",
        *(f"{k}={text(v)}" for k, v in c["params"].items()),
        *([f"multiplier={factor}"] if factor != 1 else []),
        f"shape={listed(c['shape']) or '()'}",
        *(sides or [f"layout={c['layout']}"]),
        f"seed={c['seed']}", f"name={c['name']}", f"dtype={c['dtype']}",
        f"start={c['start']}", f"count={len(data) // size}",
        f"head={data[:32].hex()}",
        f"blake2b={hashlib.blake2b(data, digest_size=32).hexdigest()}"))


def every_scheme_and_dtype():
    for scheme in sow1.BASE:
        shape = (12, 5, 3, 4) if "dirac" in scheme else (63, 17)
        for dtype in sow1.DTYPES:
            yield case(scheme, shape, dtype)


OFF_DEFAULT = {
    "uniform": (
        dict(low=-1.0, high=1.0), dict(low=3.0, high=3.0),
        dict(low=-1.0, high=0.0), dict(low=1.0, high=1.0000001192092896),
        dict(low=1.0, high=1.0000000001), dict(low=0.0, high=1e-45),
        dict(low=-5e-324, high=5e-324), dict(low=-1e38, high=1e38),
        dict(low=16777215.0, high=16777217.0), dict(low=0.1, high=0.3)),
    "normal": (
        dict(mean=1.0, std=0.02), dict(mean=-3.5, std=0.0),
        dict(std=1e-6), dict(std=1e5), dict(std=1e-41), dict(std=1e38),
        dict(mean=1e9, std=1.0), dict(std=0.1)),
    "truncated_normal": (
        dict(low=-1.0, high=1.0), dict(low=0.0, high=3.0),
        dict(low=-0.001, high=0.001), dict(low=-40.0, high=40.0),
        dict(low=-700.0, high=0.0), dict(low=2.9, high=3.1),
        dict(low=-3.4, high=-3.0), dict(low=-9.0, high=-3.3),
        dict(mean=0.5, std=0.02, low=-1.5, high=0.25),
        dict(mean=-100.0, std=3.0, low=0.5), dict(std=0.02, high=100.0)),
    "xavier_uniform": (dict(gain=0.0), dict(gain=1.4142135623730951),
                       dict(gain=5 / 3)),
    "xavier_normal": (dict(gain=0.0), dict(gain=0.1), dict(gain=0.75)),
    "torch.uniform": (dict(a=-2.0, b=0.5),),
    "torch.normal": (dict(mean=0.25, std=0.02),),
    "torch.trunc_normal": (
        dict(std=0.02), dict(mean=0.5, std=0.2, a=0.3, b=1.0),
        dict(mean=3.0, std=2.0), dict(mean=-0.1, std=0.05, a=-0.1, b=0.0)),
    "torch.xavier_uniform": (dict(gain=0.7),),
    "torch.xavier_normal": (dict(gain=0.7),),
    "jax.uniform": (dict(scale=3.0),),
    "jax.normal": (dict(stddev=0.5),),
    "jax.truncated_normal": (dict(stddev=1.0, lower=-1.0, upper=3.0),),
    "keras.constant": (dict(value=-2.5),),
    "keras.random_uniform": (dict(minval=0.0, maxval=2.0),),
    "keras.random_normal": (dict(mean=1.0, stddev=2.0),),
    "keras.truncated_normal": (dict(mean=1.0, stddev=2.0),),
    "keras.identity": (dict(gain=-0.3), dict(gain=0.0)),
}


def parameters_off_their_defaults():
    for scheme, variants in OFF_DEFAULT.items():
        for params in variants:
            for dtype in ("float32", "float64", "bfloat16"):
                yield case(scheme, (41, 25), dtype, **params)
    # In float64 the tails hold enough words far beyond float32's.
    for low, high in ((6.0, 6.3), (-6.3, -6.0), (5.0, 30.0), (0.0, 1e-9)):
        yield case("truncated_normal", (41, 25), "float64", low=low,
                   high=high)


def fan_rules():
    for prefix in ("", "torch."):
        modes = ("fan_in", "fan_out") + (
            () if prefix else ("fan_avg", "fan_geo_avg"))
        for kind in ("uniform", "normal"):
            for mode in modes:
                yield case(f"{prefix}kaiming_{kind}", mode=mode)
            for f in ("relu", "tanh", "selu", "linear", "sigmoid"):
                yield case(f"{prefix}kaiming_{kind}", nonlinearity=f)
            for a in (0.01, 2.23606797749979, -1.0):
                yield case(f"{prefix}kaiming_{kind}", (30, 21), a=a)
            yield case(f"{prefix}kaiming_{kind}", (30, 21, 3), "float64",
                       a=0.2, mode="fan_out")
    laws = ("truncated_normal", "normal", "uniform")
    for prefix, modes, names in (
            ("", ("fan_in", "fan_out", "fan_avg", "fan_geo_avg"), laws),
            ("jax.", ("fan_in", "fan_out", "fan_avg", "fan_geo_avg"), laws),
            ("keras.", ("fan_in", "fan_out", "fan_avg"),
             laws + ("untruncated_normal",))):
        for mode in modes:
            for distribution in names:
                for dtype in ("float32", "float64"):
                    yield case(prefix + "variance_scaling", (20, 3, 7), dtype,
                               scale=0.37, mode=mode,
                               distribution=distribution)


def layouts_and_axes():
    shapes = ((40, 9), (16, 8, 3), (6, 5, 4, 3), (2, 3, 4, 5, 2),
              (2, 1, 3, 2, 1, 2, 3, 2))
    for scheme in FAN:
        for shape in shapes:
            for layout in ("torch", "jax", "keras"):
                yield case(scheme, shape, layout=layout)
    for scheme in ("keras.glorot_uniform", "keras.he_normal"):
        for shape in ((), (1,), (37,)):
            yield case(scheme, shape)
    sides = (((0,), (1,), ()), ((1,), (0,), ()), ((0, 1), (2,), ()),
             ((1, 2), (3,), (0,)), ((3,), (1, 2), (0,)), ((2,), (3,), ()),
             ((2,), (3,), (0, 1)))
    for scheme in (*FAN, "lecun_normal"):
        for ins, outs, batch in sides:
            axes = dict(in_axes=ins, out_axes=outs, batch_axes=batch)
            if not batch:
                del axes["batch_axes"]
            yield case(scheme, (4, 6, 5, 3), axes=axes)
    # Flax's Embed: one axis on both sides.
    yield case("lecun_normal", (30, 8), axes=dict(in_axes=(0,),
                                                  out_axes=(0,)))


def seeds_and_names():
    for seed in SEEDS:
        for name in NAMES:
            for scheme in PRIMITIVES:
                yield case(scheme, (25,), seed=seed, name=name)
            yield case("normal", (25,), "float64", seed=seed, name=name)


def far_positions():
    size = {d: sow1.itemsize(d) for d in sow1.DTYPES}
    around = [2 ** p for p in (31, 32, 33, 34, 35, 36, 48, 59)]
    around += [3 * 2 ** 32, 5 * 2 ** 34, 2 ** 34 + 2 ** 32]
    for scheme in PRIMITIVES:
        for dtype in ("float32", "float64"):
            for edge in around:
                yield case(scheme, (2 ** 60 - 1,), dtype, start=edge - 13,
                           count=37)
    for dtype in sow1.DTYPES:
        last = (2 ** 63 - 1) // size[dtype]
        for scheme in PRIMITIVES:
            yield case(scheme, (last,), dtype, start=last - 29, count=29)
            yield case(scheme, (2 ** 30, 2 ** 29), dtype, name="far",
                       start=2 ** 34 - 100, count=333)
    yield case("he_normal", (2 ** 30, 2 ** 20), start=2 ** 34 - 7, count=23)
    edge = 2 ** 29
    for dtype in sow1.DTYPES:
        for row in (1, 2 ** 15, edge - 1):
            yield case("eye", (edge, edge), dtype, start=row * (edge + 1) - 16,
                       count=17)
        yield case("dirac", (2 ** 20, 2 ** 19, 2, 3), dtype,
                   start=(2 ** 19 + 77) * 6 * 2 ** 19 + 77 * 6 - 3, count=19,
                   groups=2)


def awkward_runs():
    for scheme in ("uniform", "normal", "truncated_normal", "eye"):
        for start in (0, 1, 2, 3, 4, 5, 7, 8, 31, 33):
            for count in (1, 2, 3, 5, 9, 15, 64, 127):
                yield case(scheme, (17, 13), start=start, count=count)
    for dtype in sow1.DTYPES:
        for start in (1, 6, 15):
            for count in (1, 4, 33):
                yield case("normal", (17, 13), dtype, start=start,
                           count=count)
        yield case("normal", (4999,), dtype)
        yield case("truncated_normal", (4999,), dtype)
        yield case("uniform", (4999,), dtype)


def small_shapes():
    for scheme in ("zeros", "ones", "constant", *PRIMITIVES):
        for shape in ((), (1,), (1, 1), (0,), (0, 5), (3, 0, 2)):
            yield case(scheme, shape)
    for dtype in sow1.DTYPES:
        yield case("normal", (), dtype)
        yield case("normal", (0,), dtype)
    for scheme in (*FAN, "torch.linear", "jax.he_normal",
                   "keras.glorot_uniform"):
        for shape in ((1, 1), (0, 5), (5, 0), (0, 0, 3), (1, 1, 1, 1)):
            yield case(scheme, shape)


def patterns():
    for scheme in ("eye", "torch.eye", "keras.identity"):
        for shape in ((1, 1), (5, 5), (3, 8), (8, 3), (0, 4), (4, 0)):
            yield case(scheme, shape)
    for scheme in ("dirac", "torch.dirac"):
        for shape in ((4, 4, 1), (4, 2, 3), (2, 4, 3), (6, 3, 4, 5),
                      (6, 2, 2, 3, 4), (6, 2, 0), (0, 2, 3)):
            yield case(scheme, shape)
        for groups, shape in ((2, (6, 3, 4, 5)), (3, (6, 3, 3)),
                              (6, (6, 1, 3)), (2, (8, 2, 3, 3, 3))):
            yield case(scheme, shape, groups=groups)


# Ties, carries, subnormals and overflow of all the narrow types.
CONSTANTS = (
    -0.0, 1.0, -1.0, 0.1, 448.0, 464.0, 464.1, -465.0, 480.0, 1e-3,
    57344.0, 61439.99, 61440.0, -61440.0, 65504.0, 65519.99, 65520.0, 65536.0,
    3.3895313892515355e38, 3.39615136e38, 3.3961514e38, -3.4028234e38,
    0.0009765625, 0.00097656256, 0.001953125, 0.0029296875, 0.0146484,
    0.01513671875, 0.015625, 7.62939453125e-06, 7.7e-06, 1.52587890625e-05,
    2.288818359375e-05, 6.103515625e-05, 5.7e-05, 2.9802322387695312e-08,
    2.99e-08, 5.960464477539063e-08, 8.940696716308594e-08, 6.1e-05,
    1.1754943508222875e-38, 1.17e-38, 4.591774807899561e-41, 9.2e-41, 4.6e-41,
    1e-45, 7e-46, 8e-46, 5e-324, 1.0625, 1.1875, 1.125, 1.375, 1.625,
    1.00390625, 1.01171875, 1.00048828125, 1.00146484375, 15.5, 31.0,
    1.9375, 1.96875)


def roundings():
    for value in CONSTANTS:
        for dtype in sow1.DTYPES:
            yield case("constant", (3,), dtype, value=value)
    for value in (1e39, -1e300):
        yield case("constant", (3,), "float64", value=value)
    for dtype in sow1.NARROW:
        for std in (1e-7, 1e-4, 0.003, 100.0, 3e4):
            yield case("normal", (3001,), dtype, std=std)
        yield case("uniform", (3001,), dtype, low=-500.0, high=500.0)
        yield case("uniform", (3001,), dtype, low=0.0, high=0.03)
        yield case("normal", (3001,), dtype, std=2e38)
        yield case("uniform", (3001,), dtype, low=0.0, high=3e-38)


GROUPS = (every_scheme_and_dtype, parameters_off_their_defaults, fan_rules,
          layouts_and_axes, seeds_and_names, far_positions, awkward_runs,
          small_shapes, patterns, roundings)


def tensor_lines():
    yield from different(one for group in GROUPS for one in group())


SIZES = (*range(194), 447, 448, 511, 512, 1000, 65535, 65536, 65537, 1000003)


def sha256_lines():
    yield ("# SHA-256, by Python's hashlib, of 'count' bytes of which the i-th"
           " is 7 i + i // 256, modulo 256")
    whole = bytes((7 * i + i // 256) % 256 for i in range(max(SIZES)))
    for size in SIZES:
        yield f"count={size} sha256={hashlib.sha256(whole[:size]).hexdigest()}"


def different(tensors):
    yield HEADER
    seen = set()
    for one in tensors:
        entry = line(one)
        if entry not in seen:
            yield entry
        seen.add(entry)


def family_lines(family):
    return different(cases.tensors(family))


FILES = {"philox.txt": philox_lines, "streams.txt": stream_lines,
         "tensors.txt": tensor_lines, "sha256.txt": sha256_lines,
         **{name: functools.partial(family_lines, family)
            for name, family in cases.FILES.items()}}


def main():
    os.makedirs(VECTORS, exist_ok=True)
    for name, lines in FILES.items():
        with open(os.path.join(VECTORS, name), "w", encoding="utf-8") as out:
            out.writelines(text + "\n" for text in lines())


if __name__ == "__main__":
    main()
