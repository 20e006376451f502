#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Other libraries' generators with these libraries at hand: the probe, states
that go to and fro, and models as transformers makes them.
"""
import json

import machine
import service

import daemon
import tally

FAMILIES = ['gpt2', 'llama', 'bert']
LINEAR = {'name': 'fc', 'type': 'linear', 'in_features': 20,
          'out_features': 30}


# ----------------------------------------------------------------------------
# What runs on the client's machine; the home is its current folder

def run_script(text, change=''):
    """A script's status and outputs; 'change' stands before its end."""
    import subprocess
    import sys
    end = "\nif __name__ == '__main__':"
    text = text.replace(end, f'\n{change}\n{end}')
    done = subprocess.run([sys.executable, '-'], input=text, text=True,
                          capture_output=True)
    return [done.returncode, done.stdout, done.stderr]


def torch_version():
    """Such as "2.13.0+cpu"."""
    import torch
    return torch.__version__


def draw_on(seed, state=None):
    """A layer's bytes in hex, and the state before and after in base64."""
    import base64
    import torch

    def blob():
        return base64.b64encode(bytes(torch.get_rng_state().tolist())).decode()

    torch.manual_seed(seed)
    if state is not None:
        torch.set_rng_state(torch.tensor(list(base64.b64decode(state)),
                                         dtype=torch.uint8))
    before = blob()
    layer = torch.nn.Linear(20, 30)
    return {'before': before, 'after': blob(), 'fc': b''.join(
        tensor.detach().numpy().tobytes()
        for tensor in (layer.weight, layer.bias)).hex()}


def compare_models(repo, revision, seed):
    """What the Hub's revision has unlike a model that is made here."""
    import vision  # noqa: F401
    import torch
    import transformers
    config = transformers.AutoConfig.from_pretrained(repo, revision=revision)
    kind = getattr(transformers, config.architectures[0])
    torch.manual_seed(seed)
    made = kind(config).state_dict()
    loaded = kind.from_pretrained(repo, revision=revision).state_dict()
    return {'tensors': len(made), 'other': [
        name for name, tensor in made.items()
        if not torch.equal(tensor, loaded[name])]}


# ----------------------------------------------------------------------------

def the_probe_knows_this_torch(url, here):
    text = service.get(url, '/v1/generators/torch/probe').decode()
    version = here.run(torch_version)
    status, name, said = here.run(run_script, text=text)
    tally.equal(f'the probe knows torch {version}', status, 0)
    found = json.loads(service.get(url, '/v1/generators/' + name.strip()))
    tally.equal('what it prints is a generator', found['name'], name.strip())
    tally.check('which is for this version',
                '.'.join(version.split('.')[:2]) in found['versions'], found)
    tally.check('it says what it has seen', version in said and
                'uniform_' in said, said)


def the_probe_never_guesses(url, here):
    """Another build's numbers, and another version's."""
    text = service.get(url, '/v1/generators/torch/probe').decode()
    for change in ('def sha256(tensor):\n    return 64 * "0"',
                   'def version():\n    return 2, 99',
                   'def version():\n    return 1, 12',
                   'CONTRACTED = None\n'
                   'PLATFORMS = {(ROUNDED, AVX2): "linux-x86_64-avx2"}'):
        status, name, said = here.run(run_script, text=text, change=change)
        tally.equal(f'{change:.40} is unknown', (status, name), (1, ''))
        tally.check(f'{change:.40} is said to be', 'unknown' in said, said)


def states_go_to_and_fro(url, here):
    def ask(**more):
        _, _, body = service.ask(
            url, '/v1/weights', 'POST', json.dumps(
                {'generator': 'torch', 'layers': [LINEAR], **more}).encode(),
            **{'Content-Type': 'application/json'})
        return body

    for seed in (42, 0, 2 ** 40 + 1, -7):
        local = here.run(draw_on, seed=seed)
        told = json.loads(ask(seed=str(seed), format='manifest',
                              final_state=True))
        tally.equal(f'the state after seed {seed}', told.get('state'),
                    local['after'])
        tally.equal(f'from the state of seed {seed}',
                    ask(state=local['before'], format='raw').hex(),
                    local['fc'])
        on = here.run(draw_on, seed=1, state=told['state'])
        tally.equal(f'torch goes on after seed {seed}', on['fc'],
                    ask(state=told['state'], format='raw').hex())


def revisions_are_models_as_constructed(url, here):
    for family in FAMILIES:
        got = here.run(compare_models, repo=f'init/tiny-{family}',
                       revision='torch-seed-42', seed=42)
        tally.check(f'{family} has tensors', got['tensors'] > 10)
        tally.equal(f'torch-seed-42 of {family} is from_config()',
                    got['other'], [])


def main():
    with daemon.running() as url, machine.new(url) as here:
        for test in [the_probe_knows_this_torch, the_probe_never_guesses,
                     states_go_to_and_fro,
                     revisions_are_models_as_constructed]:
            tally.run(test, url, here)
    tally.finish()


if __name__ == '__main__':
    main()
