#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The real clients of the Hub, with tokens: HF_TOKEN, token=, and none."""
import pathlib
import subprocess
import tempfile

import machine

import daemon
import tally

REPO = 'init/tiny-llama'


# ----------------------------------------------------------------------------
# What runs on the client's machine

def fetch(repo, token=None):
    """The size of a file, by the variable or by the argument."""
    import os
    from huggingface_hub import hf_hub_download
    return os.path.getsize(hf_hub_download(repo, 'model.safetensors',
                                           token=token))


def load(repo):
    """What transformers finds of a model, and a snapshot holds."""
    import os
    from huggingface_hub import snapshot_download
    from transformers.utils import cached_file
    return [os.path.basename(cached_file(repo, 'config.json')),
            sorted(os.listdir(snapshot_download(repo)))]


def who():
    from huggingface_hub import HfApi
    told = HfApi().whoami()
    return [told['name'], told['auth']['accessToken']['role']]


def refused(repo, token=None):
    """The kind of error, and what it says."""
    from huggingface_hub import hf_hub_download, snapshot_download
    kinds = []
    for call in (lambda: hf_hub_download(repo, 'config.json', token=token),
                 lambda: snapshot_download(repo, token=token)):
        try:
            call()
            kinds.append([None, ''])
        except Exception as error:
            kinds.append([type(error).__name__, str(error)])
    return kinds


# ----------------------------------------------------------------------------

def with_a_token_all_is_well(here, token):
    here.environment['HF_TOKEN'] = token
    size = here.run(fetch, repo=REPO)
    tally.check('HF_TOKEN opens a file', size > 1000, size)
    found, files = here.run(load, repo=REPO)
    tally.equal('HF_TOKEN is sent by transformers', found, 'config.json')
    tally.check('HF_TOKEN opens a snapshot', 'model.safetensors' in files,
                files)
    tally.equal('the token has a name', here.run(who), ['trainer', 'read'])
    done = here.hf('download', REPO, 'config.json')
    tally.equal('the command line takes it', done.returncode, 0)
    del here.environment['HF_TOKEN']


def a_token_as_an_argument_is_taken(here, token):
    tally.check('token= opens a file', here.run(fetch, repo=REPO,
                                                token=token) > 1000)


def a_login_is_kept(here, token):
    """'hf auth login' asks who one is, and writes the token to a file."""
    done = here.hf('auth', 'login', '--token', token)
    tally.equal('a login is taken', done.returncode, 0)
    tally.equal('it lasts', here.run(who), ['trainer', 'read'])


def without_a_token_one_is_told_why(here):
    for kind, text in here.run(refused, repo=REPO):
        tally.check('without a token it fails', kind, kind)
        tally.check('one is told of the token', 'token' in text, text)


def a_bad_token_is_no_missing_repository(here):
    for kind, text in here.run(refused, repo=REPO, token='hf_' + 34 * 'x'):
        tally.check('a bad token fails', kind and kind
                    != 'RepositoryNotFoundError', kind)
        tally.check('as a bad token', 'Invalid credentials' in text
                    or '401' in text, text)


def main():
    program = daemon.ROOT / daemon.PROGRAM
    made = subprocess.run([program, 'token', 'new', 'trainer'], check=True,
                          capture_output=True, text=True)
    token = made.stderr.strip()
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name) / 'tokens'
        path.write_text(made.stdout)
        with daemon.running('--auth-tokens-file', str(path)) as url:
            for test, *arguments in ((with_a_token_all_is_well, token),
                                     (a_token_as_an_argument_is_taken, token),
                                     (a_login_is_kept, token),
                                     (without_a_token_one_is_told_why,),
                                     (a_bad_token_is_no_missing_repository,)):
                with machine.new(url) as here:
                    tally.run(test, here, *arguments)
    tally.finish()


if __name__ == '__main__':
    main()
