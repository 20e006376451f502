# SPDX-License-Identifier: MIT
"""docker/proxy/nginx.conf: what a replica is told of a request."""
import contextlib
import http.client
import http.server
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import fleet

sys.path.insert(0, str(fleet.ROOT / 'tests/clients'))
import tally  # noqa: E402

CONFIG = fleet.ROOT / 'docker/proxy/nginx.conf'
CACHED = '/init/tiny/resolve/' + '1' * 40 + '/model.safetensors'
PATIENCE = 30


class Replica(http.server.BaseHTTPRequestHandler):
    """Notes the head of each request, and the size of its body."""
    protocol_version = 'HTTP/1.1'
    seen = []

    def answer(self):
        size = int(self.headers.get('Content-Length', 0))
        while size > 0:
            size -= len(self.rfile.read(min(size, 1 << 20)))
        self.seen.append((self.path, self.headers))
        part = 'Range' in self.headers
        self.send_response(206 if part else 200)
        self.send_header('Content-Length', '4')
        self.send_header('ETag', '"a"')
        if part:
            self.send_header('Content-Range', 'bytes 0-3/4')
        self.end_headers()
        self.wfile.write(b'body')

    do_GET = do_POST = answer

    def log_message(self, *words):
        pass


def config(folder, port, replica):
    """The text as it is, but for where things are."""
    text = CONFIG.read_text()
    for pattern, right in [(r'user www-data;\n', ''),
                           (r'pid .*;', f'pid {folder}/pid;'),
                           (r'http \{', 'http {\n' + ''.join(
                               f'{kind}_temp_path {folder}/{kind};\n'
                               for kind in ('client_body', 'proxy', 'fastcgi',
                                            'uwsgi', 'scgi'))),
                           (r'/run/tls', f'{folder}/tls'),
                           (r'/var/cache/sow', f'{folder}/cache'),
                           (r'listen 8443', f'listen 127.0.0.1:{port}'),
                           (r'sowd-\d:8080', f'127.0.0.1:{replica}')]:
        text, count = re.subn(pattern, right, text)
        if count == 0:
            raise AssertionError(f'{pattern} is not in {CONFIG}')
    return text


@contextlib.contextmanager
def proxy(folder, replica):
    """nginx before the replica at that port; yields its own."""
    port = fleet.free_port()
    subprocess.run(
        ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
         'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=localhost',
         '-keyout', folder / 'tls.key', '-out', folder / 'tls.crt'],
        check=True, stderr=subprocess.DEVNULL)
    file = folder / 'nginx.conf'
    file.write_text(config(folder, port, replica))
    program = shutil.which('nginx', path='/usr/sbin:/usr/bin')
    process = subprocess.Popen([program, '-c', file, '-g', 'daemon off;'],
                               stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                socket.create_connection(('127.0.0.1', port), 1).close()
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def ask(port, method, path, body=None):
    context = ssl._create_unverified_context()
    link = http.client.HTTPSConnection('127.0.0.1', port, context=context,
                                       timeout=PATIENCE)
    with contextlib.closing(link):
        link.request(method, path, body)
        answer = link.getresponse()
        answer.read()
        return answer.status


def test_a_replica_is_told_of_the_client(port):
    for path in ('/v1/version', CACHED):
        del Replica.seen[:]
        tally.equal(f'{path} is answered', ask(port, 'GET', path), 200)
        (seen, fields), = Replica.seen
        tally.equal('as it was asked', seen, path)
        for name, right in [('Host', f'127.0.0.1:{port}'),
                            ('X-Forwarded-Proto', 'https'),
                            ('X-Forwarded-For', '127.0.0.1'),
                            ('Connection', None)]:
            tally.equal(f'{name} of {path[:12]}', fields[name], right)


def test_bodies_are_as_large_as_may_be(port):
    largest = bytes(64 << 20)
    tally.equal('64 MiB pass',
                ask(port, 'POST', '/v1/weights', largest), 200)


def main():
    replica = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Replica)
    threading.Thread(target=replica.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        with proxy(folder, replica.server_port) as port:
            tally.run(test_a_replica_is_told_of_the_client, port)
            tally.run(test_bodies_are_as_large_as_may_be, port)
    replica.shutdown()
    tally.finish()


if __name__ == '__main__':
    main()
