# SPDX-License-Identifier: MIT
"""A daemon for all tests, and the client as it lies here.

SOWD names the program, as in tests/clients; SOW_URL a daemon that runs
already, with --recipes.
"""
import importlib.util
import os
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1]))
sys.path.insert(0, str(HERE.parent))

# Before any test imports jax.
os.environ.setdefault('JAX_PLATFORMS', 'cpu')
os.environ['XLA_FLAGS'] = (os.environ.get('XLA_FLAGS', '')
                           + ' --xla_force_host_platform_device_count=4')


def _daemon():
    path = HERE.parents[3] / 'tests' / 'clients' / 'daemon.py'
    spec = importlib.util.spec_from_file_location('daemon', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope='session')
def url(tmp_path_factory):
    if 'SOW_URL' in os.environ:
        yield os.environ['SOW_URL']
        return
    recipes = tmp_path_factory.mktemp('recipes')
    with _daemon().running('--recipes', str(recipes)) as found:
        yield str(found)


@pytest.fixture
def client(url):
    import sow
    with sow.Client(url) as made:
        yield made
