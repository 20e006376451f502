#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`hf`, the command line client: download, verify, list."""
import json

import machine
import relay
import service

import daemon
import tally

TINY = 'init/tiny-gpt2'
FILE = 'model.safetensors'
SEED = ('--revision', 'seed-3')

# What is asked for, and what the user is to read.
MISTAKES = [
    (('init/tiny-nothing',), "Model 'init/tiny-nothing' not found"),
    ((TINY, '--revision', 'sed-3'), 'Revision not found'),
    ((TINY, 'absent.bin'), 'File not found'),
]


def ends_well(statement, done):
    return tally.equal(f'{statement}: {done.stdout}{done.stderr}: its status',
                       done.returncode, 0)


def download_and_verify(url, here):
    ends_well('hf download', here.hf('download', TINY, *SEED))
    ends_well('hf cache verify', here.hf('cache', 'verify', TINY, *SEED))
    files = here.files('huggingface/hub/models--init--tiny-gpt2/snapshots/' +
                       service.commit(url, TINY, 'seed-3'))
    tally.check('every file was downloaded',
                {'config.json', FILE} <= set(files), sorted(files))
    spoil(files[FILE])
    done = here.hf('cache', 'verify', TINY, *SEED)
    tally.check('hf cache verify finds a changed byte', done.returncode and
                FILE in done.stdout + done.stderr, done)


def spoil(path):
    """Change the last byte of a file."""
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def download_into_a_folder(url, here):
    folder = ('--local-dir', 'here')
    ends_well('hf download --local-dir',
              here.hf('download', TINY, *SEED, *folder))
    tally.check('the weights are in the folder',
                here.files('here')[FILE].read_bytes() ==
                service.weights(url, TINY, 3))
    ends_well('hf cache verify --local-dir',
              here.hf('cache', 'verify', TINY, *SEED, *folder))


def download_by_pattern(link, here):
    link.taken()
    ends_well('hf download --include',
              here.hf('download', TINY, '--include', '*.json'))
    asked = link.taken()
    tally.check('only JSON was fetched', 'config.json' in str(asked) and
                FILE + ' ' not in str(asked), asked)


def mistakes_are_explained(here):
    for words, expected in MISTAKES:
        done = here.hf('download', *words)
        tally.check(f'hf download {" ".join(words)} fails',
                    done.returncode and expected in done.stderr, done)


def models_are_listed(url, here):
    done = here.hf('models', 'ls', '--format', 'json')
    tally.check('hf models ls lists what is built in',
                {'id': TINY} in [{'id': model['id']} for model in
                                 json.loads(done.stdout)], done)
    done = here.hf('models', 'info', TINY, '--format', 'json')
    tally.equal('hf models info tells the commit of main',
                json.loads(done.stdout)['sha'], service.commit(url, TINY))


def main():
    with daemon.running() as url, relay.before(url) as link, \
            machine.new(link.url) as here:
        # First this: what is in the cache is copied from there.
        tally.run(download_into_a_folder, url, here)
        tally.run(download_and_verify, url, here)
        tally.run(download_by_pattern, link, here)
        tally.run(mistakes_are_explained, here)
        tally.run(models_are_listed, url, here)
    tally.finish()


if __name__ == '__main__':
    main()
