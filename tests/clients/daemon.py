# SPDX-License-Identifier: MIT
"""The daemon under test, started for a while on a port of its own.

    with daemon.running('--max-layers', '10') as url:
        urllib.request.urlopen(url + '/healthz')

SOWD names the program; build/release/sowd is the default.
"""
import collections
import contextlib
import os
import pathlib
import queue
import re
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get('SOWD', 'build/release/sowd')

# Seconds: sanitizers are slow, and so is a busy machine.
START = 30
STOP = 60

# A sanitizer reserves terabytes of addresses, for what it notes of memory.
SHADOW = 1 << 40

# How a sanitizer's report begins, how a line of the log, which is no part of
# it, does, and how many lines of reports are shown.
REPORT = re.compile(r'(==\d+==ERROR|WARNING|FATAL): \w+Sanitizer: |'
                    r'\S+:\d+:\d+: runtime error: ')
LOGGED = re.compile(r'\d{4}-\d\d-\d\dT|{"')
REPORTED = 100

LISTENING = re.compile(
    r'(?:{.*"msg":")?sowd \S+ listening on (https?://([^\s"]+):([0-9]+))[ "]')


class Url(str):
    """The daemon's URL, without a slash at the end, and more about it."""
    host: str
    port: int
    pid: int
    seen: list  # the lines of its log, so far


def instrumented(url):
    """Whether a sanitizer or valgrind is in it: they keep what was freed."""
    process = pathlib.Path(f'/proc/{url.pid}')
    size = re.search(r'VmSize:\s+(\d+) kB', (process / 'status').read_text())
    return (int(size[1]) << 10 > SHADOW or
            'valgrind' in (process / 'maps').read_text())


def _announced(process, lines):
    """Wait for the line that says where the daemon listens."""
    seen = ''
    try:
        while (line := lines.get(timeout=START)) is not None:
            seen += line
            if found := LISTENING.match(line):
                url = Url(found[1])
                url.host, url.port = found[2].strip('[]'), int(found[3])
                url.pid = process.pid
                return url
        raise AssertionError(f'the daemon ended before it listened:\n{seen}')
    except queue.Empty:
        raise AssertionError(f'the daemon does not listen:\n{seen}') from None


def _stop(process, reader, seen):
    """SIGTERM must end the daemon with status 0."""
    process.terminate()
    try:
        status = process.wait(STOP)
    except subprocess.TimeoutExpired:
        raise AssertionError(f'SIGTERM did not end the daemon within {STOP} s')
    reader.join(START)
    if status != 0:
        said = ''.join(seen)
        raise AssertionError(f'the daemon ended with status {status}:\n{said}')


@contextlib.contextmanager
def running(*options, launcher=(), env=None, fds=(), keep=None):
    """Start the daemon with more options; yields its Url.

    'launcher' is what starts it, given the program and its arguments; 'env'
    has more variables, and 'fds' are files that are handed down.  Of its log
    the last 'keep' lines are kept, or all.
    Raises AssertionError when it does not start, or does not end with status 0
    on SIGTERM, or when a sanitizer in it had anything to report.
    """
    process = subprocess.Popen(
        [*launcher, ROOT / PROGRAM, '--listen', '127.0.0.1:0', *options],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **(env or {})}, pass_fds=fds)
    lines = queue.SimpleQueue()
    seen = [] if keep is None else collections.deque(maxlen=keep)
    announced = threading.Event()
    report = []

    def read():
        for line in process.stderr:
            seen.append(line)
            if REPORT.match(line) or report and not LOGGED.match(line):
                report.append(line)
            if not announced.is_set():
                lines.put(line)
        lines.put(None)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        url = _announced(process, lines)
        announced.set()
        url.seen = seen
        yield url
        _stop(process, reader, seen)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        reader.join(START)
        if report:
            raise AssertionError('a sanitizer reports:\n' +
                                 ''.join(report[:REPORTED]))


def log_until_end(process):
    """It is told to stop when it listens, and killed when it does not end."""
    killer = threading.Timer(STOP, process.kill)
    killer.start()
    said = ''
    for line in process.stderr:
        said += line
        if 'listening on' in line:
            process.terminate()
    process.wait()
    killer.cancel()
    return said
