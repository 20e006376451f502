# SPDX-License-Identifier: MIT
"""What tests under load share: the process as the kernel sees it, requests
that are timed, and answers that are known.
"""
import math
import os
import pathlib
import resource
import socket
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'tests/clients'), str(ROOT / 'tests/oracle')]
import daemon  # noqa: E402
import sow1  # noqa: E402

# Seconds after which a client calls it hanging.
PATIENCE = 60

# Every ten seconds the daemon gives back what was freed, so a rest takes
# longer; the least is what it holds.
REST = 12.5

SMALL = ('/v1/weights?shape=16,16&scheme=normal&seed=7',
         sow1.tensor('normal', (16, 16), 7))


def raise_descriptors():
    """Allow this process, and those it starts, as many as it may have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


class Vitals:
    """What a process holds at a moment."""

    def __init__(self, pid):
        status = pathlib.Path(f'/proc/{pid}/status').read_text()
        fields = dict(line.split(':', 1) for line in status.splitlines())
        self.resident = int(fields['VmRSS'].split()[0]) << 10
        self.peak = int(fields['VmHWM'].split()[0]) << 10
        self.threads = int(fields['Threads'])
        self.descriptors = len(os.listdir(f'/proc/{pid}/fd'))

    def __str__(self):
        return (f'{self.resident / (1 << 20):.1f} MiB, {self.descriptors} '
                f'descriptors, {self.threads} threads')


def within(seconds, holds):
    """Whether it comes to hold; the last that 'holds' said."""
    end = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.02)
    return held


def settled(url, descriptors, seconds=30):
    """The daemon's vitals once it has so few descriptors, or at last."""
    within(seconds, lambda: Vitals(url.pid).descriptors <= descriptors)
    return Vitals(url.pid)


def rested(url, descriptors):
    """The same, with the least memory while it is given back."""
    vitals = settled(url, descriptors)
    if not daemon.instrumented(url):
        end = time.monotonic() + REST
        while time.monotonic() < end:
            time.sleep(0.25)
            vitals = min(vitals, Vitals(url.pid),
                         key=lambda each: each.resident)
    return vitals


def request_head(target, method='GET', fields=''):
    return (f'{method} {target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n').encode()


def connect(url):
    return socket.create_connection((url.host, url.port), PATIENCE)


def read_answer(link):
    """The status and body of an answer with a length; b'' for its end."""
    data = bytearray()
    while (at := data.find(b'\r\n\r\n')) < 0:
        piece = link.recv(65536)
        if not piece:
            raise ConnectionError(f'closed after {bytes(data)!r}')
        data += piece
    head, body = data[:at].decode('latin-1').lower(), data[at + 4:]
    length = int(head.split('\r\ncontent-length:', 1)[1].split('\r\n')[0])
    while len(body) < length:
        piece = link.recv(65536)
        if not piece:
            raise ConnectionError(f'closed after {len(body)} of {length}')
        body += piece
    return int(head.split()[1]), bytes(body)


def small_answer(link):
    """Ask for SMALL.  Raises AssertionError when it isn't that."""
    link.sendall(request_head(SMALL[0]))
    if read_answer(link) != (200, SMALL[1]):
        raise AssertionError('wrong bytes')


def is_ready(url):
    """Whether the daemon has tested itself, and wants requests."""
    with connect(url) as link:
        link.sendall(request_head('/readyz'))
        return read_answer(link)[0] == 200


def percentile(values, share):
    """The smallest value that 'share' of the values don't exceed."""
    ordered = sorted(values)
    return ordered[max(1, math.ceil(share * len(ordered))) - 1]
