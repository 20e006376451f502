#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stored recipes: a daemon with a folder, two with one, and bad folders."""
import concurrent.futures
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import subprocess
import tempfile

import daemon
import tally

JSON = {'Content-Type': 'application/json'}


def document(number, size=0):
    """A recipe that differs from all others, of about 'size' bytes."""
    return json.dumps({
        'scheme': 'ones', 'seed': number, 'layers': [
            {'name': 'fc', 'shape': [2, 3]}],
        'files': {'vocab.txt': 'x' * size}}).encode()


def version(body):
    return hashlib.blake2b(body, digest_size=32).hexdigest()


def ask(url, method, path, body=None, headers=None):
    """Status, body and header fields; the path is sent as it stands."""
    connection = http.client.HTTPConnection(url.host, url.port, timeout=60)
    with contextlib.closing(connection):
        connection.putrequest(method, path)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader('Content-Length', str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers


def put(url, name, body, **headers):
    headers = {key.replace('_', '-'): value for key, value in headers.items()}
    return ask(url, 'PUT', f'/v1/recipes/{name}', body, JSON | headers)


def get(url, name):
    """Status and body."""
    return ask(url, 'GET', f'/v1/recipes/{name}')[:2]


def listed(url):
    """What users have stored: name to version."""
    return {recipe['name']: recipe['version'] for recipe in
            json.loads(ask(url, 'GET', '/v1/recipes')[1])['recipes']
            if not recipe['built_in']}


def code(body):
    return json.loads(body)['code']


def leftovers(folder):
    return list(pathlib.Path(folder).rglob('.aside*'))


# ----------------------------------------------------------------------------

def recipes_last(folder):
    """A daemon's recipes are the next one's, and they are served."""
    one, two = document(1), document(2)
    with daemon.running('--recipes', folder) as url:
        tally.equal('a recipe is kept', put(url, 'lab/a', one)[0], 201)
        status, answer, _ = put(url, 'lab/a', two)
        tally.equal('and again', status, 200)
        tally.equal('the commit is that of main',
                    json.loads(ask(url, 'GET', '/api/models/lab/a')[1])['sha'],
                    json.loads(answer)['commit'])
        tally.equal('another is forgotten',
                    (put(url, 'lab/gone', one)[0],
                     ask(url, 'DELETE', '/v1/recipes/lab/gone')[0]),
                    (201, 204))
    with daemon.running('--recipes', folder) as url:
        tally.equal('it is there after a restart', get(url, 'lab/a'),
                    (200, two))
        tally.equal('so is its older version',
                    get(url, f'lab/a?version={version(one)}'), (200, one))
        tally.equal('and that of what is forgotten',
                    (get(url, 'lab/gone')[0],
                     get(url, f'lab/gone?version={version(one)}')),
                    (404, (200, one)))
        tally.equal('the list is right', listed(url),
                    {'lab/a': version(two)})
        status, body, _ = ask(url, 'GET',
                              '/v1/weights?recipe=lab/a&name=fc&digest=off')
        tally.equal('its weights are served', (status, body),
                    (200, b'\x00\x00\x80?' * 6))


def names_stay_inside(folder):
    """Whatever is asked for, nothing is read or written elsewhere."""
    above = pathlib.Path(folder).parent
    (above / 'secret').mkdir()
    (above / 'secret/current').write_text('a' * 64 + '\n')
    names = ['..', '.', '%2e%2e', '%2E%2e/x', '../secret', 'lab/..',
             'lab/%2e%2e', 'lab/..%2f..%2fsecret', '..%2Fsecret/x', '%2F/x',
             'lab/%2Fetc%2Fpasswd', 'lab/a%00', '%00/a', 'lab/a%00.json',
             'lab/..;', 'lab/a%5C..%5Cb', 'lab/%C0%AE%C0%AE', 'lab/%FF',
             'lab/%E2%80%AE', 'lab/caf%C3%A9', 'lab/a%20b', 'lab/a%0a',
             'lab/' + 'a' * 97, 'lab/' + 'a' * 255, 'lab/' + 'a' * 5000,
             'a' * 300 + '/b', 'lab/a/b', 'lab//b', '/lab/b', 'lab/', 'lab',
             'lab/.current', 'lab/-', 'lab/a.git', 'api/x', 'v1/x',
             'lab/current%2Fx', 'lab/%252e%252e']
    with daemon.running('--recipes', folder) as url:
        before = sorted(str(path) for path in above.rglob('*'))
        for name in names:
            for method, body in (('PUT', document(1)), ('GET', None),
                                 ('DELETE', None)):
                status, text, _ = ask(url, method, f'/v1/recipes/{name}',
                                      body, JSON)
                tally.check(f'{method} {name:.40} is refused',
                            400 <= status < 500, status)
                tally.check(f'{method} {name:.40} says what is wrong',
                            json.loads(text).get('detail'), text)
        tally.equal('nothing was written',
                    sorted(str(path) for path in above.rglob('*')), before)
        tally.equal('the longest name is taken',
                    put(url, 'l' * 96 + '/' + 'n' * 96, document(1))[0], 201)


def two_daemons_share_a_folder(folder):
    """Of those who write one name at one time one wins, wholly."""
    with daemon.running('--recipes', folder) as one, \
            daemon.running('--recipes', folder) as two, \
            concurrent.futures.ThreadPoolExecutor(8) as threads:
        for turn in range(20):
            name = f'lab/turn{turn}'
            bodies = [document(8 * turn + i, 3000 * i) for i in range(8)]
            fields = {'If_None_Match': '*'} if turn % 2 else {}
            answers = list(threads.map(
                lambda i: put((one, two)[i % 2], name, bodies[i], **fields),
                range(8)))
            statuses = sorted(answer[0] for answer in answers)
            tally.equal(f'turn {turn}: one creates it', statuses,
                        [201] + [412] * 7 if fields else [200] * 7 + [201])
            body = get(one, name)[1]
            tally.check(f'turn {turn}: one has won, wholly', body in bodies,
                        body[:80])
            tally.equal(f'turn {turn}: both daemons say the same',
                        get(two, name), (200, body))
            if fields:
                winner = [answer[0] for answer in answers].index(201)
                tally.equal(f'turn {turn}: the winner is who was told so',
                            bodies[winner], body)
        tally.equal('nothing is left aside', leftovers(folder), [])


# ----------------------------------------------------------------------------
# Folders that refuse

@contextlib.contextmanager
def mounted(options):
    """A file system in memory for a while, or None: that takes root."""
    with tempfile.TemporaryDirectory() as folder:
        command = ['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder]
        done = os.geteuid() == 0 and subprocess.run(
            command, stderr=subprocess.PIPE).returncode == 0
        if not done:
            print(f'skipped: a tmpfs with {options}: only root may mount')
            yield None
            return
        try:
            yield folder
        finally:
            subprocess.run(['umount', '-l', folder], check=True)


def fill(url, sizes):
    """Keep recipes until there is no room; what was kept, and the refusal."""
    kept = {}
    for i, size in enumerate(sizes):
        body = document(i, size)
        status, answer, _ = put(url, f'lab/n{i}', body)
        if status != 201:
            return kept, status, answer
        kept[f'lab/n{i}'] = body
    return kept, None, None


def a_full_disk_loses_nothing(options, sizes):
    with mounted(options) as folder:
        if folder is None:
            return
        with daemon.running('--recipes', folder) as url:
            kept, status, answer = fill(url, sizes)
            tally.check(f'{options}: something was kept', kept)
            tally.equal(f'{options}: a full disk is 507', status, 507)
            tally.equal(f'{options}: and says so', code(answer), 'STORE_FULL')
            again = put(url, 'lab/n0', document(1000, sizes[-1]))[0]
            tally.equal(f'{options}: so is a new version', again, 507)
            for name, body in kept.items():
                tally.equal(f'{options}: {name} is as it was',
                            get(url, name), (200, body))
            tally.equal(f'{options}: only what was kept is listed',
                        listed(url), {name: version(body)
                                      for name, body in kept.items()})
            tally.equal(f'{options}: nothing is left aside',
                        leftovers(folder), [])


def a_read_only_folder_is_read():
    with mounted('size=1m') as folder:
        if folder is None:
            return
        with daemon.running('--recipes', folder) as url:
            put(url, 'lab/a', document(1))
        subprocess.run(['mount', '-o', 'remount,ro', folder], check=True)
        with daemon.running('--recipes', folder) as url:
            tally.equal('what is there is served', get(url, 'lab/a'),
                        (200, document(1)))
            for what, answer in (
                    ('a new recipe', put(url, 'lab/b', document(2))),
                    ('a new namespace', put(url, 'new/b', document(2))),
                    ('a new version', put(url, 'lab/a', document(2))),
                    ('the same', put(url, 'lab/a', document(1))),
                    ('to forget', ask(url, 'DELETE', '/v1/recipes/lab/a'))):
                tally.equal(f'{what}: no', (answer[0], code(answer[1])),
                            (403, 'STORE_READ_ONLY'))
            tally.equal('and is still', get(url, 'lab/a'), (200, document(1)))


def folders_that_cannot_be_are_told_at_start(folder):
    (folder / 'file').write_text('')
    for path in (folder / 'none/deeper', folder / 'file', ''):
        done = subprocess.run(
            [daemon.ROOT / daemon.PROGRAM, '--listen', '127.0.0.1:0',
             '--log-level', 'error', '--recipes', path],
            stderr=subprocess.PIPE, text=True, timeout=60)
        tally.equal(f'{path} ends it with status 2', done.returncode, 2)
        tally.check(f'{path} is told in a line',
                    done.stderr.count('\n') == 1
                    and '--recipes' in done.stderr, done.stderr)
    with daemon.running('--recipes', folder / 'new'):
        tally.check('a folder is made', (folder / 'new').is_dir())


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        tally.run(recipes_last, folder / 'last')
        (folder / 'in').mkdir()
        tally.run(names_stay_inside, folder / 'in/side')
        tally.run(two_daemons_share_a_folder, folder / 'shared')
        tally.run(folders_that_cannot_be_are_told_at_start, folder)
    tally.run(a_full_disk_loses_nothing, 'size=64k', [3000] * 30)
    tally.run(a_full_disk_loses_nothing, 'size=1m,nr_inodes=14', [10] * 30)
    tally.run(a_full_disk_loses_nothing, 'size=64k', [10, 10, 100000])
    tally.run(a_read_only_folder_is_read)
    tally.finish()


if __name__ == '__main__':
    main()
