#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The daemon as somebody with a shell meets it: curl, b2sum, a file."""
import base64
import hashlib
import json
import pathlib
import struct
import subprocess
import tempfile
import time

import daemon
import tally

MIB = 1 << 20

# Resident memory, whatever is being sent.
MEMORY = 64 * MIB

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
    path.unlink()
    done = shell.curl(target, '-m', '1', '--limit-rate', '8M',
                      '-o', 'part.bin')
    cut = path.stat().st_size
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
            each.pop('date')
        fields.pop('transfer-encoding', None)
        head[1].pop('transfer-encoding', None)
        tally.equal(f'-I {target} has the head of GET',
                    (head[0], head[1]), (status, fields))


def head_of_a_giant_is_at_once(shell):
    start = time.monotonic()
    status, fields, body = shell.fetch(
        '/v1/weights?shape=5000000,5000000&scheme=he_normal', '-I')
    seconds = time.monotonic() - start
    tally.equal('a tensor of 100 TB has its size',
                (status, fields['content-length']), (200, '100000000000000'))
    tally.check('it takes no time', seconds < 1, f'{seconds:.3f} s')
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
    status, fields, body = shell.fetch('/v1/weights', '-X', 'POST',
                                       '-T', 'huge.json')
    tally.equal('1 GiB that is declared is 413',
                (status, json.loads(body)['code']), (413, 'BODY_TOO_LARGE'))
    done = shell.curl('/v1/weights', '-X', 'POST', '-T', 'huge.json',
                      '-H', 'Transfer-Encoding: chunked', '-H', 'Expect:',
                      '-o', 'body', '-w', '%{http_code}')
    tally.check('1 GiB that is chunked is answered or cut off',
                done.stdout == b'413' or done.returncode in (52, 55, 56),
                (done.returncode, done.stdout))
    tally.check('nothing of it is kept', memory(shell.url, 'VmHWM') < MEMORY
                or sanitized(shell.url))
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


def sanitized(url):
    """A sanitizer's own memory is not the daemon's."""
    maps = pathlib.Path(f'/proc/{url.pid}/maps').read_text()
    return 'libasan' in maps or 'libtsan' in maps


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
    if sanitized(shell.url):
        print('memory: not measured under a sanitizer')
        return
    tally.check('resident memory stays under 64 MiB meanwhile', most < MEMORY,
                most)
    peak = memory(shell.url, 'VmHWM')
    tally.check('and so does its peak', peak < MEMORY, peak)


# ----------------------------------------------------------------------------
# Engines

def digests_of(engine):
    """What an engine gives, or None where the CPU lacks it."""
    flags = pathlib.Path('/proc/cpuinfo').read_text()
    if engine != 'portable' and f' {engine} ' not in flags:
        return None
    digests = {}
    with tempfile.TemporaryDirectory() as directory, \
            daemon.running('--engine', engine) as url:
        shell = Shell(directory, url)
        version = json.loads(shell.fetch('/v1/version')[2])
        tally.equal(f'/v1/version names {engine}', version['engine'], engine)
        for scheme in json.loads(shell.fetch('/v1/schemes')[2])['schemes']:
            for dtype in ['float32', 'float64', 'bfloat16']:
                target = f'{scheme["example"]}&dtype={dtype}'
                status, fields, body = shell.fetch(target)
                shell.file('raw').write_bytes(body)
                digests[target] = shell.b2sum('raw')
                tally.equal(f'{target} has the digest of its bytes',
                            fields['sow-digest'],
                            'blake2b-256=' + digests[target])
    return digests


def engines_agree():
    portable, avx2 = digests_of('portable'), digests_of('avx2')
    if avx2 is None:
        print('engine missing: avx2 (not on this CPU)')
        return
    tally.equal('both engines know the same schemes', avx2.keys(),
                portable.keys())
    for target, digest in portable.items():
        tally.equal(f'{target} is the same by avx2', avx2[target], digest)


def session(tests, *options):
    with tempfile.TemporaryDirectory() as directory, \
            daemon.running(*options) as url:
        for test in tests:
            tally.run(test, Shell(directory, url))


def main():
    session([
        giants_need_no_memory, saved_file_has_the_digest, ranges_are_parts,
        cut_downloads_resume, head_is_get_without_body,
        head_of_a_giant_is_at_once, known_etag_is_304,
        compression_is_not_needed, connections_are_kept,
        json_numbers_are_the_raw_bits, tensors_together_are_the_tensors_alone,
        order_of_layers_does_not_matter, uploads_may_be_chunked,
        errors_end_curl_with_22,
    ])
    session([uploads_over_the_cap_are_413], '--max-body-bytes', '10000')
    tally.run(engines_agree)


if __name__ == '__main__':
    tally.run(main)
    tally.finish()
