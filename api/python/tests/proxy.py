# SPDX-License-Identifier: MIT
"""A proxy before the daemon that can cut answers, refuse and take notes."""
import contextlib
import http.client
import http.server
import threading
import urllib.parse


class Proxy(http.server.ThreadingHTTPServer):
    """'refusals' are answered first, one (status, headers) to a request;
    'cuts' has the bytes after which further answers with weights end.
    'seen' has (method, target, headers) of all."""
    daemon_threads = True

    def __init__(self, url):
        super().__init__(('127.0.0.1', 0), _Handler)
        parts = urllib.parse.urlsplit(url)
        self.behind = parts.hostname, parts.port
        self.url = f'http://127.0.0.1:{self.server_port}'
        self.refusals, self.cuts, self.seen, self.edits = [], [], [], {}
        self.lock = threading.Lock()

    def handle_error(self, request, client_address):
        """A client that goes away is none."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def _note(self):
        with self.server.lock:
            self.server.seen.append(
                (self.command, self.path, dict(self.headers)))
            return self.server.refusals.pop(0) if self.server.refusals else 0

    def _cut(self, answer):
        if answer.headers['Content-Type'] != 'application/octet-stream':
            return None
        with self.server.lock:
            return self.server.cuts.pop(0) if self.server.cuts else None

    def _refuse(self, status, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
        if refusal := self._note():
            return self._refuse(*refusal)
        behind = http.client.HTTPConnection(*self.server.behind)
        headers = {name: value for name, value in self.headers.items()
                   if name.lower() != 'host'}
        behind.request(self.command, self.path, body or None, headers)
        answer = behind.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ('transfer-encoding', 'date'):
                self.send_header(name, self.server.edits.get(name, value))
        chunked = answer.headers['Content-Length'] is None
        if chunked:
            self.send_header('Connection', 'close')
        self.end_headers()
        cut = self._cut(answer)
        data = answer.read()
        self.wfile.write(data if cut is None else data[:cut])
        self.close_connection = chunked or cut is not None
        behind.close()

    do_POST = do_PUT = do_DELETE = do_GET


@contextlib.contextmanager
def before(url):
    """A proxy before the daemon at 'url'."""
    with Proxy(url) as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
