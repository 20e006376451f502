#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""POST /v1/analysis over HTTP: the numbers that papers and tables give, what is
measured beside them, limits, and that it takes its time on no other request's
account.
"""
import concurrent.futures
import json
import math
import socket
import struct
import time
import urllib.error
import urllib.request

import numpy as np

import daemon
import tally

# Of a unit Gaussian: E[phi], E[phi^2] and E[phi'^2], by adaptive quadrature.
MOMENTS = {
    'linear': (0, 1, 1),
    'relu': (0.3989423, 0.5, 0.5),
    'relu6': (0.3989423, 0.5, 0.5),
    'leaky_relu': (0.3949529, 0.5000500, 0.5000500),
    'tanh': (0, 0.3942945, 0.4644029),
    'sigmoid': (0.5, 0.2933790, 0.0448362),
    'erf': (0, 0.4645591, 0.5694100),
    'gelu': (0.2820948, 0.4252215, 0.4558509),
    'silu': (0.2066210, 0.3557755, 0.3794824),
    'elu': (0.1605206, 0.6449454, 0.6681020),
    'selu': (0, 1, 1.0715750),
    'softplus': (0.8060592, 0.9212459, 0.2933790),
    'softsign': (0, 0.1830140, 0.2276713),
    'mish': (0.2404039, 0.4523422, 0.4790838),
    'hardswish': (0.1662167, 0.3315674, 0.3585315),
    'sin': (0, 0.4323324, 0.5676676),
    'relu_squared': (0.5, 1.5, 2),
}

# chi_1 where the gain keeps the mean square.
AT_GAIN = {
    'tanh': 1.1778072, 'sigmoid': 0.1528270, 'erf': 1.2257000,
    'gelu': 1.0720316, 'silu': 1.0666342, 'elu': 1.0359047,
    'selu': 1.0715750, 'softplus': 0.3184590, 'softsign': 1.2440104,
    'mish': 1.0591180, 'hardswish': 1.0813233, 'sin': 1.3130353,
    'relu_squared': 4 / 3,
}

# (sigma_w^2, sigma_b^2) of the edge of chaos at the fixed point q*.
EDGES = {
    'tanh': {0.1: (1.17757, .000832), 0.5: (1.68798, .038041),
             1: (2.1533, .150965), 2: (2.86116, .512265)},
    'erf': {0.25: (1.11072, .009699), 1: (1.7562, .18414)},
    'softsign': {1: (4.3923, .196148)},
    'gelu': {1: (2.1937, .067192), 2: (2.04285, .116322)},
    'silu': {1: (2.63517, .062472)},
    'elu': {1: (1.49678, .03466)},
    'selu': {1: (1 / 1.0715750, 1 - 1 / 1.0715750)},
    'mish': {1: (2.08732, .055818)},
}

# Where lengths come back to the fixed point when they are a little off.
STABLE = {'tanh', 'erf', 'softsign', 'elu', 'selu'}

TORCH_DEFAULT = {'name': 'torch.kaiming_uniform', 'a': math.sqrt(5)}


def ask(url, body):
    """Status and JSON of an answer."""
    request = urllib.request.Request(
        url + '/v1/analysis', json.dumps(body).encode(),
        {'Content-Type': 'application/json'})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


def analysis(url, **body):
    status, answer = ask(url, body)
    tally.equal(f'{str(body):.90} is accepted', status, 200)
    return answer['analyses'][0]


def scaled(variance):
    """The scheme whose sums have so many times the input's mean square."""
    return {'name': 'variance_scaling', 'scale': variance, 'mode': 'fan_in',
            'distribution': 'normal'}


def close(what, got, right, digits):
    """Printed to so many digits after the point they are the same."""
    tally.check(f'{what} is {right}', got is not None
                and abs(got - right) <= 0.6 * 10 ** -digits, got)


def names(result):
    return {verdict['verdict'] for verdict in result['verdicts']}


# ----------------------------------------------------------------------------

def moments_are_those_of_the_tables(url):
    for name, (mean, square, slope) in MOMENTS.items():
        layer = analysis(url, widths=[100] * 3, activation=name,
                         scheme=scaled(1))['layers'][0]
        close(f'q before {name}', layer['q'], 1, 9)
        close(f'E[{name}]', layer['m1'], mean, 7)
        close(f'E[{name}^2]', layer['m2'], square, 7)
        close(f"E[{name}'^2]", layer['slope_square'], slope, 7)


def gains_leave_the_chi_of_the_tables(url):
    for name, chi in AT_GAIN.items():
        gain = 1 / MOMENTS[name][1]
        layer = analysis(url, widths=[100] * 3, activation=name,
                         scheme=scaled(gain),
                         input={'second_moment': 1 / gain})['layers'][0]
        close(f'chi_1 of {name}', layer['chi_1'], chi, 5)


def edges_of_chaos_are_critical(url):
    """There the length stays, and near inputs neither part nor meet."""
    for name, points in EDGES.items():
        for q, (weight, bias) in points.items():
            result = analysis(url, widths=[1000] * 60, activation=name,
                              scheme=scaled(weight),
                              bias={'name': 'normal', 'std': math.sqrt(bias)},
                              input={'second_moment': (q - bias) / weight})
            first, second = result['layers'][:2]
            what = f'{name} at q* = {q}'
            close(f'{what}: q', first['q'], q, 6)
            tally.check(f'{what}: q stays', abs(second['q'] / q - 1) < 2e-5,
                        second['q'])
            close(f'{what}: chi_1', first['chi_1'], 1, 4)
            if name in STABLE:
                close(f'{what}: the fixed point',
                      result['summary']['q_star'] / q, 1, 2)
                tally.check(f'{what} is called critical',
                            'critical' in names(result), names(result))


def torch_default_and_relu_vanish(url):
    """Each layer takes a sixth: 2.7e-16 is left of 20."""
    result = analysis(url, widths=[256] * 22, activation='relu',
                      scheme=TORCH_DEFAULT)
    for i, layer in enumerate(result['layers'][:20]):
        close(f'what is left after layer {i}', layer['log10_forward'],
              (i + 1) * math.log10(1 / 6), 9)
    close('20 layers', result['layers'][19]['m2'] * 1e16, 2.735, 3)
    tally.check('it is said', 'vanishing' in names(result), names(result))
    tanh = analysis(url, widths=[256] * 9, activation='tanh',
                    scheme=TORCH_DEFAULT)
    tally.check('with tanh chi_1 is at most a third', all(
        layer['chi_1'] <= 1 / 3 + 1e-12 for layer in tanh['layers']))


def he_and_relu_keep_lengths_and_lose_angles(url):
    depth = 1000
    result = analysis(url, widths=[4096] * (depth + 2), activation='relu',
                      scheme='he_normal')
    layers = result['layers']
    for i in (0, 9, 99, depth - 1):
        close(f'q of layer {i}', layers[i]['q'], 2, 8)
        close(f'chi_1 of layer {i}', layers[i]['chi_1'], 1, 8)
    left = (1 - layers[depth - 1]['c2']) * depth ** 2
    tally.check('correlations go to 1 as 44.4 / l^2',
                0.95 < left / (9 * math.pi ** 2 / 2) < 1, left)
    linear = analysis(url, widths=[256] * 9, scheme='he_normal')
    close('he and linear double', linear['layers'][6]['m2'], 2 ** 7, 6)


def glorot_and_small_normals(url):
    relu = analysis(url, widths=[256] * 9, activation='relu',
                    scheme='glorot_uniform')
    close('glorot and relu halve', relu['layers'][6]['m2'], 2 ** -7, 9)
    small = analysis(url, widths=[768, 3072, 768], activation='gelu',
                     scheme={'name': 'normal', 'std': 0.02})
    close('N(0, 0.02^2) of 768', small['layers'][0]['sigma_w2'], 0.3072, 6)
    ratio = analysis(url, widths=[600, 200, 100], activation='relu',
                     scheme={'name': 'he_normal', 'mode': 'fan_out'})
    close('fan_out gains n_in / n_out', ratio['layers'][0]['forward'], 3, 8)


def finite_widths_are_exact_for_relu(url):
    """sqrt(prod (1 + 5 / N) - 1), and 1 - prod (1 - 2^-N)."""
    for width, depth, spread in ((50, 5, 1.6105 ** .5), (100, 10, 1.629 ** .5),
                                 (3, 5, None)):
        layer = analysis(url, widths=[width] * (depth + 2), activation='relu',
                         scheme='he_normal')['layers'][depth - 1]
        right = (1 + 5 / width) ** depth
        close(f'the spread of {depth} layers of {width}',
              layer['finite_width'], math.sqrt(right - 1), 9)
        if spread:
            close('its second moment', right, spread ** 2, 3)
        close('the probability that a layer dies', layer['death'],
              1 - (1 - 2.0 ** -width) ** depth, 9)


def gelu_has_an_unstable_length(url):
    for start, end in ((0.9, 0), (1.1, math.inf)):
        result = analysis(url, widths=[1000] * 102, activation='gelu',
                          scheme=scaled(1 / MOMENTS['gelu'][1]),
                          input={'second_moment': start / 2.3517154})
        last = result['layers'][99]['q']
        tally.check(f'q0 = {start} goes far', last < 0.2 if end == 0 else
                    last > 1e4, last)


# ----------------------------------------------------------------------------

def values(url, layers, **fields):
    """The tensors of a request for weights, as arrays."""
    body = json.dumps({'layers': layers, 'format': 'json', **fields}).encode()
    request = urllib.request.Request(url + '/v1/weights', body,
                                     {'Content-Type': 'application/json'})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return [np.array(tensor['data'], np.float64)
                for tensor in json.load(answer)['tensors']]


def near(what, got, right, relative=1e-4):
    tally.check(f'{what} is {right:.6g}', got is not None
                and abs(got - right) <= relative * abs(right) + 1e-9, got)


def measured_widths_are_as_theory(url):
    """To some standard errors of what draws of such widths differ by."""
    body = {'widths': [784, 512, 512, 512, 10], 'activation': 'tanh',
            'scheme': 'lecun_normal', 'measure': {'samples': 256}}
    status, answer = ask(url, body)
    tally.equal('a measurement is an answer', status, 200)
    tally.equal('of so many samples', answer['measured']['samples'], 256)
    near('the mean square that went in', answer['measured']['second_moment'],
         1, 0.05)
    for i, layer in enumerate(answer['analyses'][0]['layers'][:3]):
        for name in ('q', 'm2', 'c', 'c2', 'chi_1', 'slope_square', 'forward',
                     'sigma_w2'):
            near(f'{name} of layer {i}', layer['measured'][name], layer[name],
                 0.1)
        for name in ('log10_backward', 'log10_weight_gradient'):
            tally.check(f'{name} of layer {i}', abs(
                layer['measured'][name] - layer[name]) < 0.15,
                (layer['measured'][name], layer[name]))
    summary = answer['analyses'][0]['summary']
    near('the whole', summary['measured']['log10_forward'],
         summary['log10_forward'], 0.2)


def a_batch_runs_through_the_weights_that_are_served(url):
    """The same in NumPy, with what POST /v1/weights gives."""
    layers = [{'name': 'a.weight', 'shape': [24, 12]},
              {'name': 'a.bias', 'shape': [24],
               'scheme': {'name': 'normal', 'std': 0.5}},
              {'name': 'b.weight', 'shape': [7, 24]}]
    random = np.random.default_rng(7)
    batch = random.normal(0.3, 1.2, (10, 12)).astype(np.float32)
    a, bias, b = values(url, layers, scheme='he_normal', seed=11)
    layers[0]['activation'] = 'relu'
    status, answer = ask(url, {
        'layers': layers, 'scheme': 'he_normal', 'seed': 11, 'measure': True,
        'input': {'batch': batch.tolist()}})
    tally.equal('a batch is measured', status, 200)
    x = batch.astype(np.float64)
    h = x @ a.T + bias
    y = np.maximum(h, 0)
    z = y @ b.T
    near('the mean of the batch', answer['measured']['mean'], x.mean())
    near('its pairs', answer['measured']['correlation'],
         (x[0::2] * x[1::2]).mean() / (x ** 2).mean())
    near('which theory takes', answer['input']['second_moment'],
         (x ** 2).mean())
    first, second = (layer['measured'] for layer in
                     answer['analyses'][0]['layers'])
    near('q', first['q'], (h ** 2).mean())
    near('c', first['c'], (h[0::2] * h[1::2]).mean() / (h ** 2).mean())
    near('m1', first['m1'], y.mean())
    near('m2', first['m2'], (y ** 2).mean())
    near('the largest', first['largest'], np.abs(h).max())
    near('inactive', first['inactive'], (h <= 0).mean())
    near('sigma_w2', first['sigma_w2'], 12 * a.var())
    near('forward', second['forward'], (z ** 2).mean() / (y ** 2).mean())


def convolutions_slide_as_they_are_told(url):
    """A stack of three, in NumPy, by windows."""
    layers = [{'name': 'a', 'type': 'conv2d', 'in_channels': 3,
               'out_channels': 6, 'kernel_size': 3, 'stride': 2,
               'padding': [1, 0], 'bias': False},
              {'name': 'b', 'shape': [4, 3, 2, 2]},
              {'name': 'c', 'shape': [5, 64]}]
    batch = np.random.default_rng(3).normal(size=(4, 3, 8, 9)).astype('f4')
    a, b, c = values(url, layers, scheme='lecun_normal', seed=2)
    layers[1] |= {'dilation': 2, 'padding': [1, 1], 'groups': 2}
    status, answer = ask(url, {'layers': layers, 'scheme': 'lecun_normal',
                               'seed': 2, 'activation': 'tanh',
                               'measure': True,
                               'input': {'batch': batch.tolist()}})
    tally.equal('a stack of convolutions is measured', status, 200)
    x = np.pad(batch.astype('f8'), ((0, 0), (0, 0), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (2, 3))
    h = np.einsum('ncyxij,ocij->noyx', windows[:, :, ::2, ::2], a)
    x = np.pad(np.tanh(h), ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (2, 3))
    windows = windows[..., ::2, ::2]
    second = np.concatenate([
        np.einsum('ncyxij,ocij->noyx', windows[:, 3 * g:3 * g + 3],
                  b[2 * g:2 * g + 2]) for g in (0, 1)], 1)
    third = np.tanh(second).reshape(4, -1) @ c.T
    for i, right in enumerate((h, second, third)):
        got = answer['analyses'][0]['layers'][i]['measured']
        near(f'q of layer {i}', got['q'], (right ** 2).mean())
        near(f'largest of layer {i}', got['largest'], np.abs(right).max())


def schemes_are_measured_side_by_side(url):
    body = {'widths': [64, 96, 96, 10], 'activation': 'relu', 'measure': True}
    names = ['he_normal', 'orthogonal', 'glorot_uniform']
    _, together = ask(url, body | {'schemes': names})
    for name, one in zip(names, together['analyses']):
        _, alone = ask(url, body | {'scheme': name})
        tally.equal(f'{name} is what it is alone', one, alone['analyses'][0])


def many_measure_at_once(url):
    """And all get the numbers that each gets alone."""
    bodies = [{'widths': [128 + 32 * i] * 6, 'activation': 'gelu', 'seed': i,
               'scheme': 'orthogonal' if i % 2 else 'he_uniform',
               'measure': True} for i in range(6)]
    alone = [ask(url, body) for body in bodies]
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda body: ask(url, body), bodies * 2))
    for i, answer in enumerate(answers):
        tally.equal(f'request {i} is answered alike', answer, alone[i % 6])


def who_hangs_up_costs_no_more(url):
    """The workers are free again for others, long before it would be done."""
    body = json.dumps({'widths': [4096] * 65, 'scheme': 'he_normal',
                       'measure': {'samples': 256}}).encode()
    gone = []
    for _ in range(2):
        connection = socket.create_connection((url.host, url.port), 60)
        connection.sendall(
            b'POST /v1/analysis HTTP/1.1\r\nHost: x\r\nContent-Type: '
            b'application/json\r\nContent-Length: %d\r\n\r\n' % len(body)
            + body)
        gone.append(connection)
    time.sleep(0.5)
    for connection in gone:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                              struct.pack('ii', 1, 0))
        connection.close()
    start = time.monotonic()
    status, _ = ask(url, {'widths': [64] * 4, 'scheme': 'he_normal',
                          'measure': True})
    tally.equal('another is measured', status, 200)
    tally.check('soon', time.monotonic() - start < 10,
                time.monotonic() - start)


def costs_are_told_before(url):
    status, answer = ask(url, {'widths': [16384] * 200, 'scheme': 'he_normal',
                               'measure': {'samples': 1024}})
    tally.equal('too much is refused', (status, answer['code'], answer['at']),
                (422, 'COST_LIMIT', '/measure'))
    tally.check('with limit and estimate', '--max-flops' in answer['detail'] and
                'estimated to cost' in answer['detail'], answer['detail'])
    status, answer = ask(url, {'widths': [4096] * 100, 'scheme': 'he_normal',
                               'measure': {'samples': 1024}})
    tally.equal('so is too much memory', (status, answer['code'],
                answer['at']), (422, 'COST_LIMIT', '/measure'))
    tally.check('in bytes', 'bytes of memory' in answer['detail'],
                answer['detail'])


# ----------------------------------------------------------------------------

def limits_are_named(url):
    status, answer = ask(url, {'widths': [8] * 1000001, 'scheme': 'he_normal'})
    tally.equal('a million layers are refused', (status, answer['code'],
                answer['at']), (422, 'TOO_MANY_LAYERS', '/widths'))
    tally.check('by name', '--max-layers' in answer['detail'],
                answer['detail'])
    status, answer = ask(url, {'scheme': 'he_normal', 'layers':
                               [{'shape': [8, 8]}] * 200001})
    tally.equal('so are as many shapes', (status, answer['code'],
                answer['at']), (422, 'TOO_MANY_LAYERS', '/layers'))


def theory_is_quick(url):
    body = {'widths': [1024] * 51, 'activation': 'gelu', 'scheme': 'he_normal'}
    times = []
    end = time.monotonic() + 60
    while not times or min(times) >= 0.5 and time.monotonic() < end:
        start = time.monotonic()
        status, _ = ask(url, body)
        times.append(time.monotonic() - start)
    tally.equal('50 layers are followed', status, 200)
    tally.check('in a moment', min(times) < 0.5, times)


def large_stacks_are_followed(url):
    status, answer = ask(url, {'widths': [64] * 20001, 'activation': 'tanh',
                               'schemes': ['glorot_normal', 'orthogonal']})
    tally.equal('20000 layers by two schemes', status, 200)
    tally.equal('all are there', [len(one['layers'])
                                  for one in answer['analyses']], [20000] * 2)


def main():
    with daemon.running() as url:
        for test in (moments_are_those_of_the_tables,
                     gains_leave_the_chi_of_the_tables,
                     edges_of_chaos_are_critical,
                     torch_default_and_relu_vanish,
                     he_and_relu_keep_lengths_and_lose_angles,
                     glorot_and_small_normals,
                     finite_widths_are_exact_for_relu,
                     gelu_has_an_unstable_length,
                     measured_widths_are_as_theory,
                     a_batch_runs_through_the_weights_that_are_served,
                     convolutions_slide_as_they_are_told,
                     schemes_are_measured_side_by_side, many_measure_at_once,
                     who_hangs_up_costs_no_more, costs_are_told_before,
                     limits_are_named, theory_is_quick,
                     large_stacks_are_followed):
            tally.run(test, url)


if __name__ == '__main__':
    tally.run(main)
    tally.finish()
