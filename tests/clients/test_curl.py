#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Runs alone: it measures time.
"""The daemon as somebody with a shell meets it: curl, b2sum, a file."""
import base64
import hashlib
import json
import os
import pathlib
import socket
import struct
import subprocess
import tempfile
import time
import urllib.parse

import daemon
import tally

MIB = 1 << 20

# Resident memory, whatever is being sent.
MEMORY = 64 * MIB

# Seconds for what should be at once, instead of minutes and more.
SOON = 20

# What is read of a tensor of 100 GB.
SOME = 2_000_000_000

WEIGHTS = '/v1/weights?shape=512,256&scheme=he_normal&seed=42'

MODEL = {'seed': 7, 'scheme': 'he_normal', 'layers': [
    {'name': 'fc1.weight', 'shape': [300, 100]},
    {'name': 'fc1.bias', 'shape': [300], 'scheme': 'zeros'},
    {'name': 'empty', 'shape': [0, 5]},
    {'name': 'fc2.weight', 'shape': [17, 300], 'dtype': 'bfloat16',
     'scheme': 'xavier_uniform', 'seed': '0xffffffffffffffff'},
    {'name': 'größe', 'shape': [3], 'dtype': 'float8_e5m2',
     'scheme': {'name': 'normal', 'std': 0.02}}]}


class Shell:
    """curl in a directory of its own."""

    def __init__(self, directory, url):
        self.directory = pathlib.Path(directory)
        self.url = url

    def file(self, name):
        return self.directory / name

    def run(self, *words, **options):
        return subprocess.run(words, cwd=self.directory, capture_output=True,
                              timeout=300, **options)

    def curl(self, target, *options, **more):
        """Run curl; its exit status and what it wrote are in the result."""
        return self.run('curl', '-sS', *options, self.url + target, **more)

    def fetch(self, target, *options, **more):
        """An answer as status, fields (lower case) and body."""
        self.file('body').write_bytes(b'')
        done = self.curl(target, '-D', 'head', '-o', 'body', *options, **more)
        if done.returncode != 0:
            raise AssertionError(f'curl {target} {options} ended with '
                                 f'{done.returncode}: {done.stderr.decode()}')
        heads = self.file('head').read_text().strip().split('\n\n')
        first, *lines = heads[-1].splitlines()
        fields = dict(line.split(': ', 1) for line in lines)
        return (int(first.split()[1]),
                {name.lower(): value for name, value in fields.items()},
                self.file('body').read_bytes())

    def b2sum(self, name):
        done = self.run('b2sum', '-l', '256', name, check=True)
        return done.stdout.decode().split()[0]


# ----------------------------------------------------------------------------
# One tensor

def saved_file_has_the_digest(shell):
    status, fields, body = shell.fetch(WEIGHTS)
    tally.equal('a tensor is 200', status, 200)
    tally.equal('its length is that of its bytes', len(body), 512 * 256 * 4)
    shell.curl(WEIGHTS, '-o', 'w.bin')
    tally.equal('-o saves the same', shell.file('w.bin').read_bytes(), body)
    tally.equal('b2sum -l 256 prints Sow-Digest',
                'blake2b-256=' + shell.b2sum('w.bin'), fields['sow-digest'])
    tally.check('the bytes are not all the same', len(set(body)) > 200)
    status, fields, body = shell.fetch(WEIGHTS, '-H',
                                       'Want-Repr-Digest: sha-256=5')
    sha256 = base64.b64encode(hashlib.sha256(body).digest()).decode()
    tally.equal('Repr-Digest is the SHA-256', fields['repr-digest'],
                f'sha-256=:{sha256}:')


def ranges_are_parts(shell):
    status, fields, whole = shell.fetch(WEIGHTS)
    size = len(whole)
    for text, part in [('0-0', whole[:1]), ('1-', whole[1:]),
                       ('1-2', whole[1:3]), ('-5', whole[-5:]),
                       ('4095-4098', whole[4095:4099]),
                       ('524000-99999999', whole[524000:]),
                       ('-99999999', whole)]:
        status, fields, body = shell.fetch(WEIGHTS, '-r', text)
        first = size - len(part) if text[0] == '-' else int(
            text.partition('-')[0])
        tally.check(f'-r {text} is that part', body == part)
        tally.equal(f'-r {text} is 206 and says which',
                    (status, fields['content-range']),
                    (206, f'bytes {first}-{first + len(part) - 1}/{size}'))
    for text in ['524288-', '-0']:
        status, fields, body = shell.fetch(WEIGHTS, '-r', text)
        tally.equal(f'-r {text} is 416', (status, fields['content-range']),
                    (416, f'bytes */{size}'))
    status, fields, body = shell.fetch(WEIGHTS, '-r', '0-1,4-5')
    tally.equal('several ranges are the whole', (status, body == whole),
                (200, True))


def cut_downloads_resume(shell):
    target = '/v1/weights?shape=7500000&scheme=normal&seed=3'
    status, fields, whole = shell.fetch(target)
    path = shell.file('part.bin')
    for size in [0, 1, 12_345_677, 29_999_999]:
        path.write_bytes(whole[:size])
        done = shell.curl(target, '-C', '-', '-o', 'part.bin')
        tally.equal(f'-C - after {size} bytes succeeds', done.returncode, 0)
        tally.check(f'-C - after {size} bytes gives the whole',
                    path.read_bytes() == whole)
    for _ in range(5):  # the second may pass before the first byte
        path.write_bytes(b'')
        done = shell.curl(target, '-m', '1', '--limit-rate', '8M',
                          '-o', 'part.bin')
        cut = path.stat().st_size
        if cut > 0:
            break
    tally.equal('a slow download times out', done.returncode, 28)
    tally.check('it was cut', 0 < cut < len(whole), cut)
    shell.curl(target, '-C', '-', '-o', 'part.bin')
    tally.equal('resumed it has the digest',
                'blake2b-256=' + shell.b2sum('part.bin'),
                fields['sow-digest'])


def head_is_get_without_body(shell):
    for target in [WEIGHTS, WEIGHTS + '&format=json', '/v1/version',
                   '/v1/weights?shape=0&scheme=zeros', '/v2',
                   '/v1/weights?shape=2']:
        status, fields, body = shell.fetch(target)
        head = shell.fetch(target, '-I')
        for each in (fields, head[1]):
            for own in ('date', 'x-request-id', 'server-timing'):
                each.pop(own)
        # Without a length and without chunks the connection has to end.
        if fields.pop('transfer-encoding', None):
            fields['connection'] = 'close'
        tally.equal(f'-I {target} has the head of GET',
                    (head[0], head[1]), (status, fields))


def nothing_follows_a_head(shell):
    """Not even the end of chunks: a client would take it for an answer."""
    url = urllib.parse.urlsplit(shell.url)
    for target in [WEIGHTS, WEIGHTS + '&format=json']:
        for method, more in [('HEAD', ''), ('GET', 'If-None-Match: *\r\n')]:
            with socket.create_connection((url.hostname, url.port)) as peer:
                peer.sendall(f'{method} {target} HTTP/1.1\r\nHost: a\r\n'
                             f'{more}Connection: close\r\n\r\n'.encode())
                said = peer.makefile('rb').read()
            tally.equal(f'{method} {target} {more}ends with its head',
                        said.partition(b'\r\n\r\n')[2], b'')


def head_of_a_giant_is_at_once(shell):
    start = time.monotonic()
    status, fields, body = shell.fetch(
        '/v1/weights?shape=5000000,5000000&scheme=he_normal', '-I')
    seconds = time.monotonic() - start
    tally.equal('a tensor of 100 TB has its size',
                (status, fields['content-length']), (200, '100000000000000'))
    tally.check('it takes no time', seconds < SOON, f'{seconds:.3f} s')
    tail = '/v1/weights?shape=5000000,5000000&scheme=he_normal'
    status, fields, body = shell.fetch(tail, '-r', '-16')
    tally.equal('its last bytes come alone', (status, len(body)), (206, 16))


def known_etag_is_304(shell):
    status, fields, body = shell.fetch(WEIGHTS)
    etag = fields['etag']
    for value in [etag, 'W/' + etag, f'"x", {etag}', '*']:
        status, again, body = shell.fetch(WEIGHTS, '-H',
                                          'If-None-Match: ' + value)
        tally.equal(f'If-None-Match: {value:.10} is 304',
                    (status, body, again['etag']), (304, b'', etag))
    status, again, body = shell.fetch(WEIGHTS, '-H', 'If-None-Match: "x"')
    tally.equal('another ETag is 200', status, 200)
    shell.curl(WEIGHTS, '--etag-save', 'etag', '-o', 'w.bin')
    status, again, body = shell.fetch(WEIGHTS, '--etag-compare', 'etag')
    tally.equal('--etag-save and --etag-compare work', status, 304)
    other = shell.fetch(WEIGHTS.replace('42', '43'))
    tally.check('another seed has another ETag', other[1]['etag'] != etag)


def compression_is_not_needed(shell):
    status, plain, whole = shell.fetch(WEIGHTS)
    status, fields, body = shell.fetch(WEIGHTS, '--compressed')
    tally.equal('--compressed changes nothing',
                (status, body == whole, fields.get('content-encoding'),
                 fields['etag']), (200, True, None, plain['etag']))


def connections_are_kept(shell):
    for target in [WEIGHTS, WEIGHTS + '&format=json', '/v1/schemes/x']:
        url = shell.url + target
        done = shell.run('curl', '-sS', '-w', '%{stderr}%{num_connects} ',
                         '-o', 'a', url, '-o', 'b', url, '-o', 'c', url)
        tally.equal(f'three of {target} need one connection',
                    done.stderr.decode().split(), ['1', '0', '0'])


# ----------------------------------------------------------------------------
# Numbers

def float8_e4m3fn(byte):
    sign = -1.0 if byte & 0x80 else 1.0
    exponent, fraction = byte >> 3 & 15, byte & 7
    if exponent == 0:
        return sign * fraction * 2.0 ** -9
    return sign * (8 + fraction) * 2.0 ** (exponent - 10)


def widened(dtype, raw):
    """The values of raw bytes, as bit patterns of what can hold them."""
    if dtype == 'float64':
        return [raw[i:i + 8] for i in range(0, len(raw), 8)]
    if dtype == 'float32':
        return [raw[i:i + 4] for i in range(0, len(raw), 4)]
    if dtype == 'bfloat16':
        return [b'\0\0' + raw[i:i + 2] for i in range(0, len(raw), 2)]
    if dtype == 'float16':
        values = struct.unpack(f'<{len(raw) // 2}e', raw)
    if dtype == 'float8_e5m2':
        values = [struct.unpack('<e', bytes([0, byte]))[0] for byte in raw]
    if dtype == 'float8_e4m3fn':
        values = [float8_e4m3fn(byte) for byte in raw]
    return [struct.pack('<f', value) for value in values]


def flat(data):
    if not isinstance(data, list):
        return [data]
    return [value for part in data for value in flat(part)]


def json_numbers_are_the_raw_bits(shell):
    for dtype in ['float32', 'float64', 'float16', 'bfloat16',
                  'float8_e4m3fn', 'float8_e5m2']:
        for scheme in ['he_normal', 'xavier_uniform', 'truncated_normal',
                       'normal&mean=1e-6&std=1e-3', 'eye',
                       'constant&value=-0.0']:
            target = f'/v1/weights?shape=61,67&scheme={scheme}&dtype={dtype}'
            status, fields, raw = shell.fetch(target)
            status, fields, text = shell.fetch(target + '&format=json')
            tensor = json.loads(text)['tensors'][0]
            pack = '<d' if dtype == 'float64' else '<f'
            bits = [struct.pack(pack, value)
                    for value in flat(tensor['data'])]
            tally.check(f'JSON of {scheme} in {dtype} has the bits of raw',
                        bits == widened(dtype, raw))
            shell.file('raw').write_bytes(raw)
            digest = shell.b2sum('raw')
            tally.equal(f'JSON of {scheme} in {dtype} has raw\'s digest',
                        (tensor['digest'], fields['sow-digest']),
                        ('blake2b-256:' + digest, 'blake2b-256=' + digest))


# ----------------------------------------------------------------------------
# Many tensors

def single_target(layer):
    """The query that asks for a layer of MODEL alone."""
    scheme = layer.get('scheme', MODEL['scheme'])
    if isinstance(scheme, dict):
        scheme = scheme['name'] + ''.join(
            f'&{key}={value}' for key, value in scheme.items()
            if key != 'name')
    shape = ','.join(map(str, layer['shape']))
    return (f'/v1/weights?shape={shape}&scheme={scheme}'
            f'&seed={layer.get("seed", MODEL["seed"])}'
            f'&dtype={layer.get("dtype", "float32")}')


def tensors_together_are_the_tensors_alone(shell):
    model = json.dumps(MODEL)
    status, fields, raw = shell.fetch('/v1/weights?format=raw',
                                      '--json', model)
    tally.equal('many tensors are 200', status, 200)
    status, fields, text = shell.fetch('/v1/weights?format=manifest'
                                       '&digest=wait', '--json', model)
    entries = json.loads(text)['tensors']
    together = b''
    for layer, entry in zip(MODEL['layers'], entries, strict=True):
        name = layer['name']
        status, fields, body = shell.fetch(
            single_target(layer), '-G', '--data-urlencode', 'name=' + name)
        tally.equal(f'{name} alone has the digest of the manifest',
                    fields['sow-digest'].replace('=', ':'), entry['digest'])
        tally.equal(f'{name} lies where the manifest says',
                    (entry['offset'], entry['bytes']),
                    (len(together), len(body)))
        together += body
    tally.check('together they are one after another', raw == together)
    status, fields, text = shell.fetch('/v1/weights', '--json', model)
    got = json.loads(text)['tensors']
    tally.equal('JSON says what the manifest says', [
        {key: value for key, value in entry.items() if key != 'data'}
        for entry in got], entries)
    accept = shell.fetch('/v1/weights', '--json', model,
                         '-H', 'Accept: application/octet-stream')
    tally.check('Accept chooses raw', accept[2] == raw)


def order_of_layers_does_not_matter(shell):
    back = dict(MODEL, layers=MODEL['layers'][::-1])
    digests = [{entry['name']: entry['digest'] for entry in json.loads(
        shell.fetch('/v1/weights?format=manifest&digest=wait',
                    '--json', json.dumps(model))[2])['tensors']}
        for model in (MODEL, back)]
    tally.equal('named layers in another order are the same', *digests)


def uploads_may_be_chunked(shell):
    shell.file('model.json').write_text(json.dumps(MODEL))
    status, fields, declared = shell.fetch('/v1/weights',
                                           '--json', '@model.json')
    status, fields, chunked = shell.fetch(
        '/v1/weights', '--json', '@model.json',
        '-H', 'Transfer-Encoding: chunked')
    tally.equal('a chunked upload gives the same', (status, chunked),
                (200, declared))
    with open(shell.file('model.json'), 'rb') as model:
        status, fields, piped = shell.fetch(
            '/v1/weights', '-X', 'POST', '-T', '-',
            '-H', 'Content-Type: application/json', stdin=model)
    tally.equal('and so does one from a pipe', (status, piped),
                (200, declared))


def uploads_over_the_cap_are_413(shell):
    """The daemon was started with --max-body-bytes 10000."""
    fits = json.dumps({'scheme': 'zeros', 'layers': [{'shape': [1]}]})
    for size, expected in [(10_000, 200), (10_001, 413), (79_000, 413)]:
        shell.file('big.json').write_text(fits.ljust(size))
        for how in [(), ('-H', 'Transfer-Encoding: chunked')]:
            status, fields, body = shell.fetch(
                '/v1/weights', '--json', '@big.json', *how)
            code = json.loads(body).get('code')
            tally.equal(f'{size} bytes {" ".join(how)} are {expected}',
                        (status, code), (expected, 'BODY_TOO_LARGE'
                                         if expected == 413 else None))
    with open(shell.file('huge.json'), 'wb') as file:
        file.truncate(1 << 30)
    status, fields, body = shell.fetch(
        '/v1/weights', '-X', 'POST', '-T', 'huge.json',
        '--expect100-timeout', '60')
    tally.equal('1 GiB that is declared is 413',
                (status, json.loads(body)['code']), (413, 'BODY_TOO_LARGE'))
    done = shell.curl('/v1/weights', '-X', 'POST', '-T', 'huge.json',
                      '-H', 'Transfer-Encoding: chunked', '-H', 'Expect:',
                      '-o', 'body', '-w', '%{http_code}')
    tally.check('1 GiB that is chunked is answered or cut off',
                done.stdout == b'413' or done.returncode in (52, 55, 56),
                (done.returncode, done.stdout))
    tally.check('nothing of it is kept', memory(shell.url, 'VmHWM') < MEMORY
                or daemon.instrumented(shell.url))
    tally.equal('the daemon lives on', shell.fetch('/healthz')[0], 200)


def errors_end_curl_with_22(shell):
    done = shell.curl('/v1/weights?shape=2', '-f')
    tally.equal('curl -f fails on a problem', done.returncode, 22)
    status, fields, body = shell.fetch('/v1/weights', '-d', '{}')
    tally.equal('a form is 415', status, 415)
    tally.check('and says what to do', b'curl --json' in body, body)


# ----------------------------------------------------------------------------
# Memory

def memory(url, field):
    """A line of /proc/PID/status, in bytes."""
    for line in pathlib.Path(f'/proc/{url.pid}/status').read_text().split(
            '\n'):
        if line.startswith(field + ':'):
            return int(line.split()[1]) * 1024
    raise AssertionError(f'no {field} in /proc')


def giants_need_no_memory(shell):
    target = '/v1/weights?shape=25000000000&scheme=normal'
    most = got = 0
    with subprocess.Popen(['curl', '-sN', shell.url + target],
                          stdout=subprocess.PIPE) as curl:
        while got < SOME and (piece := curl.stdout.read(16 * MIB)):
            got += len(piece)
            most = max(most, memory(shell.url, 'VmRSS'))
        curl.kill()
    tally.check('a tensor of 100 GB is sent', got >= SOME, got)
    if daemon.instrumented(shell.url):
        print('memory: not measured under a sanitizer')
        return
    tally.check('resident memory stays under 64 MiB meanwhile', most < MEMORY,
                most)
    peak = memory(shell.url, 'VmHWM')
    tally.check('and so does its peak', peak < MEMORY, peak)


# ----------------------------------------------------------------------------
# What must be made as a whole

MATRIX = '/v1/weights?scheme=orthogonal&shape='


def metric(shell, name):
    """What /metrics says."""
    for line in shell.fetch('/metrics')[2].decode().split('\n'):
        if line.startswith(name + ' '):
            return float(line.split()[1])
    raise AssertionError(f'no {name} in /metrics')


def matrices_are_made_once(shell):
    target = MATRIX + '512,512'
    misses = metric(shell, 'sow_cache_misses_total')
    status, fields, whole = shell.fetch(target)
    cost = metric(shell, 'sow_whole_flops_total')
    tally.equal('a matrix is 200', (status, len(whole)), (200, 512 * 512 * 4))
    shell.file('raw').write_bytes(whole)
    tally.equal('it has the digest of its bytes', fields['sow-digest'],
                'blake2b-256=' + shell.b2sum('raw'))
    start = time.monotonic()
    again = shell.fetch(target)
    seconds = time.monotonic() - start
    tally.check('the second time it is the same', again[2] == whole)
    tally.check('and quick', seconds < SOON, f'{seconds:.3f} s')
    for first, last in [(0, 3), (1001, 700_002), (1_048_575, 1_048_575)]:
        status, fields, body = shell.fetch(target, '-r', f'{first}-{last}')
        tally.equal(f'-r {first}-{last} is that part',
                    (status, body == whole[first:last + 1]), (206, True))
    tally.equal('making it once was enough',
                (metric(shell, 'sow_cache_misses_total'),
                 metric(shell, 'sow_whole_flops_total')), (misses + 1, cost))


def clients_share_a_matrix(shell):
    before = metric(shell, 'sow_cache_misses_total')
    url = shell.url + MATRIX + '1000,700&digest=off'
    clients = [subprocess.Popen(['curl', '-sS', '-o', f'm{i}', url],
                                cwd=shell.directory) for i in range(8)]
    tally.equal('eight clients get a matrix',
                [client.wait(60) for client in clients], [0] * 8)
    tally.equal('the same one',
                len({shell.file(f'm{i}').read_bytes() for i in range(8)}), 1)
    tally.equal('that was made once',
                metric(shell, 'sow_cache_misses_total') - before, 1)


def asking_about_a_matrix_costs_nothing(shell):
    before = metric(shell, 'sow_cache_misses_total')
    start = time.monotonic()
    for more in ['', '&digest=off', '&format=manifest']:
        head = shell.fetch(MATRIX + '8192,8192' + more, '-I')
        tally.equal(f'HEAD of a matrix {more} is 200', head[0], 200)
    status, fields, body = shell.fetch(MATRIX + '8192,8192', '-H',
                                       'If-None-Match: *')
    tally.equal('one that is known is 304', status, 304)
    seconds = time.monotonic() - start
    tally.check('at once', seconds < SOON, f'{seconds:.3f} s')
    tally.equal('none is made', metric(shell, 'sow_cache_misses_total'),
                before)


def matrices_together_are_the_matrices_alone(shell):
    model = {'scheme': 'orthogonal', 'format': 'raw', 'layers': [
        {'name': 'a', 'shape': [300, 200]}, {'name': 'b', 'shape': [20, 30]},
        {'name': 'c', 'shape': [128, 128], 'scheme': 'normal'},
        {'name': 'd', 'shape': [64, 500], 'dtype': 'bfloat16'}]}
    status, fields, body = shell.fetch('/v1/weights', '--json',
                                       json.dumps(model))
    alone = b''.join(shell.fetch(
        f'/v1/weights?name={layer["name"]}'
        f'&shape={",".join(map(str, layer["shape"]))}'
        f'&scheme={layer.get("scheme", "orthogonal")}'
        f'&dtype={layer.get("dtype", "float32")}')[2]
        for layer in model['layers'])
    tally.equal('several matrices are those alone',
                (status, body == alone), (200, True))


def too_large_a_matrix_is_refused_with_the_estimate(shell):
    for shape, code, words in [
            ('200000,200000', 'COST_LIMIT', ['1.07e+16', '--max-flops']),
            ('12000,12000', 'WHOLE_TOO_LARGE', ['--cache-bytes'])]:
        start = time.monotonic()
        status, fields, body = shell.fetch(MATRIX + shape)
        seconds = time.monotonic() - start
        problem = json.loads(body)
        tally.equal(f'{shape} is 422', (status, problem['code']), (422, code))
        tally.check(f'{shape} says why',
                    all(word in problem['detail'] for word in words),
                    problem['detail'])
        tally.check('at once', seconds < SOON, f'{seconds:.3f} s')


def processor_seconds(url):
    fields = pathlib.Path(f'/proc/{url.pid}/stat').read_text().split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf('SC_CLK_TCK')


def a_client_that_leaves_stops_the_work(shell):
    target = MATRIX + '10000,10000&dtype=float64&digest=off'
    with subprocess.Popen(['curl', '-s', '-o', 'giant', shell.url + target],
                          cwd=shell.directory) as curl:
        end = time.monotonic() + 30
        start = processor_seconds(shell.url)
        while (processor_seconds(shell.url) - start < 0.5
               and time.monotonic() < end):
            time.sleep(0.05)
        tally.equal('a matrix is being made',
                    metric(shell, 'sow_wholes_in_progress'), 1)
        curl.kill()
    end = time.monotonic() + 30
    while (metric(shell, 'sow_wholes_in_progress') > 0
           and time.monotonic() < end):
        time.sleep(0.05)
    tally.equal('it is dropped when its client leaves',
                metric(shell, 'sow_wholes_in_progress'), 0)
    start = processor_seconds(shell.url)
    time.sleep(1)
    tally.check('and the processor is idle',
                processor_seconds(shell.url) - start < 0.3,
                processor_seconds(shell.url) - start)


# ----------------------------------------------------------------------------
# Engines

def digests_of(engine):
    """What an engine gives, or None where the CPU lacks it."""
    flags = pathlib.Path('/proc/cpuinfo').read_text()
    if engine != 'portable' and f' {engine}' not in flags:
        return None
    digests = {}
    with tempfile.TemporaryDirectory() as directory, \
            daemon.running('--engine', engine) as url:
        shell = Shell(directory, url)
        version = json.loads(shell.fetch('/v1/version')[2])
        tally.equal(f'/v1/version names {engine}', version['engine'], engine)
        for scheme in json.loads(shell.fetch('/v1/schemes')[2])['schemes']:
            for dtype in ['float32', 'float64', 'bfloat16']:
                if not scheme['tags']['data_free']:
                    continue
                target = f'{scheme["example"]}&dtype={dtype}'
                status, fields, body = shell.fetch(target)
                shell.file('raw').write_bytes(body)
                digests[target] = shell.b2sum('raw')
                tally.equal(f'{target} has the digest of its bytes',
                            fields['sow-digest'],
                            'blake2b-256=' + digests[target])
    return digests


def engines_agree():
    portable = digests_of('portable')
    for engine in ['avx2', 'avx512']:
        digests = digests_of(engine)
        if digests is None:
            print(f'engine missing: {engine} (not on this CPU)')
            continue
        tally.equal(f'{engine} knows the same schemes', digests.keys(),
                    portable.keys())
        for target, digest in portable.items():
            tally.equal(f'{target} is the same by {engine}', digests[target],
                        digest)


def session(tests, *options):
    with tempfile.TemporaryDirectory() as directory, \
            daemon.running(*options) as url:
        for test in tests:
            tally.run(test, Shell(directory, url))


def main():
    session([
        giants_need_no_memory, saved_file_has_the_digest, ranges_are_parts,
        cut_downloads_resume, head_is_get_without_body,
        nothing_follows_a_head,
        head_of_a_giant_is_at_once, known_etag_is_304,
        compression_is_not_needed, connections_are_kept,
        json_numbers_are_the_raw_bits, tensors_together_are_the_tensors_alone,
        order_of_layers_does_not_matter, uploads_may_be_chunked,
        errors_end_curl_with_22,
    ])
    session([uploads_over_the_cap_are_413], '--max-body-bytes', '10000')
    session([
        matrices_are_made_once, clients_share_a_matrix,
        asking_about_a_matrix_costs_nothing,
        matrices_together_are_the_matrices_alone,
        too_large_a_matrix_is_refused_with_the_estimate,
        a_client_that_leaves_stops_the_work,
    ])
    tally.run(engines_agree)


if __name__ == '__main__':
    tally.run(main)
    tally.finish()
