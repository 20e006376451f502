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

# Large enough to take the worker a good part of a second each.
LARGE = '/v1/weights?scheme=orthogonal&shape=1500,1500&digest=wait&seed='

# As many as compete for the places; and for how long at most, in seconds.
CROWD = 6
PATIENCE = 60

FILE = '/test/squares/resolve/seed-9/model.safetensors'


def fetch(repo, revision):
    from huggingface_hub import hf_hub_download
    return hf_hub_download(repo, 'model.safetensors', revision=revision)


class Crowd:
    """Clients that ask for large digests until they are told to stop."""

    def __init__(self, url):
        self.url = url
        self.over = threading.Event()
        self.seed = 0
        self.refused = []

    def ask(self):
        while not self.over.is_set():
            self.seed += 1
            status, fields, _ = service.ask(
                self.url, LARGE + str(self.seed), 'HEAD')
            if status == 429:
                self.refused.append(fields['Retry-After'])
                time.sleep(0.01)


@contextlib.contextmanager
def crowd(url):
    here = Crowd(url)
    threads = [threading.Thread(target=here.ask) for _ in range(CROWD)]
    for thread in threads:
        thread.start()
    try:
        yield here
    finally:
        here.over.set()
        for thread in threads:
            thread.join()


def refused(link, seen):
    """Whether the client's file has been refused by now."""
    seen += link.taken()
    return f'GET {FILE} 429' in seen


def client_recovers(url, link, here):
    service.put(url, 'test/squares', SQUARES)
    seen = []
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with crowd(url) as busy:
            saved = pool.submit(here.run, fetch, repo='test/squares',
                                revision='seed-9')
            end = time.monotonic() + PATIENCE
            while not refused(link, seen) and time.monotonic() < end \
                    and not saved.done():
                time.sleep(0.02)
        path = pathlib.Path(saved.result())
    refused(link, seen)
    tally.check('the daemon was busy, and said for how long', busy.refused and
                all(int(after) > 0 for after in busy.refused),
                busy.refused[:5])
    tally.equal('a HEAD needs no worker', seen[0], f'HEAD {FILE} 200')
    tally.check('the file was refused', f'GET {FILE} 429' in seen, seen)
    tally.equal('and sent when there was room', seen[-1], f'GET {FILE} 200')
    tally.check('whole', path.read_bytes() ==
                service.weights(url, 'test/squares', 9))


def main():
    with tempfile.TemporaryDirectory() as recipes, \
            daemon.running('--recipes', recipes, '--workers', '1',
                           '--queue', '1') as url, \
            relay.before(url) as link, machine.new(link.url) as here:
        tally.run(client_recovers, url, link, here)
    tally.finish()


if __name__ == '__main__':
    main()
