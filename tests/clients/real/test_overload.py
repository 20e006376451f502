#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Runs alone: it fills the daemon, and waits for room in it.
"""A daemon with more work than it takes: the client waits, and gets its file.

An orthogonal matrix has to be made before it can be sent.  While the one
worker hashes large ones and as many wait as may, the file is refused with 429
and Retry-After; the client tries again until there is room.
"""
import concurrent.futures
import contextlib
import pathlib
import tempfile
import threading
import time

import machine
import relay
import service

import daemon
import tally

SQUARES = {'scheme': 'orthogonal', 'layers': [
    {'name': f'layer{i}.weight', 'shape': [256, 256]} for i in range(4)]}

# The largest of them that takes the worker no second keeps it busy: the client
# tries for a few seconds after the last one was asked for.
LARGE = '/v1/weights?scheme=orthogonal&shape={0},{0}&digest=wait&seed='
SIDES = [1500, 1000, 700, 500]

# As many as compete for the places; and for how long at most, in seconds.
CROWD = 6
PATIENCE = 60

# By chance there may be room just when a file is asked for: then the next is.
SEEDS = range(9, 14)


def file_of(seed):
    return f'/test/squares/resolve/seed-{seed}/model.safetensors'


def fetch(repo, revision):
    from huggingface_hub import hf_hub_download
    return hf_hub_download(repo, 'model.safetensors', revision=revision)


def large(url):
    """The target of a large digest, but for its seed."""
    for side in SIDES:
        start = time.monotonic()
        service.ask(url, LARGE.format(side) + '1', 'HEAD')
        if time.monotonic() - start < 1:
            break
    return LARGE.format(side)


class Crowd:
    """Clients that ask for large digests until they are told to stop.

    Digests are remembered, so each asks for other seeds, from 'first' on.
    """

    def __init__(self, url, target, first):
        self.url, self.target = url, target
        self.over = threading.Event()
        self.seed = first
        self.refused = []

    def ask(self):
        while not self.over.is_set():
            self.seed += 1
            status, fields, _ = service.ask(
                self.url, self.target + str(self.seed), 'HEAD')
            if status == 429:
                self.refused.append(fields['Retry-After'])
                time.sleep(0.01)


@contextlib.contextmanager
def crowd(here):
    threads = [threading.Thread(target=here.ask) for _ in range(CROWD)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        here.over.set()
        for thread in threads:
            thread.join()


def refused(link, seen, seed):
    """Whether the client's file has been refused by now."""
    seen += link.taken()
    return f'GET {file_of(seed)} 429' in seen


def fetch_beside(busy, link, here, seed):
    """The file's path, and what was asked for it."""
    seen = []
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with busy:
            saved = pool.submit(here.run, fetch, repo='test/squares',
                                revision=f'seed-{seed}')
            end = time.monotonic() + PATIENCE
            while not refused(link, seen, seed) and time.monotonic() < end \
                    and not saved.done():
                time.sleep(0.02)
        path = pathlib.Path(saved.result())
    refused(link, seen, seed)
    return path, seen


def client_recovers(url, link, here):
    service.put(url, 'test/squares', SQUARES)
    target = large(url)
    for seed in SEEDS:
        busy = Crowd(url, target, seed * 1000000)
        path, seen = fetch_beside(crowd(busy), link, here, seed)
        if f'GET {file_of(seed)} 429' in seen:
            break
    tally.check('the daemon was busy, and said for how long', busy.refused and
                all(int(after) > 0 for after in busy.refused),
                busy.refused[:5])
    tally.equal('a HEAD needs no worker', seen[0], f'HEAD {file_of(seed)} 200')
    tally.check('the file was refused', f'GET {file_of(seed)} 429' in seen,
                seen)
    tally.equal('and sent when there was room', seen[-1],
                f'GET {file_of(seed)} 200')
    tally.check('whole', path.read_bytes() ==
                service.weights(url, 'test/squares', seed))


def main():
    with tempfile.TemporaryDirectory() as recipes, \
            daemon.running('--recipes', recipes, '--workers', '1',
                           '--queue', '1') as url, \
            relay.before(url) as link, machine.new(link.url) as here:
        tally.run(client_recovers, url, link, here)
    tally.finish()


if __name__ == '__main__':
    main()
