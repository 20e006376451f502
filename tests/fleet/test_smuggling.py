# SPDX-License-Identifier: MIT
"""Requests that two servers could read differently, alone and through proxies.

Each payload hides the request for /smuggled where by the RFCs no request
begins: in a body, or in a head.  Whoever refuses it is right, and who reads a
body is right; the daemon must never be asked for /smuggled.
"""
import contextlib
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import fleet

sys.path.insert(0, str(fleet.ROOT / 'tests/clients'))
import tally  # noqa: E402

HIDDEN = b'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
SIZE = b'%d' % len(HIDDEN)

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream sowd {{ server {address}; keepalive 8; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://sowd;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
}}
"""


def post(*fields, body=HIDDEN, version=b'1.1', end=b'\r\n'):
    """A POST with those field lines."""
    lines = [b'POST /v1/weights HTTP/' + version, b'Host: x', *fields]
    return end.join(lines) + 2 * end + body


def chunk(data, size=None):
    return (size or b'%x' % len(data)) + b'\r\n' + data + b'\r\n'


CHUNKED = chunk(HIDDEN) + b'0\r\n\r\n'

# What hides it, and the bytes.
PAYLOADS = {
    'a body': post(b'Content-Length: ' + SIZE),
    'a chunk': post(b'Transfer-Encoding: chunked', body=CHUNKED),
    'a body behind two equal lengths': post(
        b'Content-Length: ' + SIZE, b'Content-Length: ' + SIZE),
    'a body behind two lengths': post(
        b'Content-Length: ' + SIZE, b'Content-Length: 0'),
    'a body behind two lengths, the shorter first': post(
        b'Content-Length: 0', b'Content-Length: ' + SIZE),
    'a list of lengths': post(b'Content-Length: ' + SIZE + b', 0'),
    'a chunk behind a length of 0': post(
        b'Content-Length: 0', b'Transfer-Encoding: chunked', body=CHUNKED),
    'a chunk before a length of 0': post(
        b'Transfer-Encoding: chunked', b'Content-Length: 0', body=CHUNKED),
    'a chunk of two codings': post(
        b'Transfer-Encoding: chunked', b'Transfer-Encoding: identity',
        body=CHUNKED),
    'a chunk of an unknown coding first': post(
        b'Transfer-Encoding: x, chunked', body=CHUNKED),
    'a chunk in capitals': post(b'TRANSFER-ENCODING: CHUNKED', body=CHUNKED),
    'a coding with a tab': post(b'Transfer-Encoding:\tchunked', body=CHUNKED),
    'a coding in quotes': post(
        b'Transfer-Encoding: "chunked"', b'Content-Length: ' +
        b'%d' % len(CHUNKED), body=CHUNKED),
    'a folded coding': post(
        b'Transfer-Encoding:\r\n chunked', b'Content-Length: ' +
        b'%d' % len(CHUNKED), body=CHUNKED),
    'a coding with a space before the colon': post(
        b'Transfer-Encoding : chunked', b'Content-Length: ' +
        b'%d' % len(CHUNKED), body=CHUNKED),
    'a coding with a vertical tab': post(
        b'Transfer-Encoding: \x0bchunked', b'Content-Length: ' +
        b'%d' % len(CHUNKED), body=CHUNKED),
    'a coding in a field that is none': post(
        b'X: y\x00Transfer-Encoding: chunked', b'Content-Length: ' +
        b'%d' % len(CHUNKED), body=CHUNKED),
    'a length with a plus': post(b'Content-Length: +' + SIZE),
    'a length with a minus': post(b'Content-Length: -1'),
    'a length in hexadecimal': post(b'Content-Length: 0x%x' % len(HIDDEN)),
    'a length beyond 64 bits': post(
        b'Content-Length: 18446744073709551616'),
    'a chunk with an extension': post(
        b'Transfer-Encoding: chunked',
        body=chunk(HIDDEN, b'%x;a=b' % len(HIDDEN)) + b'0\r\n\r\n'),
    'a chunk\'s extension with a line feed': post(
        b'Transfer-Encoding: chunked', body=b'2;\nxx\r\n' + CHUNKED),
    'a chunk of a size beyond 64 bits': post(
        b'Transfer-Encoding: chunked',
        body=chunk(HIDDEN, b'10000000000000000')),
    'a chunk of a negative size': post(
        b'Transfer-Encoding: chunked', body=chunk(HIDDEN, b'-1')),
    'a chunk of a size with 0x': post(
        b'Transfer-Encoding: chunked',
        body=chunk(HIDDEN, b'0x%x' % len(HIDDEN)) + b'0\r\n\r\n'),
    'a chunk in HTTP/1.0': post(
        b'Transfer-Encoding: chunked', b'Connection: keep-alive',
        body=CHUNKED, version=b'1.0'),
    'the body of a GET': post(b'Content-Length: ' + SIZE).replace(
        b'POST', b'GET', 1),
    'the body of a method nobody knows': post(
        b'Content-Length: ' + SIZE).replace(b'POST', b'BREW', 1),
    'a body that waits for 100': post(
        b'Expect: 100-continue', b'Content-Length: ' + SIZE),
    'a body that waits for something else': post(
        b'Expect: x', b'Content-Length: ' + SIZE),
    'a body behind an upgrade': post(
        b'Connection: Upgrade, HTTP2-Settings', b'Upgrade: h2c',
        b'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
        b'Content-Length: ' + SIZE),
    'a length that Connection names': post(
        b'Connection: Content-Length', b'Content-Length: ' + SIZE),
    'a trailer': post(
        b'Transfer-Encoding: chunked',
        body=b'0\r\nContent-Length: ' + SIZE + b'\r\nX: ' +
        HIDDEN.split(b'\r\n')[0] + b'\r\n\r\n'),
}

# HAProxy 2.6 passes this length on, takes it for 0 itself, and sends what
# follows as the next request, which it has looked at as at any other; so
# nothing is hidden from it.  sowd refuses the first.
NOT_HIDDEN = {('HAProxy', 'a length beyond 64 bits')}


def send(url, payload):
    """Send it, and read until the server has no more to say for a moment."""
    host, port = url.removeprefix('http://').split(':')
    answer = b''
    with contextlib.suppress(OSError), \
            socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(payload)
        connection.settimeout(0.4)
        while piece := connection.recv(65536):
            answer += piece
    return answer


@contextlib.contextmanager
def nginx(folder, address):
    """nginx in front of one address; yields its URL."""
    (folder / 'nginx').mkdir()
    port = fleet.free_port()
    config = folder / 'nginx.conf'
    config.write_text(NGINX.format(folder=folder / 'nginx', port=port,
                                   address=address))
    program = shutil.which('nginx', path='/usr/sbin:/usr/bin')
    process = subprocess.Popen([program, '-c', config],
                               stderr=subprocess.DEVNULL)
    url = f'http://127.0.0.1:{port}'
    try:
        fleet.wait_ready(url)
        yield url
    finally:
        process.terminate()
        process.wait()


def seen(member):
    """How often the daemon was asked for it, by its log."""
    return member.log.read_bytes().count(b'/smuggled')


def test_the_log_would_tell(member):
    send(member.url, HIDDEN)
    time.sleep(0.2)
    tally.check('a request that isn\'t hidden is seen', seen(member) == 1)


def test_payloads(name, url, member):
    before = seen(member)
    for what, payload in PAYLOADS.items():
        answer = send(url, payload)
        time.sleep(0.05)
        now = seen(member)
        if (name, what) not in NOT_HIDDEN:
            tally.check(f'{name}: {what} hides no request', now == before,
                        f'{payload!r} gave {answer[:300]!r}')
        before = now
    tally.check(f'{name} still serves',
                b' 200 ' in send(url, b'GET /healthz HTTP/1.1\r\nHost: x\r\n'
                                 b'Connection: close\r\n\r\n'))


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        member = fleet.Member(folder, 0, '--log-level', 'debug')
        proxy = fleet.Proxy(folder, [member.address])
        try:
            tally.run(test_the_log_would_tell, member)
            tally.run(test_payloads, 'sowd', member.url, member)
            tally.run(test_payloads, 'HAProxy', proxy.url, member)
            with nginx(folder, member.address) as url:
                tally.run(test_payloads, 'nginx', url, member)
        finally:
            proxy.close()
            member.close()
    tally.finish()


if __name__ == '__main__':
    main()
