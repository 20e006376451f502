#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The catalogue of schemes: its schemas say what the daemon does, and
lib/schemes/README.md is its table.  With --write it makes that file anew.
"""
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

import daemon
import tally
from schema import Validator

TABLE = daemon.ROOT / 'lib/schemes/README.md'

HEAD = '''\
<!-- Made by tests/clients/test_catalogue.py --write: don't edit. -->

# The catalogue

Every scheme that `GET /v1/schemes` lists, from the rows in this folder.
`GET /v1/schemes/{name}` has more: what each parameter is, a JSON Schema, an
example. Access tells what an element costs: *random*, a function of its
position alone; *rows*, a number a row is made first; *whole*, a matrix of about
the tensor's size is made first, and kept for a while. A source marked † could
not be read: the formula is second-hand, or our reconstruction.
'''

NAMES = {None: 'General schemes', 'torch': "PyTorch's functions",
         'jax': "JAX's functions", 'keras': "Keras's functions",
         'flax': "Flax's functions", 'timm': "timm's functions",
         'haiku': "Haiku's functions", 'sonnet': "Sonnet's functions",
         'numpy': "NumPy's functions"}


def ask(url, target, body=None):
    """The status and the JSON of an answer."""
    request = urllib.request.Request(url + target)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header('Content-Type', 'application/json')
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)


# ----------------------------------------------------------------------------
# The table

def cell(text):
    return (text or '').replace('|', '\\|').replace('\n', ' ')


def parameter_text(parameter):
    if parameter['required']:
        return f'`{parameter["name"]}`'
    default = parameter['default']
    if isinstance(default, float) and default.is_integer():
        default = int(default)
    if not isinstance(default, str):
        default = json.dumps(default)
    return f'`{parameter["name"]}={default}`'


def row_text(row):
    names = ', '.join(f'`{name}`' for name in [row['name'], *row['aliases']])
    parameters = ', '.join(map(parameter_text, row['parameters']))
    source = cell(row['source'])
    if row['evidence'] == 'provisional':
        source += ' †'
    cells = [names, parameters, cell(f'`{row["formula"]}`'),
             row['tags']['access'], source]
    return '| ' + ' | '.join(cells) + ' |\n'


def table(rows):
    text = HEAD
    for library in dict.fromkeys(row['library'] for row in rows):
        text += f'\n## {NAMES.get(library, library)}\n\n'
        text += '| scheme | parameters | formula | access | source |\n'
        text += '| --- | --- | --- | --- | --- |\n'
        text += ''.join(row_text(row) for row in rows
                        if row['library'] == library)
    return text


def the_table_is_up_to_date(rows):
    tally.check('lib/schemes/README.md is what --write would make',
                TABLE.exists() and TABLE.read_text() == table(rows),
                'run tests/clients/test_catalogue.py --write')


# ----------------------------------------------------------------------------
# The documents

def names_are_unique(rows):
    names = [name for row in rows for name in [row['name'], *row['aliases']]]
    twice = {name for name in names if names.count(name) > 1}
    tally.equal('names that two schemes have', twice, set())


def filled(one):
    """A scheme as an object: the example's values, and all defaults."""
    query = urllib.parse.parse_qs(one['example'].partition('?')[2])
    scheme = {'name': one['name']}
    for parameter in one['parameters']:
        value = parameter['default']
        if parameter['required']:
            value = query[parameter['name']][0]
            if parameter['type'] != 'choice':
                value = json.loads(value)
        scheme[parameter['name']] = value
    return scheme


def shape_of(one):
    shape = urllib.parse.parse_qs(one['example'].partition('?')[2])['shape'][0]
    return [] if shape == '()' else [int(n) for n in shape.split(',')]


# What each kind of bound keeps out, as (keyword, a value just outside).
OUTSIDE = {'minimum': lambda bound: bound - 1, 'maximum': lambda bound:
           bound + 1, 'exclusiveMinimum': lambda bound: bound,
           'enum': lambda choices: 'none such'}


def a_schema_says_what_is_in_force(url, name):
    one = ask(url, '/v1/schemes/' + name)[1]
    schema, scheme = one['schema'], filled(one)
    validator = Validator(schema)
    layer = {'name': 'w', 'shape': shape_of(one), 'scheme': scheme}
    request = {'format': 'manifest', 'digest': 'off', 'layers': [layer],
               'seed': 42}
    errors = validator.errors(schema, scheme)
    tally.check(f'the schema of {name} takes {scheme}', not errors, errors)
    status, spelled = ask(url, '/v1/weights', request)
    if not tally.equal(f'{scheme} is accepted', status, 200):
        return
    target = one['example'] + '&name=w&format=manifest&digest=off'
    tally.equal(f'the defaults of {name} are those in force',
                spelled['recipe'], ask(url, target)[1]['recipe'])
    for key, part in schema['properties'].items():
        for keyword, value in part.items():
            if key == 'name' or keyword not in OUTSIDE:
                continue
            wrong = dict(scheme, **{key: OUTSIDE[keyword](value)})
            tally.check(f'the schema of {name} refuses {wrong}',
                        not validator.valid(schema, wrong))
            layer['scheme'] = wrong
            status, problem = ask(url, '/v1/weights', request)
            tally.equal(f'{wrong} is refused', (status, problem.get('at')),
                        (422, f'/layers/0/scheme/{key}'))


def main():
    with daemon.running() as url:
        rows = ask(url, '/v1/schemes')[1]['schemes']
        if sys.argv[1:] == ['--write']:
            TABLE.write_text(table(rows))
        tally.run(the_table_is_up_to_date, rows)
        tally.run(names_are_unique, rows)
        for row in rows:
            if row['tags']['data_free']:
                tally.run(a_schema_says_what_is_in_force, url, row['name'])
            else:
                tally.equal(f'the example of {row["name"]}', row['example'],
                            None)


if __name__ == '__main__':
    tally.run(main)
    tally.finish()
