# SPDX-License-Identifier: MIT
"""What goes over loopback, beside what else would bring the same bytes.

Usage: streams.py SOWD [--rounds N] [--bytes N] [--json FILE]

 - One stream of each engine, digest=off, beside nginx (one worker, sendfile)
   and `cat` of the file that nginx has, in memory: by curl, and by a reader
   that takes a MiB at a time and so leaves the sender nearly alone.
 - he_normal with its digest: computed first, remembered, and without.
 - 64 MiB of he_normal by curl, the process and all, beside torch, which is
   warm, making as many in the same memory again and again.
 - The memory of the daemon while many clients read a tensor of 100 GB.

In each round all take turns; what is told are the medians over the rounds, of
the ratios too.  Times are the wall clock's.
"""

import argparse
import contextlib
import itertools
import json
import os
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import time

import loopback

MIB = 1 << 20
SCHEMES = ('uniform', 'he_normal')
PARCEL = 64 * MIB
CLIENTS = 64
HUGE = '/v1/weights?shape=250000,100000&scheme=he_normal&seed=1&digest=off'
PAIRS = 6  # in a round, with a digest that is remembered and without
READING = 3.0  # seconds that the clients read
KEPT = 'build/bench/parcel.bin'


def target(scheme, size, seed=42, digest='off'):
    return (f'/v1/weights?shape={size // 4096},1024&scheme={scheme}'
            f'&seed={seed}&digest={digest}')


def start(sowd, *options):
    port = loopback.free_port()
    command = [sowd, '--listen', f'127.0.0.1:{port}', '--log-level', 'warn']
    return loopback.Server('sowd', port, None, command + list(options))


def seconds(run):
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def fetch(server, path):
    """Seconds for an answer, on a connection of its own."""
    connection = loopback.Connection(server.port)
    with contextlib.closing(connection):
        return seconds(lambda: connection.get(path))


def curl(server, path):
    """Seconds for an answer, by curl."""
    url = f'http://127.0.0.1:{server.port}{path}'
    return seconds(lambda: subprocess.run(
        ['curl', '-sf', '-o', os.devnull, url], check=True))


READERS = {'curl': curl, 'reader': fetch}


def median(values):
    return statistics.median(list(values))


# ---- one stream ------------------------------------------------------------


def engines(sowd):
    """Those that run here; the portable one where there is no other."""
    run = subprocess.run([sowd, '--engine', 'unknown'], capture_output=True,
                         text=True, check=False)
    found = []
    for name in run.stderr.rpartition(':')[2].split():
        with contextlib.suppress(RuntimeError):
            start(sowd, '--engine', name).stop()
            found.append(name)
    return [name for name in found if name != 'portable'] or found


def stream_turns(read, servers, nginx, folder, scheme, size):
    """Bytes a second of everybody, once."""
    path = target(scheme, size)
    turns = {name: read(server, path) for name, server in servers.items()}
    turns['nginx'] = read(nginx, f'/{scheme}.bin')
    with open(os.devnull, 'wb') as null:
        turns['cat'] = seconds(lambda: subprocess.run(
            ['cat', f'{folder}/files/{scheme}.bin'], stdout=null, check=True))
    return {name: size / passed for name, passed in turns.items()}


def save(server, path, file):
    connection = loopback.Connection(server.port)
    with contextlib.closing(connection), open(file, 'wb') as out:
        connection.get(path, out)


def measure_streams(sowd, size, rounds):
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(loopback.folder_in_memory())
        os.mkdir(f'{folder}/files')
        servers = {}
        for name in engines(sowd):
            servers[name] = start(sowd, '--engine', name)
            stack.callback(servers[name].stop)
        for scheme in SCHEMES:
            save(next(iter(servers.values())), target(scheme, size),
                 f'{folder}/files/{scheme}.bin')
        nginx = loopback.start_nginx(folder)
        stack.callback(nginx.stop)
        for scheme, (by, read) in itertools.product(SCHEMES, READERS.items()):
            turns = [stream_turns(read, servers, nginx, folder, scheme, size)
                     for _ in range(rounds)]
            for name in turns[0]:
                ratios = [turn[name] / turn['nginx'] for turn in turns]
                yield {'scheme': scheme, 'by': by, 'who': name, 'bytes': size,
                       'bytes_per_s': median(turn[name] for turn in turns),
                       'of_nginx': round(median(ratios), 3),
                       'least': round(min(ratios), 3),
                       'most': round(max(ratios), 3)}


def print_streams(rows):
    for row in rows:
        print(f"{row['scheme']:10} by {row['by']:7} {row['who']:9} "
              f"{row['bytes_per_s'] / 1e9:6.2f} GB/s, {row['of_nginx']:.2f}"
              f" of nginx ({row['least']:.2f} to {row['most']:.2f})",
              flush=True)


# ---- digests ---------------------------------------------------------------


def digest_pair(server, size, seed, swapped):
    """Seconds without a digest, and with one that is remembered."""
    kinds = ('wait', 'off') if swapped else ('off', 'wait')
    passed = {digest: fetch(server, target('he_normal', size, seed, digest))
              for digest in kinds}
    return passed['off'], passed['wait']


def measure_digests(sowd, size, rounds):
    """Seconds with the digest first, remembered, and without it.

    The last two do the same but for a field, so that what they take differs
    by less than two of a kind do: there are more of them, and each goes first
    as often as the other.
    """
    server = start(sowd)
    firsts, pairs = [], []
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        fetch(server, target('he_normal', size, 99))
        for seed in range(rounds):
            first = fetch(server, target('he_normal', size, seed, 'wait'))
            turns = [digest_pair(server, size, seed, swapped)
                     for swapped in (False, True) * (PAIRS // 2)]
            firsts.append((median(off for off, _ in turns), first))
            pairs += turns
    return {
        'bytes': size,
        'off_bytes_per_s': size / median(off for off, _ in pairs),
        'wait_bytes_per_s': size / median(first for _, first in firsts),
        'remembered_bytes_per_s': size / median(kept for _, kept in pairs),
        'wait_of_off': round(median(off / first for off, first in firsts), 3),
        'remembered_of_off': round(median(off / kept for off, kept in pairs),
                                   3),
    }


def print_digests(row):
    print(f"digest=off {row['off_bytes_per_s'] / 1e9:.2f} GB/s; =wait "
          f"{row['wait_of_off']:.2f} of that at first, then "
          f"{row['remembered_of_off']:.2f}", flush=True)


# ---- curl beside torch -----------------------------------------------------


def torch_filler(count):
    """A call that makes 'count' of he_normal; None without torch."""
    try:
        import torch
    except ImportError as missing:
        print(f'torch is left out: {missing}')
        return None
    out = torch.empty(count // 1024, 1024)
    return lambda: torch.nn.init.kaiming_normal_(out)


def measure_parcel(sowd, rounds):
    """Seconds of curl, to /dev/null and to a file, and of torch."""
    server = start(sowd)
    make = torch_filler(PARCEL // 4)
    turns = []
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        for seed in range(-1, rounds):
            url = f'http://127.0.0.1:{server.port}'
            url += target('he_normal', PARCEL, seed + 1)
            turns.append([
                seconds(lambda out=out: subprocess.run(
                    ['curl', '-sf', '-o', out, url], check=True))
                for out in (os.devnull, KEPT)])
            turns[-1].append(seconds(make) if make else None)
    os.unlink(KEPT)
    turns.pop(0)  # warms up
    row = {'bytes': PARCEL, 'curl_s': median(turn[0] for turn in turns),
           'file_s': median(turn[1] for turn in turns)}
    if make:
        row |= {'torch_s': median(turn[2] for turn in turns),
                'of_torch': round(median(t[0] / t[2] for t in turns), 3),
                'file_of_torch':
                    round(median(t[1] / t[2] for t in turns), 3)}
    return row


def print_parcel(row):
    print(f"{row['bytes'] // MIB} MiB by curl: {row['curl_s'] * 1e3:.0f} ms, "
          f"to a file {row['file_s'] * 1e3:.0f} ms", end='')
    if 'torch_s' in row:
        print(f"; torch {row['torch_s'] * 1e3:.0f} ms: {row['of_torch']:.2f},"
              f" {row['file_of_torch']:.2f} of that", end='')
    print(flush=True)


# ---- many clients of something large ---------------------------------------


def read_for(connections, length):
    """Bytes that all get in so many seconds, each as it comes."""
    total = 0
    end = time.perf_counter() + length
    with selectors.DefaultSelector() as ready:
        for connection in connections:
            ready.register(connection, selectors.EVENT_READ)
        while time.perf_counter() < end:
            for key, _ in ready.select(0.1):
                n = key.fileobj.recv_into(loopback.BUFFER)
                if n == 0:
                    raise RuntimeError('the server hung up')
                total += n
    return total


def measure_resident(sowd):
    server = start(sowd)
    request = f'GET {HUGE} HTTP/1.1\r\nHost: bench\r\n\r\n'.encode()
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        connections = []
        for _ in range(CLIENTS):
            connection = socket.create_connection(('127.0.0.1', server.port))
            stack.callback(connection.close)
            connection.sendall(request)
            connections.append(connection)
        total = read_for(connections, READING)
        with open(f'/proc/{server.process.pid}/status',
                  encoding='ascii') as status:
            most = next(int(line.split()[1]) * 1024 for line in status
                        if line.startswith('VmHWM'))
    return {'clients': CLIENTS, 'resident_bytes': most,
            'bytes_per_s': total / READING}


def print_resident(row):
    print(f"{row['clients']} clients reading 100 GB tensors: "
          f"{row['resident_bytes'] / MIB:.1f} MiB resident, "
          f"{row['bytes_per_s'] / 1e9:.2f} GB/s together", flush=True)


# ---- the whole -------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description='streams over loopback')
    parser.add_argument('sowd')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--bytes', type=int, default=512 * MIB)
    parser.add_argument('--json')
    options = parser.parse_args()
    os.environ['PATH'] += ':/usr/sbin'
    if not shutil.which('nginx'):
        sys.exit("streams.py: needs Debian's nginx-light: make deps-bench")
    os.makedirs(os.path.dirname(KEPT), exist_ok=True)
    streams = list(measure_streams(options.sowd, options.bytes,
                                   options.rounds))
    print_streams(streams)
    digests = measure_digests(options.sowd, options.bytes // 2,
                              options.rounds)
    print_digests(digests)
    parcel = measure_parcel(options.sowd, options.rounds)
    print_parcel(parcel)
    resident = measure_resident(options.sowd)
    print_resident(resident)
    if options.json:
        report = {'bench': 'streams', 'rounds': options.rounds,
                  'streams': streams, 'digests': digests, 'parcel': parcel,
                  'resident': resident}
        with open(options.json, 'w', encoding='utf-8') as out:
            json.dump(report, out, indent=1)


if __name__ == '__main__':
    main()
