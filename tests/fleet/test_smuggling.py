# SPDX-License-Identifier: MIT
"""Requests that two servers could read differently, alone and through proxies.

Both libmicrohttpd that there are, 0.9 and 1.0, read them: sowd is built with
the libraries of this Debian, and with those of the other one.

Each payload hides the request for /smuggled where by the RFCs no request
begins: in a body, or in a head.  Whoever refuses it is right, and who reads a
body is right; the daemon must never be asked for /smuggled.
"""
import contextlib
import pathlib
import platform
import re
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

# Debian 12 and 13.
SUITES = ['bookworm', 'trixie']

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
    'a coding whose name goes on in a folded line': post(
        b'Transfer:' + 20 * b' ' + b'chunked\r\n -Encoding',
        b'Content-Length: ' + b'%d' % len(CHUNKED), body=CHUNKED),
    'a coding behind a bare line feed': post(
        b'X: y\nTransfer-Encoding: chunked', b'Content-Length: ' +
        b'%d' % len(CHUNKED), body=CHUNKED),
    'a coding behind a bare carriage return': post(
        b'X: y\rTransfer-Encoding: chunked', b'Content-Length: ' +
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


def get(*fields, line=b'GET /healthz HTTP/1.1', end=b'\r\n'):
    return end.join([line, b'Host: x', *fields]) + 2 * end


# What no client sends.
MALFORMED = {
    'a bare line feed': get(end=b'\n'),
    'a bare line feed between fields': get(b'A: b\nC: d'),
    'a bare carriage return': get(b'A: b\rC: d'),
    'a folded field': get(b'A: b\r\n c'),
    'a field that begins with a blank': get(b' A: b').replace(
        b'Host: x\r\n A: b', b' A: b\r\nHost: x'),
    'a blank before a colon': get(b'A : b'),
    'a blank in a name': get(b'A B: c'),
    'a field without a name': get(b': b'),
    'a field without a colon': get(b'A'),
    'NUL in a field': get(b'A: b\0c'),
    'NUL in a target': get(line=b'GET /healthz\0 HTTP/1.1'),
    'NUL in a method': get(line=b'GE\0T /healthz HTTP/1.1'),
    'a blank in a target': get(line=b'GET /healthz HTTP/1.1 HTTP/1.1'),
    'two blanks in the first line': get(line=b'GET  /healthz HTTP/1.1'),
    'tabs in the first line': get(line=b'GET\t/healthz\tHTTP/1.1'),
    'no Host': b'GET /healthz HTTP/1.1\r\n\r\n',
    'two Hosts': get(b'Host: x'),
    'a length beside a coding': post(
        b'Transfer-Encoding: chunked', b'Content-Length: 5', body=CHUNKED),
    'another coding': post(b'Transfer-Encoding: gzip, chunked', body=CHUNKED),
    'a length that is none': post(b'Content-Length: x'),
    'a chunk that ends in a bare line feed': post(
        b'Content-Type: application/json', b'Transfer-Encoding: chunked',
        body=b'1\n1\n0\n\n'),
}

# What of that 0.9.75 takes: a proxy has to refuse it.
BORNE = {'a bare line feed', 'a bare line feed between fields',
         'two blanks in the first line',
         'a folded field', 'a field without a name', 'NUL in a field',
         'NUL in a target', 'a chunk that ends in a bare line feed'}

STATUS = re.compile(rb'^HTTP/1\.1 (\d+) ', re.MULTILINE)

# HAProxy 2.6 passes this length on, takes it for 0 itself, and sends what
# follows as the next request, which it has looked at as at any other; so
# nothing is hidden from it.  sowd refuses the first.
NOT_HIDDEN = {('HAProxy', 'a length beyond 64 bits')}


def exchange(url, payload):
    """Send it, and read until the server has no more to say for a moment.

    Returns what it said, and whether it ended the connection.
    """
    host, port = url.removeprefix('http://').split(':')
    answer = b''
    with socket.create_connection((host, int(port)), 10) as connection:
        try:
            connection.sendall(payload)
            connection.settimeout(0.4)
            while piece := connection.recv(65536):
                answer += piece
        except TimeoutError:
            return answer, False
        except OSError:
            pass  # it ended without a farewell
    return answer, True


def send(url, payload):
    return exchange(url, payload)[0]


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


def test_what_no_client_sends(member, version):
    """1.0 refuses all of it, and ends the connection; 0.9 does what it can."""
    strict = not version.startswith('0.')
    for what, head in MALFORMED.items():
        answer, closed = exchange(member.url, head)
        if not strict and what in BORNE:
            continue
        statuses = STATUS.findall(answer)
        tally.check(f'{version}: {what} is refused',
                    all(400 <= int(s) <= 501 for s in statuses) and
                    (answer or closed), answer[:300])
        if strict:
            tally.check(f'{version}: {what} ends the connection, with one '
                        'answer at most', closed and len(statuses) <= 1,
                        answer[:300])


def test_program(program):
    """All of it with one program; returns the version of its library."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        member = fleet.Member(folder, 0, '--log-level', 'debug',
                              program=program)
        proxy = fleet.Proxy(folder, [member.address])
        version = re.search(r' libmicrohttpd (\S+)',
                            member.log.read_text())[1]
        try:
            tally.run(test_the_log_would_tell, member)
            tally.run(test_what_no_client_sends, member, version)
            tally.run(test_payloads, f'sowd ({version})', member.url, member)
            tally.run(test_payloads, 'HAProxy', proxy.url, member)
            with nginx(folder, member.address) as url:
                tally.run(test_payloads, 'nginx', url, member)
        finally:
            proxy.close()
            member.close()
    return version


def other_programs():
    """sowd built with the libraries of other Debians than this."""
    here = platform.freedesktop_os_release().get('VERSION_CODENAME')
    for suite in SUITES:
        if suite == here:
            continue
        done = subprocess.run([fleet.ROOT / 'tests/debian.sh', suite],
                              stdout=subprocess.PIPE, text=True)
        if done.returncode == 77:
            print(f'skipped: the libraries of {suite} can\'t be had here')
            continue
        if tally.equal(f'sowd builds on {suite}', done.returncode, 0):
            yield fleet.ROOT / done.stdout.strip()


def main():
    versions = {test_program(fleet.PROGRAM)}
    for program in other_programs():
        version = test_program(program)
        tally.check('another library is another version',
                    version not in versions, version)
        versions.add(version)
    tally.finish()


if __name__ == '__main__':
    main()
