#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Seeds and dictionaries for the fuzzers, from examples that are there.

    python3 tests/fuzz/seeds.py FOLDER

writes FOLDER/seeds/NAME/… and FOLDER/dictionaries/NAME: the requests of
api/openapi.json and of the READMEs, and the literals in tests/api that look
like what a fuzzer reads.
"""
import hashlib
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests/clients'))

import readme  # noqa: E402

OPENAPI = json.loads((ROOT / 'api/openapi.json').read_text())

# Longer seeds slow a fuzzer down more than they tell it.
LONGEST = 3000

CONFIGS = ['gpt2', 'llama', 'mistral', 'qwen2', 'bert', 'vit', 't5']

SMALL = {
    'vocab_size': 8, 'n_layer': 1, 'n_head': 2, 'n_embd': 4, 'n_positions': 4,
    'hidden_size': 4, 'num_hidden_layers': 1, 'num_attention_heads': 2,
    'num_key_value_heads': 1, 'intermediate_size': 6, 'd_model': 4, 'd_kv': 2,
    'd_ff': 6, 'num_layers': 1, 'num_heads': 2, 'image_size': 4,
    'patch_size': 2, 'tie_word_embeddings': False, 'initializer_range': 0.1,
    'torch_dtype': 'float16', 'max_position_embeddings': 4}

HEADS = [
    'Host: a\nAccept: application/json;q=0.5, */*;q=0.1\n',
    'Host: a\nAccept: application/x-npy\nAccept: text/html;level="a,b";q=1\n',
    'Host: a\nContent-Type: application/json; charset=utf-8\n'
    'Content-Length: 12\n',
    'Host: a\nTransfer-Encoding: chunked\n',
    'Host: a\nWant-Repr-Digest: sha-512=3, sha-256=10, unixsum=0\n',
    'Host: a\nIf-None-Match: W/"tag", "other"\nIf-Match: "tag"\n',
    'Host: a\nIf-None-Match: *\nContent-Length: 99999999999999999999\n']

RANGES = ['bytes=0-3', 'bytes=4-', 'bytes=-5', 'bytes=9-8', 'bytes=-0',
          'bytes=0-1,3-4', 'bytes= 2-2 ', 'BYTES=1-18446744073709551615',
          'lines=1-2', 'bytes=18446744073709551616-']

SLICES = [('4,5,6', '1:3,:,2:'), ('4,5', '-1:'), ('4', ':-1'), ('()', ''),
          ('2x3x2', '0:2,-3:-1,2:2'), ('0,3', ':'), ('9', '5:4'),
          ('3,3', '-9223372036854775808:9223372036854775807')]


# ----------------------------------------------------------------------------
# What there is

def walk(node):
    """Every object and list of the document."""
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from walk(child)


def literals():
    """The strings in the C of tests/api, neighbours joined."""
    string = r'"((?:[^"\\\n]|\\.)*)"'
    for path in sorted((ROOT / 'tests/api').glob('*.c')):
        for found in re.finditer(f'(?:{string}\\s*)+', path.read_text()):
            joined = ''.join(re.findall(string, found[0]))
            try:
                yield json.loads(f'"{joined}"')
            except ValueError:
                continue


def commands():
    """(method, target, body) of the READMEs' examples."""
    for file in readme.FILES:
        for command, _ in readme.examples(file):
            url = re.search(r"http://127\.0\.0\.1:8080([^\s']*)", command)
            body = re.search(r"--json '([^']*)'", command)
            method = re.search(r'-X ([A-Z]+)', command)
            if url:
                yield (method[1] if method else 'POST' if body else 'GET',
                       url[1].replace('\\', ''), body[1] if body else '')


def bodies():
    """Texts that are JSON objects."""
    for node in walk(OPENAPI):
        for example in node.get('examples', ()):
            if isinstance(example, dict) and 'layers' in example:
                yield json.dumps(example)
        example = node.get('value', node.get('example'))
        if isinstance(example, dict):
            yield json.dumps(example)
    yield from (body for _, _, body in commands() if body)
    for literal in literals():
        literal = literal.replace("'", '"')
        if literal.startswith('{') and 'layers' in literal:
            yield literal


def targets():
    yield from (target for method, target, _ in commands() if method == 'GET')
    yield from (path for path in OPENAPI['paths'])
    for literal in literals():
        if re.match(r'/[a-z{]\S*$', literal):
            yield literal


def queries():
    yield from (target.partition('?')[2] for target in targets())
    for literal in literals():
        if re.match(r'[a-z_]+=\S*&\S*$', literal):
            yield literal


def requests():
    for target in targets():
        yield f'GET {target}\n\n'
    for target in ('/v1/weights?shape=6,4&scheme=he_normal',
                   '/v1/weights?shape=9&scheme=normal&format=npy'):
        for field in RANGES:
            yield f'GET {target}\nRange: {field}\n\n'
    for method, target, body in commands():
        if body:
            yield (f'{method} {target}\nContent-Type: application/json\n\n'
                   f'{body}')
    for body in bodies():
        target = '/v1/analysis' if 'analys' in body or 'widths' in body else \
            '/v1/weights'
        yield f'POST {target}\nContent-Type: application/json\n\n{body}'
    recipe = ('PUT /v1/recipes/lab/tiny\nContent-Type: application/json\n\n'
              '{"scheme":"normal","seed":7,"layers":[{"name":"w",'
              '"shape":[6,4]}],"files":{"config.json":{"model_type":"gpt2"},'
              '"vocab.txt":"a\\n"}}\n--\n')
    for path in OPENAPI['paths']:
        path = path.format_map(Names())
        yield f'{recipe}GET {path}\n\n\n--\nHEAD {path}\nIf-Match: *\n\n'
    yield (f'{recipe}DELETE /v1/recipes/lab/tiny\n\n\n--\n'
           'GET /v1/weights?recipe=lab/tiny&name=w\n\n')
    yield (f'{recipe}POST /api/models/lab/tiny/paths-info/main\n'
           'Content-Type: application/json\n\n{"paths":["vocab.txt"]}')


class Names(dict):
    """What the braces of a path may stand for."""

    def __missing__(self, name):
        known = {'ns': 'lab', 'namespace': 'lab', 'rev': 'main',
                 'revision': 'seed-42', 'path': 'model.safetensors',
                 'file': 'model.safetensors', 'type': 'linear'}
        return known.get(name, 'tiny')


def configs():
    for name in CONFIGS:
        yield json.dumps({'model_type': name, **SMALL})
    yield json.dumps({'model_type': 'gpt2'})


# ----------------------------------------------------------------------------
# What is made of it

SEEDS = {
    'query': queries, 'spec': bodies, 'config': configs, 'request': requests,
    'path': lambda: (f'GET {target.partition("?")[0]}'
                     for target in targets()),
    'slice': lambda: ('\n'.join(pair) for pair in SLICES),
    'fields': lambda: HEADS,
    'range': lambda: (f'{field}\n"tag"\n{size}' for field in RANGES
                      for size in (0, 4, 2 ** 63))}


def words():
    """Names of fields and values of choices."""
    found = set()
    for node in walk(OPENAPI):
        found |= {name for name in node.get('properties', {})
                  if isinstance(node['properties'], dict)}
        found |= {name for name in node.get('enum', ())
                  if isinstance(name, str)}
        if isinstance(node.get('name'), str):
            found.add(node['name'])
    return found


def dictionary(name):
    if name in ('spec', 'request'):
        yield from (f'"{word}":' for word in words())
        yield from ('"type":"linear"', '[0]', '{}', '1e308', 'null', 'true',
                    '18446744073709551615', '"0x1"', '-1', 'torch', 'numpy')
    if name in ('query', 'request'):
        yield from (f'&{word}=' for word in words())
        yield from ('%2F', '%00', '%ff', '2,3', '()', '0x', '1e-45')
    if name in ('path', 'request'):
        yield from (part for path in OPENAPI['paths']
                    for part in re.split(r'(?<=/)|\{\w+\}', path) if part)
        yield from ('HEAD ', 'PUT ', 'DELETE ', 'OPTIONS ', '%2f', '..')
    if name == 'config':
        yield from (f'"{key}":' for key in (*SMALL, 'architectures'))
        yield from (f'"{config}"' for config in CONFIGS)
    if name in ('fields', 'range', 'request'):
        yield from ('bytes=', 'Range: ', 'If-Range: ', 'Accept: ', ';q=0.',
                    'If-None-Match: ', 'If-Match: ', 'W/"', '"tag"', '*/*',
                    'application/json', 'Want-Repr-Digest: sha-256=1',
                    'Transfer-Encoding: chunked', 'Content-Length: ')
    if name == 'slice':
        yield from (':', ',', '-1', '9223372036854775807', '()')


def quoted(text):
    return '"' + ''.join(
        f'\\x{byte:02x}' if byte < 32 or byte > 126 or byte in b'"\\'
        else chr(byte) for byte in text.encode()) + '"'


def main(folder):
    for name, seeds in SEEDS.items():
        here = folder / 'seeds' / name
        here.mkdir(parents=True, exist_ok=True)
        for seed in seeds():
            data = seed.encode()
            if 0 < len(data) <= LONGEST:
                digest = hashlib.sha1(data, usedforsecurity=False)
                (here / digest.hexdigest()[:16]).write_bytes(data)
        (folder / 'dictionaries').mkdir(exist_ok=True)
        (folder / 'dictionaries' / name).write_text(
            ''.join(f'{quoted(word)}\n' for word in sorted({*dictionary(name)})
                    if len(word) < 60))


if __name__ == '__main__':
    main(pathlib.Path(sys.argv[1]))
