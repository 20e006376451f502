# SPDX-License-Identifier: MIT
"""The README's examples, in their order, each as it stands."""
import pathlib
import re
import subprocess
import sys

import pytest

pytest.importorskip('torch')

PACKAGE = pathlib.Path(__file__).resolve().parents[1]
BLOCKS = re.findall(r'^```(python|sh)\n(.*?)^```$',
                    (PACKAGE / 'README.md').read_text(), re.M | re.S)
NAMESPACE = {'__name__': 'readme'}


def test_there_are_examples():
    assert len([kind for kind, _ in BLOCKS if kind == 'python']) > 8
    assert len([kind for kind, _ in BLOCKS if kind == 'sh']) == 1


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp('readme')


@pytest.mark.parametrize('number', range(len(BLOCKS)))
def test_an_example_runs(url, folder, monkeypatch, number):
    kind, text = BLOCKS[number]
    monkeypatch.setenv('SOW_URL', url)
    monkeypatch.chdir(folder)
    for name in re.findall(r'^import (\w+)', text, re.M):
        pytest.importorskip(name)
    if kind == 'python':
        exec(compile(text, f'README.md, example {number}', 'exec'), NAMESPACE)
        return
    monkeypatch.setenv('PYTHONPATH', str(PACKAGE))
    text = text.replace('python ', f'{sys.executable} ')
    subprocess.run(['sh', '-e', '-c', text], check=True, timeout=60)
