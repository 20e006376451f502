# SPDX-License-Identifier: MIT
"""The recipes that are built in against transformers' own classes.

A recipe's tensors are the state_dict() of the model that its config.json
describes, by name, shape and type, but a tied tensor once; from_pretrained()
finds all of them in a file, and nothing else.
"""
import os

os.environ['HF_HUB_OFFLINE'] = '1'
os.environ['TRANSFORMERS_VERBOSITY'] = 'critical'

import json                         # noqa: E402
import pathlib                      # noqa: E402
import tempfile                     # noqa: E402
import urllib.parse                 # noqa: E402
import urllib.request               # noqa: E402

import numpy as np                  # noqa: E402
import torch                        # noqa: E402
from safetensors.numpy import load  # noqa: E402

import vision                       # noqa: E402, F401
import transformers                 # noqa: E402

from compare import daemon, tally   # noqa: E402

# How the classes are found that the files are made for.
AUTO = {'ForCausalLM': 'AutoModelForCausalLM',
        'LMHeadModel': 'AutoModelForCausalLM',
        'ForMaskedLM': 'AutoModelForMaskedLM',
        'ForImageClassification': 'AutoModelForImageClassification',
        'ForConditionalGeneration': 'AutoModelForSeq2SeqLM'}


def read(url, path, **query):
    query = urllib.parse.urlencode(query)
    with urllib.request.urlopen(f'{url}{path}?{query}') as answer:
        return json.load(answer)


def tensors(url, name):
    """What the daemon has of a recipe: name to dtype and shape."""
    manifest = read(url, '/v1/weights', recipe=name, format='manifest',
                    digest='off')
    return {tensor['name']: (tensor['dtype'], tuple(tensor['shape']))
            for tensor in manifest['tensors']}


def stored(model):
    """What of a model on the meta device would be stored."""
    tied = getattr(model, 'all_tied_weights_keys', {})
    return {key: (str(tensor.dtype).removeprefix('torch.'),
                  tuple(tensor.shape))
            for key, tensor in model.state_dict().items() if key not in tied}


def load_file(url, name, config, auto):
    """What from_pretrained() makes of the recipe's file, and says of it."""
    query = f'recipe={name}&format=safetensors&seed=7'
    with urllib.request.urlopen(f'{url}/v1/weights?{query}') as answer:
        body = answer.read()
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, 'model.safetensors').write_bytes(body)
        config.save_pretrained(folder)
        model, said = auto.from_pretrained(folder, output_loading_info=True)
    return load(body), model, said


def differences(mine, theirs):
    return {key: (mine.get(key), theirs.get(key))
            for key in mine.keys() | theirs.keys()
            if mine.get(key) != theirs.get(key)}


def check_load(url, name, config, auto):
    file, model, said = load_file(url, name, config, auto)
    tally.equal(f'{name}: what from_pretrained() complains of',
                {what: list(keys) for what, keys in said.items() if keys}, {})
    held = model.state_dict()
    tally.equal(f'{name}: tensors that are not those of the file',
                [key for key, array in file.items()
                 if not np.array_equal(held[key].numpy(), array)], [])


def check_recipe(url, name):
    document = read(url, f'/v1/recipes/{name}')
    given = document['config']
    config = transformers.CONFIG_MAPPING[given['model_type']].from_dict(given)
    name_of_class = given['architectures'][0]
    ending = next(end for end in AUTO if name_of_class.endswith(end))
    auto = getattr(transformers, AUTO[ending])
    mine = tensors(url, name)
    with torch.device('meta'):
        model = auto.from_config(config)
    tally.equal(f'{name} is made by its architecture', type(model).__name__,
                name_of_class)
    tally.equal(f'{name}: the tensors that differ',
                differences(mine, stored(model)), {})
    if name.startswith('init/tiny'):
        check_load(url, name, config, auto)
    check_generation(name, document, model)


def check_generation(name, document, model):
    """A model that generates has a file that says how, and it fits."""
    files = document.get('files', {})
    if tally.equal(f'{name} has a generation_config.json where it may',
                   'generation_config.json' in files, model.can_generate()) \
            and files:
        given = files['generation_config.json']
        generation = transformers.GenerationConfig.from_dict(given)
        generation.validate(strict=True)
        tally.equal(f'{name}: tokens of the generation are those of the model',
                    {key: getattr(generation, key)
                     for key in given if key.endswith('_id')},
                    {key: getattr(model.config, key)
                     for key in given if key.endswith('_id')})


def main():
    with daemon.running() as url:
        names = [recipe['name']
                 for recipe in read(url, '/v1/recipes')['recipes']]
        tally.check('recipes are built in', len(names) >= 19, names)
        for name in names:
            tally.run(check_recipe, url, name)
    tally.finish()


if __name__ == '__main__':
    main()
