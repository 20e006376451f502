# SPDX-License-Identifier: MIT
"""Tensors, slices, files, and what is verified of them."""
import io
import urllib.parse
import urllib.request

import numpy as np
import pytest

import sow

DOCUMENT = {'seed': 7, 'layers': [
    {'name': 'a', 'shape': [9, 5, 4], 'scheme': 'normal'},
    {'name': 'b', 'shape': [6], 'scheme': 'uniform'},
    {'name': 'scalar', 'shape': [], 'scheme': 'ones'},
    {'name': 'none', 'shape': [0, 3], 'scheme': 'normal'},
    {'name': 'half', 'shape': [3, 2], 'scheme': 'normal',
     'dtype': 'bfloat16'},
    {'name': 'whole', 'shape': [8, 8], 'scheme': 'orthogonal'}]}


def get(url, **query):
    with urllib.request.urlopen(
            f'{url}/v1/weights?' + urllib.parse.urlencode(query)) as answer:
        return answer.read()


def test_a_tensor_is_what_the_daemon_sends_for_it(client, url):
    expected = get(url, shape='9,5,4', scheme='normal', seed=7, name='a')
    found = client.tensor(DOCUMENT, 'a')
    assert found.shape == (9, 5, 4) and found.dtype == np.float32
    assert found.tobytes() == expected
    assert found.flags.writeable


def test_the_seed_of_a_call_replaces_the_recipes(client, url):
    big = 2 ** 64 - 1
    assert client.tensor(DOCUMENT, 'a', seed=big).tobytes() == get(
        url, shape='9,5,4', scheme='normal', seed=big, name='a')


def test_the_generator_of_a_client_replaces_the_recipes(url):
    document = {'generator': 'torch', 'scheme': 'numpy.standard_normal',
                'layers': [{'name': 'a', 'shape': [3, 7]},
                           {'name': 'b', 'shape': [5], 'dtype': 'float64'}]}
    source = np.random.default_rng(11)
    with sow.Client(url, generator='numpy') as client:
        found = client.tensors(document, seed=11)
    assert np.array_equal(found['a'], source.standard_normal((3, 7), 'f4'))
    assert np.array_equal(found['b'], source.standard_normal(5))


@pytest.mark.parametrize('cut', [
    '2:5,1:4,0:4', '1:,:2', '-3:', '4:4', ':,:,-1:', slice(3, 7),
    (slice(0, 2), slice(None), slice(1, None)), (slice(-4, -1), ...), (), ...])
def test_a_slice_is_that_of_numpy(client, cut):
    whole = client.tensor(DOCUMENT, 'a')
    cuts = eval(f'np.s_[{cut}]') if isinstance(cut, str) else cut
    found = client.tensor(DOCUMENT, 'a', slice=cut)
    assert found.shape == whole[cuts].shape
    assert np.array_equal(found, whole[cuts])


@pytest.mark.parametrize('cut', [
    slice(0, 4, 2), (slice(0, 1), 3), (..., slice(0, 1))])
def test_a_slice_that_the_daemon_has_not_is_refused(client, cut):
    with pytest.raises(sow.RecipeError):
        client.tensor(DOCUMENT, 'a', slice=cut)


def test_a_slice_out_of_range_is_the_daemons_problem(client):
    with pytest.raises(sow.SowError) as caught:
        client.tensor(DOCUMENT, 'a', slice='0:99')
    assert caught.value.code == 'BAD_SLICE'
    assert caught.value.status == 422
    assert '/tensors/0' in caught.value.at
    assert caught.value.problem['title'] == 'Impossible slice'


def test_all_tensors_have_names_shapes_and_dtypes(client):
    state = client.state_dict(DOCUMENT, framework='numpy')
    assert [(name, array.shape, str(array.dtype))
            for name, array in state.items()] == [
        ('a', (9, 5, 4), 'float32'), ('b', (6,), 'float32'),
        ('scalar', (), 'float32'), ('none', (0, 3), 'float32'),
        ('half', (3, 2), 'bfloat16'), ('whole', (8, 8), 'float32')]
    assert state['scalar'] == 1
    assert np.allclose(state['whole'] @ state['whole'].T, np.eye(8),
                       atol=1e-6)


@pytest.mark.parametrize('dtype', [
    'float64', 'float32', 'float16', 'bfloat16', 'float8_e4m3fn',
    'float8_e5m2'])
def test_torch_and_numpy_have_the_same_values(client, dtype):
    torch = pytest.importorskip('torch')
    document = {'layers': [{'name': 'x', 'shape': [3, 5],
                            'scheme': 'normal'}]}
    mine = client.tensor(document, seed=1, dtype=dtype, framework='torch')
    other = client.tensor(document, seed=1, dtype=dtype)
    assert mine.dtype == getattr(torch, dtype)
    assert str(other.dtype) == dtype
    assert np.array_equal(mine.double().numpy(), other.astype(np.float64))


def test_chosen_tensors_come_alone_and_in_that_order(client):
    found = client.tensors(DOCUMENT, {'whole': '2:4,:', 'b': None})
    whole = client.state_dict(DOCUMENT, framework='numpy')
    assert list(found) == ['whole', 'b']
    assert np.array_equal(found['whole'], whole['whole'][2:4])
    assert np.array_equal(found['b'], whole['b'])
    assert client.tensors(DOCUMENT, []) == {}


def test_a_named_recipe_is_its_document(client):
    document = client.get_recipe('init/tiny-gpt2')
    named = client.state_dict('init/tiny-gpt2', 42, framework='numpy')
    mine = client.state_dict(document, 42, framework='numpy')
    assert len(named) > 10 and list(named) == list(mine)
    assert all(np.array_equal(named[name], mine[name]) for name in named)
    name = next(name for name in named if named[name].ndim == 2)
    assert np.array_equal(
        client.tensor('init/tiny-gpt2', name, 42, slice='1:3,-2:'),
        named[name][1:3, -2:])


def test_tensors_of_torch_have_storages_of_their_own(client):
    torch = pytest.importorskip('torch')
    state = client.state_dict(DOCUMENT)
    for tensor in state.values():
        assert tensor.untyped_storage().nbytes() == tensor.nbytes
    buffer = io.BytesIO()
    torch.save(state['b'], buffer)
    buffer.seek(0)
    assert torch.equal(torch.load(buffer), state['b'])


def test_what_is_no_recipe_says_so(client):
    for recipe, code in [('init/nothing', 'UNKNOWN_RECIPE'),
                         ({'layers': []}, 'BAD_FIELD')]:
        with pytest.raises(sow.SowError) as caught:
            client.state_dict(recipe)
        assert caught.value.code == code, caught.value
    with pytest.raises(sow.RecipeError, match="'format' is no part"):
        client.state_dict({**DOCUMENT, 'format': 'raw'})
    with pytest.raises(sow.RecipeError, match='6 tensors'):
        client.tensor(DOCUMENT)
    with pytest.raises(sow.RecipeError, match='framework'):
        client.state_dict(DOCUMENT, framework='tensorflow')
    with pytest.raises(sow.RecipeError, match='verify'):
        sow.Client(verify='sha256')
    with pytest.raises(sow.SowError, match='URL'):
        sow.Client('localhost:8080')


# ---- files ---------------------------------------------------------------

def test_safetensors_are_read_by_the_real_library(client, tmp_path):
    pytest.importorskip('torch')
    real = pytest.importorskip('safetensors.torch')
    path = tmp_path / 'model.safetensors'
    client.save(DOCUMENT, path)
    read, state = real.load_file(path), client.state_dict(DOCUMENT)
    assert sorted(read) == sorted(state)
    assert all(bool((read[name] == state[name]).all()) for name in state)
    assert real.save(read, {'format': 'pt'}) == path.read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == ['model.safetensors']


def test_safetensors_are_those_of_the_daemon(client, url, tmp_path):
    path = tmp_path / 'model.safetensors'
    client.save('init/tiny-bert', path, 3)
    assert path.read_bytes() == get(url, recipe='init/tiny-bert', seed=3,
                                    format='safetensors')


def test_npy_files_are_those_of_numpy(client, tmp_path):
    path = tmp_path / 'a.npy'
    for cut in None, '1:3', '0:0':
        client.save(DOCUMENT, path, format='npy', tensors={'a': cut})
        expected = io.BytesIO()
        np.save(expected, client.tensor(DOCUMENT, 'a', slice=cut))
        assert path.read_bytes() == expected.getvalue()
    client.save(DOCUMENT, path, format='npy', tensors=['scalar'])
    assert np.load(path) == 1


def test_a_file_that_cannot_be_leaves_nothing(client, tmp_path):
    path = tmp_path / 'x'
    for recipe, form in [(DOCUMENT, 'npy'), (DOCUMENT, 'zip'),
                         ('init/nothing', 'raw')]:
        with pytest.raises(sow.SowError):
            client.save(recipe, path, format=form)
    assert list(tmp_path.iterdir()) == []


# ---- verifying -----------------------------------------------------------

def test_what_is_right_has_no_differences(client, tmp_path):
    manifest = client.manifest(DOCUMENT)
    state = client.state_dict(DOCUMENT, framework='numpy')
    assert sow.verify(state, manifest) == []
    client.save(DOCUMENT, tmp_path / 'x.safetensors')
    assert sow.verify(tmp_path / 'x.safetensors', manifest) == []
    pytest.importorskip('torch')
    assert sow.verify(client.state_dict(DOCUMENT), manifest) == []


def test_every_difference_is_told(client):
    state = client.state_dict(DOCUMENT, framework='numpy')
    state['a'][8, 4, 3] += 1
    state['b'] = state['b'].astype(np.float64)
    state['whole'] = state['whole'][:4]
    state['more'] = state.pop('scalar')
    found = sow.verify(state, client.manifest(DOCUMENT))
    assert {(one.name, one.what) for one in found} == {
        ('a', 'digest'), ('b', 'dtype'), ('whole', 'shape'),
        ('scalar', 'missing'), ('more', 'unexpected')}
    assert "shape is [4, 8], not [8, 8]" in ' '.join(map(str, found))


def test_a_manifest_without_digests_cannot_verify(client):
    with pytest.raises(sow.RecipeError, match="digest='wait'"):
        sow.verify(client.state_dict(DOCUMENT, framework='numpy'),
                   client.manifest(DOCUMENT, seed=99, digest='off'))


# ---- recipes -------------------------------------------------------------

def test_recipes_are_stored_listed_and_forgotten(client):
    layers = [{'name': 'w', 'shape': [4], 'scheme': 'normal'}]
    old = client.put_recipe('test/model', {'seed': 1, 'layers': layers})
    with pytest.raises(sow.SowError) as caught:
        client.put_recipe('test/model', {'seed': 2, 'layers': layers},
                          new=True)
    assert caught.value.status == 412
    new = client.put_recipe('test/model', {'seed': 2, 'layers': layers})
    assert old['version'] != new['version']
    assert client.get_recipe('test/model')['seed'] == 2
    assert client.get_recipe('test/model', old['version'])['seed'] == 1
    pinned = f'test/model@{old["version"]}'
    assert client.get_recipe(pinned)['seed'] == 1
    assert not np.array_equal(client.tensor('test/model', 'w'),
                              client.tensor(pinned, 'w'))
    assert np.array_equal(client.tensor('test/model', 'w', 1),
                          client.tensor(pinned, 'w'))
    assert 'test/model' in [one['name'] for one in client.recipes()]
    client.delete_recipe('test/model')
    with pytest.raises(sow.SowError) as caught:
        client.get_recipe('test/model')
    assert caught.value.status == 404
    with pytest.raises(sow.RecipeError):
        client.get_recipe('model')


def test_a_single_tensor_needs_no_name(client):
    document = {'layers': [{'shape': [2, 3], 'scheme': 'ones'}]}
    assert client.tensor(document).tolist() == [[1] * 3] * 2
    assert client.tensor(document, slice='1:').shape == (1, 3)


def test_several_tensors_of_a_named_recipe_come_together(client):
    whole = client.state_dict('init/tiny-bert', 1, framework='numpy')
    first, second, *_ = whole
    found = client.tensors('init/tiny-bert', {second: ':1', first: None}, 1)
    assert np.array_equal(found[second], whole[second][:1])
    assert np.array_equal(found[first], whole[first])
    with pytest.raises(sow.SowError, match='nothing'):
        client.tensors('init/tiny-bert', [first, 'nothing'])


def test_many_tensors_are_a_matter_of_seconds(client):
    config = {'model_type': 'gpt2', 'n_layer': 2000, 'n_head': 2, 'n_embd': 8,
              'vocab_size': 16, 'n_positions': 8}
    state = client.state_dict({'config': config}, framework='numpy')
    assert len(state) == 24004
