#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Without the Hub's client: curl, a URL, and the loaders that training uses.
"""
import json
import subprocess

import machine
import service

import daemon
import tally

TINY = 'init/tiny-gpt2'
SEED = 42
WORDS = 'transformer.wte.weight'
PLACES = 'transformer.wpe.weight'


# ----------------------------------------------------------------------------
# What runs on the client's machine; the home is its current folder

def load_file(path):
    """The norm and shape of each tensor of a safetensors file."""
    from safetensors.torch import load_file
    return {name: [list(tensor.shape), float(tensor.double().norm())]
            for name, tensor in load_file(path).items()}


def open_slice(path, name):
    """A slice of a tensor, as safe_open() gives it, as hex."""
    from safetensors import safe_open
    with safe_open(path, 'pt') as file:
        part = file.get_slice(name)[3:7, 1:]
    return part.contiguous().numpy().tobytes().hex()


def load_url(url):
    """A tensor through numpy.load()."""
    import io
    import urllib.request
    import numpy
    with urllib.request.urlopen(url) as answer:
        array = numpy.load(io.BytesIO(answer.read()))
    return {'shape': array.shape, 'dtype': str(array.dtype),
            'bytes': array.tobytes().hex()}


def load_checkpoint(repo, revision):
    """What torch.distributed.checkpoint loads of a snapshot."""
    import hashlib
    import torch
    import torch.distributed.checkpoint as checkpoint
    from huggingface_hub import snapshot_download
    folder = snapshot_download(repo, revision=revision, local_dir='whole')
    reader = checkpoint.HuggingFaceStorageReader(folder)
    state = {name: torch.full(about.size, float('nan'),
                              dtype=about.properties.dtype)
             for name, about in
             reader.read_metadata().state_dict_metadata.items()}
    checkpoint.load(state, storage_reader=reader)
    return {name: hashlib.sha256(tensor.numpy().tobytes()).hexdigest()
            for name, tensor in state.items()}


# ----------------------------------------------------------------------------

def tensors(url):
    return {name: service.get(url, '/v1/weights', recipe=TINY, seed=SEED,
                              name=name) for name in names(url)}


def names(url):
    manifest = json.loads(service.get(url, '/v1/weights', recipe=TINY,
                                      seed=SEED, format='manifest'))
    return {tensor['name']: tensor['shape'] for tensor in manifest['tensors']}


def curl_and_safetensors(url, here):
    subprocess.run(['curl', '-sSf', '-o', here.home / 'm.safetensors',
                    f'{url}/{TINY}/resolve/seed-{SEED}/model.safetensors'],
                   check=True)
    loaded = here.run(load_file, path='m.safetensors')
    tally.equal('curl and load_file() give every tensor',
                {name: shape for name, (shape, _) in loaded.items()},
                names(url))
    tally.check('no weights are missing', all(
        norm > 0 for name, (_, norm) in loaded.items()
        if name.endswith('.weight')))
    part = here.run(open_slice, path='m.safetensors', name=WORDS)
    tally.equal('a slice of the file is the slice that the API sends', part,
                service.get(url, '/v1/weights', recipe=TINY, seed=SEED,
                            name=WORDS, slice='3:7,1:').hex())


def numpy_of_a_url(url, here):
    query = (f'/v1/weights?recipe={TINY}&seed={SEED}&name={PLACES}'
             '&format=npy')
    loaded = here.run(load_url, url=url + query)
    tally.equal('numpy.load() of a URL', loaded,
                {'shape': names(url)[PLACES], 'dtype': 'float32',
                 'bytes': tensors(url)[PLACES].hex()})


def distributed_checkpoint(url, here):
    loaded = here.run(load_checkpoint, repo=TINY, revision=f'seed-{SEED}')
    tally.equal('torch.distributed.checkpoint loads every tensor', loaded,
                {name: service.sha256(body)
                 for name, body in tensors(url).items()})


def main():
    with daemon.running() as url, machine.new(url) as here:
        tally.run(curl_and_safetensors, url, here)
        tally.run(numpy_of_a_url, url, here)
        tally.run(distributed_checkpoint, url, here)
    tally.finish()


if __name__ == '__main__':
    main()
