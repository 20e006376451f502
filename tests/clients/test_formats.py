#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Runs alone: it measures time.
"""Files over HTTP: npy is what numpy.save writes, safetensors is read by a
strict reader of its own, and both hold the bytes that raw has.
"""
import base64
import hashlib
import http.client
import io
import json
import random
import struct
import time
import urllib.error
import urllib.parse
import urllib.request

import numpy as np

import daemon
import tally

ITEMSIZE = {'float64': 8, 'float32': 4, 'bfloat16': 2, 'float16': 2,
            'float8_e4m3fn': 1, 'float8_e5m2': 1}
# In the order of a safetensors file.
CODES = {'F64': 'float64', 'F32': 'float32', 'BF16': 'bfloat16',
         'F16': 'float16', 'F8_E4M3': 'float8_e4m3fn',
         'F8_E5M2': 'float8_e5m2'}
SHAPES = [(), (1,), (3,), (0,), (2, 3), (0, 3), (5, 0, 2), (1000, 7),
          (2, 1, 3, 1, 2), (1, 2, 1, 2, 1, 2, 1, 2)]
MEMORY = 64 << 20  # bytes that the daemon may keep in memory
PIECE = 1 << 20


def fetch(url, query, body=None, method=None, **headers):
    """The status, the fields and the body of an answer."""
    request = urllib.request.Request(
        f'{url}/v1/weights?{urllib.parse.urlencode(query)}', method=method,
        headers={name.replace('_', '-'): value
                 for name, value in headers.items()})
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header('Content-Type', 'application/json')
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers, refusal.read()


def get(url, query, body=None, **headers):
    """The body of an answer that is 200."""
    status, _, content = fetch(url, query, body, **headers)
    tally.equal(f'{str(query):.80} {str(body):.80} is accepted',
                (status, content if status != 200 else b''), (200, b''))
    return content


def shape_text(shape):
    return ','.join(map(str, shape)) or '()'


# ---- npy ------------------------------------------------------------------

def npy_is_what_numpy_saves(url):
    for dtype in ('float64', 'float32', 'float16'):
        for shape in SHAPES:
            query = {'shape': shape_text(shape), 'dtype': dtype, 'seed': 3,
                     'scheme': 'normal'}
            array = np.frombuffer(
                get(url, query), np.dtype(dtype).newbyteorder('<')
            ).reshape(shape)
            saved = io.BytesIO()
            np.save(saved, array)
            file = get(url, dict(query, format='npy'))
            tally.check(f'{dtype} {shape} is what numpy.save writes',
                        file == saved.getvalue(), file[:128])
            loaded = np.load(io.BytesIO(file))
            tally.check(f'{dtype} {shape} is loaded', loaded.shape == shape
                        and loaded.dtype == dtype
                        and loaded.tobytes() == array.tobytes())


def an_array_is_loaded_from_a_url(url):
    array = np.load(io.BytesIO(urllib.request.urlopen(
        url + '/v1/weights?shape=4,3&scheme=ones&format=npy').read()))
    tally.equal('np.load(…)', array.tolist(), [[1.0] * 3] * 4)


def npy_holds_one_array_of_numpys_types(url):
    for dtype in ('bfloat16', 'float8_e4m3fn', 'float8_e5m2'):
        status, fields, body = fetch(
            url, {'shape': 3, 'scheme': 'ones', 'dtype': dtype},
            Accept='application/x-npy')
        tally.equal(f'npy of {dtype} is 406', status, 406)
        tally.equal(f'npy of {dtype} is a problem', fields['Content-Type'],
                    'application/problem+json')
        detail = json.loads(body)['detail']
        for word in (dtype, 'raw', 'safetensors'):
            tally.check(f'the problem speaks of {word}', word in detail,
                        detail)
    layers = [{'shape': [1]}, {'shape': [1]}]
    status, _, _ = fetch(url, {'format': 'npy'},
                         {'scheme': 'ones', 'layers': layers})
    tally.equal('npy of two tensors is 406', status, 406)


# ---- safetensors ----------------------------------------------------------

def parse(what, file):
    """The tensors of a safetensors file: name, dtype, shape, bytes."""
    size, = struct.unpack('<Q', file[:8])
    header = file[8:8 + size]
    tally.check(f'{what}: its values are aligned', size % 8 == 0, size)
    entries = json.loads(header)
    compact = json.dumps(entries, ensure_ascii=False, separators=(',', ':'))
    tally.check(f'{what}: its header is compact JSON, padded with spaces',
                header == compact.encode().ljust(size)
                and len(compact.encode()) > size - 8, header[:300])
    tally.equal(f'{what}: its metadata come first',
                next(iter(entries.items())),
                ('__metadata__', {'format': 'pt'}))
    del entries['__metadata__']
    tensors, end, last = [], 0, (-1, b'')
    for name, entry in entries.items():
        start, stop = entry['data_offsets']
        dtype = CODES[entry['dtype']]
        place = (list(CODES).index(entry['dtype']), name.encode())
        tally.check(f'{what}: {name} is in order', place > last)
        tally.equal(f'{what}: {name} follows the one before', start, end)
        tally.equal(f'{what}: {name} has its size', stop - start,
                    ITEMSIZE[dtype] * int(np.prod(entry['shape'], dtype=int)))
        tensors.append((name, dtype, entry['shape'],
                        file[8 + size + start:8 + size + stop]))
        end, last = stop, place
    tally.equal(f'{what}: it ends with its values', len(file), 8 + size + end)
    return tensors


def agrees_with_raw(url, what, model):
    """A model's file has the tensors of its manifest, and raw's bytes."""
    raw = get(url, {'format': 'raw'}, model)
    told = json.loads(get(url, {'format': 'manifest', 'digest': 'wait'},
                          model))['tensors']
    file = get(url, {'format': 'safetensors'}, model)
    tensors = {tensor[0]: tensor[1:] for tensor in parse(what, file)}
    tally.equal(f'{what}: number of tensors', len(tensors), len(told))
    for entry in told:
        name, offset = entry['name'], entry['offset']
        values = raw[offset:offset + entry['bytes']]
        tally.check(f'{what}: {name} is that of raw', tensors.get(name) == (
            entry['dtype'], entry['shape'], values))
        tally.equal(f'{what}: the digest of {name}', entry['digest'],
                    'blake2b-256:' + digest(values))


def digest(content):
    return hashlib.blake2b(content, digest_size=32).hexdigest()


def random_name(rng, i):
    """Unique by its number, with letters that JSON and UTF-8 care about."""
    return ''.join(rng.choices('abcXYZ019._-/\\" é漢\u2028😀', k=rng.randint(
        0, 12))) + str(i)


def random_layer(rng, i):
    layer = {'name': random_name(rng, i)}
    if rng.random() < 0.2:
        return dict(layer, type='linear', in_features=rng.randint(1, 9),
                    out_features=rng.randint(1, 9), scheme='torch.linear')
    return dict(layer, dtype=rng.choice(list(ITEMSIZE)),
                shape=[rng.choice([0, 1, 2, 3, 5, 17])
                       for _ in range(rng.randint(0, 4))],
                scheme=rng.choice(['zeros', 'uniform', 'normal',
                                   'truncated_normal']))


def random_models_agree_with_raw(url):
    rng = random.Random(5)
    for n in range(40):
        layers = [random_layer(rng, i) for i in range(rng.randint(1, 30))]
        agrees_with_raw(url, f'model {n}', {'seed': n, 'layers': layers})


def configs_agree_with_raw(url):
    for dtype in ('float32', 'bfloat16'):
        for config in (
                {'model_type': 'gpt2', 'n_layer': 2, 'n_head': 2, 'n_embd': 8,
                 'vocab_size': 16, 'n_positions': 8},
                {'model_type': 'llama', 'hidden_size': 16, 'vocab_size': 32,
                 'intermediate_size': 24, 'num_hidden_layers': 3,
                 'num_attention_heads': 4}):
            agrees_with_raw(url, f'{config["model_type"]} in {dtype}',
                            {'seed': 1, 'config': config, 'dtype': dtype,
                             'profile': 'hf_default'})


def the_tensors_of_a_whole_are_in_files(url):
    layers = [{'name': name, 'shape': shape, 'scheme': 'orthogonal'}
              for name, shape in (('b', [40, 30]), ('a', [30, 40]))]
    agrees_with_raw(url, 'orthogonal', {'layers': layers, 'seed': 2})


# ---- slices ---------------------------------------------------------------

def random_part(rng, size):
    """A start:stop as text, with either side left out or from the end."""
    start = rng.randint(0, size)
    stop = rng.randint(start, size)
    starts, stops = [str(start)], [str(stop)]
    if start == 0:
        starts.append('')
    if start < size:
        starts.append(str(start - size))
    stops.append('' if stop == size else str(stop - size))
    return f'{rng.choice(starts)}:{rng.choice(stops)}', slice(start, stop)


def slices_are_what_numpy_cuts(url):
    """In every format, and for the schemes that fans and places decide."""
    rng = random.Random(7)
    for n in range(60):
        shape = [rng.randint(1, 9) for _ in range(rng.randint(1, 4))]
        parts = [random_part(rng, size)
                 for size in shape[:rng.randint(1, len(shape))]]
        text = ','.join(part[0] for part in parts)
        query = {'shape': shape_text(shape), 'dtype': 'float64', 'seed': n,
                 'scheme': 'he_normal' if len(shape) > 1 else 'uniform'}
        whole = np.load(io.BytesIO(get(url, dict(query, format='npy'))))
        want = np.ascontiguousarray(whole[tuple(part[1] for part in parts)])
        what = f'{shape}[{text}]'
        query['slice'] = text
        saved = io.BytesIO()
        np.save(saved, want)
        tally.check(f'{what} as npy', get(url, dict(query, format='npy'))
                    == saved.getvalue())
        _, fields, body = fetch(url, query)
        tally.check(f'{what} raw', body == want.tobytes())
        tally.equal(f'the digest of {what}', fields['Sow-Digest'],
                    'blake2b-256=' + digest(want.tobytes()))
        told = json.loads(get(url, dict(query, format='json')))['tensors'][0]
        tally.equal(f'{what} as JSON', (told['shape'], told['data']),
                    (list(want.shape), want.tolist()))
        tally.check(f'{what} as safetensors', parse(what, get(
            url, dict(query, format='safetensors'))) == [
                ('tensor', 'float64', list(want.shape), want.tobytes())])


# ---- what the formats have in common --------------------------------------

def cuts_of(rng, size):
    """Places to cut a file at: its edges, around the header's, and others."""
    near = [at + d for at in (8, 64, 128, 136, size // 2) for d in (-1, 0, 1)]
    return [at for at in [1, size - 1, *near, *(
        rng.randrange(1, size) for _ in range(20))] if 0 < at < size]


def ranges_of_files_join_up(url):
    rng = random.Random(6)
    for form in ('npy', 'safetensors'):
        query = {'shape': '33,7', 'scheme': 'he_normal', 'seed': 9,
                 'format': form}
        whole = get(url, query)
        for cut in cuts_of(rng, len(whole)):
            parts = [fetch(url, query, Range=f'bytes={part}')
                     for part in (f'0-{cut - 1}', f'{cut}-')]
            tally.equal(f'{form}: both parts at {cut} are 206',
                        [part[0] for part in parts], [206, 206])
            tally.check(f'{form}: the parts at {cut} are the whole',
                        b''.join(part[2] for part in parts) == whole)


def files_have_their_digests_and_tags(url):
    seen = set()
    query = {'shape': '33,7', 'scheme': 'he_normal', 'seed': 9}
    values = get(url, query)
    for form, kind in (('raw', 'application/octet-stream'),
                       ('npy', 'application/x-npy'),
                       ('safetensors', 'application/x-safetensors')):
        _, fields, body = fetch(url, dict(query, format=form),
                                Want_Repr_Digest='sha-256=5')
        tally.equal(f'{form}: Content-Type', fields['Content-Type'], kind)
        tally.equal(f'{form}: Sow-Digest', fields['Sow-Digest'],
                    'blake2b-256=' + digest(values))
        sha256 = fields['Repr-Digest'].split(':')[1]
        tally.equal(f'{form}: Repr-Digest',
                    base64.b64decode(sha256).hex(),
                    hashlib.sha256(body).hexdigest())
        seen.add(fields['ETag'])
        status, again, _ = fetch(url, query, Accept=kind,
                                 If_None_Match=fields['ETag'])
        tally.equal(f'{form}: asked again by Accept',
                    (status, again['ETag']), (304, fields['ETag']))
        status, head, none = fetch(url, dict(query, format=form),
                                   method='HEAD')
        tally.equal(f'{form}: HEAD', (status, head['Content-Length'], none),
                    (200, str(len(body)), b''))
    tally.equal('each format has a tag', len(seen), 3)


def the_head_of_a_terabyte_is_there_at_once(url):
    for form, header in (('raw', 0), ('npy', 128), ('safetensors', 128)):
        start = time.monotonic()
        status, fields, _ = fetch(
            url, {'shape': '1048576,262144', 'scheme': 'he_normal',
                  'format': form}, method='HEAD')
        took = time.monotonic() - start
        tally.equal(f'{form} of a terabyte', (
            status, fields['Content-Length'], fields['Accept-Ranges']),
            (200, str(header + (1 << 40)), 'bytes'))
        tally.check(f'{form} of a terabyte is there at once', took < 5,
                    f'after {took:.1f} s')
    _, fields, tail = fetch(
        url, {'shape': '1048576,262144', 'scheme': 'ones',
              'format': 'safetensors'}, Range='bytes=-8')
    tally.equal('the end of a terabyte', tail, struct.pack('<ff', 1, 1))


# ---- memory ---------------------------------------------------------------

def memory_of(pid):
    """The most bytes that a process ever had in memory."""
    with open(f'/proc/{pid}/status') as status:
        return next(int(line.split()[1]) << 10 for line in status
                    if line.startswith('VmHWM:'))


def stream(url, body):
    """Read an answer and drop it; its Content-Length, and what came."""
    connection = http.client.HTTPConnection(url.host, url.port, timeout=60)
    connection.request('POST', '/v1/weights?format=safetensors',
                       json.dumps(body), {'Content-Type': 'application/json'})
    answer = connection.getresponse()
    buffer, came = bytearray(PIECE), 0
    while n := answer.readinto(buffer):
        came += n
    connection.close()
    return int(answer.headers['Content-Length']), came


def memory_stays_flat(url):
    layers = [{'name': f'layer{i}', 'shape': [8192, 8192]} for i in range(6)]
    length, came = stream(url, {'scheme': 'uniform', 'layers': layers})
    tally.equal('a large file arrives', came, length)
    tally.check('a large file is large', length > 6 << 28)
    if not daemon.instrumented(url):
        most = memory_of(url.pid)
        tally.check('a large file takes little memory', most < MEMORY,
                    f'{most >> 20} MiB')


def main():
    with daemon.running() as url:
        for test in (memory_stays_flat, npy_is_what_numpy_saves,
                     an_array_is_loaded_from_a_url,
                     npy_holds_one_array_of_numpys_types,
                     random_models_agree_with_raw, configs_agree_with_raw,
                     the_tensors_of_a_whole_are_in_files,
                     slices_are_what_numpy_cuts, ranges_of_files_join_up,
                     files_have_their_digests_and_tags,
                     the_head_of_a_terabyte_is_there_at_once):
            tally.run(test, url)


tally.run(main)
tally.finish()
