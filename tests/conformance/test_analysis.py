# SPDX-License-Identifier: MIT
"""What POST /v1/analysis measures against the same network in the real torch.

Weights are the daemon's own, asked for by name; the batch is given or drawn
again from its documented stream, as are the gradient of the output and the
masks of dropout (tests/oracle/sow1.py).  torch computes in float64, so that a
difference is ours.
"""
import json
import math
import pathlib
import sys
import urllib.error
import urllib.request

import numpy as np
import torch
import torch.nn.functional as F

from compare import daemon, tally

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'oracle'))
import sow1  # noqa: E402

SEED = 20
CLOSE = 1e-5
EPSILON = 1e-5

ACTIVATIONS = {
    'linear': lambda x: x, 'relu': F.relu, 'tanh': torch.tanh, 'gelu': F.gelu,
    'silu': F.silu, 'selu': F.selu, 'sigmoid': torch.sigmoid, 'elu': F.elu,
    'leaky_relu': lambda x: F.leaky_relu(x, 0.2), 'mish': F.mish,
    'softplus': F.softplus, 'softsign': F.softsign,
    'hardswish': F.hardswish, 'relu6': F.relu6, 'logsigmoid': F.logsigmoid,
    'tanhshrink': F.tanhshrink, 'softshrink': F.softshrink,
    'gelu_tanh': lambda x: F.gelu(x, approximate='tanh'),
}
PARAMETERS = {'leaky_relu': {'slope': 0.2}}


def dense(n_in, n_out, scheme='he_normal', activation='linear', **more):
    return {'shape': [n_out, n_in], 'scheme': scheme,
            'activation': activation, **more}


def conv(n_in, n_out, kernel, activation='relu', groups=1, **more):
    return {'shape': [n_out, n_in // groups, *kernel], 'scheme': 'he_normal',
            'activation': activation, 'groups': groups, **more}


def mlp(activation, scheme='he_normal', depth=5, width=48, **more):
    return [dense(40, width, scheme, activation, **more),
            *[dense(width, width, scheme, activation, **more)
              for _ in range(depth - 2)],
            dense(width, 12, scheme, **more)]


NORMAL = {'name': 'normal', 'std': 0.1}
MEAN = {'name': 'normal', 'mean': 0.02, 'std': 0.2}


def mirrored(part):
    return {'name': 'mirrored', 'base': 'orthogonal', 'part': part}


def residual(alpha, layers=1):
    return {'alpha': alpha, 'layers': layers}


# Name, what a sample is, the layers, and what else stands in the request.
NETWORKS = [
    *[(f'an MLP of {name}', [40], mlp(name), {}) for name in ACTIVATIONS],
    ('biases', [40], mlp('tanh', bias=NORMAL), {}),
    ('weights with a mean', [40], mlp('relu', scheme=MEAN), {}),
    ('orthogonal weights', [40], mlp('gelu', scheme='orthogonal'), {}),
    ('mirrored weights', [16], [
        dense(16, 32, mirrored('first'), 'relu'),
        dense(32, 32, mirrored('hidden'), 'relu'),
        dense(32, 32, mirrored('hidden'), 'relu'),
        dense(32, 8, mirrored('last'))], {}),
    ('residual branches', [32], [
        dense(32, 32, activation='silu', residual=residual(0.5)),
        dense(32, 64, activation='relu'),
        dense(64, 32, residual=residual(-0.25, 2)),
        dense(32, 32, activation='tanh', residual=residual(1)),
        dense(32, 10)], {}),
    *[(f'{norm} before the activation', [40],
       mlp('relu', norm=norm, bias=NORMAL), {})
      for norm in ('layer_norm', 'rms_norm', 'batch_norm')],
    *[(f'{norm} before the weights', [40],
       mlp('gelu', input_norm=norm), {})
      for norm in ('layer_norm', 'rms_norm', 'batch_norm')],
    ('a norm before each branch', [32], [
        dense(32, 96, activation='gelu', input_norm='layer_norm'),
        dense(96, 32, residual=residual(1, 2)),
        dense(32, 96, activation='gelu', input_norm='rms_norm'),
        dense(96, 32, norm='batch_norm', residual=residual(0.7, 2)),
        dense(32, 5, input_norm='layer_norm')], {}),
    ('dropout', [40], mlp('relu', dropout=0.25), {}),
    ('convolutions', [3, 14, 13], [
        conv(3, 8, (3, 3), stride=2, padding=1),
        conv(8, 8, (3, 3), 'tanh', padding=2, dilation=2,
             residual=residual(0.5), bias=NORMAL),
        conv(8, 12, (3, 2), 'silu', groups=4, norm='batch_norm'),
        conv(12, 6, (1, 1), 'linear', norm='layer_norm')], {}),
    ('depthwise and strided, then dense', [4, 12], [
        conv(4, 8, (5,), stride=3, padding=1, groups=4),
        conv(8, 8, (3,), 'gelu', groups=8, padding=1, input_norm='rms_norm'),
        dense(8 * 4, 10, bias=NORMAL)], {}),
    ('volumes', [2, 5, 6, 4], [
        conv(2, 4, (3, 3, 3), padding=1, stride=2),
        conv(4, 4, (2, 2, 1), 'elu'),
        conv(4, 3, (1, 1, 1), 'linear')], {}),
    ("Keras's layout", [3, 9, 8], [
        {'shape': [3, 3, 3, 8], 'scheme': 'he_normal', 'activation': 'relu',
         'padding': 1},
        {'shape': [2, 2, 8, 6], 'scheme': 'keras.glorot_uniform',
         'activation': 'tanh', 'stride': 2},
        {'shape': [6 * 4 * 4, 7], 'scheme': 'he_uniform',
         'activation': 'linear'}], {'layout': 'keras'}),
    ('bfloat16 weights', [40], mlp('relu'), {'dtype': 'bfloat16'}),
    ('float64 weights', [40], mlp('silu'), {'dtype': 'float64'}),
    ("torch's own draws", [40], mlp('relu', scheme='torch.xavier_uniform'),
     {'generator': 'torch'}),
]


# ---- the daemon -----------------------------------------------------------

def ask(url, body):
    request = urllib.request.Request(
        url + '/v1/analysis', json.dumps(body).encode(),
        {'Content-Type': 'application/json'})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as problem:
        raise RuntimeError(problem.read().decode()) from None


def activation_of(layer):
    name = layer['activation']
    return {'name': name, **PARAMETERS[name]} if name in PARAMETERS else name


def outputs_of(layer, options):
    keras = options.get('layout') == 'keras'
    return layer['shape'][-1 if keras else 0]


def entries_of(layers, options):
    """The request's layers: a weight, and its bias if it has one."""
    entries = []
    for i, layer in enumerate(layers):
        entry = {**layer, 'name': f'{i}.weight',
                 'activation': activation_of(layer)}
        bias = entry.pop('bias', None)
        if len(layer['shape']) == 2:
            entry.pop('groups', None)
        entries.append(entry)
        if bias:
            entries.append({'name': f'{i}.bias', 'scheme': bias,
                            'shape': [outputs_of(layer, options)]})
    return entries


TYPES = {'float32': torch.float32, 'float64': torch.float64,
         'bfloat16': torch.bfloat16}


def tensors_of(url, layers, options):
    """All tensors by name, as float64, as one request for weights has them."""
    entries = [{key: entry[key] for key in ('name', 'shape', 'scheme')}
               for entry in entries_of(layers, options)]
    body = {'seed': SEED, **options, 'layers': entries, 'format': 'raw'}
    request = urllib.request.Request(
        url + '/v1/weights', json.dumps(body).encode(),
        {'Content-Type': 'application/json'})
    with urllib.request.urlopen(request, timeout=60) as answer:
        raw = bytearray(answer.read())
    dtype = TYPES[options.get('dtype', 'float32')]
    values = torch.frombuffer(raw, dtype=dtype).double()
    tensors, at = {}, 0
    for entry in entries:
        count = math.prod(entry['shape'])
        tensors[entry['name']] = values[at:at + count].reshape(entry['shape'])
        at += count
    return tensors


def drawn(label, shape, seed=SEED):
    """Standard normals of a stream without a name."""
    at = np.arange(math.prod(shape), dtype=np.uint64)
    words = sow1.element_words(np.float32, seed, label, '', at)
    values = sow1.normal(np.float32, words, 0, 1)
    return torch.from_numpy(np.array(values, np.float64)).reshape(shape)


def kept(i, keep, shape):
    """The mask of dropout: (samples, positions, channels) in the stream."""
    samples, channels = shape[:2]
    at = np.arange(math.prod(shape), dtype=np.uint64)
    words = sow1.stream_words(SEED, 'measure dropout', str(i), at)
    mask = torch.from_numpy((words < keep * 2 ** 32).astype(np.float64))
    mask = mask.reshape(samples, -1, channels).transpose(1, 2)
    return mask.reshape(shape) / keep


# ---- the network in torch -------------------------------------------------

def normalize(norm, x):
    """x after the norm, and the mean of what it divides by, squared."""
    if norm is None:
        return x, 1.0
    if norm == 'rms_norm':
        by = (x * x).mean(1, keepdim=True) + EPSILON
        return x / by.sqrt(), by.mean().item()
    over = 1 if norm == 'layer_norm' else [0, *range(2, x.dim())]
    by = x.var(over, unbiased=False, keepdim=True) + EPSILON
    return (x - x.mean(over, keepdim=True)) / by.sqrt(), by.mean().item()


def slides(layer, rank):
    """stride, padding, dilation and groups of F.conv."""
    return {'stride': layer.get('stride', 1),
            'padding': layer.get('padding', 0),
            'dilation': layer.get('dilation', 1),
            'groups': layer.get('groups', 1)}


def torch_weight(weight, options):
    """The weight as torch has it: (out, in, kernel…)."""
    if options.get('layout') != 'keras':
        return weight
    axes = list(range(weight.dim()))
    return weight.permute(axes[-1], axes[-2], *axes[:-2])


CONVOLUTIONS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


def multiply(layer, weight, x):
    if weight.dim() == 2:
        return x.flatten(1) @ weight.T
    return CONVOLUTIONS[weight.dim() - 2](x, weight,
                                          **slides(layer, weight.dim()))


class Layer:
    """One layer's tensors, of which autograd is asked for the gradients."""

    def __init__(self, layer, weight, bias, x, i):
        self.layer, self.weight, self.entering = layer, weight, x
        self.fed, self.input_by = normalize(layer.get('input_norm'), x)
        self.fed.retain_grad()
        self.sum = multiply(layer, weight, self.fed)
        if bias is not None:
            self.sum = self.sum + bias.reshape(1, -1, *[1] * (
                self.sum.dim() - 2))
        self.sum.retain_grad()
        self.hidden, self.norm_by = normalize(layer.get('norm'), self.sum)
        self.hidden.retain_grad()
        self.active = ACTIVATIONS[layer['activation']](self.hidden)
        self.keep = 1 - layer.get('dropout', 0)
        self.own = self.active
        if self.keep < 1:
            self.own = self.active * kept(i, self.keep, self.active.shape)
        self.leaving = self.own


def own_gradient(state, gradient):
    """dL/d(what enters) through the layer itself, without a skip."""
    return torch.autograd.grad(state.own, state.entering, gradient,
                               retain_graph=True)[0]


def run(layers, tensors, options, batch):
    """The states of all layers; the last one leaves the output."""
    states, x = [], batch
    for i, layer in enumerate(layers):
        weight = torch_weight(tensors[f'{i}.weight'], options)
        x = x.detach().requires_grad_() if i == 0 else x
        if i > 0:
            x.retain_grad()
        state = Layer(layer, weight, tensors.get(f'{i}.bias'), x, i)
        if 'residual' in layer:
            begin = states[i + 1 - layer['residual']['layers']].entering \
                if layer['residual']['layers'] > 1 else state.entering
            state.alpha = layer['residual']['alpha']
            state.leaving = begin + state.alpha * state.own
        states.append(state)
        x = state.leaving
    return states


# ---- what is measured -----------------------------------------------------

def pairs(x):
    """The mean product of pairs over the mean square."""
    return ((x[0::2] * x[1::2]).mean() / (x * x).mean()).item()


def square(x):
    return (x * x).mean().item()


def slope_of(state):
    h = state.hidden.detach().requires_grad_()
    y = ACTIVATIONS[state.layer['activation']](h)
    return torch.autograd.grad(y.sum(), h)[0]


def weight_gradient(state, deltas):
    """The mean square of one sample's gradient of the weight, by autograd."""
    total = 0
    for x, delta in zip(state.fed.detach(), deltas):
        weight = state.weight.detach().clone().requires_grad_()
        y = multiply(state.layer, weight, x[None])
        total += square(torch.autograd.grad(y, weight, delta[None])[0])
    return total / len(state.fed)


def decades(x):
    return math.log10(x) if x > 0 else None


def terms_of(state):
    return state.weight[0].numel()


def measured_of(states, gradient):
    """The numbers of each layer, as the API names them."""
    output = square(gradient)
    states[-1].leaving.backward(gradient, retain_graph=True)
    # What is asked of autograd below adds to what it retains.
    entered = [s.entering.grad.clone() for s in states]
    deltas = [s.sum.grad.clone() for s in states]
    layers, dead = [], torch.zeros(len(gradient), dtype=torch.bool)
    inside = branches(states)
    for i, s in enumerate(states):
        h, slope = s.hidden.detach(), slope_of(s)
        arriving = entered[i + 1] if i + 1 < len(states) else gradient
        to_own = arriving * getattr(s, 'alpha', 1.0)
        sigma = terms_of(s) * s.weight.var(unbiased=False).item() / s.norm_by
        if not inside[i]:
            dead |= (s.leaving.detach().flatten(1) == 0).all(1)
        layers.append({
            'mean': h.mean().item(), 'q': square(h), 'c': pairs(h),
            'm1': s.leaving.mean().item(), 'm2': square(s.leaving),
            'c2': pairs(s.leaving), 'sigma_w2': sigma,
            'slope': slope.mean().item(), 'slope_square': square(slope),
            'chi_1': sigma * square(slope) / s.keep,
            'forward': square(s.own) / square(s.entering),
            'backward': square(own_gradient(s, to_own)) / square(to_own),
            'log10_forward': decades(square(s.leaving)
                                     / square(states[0].entering)),
            'log10_backward': decades(square(entered[i]) / output),
            'log10_weight_gradient': decades(
                weight_gradient(s, deltas[i]) / output),
            'death': dead.double().mean().item(),
            'largest': max(x.abs().max().item()
                           for x in (h, s.active, s.leaving)),
            'inactive': (h <= 0).double().mean().item(),
        })
    return layers


def branches(states):
    """Is the layer in a residual branch?"""
    inside = [False] * len(states)
    for i, s in enumerate(states):
        for k in range(s.layer.get('residual', {}).get('layers', 0)):
            inside[i - k] = True
    return inside


# What a number's difference is relative to, where not to itself.
SCALES = {
    'mean': lambda m: math.sqrt(m['q']), 'm1': lambda m: math.sqrt(m['m2']),
    'c': lambda m: 1, 'c2': lambda m: 1, 'death': lambda m: 1,
    'slope': lambda m: math.sqrt(m['slope_square']),
    # CLOSE of the number itself, whose decades these are.
    'log10_forward': lambda m: 1 / math.log(10),
    'log10_backward': lambda m: 1 / math.log(10),
    'log10_weight_gradient': lambda m: 1 / math.log(10),
}


def near(got, right, scale):
    if got is None or right is None:
        return got is right
    return abs(got - right) <= CLOSE * abs(scale)


def compare_layers(what, answers, rights):
    tally.equal(f'{what}: layers', len(answers), len(rights))
    for i, (answer, right) in enumerate(zip(answers, rights)):
        got = answer['measured']
        tally.equal(f'{what}: what is measured of {i}', set(got), set(right))
        for key, number in right.items():
            scale = SCALES.get(key, lambda m: number)(right)
            tally.check(f"{what}: {key} of layer {i} is torch's",
                        near(got[key], number, scale),
                        f'{got[key]!r}, not {number!r}')


def compare_summary(what, summary, rights):
    right = {'log10_forward': rights[-1]['log10_forward'],
             'log10_backward': rights[0]['log10_backward'],
             'forward_rate': rights[-1]['log10_forward'] / len(rights),
             'backward_rate': rights[0]['log10_backward'] / len(rights),
             'death': rights[-1]['death']}
    for key, number in right.items():
        tally.check(f"{what}: {key} of all is torch's",
                    near(summary['measured'][key], number, 1),
                    f"{summary['measured'][key]!r}, not {number!r}")


def check(url, what, sample, layers, options, samples=12):
    """One network, with a batch of its own."""
    random = np.random.default_rng(5)
    batch = (random.standard_normal((samples, *sample)) * 1.2 + 0.1).astype(
        np.float32)
    answer = ask(url, {'seed': SEED, **options, 'measure': True,
                       'layers': entries_of(layers, options),
                       'input': {'batch': batch.tolist()}})
    batch = torch.from_numpy(batch).double()
    tensors = tensors_of(url, layers, options)
    states = run(layers, tensors, options, batch)
    gradient = drawn('measure gradient', states[-1].leaving.shape)
    rights = measured_of(states, gradient)
    result = answer['analyses'][0]
    compare_layers(what, result['layers'], rights)
    compare_summary(what, result['summary'], rights)
    right = {'samples': samples, 'mean': batch.mean().item(),
             'second_moment': square(batch), 'correlation': pairs(batch)}
    for key, number in right.items():
        tally.check(f'{what}: {key} of the batch',
                    near(answer['measured'][key], number, 1),
                    f"{answer['measured'][key]!r}, not {number!r}")


def networks_are_as_torch_has_them(url):
    for what, sample, layers, options in NETWORKS:
        tally.run(check, url, what, sample, layers, options)


def drawn_batches_are_of_their_stream(url):
    """x and x' of a pair, with the input's mean, square and correlation."""
    mean, second, correlation, shape = 0.5, 2.0, 0.7, (10, 40)
    layers = mlp('tanh')
    answer = ask(url, {'seed': SEED, 'measure': {'samples': shape[0]},
                       'layers': entries_of(layers, {}),
                       'input': {'mean': mean, 'second_moment': second,
                                 'correlation': correlation}})
    s2 = second - mean * mean
    r = (correlation * second - mean * mean) / s2
    z = drawn('measure input', shape)
    batch = z.clone()
    batch[1::2] = r * z[0::2] + math.sqrt(1 - r * r) * z[1::2]
    batch = mean + math.sqrt(s2) * batch
    states = run(layers, tensors_of(url, layers, {}), {}, batch)
    rights = measured_of(states, drawn('measure gradient',
                                       states[-1].leaving.shape))
    compare_layers('a drawn batch', answer['analyses'][0]['layers'], rights)


# ---- theory ---------------------------------------------------------------

WIDE = [
    ('relu', {'name': 'he_normal'}, None),
    ('tanh', {'name': 'glorot_normal'}, None),
    ('gelu', {'name': 'lecun_normal'}, None),
    ('selu', {'name': 'lecun_normal'}, {'name': 'normal', 'std': 0.1}),
    ('tanh', {'name': 'orthogonal', 'gain': 1.2}, None),
]


def theory_agrees_when_wide(url, width=4096, depth=4, samples=32):
    """Within what a finite width and a finite batch leave open.

    'finite_width' is the standard deviation of the squared norm of what leaves
    a layer over its mean, over draws of the weights, for one input.  A mean
    over samples that share the weights deviates no more, so log10_forward is
    within five of them over ln 10; and so is that of gradients, which are
    products of the same matrices and slopes, for one more layer's worth of
    each.  The batch has its own second moment, to about
    sqrt(2 / (samples width)), which is in finite_width's shadow but added.

    A mean of products over the units of a layer has a standard deviation of
    at most sqrt(E[phi^4]) / sqrt(width), and of h h' of sqrt(2 / width) q; it
    is passed on by factors that are at most about 1 here.  So c and c2 are
    within 5 sqrt(3 (layers so far) / width).
    """
    for activation, scheme, bias in WIDE:
        what = f"{activation} after {scheme['name']}"
        body = {'seed': 3, 'widths': [width] * (depth + 1), 'scheme': scheme,
                'activation': activation, 'measure': {'samples': samples}}
        if bias:
            body['bias'] = bias
        result = ask(url, body)['analyses'][0]
        for i, theory in enumerate(result['layers']):
            got = theory['measured']
            batch = math.sqrt(2 / (samples * width))
            spread = 5 * math.hypot(theory['finite_width'], batch)
            back = result['layers'][-1]['finite_width'] * math.sqrt(
                (depth + 1) / depth)
            for key, limit in (
                    ('log10_forward', spread / math.log(10)),
                    ('log10_backward', 5 * math.hypot(back, batch)
                     / math.log(10)),
                    ('c', 5 * math.sqrt(3 * (i + 1) / width)),
                    ('c2', 5 * math.sqrt(3 * (i + 1) / width))):
                tally.check(f'{what}: {key} of layer {i} within {limit:.3}',
                            abs(got[key] - theory[key]) <= limit,
                            f'{got[key]}, not {theory[key]}')


# ---- two experiments that every course has --------------------------------

def trained(weights, bias, steps=20):
    """Weights of 1 -> 2 -> 1 after some steps of gradient descent."""
    net = torch.nn.Sequential(torch.nn.Linear(1, 2, bias=bias),
                              torch.nn.ReLU(),
                              torch.nn.Linear(2, 1, bias=bias))
    with torch.no_grad():
        for layer in net[0], net[2]:
            layer.weight.fill_(weights)
            if bias:
                layer.bias.zero_()
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    x = torch.linspace(-1, 2, 16)[:, None]
    for _ in range(steps):
        optimizer.zero_grad()
        ((net(x) - (2 * x + 1)) ** 2).mean().backward()
        optimizer.step()
    return net


def equal_weights_do_not_learn(url):
    """Zeros have no gradient and stay; constants leave both units equal."""
    for value, verdict in (0, 'dead'), (0.5, 'symmetric'):
        answer = ask(url, {
            'widths': [1, 2, 1], 'activation': 'relu', 'measure': True,
            'scheme': {'name': 'constant', 'value': value},
            'input': {'batch': [[1], [2], [0.5], [-1]]}})['analyses'][0]
        names = {v['verdict'] for v in answer['verdicts']}
        tally.check(f'weights of {value} are called {verdict}',
                    verdict in names, names)
        net = trained(value, False)
        gradients = [layer['measured']['log10_weight_gradient']
                     for layer in answer['layers']]
        if value == 0:
            tally.equal('of zeros every gradient is 0', gradients,
                        [None, None])
            tally.check('zeros stay zeros in torch', all(
                not p.any() for p in net.parameters()))
        else:
            tally.check('of constants no gradient is 0', None not in gradients,
                        gradients)
            first, last = net[0].weight, net[2].weight
            tally.check('constants learn in torch, but as one unit',
                        first[0] == first[1] and last[0, 0] == last[0, 1]
                        and first[0] != value, (first, last))


DEEP = {
    'too small': {'name': 'normal', 'std': 0.01},
    'too large': {'name': 'normal', 'std': 1},
    'Xavier': {'name': 'glorot_normal'},
}


def spread_in_a_deep_network_is_as_torch_has_it(url, width=500, depth=10):
    """Ten layers of tanh: too small dies out, too large saturates, Xavier
    keeps; and the spread of each layer is what torch gets from the weights.
    """
    for what, scheme in DEEP.items():
        layers = [dense(width, width, scheme, 'tanh') for _ in range(depth)]
        answer = ask(url, {'seed': SEED, 'measure': {'samples': 32},
                           'layers': entries_of(layers, {}),
                           'input': {'correlation': 0}})
        batch = drawn('measure input', (32, width))
        states = run(layers, tensors_of(url, layers, {}), {}, batch)
        result = answer['analyses'][0]['layers']
        spread, noise = [], 2 ** -24
        for layer, state in zip(result, states):
            m, x = layer['measured'], state.leaving.detach()
            spread.append(math.sqrt(m['m2'] - m['m1'] ** 2))
            right = x.std(unbiased=False).item()
            noise *= max(1, math.sqrt(m['chi_1']))
            # Chaos makes float32's last bits as large as that: other values
            # of the same law, whose spread is known to so much.
            limit = CLOSE * right
            if noise > CLOSE:
                limit += 5 * x.square().std().item() / (
                    2 * right * math.sqrt(x.numel()))
            tally.check(f'{what}: the spread of layer {len(spread)}',
                        abs(spread[-1] - right) <= limit,
                        f'{spread[-1]}, not {right}')
        slopes = [layer['measured']['slope_square'] for layer in result]
        if what == 'too small':
            # sqrt(500) / 100 a layer
            tally.check('too small weights lose the signal',
                        all(b < 0.25 * a for a, b in zip(spread, spread[1:]))
                        and spread[-1] < 1e-6, spread)
        elif what == 'too large':
            tally.check('too large weights saturate every unit',
                        min(spread) > 0.95 and max(slopes) < 0.05,
                        (spread, slopes))
        else:
            tally.check("Xavier's keep the signal and its slopes",
                        min(spread) > 0.2 and min(slopes) > 0.4,
                        (spread, slopes))


def main():
    torch.set_num_threads(1)
    with daemon.running() as url:
        for test in (networks_are_as_torch_has_them,
                     drawn_batches_are_of_their_stream,
                     theory_agrees_when_wide, equal_weights_do_not_learn,
                     spread_in_a_deep_network_is_as_torch_has_it):
            tally.run(test, url)
    tally.finish()


if __name__ == '__main__':
    main()
