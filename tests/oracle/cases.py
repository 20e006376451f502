# SPDX-License-Identifier: MIT
"""Which tensors of the schemes beyond section 6 of sow1.md are pinned.

A file of vectors a text.  Each scheme has a list of variants: parameters, and
where they aren't SHAPE, seed 42 and name "w", a shape, layout, axes and more.
The first is pinned in every dtype, the others in two; each also as a run that
begins and ends at awkward places.
"""

import sow1

SHAPE = (20, 12)
KERNELS = ((12, 8, 3), (6, 4, 3, 2), (4, 6, 2, 3, 2))


def each(key, *values, **more):
    """A variant for each value of a parameter."""
    return [{key: value, **more} for value in values]


def on(*shapes, **more):
    return [{"shape": shape, **more} for shape in shapes]


LAYOUTS = each("layout", "torch", "jax", "keras", shape=(3, 4, 5, 6))
AXES = [dict(shape=(4, 6, 5, 2), axes=dict(in_axes=(0, 1), out_axes=(3,))),
        dict(shape=(4, 6, 5, 2), axes=dict(in_axes=(3,), out_axes=(0,),
                                           batch_axes=(2,)))]
EMPTY = on((0, 5), (5, 0))
FAN = [{}, *LAYOUTS, *AXES, *EMPTY]
BIAS = [dict(shape=(37,)), dict(shape=())]
HALVED = [dict(multiplier=0.3)]
SIDES = [{}, *each("side", "encoder", "decoder", n_layers=7,
                   decoder_layers=5), dict(n_layers=96)]
LAWS = ("truncated_normal", "normal", "uniform")
ACTIVATIONS = ("linear", "relu", "tanh", "erf", "gelu", "silu", "elu", "selu",
               "softsign", "mish", "sin")

ELEMENTWISE = {
    "small_init": [dict(hidden_size=96), dict(hidden_size=4096)],
    "wang_init": [dict(hidden_size=96, n_layers=12),
                  dict(hidden_size=4097, n_layers=7)],
    "scaled_normal": [dict(n_layers=12), dict(n_layers=7, residuals=3,
                                              std=0.013)],
    "t5_query": [*FAN, dict(d_kv=17)],
    "olmo_mitchell": [*FAN, *each("layer", 0, 5, role="output")],
    "mup": [dict(base=16), dict(base=24, branches=5, std=0.1),
            dict(base=3, shape=(0, 4))],
    "spectral": [*FAN, dict(shape=(5, 30), std=0.7), dict(shape=(30, 5))],
    "deepnet": SIDES,
    "subln": SIDES,
    "tfixup": [{}, *each("side", "encoder", "decoder", n_layers=11)],
    "xavier_uniform_fused": [dict(shape=(36, 12)), dict(
        shape=(36, 12), blocks=4, gain=-0.7), dict(shape=(0, 3))],
    "lora_a": [{}, *each("init", "gaussian", "he_uniform"),
               *each("init", "gaussian", "he_uniform", shape=(3, 4, 5, 6),
                     layout="jax"), *AXES],
    "lora_b": [{}],
    "vit_head_bias": [dict(shape=(37,)), dict(classes=21843)],
    "vit_mlp_bias": [dict(shape=(37,)), dict(std=1e-3)],
    "layer_scale": [dict(shape=(37,)), dict(init_values=0.1)],
    "siren": [*FAN, dict(first=True), dict(omega_0=7.3)],
    "fourier_features": [{}, dict(scale=1.7)],
    "caffe_xavier": [{}, *each("variance_norm", "FAN_OUT", "AVERAGE")],
    "caffe_msra": [{}, *each("variance_norm", "FAN_OUT", "AVERAGE")],
    "efficientnet_conv": [*FAN, dict(shape=(12, 1, 3, 3), groups=12)],
    "efficientnet_dense": FAN,
    "sklearn_mlp": [*FAN, *each("activation", "logistic", "tanh",
                                "identity")],
    "uniform_unit_scaling": [*FAN, dict(factor=-1.43)],
    "fixup": [dict(branches=16), dict(branches=9, layers=3),
              dict(branches=54, layers=5)],
    "prior_bias": [dict(shape=(37,)), dict(pi=0.3), dict(pi=0.999)],
    "weightnorm_data": [{}, dict(std=0.7)],
    "weightnorm_data_g": [{}],
    "weightnorm_data_bias": [{}],
    "sign_constant": [*FAN, *HALVED, *each("scale", "lecun", "glorot"),
                      *each("p_plus", 0.0, 0.3, 1.0, 1e-10)],
    "binary": [{}, *HALVED, dict(value=0.0), dict(value=0.1, p_plus=0.9)],
    "signed_constant": [*FAN, dict(mode="fan_out", gain=0.7),
                        dict(prune_rate=0.9)],
    "unsigned_constant": [*FAN, dict(mode="fan_out", gain=0.7),
                          dict(prune_rate=0.9)],
    "xavier_constant": [*FAN, dict(gain=0.7)],
    "bernoulli_mask": [{}, *HALVED, *each("p", 0.0, 0.1, 1.0)],
    "score_uniform": [{}, *HALVED, dict(low=-1.0, high=1.0)],
    "score_kaiming": [*FAN, dict(a=0.0)],
    "supermask_logits": [{}, dict(value=-0.7)],
    "exact_gain": [
        *FAN, *each("activation", *ACTIVATIONS, "relu6", "gelu_tanh",
                    "sigmoid", "softplus", "hardswish", "relu_squared"),
        *each("gain", "variance", "backward", activation="tanh"),
        *each("gain", "forward", "variance", "backward", slope=0.2,
              activation="leaky_relu"),
        *each("mode", "fan_out", "fan_avg", "fan_geo_avg"),
        *each("distribution", *LAWS)],
    "edge_of_chaos": [
        *FAN, *each("activation", *ACTIVATIONS),
        *each("activation", *ACTIVATIONS, q_star=0.37),
        *each("distribution", *LAWS)],
    "edge_of_chaos_bias": [*BIAS, *each("activation", *ACTIVATIONS),
                           *each("activation", *ACTIVATIONS, q_star=2.9)],
    "timm.trunc_normal": [{}, dict(std=0.02), dict(mean=0.5, a=0.0)],
    "timm.init_weight_vit": [{}, dict(std=0.7)],
    "timm.trunc_normal_tf": [{}, dict(std=0.02, mean=1.0, a=-1.0)],
    "timm.variance_scaling": [{}, *each("mode", "fan_out", "fan_avg",
                                        distribution="uniform", scale=1.7)],
    "timm.lecun_normal": on(SHAPE, *KERNELS),
    "haiku.constant": [dict(constant=-0.4)],
    "haiku.random_normal": [{}, dict(mean=1.0, stddev=0.02)],
    "haiku.truncated_normal": [{}, dict(mean=1.0, stddev=0.02, lower=-1.0)],
    "haiku.random_uniform": [{}, dict(minval=-0.3, maxval=0.1)],
    "haiku.variance_scaling": [
        {}, *each("mode", "fan_out", "fan_avg", distribution="normal",
                  scale=1.7, shape=(3, 4, 5)), *BIAS],
    "haiku.uniform_scaling": [{}, *BIAS, dict(shape=(3, 4, 5), scale=2.0)],
    "haiku.linear": [{}, *BIAS, dict(shape=(3, 4, 5))],
    "sonnet.constant": [dict(value=-0.4)],
    "sonnet.zeros": [{}],
    "sonnet.ones": [{}],
    "flax.embed": [{}, dict(shape=(3, 4, 5))],
    "torch.embedding": [{}, dict(padding_idx=0),
                        dict(padding_idx=19, std=0.02, multiplier=0.3)],
    "numpy.random": [{}],
    "numpy.uniform": [{}, dict(low=-0.3, high=0.1)],
    "numpy.standard_normal": [{}],
    "numpy.normal": [{}, dict(loc=0.5, scale=0.02)],
}

BLOCKS = [{}, dict(shape=(12, 20)), *LAYOUTS, *AXES]
FACTOR = dict(shape=(9, 16), multiplier=0.3)
MATRIX = [*BLOCKS, dict(shape=(9, 16), gain=-0.7), FACTOR, *EMPTY]
SQUARES = [dict(shape=(13, 13)), dict(shape=(1, 1)), dict(shape=(0, 0))]
NO_BATCH = [{}, dict(shape=(12, 20)), *LAYOUTS, AXES[0]]
EVEN = [{}, *each("layout", "torch", "jax", "keras", shape=(4, 6, 2, 8)),
        AXES[0], dict(shape=(4, 18), multiplier=0.3), dict(shape=(0, 6))]
STATES = [dict(shape=(16,)), dict(shape=(7, 16)), dict(shape=(3, 5, 4)),
          dict(shape=(16,), multiplier=0.3)]
CHANNELS = [dict(shape=shape, layout=layout)
            for shape in ((8, 6, 3), (8, 4, 3, 4), (3, 4, 8, 6))
            for layout in ("torch", "jax", "keras")]
GATES = [dict(shape=(36,)), *each("gates", "igfo", "iofg", shape=(36,))]
WINDOWS = ("hann", "hamming", "blackman", "nuttall", "blackmanharris",
           "flattop", "boxcar", "none")

PATTERNS = {
    "hadamard_signed": [
        dict(shape=(16, 11)), dict(shape=(11, 16), gain=-0.7),
        dict(shape=(8, 4, 4)), dict(shape=(4, 4, 2, 8), layout="jax"),
        dict(shape=(1, 1)), dict(shape=(0, 3))],
    "dct_signed": [*NO_BATCH, dict(gain=-0.7), FACTOR, *EMPTY],
    "identity": MATRIX,
    "idinit": [*BLOCKS, dict(tau=1e-6)],
    "zero_hadamard": [*BLOCKS, dict(shape=(33, 12)), dict(shape=(32, 12))],
    "irnn": [*SQUARES, dict(shape=(5, 5), gain=0.5)],
    "irnn_input": [{}, dict(std=0.3)],
    "chain": [*SQUARES, dict(shape=(9, 9), gain=0.9, diagonal=0.1)],
    "feedback_chain": [*SQUARES, dict(shape=(9, 9), forward=0.9,
                                      diagonal=0.1, backward=0.2)],
    "mirrored": [
        *EVEN, *[
            dict(shape=shape, layout=layout, part=part, preserve=preserve,
                 kernel=kernel, base=base, gain=gain)
            for shape, layout in (((8, 6), "torch"), ((4, 6, 3), "torch"),
                                  ((3, 3, 4, 6), "jax"))
            for part in ("hidden", "first", "last")
            for preserve in ("unit", "norm")
            for kernel in ("all", "centre")
            for base, gain in (("gaussian", 0.7), ("orthogonal", 1.3))
            if base == "gaussian" or preserve == "unit"]],
    "looks_linear": [*EVEN, dict(base="orthogonal"),
                     dict(kernel="centre", shape=(3, 3, 4, 6), layout="jax")],
    "sparse": [
        *each("sparsity", 0.3, 0.0, 1.0, 0.01, std=0.2),
        *each("shape", (1, 9), (2, 9), (3, 50), (65, 4), (64, 4), (300, 2),
              (0, 3), (3, 0), sparsity=0.5),
        dict(sparsity=0.3, multiplier=0.3)],
    "torch.sparse": [dict(sparsity=0.1)],
    "forget_gate_bias": [*GATES, dict(shape=(36,), value=0.3)],
    "chrono_bias": [*GATES, *each("gates", "f", "i", shape=(35,)),
                    *each("t_max", 2.0, 784.5, shape=(36,))],
    "nguyen_widrow": [{}, *LAYOUTS, *AXES[:1], FACTOR, *EMPTY],
    "nguyen_widrow_bias": [dict(shape=(37,), inputs=5),
                           dict(shape=(37,), inputs=300)],
    "bayes_kalman": [
        {}, *LAYOUTS, *AXES[:1], FACTOR, *EMPTY,
        dict(steps=3, gain=0.7, noise=0.3, rho=-0.05), dict(rho=0.0)],
    "bayes_kalman_data": [{}, *LAYOUTS, *AXES[:1], FACTOR, *EMPTY,
                          dict(gain=0.7, noise=0.3, rho=-0.05)],
    "hippo_legs_a": SQUARES,
    "hippo_legt_a": SQUARES,
    "hippo_legs_b": STATES,
    "hippo_legt_b": STATES,
    "hippo_legs_p": STATES,
    "s4d_lin": [*STATES, *each("part", "real", "log_real")],
    "s4d_inv": [*STATES, *each("part", "real", "log_real")],
    "s4d_real": [*STATES, *each("part", "imag", "log_real")],
    "mamba_a_log": STATES,
    "s4d_log_dt": [*STATES, dict(dt_min=0.01, dt_max=0.5)],
    "s4d_c": STATES,
    "mamba_dt_bias": [*STATES, dict(dt_min=0.01, dt_max=0.5),
                      dict(dt_init_floor=0.05)],
    "mamba_dt_weight": [*FAN, dict(dt_scale=0.7),
                        dict(dt_init="constant")],
    "mamba_out": [dict(n_layer=24), dict(n_layer=24, n_residuals=2),
                  dict(n_layer=3, shape=(3, 0))],
    "mamba2_a_log": [*STATES, dict(low=0.5, high=2.0)],
    "lru_nu_log": [*STATES, dict(r_min=0.4, r_max=0.99),
                   dict(name="lru.nu_log")],
    "lru_gamma_log": [*STATES, dict(r_min=0.4, r_max=0.99),
                      dict(name="lru.gamma_log")],
    "lru_theta_log": [*STATES, dict(max_phase=0.314)],
    "lru_b": FAN,
    "lru_c": FAN,
    "bilinear_upsampling": [*CHANNELS, dict(shape=(6, 1, 4, 4)),
                            dict(shape=(1, 6, 5, 2)), dict(shape=(6, 0, 3))],
    "icnr": [dict(shape=(8, 6, 3)), dict(shape=(8, 4, 3, 4)),
             dict(shape=(18, 2, 3, 3), scale=3),
             dict(shape=(18, 2, 3, 3), scale=3, order="depth_to_space"),
             dict(shape=(3, 3, 4, 8), layout="jax"),
             dict(shape=(0, 2, 3, 3))],
    "sinusoidal": [{}, dict(order="halves"), dict(shape=(300, 6), base=37.0),
                   dict(shape=(3, 0))],
    "sincos_2d": [dict(shape=(25, 12)), dict(shape=(25, 12), width=5),
                  dict(shape=(31, 8), width=10, extra_tokens=1, base=7.0),
                  dict(shape=(17, 4), extra_tokens=1), dict(shape=(1, 0))],
    "rope_inv_freq": [dict(shape=(32,)), dict(shape=(7,), base=500000.0)],
    "keras.stft": [
        *each("shape", (16, 1, 9), (25, 1, 17), (3, 1, 2)),
        *[dict(shape=(9, 1, 6), side=side, window=window, periodic=periodic)
          for side in ("real", "imag") for window in WINDOWS
          for periodic in (False, True)],
        *each("scaling", "spectrum", "none", shape=(9, 1, 6)),
        *each("scaling", "spectrum", "none", shape=(8, 1, 6),
              window="flattop")],
}

# One past a panel's 48 reflections, on either side, and a thin one.
HAAR = [{}, dict(shape=(12, 20)), dict(shape=(53, 49)), dict(shape=(49, 53)),
        dict(shape=(3, 120)), dict(shape=(120, 1)), dict(shape=(1, 1)),
        *LAYOUTS, dict(shape=(2, 4, 3, 6), axes=dict(
            in_axes=(3,), out_axes=(1,), batch_axes=(0,))),
        dict(shape=(2, 4, 3, 6), axes=dict(
            in_axes=(1, 2), out_axes=(3,), batch_axes=(0,))),
        FACTOR, *EMPTY]
LIBRARY_HAAR = [{}, dict(shape=(3, 2, 4)), dict(shape=(12, 20))]
KERNEL = [dict(shape=(8, 6, 3)), dict(shape=(8, 4, 3, 2), multiplier=0.3),
          dict(shape=(6, 6, 2, 3, 2)),
          dict(shape=(3, 4, 6, 8), layout="jax"),
          dict(shape=(5, 6, 8), layout="keras"), dict(shape=(4, 0, 3)),
          dict(shape=(53, 49, 2))]

ORTHOGONAL = {
    "orthogonal": [*HAAR, dict(shape=(9, 16), gain=-0.7)],
    "torch.orthogonal": [*LIBRARY_HAAR, dict(gain=1.7)],
    "jax.orthogonal": [*LIBRARY_HAAR, dict(scale=1.7)],
    "keras.orthogonal": [*LIBRARY_HAAR, dict(gain=1.7)],
    "scaled_orthogonal": [dict(n_layers=24), dict(n_layers=7)],
    "lsuv": LIBRARY_HAAR,
    "weightnorm_v": HAAR,
    "weightnorm": [*HAAR, dict(gamma=0.05), dict(shape=(20, 12), gamma=1.0)],
    "weightnorm_gaussian": [*FAN, dict(gamma=0.05), FACTOR],
    "weightnorm_gaussian_v": FAN,
    "weightnorm_g": [dict(shape=(20,), fan_in=27, fan_out=64),
                     dict(shape=(20, 1), fan_in=300, fan_out=7, gamma=0.1)],
    "suo": [*[variant for variant in HAAR if "axes" not in variant
              and "layout" not in variant],
            *each("layout", "torch", "jax", "keras", shape=(3, 5, 3, 5)),
            dict(shape=(8, 6, 3)), dict(shape=(3, 3, 6, 8), layout="jax"),
            dict(shape=(8, 4, 1, 1, 3), multiplier=0.3),
            *each("delta", False, shape=(8, 6, 3, 2)),
            *each("delta", False, shape=(3, 2, 6, 8), layout="jax"),
            dict(shape=(30, 7), gain=0.7), dict(shape=(30, 7, 3), gain=0.7)],
    "delta_orthogonal": [*KERNEL, dict(shape=(8, 6, 3), gain=-0.7)],
    "jax.delta_orthogonal": [dict(shape=(3, 4, 6, 8)),
                             dict(shape=(4, 6, 8), scale=1.7)],
    "conv_orthogonal": [
        dict(shape=(8, 6, 3)), dict(shape=(8, 4, 3, 3), multiplier=0.3),
        dict(shape=(6, 6, 2, 2, 2)), dict(shape=(5, 3, 1)),
        dict(shape=(6, 2, 3, 3, 3), gain=-0.7),
        dict(shape=(3, 3, 4, 8), layout="jax"),
        dict(shape=(4, 6, 8), layout="keras"), dict(shape=(4, 0, 3)),
        dict(shape=(51, 5, 2))],
}
# Schemes that the API gives with their data only.
NEED_DATA = ("lsuv", "weightnorm_data", "weightnorm_data_g",
             "weightnorm_data_bias", "bayes_kalman_data")

# What stands for parameters that have no default.
REQUIRED = {"chrono_bias": {"t_max": 100.0},
            "nguyen_widrow_bias": {"inputs": 5},
            "scaled_orthogonal": {"n_layers": 24}}

# Random access: runs past 2^32 and 2^52 elements, with parameters.
FAR = (2 ** 30, 2 ** 29)
FAR_KERNEL = (2 ** 29, 2 ** 28, 2, 2)
FAR_AWAY = [
    ("sign_constant", FAR, {}), ("bernoulli_mask", FAR, {}),
    ("score_uniform", FAR, {}), ("exact_gain", FAR, {}),
    ("torch.embedding", FAR, {"padding_idx": 2 ** 30 - 1}),
    ("hadamard_signed", FAR, {}), ("dct_signed", FAR, {}),
    ("dct_signed", (2 ** 20, 3, 2 ** 20), {}),
    ("identity", (2 ** 29, 2 ** 29), {}), ("idinit", FAR, {}),
    ("zero_hadamard", FAR, {}), ("zero_hadamard", FAR_KERNEL, {}),
    ("mirrored", FAR, {}), ("mirrored", FAR_KERNEL, {"kernel": "centre"}),
    ("looks_linear", FAR_KERNEL, {}), ("sparse", FAR, {"sparsity": 0.5}),
    ("sparse", (3, 2 ** 58), {"sparsity": 0.5}),
    ("chain", (2 ** 29, 2 ** 29), {}), ("chrono_bias", (2 ** 59,),
                                        {"t_max": 100.0}),
    ("hippo_legs_a", (2 ** 29, 2 ** 29), {}), ("hippo_legs_b", FAR, {}),
    ("s4d_inv", (2 ** 59,), {}), ("mamba_a_log", (2 ** 59,), {}),
    ("mamba_dt_bias", FAR, {}), ("lru_nu_log", FAR, {}),
    ("bilinear_upsampling", FAR_KERNEL, {}), ("icnr", FAR_KERNEL, {}),
    ("sinusoidal", (2 ** 25, 2 ** 34), {}),
    ("rope_inv_freq", (2 ** 59,), {}),
]
FILES = {"schemes.txt": ELEMENTWISE, "patterns.txt": PATTERNS,
         "orthogonal.txt": ORTHOGONAL}


def tensors(family):
    """What sow1.tensor() takes, for every variant of a family."""
    for scheme, variants in family.items():
        for number, variant in enumerate(variants):
            more = {**REQUIRED.get(scheme, {}), **variant}
            fields = dict(
                shape=more.pop("shape", SHAPE),
                multiplier=more.pop("multiplier", 1.0),
                **more.pop("axes", None) or {"layout": more.pop(
                    "layout", sow1.SCHEMES[scheme].layout)})
            name = more.pop("name", "w")
            dtypes = sow1.DTYPES if number == 0 else ("float32", "float64")
            for dtype in dtypes:
                yield dict(scheme=scheme, dtype=dtype, seed=42, name=name,
                           params=more, start=0, count=None, **fields)
            yield from run(scheme, fields, more)
        yield from far_away(scheme)


def run(scheme, fields, params):
    """A run from an odd place to another, of another seed and name."""
    size = sow1.Place(fields["shape"], "torch").size
    if size > 8:
        start = size // 3 | 1
        yield dict(scheme=scheme, dtype="float32", seed=2 ** 64 - 1,
                   name="fc1.weight", params=params, start=start,
                   count=size * 3 // 5, **fields)


def far_away(scheme):
    for name, shape, params in FAR_AWAY:
        size = sow1.Place(shape, "torch").size
        for start in (2 ** 34 - 17, size // 3 * 2, size - 33):
            for dtype in ("float32", "float64"):
                if name == scheme:
                    yield dict(scheme=name, dtype=dtype, seed=42, name="far",
                               params=params, start=start, count=33,
                               shape=shape, multiplier=1.0, layout="torch")
