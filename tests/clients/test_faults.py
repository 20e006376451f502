#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Runs alone: it measures time.
"""The system fails: each call once, the first, the second, and so on.

The daemon must answer or drop that request alone, go on, and keep what it said
it would keep.  edges.c, preloaded, lets the calls fail.
"""
import contextlib
import errno
import http.client
import json
import os
import pathlib
import resource
import socket
import struct
import subprocess
import tempfile
import time

import daemon
import exposition
import tally

# The order of edges.c, from 1.
KINDS = ['open', 'read', 'write', 'sync', 'rename', 'link', 'mkdir', 'accept',
         'receive', 'send', 'thread', 'memory']

# What each may fail with; 0: it does a part.
FAULTS = [
    ('open', errno.EMFILE), ('open', errno.EACCES), ('read', errno.EIO),
    ('read', 0), ('write', errno.ENOSPC), ('write', errno.EIO), ('write', 0),
    ('sync', errno.EIO), ('sync', errno.ENOSPC), ('rename', errno.ENOSPC),
    ('link', errno.EIO), ('mkdir', errno.ENOSPC), ('accept', errno.EMFILE),
    ('accept', errno.ECONNABORTED), ('accept', errno.ENOBUFS),
    ('receive', errno.ECONNRESET), ('receive', 0),
    ('send', errno.ECONNRESET), ('send', errno.EPIPE),
    ('memory', errno.ENOMEM)]

# What a problem may be called while one of them does.
TROUBLES = ('STORE_READ_ONLY', 'STORE_FAILED', 'STORE_FULL')
LACKS = ('INTERNAL', 'BUSY')

# More calls of a kind than a round makes, or a start.
MOST = 2000

# Seconds after which a request hangs.
PATIENCE = 10

WEIGHTS = '/v1/weights?scheme=ones&shape=100000&digest=off'


class Edges:
    """The file that edges.c maps."""
    LAYOUT = struct.Struct('iilq')

    def __init__(self, path):
        self.path = path
        self.disarm()

    def _write(self, kind, error, left):
        with open(self.path, 'r+b' if self.path.exists() else 'wb') as file:
            file.write(self.LAYOUT.pack(kind, error, left, 0))

    def arm(self, kind, error, left):
        self._write(0, error, left)
        self._write(1 + KINDS.index(kind), error, left)

    def disarm(self):
        """Returns whether the call has failed."""
        fired = self.path.exists() and \
            self.LAYOUT.unpack(self.path.read_bytes())[3] > 0
        self._write(0, 0, 0)
        return fired


def document(number):
    return json.dumps({'scheme': 'ones', 'layers': [
        {'name': f'layer {number}', 'shape': [2, 3]}]}).encode()


def ask(url, method, path, body=None, **headers):
    """Status and body; (0, …) when the connection ended, None if it hangs."""
    connection = http.client.HTTPConnection(url.host, url.port,
                                            timeout=PATIENCE)
    if body is not None:
        headers['Content-Type'] = 'application/json'
    with contextlib.closing(connection):
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except TimeoutError:
            return None, b''
        except (OSError, http.client.HTTPException) as problem:
            return 0, repr(problem).encode()


def requests(number):
    """What a round asks for, with the answer when nothing fails."""
    name = '/v1/recipes/lab/round'
    return [('PUT', name, document(number), 201),
            ('GET', name, None, 200),
            ('PUT', '/v1/recipes/lab/same', document(number), 200),
            ('GET', '/lab/same/resolve/main/model.safetensors', None, 200),
            ('GET', '/v1/recipes', None, 200),
            ('DELETE', name, None, 204),
            ('GET', WEIGHTS, None, 200)]


def expected(answer, method, path, kind):
    """What may come of a request while a call of that kind fails."""
    status, body = answer
    if status in (200, 201, 204):
        return not path.startswith('/v1/weights') or \
            body == b'\0\0\x80?' * 100000
    if status in (403, 429, 500, 507):
        return json.loads(body)['code'] in (
            TROUBLES + LACKS if kind == 'memory' else TROUBLES)
    # A recipe that could not be written isn't there later.
    return status in (0, 404)


def round_fails(url, edges, fault, number, left):
    """A round in which a call fails; returns whether it was made."""
    kind, error = fault
    what = f'{kind} {left} fails with {errno.errorcode.get(error, "a part")}'
    edges.arm(kind, error, left)
    kept = None
    for method, path, body, _ in requests(number):
        answer = ask(url, method, path, body)
        tally.check(f'{what}: {method} {path[:40]} is answered or dropped',
                    expected(answer, method, path, kind), answer)
        if method == 'PUT' and 'same' in path and answer[0] in (200, 201):
            kept = body
    fired = edges.disarm()
    if kept:
        got = ask(url, 'GET', '/v1/recipes/lab/same')
        tally.equal(f'{what}: what was kept is there', got, (200, kept))
    return fired


def round_holds(url, number, what):
    """A round in which nothing fails; the body of each answer is whole."""
    ask(url, 'DELETE', '/v1/recipes/lab/round')
    for method, path, body, status in requests(number):
        answer = ask(url, method, path, body)
        tally.equal(f'after {what}: {method} {path[:40]}', answer[0], status)
        if method == 'GET' and path.endswith('round'):
            tally.equal(f'after {what}: what was put is there', answer[1],
                        document(number))


def every_call_fails_once(url, edges):
    ask(url, 'PUT', '/v1/recipes/lab/same', document(0))
    number = 0
    for fault in FAULTS:
        for left in range(1, MOST):
            number += 2
            if not round_fails(url, edges, fault, number, left):
                break
            round_holds(url, number + 1, f'{fault} {left}')
        tally.check(f'{fault} is reached, and passed', 1 < left < MOST - 1,
                    left)


def in_flight(url):
    samples = exposition.read(ask(url, 'GET', '/metrics')[1].decode())
    return exposition.value(samples, 'sow_http_requests_in_flight')


def a_full_disk_is_507(url, edges):
    # The log's line of the request before, which is a write too, comes before
    # that has ended.
    tally.check('requests end', tally.within(
        PATIENCE, lambda: in_flight(url) == 1))
    edges.arm('write', errno.ENOSPC, 1)
    status, body = ask(url, 'PUT', '/v1/recipes/lab/full', document(1))
    edges.disarm()
    tally.equal('a full disk is STORE_FULL',
                (status, json.loads(body)['code']), (507, 'STORE_FULL'))
    tally.equal('and nothing was kept',
                ask(url, 'GET', '/v1/recipes/lab/full')[0], 404)


def starts(edges, kind, error, *options):
    """How a start ends for want of each: number, exit status, and log."""
    for left in range(1, MOST):
        edges.arm(kind, error, left)
        process = subprocess.Popen(
            [daemon.ROOT / daemon.PROGRAM, '--listen', '127.0.0.1:0',
             *options],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        said = daemon.log_until_end(process)
        if not edges.disarm():
            break
        yield left, process.returncode, said
    tally.equal(f'with every {kind} it runs and stops', process.returncode, 0)
    tally.check(f'there was a {kind} to lack', left > 1)


def no_thread_no_start(edges):
    """The daemon must end and say why."""
    for left, code, said in starts(edges, 'thread', errno.EAGAIN):
        tally.check(f'without thread {left} it ends, and says so',
                    code is not None and code > 0 and said.strip(),
                    (code, said))


def no_memory_no_start(edges):
    """It must do without, or end and say why.

    libseccomp doesn't bear a lack of memory.
    """
    for left, code, said in starts(edges, 'memory', errno.ENOMEM,
                                   '--sandbox', 'off'):
        tally.check(f'without allocation {left} it runs, or says why not',
                    code in (0, 1, 2) and said.strip(), (code, said))


def no_descriptor_left(url):
    """More connections than descriptors: they wait; others go on."""
    before = len(os.listdir(f'/proc/{url.pid}/fd'))
    limits = resource.prlimit(url.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(url.pid, resource.RLIMIT_NOFILE, (before + 8, limits[1]))
    with contextlib.ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(
                socket.create_connection((url.host, url.port), PATIENCE))
        time.sleep(0.3)
        spent = cpu_seconds(url.pid)
        time.sleep(1)
        spent = cpu_seconds(url.pid) - spent
        tally.check('it waits for descriptors without turning', spent < 0.5,
                    spent)
    tally.equal('it answers when connections are closed',
                ask(url, 'GET', '/healthz')[0], 200)
    resource.prlimit(url.pid, resource.RLIMIT_NOFILE, limits)


def cpu_seconds(pid):
    text = pathlib.Path(f'/proc/{pid}/stat').read_text()
    fields = text.rpartition(') ')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def clients_that_reset(url):
    """In the middle of an answer, and in the middle of a body."""
    answer = (b'GET /v1/weights?scheme=normal&shape=50000000&digest=off '
              b'HTTP/1.1')
    upload = b'PUT /v1/recipes/lab/reset HTTP/1.1\r\nContent-Length: 5000'
    for i in range(40):
        with socket.create_connection((url.host, url.port), PATIENCE) as peer:
            peer.sendall((answer if i % 2 else upload) +
                         b'\r\nHost: a\r\n\r\n')
            if i % 2:
                peer.recv(1000 * i)
            else:
                peer.sendall(b'{' * 1000)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack('ii', 1, 0))
    tally.equal('it answers after resets', ask(url, 'GET', WEIGHTS)[0], 200)
    tally.equal('nothing came of half a body',
                ask(url, 'GET', '/v1/recipes/lab/reset')[0], 404)


def main(folder):
    library = folder / 'edges.so'
    subprocess.run(['cc', '-shared', '-fPIC', '-O1', '-D_GNU_SOURCE', '-o',
                    library, daemon.ROOT / 'tests/clients/edges.c', '-ldl'],
                   check=True)
    edges = Edges(folder / 'edges')
    os.environ['EDGES'] = str(edges.path)
    os.environ['LD_PRELOAD'] = str(library)
    os.environ['ASAN_OPTIONS'] = 'verify_asan_link_order=0'
    (folder / 'recipes').mkdir()
    (folder / 'cache').mkdir()
    with daemon.running('--recipes', str(folder / 'recipes'),
                        '--cache', str(folder / 'cache')) as url:
        tally.run(every_call_fails_once, url, edges)
        tally.run(a_full_disk_is_507, url, edges)
        tally.run(clients_that_reset, url)
        tally.run(no_descriptor_left, url)
    tally.run(no_thread_no_start, edges)
    tally.run(no_memory_no_start, edges)


if __name__ == '__main__':
    with tempfile.TemporaryDirectory() as scratch:
        tally.run(main, pathlib.Path(scratch))
    tally.finish()
