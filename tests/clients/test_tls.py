#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""HTTPS: curl, the health check, our Python client, and bad certificates."""
import contextlib
import hashlib
import os
import pathlib
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

import daemon
import tally

sys.path.append(str(daemon.ROOT / 'api' / 'python'))

PROGRAM = daemon.ROOT / daemon.PROGRAM

# Small, a block and more, and such as takes long work first.
TARGETS = ['/v1/weights?shape=3&scheme=ones',
           '/v1/weights?shape=3000001&scheme=normal&seed=7',
           '/v1/weights?shape=600,500&scheme=orthogonal&seed=7',
           '/v1/weights?shape=200,300&scheme=normal&format=json',
           '/v1/schemes', '/openapi.json']


def openssl(*words):
    subprocess.run(['openssl', *words], check=True, capture_output=True)


class Papers:
    """A root, and certificates that it signs for 127.0.0.1."""

    def __init__(self, folder):
        self.folder = folder
        self.root = folder / 'root.pem'
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt',
                'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj',
                '/CN=root', '-addext', 'basicConstraints=critical,CA:TRUE',
                '-addext', 'keyUsage=critical,keyCertSign', '-keyout',
                folder / 'root.key', '-out', self.root)

    def issue(self, name, days='1'):
        """Options for a daemon that has a certificate of that name."""
        key, request = self.folder / f'{name}.key', self.folder / f'{name}.csr'
        cert, more = self.folder / f'{name}.pem', self.folder / 'more'
        openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
                '-nodes', '-subj', f'/CN={name}', '-keyout', key, '-out',
                request)
        more.write_text('subjectAltName=IP:127.0.0.1\n')
        openssl('x509', '-req', '-in', request, '-CA', self.root, '-CAkey',
                self.folder / 'root.key', '-CAcreateserial', '-days', days,
                '-extfile', more, '-out', cert)
        key.chmod(0o600)
        return ['--tls-cert', str(cert), '--tls-key', str(key)]


def curl(url, *options):
    """Exit status, and what came."""
    done = subprocess.run(['curl', '-sS', *options, url], capture_output=True,
                          timeout=120)
    return done.returncode, done.stdout, done.stderr.decode()


def answers_are_as_without(url, plain, root):
    for target in TARGETS:
        code, body, said = curl(url + target, '--cacert', root)
        tally.equal(f'{target} comes: {said}', code, 0)
        _, right, _ = curl(plain + target)
        tally.equal(f'{target} has the same bytes',
                    hashlib.sha256(body).digest(),
                    hashlib.sha256(right).digest())
    code, body, _ = curl(url + TARGETS[1], '--cacert', root, '-r',
                         '1000001-9000000')
    _, right, _ = curl(plain + TARGETS[1], '-r', '1000001-9000000')
    tally.equal('a range is the same', (code, len(body), body == right),
                (0, 8000000, True))


def many_at_a_time(url, root):
    bodies = []

    def fetch():
        bodies.append(curl(url + TARGETS[1], '--cacert', root)[1])

    threads = [threading.Thread(target=fetch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.equal('eight clients get the same', (len(bodies), len(set(bodies))),
                (8, 1))
    tally.equal('all of it', len(bodies[0]), 12000004)


def who_does_not_trust_gets_nothing(url):
    code, body, _ = curl(url + '/healthz')
    tally.equal('without the root curl ends it', (code, body), (60, b''))


def http_on_that_port_is_no_request(url):
    with socket.create_connection((url.host, url.port), 30) as plain:
        said = b''
        with contextlib.suppress(ConnectionError):
            plain.sendall(b'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n')
            while piece := plain.recv(4096):
                said += piece
    tally.check('plain HTTP gets no answer', b'HTTP/' not in said, said)


def old_protocols_are_refused(url, root):
    for version, taken in ((ssl.TLSVersion.TLSv1_2, True),
                           (ssl.TLSVersion.TLSv1_3, True),
                           (ssl.TLSVersion.TLSv1_1, False)):
        context = ssl.create_default_context(cafile=root)
        context.set_ciphers('DEFAULT@SECLEVEL=0')
        context.minimum_version = context.maximum_version = version
        try:
            with socket.create_connection((url.host, url.port), 30) as plain, \
                    context.wrap_socket(plain, server_hostname=url.host):
                got = True
        except (ssl.SSLError, OSError):
            got = False
        tally.equal(f'{version.name} is taken', got, taken)


def healthcheck(*options):
    done = subprocess.run([PROGRAM, 'healthcheck', *options], timeout=30,
                          capture_output=True, text=True)
    return done.returncode, done.stderr


def the_health_check_asks_by_tls(url, options):
    """It gives an answer a few seconds, which a busy machine may take."""
    listen = ('--listen', f'127.0.0.1:{url.port}')
    tally.check('it is well', tally.within(
        20, lambda: healthcheck(*listen, *options) == (0, '')))
    code, said = healthcheck(*listen)
    tally.equal('without TLS it gets no answer', code, 1)
    with daemon.running() as plain:
        code, said = healthcheck('--listen', f'127.0.0.1:{plain.port}',
                                 *options)
        tally.equal('a plain server is not well', code, 1)
        tally.check('that is told of https', 'https://' in said, said)
        tally.equal('it is told in a line', said.count('\n'), 1)


def silence_is_no_health(options):
    with socket.create_server(('127.0.0.1', 0)) as server:
        port = server.getsockname()[1]
        code, said = healthcheck('--listen', f'127.0.0.1:{port}', *options)
        tally.equal('who says nothing is not well', code, 1)
        tally.check('in time', 'no answer in time' in said, said)


def the_python_client_speaks_tls(url, root):
    import sow
    os.environ['SSL_CERT_FILE'] = str(root)
    with sow.Client(url) as client:
        found = client.tensor({'scheme': 'ones', 'layers': [
            {'name': 'a', 'shape': [3]}]}, 'a')
    del os.environ['SSL_CERT_FILE']
    tally.equal('it gets a tensor', found.tolist(), [1, 1, 1])
    try:
        sow.Client(url, retries=0).recipes()
        tally.check('without the root it refuses', False)
    except sow.SowError as error:
        tally.check('without the root it refuses', 'CERTIFICATE' in str(error),
                    error)


def a_client_that_leaves_is_noticed(url, root):
    """The work is left, so that the daemon can stop (as the end shows)."""
    context = ssl.create_default_context(cafile=root)
    plain = socket.create_connection((url.host, url.port), 30)
    with context.wrap_socket(plain, server_hostname=url.host) as connection:
        connection.sendall(
            b'GET /v1/weights?shape=4294967296&scheme=normal&digest=wait '
            b'HTTP/1.1\r\nHost: a\r\n\r\n')


def fails(*options):
    done = subprocess.run([PROGRAM, '--listen', '127.0.0.1:0', *options],
                          capture_output=True, text=True, timeout=60)
    tally.check(f'{options} ends it', done.returncode in (1, 2),
                done.returncode)
    return done.stderr


def bad_papers_are_told_of(papers, folder):
    one, other = papers.issue('one'), papers.issue('other')
    said = fails(*one[:2])
    tally.check('a certificate alone', '--tls-cert and --tls-key go together'
                in said, said)
    said = fails(*other[2:])
    tally.check('a key alone', '--tls-cert and --tls-key go together' in said,
                said)
    said = fails(*one[:2], *other[2:])
    tally.check("another one's key", 'mismatch' in said or 'not match' in said
                or "can't be used" in said, said)
    bad = folder / 'bad.pem'
    bad.write_text('-----BEGIN CERTIFICATE-----\nAAAA\n')
    said = fails('--tls-cert', str(bad), *one[2:])
    tally.check('no certificate', f'{bad}' in said and "can't be used" in said,
                said)
    said = fails(*one[:2], '--tls-key', str(folder / 'none'))
    tally.check('no key', 'No such file' in said, said)


def an_expired_certificate_is_told_of(papers):
    """OpenSSL 3.0 can't sign the past, but a day of no length is one."""
    options = papers.issue('late', '0')
    with daemon.running(*options) as url:
        tally.check('it is told', any(re.search('expired on|good until', line)
                                      for line in url.seen), url.seen)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        papers = Papers(folder)
        options = papers.issue('sowd')
        with daemon.running(*options) as url, daemon.running() as plain:
            tally.check('it says https', url.startswith('https://'), url)
            tally.run(answers_are_as_without, url, plain, papers.root)
            tally.run(many_at_a_time, url, papers.root)
            tally.run(who_does_not_trust_gets_nothing, url)
            tally.run(http_on_that_port_is_no_request, url)
            tally.run(old_protocols_are_refused, url, papers.root)
            tally.run(the_health_check_asks_by_tls, url, options)
            tally.run(silence_is_no_health, options)
            tally.run(the_python_client_speaks_tls, url, papers.root)
            tally.run(a_client_that_leaves_is_noticed, url, papers.root)
            tally.check('the log has nothing of the key', not any(
                '-----BEGIN' in line for line in url.seen))
        tally.run(bad_papers_are_told_of, papers, folder)
        tally.run(an_expired_certificate_is_told_of, papers)
    tally.finish()


if __name__ == '__main__':
    main()
