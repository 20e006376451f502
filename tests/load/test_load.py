#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Runs alone: it measures time.
"""Crowds: slow ones beside a client in a hurry, many that come and go, and
more than there is room for.
"""
import contextlib
import random
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time

import load
import daemon
import tally

SLOW = 2000
PASSING = 10000

# p99 beside the slow crowd may be so many times p99 alone.
WORSE = 3

# What else the machine does comes and goes, so both are measured in turns; a
# round's p99 is that of so many requests, and the medians over the rounds are
# compared: a round that was disturbed, or several, don't move these.
ROUNDS = 9
REQUESTS = 300

# Seconds between requests: the crowd has its turns meanwhile.
PAUSE = 0.004

# Seconds beside a crowd that is being cut off: long enough for two waves.
LONG = 45


# ---- slow ones ------------------------------------------------------------

def latencies(url, count):
    """Seconds that so many small requests take, with a connection each."""
    seconds = []
    for _ in range(count):
        time.sleep(PAUSE)
        begun = time.perf_counter()
        with load.connect(url) as link:
            load.small_answer(link)
        seconds.append(time.perf_counter() - begun)
    return seconds


class Crowd:
    """loris.py, while it runs."""
    cut = None

    def __init__(self, url):
        self._process = subprocess.Popen(
            [sys.executable, load.ROOT / 'tests/load/loris.py', url.host,
             str(url.port), str(SLOW)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        if self._process.stdout.readline() != 'open\n':
            raise AssertionError('the slow crowd did not get in')
        return self

    def __exit__(self, *_):
        said, _ = self._process.communicate(timeout=load.PATIENCE)
        self.cut = int(said.split()[-1])


def p99(seconds):
    return 1e3 * load.percentile(seconds, 0.99)


def not_much_worse(what, beside, alone):
    tally.check(f'p99 {what} is within {WORSE} times that alone',
                beside <= WORSE * alone,
                f'{beside:.2f} ms, alone {alone:.2f} ms')


def all_in(url, idle):
    return load.within(load.PATIENCE, lambda: load.Vitals(
        url.pid).descriptors == idle + SLOW)


def slow_clients_hold_nobody_up(url):
    idle = load.Vitals(url.pid).descriptors
    latencies(url, REQUESTS)
    alone, beside = [], []
    for _ in range(ROUNDS):
        alone.append(p99(latencies(url, REQUESTS)))
        with Crowd(url):
            tally.check('all of the crowd are in', all_in(url, idle))
            beside.append(p99(latencies(url, REQUESTS)))
            tally.check('and stay', all_in(url, idle))
        tally.equal('and are forgotten',
                    load.settled(url, idle).descriptors, idle)
    few, many = statistics.median(alone), statistics.median(beside)
    print(f'p99 of each round, in ms: alone {listed(alone)}; beside {SLOW} '
          f'slow ones {listed(beside)}; medians {few:.2f} and {many:.2f}')
    not_much_worse(f'beside {SLOW} slow clients', many, few)
    slow_clients_are_cut_off(url, few)


def slow_clients_are_cut_off(url, alone):
    """They all come back at once, in waves, and hold up nobody either."""
    rounds = []
    with Crowd(url) as crowd:
        end = time.monotonic() + LONG
        while time.monotonic() < end:
            rounds.append(p99(latencies(url, REQUESTS)))
    print(f'while they are cut off and come back {listed(rounds)}; '
          f'{crowd.cut} were')
    tally.check('most were cut off', crowd.cut > SLOW / 2, crowd.cut)
    not_much_worse('while slow clients are cut off',
                   statistics.median(rounds), alone)


def listed(values):
    return ' '.join(f'{value:.2f}' for value in values)


# ---- many that come and go ------------------------------------------------

# A connection's smallest own thing in the daemon takes some 150 bytes: if
# that were forgotten of each, it would be more than this.
LEFT = 100 * PASSING

# How many are open at one time.
ABREAST = 100


def says_nothing(link):
    pass


def is_answered(link):
    load.small_answer(link)


def asks_and_leaves(link):
    link.sendall(load.request_head(load.SMALL[0]))


def leaves_in_a_head(link):
    link.sendall(load.request_head(load.SMALL[0])[:-9])


def leaves_in_a_body(link):
    link.sendall(load.request_head('/v1/weights', 'POST',
                                   'Content-Length: 100000\r\n') + b'[' * 99)


def has_said_all(link):
    """Shuts its side, and reads to the end."""
    link.sendall(load.request_head(load.SMALL[0]))
    link.shutdown(socket.SHUT_WR)
    if load.read_answer(link) != (200, load.SMALL[1]) or link.recv(1):
        raise AssertionError('wrong bytes, or more of them')


PASSERS = [says_nothing, is_answered] * 3 + [
    says_nothing, asks_and_leaves, says_nothing, has_said_all,
    leaves_in_a_head, leaves_in_a_body]


def reset(link):
    """Make its end a reset."""
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack('ii', 1, 0))


def pass_by(url, count, seed, failures):
    """Some of PASSERS, several connections open at a time."""
    chance = random.Random(seed)
    links = []
    try:
        for i in range(count):
            links.append(load.connect(url))
            PASSERS[i % len(PASSERS)](links[-1])
            if len(links) == ABREAST // 4 or i == count - 1:
                for link in links:
                    if chance.random() < 0.3:
                        reset(link)
                    link.close()
                links.clear()
    except Exception as problem:
        failures.append(f'{type(problem).__name__}: {problem}')


def crowd_passes(url, count):
    failures = []
    threads = [threading.Thread(target=pass_by,
                                args=(url, count // 4, i, failures))
               for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def connections_leave_nothing(url):
    idle = load.Vitals(url.pid).descriptors
    crowd_passes(url, PASSING // 2)
    before = load.rested(url, idle)
    begun = time.monotonic()
    failures = crowd_passes(url, PASSING)
    seconds = time.monotonic() - begun
    after = load.rested(url, idle)
    print(f'{PASSING} connections in {seconds:.1f} s: {before}, then {after}')
    tally.equal('all who asked and stayed were answered', failures, [])
    tally.equal('all connections are closed', after.descriptors, idle)
    tally.equal('no thread is left', after.threads, before.threads)
    if daemon.instrumented(url):
        print('skipped: memory: a sanitizer keeps what was freed')
        return
    grown = after.resident - before.resident
    tally.check('they leave no memory behind', grown < LEFT, f'{grown} bytes')


# ---- large requests -------------------------------------------------------

# 11 MiB of JSON, and ten times as much as a tree.
LARGE = b'[' + b'{"a":1,"b":[2]},' * 700000 + b'{}]'

# The daemon gives back what it can every ten seconds.
GIVEN_BACK = 30

# What is left of that much is in pieces that the allocator uses again.
PIECES = 48 << 20


def ask_for_much(url):
    with load.connect(url) as link:
        link.sendall(load.request_head(
            '/v1/weights', 'POST', 'Content-Type: application/json\r\n'
            f'Content-Length: {len(LARGE)}\r\n') + LARGE)
        status, _ = load.read_answer(link)
        tally.check('a large request that is wrong is refused',
                    status in (400, 422), status)


def memory_is_given_back(url):
    if daemon.instrumented(url):
        print('skipped: memory given back: a sanitizer keeps it')
        return
    before = load.Vitals(url.pid)
    threads = [threading.Thread(target=tally.run, args=(ask_for_much, url))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    most = load.Vitals(url.pid)
    begun = time.monotonic()
    back = load.within(GIVEN_BACK, lambda: load.Vitals(
        url.pid).resident < before.resident + PIECES)
    after = load.Vitals(url.pid)
    print(f'before 8 large requests {before}; after them {most}; '
          f'{time.monotonic() - begun:.1f} s later {after}')
    tally.check('large requests take memory',
                after.peak > before.peak + PIECES, after.peak)
    tally.check('the memory of large requests is given back', back, after)


# ---- more than there is room for ------------------------------------------

ROOM = 64
IDLE = 3

# Who is too many is told so, or is let in once those before have been idle for
# too long.
TURNS = -(-4 * ROOM // ROOM)
GRACE = 20


def all_get_their_turn(url, ask):
    """Four times as many as there is room for: how many were answered, refused,
    and hung up on, in time."""
    with contextlib.ExitStack() as stack:
        links = [stack.enter_context(load.connect(url))
                 for _ in range(4 * ROOM)]
        end = time.monotonic() + TURNS * (IDLE + 1) + GRACE
        answered = refused = closed = 0
        for link in links:
            if ask:
                with contextlib.suppress(ConnectionError):
                    link.sendall(load.request_head(load.SMALL[0]))
        for link in links:
            link.settimeout(max(0.1, end - time.monotonic()))
            try:
                if ask:
                    answer = load.read_answer(link)
                    answered += answer == (200, load.SMALL[1])
                    refused += answer[0] == 429
                else:
                    closed += link.recv(1) == b''
            except ConnectionError:
                closed += 1
            except TimeoutError:
                pass
        return answered, refused, closed


def too_many_wait_their_turn(url):
    idle = load.Vitals(url.pid).descriptors
    with load.connect(url) as regular:
        load.small_answer(regular)
        stop = threading.Event()
        waits = []

        def goes_on():
            while not stop.wait(0.05):
                begun = time.monotonic()
                load.small_answer(regular)
                waits.append(time.monotonic() - begun)

        thread = threading.Thread(target=tally.run, args=(goes_on,))
        thread.start()
        begun = time.monotonic()
        answered, refused, closed = all_get_their_turn(url, True)
        print(f'{4 * ROOM} ask where there is room for {ROOM}: {answered} '
              f'answered, {refused} refused, {closed} closed, in '
              f'{time.monotonic() - begun:.1f} s')
        tally.equal('everyone who asks is answered, refused or hung up on',
                    answered + refused + closed, 4 * ROOM)
        tally.check('and as many as there is room for are answered',
                    answered >= ROOM - 1, answered)
        begun = time.monotonic()
        _, _, closed = all_get_their_turn(url, False)
        print(f'as many say nothing: {closed} closed, in '
              f'{time.monotonic() - begun:.1f} s')
        tally.equal('everyone who says nothing is hung up on', closed,
                    4 * ROOM)
        stop.set()
        thread.join()
        worst = max(waits, default=IDLE)
        print(f'who was in before waited {1e3 * worst:.1f} ms at most, in '
              f'{len(waits)} requests')
        tally.check('who was in before goes on', worst < IDLE, worst)
    tally.equal('all are closed', load.settled(url, idle).descriptors, idle)
    with load.connect(url) as link:
        load.small_answer(link)


def main():
    most = load.raise_descriptors()
    if most < SLOW + 100:
        raise AssertionError(f'{most} descriptors are too few: ulimit -Hn')
    with daemon.running('--log-level', 'warn') as url:
        tally.run(connections_leave_nothing, url)
        tally.run(memory_is_given_back, url)
    with daemon.running('--log-level', 'warn') as url:
        tally.run(slow_clients_hold_nobody_up, url)
    with daemon.running('--log-level', 'warn', '--max-connections', str(ROOM),
                        '--idle-seconds', str(IDLE)) as url:
        tally.run(too_many_wait_their_turn, url)


if __name__ == '__main__':
    tally.run(main)
    tally.finish()
