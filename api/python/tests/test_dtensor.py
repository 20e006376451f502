# SPDX-License-Identifier: MIT
"""Each rank fetches its shard; what all have together is the whole."""
import multiprocessing
import os
import sys

import pytest

import sow

torch = pytest.importorskip('torch')
mp = pytest.importorskip('torch.multiprocessing')

import ranks  # noqa: E402


KINDS = {2: ['fsdp', 'tp', 'tied'],
         4: ['fsdp', 'emptied', 'both', 'hybrid', 'grid', 'tied']}


@pytest.fixture(scope='module', autouse=True)
def server():
    """A process that has imported torch once, and is every rank's parent."""
    multiprocessing.set_forkserver_preload(['ranks'])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('PYTHONPATH', os.pathsep.join(sys.path))
        yield


@pytest.fixture(scope='module', params=KINDS)
def gathered(request, url, tmp_path_factory):
    """The states that so many ranks have together, by kind of sharding."""
    folder, world = tmp_path_factory.mktemp('ranks'), request.param
    mp.start_processes(ranks.gather, (world, url, KINDS[world], str(folder)),
                       world, start_method='forkserver')
    return {kind: torch.load(folder / kind) for kind in KINDS[world]}


def test_gathered_shards_are_the_whole(client, gathered):
    for kind, found in gathered.items():
        whole = client.materialize(ranks.make(kind), seed=5).state_dict()
        assert list(found) == list(whole)
        for name, tensor in whole.items():
            assert torch.equal(found[name], tensor), (kind, name)


def test_fsdp1_shards_are_the_whole(client, tmp_path):
    mp.start_processes(ranks.gather_fsdp1,
                       (2, client.base_url, str(tmp_path)), 2,
                       start_method='forkserver')
    found = torch.load(tmp_path / 'fsdp1')
    whole = client.materialize(ranks.make('fsdp1'), seed=5).state_dict()
    assert sorted(map(sow.modules.clean, found)) == sorted(whole)
    for name, tensor in found.items():
        assert torch.equal(tensor, whole[sow.modules.clean(name)]), name


def test_a_module_without_shards_is_filled_whole(client):
    module = client.fill_dtensor_(ranks.make('plain'), seed=5)
    assert sow.verify(module, client.manifest(
        sow.recipe_from_module(module), 5)) == []


def test_a_recipe_of_another_module_is_refused(client):
    for layers, match in [([], 'has no .odd.weight'),
                          (['more'], 'module has no .more')]:
        recipe = sow.recipe_from_module(ranks.make('plain'))
        recipe['layers'] = [
            layer for layer in recipe['layers']
            if layers or not layer['name'].startswith('odd')] + [
                {'name': name, 'shape': [1], 'scheme': 'ones'}
                for name in layers]
        with pytest.raises(sow.RecipeError, match=match):
            client.fill_dtensor_(ranks.make('plain'), recipe)
    recipe = sow.recipe_from_module(ranks.make('plain'))
    for shape in [12, 8], [11, 7]:
        recipe['layers'][0]['shape'] = shape
        with pytest.raises(sow.RecipeError, match='the shape'):
            client.fill_dtensor_(ranks.make('plain'), recipe)
