# SPDX-License-Identifier: MIT
# Runs alone: it loads the machine, and waits for answers in time.
"""Many clients of a fleet whose members die, freeze and are replaced.

No client may see a wrong byte, none may fail after its own retries, and no
recipe that was acknowledged may be lost.  FLEET_SECONDS is how long (120).
"""
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import random
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

import fleet

sys.path[:0] = [str(fleet.ROOT / 'tests/clients'),
                str(fleet.ROOT / 'api/python')]
import tally  # noqa: E402

SECONDS = float(os.environ.get('FLEET_SECONDS', 120))
SEED = int(os.environ.get('FLEET_SEED', 1))
CURLS, LIBRARIES, HUBS, WRITERS = 28, 20, 12, 4
RECIPE = 'init/tiny-llama'
FILE = 'model.safetensors'
WEIGHTS = ('/v1/weights?shape={},1024&scheme=he_normal&digest=off&seed={}')

# A plain client's tries without a byte of progress, and its pause between.
TRIES = 10
PAUSE = 0.3
PIECE = 1 << 18


class Loads:
    """What the clients did."""

    def __init__(self):
        self._lock = threading.Lock()
        self.done = {}
        self.resumed = self.bytes = 0
        self.over = threading.Event()

    def add(self, kind, size=0, resumed=0):
        with self._lock:
            self.done[kind] = self.done.get(kind, 0) + 1
            self.bytes += size
            self.resumed += resumed


def _pieces(url, path, start):
    """Yield the bytes of 'path' from 'start' on, as they come."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request('GET', path, headers={'Range': f'bytes={start}-'})
        answer = connection.getresponse()
        if answer.status != 206:
            raise OSError(f'status {answer.status}')
        while piece := answer.read(PIECE):
            yield piece
    finally:
        connection.close()


def plain_get(url, path, size):
    """Bytes of 'path', resumed where it broke off; and how often it did."""
    body = bytearray()
    resumed = tries = 0
    while len(body) < size:
        before = len(body)
        with contextlib.suppress(OSError, http.client.HTTPException):
            for piece in _pieces(url, path, before):
                body += piece
        resumed += len(body) < size
        tries = 0 if len(body) > before else tries + 1
        if tries == TRIES:
            raise TimeoutError(f'{path}: no byte in {TRIES} tries')
        if tries:
            time.sleep(PAUSE)
    return bytes(body), resumed


# ---- the clients -----------------------------------------------------------

class Client(threading.Thread):
    """Does one thing over and over, and keeps the first thing that failed."""

    def __init__(self, url, loads, number):
        super().__init__(daemon=True)
        self.url, self.loads, self.number = url, loads, number
        self.random = random.Random(f'{SEED} {type(self).__name__} {number}')
        self.failure = None

    def run(self):
        try:
            while not self.loads.over.is_set():
                self.once()
        except Exception as problem:
            self.failure = f'{type(problem).__name__}: {problem}'

    def once(self):
        raise NotImplementedError


class Curl(Client):
    """A client that knows nothing but GET and Range."""

    expected = {}

    def once(self):
        path, (size, digest) = self.random.choice(list(self.expected.items()))
        body, resumed = plain_get(self.url, path, size)
        found = hashlib.blake2b(body, digest_size=32).hexdigest()
        if found != digest:
            raise AssertionError(f'wrong bytes of {path}')
        self.loads.add('plain', size, resumed)


class Library(Client):
    """Our Python client, which compares digests itself."""

    def once(self):
        import sow
        seed = self.random.randrange(8)
        with sow.Client(self.url, timeout=30, retries=10) as client:
            state = client.state_dict(RECIPE, seed=seed)
        self.loads.add('python', sum(t.nbytes for t in state.values()))


class Hub(Client):
    """The Hugging Face client."""

    expected = {}

    def once(self):
        import huggingface_hub
        revision, digest = self.random.choice(list(self.expected.items()))
        with tempfile.TemporaryDirectory() as folder:
            path = huggingface_hub.hf_hub_download(
                RECIPE, FILE, revision=revision, local_dir=folder,
                endpoint=self.url, force_download=True)
            body = pathlib.Path(path).read_bytes()
        if hashlib.sha256(body).hexdigest() != digest:
            raise AssertionError(f'wrong bytes of {RECIPE} at {revision}')
        self.loads.add('hub', len(body))


class Writer(Client):
    """Stores versions of a recipe of its own, and reads them back."""

    written = None
    count = 0

    def document(self):
        return {'scheme': 'he_normal', 'layers': [
            {'name': 'w', 'shape': [self.count + 1, self.number + 1]}]}

    def once(self):
        import sow
        name = f'fleet/writer-{self.number}'
        self.count += 1
        with sow.Client(self.url, timeout=30, retries=10) as client:
            client.put_recipe(name, self.document())
            self.written = self.document()
            found = client.get_recipe(name)
            if isinstance(found, bytes):
                found = json.loads(found)
            if found['layers'] != self.written['layers']:
                raise AssertionError(f'{name}: {found}, not {self.written}')
        self.loads.add('written')
        time.sleep(0.05)


# ---- what happens to the replicas ------------------------------------------

def trouble(members, chance):
    """Do something to one of them.  Returns its name."""
    member = chance.choice(members)
    what = chance.choice(['kill', 'freeze', 'restart', 'roll'])
    if what == 'freeze':
        member.freeze(chance.uniform(0.5, 4))
    elif what == 'kill':
        member.kill()
    else:
        status = getattr(member, what)()
        tally.equal(f'{what} ends a replica with 0', status, 0)
    return what


def fetch(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read(), answer.headers


def learn(url):
    """What the clients must see, from a replica that nothing happens to."""
    for rows, seed in [(1, 1), (64, 2), (1024, 3), (4096, 4), (32768, 5)]:
        path = WEIGHTS.format(rows, seed)
        body, _ = fetch(url + path)
        digest = hashlib.blake2b(body, digest_size=32).hexdigest()
        Curl.expected[path] = (len(body), digest)
    for seed in range(4):
        revision = f'seed-{seed}'
        body, _ = fetch(f'{url}/{RECIPE}/resolve/{revision}/{FILE}')
        Hub.expected[revision] = hashlib.sha256(body).hexdigest()


def test_nothing_is_wrong_or_lost(folder):
    loads = Loads()
    chance = random.Random(SEED)
    with fleet.running(folder) as replicas:
        learn(replicas.members[0].url)
        clients = [kind(replicas.url, loads, i)
                   for kind, count in ((Curl, CURLS), (Library, LIBRARIES),
                                       (Hub, HUBS), (Writer, WRITERS))
                   for i in range(count)]
        for kind in (Library, Hub):
            kind(replicas.url, loads, 0).once()  # what they import is slow
        for client in clients:
            client.start()
        end = time.monotonic() + SECONDS
        troubles = {}
        while time.monotonic() < end:
            time.sleep(chance.uniform(0.5, 2))
            what = trouble(replicas.members, chance)
            troubles[what] = troubles.get(what, 0) + 1
        loads.over.set()
        for client in clients:
            client.join(120)
            name = f'{type(client).__name__} {client.number}'
            tally.check(f'{name} came to its end', not client.is_alive())
            tally.equal(f'{name} never failed', client.failure, None)
        for client in clients:
            if isinstance(client, Writer):
                check_kept(replicas.members, client)
    print(f'{loads.done} of {len(clients)} clients, {loads.bytes / 1e9:.1f} '
          f'GB, {loads.resumed} plain ones resumed; {troubles}')
    for kind in ('plain', 'python', 'hub', 'written'):
        tally.check(f'something was {kind}', loads.done.get(kind, 0) > 10)


def check_kept(members, writer):
    for member in members:
        body, _ = fetch(f'{member.url}/v1/recipes/fleet/writer-'
                        f'{writer.number}')
        tally.equal(f'{member.url} has what writer {writer.number} wrote',
                    json.loads(body)['layers'], writer.written['layers'])


if __name__ == '__main__':
    os.environ.update(HF_HUB_DISABLE_TELEMETRY='1',
                      HF_HUB_DISABLE_PROGRESS_BARS='1',
                      HF_HUB_DISABLE_IMPLICIT_TOKEN='1')
    with tempfile.TemporaryDirectory() as home:
        os.environ['HF_HOME'] = home
        with tempfile.TemporaryDirectory() as name:
            tally.run(test_nothing_is_wrong_or_lost, pathlib.Path(name))
    tally.finish()
