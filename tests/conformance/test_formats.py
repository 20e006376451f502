# SPDX-License-Identifier: MIT
"""Files against the libraries that define them: safetensors, also as torch
and Flax read it, and NumPy.

What the safetensors library writes of the tensors that it has read must be
the file itself, byte for byte; so must what numpy.save() writes.
"""
import io
import itertools
import json
import pathlib
import tempfile
import urllib.request

import jax
import numpy as np
import safetensors
import safetensors.flax
import safetensors.numpy
import safetensors.torch
import torch

from compare import daemon, get, shape_text, tally

PT = {'format': 'pt'}
# By the codes of safetensors.
TYPES = {'F64': 'float64', 'F32': 'float32', 'BF16': 'bfloat16',
         'F16': 'float16', 'F8_E4M3': 'float8_e4m3fn',
         'F8_E5M2': 'float8_e5m2'}
NUMPY = ('float64', 'float32', 'float16')
SHAPES = [(), (1,), (7,), (0,), (3, 5), (0, 3), (4, 0, 2), (2, 1, 3, 1, 2),
          (1, 2, 1, 2, 1, 2, 1, 2), (1000, 123)]
NAMES = ['wte.weight', 'a/b', '', 'back\\slash', 'quo"te', "apo'strophe",
         'été', '漢字', '😀', '\u2028', 'a b', 'Z', '~', '%2F', 'x' * 256]
CONFIGS = [
    {'model_type': 'gpt2', 'n_layer': 2, 'n_head': 2, 'n_embd': 8,
     'vocab_size': 16, 'n_positions': 8},
    {'model_type': 'bert', 'hidden_size': 8, 'num_hidden_layers': 2,
     'num_attention_heads': 2, 'intermediate_size': 12, 'vocab_size': 20},
]


def post(url, form, **model):
    request = urllib.request.Request(
        f'{url}/v1/weights?format={form}', json.dumps(model).encode(),
        {'Content-Type': 'application/json'})
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def values_of(url, model):
    """The tensors of a model by name, as manifest and raw tell them."""
    raw = post(url, 'raw', **model)
    told = json.loads(post(url, 'manifest', **model))['tensors']
    return {one['name']: (one['dtype'], one['shape'],
                          raw[one['offset']:one['offset'] + one['bytes']])
            for one in told}


def models():
    """What, and a model: every type, shape and name; and whole models."""
    layers = [{'name': f'{dtype}.{i}', 'shape': shape, 'dtype': dtype}
              for dtype in TYPES.values() for i, shape in enumerate(SHAPES)]
    yield 'types and shapes', {'seed': 1, 'scheme': 'normal', 'layers': layers}
    layers = [{'name': f'{name}{i}'[-256:], 'shape': [i % 3]}
              for i, name in enumerate(NAMES)]
    layers += [{'name': name, 'shape': [2]} for name in NAMES[:-1] if name]
    yield 'names', {'seed': 2, 'scheme': 'uniform', 'layers': layers}
    for dtype, config in itertools.product(('float32', 'bfloat16'), CONFIGS):
        yield f'{config["model_type"]} in {dtype}', {
            'seed': 3, 'config': config, 'profile': 'hf_default',
            'dtype': dtype}


# ---- safetensors ----------------------------------------------------------

def written_again(file):
    """What the library writes of what it has read, without torch between."""
    held, tensors = [], {}
    for name, one in safetensors.deserialize(file):
        data = np.frombuffer(bytes(one['data']), np.uint8)
        held.append(data)
        tensors[name] = safetensors.TensorSpec(
            dtype=TYPES[one['dtype']], shape=one['shape'],
            data_ptr=data.ctypes.data, data_len=data.nbytes)
    return bytes(safetensors.serialize(tensors, metadata=PT))


def is_canonical(what, file):
    tally.check(f'{what}: serialize(deserialize(file)) is the file',
                written_again(file) == file, file[:300])
    tally.check(f'{what}: torch saves what it has loaded as the file',
                safetensors.torch.save(safetensors.torch.load(file), PT)
                == file)


def torch_bytes(tensor):
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def torch_loads(what, file, values):
    tensors = safetensors.torch.load(file)
    tally.equal(f'{what}: torch finds the tensors', set(tensors), set(values))
    for name, (dtype, shape, content) in values.items():
        tensor = tensors[name]
        tally.check(f'{what}: torch loads {name:.40}', (
            str(tensor.dtype), list(tensor.shape), torch_bytes(tensor)) == (
                f'torch.{dtype}', shape, content), tensor)


def opened_file(what, file, values):
    """As transformers reads it: opened lazily, with its metadata."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / 'model.safetensors'
        path.write_bytes(file)
        with safetensors.safe_open(path, framework='pt') as opened:
            tally.equal(f'{what}: its metadata', opened.metadata(), PT)
            tally.equal(f'{what}: its keys', set(opened.keys()), set(values))
            for name, (_, shape, content) in values.items():
                tally.equal(f'{what}: the shape of {name:.40}',
                            opened.get_slice(name).get_shape(), shape)
                tally.check(f'{what}: opened, {name:.40} is that of raw',
                            torch_bytes(opened.get_tensor(name)) == content)


def arrays_loaded(what, load, file, values):
    """By a reader that has the types of NumPy only."""
    for name, array in load(file).items():
        dtype, shape, content = values[name]
        tally.check(f'{what} loads {name:.40}', (
            str(array.dtype), list(array.shape),
            np.asarray(array).tobytes()) == (dtype, shape, content), array)


def safetensors_are_what_the_library_writes(url):
    for what, model in models():
        file = post(url, 'safetensors', **model)
        values = values_of(url, model)
        is_canonical(what, file)
        torch_loads(what, file, values)
        opened_file(what, file, values)


def numpy_and_flax_load_safetensors(url):
    layers = [{'name': f'{dtype}.{i}', 'shape': shape, 'dtype': dtype}
              for dtype in NUMPY for i, shape in enumerate(SHAPES)]
    model = {'seed': 1, 'scheme': 'normal', 'layers': layers}
    file = post(url, 'safetensors', **model)
    values = values_of(url, model)
    arrays_loaded('NumPy', safetensors.numpy.load, file, values)
    arrays_loaded('Flax', safetensors.flax.load, file, values)
    tally.check('NumPy saves what it has loaded as the file',
                safetensors.numpy.save(safetensors.numpy.load(file), PT)
                == file)


def single_tensors_are_what_the_library_writes(url):
    for dtype, shape in itertools.product(TYPES.values(), SHAPES):
        what = f'a nameless {dtype} {shape}'
        file = get(url, shape=shape_text(shape), dtype=dtype, scheme='normal',
                   format='safetensors')
        is_canonical(what, file)
        tally.equal(f'{what}: its name', list(safetensors.torch.load(file)),
                    ['tensor'])
    for name in filter(None, NAMES):
        file = get(url, shape=3, scheme='uniform', name=name,
                   format='safetensors')
        is_canonical(f'one called {name:.40}', file)
        tally.equal(f'one called {name:.40}', list(
            safetensors.torch.load(file)), [name])


def many_tensors_are_what_the_library_writes(url):
    layers = [{'name': f'layers.{i}.weight', 'shape': [i % 4]}
              for i in range(20000)]
    is_canonical('20,000 tensors', post(url, 'safetensors', layers=layers,
                                        scheme='uniform'))


# ---- npy ------------------------------------------------------------------

def npy_is_what_numpy_saves(url):
    for dtype, shape in itertools.product(NUMPY, SHAPES):
        query = dict(shape=shape_text(shape), dtype=dtype, scheme='normal',
                     seed=5)
        array = np.frombuffer(get(url, **query), dtype).reshape(shape)
        saved = io.BytesIO()
        np.save(saved, array)
        tally.check(f'{dtype} {shape} is what numpy.save() writes',
                    get(url, format='npy', **query) == saved.getvalue())


def main():
    jax.config.update('jax_enable_x64', True)
    with daemon.running('--max-layers', '100000') as url:
        for test in (safetensors_are_what_the_library_writes,
                     numpy_and_flax_load_safetensors,
                     single_tensors_are_what_the_library_writes,
                     many_tensors_are_what_the_library_writes,
                     npy_is_what_numpy_saves):
            tally.run(test, url)


torch.set_num_threads(1)
tally.run(main)
tally.finish()
