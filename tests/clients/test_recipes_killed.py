#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A daemon that is killed while recipes are stored, 200 times.

Three clients store, replace and forget recipes without a pause; SIGKILL comes
at a random moment.  After each restart whatever was answered is so, byte for
byte, and what was not answered has happened wholly or not at all.
"""
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import random
import subprocess
import tempfile
import threading
import time

import daemon
import tally

KILLS = 200
CLIENTS = 3
NAMES = 2           # of each client

# Seconds, at most, from the first changes to the end; until these, on a slow
# machine; and how many of them there are.
LIFE = 0.03
BIRTH = 5
FIRST = 2

# An hour is what makes a file that was written aside stale.
STALE = 3700


class Daemon:
    """A daemon that is going to be killed."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [daemon.ROOT / daemon.PROGRAM, '--listen', '127.0.0.1:0',
             '--threads', '1', '--workers', '2', '--recipes', folder],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if found := daemon.LISTENING.match(line):
                self.host, self.port = found[2], int(found[3])
                return
        raise AssertionError('the daemon does not listen')

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def connect(self):
        return contextlib.closing(
            http.client.HTTPConnection(self.host, self.port, timeout=30))


def ask(connection, method, path, body=None):
    connection.request(method, path, body,
                       {'Content-Type': 'application/json'})
    answer = connection.getresponse()
    return answer.status, answer.read()


def version(body):
    return hashlib.blake2b(body, digest_size=32).hexdigest()


class Recipe:
    """What is known of a name.

    'current' is the document that was answered for last, None when there is
    none; 'asked' what was asked for since, which may have happened or not.
    """

    def __init__(self, name):
        self.path = f'/v1/recipes/lab/{name}'
        self.kept = {}
        self.current = None
        self.asked = []

    def change(self, connection, body):
        """Store 'body', or forget the name for None."""
        self.asked = [body]
        if body is None:
            status, answer = ask(connection, 'DELETE', self.path)
            fine = status == (404 if self.current is None else 204)
        else:
            status, answer = ask(connection, 'PUT', self.path, body)
            fine = status in (200, 201)
        if not fine:
            tally.check(f'{self.path} is changed', False, (status, answer))
            return
        self.current = body
        self.asked = []
        if body is not None:
            self.kept[version(body)] = body

    def check(self, connection, everything):
        """After a restart: learn what has happened, and check the rest."""
        status, body = ask(connection, 'GET', self.path)
        now = body if status == 200 else None
        tally.check(f'{self.path} is what it was, or what was asked for',
                    status in (200, 404)
                    and now in [self.current, *self.asked],
                    (status, body[:80], self.current and self.current[:80]))
        self.current, self.asked = now, []
        kept = list(self.kept.items())
        for hexes, expected in kept if everything else kept[-3:]:
            tally.equal(f'{self.path}: version {hexes}',
                        ask(connection, 'GET',
                            f'{self.path}?version={hexes}'), (200, expected))


class Client(threading.Thread):
    """Changes its recipes until the daemon dies."""

    def __init__(self, place, recipes, seed):
        super().__init__()
        self.place, self.recipes = place, recipes
        self.changes = 0
        self.random = random.Random(seed)

    def body(self):
        return json.dumps({
            'scheme': 'ones', 'seed': self.random.randrange(2 ** 53),
            'layers': [{'name': 'fc', 'shape': [2, 3]}],
            'files': {'vocab.txt': 'x' * self.random.choice(
                (0, 100, 5000, 50000))}}).encode()

    def run(self):
        with self.place.connect() as connection, \
                contextlib.suppress(OSError, http.client.HTTPException):
            while True:
                recipe = self.random.choice(self.recipes)
                forget = self.random.random() < 0.1
                recipe.change(connection, None if forget else self.body())
                self.changes += 1


def check_list(connection, recipes):
    """What is listed is whole: its document has the version it says."""
    status, body = ask(connection, 'GET', '/v1/recipes')
    found = {recipe['name']: recipe['version']
             for recipe in json.loads(body)['recipes']
             if not recipe['built_in']}
    expected = {recipe.path.removeprefix('/v1/recipes/'):
                version(recipe.current)
                for recipe in recipes if recipe.current is not None}
    tally.equal('what is there is listed', found, expected)


def one_life(folder, recipes, turn):
    place = Daemon(folder)
    try:
        with place.connect() as connection:
            for recipe in recipes:
                recipe.check(connection, turn == KILLS)
            check_list(connection, recipes)
        clients = [Client(place, recipes[i::CLIENTS], CLIENTS * turn + i)
                   for i in range(CLIENTS)]
        for client in clients:
            client.start()
        tally.within(BIRTH, lambda: sum(
            client.changes for client in clients) >= FIRST, 0.001)
        time.sleep(random.Random(turn).random() * LIFE)
    finally:
        place.kill()
    for client in clients:
        client.join()


def nothing_is_lost_by_dying(folder):
    recipes = [Recipe(f'n{i}') for i in range(CLIENTS * NAMES)]
    for turn in range(KILLS + 1):
        one_life(folder, recipes, turn)
    tally.check('much was kept',
                sum(len(recipe.kept) for recipe in recipes) > KILLS)
    tally.check('some died while they wrote', leftovers(folder))


def leftovers(folder):
    return list(pathlib.Path(folder).rglob('.aside*'))


def what_the_dead_left_is_removed(folder):
    old = time.time() - STALE
    for path in leftovers(folder):
        os.utime(path, (old, old))
    Daemon(folder).kill()
    tally.equal('nothing stale is left', leftovers(folder), [])


def main():
    memory = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        tally.run(nothing_is_lost_by_dying, folder)
        tally.run(what_the_dead_left_is_removed, folder)
    tally.finish()


if __name__ == '__main__':
    main()
