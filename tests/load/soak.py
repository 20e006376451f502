#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Runs alone: it measures memory, and loads the machine.
"""A daemon under a mixed load for a long time: every answer is right, and it
holds in the end what it held when it was warm.

SOAK_SECONDS is how long (3600), SOAK_SEED another course of events,
SOAK_THREADS the clients (12).  SOWD is the program, SOAK_UNDER what it runs
under, such as valgrind; it is then, and with sanitizers, not asked for memory.
What a sanitizer reports is a failure: make MODE=tsan soak.
"""
import os
import shlex
import tempfile
import time

import load
import daemon
import mix
import tally

SECONDS = float(os.environ.get('SOAK_SECONDS', 3600))
SEED = int(os.environ.get('SOAK_SEED', 1))
THREADS = int(os.environ.get('SOAK_THREADS', 12))
UNDER = shlex.split(os.environ.get('SOAK_UNDER', ''))

# The load pauses so often, or after so many seconds: nothing is in flight
# then, and what the daemon holds can be compared.
PAUSES = 60
SHORTEST = 10

# The first part fills the caches that the load reaches, and is not judged.
WARM = 0.4

# Of the rest, the least that is held in the pauses of its second half may be
# so much more than that of its first: the memory of digests (4 MiB) is still
# being filled, and pieces of pages are in use here and there.  Both only add
# to what is held for a while, so the least is steadier than any mean.
GROWTH = 8 << 20

# The log is read, but a soak's isn't kept.
KEPT = 1000

OPTIONS = ['--cache-bytes', '16MiB', '--min-rate', '256']


class Soak:
    """The load, and what the daemon holds in its pauses."""

    def __init__(self, url, idle, **options):
        self.url, self.idle = url, idle
        self.mix = mix.Mix(url, **options)
        self.samples = []  # (seconds, vitals)

    def run(self, seconds, threads):
        tally.check('the daemon becomes ready', load.within(
            2 * self.mix.patience, lambda: load.is_ready(self.url)))
        begun = time.monotonic()
        step = max(SHORTEST, seconds / PAUSES)
        self.mix.start(threads)
        while time.monotonic() - begun < seconds:
            time.sleep(step)
            if not tally.check('all clients end what they do',
                               self.mix.pause()):
                break
            vitals = load.rested(self.url, self.idle.descriptors)
            elapsed = time.monotonic() - begun
            self.samples.append((elapsed, vitals))
            print(f'{elapsed:7.0f} s {sum(self.mix.counts.values()):8d} '
                  f'requests, {len(self.mix.failures)} failed; {vitals}',
                  flush=True)
            self.mix.resume()
        tally.check('all clients come to their end', self.mix.stop())

    def judge(self):
        """What the answers were, and whether descriptors are back."""
        print(', '.join(f'{count} {kind}' for kind, count
                        in sorted(self.mix.counts.items())))
        for failure in self.mix.failures[:20]:
            print(failure)
        tally.equal('requests that failed', len(self.mix.failures), 0)
        for kind, _ in mix.KINDS:
            tally.check(f'there were {kind.__name__}',
                        self.mix.counts[kind.__name__])
        for elapsed, vitals in self.samples:
            tally.equal(f'descriptors after {elapsed:.0f} s',
                        vitals.descriptors, self.idle.descriptors)
            tally.equal(f'threads after {elapsed:.0f} s', vitals.threads,
                        self.idle.threads)

    def judge_memory(self):
        if daemon.instrumented(self.url):
            print('skipped: memory: it is not the daemon\'s alone')
            return
        warm = self.samples[int(WARM * len(self.samples)):]
        halves = warm[:len(warm) // 2], warm[len(warm) // 2:]
        if not tally.check('there were pauses enough', all(halves)):
            return
        first, last = (min(half, key=lambda sample: sample[1].resident)
                       for half in halves)
        grown = last[1].resident - first[1].resident
        span = last[0] - first[0]
        print(f'at least {first[1].resident / mix.MIB:.1f} MiB, later '
              f'{last[1].resident / mix.MIB:.1f}: {grown / mix.MIB:+.1f} MiB '
              f'in {span:.0f} s, {86400 / span * grown / mix.MIB:+.0f} in a '
              f'day at that rate')
        tally.check('memory is flat', grown < GROWTH, f'{grown} bytes')


def main(folder):
    load.raise_descriptors()
    if UNDER:
        daemon.START = daemon.STOP = 300
    with daemon.running('--recipes', folder, *OPTIONS, launcher=UNDER,
                        keep=KEPT) as url:
        soak = Soak(url, load.Vitals(url.pid), seed=SEED)
        soak.run(SECONDS, THREADS)
        soak.judge()
        soak.judge_memory()


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as scratch:
        tally.run(main, scratch + '/recipes')
    tally.finish()
