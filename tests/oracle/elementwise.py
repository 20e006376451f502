# SPDX-License-Identifier: MIT
"""lib/generators/sow1_schemes.md: schemes of independent draws."""

import math

import numpy as np

import elementary
from law import Refused, Scheme, over, scaled, symmetric

TAU = float.fromhex("0x1.921fb54442d18p+2")
SQRT_2 = math.sqrt(2.0)
SQRT_5 = math.sqrt(5.0)

sqrt = math.sqrt


def root4(x):
    return sqrt(sqrt(x))


def N(s):
    return ("normal", 0.0, s)


def T(s, c):
    return ("truncated", 0.0, s, -c, c)


def constant(value):
    return ("constant", value)


def divided(n, groups, what):
    if n % groups:
        raise Refused(f"{what} are not whole groups")
    return n / groups


# ---- language models and transformers -------------------------------------

def olmo_mitchell(p, place):
    w = place.fans[0]
    if p["role"] == "output":
        w = w * (2 * (p["layer"] + 1))
    return T(sqrt(over(1, w)), 3.0)


def spectral(p, place):
    fan_in, fan_out = place.fans
    r = over(fan_out, fan_in)
    return N(over(p["std"], sqrt(fan_in)) * (sqrt(r) if r < 1 else 1.0))


def deepnet(p, place):
    n, m = float(p["n_layers"]), float(p["decoder_layers"])
    g = {"single": lambda: 1 / root4(8 * n),
         "encoder": lambda: 0.87 / (root4(n) * root4(root4(m))),
         "decoder": lambda: 1 / root4(12 * m)}[p["side"]]()
    return scaled(place, g * g, "fan_avg", "normal")


def subln(p, place):
    n, m, log = p["n_layers"], p["decoder_layers"], elementary.log
    s = {"single": lambda: log(2 * n),
         "encoder": lambda: (log(3 * m) * log(2 * n)) / 3,
         "decoder": lambda: log(3 * m)}[p["side"]]()
    return scaled(place, s, "fan_avg", "normal")


def tfixup(p, place):
    n = float(p["n_layers"])
    f = 0.67 / root4(n) if p["side"] == "encoder" else 1 / root4(9 * n)
    return scaled(place, f * f, "fan_avg", "uniform")


def xavier_uniform_fused(p, place):
    fan_in, fan_out = place.fans
    one = divided(fan_out, p["blocks"], "outputs")
    return symmetric(abs(p["gain"]) * sqrt(over(6, fan_in + one)))


def lora_a(p, place):
    fan_in, _ = place.fans
    return {"kaiming_uniform": lambda: symmetric(sqrt(over(1, fan_in))),
            "he_uniform": lambda: symmetric(sqrt(over(6, fan_in))),
            "gaussian": lambda: N(over(1, place.extent(place.sides[1])))
            }[p["init"]]()


DEPTH = {"side": "single", "n_layers": 12, "decoder_layers": 12}

LANGUAGE = {
    "small_init": ({"hidden_size": None}, lambda p, place:
                   N(sqrt(2 / (5 * p["hidden_size"]))), False),
    "wang_init": ({"hidden_size": None, "n_layers": None}, lambda p, place:
                  N((2 / p["n_layers"]) / sqrt(p["hidden_size"])), False),
    "scaled_normal": ({"std": 0.02, "n_layers": None, "residuals": 2},
                      lambda p, place: N(p["std"] / sqrt(
                          p["residuals"] * p["n_layers"])), False),
    "t5_query": ({"d_kv": 64}, lambda p, place:
                 N(sqrt(over(1, place.fans[0] * p["d_kv"]))), True),
    "olmo_mitchell": ({"role": "input", "layer": 0}, olmo_mitchell, True),
    "mup": ({"std": 0.02, "base": None, "branches": 1}, lambda p, place:
            N(p["std"] * sqrt(over(p["base"],
                                   place.fans[0] * p["branches"]))), True),
    "spectral": ({"std": 1.0}, spectral, True),
    "deepnet": (DEPTH, deepnet, True),
    "subln": (DEPTH, subln, True),
    "tfixup": ({"side": "encoder", "n_layers": 6}, tfixup, True),
    "xavier_uniform_fused": ({"blocks": 3, "gain": 1.0},
                             xavier_uniform_fused, True),
    "lora_a": ({"init": "kaiming_uniform"}, lora_a, True),
    "lora_b": ({}, lambda p, place: constant(0.0), False),
    "vit_head_bias": ({"classes": 1000}, lambda p, place:
                      constant(0 - elementary.log(p["classes"])), False),
    "vit_mlp_bias": ({"std": 1e-6}, lambda p, place: N(p["std"]), False),
    "layer_scale": ({"init_values": 1e-5}, lambda p, place:
                    constant(p["init_values"]), False),
}


# ---- vision, and older libraries ------------------------------------------

def siren(p, place):
    fan_in, _ = place.fans
    if p["first"]:
        return symmetric(over(1, fan_in))
    return symmetric(sqrt(over(6, fan_in)) / p["omega_0"])


CAFFE = {"FAN_IN": "fan_in", "FAN_OUT": "fan_out", "AVERAGE": "fan_avg"}


def caffe(scale, law):
    return ({"variance_norm": "FAN_IN"}, lambda p, place: scaled(
        place, scale, CAFFE[p["variance_norm"]], law), True)


def efficientnet_conv(p, place):
    _, fan_out = place.fans
    return N(sqrt(over(2, divided(fan_out, p["groups"], "outputs"))))


def sklearn_mlp(p, place):
    f = 2.0 if p["activation"] == "logistic" else 6.0
    return symmetric(sqrt(over(f, sum(place.fans))))


def fixup(p, place):
    if p["layers"] < 2:
        raise Refused("a branch has two layers")
    return scaled(place, 2 * elementary.pow(
        p["branches"], -1 / (p["layers"] - 1)), "fan_out", "normal")


VISION = {
    "siren": ({"first": False, "omega_0": 30.0}, siren, True),
    "fourier_features": ({"scale": 10.0}, lambda p, place: N(p["scale"]),
                         False),
    "caffe_xavier": caffe(1.0, "uniform"),
    "caffe_msra": caffe(2.0, "normal"),
    "efficientnet_conv": ({"groups": 1}, efficientnet_conv, True),
    "efficientnet_dense": ({}, lambda p, place: symmetric(
        over(1, sqrt(place.fans[1]))), True),
    "sklearn_mlp": ({"activation": "relu"}, sklearn_mlp, True),
    "uniform_unit_scaling": ({"factor": 1.0}, lambda p, place: scaled(
        place, p["factor"] * p["factor"], "fan_in", "uniform"), True),
    "fixup": ({"branches": None, "layers": 2}, fixup, True),
    "prior_bias": ({"pi": 0.01}, lambda p, place: constant(
        elementary.log(p["pi"]) - elementary.log1p(-p["pi"])), False),
}


# ---- data, as long as there are none --------------------------------------

DATA = {
    "weightnorm_data": ({"std": 0.05}, lambda p, place: N(p["std"]), False),
    "weightnorm_data_g": ({}, lambda p, place: constant(1.0), False),
    "weightnorm_data_bias": ({}, lambda p, place: constant(0.0), False),
}


# ---- signs, masks and scores ----------------------------------------------

def two_values(tensor, at, lower, upper, p, label):
    """Signs look at the word that holds the top bits of a draw."""
    if label == "value" and tensor.F is np.float64:
        at = np.uint64(2) * at + np.uint64(1)
    least = math.floor((1 - p) * 2.0 ** 32 + 0.5)
    return np.where(tensor.words(label, at) >= least, upper, lower)


def signs(c, p):
    return ("arranged", two_values, 0.0 - c, c, p, "value")


def sign_constant(p, place):
    fan_in, fan_out = place.fans
    c = {"he": lambda: sqrt(over(2, fan_in)),
         "lecun": lambda: sqrt(over(1, fan_in)),
         "glorot": lambda: sqrt(over(2, fan_in + fan_out))}[p["scale"]]()
    return signs(c, p["p_plus"])


def fan_constant(p, place):
    fan = place.fans[p["mode"] == "fan_out"]
    kept = fan * (1 - p["prune_rate"])
    if place.size and kept == 0:
        raise Refused("nothing is kept")
    return over(p["gain"], sqrt(kept))


FAN_CONSTANT = {"mode": "fan_in", "gain": SQRT_2, "prune_rate": 0.0}

SIGNS = {
    "sign_constant": ({"scale": "he", "p_plus": 0.5}, sign_constant, True),
    "binary": ({"value": 1.0, "p_plus": 0.5}, lambda p, place:
               signs(p["value"], p["p_plus"]), False),
    "signed_constant": (FAN_CONSTANT, lambda p, place:
                        signs(fan_constant(p, place), 0.5), True),
    "unsigned_constant": (FAN_CONSTANT, lambda p, place:
                          constant(fan_constant(p, place)), True),
    "xavier_constant": ({"gain": 1.0}, lambda p, place: signs(
        p["gain"] * sqrt(over(2, sum(place.fans))), 0.5), True),
    "bernoulli_mask": ({"p": 0.5}, lambda p, place: (
        "arranged", two_values, 0.0, 1.0, p["p"], "mask"), False),
    "score_uniform": ({"low": 0.01, "high": 0.1}, lambda p, place: (
        "stream", "score", ("uniform", p["low"], p["high"])), False),
    "score_kaiming": ({"a": SQRT_5}, lambda p, place: (
        "stream", "score", scaled(place, 2 / (1 + p["a"] * p["a"]), "fan_in",
                                  "uniform")), True),
    "supermask_logits": ({"value": 0.0}, lambda p, place:
                         constant(p["value"]), False),
}


# ---- gains ----------------------------------------------------------------

GAINS = {                # forward, variance, backward
    "linear": (1, 1, 1),
    "relu": (1.4142135623730951, 1.7128585504496627, 1.4142135623730951),
    "relu6": (1.4142135650950736, 1.7128585549723954, 1.4142135637683406),
    "tanh": (1.5925374197228315, 1.5925374197228315, 1.4674135916307951),
    "sigmoid": (1.8462285453386054, 4.8013133720399619, 4.7226460859379742),
    "erf": (1.4671669504891387, 1.4671669504891387, 1.3252183528612111),
    "gelu": (1.5335304411955353, 1.7009262433633332, 1.4811144127083482),
    "gelu_tanh": (1.5335805216661469, 1.7009165616954505, 1.4811680580933506),
    "silu": (1.6765324703310911, 1.7871872221004419, 1.6233202579524972),
    "elu": (1.2451983007007066, 1.2708434178501964, 1.2234285575526209),
    "selu": (1, 1, 0.96602577697390113),
    "softplus": (1.0418668355353018, 1.9191259801076563, 1.8462285453386054),
    "softsign": (2.3375333631085398, 2.3375333631085398, 2.0957806089433109),
    "mish": (1.486847581273208, 1.5920253810994462, 1.4447552325473194),
    "hardswish": (1.7366572127665416, 1.8138714738131827, 1.6700763674413823),
    "sin": (1.5208666231788148, 1.5208666231788148, 1.327250600284575),
    "relu_squared": (0.81649658092772603, 0.89442719099991586,
                     0.70710678118654757),
}
DISTRIBUTIONS = {"uniform": "uniform", "normal": "normal",
                 "truncated_normal": "truncated"}


def exact_gain(p, place):
    law = DISTRIBUTIONS[p["distribution"]]
    if p["activation"] != "leaky_relu":
        g = float(GAINS[p["activation"]][
            ("forward", "variance", "backward").index(p["gain"])])
        return scaled(place, g * g, p["mode"], law)
    slope = p["slope"]
    e = (1 + slope * slope) / 2
    if p["gain"] == "variance":
        e = e - ((1 - slope) * (1 - slope)) / TAU
    return scaled(place, 1 / e, p["mode"], law)


POINTS = ((0.14887433898163121, 0.29552422471475287),
          (0.43339539412924719, 0.26926671930999636),
          (0.67940956829902441, 0.21908636251598204),
          (0.86506336668898451, 0.14945134915058059),
          (0.97390652851717172, 0.066671344308688138))
POINTS = tuple((-u, v) for u, v in POINTS[::-1]) + POINTS
SELU, SELU_A = 1.0507009873554805, 1.6732632423543772


def sigmoid(x):
    e = elementary.exp(-abs(x))
    return 1 / (1 + e) if x >= 0 else e / (1 + e)


def softplus(x):
    return elementary.log1p(elementary.exp(-abs(x))) + max(x, 0.0)


def elu(x):
    return (x, 1.0) if x > 0 else (elementary.expm1(x), elementary.exp(x))


def selu(x):
    a = 1.0 if x > 0 else SELU_A
    return tuple(SELU * (a * y) for y in elu(x))


def tanh(x):
    t = elementary.tanh(x)
    return t, 1 - t * t


def silu(x):
    s = sigmoid(x)
    return x * s, s * (1 + x * (1 - s))


def softsign(x):
    return x / (1 + abs(x)), 1 / ((1 + abs(x)) * (1 + abs(x)))


def mish(x):
    t = elementary.tanh(softplus(x))
    return x * t, t + x * ((1 - t * t) * sigmoid(x))


def logistic(x):
    s = sigmoid(x)
    return s, s * (1 - s)


# phi and its derivative, of those that are integrated.
ACTIVATIONS = {"tanh": tanh, "sigmoid": logistic, "silu": silu,
               "softplus": lambda x: (softplus(x), sigmoid(x)),
               "softsign": softsign, "mish": mish, "elu": elu, "selu": selu}


def integrated(phi, q):
    step, root = float.fromhex("0x1.2p-6"), sqrt(q)
    M = S = 0.0
    for p in range(16):
        h, c = step * (2 * p + 1), step * (2 * p * p + 2 * p + 1)
        for u, v in POINTS:
            z = c + h * u
            g = h * (v * elementary.density(z))
            x = root * z
            for y, slope in (phi(x), phi(-x)):
                M = M + g * (y * y)
                S = S + g * (slope * slope)
    return M, S


def erf_means(q):
    r = sqrt(1 + 4 * q)
    return (elementary.atan((2 * q) / r) * 4) / TAU, (8 / TAU) / r


def gelu_means(q):
    r = sqrt(1 + 2 * q)
    a, d = elementary.atan(q / r) / TAU, (q / r) / TAU
    return (q * (0.25 + ((2 * d) / (1 + q) + a)),
            (0.25 + a) + d * (2 / (1 + q) + 1 / (1 + 2 * q)))


def sin_means(q):
    d = elementary.exp(-2 * q)
    return (1 - d) / 2, (1 + d) / 2


CLOSED = {"linear": lambda q: (q, 1.0), "relu": lambda q: (q / 2, 0.5),
          "sin": sin_means, "erf": erf_means, "gelu": gelu_means}


def chaos(p):
    """1 / S and the bias's variance."""
    name, q = p["activation"], p["q_star"]
    M, S = CLOSED[name](q) if name in CLOSED else integrated(
        ACTIVATIONS[name], q)
    b = q - (1 / S) * M
    if b < -1e-12 * q:
        raise Refused("no bias has a negative variance")
    return 1 / S, max(b, 0.0)


CHAOS = {"activation": "tanh", "q_star": 1.0}

ACTIVATED = {
    "exact_gain": ({"activation": "relu", "gain": "forward", "slope": 0.01,
                    "mode": "fan_in", "distribution": "normal"}, exact_gain,
                   True),
    "edge_of_chaos": ({**CHAOS, "distribution": "normal"}, lambda p, place:
                      scaled(place, chaos(p)[0], "fan_in",
                             DISTRIBUTIONS[p["distribution"]]), True),
    "edge_of_chaos_bias": (CHAOS, lambda p, place: N(sqrt(chaos(p)[1])),
                           False),
}


# ---- libraries ------------------------------------------------------------

def uniform_scaling(p, place):
    rest = math.prod(place.shape[:-1])
    return symmetric(p["scale"] * sqrt(over(3, float(rest))))


def timm_trunc(p, place, of):
    return of["torch.trunc_normal"].law({"mean": 0.0, **p}, place)


def variance_scaling(p, place):
    return scaled(place, p["scale"], p["mode"],
                  DISTRIBUTIONS[p["distribution"]])


def embedding(tensor, at, padding, std):
    row = at // np.uint64(max(tensor.shape[1], 1))
    return np.where(row == int(padding), 0.0, tensor.draw(N(std), at))


def embedding_law(p, place):
    padding = p["padding_idx"]
    if place.rank != 2 or padding not in range(-1, place.shape[0]):
        raise Refused("a row of two dimensions")
    if padding == -1:
        return N(p["std"])
    return ("arranged", embedding, padding, p["std"])


SCALING = {"scale": 1.0, "mode": "fan_in"}


def libraries(of):
    """'of' are the schemes of sow1.md."""
    truncation = {"mean": 0.0, "std": 1.0, "a": -2.0, "b": 2.0}
    spread = {"stddev": 1.0, "mean": 0.0}

    def trunc(p, place):
        return timm_trunc(p, place, of)

    haiku = {
        "random_normal": (spread, lambda p, place: (
            "normal", p["mean"], p["stddev"]), False),
        "truncated_normal": (
            {**spread, "lower": -2.0, "upper": 2.0}, lambda p, place: (
                "truncated", p["mean"], p["stddev"], p["lower"], p["upper"]),
            False),
        "random_uniform": ({"minval": 0.0, "maxval": 1.0}, lambda p, place: (
            "uniform", p["minval"], p["maxval"]), False),
        "variance_scaling": (
            {**SCALING, "distribution": "truncated_normal"}, variance_scaling,
            True),
        "uniform_scaling": ({"scale": 1.0}, uniform_scaling, False),
        "linear": ({}, lambda p, place: T(over(1, sqrt(place.fans[0])), 2.0),
                   True),
        "constant": ({"constant": None}, lambda p, place:
                     constant(p["constant"]), False)}
    sonnet = {
        "constant": ({"value": None}, lambda p, place: constant(p["value"]),
                     False),
        "zeros": ({}, lambda p, place: constant(0.0), False),
        "ones": ({}, lambda p, place: constant(1.0), False)}
    timm = {
        "trunc_normal": (truncation, trunc, False),
        "init_weight_vit": ({"std": 0.02, "a": -2.0, "b": 2.0}, trunc, False),
        "trunc_normal_tf": (truncation, lambda p, place: (
            "truncated", p["mean"], p["std"], p["a"], p["b"]), False),
        "variance_scaling": ({**SCALING, "distribution": "normal"},
                             variance_scaling, True),
        "lecun_normal": ({}, lambda p, place: scaled(
            place, 1.0, "fan_in", "truncated"), True)}
    numpy = {
        "random": ({}, lambda p, place: ("uniform", 0.0, 1.0), False),
        "uniform": ({"low": 0.0, "high": 1.0}, lambda p, place: (
            "uniform", p["low"], p["high"]), False),
        "standard_normal": ({}, lambda p, place: ("normal", 0.0, 1.0), False),
        "normal": ({"loc": 0.0, "scale": 1.0}, lambda p, place: (
            "normal", p["loc"], p["scale"]), False)}
    flax = {"embed": ({}, lambda p, place: scaled(
        place, 1.0, "fan_out", "normal"), True)}
    torch = {"embedding": ({"padding_idx": -1, "std": 1.0}, embedding_law,
                           False)}
    return {"haiku": haiku, "sonnet": sonnet, "timm": timm, "flax": flax,
            "torch": torch, "numpy": numpy}


LAYOUTS = {"haiku": "keras", "sonnet": "keras", "timm": "torch",
           "flax": "jax", "torch": "torch", "numpy": "torch"}


def schemes(of):
    result = {name: Scheme(*row, "torch")
              for family in (LANGUAGE, VISION, DATA, SIGNS, ACTIVATED)
              for name, row in family.items()}
    for library, rows in libraries(of).items():
        result.update({f"{library}.{name}": Scheme(*row, LAYOUTS[library])
                       for name, row in rows.items()})
    return result
