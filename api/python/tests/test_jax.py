# SPDX-License-Identifier: MIT
"""Trees of JAX arrays, on four devices that are one processor."""
import numpy as np
import pytest

import sow

jax = pytest.importorskip('jax')

from jax.sharding import (  # noqa: E402
    NamedSharding, PartitionSpec, SingleDeviceSharding)

RECIPE = {'seed': 3, 'layers': [
    {'name': 'dense', 'type': 'flax.dense', 'input_dim': 12, 'features': 8},
    {'name': 'table', 'shape': [16, 6], 'scheme': 'jax.normal'},
    {'name': 'scale', 'shape': [], 'scheme': 'ones'}]}


def tree(dtype='float32'):
    def leaf(*shape):
        return jax.ShapeDtypeStruct(shape, dtype)

    return {'params': {'dense': {'kernel': leaf(12, 8), 'bias': leaf(8)},
                       'table': leaf(16, 6), 'scale': leaf()}}


@pytest.fixture(scope='module')
def mesh():
    assert len(jax.devices()) == 4
    return jax.make_mesh((2, 2), ('x', 'y'),
                         axis_types=(jax.sharding.AxisType.Auto,) * 2)


def check(client, found, dtype='float32'):
    whole = client.state_dict(RECIPE, framework='numpy', dtype=dtype)
    for name, array in [('dense.kernel', found['dense']['kernel']),
                        ('dense.bias', found['dense']['bias']),
                        ('table', found['table']),
                        ('scale', found['scale'])]:
        assert array.dtype == whole[name].dtype
        assert np.array_equal(np.asarray(array), whole[name]), name


@pytest.mark.parametrize('dtype', ['float32', 'bfloat16'])
def test_sharded_arrays_are_the_whole(client, mesh, dtype):
    def at(*axes):
        return NamedSharding(mesh, PartitionSpec(*axes))

    shardings = {'params': {
        'dense': {'kernel': at('x', 'y'), 'bias': at(('x', 'y'))},
        'table': at(None, 'x'), 'scale': at()}}
    found = client.jax_tree(tree(dtype), RECIPE, sharding=shardings)
    assert found['params']['table'].sharding == at(None, 'x')
    assert len(found['params']['dense']['kernel'].addressable_shards) == 4
    check(client, found['params'], dtype)


def test_one_sharding_is_for_all(client, mesh):
    whole = NamedSharding(mesh, PartitionSpec())
    found = client.jax_tree(tree(), RECIPE, sharding=whole)
    check(client, found['params'])


def test_without_sharding_it_is_one_device(client):
    found = client.jax_tree(tree(), RECIPE)
    assert found['params']['table'].devices() == {jax.devices()[0]}
    check(client, found['params'])


def test_names_can_be_the_callers(client):
    leaf = jax.ShapeDtypeStruct((16, 6), 'float32')
    found = client.jax_tree([leaf], RECIPE, name=lambda path: 'table')
    assert np.array_equal(found[0], client.tensor(RECIPE, 'table'))


def test_only_the_shards_are_fetched(client, monkeypatch):
    seen = []
    real = sow.Client.tensors

    def spy(self, recipe, tensors, *rest):
        seen.extend(tensors.values())
        return real(self, recipe, tensors, *rest)

    monkeypatch.setattr(sow.Client, 'tensors', spy)
    leaf = jax.ShapeDtypeStruct(
        (16, 6), 'float32', sharding=SingleDeviceSharding(jax.devices()[2]))
    client.jax_tree({'table': leaf}, RECIPE)
    assert seen == [(slice(0, 16), slice(0, 6))]


def test_what_does_not_fit_is_refused(client):
    for shape in (16, 7), (15, 6), (96,):
        wrong = jax.ShapeDtypeStruct(shape, 'float32')
        with pytest.raises(sow.RecipeError, match='the shape .16, 6. in'):
            client.jax_tree({'table': wrong}, RECIPE)
    with pytest.raises(sow.RecipeError, match="no 'tab'"):
        client.jax_tree({'tab': wrong}, RECIPE)
    mixed = {'table': jax.ShapeDtypeStruct((16, 6), 'float32'),
             'scale': jax.ShapeDtypeStruct((), 'float16')}
    with pytest.raises(sow.RecipeError, match="the dtype float32 in"):
        client.jax_tree(mixed, RECIPE)
