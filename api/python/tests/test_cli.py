# SPDX-License-Identifier: MIT
"""python -m sow, as a program."""
import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

PACKAGE = pathlib.Path(__file__).resolve().parents[1]
DOCUMENT = {'seed': 3, 'layers': [
    {'name': 'w', 'shape': [4, 6], 'scheme': 'normal'},
    {'name': 'b', 'shape': [4], 'scheme': 'zeros'}]}


@pytest.fixture
def run(url, tmp_path):
    (tmp_path / 'document.json').write_text(json.dumps(DOCUMENT))

    def call(*arguments, status=0):
        done = subprocess.run(
            [sys.executable, '-m', 'sow', '--url', url, *arguments],
            cwd=tmp_path, env={'PYTHONPATH': str(PACKAGE), 'PATH': ''},
            capture_output=True, text=True, timeout=60)
        assert done.returncode == status, done.stderr
        return done.stdout if status == 0 else done.stdout + done.stderr
    return call


def test_what_is_got_is_verified(run, tmp_path):
    run('get', 'document.json', '-o', 'w.safetensors', '--seed', '0x10')
    run('verify', 'w.safetensors', 'document.json', '--seed', '16')
    manifest = run('manifest', 'document.json', '--seed', '16')
    (tmp_path / 'manifest.json').write_text(manifest)
    assert len(json.loads(manifest)['tensors']) == 2
    run('verify', 'w.safetensors', 'manifest.json')
    said = run('verify', 'w.safetensors', 'document.json', status=1)
    assert said.startswith('w: digest is blake2b-256:')
    data = bytearray((tmp_path / 'w.safetensors').read_bytes())
    data[-1] ^= 1
    (tmp_path / 'w.safetensors').write_bytes(data)
    assert 'digest' in run('verify', 'w.safetensors', 'manifest.json',
                           status=1)


def test_one_tensor_is_a_numpy_file(run, tmp_path):
    run('get', 'document.json', '--name', 'w', '--slice', '1:3,:', '--format',
        'npy', '-o', 'w.npy')
    assert np.load(tmp_path / 'w.npy').shape == (2, 6)


def test_recipes_are_put_listed_and_deleted(run):
    version = run('put', 'test/cli', 'document.json').strip()
    assert f'test/cli {version} stored' in run('list').splitlines()
    run('get', 'test/cli', '-o', 'w.raw', '--format', 'raw')
    run('delete', 'test/cli')
    assert 'test/cli' not in run('list')


def test_problems_are_one_line_and_status_2(run):
    for arguments in [('get', 'init/nothing', '-o', 'x'),
                      ('get', 'missing.json', '-o', 'x'),
                      ('get', 'document.json', '-o', 'x', '--slice', '1:'),
                      ('verify', 'document.json', 'document.json')]:
        said = run(*arguments, status=2)
        assert said.startswith('sow: ') and said.count('\n') == 1, said


def test_help_has_every_command(run):
    said = run('--help')
    for command in 'get', 'verify', 'manifest', 'put', 'list', 'delete':
        assert command in said
        assert run(command, '--help')
