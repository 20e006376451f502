#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""--user: from root to somebody else, for good; what root has read stays."""
import hashlib
import http.client
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import daemon
import tally

NOBODY = 65534
RECIPE = b'{"scheme":"ones","layers":[{"name":"a","shape":[3]}]}'
TOKEN = 'sow_' + 'A' * 43


def token_line(token, scope='write'):
    hashed = hashlib.blake2b(token.encode(), digest_size=32,
                             person=b'sow token v1').hexdigest()
    return f'some:{scope}:{hashed}\n'


def ask(url, target, method='GET', body=None, token=TOKEN):
    """Status and fields."""
    connection = http.client.HTTPConnection(url.host, url.port, timeout=30)
    connection.request(method, target, body,
                       {'Authorization': f'Bearer {token}',
                        'Content-Type': 'application/json'})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers


def said(url, text, seconds=10):
    """Whether the daemon's log has 'text', or soon will."""
    end = time.monotonic() + seconds
    while not any(text in line for line in url.seen):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def status_of(path):
    """The lines of a /proc/…/status."""
    return dict(line.split(':\t', 1)
                for line in pathlib.Path(path).read_text().splitlines()
                if ':\t' in line)


def low_port():
    """One that takes root, and is free."""
    for port in range(1023, 600, -1):
        with socket.socket() as free:
            if free.connect_ex(('127.0.0.1', port)) != 0:
                return port
    raise AssertionError('no port below 1024 is free')


def refuse(program, *options, **how):
    """Exit status and errors of a start that fails."""
    done = subprocess.run([program, '--listen', '127.0.0.1:0', *options],
                          capture_output=True, text=True, timeout=30, **how)
    return done.returncode, done.stderr


class Folder:
    """What root has prepared."""

    def __init__(self, name):
        self.path = pathlib.Path(name)
        self.path.chmod(0o755)
        self.program = self.path / 'sowd'
        shutil.copy(daemon.ROOT / daemon.PROGRAM, self.program)
        self.tokens = self.path / 'tokens'
        self.tokens.write_text(token_line(TOKEN))
        self.key = self.path / 'key.pem'
        self.key.write_text(subprocess.run(
            [self.program, 'key', 'new'], check=True, capture_output=True,
            text=True).stdout)
        for file in (self.tokens, self.key):
            file.chmod(0o600)
        self.recipes, self.cache = self.path / 'recipes', self.path / 'cache'
        self.options = ['--recipes', self.recipes, '--cache', self.cache,
                        '--auth-tokens-file', self.tokens,
                        '--signing-key-file', self.key]


def test_every_thread_is_the_user(url):
    tasks = list(pathlib.Path(f'/proc/{url.pid}/task').iterdir())
    tally.check('it has threads', len(tasks) > 2)
    four = '\t'.join([str(NOBODY)] * 4)
    for task in tasks:
        status = status_of(task / 'status')
        tally.equal('a thread\'s user', status['Uid'], four)
        tally.equal('its group', status['Gid'], four)
        tally.equal('its other groups', status['Groups'].strip(), '')
        tally.equal('it gains no privileges', status['NoNewPrivs'], '1')
        for kind in ('CapPrm', 'CapEff', 'CapInh', 'CapAmb'):
            tally.equal(f'its {kind}', int(status[kind], 16), 0)


def test_it_serves_what_only_root_reads(url):
    status, fields = ask(url, '/v1/weights?shape=3&scheme=ones')
    tally.equal('the tokens are known', status, 200)
    tally.check('answers are signed', 'Signature' in fields)
    tally.equal('another token is refused', ask(
        url, '/v1/weights?shape=3&scheme=ones', token='sow_' + 'B' * 43)[0],
        401)
    connection = http.client.HTTPConnection(url.host, url.port, timeout=30)
    connection.request('GET', '/metrics',
                       headers={'Authorization': f'Bearer {TOKEN}'})
    metrics = connection.getresponse().read().decode()
    tally.check('it still sees its own files in /proc',
                'process_open_fds' in metrics)


def test_files_are_the_users(url, folder):
    tally.equal('a recipe is written', ask(
        url, '/v1/recipes/me/small', 'PUT', RECIPE)[0], 201)
    tally.equal('a digest is computed', ask(
        url, '/v1/weights?shape=3000&scheme=normal&digest=wait')[0], 200)
    tally.check('digests are kept', (folder.cache / 'digests').stat().st_size)
    files = [folder.recipes, folder.cache, *folder.recipes.rglob('*'),
             *folder.cache.rglob('*')]
    tally.check('there are files', len(files) > 4, files)
    for file in files:
        about = file.stat()
        tally.equal(f'whose {file.name} is', (about.st_uid, about.st_gid),
                    (NOBODY, NOBODY))


def test_tokens_are_read_again_when_the_user_may(url, folder):
    tally.check('it is told at start',
                said(url, 'so that SIGHUP can\'t read it again'))
    folder.tokens.write_text('# none\n' + token_line('sow_' + 'C' * 43))
    os.kill(url.pid, signal.SIGHUP)
    tally.check('what it may not read changes nothing',
                said(url, 'the tokens of before remain in force'))
    tally.equal('so the old token is good', ask(
        url, '/v1/weights?shape=3&scheme=ones')[0], 200)
    os.chown(folder.tokens, 0, NOBODY)
    folder.tokens.chmod(0o640)
    os.kill(url.pid, signal.SIGHUP)
    tally.check('what it may read is read', said(url, 'tokens again'))
    tally.equal('so the old token is not', ask(
        url, '/v1/weights?shape=3&scheme=ones')[0], 401)


def test_as_root(folder, *more):
    with daemon.running(*folder.options, '--user', 'nobody', '--listen',
                        f'127.0.0.1:{low_port()}', *more) as url:
        tally.check('it says who it is',
                    said(url, f'now user {NOBODY}, group {NOBODY}'))
        tally.check('it is not root',
                    not any('running as root' in line for line in url.seen))
        tally.run(test_every_thread_is_the_user, url)
        tally.run(test_it_serves_what_only_root_reads, url)
        tally.run(test_files_are_the_users, url, folder)
        tally.run(test_tokens_are_read_again_when_the_user_may, url, folder)


def test_without_a_sandbox(folder):
    folder.tokens.write_text(token_line(TOKEN))
    with daemon.running(*folder.options, '--user', f'{NOBODY}:1', '--sandbox',
                        'off') as url:
        status = status_of(f'/proc/{url.pid}/status')
        tally.equal('without a sandbox it is the user too',
                    (status['Uid'], status['Gid'].split('\t')[0],
                     status['NoNewPrivs'], int(status['CapEff'], 16)),
                    ('\t'.join([str(NOBODY)] * 4), '1', '1', 0))


def test_root_is_warned():
    with daemon.running() as url:
        tally.check('root is warned', said(url, 'running as root'))


def test_folders_of_others_are_refused(folder):
    others = folder.path / 'others'
    others.mkdir()
    for option in ('--recipes', '--cache'):
        status, errors = refuse(folder.program, '--user', 'nobody', option,
                                others)
        tally.equal(f'root\'s folder is refused for {option}', status, 2)
        tally.check('and the mend is told', f'{option} {others}' in errors
                    and f'chown -R nobody {others}' in errors, errors)
    tally.check('it was left as it was',
                others.stat().st_uid == 0 and not any(others.iterdir()))
    status, errors = refuse(folder.program, '--user', 'nobody', '--recipes',
                            folder.path / 'no/such')
    tally.equal('a folder without a parent is refused', status, 2)


def test_where_others_write_the_user_makes_folders(folder):
    """There root would not know what it makes, and gives away."""
    others = folder.path / 'everybody'
    others.mkdir()
    others.chmod(0o777)
    recipes, cache = others / 'recipes', others / 'cache'
    with daemon.running('--user', 'nobody', '--recipes', recipes, '--cache',
                        cache) as url:
        tally.equal('a recipe is written', ask(
            url, '/v1/recipes/me/small', 'PUT', RECIPE)[0], 201)
    said = [line for line in url.seen if 'left to nobody to make' in line]
    tally.equal('it is said of both', len(said), 2)
    for made in (recipes, cache):
        tally.equal(f'whose {made.name} is', made.stat().st_uid, NOBODY)


def test_other_groups_are_told_of(folder):
    how = {'user': NOBODY, 'group': NOBODY, 'extra_groups': [4, NOBODY]}
    process = subprocess.Popen(
        [folder.program, '--user', 'nobody', '--listen', '127.0.0.1:0'],
        stderr=subprocess.PIPE, text=True, **how)
    errors = daemon.log_until_end(process)
    tally.check('groups that a start as the user kept are told of',
                'in other groups, 4;' in errors, errors)
    tally.check('and it serves', 'listening on' in errors, errors)


def test_strangers_are_refused(folder):
    for user in ('root', '0', 'no-such-user', 'nobody:no-such-group',
                 'nobody:0', '', '12345678'):
        status, errors = refuse(folder.program, '--user', user)
        tally.equal(f'--user {user!r} is refused', status, 2)
        tally.equal('in one line', errors.count('\n'), 1)


def test_only_root_becomes_another(folder):
    how = {}
    if os.geteuid() == 0:
        how = {'user': 1, 'group': 1, 'extra_groups': []}
    status, errors = refuse(folder.program, '--user', 'nobody', **how)
    tally.equal('who isn\'t root becomes nobody else', status, 2)
    tally.check('and is told', 'only root becomes another user' in errors,
                errors)


def test_it_is_printed(folder):
    printed = subprocess.run(
        [folder.program, '--user', 'nobody:daemon', '--print-config'],
        check=True, capture_output=True, text=True).stdout
    tally.check('--print-config has it',
                '\nSOW_USER=nobody:daemon\n' in printed, printed)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Folder(name)
        tally.run(test_strangers_are_refused, folder)
        tally.run(test_only_root_becomes_another, folder)
        tally.run(test_it_is_printed, folder)
        if os.geteuid() == 0:
            tally.run(test_as_root, folder)
            tally.run(test_without_a_sandbox, folder)
            tally.run(test_root_is_warned)
            tally.run(test_folders_of_others_are_refused, folder)
            tally.run(test_where_others_write_the_user_makes_folders, folder)
            tally.run(test_other_groups_are_told_of, folder)
        else:
            print('skipped: becoming another user takes root')
    tally.finish()


if __name__ == '__main__':
    main()
