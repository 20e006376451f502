# SPDX-License-Identifier: MIT
"""A TCP relay before the daemon: notes each request, and can cut an answer.

    with relay.before(url) as link:
        ...                 a client of link.url
        link.taken()        ['HEAD /init/x/resolve/main/y 200', …] since last

Bytes pass as they are; only what is needed to tell requests apart is read.
"""
import contextlib
import re
import socket
import socketserver
import threading

SIZE = 1 << 16
LENGTH = re.compile(rb'\r\ncontent-length: *([0-9]+)', re.IGNORECASE)
RANGE = re.compile(rb'\r\nrange: *([^\r]*)', re.IGNORECASE)
COMMIT = re.compile(r'\b[0-9a-f]{40}\b')


class Relay(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, url):
        super().__init__(('127.0.0.1', 0), _Connection)
        self.upstream = (url.host, url.port)
        self.url = f'http://127.0.0.1:{self.server_address[1]}'
        self._lock = threading.Lock()
        self._log = []
        self._cuts = []

    def cut(self, pattern, size):
        """End an answer after 'size' bytes of it, head and all.

        It is the next to a request that has 'pattern' in its first line.
        """
        with self._lock:
            self._cuts.append((pattern, size))

    def taken(self):
        """The requests answered since the last call, each with its status.

        Commits are COMMIT; a range is named; the query that a client makes
        once a process, about itself, is left out.
        """
        with self._lock:
            done = [entry for entry in self._log if len(entry) == 2]
            self._log = [entry for entry in self._log if len(entry) < 2]
        return [' '.join(entry) for entry in done
                if not entry[0].endswith('/api/agent-harnesses')]

    def note(self, line, asked_range):
        """Note a request; returns its entry, and after how much to cut.

        The entry is a list of one; whoever sees the status appends it.
        """
        said = COMMIT.sub('COMMIT', line)
        entry = [f'{said} {asked_range}' if asked_range else said]
        with self._lock:
            self._log.append(entry)
            cut = next((c for c in self._cuts if c[0] in line), None)
            if cut:
                self._cuts.remove(cut)
        return entry, cut[1] if cut else None


class _Connection(socketserver.BaseRequestHandler):
    def setup(self):
        self.entry = None
        self.left = None
        self.closed = False

    def handle(self):
        with socket.create_connection(self.server.upstream) as upstream:
            self.upstream = upstream
            answers = threading.Thread(target=self._answers, daemon=True)
            answers.start()
            self._requests()
            answers.join()

    def _end(self):
        """End both ways, which wakes who waits."""
        for end in (self.request, self.upstream):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _requests(self):
        pending, skip = b'', 0
        with contextlib.suppress(OSError):
            while data := self.request.recv(SIZE):
                pending += data
                skipped = min(skip, len(pending))
                pending, skip = pending[skipped:], skip - skipped
                while not skip and b'\r\n\r\n' in pending:
                    head, pending = pending.split(b'\r\n\r\n', 1)
                    skip = self._request(head)
                    skipped = min(skip, len(pending))
                    pending, skip = pending[skipped:], skip - skipped
                self.upstream.sendall(data)
        self._end()

    def _request(self, head):
        """Note a request; returns the size of its body."""
        line = head.split(b'\r\n', 1)[0].decode('latin-1').rsplit(' ', 1)[0]
        asked = RANGE.search(head)
        self.entry, self.left = self.server.note(
            line, asked and asked[1].decode('latin-1'))
        size = LENGTH.search(head)
        return int(size[1]) if size else 0

    def _answers(self):
        with contextlib.suppress(OSError):
            while data := self.upstream.recv(SIZE):
                if self.entry:
                    self.entry.append(data[9:12].decode('latin-1'))
                    self.entry = None
                if self.left is not None and len(data) >= self.left:
                    self.request.sendall(data[:self.left])
                    break
                if self.left is not None:
                    self.left -= len(data)
                self.request.sendall(data)
        self._end()


@contextlib.contextmanager
def before(url):
    """A relay before the daemon of daemon.running(), for a while."""
    with Relay(url) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
