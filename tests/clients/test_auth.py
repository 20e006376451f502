#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tokens: made by sowd, sent by curl and by our Python client."""
import hashlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

import daemon
import tally

sys.path.append(str(daemon.ROOT / 'api' / 'python'))

PROGRAM = daemon.ROOT / daemon.PROGRAM
WEIGHTS = '/v1/weights?shape=3&scheme=ones'
ONES = bytes.fromhex('0000803f' * 3)
RECIPE = '{"scheme":"ones","layers":[{"name":"a","shape":[3]}]}'
TOKEN = re.compile(r'sow_[A-Za-z0-9_-]{43}\n')


def sowd(*words):
    """Exit status, output and errors of a subcommand."""
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True,
                          timeout=30)
    return done.returncode, done.stdout, done.stderr


def new_token(name, *options):
    """A token and its line."""
    status, line, token = sowd('token', 'new', name, *options)
    tally.equal(f'a token is made for {name}', status, 0)
    return token.strip(), line


def curl(url, target, *options, token=None):
    """Status, fields and body, as curl has them."""
    with tempfile.NamedTemporaryFile() as head:
        if token:
            options = ('--oauth2-bearer', token, *options)
        body = subprocess.run(
            ['curl', '-sS', '-D', head.name, *options, url + target],
            check=True, stdout=subprocess.PIPE, timeout=60).stdout
        lines = head.read().decode().split('\r\n')
    fields = dict(line.lower().split(': ', 1) for line in lines[1:] if line)
    return int(lines[0].split()[1]), fields, body


def status(url, target, *options, token=None):
    return curl(url, target, *options, token=token)[0]


# ---- sowd token new ---------------------------------------------------------

def a_token_is_new_each_time():
    one, line = new_token('one')
    two, _ = new_token('one')
    tally.check('a token has its form', TOKEN.fullmatch(one + '\n'), one)
    tally.check('two tokens differ', one != two)
    hashed = hashlib.blake2b(one.encode(), digest_size=32,
                             person=b'sow token v1').hexdigest()
    tally.equal('the line has its hash', line, f'one:read:{hashed}\n')
    _, line = new_token('two', '--scope', 'write')
    tally.check('the line has its scope', line.startswith('two:write:'), line)


def bad_words_are_refused():
    for words in (['token'], ['token', 'old'], ['token', 'new'],
                  ['token', 'new', 'a b'], ['token', 'new', ''],
                  ['token', 'new', '-x'], ['token', 'new', 'a', 'b'],
                  ['token', 'new', 'a', '--scope'],
                  ['token', 'new', 'a', '--scope', 'admin'],
                  ['token', 'new', 'x' * 65], ['key'], ['key', 'new', 'x']):
        code, out, err = sowd(*words)
        tally.equal(f'{words} is refused', (code, out), (2, ''))
        tally.equal(f'{words} is told in a line', err.count('\n'), 1)


def a_full_disk_gives_no_token():
    """A token whose line is lost would be no use."""
    with open('/dev/full', 'w') as full:
        done = subprocess.run([PROGRAM, 'token', 'new', 'x'], stdout=full,
                              stderr=subprocess.PIPE, text=True)
    tally.equal('a full disk is an error', done.returncode, 1)
    tally.check('no token is shown', 'sow_' not in done.stderr, done.stderr)


# ---- the daemon -------------------------------------------------------------

def a_token_opens_what_it_is_good_for(url, reader, writer):
    code, fields, body = curl(url, WEIGHTS)
    tally.equal('without a token it is a 401', code, 401)
    tally.equal('it says how to ask', fields['www-authenticate'],
                'bearer realm="sow"')
    code, fields, body = curl(url, WEIGHTS, token=reader)
    tally.equal('with one there are weights', (code, body), (200, ONES))
    tally.equal('no shared cache keeps them', fields['cache-control'],
                'private, max-age=31536000, immutable')
    put = ('--json', RECIPE, '-X', 'PUT')
    target = '/v1/recipes/lab/kept'
    tally.equal('a reader may not write', status(url, target, *put,
                                                 token=reader), 403)
    tally.equal('a writer may', status(url, target, *put, token=writer), 201)
    tally.equal('a writer may read', status(url, target, token=writer), 200)
    for path in ('/healthz', '/readyz', '/openapi.json',
                 '/.well-known/jwks.json'):
        tally.equal(f'{path} is open', status(url, path), 200)
    tally.equal('/metrics is not', status(url, '/metrics'), 401)
    tally.equal('/metrics takes a token', status(url, '/metrics',
                                                 token=reader), 200)


def a_large_body_is_refused_unread(url):
    """Who may not is told before anything is sent that was announced."""
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(60 << 20)
        code, fields, _ = curl(url, '/v1/weights', '-H', 'Expect: 100-continue',
                               '--expect100-timeout', '60', '--json',
                               '@' + file.name)
    tally.equal('a body of a stranger is refused', code, 401)


def the_python_client_sends_its_token(url, reader, writer):
    import sow
    with sow.Client(url, token=reader) as client:
        found = client.tensor({'scheme': 'ones', 'layers': [
            {'name': 'a', 'shape': [3]}]}, 'a')
        tally.equal('token= is sent', found.tobytes(), ONES)
        try:
            client.put_recipe('lab/other', RECIPE.encode())
            tally.check('a reader is refused', False)
        except sow.SowError as error:
            tally.equal('a reader is refused', error.code, 'SCOPE_MISSING')
    os.environ['SOW_TOKEN'] = writer
    with sow.Client(url) as client:
        del os.environ['SOW_TOKEN']
        client.put_recipe('lab/other', RECIPE.encode())
        tally.equal('SOW_TOKEN is sent', client.tensor(
            'lab/other', 'a').tobytes(), ONES)
    try:
        sow.Client(url).recipes()
        tally.check('without one it is refused', False)
    except sow.SowError as error:
        tally.equal('without one it is refused', error.code, 'TOKEN_REQUIRED')


def the_log_tells_names_and_no_token(url, *tokens):
    path = 'PUT path=/v1/recipes/lab/kept status='
    for line in (f' user=writer method={path}201 ',
                 f' user=reader method={path}403 '):
        tally.check(f'the log has{line}', wait_for(url, line))
    tally.check('a stranger has no name', not any(
        'user=' in line for line in url.seen if 'status=401' in line))
    status(url, '/v1/version', token='sow_' + 43 * 'x')
    text = ''.join(url.seen)
    for token in (*tokens, 'sow_' + 43 * 'x'):
        tally.check('no token is logged', token[4:] not in text)


def wait_for(url, text):
    """The log says so, soon."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if any(text in line for line in url.seen):
            return True
        time.sleep(0.02)
    return False


def a_new_list_is_read_on_sighup(url, path, reader):
    other, line = new_token('other')
    replace(path, line)
    os.kill(url.pid, signal.SIGHUP)
    tally.check('the list is read again', wait_for(url, 'again'))
    tally.equal('the new token is taken', status(url, WEIGHTS, token=other),
                200)
    tally.equal('the old one is not', status(url, WEIGHTS, token=reader), 401)
    replace(path, 'half a li')
    os.kill(url.pid, signal.SIGHUP)
    tally.check('a bad list is refused', wait_for(url, 'remain in force'))
    tally.check('by its line', wait_for(url, 'line 1 is not'))
    tally.equal('the token is still taken', status(url, WEIGHTS, token=other),
                200)


def replace(path, text):
    aside = path.with_suffix('.new')
    aside.write_text(text)
    aside.rename(path)


def fails(*options):
    """The log of a daemon that must not start."""
    done = subprocess.run([PROGRAM, '--listen', '127.0.0.1:0', *options],
                          capture_output=True, text=True, timeout=60)
    tally.equal(f'{options} ends it', done.returncode, 2)
    return done.stderr


def bad_files_are_told_of(folder):
    bad = folder / 'bad'
    bad.write_text('# mine\n\nsow_' + 43 * 'y' + '\n')
    said = fails('--auth-tokens-file', str(bad))
    tally.check('file and line are told', f'{bad}: line 3 ' in said, said)
    tally.check('what stands there is not', 'yyy' not in said)
    for path, why in ((folder / 'none', 'No such file'), (folder, 'not a file'),
                      (pathlib.Path('/dev/null'), 'not a file')):
        for option in ('--auth-tokens-file', '--signing-key-file'):
            said = fails(option, str(path))
            tally.check(f'{option} {path} says {why}', why in said, said)
    bad.write_bytes(b'#' * ((1 << 20) + 1))
    said = fails('--auth-tokens-file', str(bad))
    tally.check('a huge file is refused', 'larger than 1 MiB' in said, said)


def wrong_permissions_are_told_of(folder):
    path = folder / 'key.pem'
    path.write_text(sowd('key', 'new')[1])
    for mode, warned in ((0o600, False), (0o640, False), (0o644, True),
                         (0o606, True)):
        path.chmod(mode)
        with daemon.running('--signing-key-file', str(path)) as url:
            said = any('everybody may' in line for line in url.seen)
            tally.equal(f'a key of mode {mode:o} is told of', said, warned)


def an_open_server_is_told_of():
    for address, warned in (('127.0.0.1:0', False), ('[::1]:0', False),
                            ('0.0.0.0:0', True)):
        with daemon.running('--listen', address) as url:
            said = any('without --auth-tokens-file' in line
                       for line in url.seen)
            tally.equal(f'{address} without tokens is told of', said, warned)


def main():
    tally.run(a_token_is_new_each_time)
    tally.run(bad_words_are_refused)
    tally.run(a_full_disk_gives_no_token)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        reader, line = new_token('reader')
        writer, more = new_token('writer', '--scope', 'write')
        path = folder / 'tokens'
        path.write_text('# who may\n\n' + line + more)
        with daemon.running('--auth-tokens-file', str(path), '--recipes',
                            str(folder / 'recipes'), '--log-level',
                            'debug') as url:
            tally.run(a_token_opens_what_it_is_good_for, url, reader, writer)
            tally.run(a_large_body_is_refused_unread, url)
            tally.run(the_python_client_sends_its_token, url, reader, writer)
            tally.run(the_log_tells_names_and_no_token, url, reader, writer)
            tally.run(a_new_list_is_read_on_sighup, url, path, reader)
        tally.run(bad_files_are_told_of, folder)
        tally.run(wrong_permissions_are_told_of, folder)
    tally.run(an_open_server_is_told_of)
    tally.finish()


if __name__ == '__main__':
    main()
