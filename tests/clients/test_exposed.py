#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A page of another site may read each field that the Hub's routes answer with.

With signed answers, and with tokens asked for: all that the server adds.
"""
import http.client
import pathlib
import subprocess
import tempfile

import daemon
import tally

PROGRAM = daemon.ROOT / daemon.PROGRAM

# What fetch() lets a page read unasked (the CORS-safelisted response headers);
# what speaks to the browser itself, or to the next hop.
SIMPLE = {'cache-control', 'content-language', 'content-length',
          'content-type', 'expires', 'last-modified', 'pragma'}
NOT_FOR_PAGES = {'connection', 'keep-alive', 'transfer-encoding', 'vary',
                 'x-content-type-options'}

FILE = '/init/tiny-gpt2/resolve/main/model.safetensors'
MODEL = '/api/models/init/tiny-gpt2'
SHA_256 = {'Want-Repr-Digest': 'sha-256=1'}

# Requests, the status, and a field that shows that the row is what it is for.
ROWS = [
    ('GET', FILE, SHA_256, 200, 'Repr-Digest'),
    ('HEAD', FILE, {}, 200, 'X-Linked-Size'),
    ('GET', FILE, {'Range': 'bytes=0-7'}, 206, 'Content-Range'),
    ('GET', FILE, {'Range': 'bytes=99999999999-'}, 416, 'Content-Range'),
    ('GET', FILE, {'If-None-Match': '*'}, 304, 'ETag'),
    ('GET', FILE.replace('main', 'none'), {}, 404, 'X-Error-Code'),
    ('PUT', FILE, {}, 405, 'Allow'),
    ('OPTIONS', FILE, {}, 204, 'Access-Control-Allow-Headers'),
    ('GET', MODEL, {}, 200, 'X-Repo-Commit'),
    ('GET', '/api/models?limit=2', {}, 200, 'Repr-Digest'),
    ('GET', MODEL + '/tree/main', {}, 200, 'X-Repo-Commit'),
    ('GET', MODEL + '/refs', {}, 200, 'X-Repo-Commit'),
    ('GET', MODEL + '/commits/main', {}, 200, 'X-Repo-Commit'),
    ('POST', MODEL + '/paths-info/main', {'Content-Type': 'text/plain'}, 415,
     'Accept-Post'),
    ('GET', '/api/models?limit=x', {}, 400, 'X-Error-Message'),
]

# Of a server that takes tokens.
REFUSED = [('GET', FILE, {}, 401, 'WWW-Authenticate'),
           ('GET', '/api/whoami-v2', {}, 401, 'WWW-Authenticate')]


def names(text):
    return {name.strip().lower() for name in text.split(',')}


def every_field_is_exposed(url, rows):
    for method, target, headers, status, shown in rows:
        connection = http.client.HTTPConnection(url.host, url.port, timeout=60)
        connection.request(method, target, headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        what = f'{method} {target} {headers or ""}'
        sent = {name.lower() for name in answer.headers.keys()}
        tally.equal(f'{what} is answered', answer.status, status)
        for name in (shown, 'Signature', 'Signature-Input', 'X-Request-Id'):
            tally.check(f'{what} has {name}', name in answer.headers, sent)
        exposed = names(answer.headers['Access-Control-Expose-Headers'] or '')
        hidden = {name for name in sent - exposed - SIMPLE - NOT_FOR_PAGES
                  if not name.startswith('access-control-')}
        tally.equal(f'{what} hides nothing from pages', hidden, set())


def other_routes_are_for_their_own_site(url):
    connection = http.client.HTTPConnection(url.host, url.port, timeout=60)
    for target in ('/v1/version', '/v1/weights?shape=2&scheme=ones', '/none'):
        connection.request('GET', target)
        answer = connection.getresponse()
        answer.read()
        tally.equal(f'{target} says nothing to other sites',
                    [name for name in answer.headers.keys()
                     if name.lower().startswith('access-control-')], [])
    connection.close()


def main():
    with tempfile.TemporaryDirectory() as name:
        key = pathlib.Path(name) / 'key.pem'
        tokens = pathlib.Path(name) / 'tokens'
        for path, words in ((key, ['key', 'new']),
                            (tokens, ['token', 'new', 'page'])):
            path.touch(mode=0o600)
            path.write_bytes(subprocess.run(
                [PROGRAM, *words], check=True, capture_output=True).stdout)
        signed = ['--signing-key-file', str(key)]
        with daemon.running(*signed) as url:
            tally.run(every_field_is_exposed, url, ROWS)
            tally.run(other_routes_are_for_their_own_site, url)
        with daemon.running(*signed, '--auth-tokens-file',
                            str(tokens)) as url:
            tally.run(every_field_is_exposed, url, REFUSED)
    tally.finish()


if __name__ == '__main__':
    main()
