# SPDX-License-Identifier: MIT
"""A mixed load on a daemon: good requests of every kind, whose answers are
known or carry their digest, hostile ones, and clients that leave or dawdle.
"""
import collections
import hashlib
import http.client
import io
import json
import math
import random
import socket
import struct
import threading
import time

import load
import sow1
import test_hostile
import test_oracle

import numpy as np

MIB = 1 << 20

JSON = {'Content-Type': 'application/json'}

# Known tensors: scheme, shape, dtype.
TENSORS = [('normal', (3,), 'float32'), ('he_normal', (256, 128), 'float32'),
           ('uniform', (77, 9), 'float64'), ('ones', (0, 4), 'float32'),
           ('truncated_normal', (1000,), 'float16'),
           ('glorot_uniform', (300, 301), 'float32')]

ANALYSES = [
    {'widths': [100] * 20, 'activation': 'tanh', 'scheme': 'he_normal'},
    {'widths': [64] * 5, 'activation': 'relu', 'scheme': 'orthogonal'},
    {'widths': [500] * 60, 'activation': 'gelu', 'scheme': 'lecun_normal'}]

FILES = ['config.json', 'generation_config.json', 'model.safetensors']
HUB = 'init/tiny-llama'

NUMPY = ('/v1/weights?generator=numpy&scheme=numpy.standard_normal'
         '&shape={}&seed={}')

# Heads that no client should send.
GARBAGE = [
    b'\r\n\r\n', b'\0' * 300, b'GET', b'GET / HTTP/9.9\r\n\r\n',
    b'GET /v1/version HTTP/1.1\r\n\r\n', b'\x16\x03\x01\x02\0\1\0\1\xfc\3\3',
    b'POST /v1/weights HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n'
    b'Content-Length: 5\r\n\r\n{}{}',
    b'POST /v1/weights HTTP/1.1\r\nHost: a\r\nContent-Length: -4\r\n\r\n',
    b'POST /v1/weights HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n'
    b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    b'POST /v1/weights HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n'
    b'Content-Type: application/json\r\n\r\nzz\r\n',
    b'GET /' + b'a' * 40000 + b' HTTP/1.1\r\nHost: a\r\n\r\n',
    b'GET / HTTP/1.1\r\nHost: a\r\n' + b'X: y\r\n' * 9000 + b'\r\n']

BAD_BODIES = [
    '', '{', '[' * 3000, '{"layers":[]}', '{"layers":[{"shape":[-1]}]}',
    '{"layers":[{"shape":[1e30],"scheme":"ones"}]}', 'null', '"\\ud800"',
    '{"layers":[{"shape":[2],"scheme":"nothing"}],"seed":-1}',
    json.dumps({'layers': [{'shape': [1], 'scheme': 'ones'}] * 300000})]


def blake2b(data):
    return hashlib.blake2b(data, digest_size=32).hexdigest()


def expect(holds, what):
    if not holds:
        raise AssertionError(what)


class Mix:
    """The load.  'size' scales the large requests, 'patience' is the seconds
    after which a client calls it hanging."""

    def __init__(self, url, seed=1, size=1.0, patience=load.PATIENCE):
        self.url, self.seed, self.size = url, seed, size
        self.patience = patience
        self.counts = collections.Counter()
        self.failures = []
        self._active = 0
        self._lock = threading.Lock()
        self._go, self._over = threading.Event(), threading.Event()
        self._threads = []
        self._known = {}

    # ---- running it --------------------------------------------------------

    def start(self, threads):
        self._go.set()
        for number in range(threads):
            thread = threading.Thread(target=self._run, daemon=True,
                                      args=(number, KINDS[number::threads]))
            self._threads.append(thread)
            thread.start()

    def pause(self):
        """Let the clients end what they do; false when they don't."""
        self._go.clear()
        return load.within(2 * self.patience, lambda: self._active == 0)

    def resume(self):
        self._go.set()

    def stop(self):
        """The same, for good."""
        self._over.set()
        self._go.set()
        for thread in self._threads:
            thread.join(2 * self.patience)
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self, number, first):
        """Each kind of request once among all threads, then any."""
        dice = random.Random(f'{self.seed} {number}')
        dice.number = number
        kinds, weights = zip(*KINDS)
        while not self._over.is_set():
            self._go.wait()
            with self._lock:
                self._active += 1
            kind = first.pop()[0] if first else \
                dice.choices(kinds, weights)[0]
            problem = None
            try:
                kind(self, dice)
            except Exception as caught:
                problem = f'{kind.__name__}: {type(caught).__name__}: {caught}'
            with self._lock:
                self._active -= 1
                self.counts[kind.__name__] += 1
                if problem:
                    self.failures.append(problem[:600])

    # ---- asking ------------------------------------------------------------

    def ask(self, method, target, body=None, status=200, **fields):
        """The answer's body and fields; 'status' is what it must have."""
        connection = http.client.HTTPConnection(
            self.url.host, self.url.port, timeout=self.patience)
        fields = {name.replace('_', '-'): text
                  for name, text in fields.items()}
        if isinstance(body, dict):
            body, fields = json.dumps(body), {**fields, **JSON}
        try:
            connection.request(method, target, body, fields)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        expect(answer.status == status, f'{method} {target:.200}: status '
               f'{answer.status}, not {status}: {data[:300]}')
        return data, answer.headers

    def connect(self):
        return socket.create_connection((self.url.host, self.url.port),
                                        self.patience)

    def once(self, key, make):
        """What 'make' gave the first time."""
        if key not in self._known:
            value = make()
            self._known.setdefault(key, value)
        return self._known[key]

    def elements(self, dice, most):
        """A number of elements: small ones are more likely."""
        return 1 + int(math.exp(dice.uniform(0, math.log(most * self.size))))


# ---- good requests ---------------------------------------------------------

def random_tensors(mix, dice):
    """Any request that the oracle understands."""
    request = test_oracle.pick_request(dice)
    test_oracle.check(f'{mix.url.host}:{mix.url.port}', dice, *request)


def large_tensors(mix, dice):
    """Its own digest, and ranges are parts of it."""
    target = (f'/v1/weights?shape={mix.elements(dice, 4 * MIB)}&scheme=normal'
              f'&seed={dice.getrandbits(40)}')
    data, fields = mix.ask('GET', target)
    expect(fields['Sow-Digest'] == f'blake2b-256={blake2b(data)}',
           f'{target}: wrong bytes')
    for _ in range(3):
        text, start, end = test_oracle.pick_range(dice, len(data))
        part, _ = mix.ask('GET', target, status=206, Range=text)
        expect(part == data[start:end], f'{target}: wrong bytes of {text}')


def known_formats(mix, dice):
    """One tensor in every format, its head, and that it is unchanged."""
    scheme, shape, dtype = dice.choice(TENSORS)
    seed = dice.randrange(8)
    want = mix.once((scheme, shape, seed), lambda: sow1.tensor(
        scheme, shape, seed, dtype=dtype))
    array = np.frombuffer(want, np.dtype(dtype).newbyteorder('<'))
    target = (f'/v1/weights?shape={",".join(map(str, shape))}&dtype={dtype}'
              f'&scheme={scheme}&seed={seed}&format=')
    data, fields = mix.ask('GET', target + 'raw')
    expect(data == want, f'{target}raw: wrong bytes')
    nothing, head = mix.ask('HEAD', target + 'raw')
    for name in ('ETag', 'Content-Length', 'Sow-Digest', 'Sow-Recipe'):
        expect(head[name] == fields[name], f'HEAD {target}raw: {name}')
    expect(nothing == b'', f'HEAD {target}raw: a body')
    mix.ask('GET', target + 'raw', status=304, If_None_Match=fields['ETag'])
    loaded = np.load(io.BytesIO(mix.ask('GET', target + 'npy')[0]))
    expect(loaded.shape == shape and loaded.tobytes() == want,
           f'{target}npy: wrong bytes')
    tensor, = json.loads(mix.ask('GET', target + 'json')[0])['tensors']
    read = np.array(tensor['data'], dtype).reshape(-1)
    expect(read.tobytes() == array.tobytes(), f'{target}json: wrong numbers')


def split(data):
    """The tensors of a safetensors file by name: bytes."""
    size, = struct.unpack('<Q', data[:8])
    rows = json.loads(data[8:8 + size])
    rows.pop('__metadata__', None)
    return {name: data[8 + size:][slice(*row['data_offsets'])]
            for name, row in rows.items()}


def many_layers(mix, dice):
    """Files of many tensors; some of them the oracle makes too."""
    seed, count = dice.getrandbits(40), mix.elements(dice, 2000)
    layers = [{'name': f'l{i}.w', 'shape': [dice.randrange(1, 40), 7],
               'scheme': 'he_normal'} for i in range(count)]
    body = {'seed': seed, 'layers': layers}
    data, _ = mix.ask('POST', '/v1/weights?format=safetensors', body)
    tensors = split(data)
    expect(len(tensors) == count, f'{len(tensors)} tensors of {count}')
    for layer in dice.sample(layers, min(3, count)):
        want = sow1.tensor('he_normal', tuple(layer['shape']), seed,
                           layer['name'])
        expect(tensors[layer['name']] == want, f'{layer}: wrong bytes')
    listed, _ = mix.ask('POST', '/v1/weights?format=manifest&digest=wait',
                        body)
    for row in json.loads(listed)['tensors']:
        expect(row['digest'] == 'blake2b-256=' + blake2b(tensors[row['name']])
               or row['digest'][12:] == blake2b(tensors[row['name']]),
               f'{row["name"]}: wrong digest')


def digests(mix, dice):
    """Of constants, which hash here as quickly."""
    number, count = dice.randrange(1 << 20), mix.elements(dice, 4 * MIB)
    _, fields = mix.ask('HEAD', f'/v1/weights?shape={count}&scheme=constant'
                        f'&value={number}&digest=wait')
    want = blake2b(struct.pack('<f', number) * count)
    expect(fields['Sow-Digest'] == f'blake2b-256={want}',
           f'{count} times {number}: wrong digest')


def matrices(mix, dice):
    """Those that are made as a whole: as orthogonal as they claim."""
    n = dice.randrange(2, max(4, int(100 * mix.size)))
    seed = dice.choice((dice.randrange(4), dice.getrandbits(40)))
    data, fields = mix.ask('GET', f'/v1/weights?shape={n},{n}&dtype=float64'
                           f'&scheme=orthogonal&seed={seed}')
    matrix = np.frombuffer(data).reshape(n, n)
    expect(np.abs(matrix @ matrix.T - np.eye(n)).max() < 1e-12,
           f'{n} rows of seed {seed} are not orthogonal')
    expect(fields['Sow-Digest'] == f'blake2b-256={blake2b(data)}',
           'wrong digest')


def numpys_own(mix, dice):
    seed, count = dice.getrandbits(30), mix.elements(dice, 1 << 18)
    data, _ = mix.ask('GET', NUMPY.format(count, seed))
    want = np.random.default_rng(seed).standard_normal(count, np.float32)
    expect(data == want.tobytes(), f'seed {seed}: not what NumPy draws')


def analyses(mix, dice):
    """The same question has the same answer."""
    body = dice.choice(ANALYSES)
    answer, _ = mix.ask('POST', '/v1/analysis', body)
    want = mix.once(str(body), lambda: answer)
    expect(answer == want, f'{body}: another answer than before')


def hub(mix, dice):
    """What the Hub's clients do, with the digests of the tree."""
    revision = f'seed-{dice.randrange(30)}'
    tree, _ = mix.ask('GET', f'/api/models/{HUB}/tree/{revision}')
    listed = {row['path']: row['lfs']['oid'] for row in json.loads(tree)}
    for name in FILES:
        path = f'/{HUB}/resolve/{revision}/{name}'
        _, head = mix.ask('HEAD', path)
        expect(len(head['X-Repo-Commit']) == 40, f'{path}: no commit')
        data, _ = mix.ask('GET', path)
        expect(hashlib.sha256(data).hexdigest() == listed[name],
               f'{path}: wrong bytes')
        part, _ = mix.ask('GET', path, status=206, Range='bytes=7-')
        expect(part == data[7:], f'{path}: wrong range')


def recipes(mix, dice):
    """Stored, read back in two ways, forgotten.  A name has always the same
    document: the daemon keeps up to 256 MiB of what it knows of others."""
    name = f'soak/r{dice.number}-{dice.randrange(5)}'
    dice = random.Random(name)
    note = '%x' % dice.getrandbits(4 * dice.randrange(1, 20000))
    body = {'scheme': 'he_normal', 'files': {'note.txt': note}, 'layers': [
        {'name': f'l{i}', 'shape': [i + 1, 3]}
        for i in range(dice.randrange(1, 50))]}
    mix.ask('DELETE', f'/v1/recipes/{name}', status=404)
    mix.ask('PUT', f'/v1/recipes/{name}', body, 201)
    data, _ = mix.ask('GET', f'/v1/recipes/{name}')
    expect(json.loads(data) == body, f'{name}: not what was stored')
    data, _ = mix.ask('GET', f'/{name}/resolve/main/note.txt')
    expect(data == note.encode(), f'{name}: another note')
    data, _ = mix.ask('GET', f'/{name}/resolve/seed-3/model.safetensors')
    want = sow1.tensor('he_normal', (1, 3), 3, 'l0')
    expect(split(data)['l0'] == want, f'{name}: wrong bytes')
    mix.ask('DELETE', f'/v1/recipes/{name}', status=204)


def looks(mix, dice):
    """What people and probes ask for, by one connection."""
    with mix.connect() as link:
        for target in ['/healthz', '/readyz', '/v1/version', '/v1/schemes',
                       '/openapi.json', '/v1/recipes', '/v1/generators']:
            link.sendall(load.request_head(target))
            status, body = load.read_answer(link)
            expect(status == 200 and body, f'{target}: status {status}')
    mix.ask('GET', '/metrics')
    mix.ask('GET', '/', Accept='text/html')


# ---- others ----------------------------------------------------------------

def hostile_heads(mix, dice):
    """Refused or hung up on, but not waited for."""
    head = dice.choice(GARBAGE) if dice.random() < 0.5 else \
        dice.randbytes(dice.randrange(1, 500)) + b'\r\n\r\n'
    with mix.connect() as link:
        try:
            link.sendall(head)
            link.shutdown(socket.SHUT_WR)
            said = link.recv(1 << 16)
        except OSError as problem:
            # Hung up on: also before it has shut its side.
            expect(not isinstance(problem, TimeoutError), f'{head[:80]!r}')
            return
    expect(said == b'' or said[9:10] in (b'4', b'5') or
           said.startswith(b'HTTP/1.1 200'), f'{head[:80]!r}: {said[:80]!r}')


def hostile_names(mix, dice):
    part = dice.choice(test_hostile.PARTS)
    target = dice.choice(list(test_hostile.targets_of(part)))
    answer = test_hostile.raw(mix.url, test_hostile.request_line(
        target.encode()))
    expect(answer and answer.status in (400, 404, 405, 414, 422),
           f'{target}: {answer and answer.status}')


def hostile_bodies(mix, dice):
    body = dice.choice(BAD_BODIES).encode()
    answer = test_hostile.ask(mix.url, 'POST', '/v1/weights', body)
    expect(answer.status in (400, 413, 422),
           f'{body[:80]}: status {answer.status}')


def leavers(mix, dice):
    """They ask for much, or begin to, and are gone."""
    count = int((1 << 30) * mix.size)
    begin = dice.choice([
        load.request_head(f'/v1/weights?shape={count}&scheme=normal'
                          '&digest=off'),
        load.request_head(f'/v1/weights?shape={count}&scheme=uniform'
                          f'&digest=wait&seed={dice.getrandbits(40)}'),
        load.request_head(f'/v1/weights?shape={int(1000 * mix.size)},1000'
                          f'&scheme=orthogonal&seed={dice.getrandbits(40)}'),
        load.request_head('/v1/weights', 'POST', 'Content-Length: 90000\r\n'
                          'Content-Type: application/json\r\n') + b'{' * 5000,
        load.request_head('/v1/weights?shape=9')[:30]])
    with mix.connect() as link:
        link.sendall(begin)
        link.settimeout(0.2)
        try:
            for _ in range(dice.randrange(20)):
                link.recv(dice.randrange(1, 100000))
        except TimeoutError:
            pass
        if dice.random() < 0.5:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack('ii', 1, 0))


def slow_readers(mix, dice):
    """Slow, but not so slow that they are cut off; all of it is right."""
    seed, count = dice.randrange(4), int(MIB * mix.size)
    target = f'/v1/weights?shape={count}&scheme=uniform&seed={seed}'
    body = bytearray()
    with mix.connect() as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        link.sendall(load.request_head(target, fields='Connection: close\r\n'))
        while piece := link.recv(1 << 16):
            body += piece
            time.sleep(0.03)
    head, _, body = bytes(body).partition(b'\r\n\r\n')
    expect(len(body) == 4 * count and blake2b(body).encode() in head,
           f'{target}: wrong bytes for a slow reader')


KINDS = [(random_tensors, 20), (large_tensors, 6), (known_formats, 12),
         (many_layers, 6), (digests, 6), (matrices, 5), (numpys_own, 5),
         (analyses, 4), (hub, 4), (recipes, 6), (looks, 3),
         (hostile_heads, 8), (hostile_names, 8), (hostile_bodies, 4),
         (leavers, 8), (slow_readers, 3)]
