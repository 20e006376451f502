# SPDX-License-Identifier: MIT
"""How many replicas a start takes: a formula, a simulation, a measurement.

Usage: sizing.py SOWD [--json FILE] [--check]
       sizing.py --plan RANKS BYTES_EACH SECONDS [--cores N] [--rate B/S]
                 [--link B/S] [--spread SECONDS]

All ranks of a job want their bytes at about the same time.  A replica serves
those that are connected to it at equal rates, together no more than its
processors generate and its network takes.  docker/SIZING.md has the formula;
the simulation follows every rank; the measurement starts daemons here, on one
core, with the ranks on another, and compares the times at which the last rank
has all of its bytes.  With --check exits 1 when one is more than a third off.
"""

import argparse
import contextlib
import heapq
import json
import math
import os
import pathlib
import random
import selectors
import socket
import subprocess
import sys
import time

MIB = 1 << 20
OFF = 4 / 3

# Of what a replica could do, to be planned with: ranks don't spread evenly.
LOAD = 0.8

TARGET = "/v1/weights?shape=65536,16384&scheme=he_normal&seed=1&digest=off"
BUFFER = bytearray(MIB)
LISTENING = " listening on http://127.0.0.1:"


def replica_rate(cores, rate, link):
    """Bytes a second of one: what it generates, or what its network takes."""
    return min(cores * rate, link)


def replicas(ranks, each, seconds, capacity, spread=0.0):
    """The formula: replicas for 'ranks' that take 'each' bytes."""
    left = seconds - spread
    if left <= 0:
        raise ValueError("the ranks start over a longer time than there is")
    return math.ceil(ranks * each / (LOAD * capacity * left))


def last_of_one(starts, each, capacity):
    """When the last of those that start at 'starts' has its bytes.

    All that are connected get the same rate.  'given' is what a rank would
    have that was there from the beginning, so one that starts at 'given'
    ends at 'given' + each.
    """
    ends = []
    now = given = 0.0
    for start in sorted(starts) + [math.inf]:
        while ends:
            gap = (ends[0] - given) * len(ends) / capacity
            if now + gap > start:
                break
            now += gap
            given = heapq.heappop(ends)
        if start is math.inf:
            return now
        if ends:
            given += (start - now) * capacity / len(ends)
        now = start
        heapq.heappush(ends, given + each)
    return now


def simulate(ranks, each, count, capacity, spread=0.0, even=True, seed=0):
    """Seconds until the last rank is served.

    'even' is a balancer that takes the replica with the fewest connections;
    otherwise each rank takes any, as with DNS.
    """
    chance = random.Random(seed)
    starts = [[] for _ in range(count)]
    for i in range(ranks):
        at = i % count if even else chance.randrange(count)
        starts[at].append(chance.uniform(0, spread))
    return max(last_of_one(own, each, capacity) for own in starts if own)


# ---- measuring -------------------------------------------------------------

@contextlib.contextmanager
def daemons(program, count, core):
    """Start daemons on one core; yields their ports."""
    started = []
    try:
        ports = []
        for _ in range(count):
            process = subprocess.Popen(
                ["taskset", "-c", str(core), program, "--listen",
                 "127.0.0.1:0", "--threads", "1"],
                stderr=subprocess.PIPE, text=True)
            started.append(process)
            line = next(line for line in process.stderr if LISTENING in line)
            ports.append(int(line.split(LISTENING)[1].split()[0]))
        yield ports
    finally:
        for process in started:
            process.terminate()
            process.wait()


def ask(port, first, size):
    """Ask for bytes; returns the socket, which doesn't block."""
    connection = socket.create_connection(("127.0.0.1", port), 60)
    connection.sendall(f"GET {TARGET} HTTP/1.1\r\nHost: x\r\nConnection: close"
                       f"\r\nRange: bytes={first}-{first + size - 1}\r\n\r\n"
                       .encode())
    connection.setblocking(False)
    return connection


def measure(ports, ranks, each):
    """Seconds until 'ranks' connections have 'each' bytes, on this core."""
    begin = time.perf_counter()
    left = {}
    with selectors.DefaultSelector() as ready:
        for i in range(ranks):
            connection = ask(ports[i % len(ports)], i * each, each)
            left[connection] = each
            ready.register(connection, selectors.EVENT_READ)
        while left:
            for key, _ in ready.select():
                n = key.fileobj.recv_into(BUFFER)
                if n == 0:
                    ready.unregister(key.fileobj)
                    if left.pop(key.fileobj) > 0:
                        raise OSError("an answer broke off")
                    key.fileobj.close()
                else:
                    left[key.fileobj] -= n
    return time.perf_counter() - begin


def compare(program):
    """Rows of what was predicted and what was measured."""
    rows = []
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[1:2] or cores)
    with daemons(program, 1, cores[0]) as ports:
        measure(ports, 1, 64 * MIB)
        rate = max(512 * MIB / measure(ports, 1, 512 * MIB) for _ in range(3))
    for count, ranks, each in ((1, 8, 64 * MIB), (1, 64, 16 * MIB),
                               (1, 512, MIB), (2, 64, 16 * MIB),
                               (4, 256, 4 * MIB)):
        with daemons(program, count, cores[0]) as ports:
            measure(ports, count, MIB)
            seconds = min(measure(ports, ranks, each) for _ in range(3))
        predicted = simulate(ranks, each, count, rate / count)
        rows.append({"replicas": count, "ranks": ranks, "bytes_each": each,
                     "predicted_seconds": predicted, "seconds": seconds,
                     "ratio": seconds / predicted})
    return {"bytes_a_second_a_core": rate, "rows": rows}


def report(found, path):
    print(f"one core: {found['bytes_a_second_a_core'] / 1e9:.2f} GB/s")
    print("replicas  ranks  MiB each  predicted s  measured s  ratio")
    for row in found["rows"]:
        print(f"{row['replicas']:8} {row['ranks']:6} "
              f"{row['bytes_each'] // MIB:9} {row['predicted_seconds']:12.3f}"
              f" {row['seconds']:11.3f} {row['ratio']:6.2f}")
    if path:
        pathlib.Path(path).write_text(json.dumps(found, indent=1) + "\n")


def plan(options):
    ranks, each, seconds = options.plan
    capacity = replica_rate(options.cores, options.rate, options.link)
    count = replicas(int(ranks), each, seconds, capacity, options.spread)
    print(f"{count} replicas of {options.cores} cores, {capacity / 1e9:.2f} "
          f"GB/s each")
    for even in (True, False):
        last = simulate(int(ranks), each, count, capacity, options.spread,
                        even)
        how = "evenly spread" if even else "spread by chance"
        print(f"  {how}: the last rank is served after {last:.1f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="?")
    parser.add_argument("--json")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--plan", nargs=3, type=float,
                        metavar=("RANKS", "BYTES_EACH", "SECONDS"))
    parser.add_argument("--cores", type=int, default=8)
    parser.add_argument("--rate", type=float, default=0.8e9)
    parser.add_argument("--link", type=float, default=3e9)
    parser.add_argument("--spread", type=float, default=0.0)
    options = parser.parse_args()
    if options.plan:
        plan(options)
        return 0
    found = compare(options.program)
    report(found, options.json)
    missed = [row for row in found["rows"]
              if not 1 / OFF <= row["ratio"] <= OFF]
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
