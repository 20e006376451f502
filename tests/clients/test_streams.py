# SPDX-License-Identifier: MIT
"""Large bodies side by side: the same bytes whoever makes them ahead."""
import hashlib
import http.client
import pathlib
import threading

import daemon
import tally

MIB = 1 << 20
ALONE = ('--read-ahead', '0')
CLIENTS = 64

# 40 MiB each, in the ways that bodies are put together.
LARGE = '/v1/weights?digest=off&shape=10240,1024&scheme='
TARGETS = [LARGE + 'he_normal', LARGE + 'uniform&format=npy',
           LARGE + 'truncated_normal&format=safetensors',
           LARGE + 'normal&dtype=bfloat16&generator=sow1']
RANGES = [None, 'bytes=1-', 'bytes=131071-30000001', 'bytes=-20000003']


def get(url, target, part=None, most=None):
    """The SHA-256 of a body and its size; of 'most' bytes, then leave."""
    connection = http.client.HTTPConnection(url.host, url.port, timeout=120)
    connection.request('GET', target, headers={'Range': part} if part else {})
    answer = connection.getresponse()
    digest, size = hashlib.sha256(), 0
    while piece := answer.read(MIB):
        digest.update(piece)
        size += len(piece)
        if most and size >= most:
            break
    connection.close()
    return digest.hexdigest(), size


def at_once(tasks):
    """What functions return that run side by side."""
    results = [None] * len(tasks)

    def run(i):
        results[i] = tasks[i]()

    threads = [threading.Thread(target=run, args=(i,))
               for i in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def peak(url):
    """The most memory that was resident, in bytes; 0 under a sanitizer."""
    if daemon.instrumented(url):
        return 0
    status = pathlib.Path(f'/proc/{url.pid}/status').read_text()
    return int(status.split('VmHWM:')[1].split()[0]) * 1024


def test_the_bytes_are_the_same():
    wanted = {}
    with daemon.running(*ALONE) as url:
        for target in TARGETS:
            for part in RANGES:
                wanted[target, part] = get(url, target, part)
    with daemon.running('--read-ahead', '3') as url:
        for target, part in wanted:
            tally.equal(f'{target} {part} alone', get(url, target, part),
                        wanted[target, part])
        keys = list(wanted)
        got = at_once([lambda key=key: get(url, *key) for key in keys])
        for key, result in zip(keys, got):
            tally.equal(f'{key} beside others', result, wanted[key])


def test_who_leaves_disturbs_nobody():
    with daemon.running() as url:
        wanted = get(url, TARGETS[0])
        for most in (1, 5 * MIB, 20 * MIB):
            got = at_once(
                [lambda: get(url, TARGETS[0])] +
                [lambda: get(url, TARGETS[1], None, most)] * 8)
            tally.equal(f'beside those who leave after {most} bytes', got[0],
                        wanted)


def test_many_clients_take_little_memory():
    target = '/v1/weights?digest=off&shape=25000000000&scheme=he_normal'
    with daemon.running() as url:
        at_once([lambda: get(url, target, None, 16 * MIB)] * CLIENTS)
        most = peak(url)
    tally.check(f'{CLIENTS} clients take less than 64 MiB and one for each',
                most < (64 + CLIENTS) * MIB, most)


for check in (test_the_bytes_are_the_same, test_who_leaves_disturbs_nobody,
              test_many_clients_take_little_memory):
    tally.run(check)
tally.finish()
