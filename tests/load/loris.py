# SPDX-License-Identifier: MIT
"""Many slow connections to a server, in a process of their own:

    loris.py HOST PORT COUNT

Half send a head, a quarter a body, a byte at a time; a quarter read an answer
likewise.  Each does so once a second, and starts again when it is cut off.
Prints 'open' when all have begun, and when its input ends how many were cut
off.
"""
import select
import socket
import sys
import time

import load

# The time in which everyone had a turn, in slots of 10 ms.
SLOTS = 100
PAUSE = 0.01

HEAD = b'GET /v1/weights?shape=4&scheme=ones HTTP/1.1\r\nHost: a\r\nX-Field: '
BODY = load.request_head(
    '/v1/weights', 'POST',
    'Content-Type: application/json\r\nContent-Length: 100000\r\n') + b'{'
ANSWER = load.request_head(
    '/v1/weights?shape=16777216&scheme=normal&digest=off')


class Slow:
    """A connection that starts again when it ends."""

    def __init__(self, address, begin, reads):
        self._address, self._begin, self._reads = address, begin, reads
        self.cut = 0
        self._open()

    def _open(self):
        self._link = socket.socket()
        if self._reads:
            self._link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._link.connect(self._address)
        self._link.sendall(self._begin)
        self._link.setblocking(False)

    def turn(self):
        """Send or read one byte."""
        try:
            if self._reads and self._link.recv(1):
                return
            if not self._reads and self._link.send(b' '):
                return
        except BlockingIOError:
            return
        except ConnectionError:
            pass
        self._link.close()
        self.cut += 1
        self._open()


def main(host, port, count):
    load.raise_descriptors()
    kinds = [(HEAD, False), (BODY, False), (HEAD, False), (ANSWER, True)]
    crowd = [Slow((host, port), *kinds[i % len(kinds)]) for i in range(count)]
    print('open', flush=True)
    turn = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        for slow in crowd[turn % SLOTS::SLOTS]:
            slow.turn()
        turn += 1
        time.sleep(PAUSE)
    print('cut off', sum(slow.cut for slow in crowd), flush=True)


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
