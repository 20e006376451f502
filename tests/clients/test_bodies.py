# SPDX-License-Identifier: MIT
"""Large bodies that come at the same time: what they take of memory."""
import json
import socket
import threading
import time

import daemon
import tally

MIB = 1 << 20
CROWD = 6
WORKERS = 4

# Of so much a 64th is read at a time, or one body that is larger.
UPLOADS = 256 * MIB

# 4.3 MiB of JSON that is refused when it has been read to its end.
REFUSED = b'[' + b'{"a":1,"b":[2]},' * 280_000 + b'{}]'

# As much that is answered.
FINE = json.dumps({
    'scheme': 'zeros', 'format': 'manifest', 'digest': 'off',
    'layers': [{'name': f'layers.{i}.a-name-that-is-none-too-short.weight',
                'shape': [4, 4]} for i in range(56_000)]}).encode()


def peak(url):
    """Bytes of the daemon's memory when it had most."""
    with open(f'/proc/{url.pid}/status') as status:
        line = next(line for line in status if line.startswith('VmHWM:'))
    return int(line.split()[1]) << 10


def post(url, body):
    """The status of the answer, which is read to its end."""
    with socket.create_connection((url.host, url.port), 120) as link:
        link.sendall(
            b'POST /v1/weights HTTP/1.1\r\nHost: a\r\nConnection: close\r\n'
            b'Content-Type: application/json\r\n'
            b'Content-Length: %d\r\n\r\n' % len(body) + body)
        begin = b''
        while part := link.recv(1 << 20):
            begin = begin or part
    return int(begin.split()[1])


def crowd(url, body, count):
    """The statuses of so many at once."""
    statuses = []
    threads = [threading.Thread(
        target=lambda: statuses.append(post(url, body)))
        for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


def running():
    return daemon.running('--workers', str(WORKERS), '--max-upload-bytes',
                          str(UPLOADS))


def a_crowd_takes_no_more_than_one_and_its_bodies(body, status):
    with running() as url:
        tally.equal('one is answered', crowd(url, body, 1), [status])
        alone = peak(url)
        instrumented = daemon.instrumented(url)
        begun = time.monotonic()
        tally.equal('all of a crowd are answered', crowd(url, body, CROWD),
                    [status] * CROWD)
        seconds, most = time.monotonic() - begun, peak(url)
    print(f'{len(body) / MIB:.1f} MiB, status {status}: {alone / MIB:.0f} MiB '
          f'for one, {most / MIB:.0f} MiB for {CROWD}, in {seconds:.1f} s')
    if instrumented:
        print('memory is not measured: a sanitizer holds most of it')
        return
    # A body is kept in the next power of two.
    tally.check('a crowd takes what one takes, and room for the bodies',
                most < alone + CROWD * 8 * MIB + 64 * MIB, most)


def test_refused():
    a_crowd_takes_no_more_than_one_and_its_bodies(REFUSED, 400)


def test_answered():
    a_crowd_takes_no_more_than_one_and_its_bodies(FINE, 200)


for test in (test_refused, test_answered):
    tally.run(test)
tally.finish()
