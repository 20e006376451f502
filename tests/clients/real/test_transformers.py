#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""transformers: every family, a step of training, shards, dtypes, tokenizers.

What it loads is compared bit by bit with what the API sends.
"""
import json
import math
import tempfile

import machine
import relay
import service

import daemon
import tally

LLAMA = 'init/tiny-llama'

# What AutoModel is to leave out: a pooler, which the recipe doesn't have.
BARE = {'add_pooling_layer': False}
FAMILIES = {'gpt2': {}, 'llama': {}, 'mistral': {}, 'qwen2': {},
            'bert': BARE, 'vit': BARE, 't5': {}}

# The parts of a model that AutoModel has no use for.
HEADS = {'lm_head', 'cls', 'classifier'}

# A copy of LLAMA: to be asked for thrice, in shards, in bfloat16.
ONCE, SHARDS, HALF = 'test/once', 'test/shards', 'test/half'

WORDS = {'[UNK]': 0, 'sow': 1, 'seeds': 2, 'reap': 3, 'weights': 4}

TOKENIZER = {
    'tokenizer.json': {
        'version': '1.0', 'truncation': None, 'padding': None,
        'added_tokens': [], 'normalizer': {'type': 'Lowercase'},
        'pre_tokenizer': {'type': 'Whitespace'}, 'post_processor': None,
        'decoder': None, 'model': {
            'type': 'WordLevel', 'vocab': WORDS, 'unk_token': '[UNK]'}},
    'tokenizer_config.json': {
        'tokenizer_class': 'PreTrainedTokenizerFast', 'unk_token': '[UNK]'},
    'generation_config.json': {'max_new_tokens': 3, 'do_sample': False}}


# ----------------------------------------------------------------------------
# What runs on the client's machine

def digests(state):
    """The SHA-256 of each tensor's bytes, and its dtype."""
    import hashlib
    import torch
    return {name: [hashlib.sha256(
        tensor.contiguous().flatten().view(torch.uint8).numpy().tobytes()
        ).hexdigest(), str(tensor.dtype)] for name, tensor in state.items()}


def load(requests):
    """Load models; each of 'requests' is (class, options)."""
    import vision  # noqa: F401
    import torch
    import transformers
    found = []
    for name, options in requests:
        if 'dtype' in options:
            options = options | {'dtype': getattr(torch, options['dtype'])}
        model, info = getattr(transformers, name).from_pretrained(
            **options, output_loading_info=True)
        found.append({
            'class': type(model).__name__, 'prefix': model.base_model_prefix,
            'tensors': digests(model.state_dict())} | {
                kind: sorted(map(str, info[kind])) for kind in (
                    'missing_keys', 'unexpected_keys', 'mismatched_keys',
                    'error_msgs')})
    return found


def train(repo, revisions):
    """For each revision the weights, and the losses before each of two steps.
    """
    import vision  # noqa: F401
    import torch
    from transformers import AutoModelForCausalLM
    found = []
    for revision in revisions:
        model = AutoModelForCausalLM.from_pretrained(repo, revision=revision)
        start = digests(model.state_dict())
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        words = torch.arange(32).reshape(2, 16) % model.config.vocab_size
        losses = []
        for _ in range(2):
            loss = model(input_ids=words, labels=words).loss
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        found.append({'start': start, 'losses': losses,
                      'words': model.config.vocab_size})
    return found


def tokenize(repo, text):
    """What is made of a text; and what is said of names that are wrong."""
    import vision  # noqa: F401
    import transformers
    refused = []
    for wrong in ({'pretrained_model_name_or_path': 'init/absent'},
                  {'pretrained_model_name_or_path': repo,
                   'revision': 'v1.0'}):
        try:
            transformers.AutoModel.from_pretrained(**wrong)
        except OSError as problem:
            refused.append(str(problem))
    tokenizer = transformers.AutoTokenizer.from_pretrained(repo)
    generation = transformers.GenerationConfig.from_pretrained(repo)
    return {'ids': tokenizer(text)['input_ids'],
            'new': generation.max_new_tokens, 'refused': refused}


# ----------------------------------------------------------------------------

def sent(body):
    """The SHA-256 and dtype of each tensor of a safetensors file."""
    names = {'F32': 'torch.float32', 'BF16': 'torch.bfloat16'}
    start = 8 + int.from_bytes(body[:8], 'little')
    header = json.loads(body[8:start])
    header.pop('__metadata__', None)
    return {name: [service.sha256(body[start + t['data_offsets'][0]:
                                       start + t['data_offsets'][1]]),
                   names[t['dtype']]] for name, t in header.items()}


def complete(statement, loaded, heads):
    """All that the model has was loaded, and all that was sent but heads."""
    for kind in ('missing_keys', 'mismatched_keys', 'error_msgs'):
        tally.equal(f'{statement}: {kind}', loaded[kind], [])
    tally.equal(f'{statement}: unexpected keys', [
        name for name in loaded['unexpected_keys']
        if name.split('.')[0] not in heads], [])


def same(statement, loaded, expected):
    """Every tensor that was loaded has the bits that were sent."""
    mine = {}
    for name in loaded['tensors']:
        full = f'{loaded["prefix"]}.{name}'
        mine[name] = expected.get(name, expected.get(full))
    # What was not sent is tied to another, or complete() tells of it.
    wrong = [name for name, digest in mine.items()
             if digest and digest != loaded['tensors'][name]]
    tally.check(f'{statement}: equal bits', any(mine.values()) and not wrong,
                wrong[:5])


def document_of(url, name):
    return json.loads(service.get(url, f'/v1/recipes/{name}'))


def store_all(url):
    document = document_of(url, LLAMA)
    service.put(url, ONCE, document)
    service.put(url, SHARDS, document | {'shard_bytes': 50000})
    service.put(url, 'test/words', document | {'files': TOKENIZER})
    # Without it the weights alone say what they are.
    document['config'].pop('torch_dtype', None)
    service.put(url, HALF, document | {'dtype': 'bfloat16'})


def families(url):
    """Rows of a class, a recipe, options, heads to ignore and whose bits."""
    for family, bare in FAMILIES.items():
        repo = f'init/tiny-{family}'
        config = document_of(url, repo)['config']
        yield config['architectures'][0], repo, {}, (), repo
        yield 'AutoModel', repo, bare, HEADS, repo


def variants(url):
    auto = 'AutoModelForCausalLM'
    commit = service.commit(url, ONCE, 'seed-42')
    return [(auto, SHARDS, {}, (), LLAMA), (auto, HALF, {}, (), HALF),
            (auto, LLAMA, {'dtype': 'bfloat16'}, (), HALF),
            (auto, ONCE, {}, (), LLAMA), (auto, ONCE, {}, (), LLAMA),
            (auto, ONCE, {'revision': commit}, (), LLAMA)]


def models_are_complete(url, here):
    rows = [*families(url), *variants(url)]
    loads = here.run(load, requests=[
        (kind, {'pretrained_model_name_or_path': repo,
                'revision': 'seed-42'} | options)
        for kind, repo, options, _, _ in rows])
    for (kind, repo, options, heads, source), loaded in zip(rows, loads):
        statement = f'{repo} as {kind} {options}'
        complete(statement, loaded, heads)
        same(statement, loaded, sent(service.weights(url, source, 42)))


def requests_are_few(asked):
    """What was asked for ONCE, which was loaded thrice."""
    list_ = f'GET /api/models/{ONCE}/revision/seed-42 200'
    tally.equal('the commit first, each file once; again the commit; and of '
                'a pinned commit nothing', [a for a in asked if ONCE in a],
                [list_] + [
                    f'{method} /{ONCE}/resolve/COMMIT/{file} 200'
                    for file in ('config.json', 'model.safetensors',
                                 'generation_config.json')
                    for method in ('HEAD', 'GET')] + [list_])


def shards_are_fetched_once(asked):
    shards = [a for a in asked if a.startswith(f'GET /{SHARDS}/resolve/') and
              '/model-0' in a]
    tally.check('there are several shards', len(shards) > 2, asked)
    tally.equal('each is fetched once', len(set(shards)), len(shards))


def training_is_reproducible(url, link):
    with machine.new(link.url) as one, machine.new(link.url) as two:
        first, other = one.run(train, repo=LLAMA,
                               revisions=['seed-42', 'seed-43'])
        second, = two.run(train, repo=LLAMA, revisions=['seed-42'])
    before, after = first['losses']
    tally.check('a fresh model guesses', abs(
        before - math.log(first['words'])) < 0.5, before)
    tally.check('a step makes it better', after < before, (before, after))
    tally.check('the weights are those that were sent', all(
        first['start'][name] == digest for name, digest in
        sent(service.weights(url, LLAMA, 42)).items()))
    tally.equal('on another machine the same seed starts and trains alike',
                second, first)
    kept = {name for name, digest in other['start'].items()
            if first['start'][name] == digest}
    tally.equal('another seed has other weights, but for the norms', kept,
                {name for name in first['start'] if 'norm' in name})


def side_files_are_found(here):
    told = here.run(tokenize, repo='test/words', text='sow Weights reap rain')
    tally.equal('the tokenizer is found', told['ids'], [1, 4, 3, 0])
    tally.equal('the generation config is found', told['new'], 3)
    for said, expected in zip(told['refused'] + ['', ''], (
            'not a valid model identifier', 'not a valid git identifier')):
        tally.check(f'a wrong name is {expected}', expected in said, told)


def load_all(url, link):
    store_all(url)
    with machine.new(link.url) as here:
        tally.run(models_are_complete, url, here)
        asked = link.taken()
        tally.run(requests_are_few, asked)
        tally.run(shards_are_fetched_once, asked)
        tally.run(side_files_are_found, here)
    tally.run(training_is_reproducible, url, link)


def main():
    with tempfile.TemporaryDirectory() as recipes, \
            daemon.running('--recipes', recipes) as url, \
            relay.before(url) as link:
        load_all(url, link)
    tally.finish()


if __name__ == '__main__':
    main()
