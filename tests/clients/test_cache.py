#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What --cache DIR keeps: digests that the next daemon knows at once."""
import base64
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import urllib.request

import daemon
import tally

# 80 MB: more than digest=auto hashes.
LARGE = '/v1/weights?shape=20000,1000&scheme=he_normal&seed=42'
WANT = {'Want-Repr-Digest': 'sha-256=1'}

LAYERS = 3000
MODEL = {'scheme': 'normal', 'format': 'manifest', 'layers': [
    {'name': f'layer.{i}', 'shape': [40, 100]} for i in range(LAYERS)]}
TENSOR_BYTES = 40 * 100 * 4


def ask(url, method='GET', data=None, headers=()):
    """The answer's fields and its body."""
    request = urllib.request.Request(url, data, dict(headers), method=method)
    if data is not None:
        request.add_header('Content-Type', 'application/json')
    with urllib.request.urlopen(request) as answer:
        return answer.headers, answer.read()


def manifest(url, digest):
    """The digests of MODEL's tensors, in its order; None where not told."""
    data = json.dumps(MODEL | {'digest': digest}).encode()
    _, body = ask(url + '/v1/weights', 'POST', data)
    return [tensor['digest'] for tensor in json.loads(body)['tensors']]


def digests_outlast_a_restart(folder):
    with daemon.running('--cache', folder) as url:
        head, _ = ask(url + LARGE, 'HEAD')
        tally.equal('a new cache knows nothing', head['Sow-Digest'], None)
        head, body = ask(url + LARGE + '&digest=wait', headers=WANT)
    sha256 = base64.b64encode(hashlib.sha256(body).digest()).decode()
    blake2b = hashlib.blake2b(body, digest_size=32).hexdigest()
    tally.equal('Repr-Digest is the SHA-256 of the body', head['Repr-Digest'],
                f'sha-256=:{sha256}:')
    tally.equal('Sow-Digest is the BLAKE2b-256 of the body',
                head['Sow-Digest'], f'blake2b-256={blake2b}')
    # A daemon that may hash nothing can only remember.
    with daemon.running('--cache', folder, '--digest-max-bytes', '0') as url:
        again, _ = ask(url + LARGE, 'HEAD')
        tally.equal('Sow-Digest outlasts a restart', again['Sow-Digest'],
                    head['Sow-Digest'])
        again, _ = ask(url + LARGE + '&digest=wait', 'HEAD', headers=WANT)
        tally.equal('Repr-Digest outlasts a restart', again['Repr-Digest'],
                    head['Repr-Digest'])


def files_of_a_repository_outlast_a_restart(folder):
    path = '/init/tiny-gpt2/resolve/main/model.safetensors'
    with daemon.running('--cache', folder) as url:
        head, _ = ask(url + path, 'HEAD')
        tally.equal('a file that was not hashed has no digest',
                    head['Repr-Digest'], None)
        _, body = ask(url + path)
        _, tree = ask(url + '/api/models/init/tiny-gpt2/tree/main')
    sha256 = hashlib.sha256(body).digest()
    listed = {file['path']: file.get('lfs', {}).get('oid')
              for file in json.loads(tree)}
    tally.equal('the tree lists the SHA-256 of the file',
                listed['model.safetensors'], sha256.hex())
    with daemon.running('--cache', folder) as url:
        head, _ = ask(url + path, 'HEAD')
        tally.equal('the SHA-256 of a file outlasts a restart',
                    head['Repr-Digest'],
                    f'sha-256=:{base64.b64encode(sha256).decode()}:')


def a_killed_daemon_leaves_nothing_wrong(folder):
    """Whenever it is killed, what is remembered is right."""
    for delay in (0.02, 0.05, 0.1):
        with contextlib.suppress(AssertionError, OSError,
                                 http.client.HTTPException), \
                daemon.running('--cache', folder) as url:
            timer = threading.Timer(delay, os.kill, (url.pid, signal.SIGKILL))
            timer.start()
            try:
                manifest(url, 'wait')
            finally:
                timer.join()
        with daemon.running('--cache', folder) as url:
            known = manifest(url, 'auto')
            _, body = ask(url + '/v1/weights?format=raw', 'POST', json.dumps(
                {key: MODEL[key] for key in ('scheme', 'layers')}).encode())
        wrong = [
            i for i, digest in enumerate(known) if digest is not None
            and digest != 'blake2b-256:' + hashlib.blake2b(
                body[i * TENSOR_BYTES:(i + 1) * TENSOR_BYTES],
                digest_size=32).hexdigest()]
        tally.equal(f'after {delay} s all digests are right', wrong, [])
    with daemon.running('--cache', folder) as url:
        told = manifest(url, 'wait')
    with daemon.running('--cache', folder) as url:
        tally.check('in the end all are remembered',
                    manifest(url, 'auto') == told and None not in told)


def daemons_share_a_cache(folder):
    """Two at a time: what either computed a third one knows."""
    target = '/v1/weights?shape=300,300&scheme=normal&digest=wait&seed='
    told = {}
    with daemon.running('--cache', folder) as one, \
            daemon.running('--cache', folder) as other:
        for seed in range(40):
            url = one if seed % 2 else other
            told[seed] = ask(f'{url}{target}{seed}', 'HEAD')[0]['Sow-Digest']
    with daemon.running('--cache', folder, '--digest-max-bytes', '0') as url:
        known = {seed: ask(f'{url}{target}{seed}'.replace('wait', 'auto'),
                           'HEAD')[0]['Sow-Digest'] for seed in told}
    tally.equal('a third daemon knows what two computed', known, told)


def an_unusable_cache_is_a_bad_option(folder):
    file = pathlib.Path(folder) / 'file'
    file.touch()
    for cache in (str(file), f'{file}/below', f'{folder}/no/parent', ''):
        done = subprocess.run(
            [daemon.ROOT / daemon.PROGRAM, '--listen', '127.0.0.1:0',
             '--log-level', 'error', '--cache', cache],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=daemon.START)
        tally.equal(f'--cache {cache!r} ends with status 2', done.returncode,
                    2)
        tally.check(f'--cache {cache!r} is told in one line',
                    done.stderr.count('\n') == 1 and cache in done.stderr
                    and '--cache' in done.stderr, repr(done.stderr))


def main():
    for test in (digests_outlast_a_restart,
                 files_of_a_repository_outlast_a_restart,
                 a_killed_daemon_leaves_nothing_wrong, daemons_share_a_cache,
                 an_unusable_cache_is_a_bad_option):
        with tempfile.TemporaryDirectory() as folder:
            tally.run(test, folder)


if __name__ == '__main__':
    tally.run(main)
    tally.finish()
