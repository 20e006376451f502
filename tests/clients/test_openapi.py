#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""api/openapi.json against the daemon: what it says is so, and is all."""
import contextlib
import hashlib
import http.client
import json
import pathlib
import re
import select
import subprocess
import tempfile
import time

import daemon
import tally
from schema import Validator, resolve

# What every HTTP server writes, and ours on every answer: not in each part of
# the document.
FRAMING = {'Connection', 'Content-Length', 'Content-Type', 'Date',
           'Server-Timing', 'Transfer-Encoding', 'X-Request-Id'}

METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace']
STRANGE_METHODS = ['PROPFIND', 'get', 'BREW']

WEIGHTS = '/v1/weights?shape=2,3&scheme=he_normal'


class Answer:
    """A whole answer; 'json' is None when the body is none."""

    def __init__(self, answer):
        self.status = answer.status
        self.headers = answer.headers
        self.body = answer.read()
        self.type = self.headers.get_content_type()
        self.json = None
        if self.type.endswith('json') and self.body:
            self.json = json.loads(self.body)


@contextlib.contextmanager
def sent(url, method, target, headers=None, body=None, fields=()):
    """Send a request; yields the connection before the answer is read."""
    connection = http.client.HTTPConnection(url.host, url.port, timeout=60)
    with contextlib.closing(connection):
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        if fields:
            connection.putrequest(method, target, skip_host=True)
            for name, value in fields:
                connection.putheader(name, value)
            connection.endheaders()
        else:
            connection.request(method, target, body, headers or {})
        yield connection


def ask(url, method, target, headers=None, body=None, fields=()):
    with sent(url, method, target, headers, body, fields) as connection:
        return Answer(connection.getresponse())


def post(url, body, target='/v1/weights'):
    return ask(url, 'POST', target, {'Content-Type': 'application/json'}, body)


class Document:
    """The document, and whether answers are as it says."""

    def __init__(self, document):
        self.json = document
        self.validator = Validator(document)
        self.paths = {path: item for path, item in document['paths'].items()
                      if path.startswith('/')}
        self.schemas = document['components']['schemas']
        self.problems = self.schemas['Problem']['x-problems']

    def resolve(self, node):
        return resolve(self.json, node)

    def operations(self):
        for path, item in self.paths.items():
            for method in METHODS:
                if method in item:
                    yield path, method, item[method]

    def path_of(self, target):
        """The entry that a target belongs to, or None."""
        path = target.partition('?')[0]
        for pattern in self.paths:
            parts = re.split(r'\{[^}]*\}', pattern)
            if re.fullmatch('[^/]+'.join(map(re.escape, parts)), path):
                return pattern
        return None

    def response(self, method, target, status):
        """The response that is documented for an answer, or None."""
        path = self.path_of(target)
        if path is None:
            responses = self.json['paths']['x-other-paths']
        elif method.isupper() and method.lower() in self.paths[path]:
            responses = self.paths[path][method.lower()]['responses']
        else:
            responses = self.paths[path]['x-other-methods']
        return self.resolve(responses.get(str(status)))

    def all_responses(self):
        """Every status and its response, wherever it is documented."""
        tables = [operation['responses']
                  for path, method, operation in self.operations()]
        tables += [item['x-other-methods'] for item in self.paths.values()]
        tables.append(self.json['paths']['x-other-paths'])
        for table in tables:
            for status, response in table.items():
                yield int(status), self.resolve(response)

    def header_errors(self, response, answer):
        known = {name.lower(): self.resolve(header)
                 for name, header in response.get('headers', {}).items()}
        for name, value in answer.headers.items():
            header = known.get(name.lower())
            if header is None:
                if name not in FRAMING:
                    yield f'the header {name} is not documented'
                continue
            if header['schema'].get('type') == 'integer':
                value = int(value)
            yield from self.validator.errors(header['schema'], value, name)

    def errors(self, method, target, answer):
        """What of an answer is not as the document says."""
        response = self.response(method, target, answer.status)
        if response is None:
            return [f'{answer.status} is not documented']
        errors = list(self.header_errors(response, answer))
        content = response.get('content', {})
        if answer.body and answer.type not in content:
            errors.append(f'{answer.type} is not documented')
        elif answer.json is not None:
            errors += self.validator.errors(content[answer.type]['schema'],
                                            answer.json)
        return errors


def walk(node, at='#'):
    """Every object in a document, with its place."""
    if isinstance(node, dict):
        yield at, node
    items = node.items() if isinstance(node, dict) else \
        enumerate(node) if isinstance(node, list) else ()
    for key, part in items:
        yield from walk(part, f'{at}/{key}')


# ----------------------------------------------------------------------------
# The document by itself

def references_resolve(document):
    for at, node in walk(document.json):
        if '$ref' in node:
            try:
                document.resolve(node)
                tally.check(f'{at} resolves', True)
            except (KeyError, IndexError):
                tally.check(f'{at} resolves', False, node['$ref'])


def nothing_is_left_over(document):
    """Every component is referred to."""
    used = {node['$ref'] for at, node in walk(document.json) if '$ref' in node}
    used = {'/'.join(ref.split('/')[:4]) for ref in used}
    used |= {f'#/components/securitySchemes/{name}'
             for choice in document.json['security'] for name in choice}
    for kind, entries in document.json['components'].items():
        for name in entries:
            ref = f'#/components/{kind}/{name}'
            tally.check(f'{ref} is used', ref in used)


def structure_is_openapi_3_1(document):
    top = document.json
    tally.check('the version is 3.1', re.fullmatch(r'3\.1\.\d+',
                                                   top['openapi']))
    tally.equal('the title is sow', top['info']['title'], 'sow')
    tally.check('there is a version', top['info']['version'])
    tally.equal('the only server is /', top['servers'], [{'url': '/'}])
    tags = {tag['name'] for tag in top['tags']}
    names = []
    for path, method, operation in document.operations():
        what = f'{method} {path}'
        names.append(operation['operationId'])
        tally.check(f'{what} has responses', operation.get('responses'))
        tally.check(f'{what} has known tags', tags >= set(operation['tags']))
        for status, response in operation['responses'].items():
            tally.check(f'{what} {status} is described',
                        re.fullmatch('[1-5][0-9][0-9]', status)
                        and document.resolve(response)['description'])
        wanted = set(re.findall(r'\{(\w+)\}', path))
        given = [document.resolve(parameter)
                 for parameter in operation.get('parameters', [])]
        tally.equal(f'{what} has its path parameters', wanted,
                    {p['name'] for p in given if p['in'] == 'path'})
        places = [(p['name'], p['in']) for p in given]
        tally.equal(f'{what} has no parameter twice', len(set(places)),
                    len(places))
    tally.equal('operationId is unique', len(set(names)), len(names))


def examples_fit_their_schemas(document):
    for at, node in walk(document.json):
        if '/x-examples/' in at or \
                re.match('#/components/examples/[^/]*/value', at):
            continue
        schema = node.get('schema')
        values = []
        if schema is not None and 'example' in node:
            values.append(node['example'])
        if schema is not None and 'examples' in node:
            values += [document.resolve(example)['value']
                       for example in node['examples'].values()]
        if schema is None and isinstance(node.get('examples'), list):
            schema, values = node, node['examples']
        if schema is not None and isinstance(document.resolve(schema), dict) \
                and 'default' in document.resolve(schema):
            values.append(document.resolve(schema)['default'])
        for value in values:
            errors = document.validator.errors(schema, value)
            tally.check(f'the example {value!r:.60} at {at} fits', not errors,
                        errors)


def schemas_refuse(document):
    """The schemas are not so wide that anything would fit."""
    table = [
        ('WeightsRequest', {}),
        ('WeightsRequest', {'layers': []}),
        ('WeightsRequest', {'layers': [{}]}),
        ('WeightsRequest', {'layers': [{'shape': [-1]}]}),
        ('WeightsRequest', {'layers': [{'shape': [1] * 9}]}),
        ('WeightsRequest', {'layers': [{'shape': '2,3'}]}),
        ('WeightsRequest', {'layers': [{'shape': [2], 'sede': 1}]}),
        ('WeightsRequest', {'layers': [{'shape': [2], 'seed': 2 ** 53}]}),
        ('WeightsRequest', {'layers': [{'shape': [2], 'seed': 'x'}]}),
        ('WeightsRequest', {'layers': [{'shape': [2], 'slice': '1'}]}),
        ('WeightsRequest', {'layers': [{'shape': [2]}], 'recipe': 'a/b'}),
        ('WeightsRequest', {'layers': [{'shape': [2]}], 'tensors': []}),
        ('WeightsRequest', {'layers': [{'shape': [2]}], 'tensors': ['0'],
                            'data': {'values': [1]}}),
        ('WeightsRequest', {'recipe': 'a'}),
        ('WeightsRequest', {'recipe': 'a/b@1'}),
        ('WeightsRequest', {'recipe': 'a/b', 'scheme': 'ones'}),
        ('WeightsRequest', {'recipe': 'a/b', 'tensors': [{'slice': ':'}]}),
        ('WeightsRequest', {'recipe': 'a/b', 'tensors': [1]}),
        ('TypedLayer', {'type': 'linear', 'slice': ':'}),
        ('Slice', ''), ('Slice', '-:'), ('Slice', '1:2:3'), ('Slice', '1:,'),
        ('Slice', [1, 2]), ('Slice', [[1]]), ('Slice', [['1', '2']]),
        ('Slice', [None] * 9),
        ('WeightsRequest', {'layers': [{'shape': [2], 'name': ''}]}),
        ('WeightsRequest', {'layers': [{'shape': [2], 'name': 'a\n'}]}),
        ('WeightsRequest', {'layers': [{'shape': [2], 'format': 'raw'}]}),
        ('WeightsRequest', {'layers': [{'shape': [2], 'in_axes': [0]}]}),
        ('WeightsRequest', {'layers': [{'shape': [2]}], 'layout': 'jax',
                            'in_axes': 0, 'out_axes': 0}),
        ('WeightsRequest', {'layers': [{'shape': [2]}],
                            'scheme': {'value': 1}}),
        ('WeightsRequest', {'layers': [{'shape': [2]}], 'dtype': 'int8'}),
        ('WeightsRequest', {'layers': [{'shape': [2]}], 'config': {}}),
        ('WeightsRequest', {'layers': [{'shape': [2], 'bias': 'zeros'}]}),
        ('WeightsRequest', {'layers': [{'shape': [2], 'multiplier': -1}]}),
        ('WeightsRequest', {'layers': [{'shape': [2], 'type': 'linear'}]}),
        ('WeightsRequest', {'layers': [{'type': 'linear', 'bias': 1}]}),
        ('WeightsRequest', {'config': {'n_layer': 2}}),
        ('RecipeDocument', {}),
        ('RecipeDocument', {'layers': [{'shape': [2]}], 'format': 'raw'}),
        ('RecipeDocument', {'layers': [{'shape': [2]}], 'shard_bytes': 0}),
        ('RecipeDocument', {'layers': [{'shape': [2]}],
                            'files': {'../x': 'y'}}),
        ('RecipeDocument', {'layers': [{'shape': [2]}],
                            'files': {'x': 1}}),
        ('RecipeDocument', {'layers': [{'shape': [2]}], 'files': {
            f'f{i}': 'x' for i in range(65)}}),
        ('Profile', {}), ('Profile', {'rules': []}),
        ('Profile', {'rules': [{'match': '*'}]}),
        ('Profile', {'name': 'gpt2', 'rules': [
            {'match': '*', 'scheme': 'zeros'}]}),
        ('ProfileRule', {'scheme': 'zeros'}),
        ('ProfileRule', {'match': '*', 'scheme': 'zeros', 'parts': ['x']}),
        ('Text', 'a\0b'), ('Json', [{'a': ['\0']}]), ('Json', {'\0': 1}),
        ('Key', 'split(2)'), ('Key', 'fold_in(1)/'),
        ('AnalysisLayer', {}), ('AnalysisLayer', {'activation': 'relu'}),
        ('AnalysisLayer', {'shape': [2, 2], 'x': 1}),
        ('AnalysisLayer', {'type': 'linear', 'shape': [2, 2]}),
        ('Problem', {'type': '/problems/odd', 'title': 'Odd', 'status': 400,
                     'code': 'ODD', 'detail': 'Odd.'}),
    ]
    schemeless = [
        ('WeightsRequest', {'layers': [{'shape': [1]}]}),
        ('RecipeDocument', {'layers': [{'shape': [1]}]}),
        ('AnalysisRequest', {'layers': [{'shape': [2, 2]}]}),
        ('AnalysisRequest', {'widths': [2, 2]}),
    ]
    for name, value in schemeless:
        tally.check(f'{name} accepts {value} with a scheme',
                    document.validator.valid(document.schemas[name],
                                             dict(value, scheme='zeros')))
    table = [(name, {'scheme': 'zeros'} | value if 'layers' in value
              else value) for name, value in table] + schemeless
    for name, value in table:
        tally.check(f'{name} refuses {value}', not document.validator.valid(
            document.schemas[name], value))


def codes_are_the_codes_of_the_program(document):
    source = (daemon.ROOT / 'api/problems.c').read_text()
    rows = re.findall(r'\[PROBLEM_\w+\]\s*=\s*\{\s*(\d+),\s*"(\w+)",'
                      r'\s*"([^"]*)"\s*\}', source)
    rows = [{'code': code, 'status': int(status), 'title': title}
            for status, code, title in rows if code != 'NONE']
    for row in rows:
        tally.check(f'{row} is in x-problems', row in document.problems)
    for row in document.problems:
        tally.check(f'{row} is in api/problems.c', row in rows)
    tally.equal('the enum of codes lists x-problems',
                document.schemas['Problem']['properties']['code']['enum'],
                [row['code'] for row in document.problems])


def responses_name_their_codes(document):
    codes = {row['code'] for row in document.problems}
    seen = {status: response['description']
            for status, response in document.all_responses()
            if 'application/problem+json' in response.get('content', {})}
    tally.equal('every status of a problem is documented', sorted(seen),
                sorted({row['status'] for row in document.problems}))
    for status, description in seen.items():
        tally.equal(f'the description of {status} names its codes',
                    codes & set(re.findall('[A-Z_]+', description)),
                    {row['code'] for row in document.problems
                     if row['status'] == status})


# ----------------------------------------------------------------------------
# The document and the daemon

def target_of(document, path, operation):
    """A target that works, from the examples of the required parameters."""
    pairs = []
    for parameter in operation.get('parameters', []):
        parameter = document.resolve(parameter)
        if parameter.get('required') and parameter['in'] == 'path':
            path = path.replace('{%s}' % parameter['name'],
                                parameter['example'])
        elif parameter.get('required'):
            pairs.append(f'{parameter["name"]}={parameter["example"]}')
    return path + ('?' + '&'.join(pairs) if pairs else '')


def routes_are_as_documented(document, url):
    for path, item in document.paths.items():
        target = target_of(document, path, item.get('get') or item['post'])
        allowed = [m.upper() for m in METHODS if m in item]
        tally.equal(f'{path} documents what it allows',
                    sorted(item['x-allow'].split(', ')), sorted(allowed))
        for method in allowed:
            answer = ask(url, method, target)
            tally.check(f'{method} {path} is there',
                        answer.status not in (404, 405), answer.status)
            errors = document.errors(method, target, answer)
            tally.check(f'{method} {path} answers as documented', not errors,
                        errors)
            if method == 'OPTIONS':
                tally.equal(f'OPTIONS {path} says what is allowed',
                            answer.headers['Allow'], item['x-allow'])
        for method in [m.upper() for m in METHODS] + STRANGE_METHODS:
            if method in allowed:
                continue
            answer = ask(url, method, target)
            tally.equal(f'{method} {path} is 405 with Allow',
                        (answer.status, answer.headers['Allow']),
                        (405, item['x-allow']))
            errors = document.errors(method, target, answer)
            tally.check(f'{method} {path} is refused as documented',
                        not errors, errors)


def rows_are_documented(document, url):
    """Every row of the route table is in the document, or always a 404."""
    source = (daemon.ROOT / 'api/router.c').read_text()
    table = source[source.index('routes[] = {'):source.index('#define ROUTES')]
    names = dict(re.findall(r'#define (\w+) (".*|\w.*)\n', source))
    rows = re.findall(r'[{(]"([A-Z]+)",\s*([^,]+),', table)
    tally.equal('every row is seen', len(rows),
                len(re.findall(r'[{(]"[A-Z]+",', table)))
    known = {re.sub(r'\{\w+\}', '{}', path): item
             for path, item in document.paths.items()}
    for method, path in rows:
        for _ in names:
            path = re.sub(r'\b[A-Z]+\b', lambda m: names.get(m[0], m[0]), path)
        path = ''.join(re.findall('"([^"]*)"', path))
        if method.lower() in known.get(re.sub(r'\{\w+\*?\}', '{}', path), ()):
            continue
        answer = ask(url, method, re.sub(r'\{\w+\*?\}', 'x', path))
        tally.equal(f'{method} {path} is documented, or is 404',
                    answer.status, 404)


def other_paths_are_404(document, url):
    for target in ['/page', '/page/', '/page/nothing', '/v1', '/v1/', '/v1/weights/', '/v1/schemes/', '/v2',
                   '/v1/schemes/normal/x', '/V1/weights', '/v1%2Fweights',
                   '//v1/version']:
        answer = ask(url, 'GET', target)
        tally.equal(f'{target} is 404', answer.status, 404)
        errors = document.errors('GET', target, answer)
        tally.check(f'{target} is refused as documented', not errors, errors)


def differences(example, got, at=''):
    """Where 'got' lacks or contradicts what stands in 'example'."""
    if isinstance(example, dict) and isinstance(got, dict):
        return [line for key, value in example.items()
                for line in ([f'{at}/{key} is missing'] if key not in got else
                             differences(value, got[key], f'{at}/{key}'))]
    if isinstance(example, list) and isinstance(got, list) \
            and len(example) == len(got):
        return [line for i, value in enumerate(example)
                for line in differences(value, got[i], f'{at}/{i}')]
    return [] if example == got else [f'{at} is {got!r}, not {example!r}']


def run_example(document, url, example):
    """Send the request of an example; what is wrong with the answer."""
    request, expected = example['request'], example['response']
    body = document.resolve(request.get('body'))
    answer = ask(url, request['method'], request['target'],
                 request.get('headers'), body)
    got = {'status': answer.status,
           'headers': {name: answer.headers[name]
                       for name in expected['headers']},
           'body': answer.json,
           'text': answer.body.decode('latin-1'),
           'digest': hashlib.blake2b(answer.body, digest_size=32).hexdigest()}
    if 'body' in expected:
        expected = dict(expected, body=document.resolve(expected['body']))
    errors = differences(expected, got)
    return errors + document.errors(request['method'], request['target'],
                                    answer)


def examples_work(document, url):
    count = 0
    for path, method, operation in document.operations():
        for example in operation.get('x-examples', []):
            count += 1
            summary = example['summary']
            tally.equal(f'"{summary}" stands where it belongs',
                        (document.path_of(example['request']['target']),
                         example['request']['method'].lower()),
                        (path, method))
            errors = run_example(document, url, example)
            tally.check(f'"{summary}" works', not errors, errors)
    tally.check('there are examples', count >= 10)


def raw_examples_have_the_digest_they_show(document):
    """Sow-Digest is that of the body, for a whole raw answer."""
    for path, method, operation in document.operations():
        for example in operation.get('x-examples', []):
            response = example['response']
            digest = response['headers'].get('Sow-Digest')
            if response['status'] == 200 and digest and 'digest' in response:
                tally.equal(f'the digests of "{example["summary"]}" agree',
                            digest, 'blake2b-256=' + response['digest'])


def request_examples_work(document, url):
    content = document.paths['/v1/weights']['post']['requestBody']['content']
    for name, example in content['application/json']['examples'].items():
        answer = post(url, document.resolve(example)['value'])
        tally.equal(f'the example {name} is accepted', answer.status, 200)


def every_parameter_works(document, url):
    """Each parameter's example, added to a request that works."""
    get = document.paths['/v1/weights']['get']
    given = [document.resolve(p) for p in get['parameters']]
    axes = '&in_axes=-2&out_axes=-1'
    for parameter in given:
        name, value = parameter['name'], parameter.get('example')
        if parameter['in'] != 'query' or name in ('shape', 'scheme'):
            continue
        target = '/v1/weights?shape=4,2,3&scheme=he_normal'
        if name == 'parameters':
            target += ''.join(f'&{k}={v}' for k, v in value.items())
        elif name in ('in_axes', 'out_axes', 'batch_axes'):
            target += axes + ('&batch_axes=0' if name == 'batch_axes' else '')
        elif name == 'recipe':
            target = f'/v1/weights?recipe={value}'
        elif name == 'key':
            target = f'/v1/weights?shape=4&scheme=jax.normal&key={value}'
            target = target.replace('[', '%5B').replace(']', '%5D')
            target += '&generator=jax'
        elif isinstance(value, bool):
            target += f'&{name}={value}'.lower()
        else:
            target += f'&{name}={value}'
        answer = ask(url, 'GET', target)
        tally.equal(f'{target} is accepted', answer.status, 200)


def choices_are_complete(document, url):
    """Each value of an enum works, and what the daemon lists is the enum."""
    for name, schema in [('dtype', 'Dtype'), ('layout', 'Layout'),
                         ('generator', 'Generator'), ('format', 'Format'),
                         ('digest', 'Digest')]:
        choices = document.schemas[schema]['enum']
        for value in choices:
            target = f'{WEIGHTS}&{name}={value}'
            if name == 'generator':
                target = f'/v1/weights?shape=2,3&scheme=zeros&{name}={value}'
            answer = ask(url, 'GET', target)
            tally.equal(f'{name}={value} is accepted', answer.status, 200)
        refused = ask(url, 'GET', f'{WEIGHTS}&{name}=none-such')
        listed = refused.json['detail'].partition(' It is one of ')[2]
        listed = listed.rstrip('.').split(', ')
        tally.equal(f'the enum of {name} is complete',
                    set(listed) - set(choices), set())


def generators_are_complete(document, url):
    rows = ask(url, 'GET', '/v1/generators').json['generators']
    tally.equal('every name of every generator is documented',
                set(document.schemas['Generator']['enum']),
                {name for row in rows for name in [row['name'],
                                                   *row['aliases']]})


def fields_are_complete(document, url):
    """The fields that the daemon lists are those of the document."""
    get = document.paths['/v1/weights']['get']
    names = {document.resolve(p)['name'] for p in get['parameters']
             if document.resolve(p)['in'] == 'query'} - {'parameters'}
    request = document.schemas['WeightsRequest']['properties']
    layer = {*document.schemas['Layer']['properties'],
             *document.schemas['TypedLayer']['properties']}
    shape = {'shape': [1]}
    recipe = 'init/tiny-gpt2'
    beside = {'seed', 'dtype', 'generator', 'final_state', 'format', 'digest',
              'recipe'}
    step = set(document.schemas['Step']['properties'])
    table = [
        ('a query', names,
         ask(url, 'GET', '/v1/weights?shape=1&scheme=zeros&none_such=1')),
        ('a request', set(request), post(url, {'none_such': 1,
                                               'layers': [shape]})),
        ('a query with a recipe', beside | {'name', 'slice'},
         ask(url, 'GET', f'/v1/weights?recipe={recipe}&none_such=1')),
        ('a request with a recipe', beside | {'tensors'},
         post(url, {'recipe': recipe, 'none_such': 1})),
        ('a layer', layer | step, post(url, {'layers': [
            dict(shape, none_such=1)]})),
        ('a layer of an analysis', step.union(
            *(document.schemas[name]['properties']
              for name in ('AnalysisTensor', 'AnalysisType'))),
         post(url, {'layers': [dict(shape, none_such=1)]}, '/v1/analysis')),
        ('a query beside a body', {'format', 'digest', 'final_state'},
         post(url, {'layers': [shape], 'scheme': 'zeros'},
              '/v1/weights?none_such=1')),
    ]
    for where, expected, answer in table:
        listed = answer.json['detail'].rpartition(': ')[2].rstrip('.')
        tally.equal(f'the fields of {where} are documented',
                    set(listed.split(', ')), expected)


def activations_are_complete(document, url):
    """Every name and parameter of an analysis's activations, as the table has
    them, and none else."""
    source = (daemon.ROOT / 'lib/analysis/activations.c').read_text()
    rows = re.findall(r'^    \{"(\w+)", (NULL|NAMES\([^)]*\)), '
                      r'(?:NULL|"(\w+)"), ([\d.-]+), ([\d.-]+),\s*([\d.-]+),',
                      source, re.M)
    known = [name for row in rows
             for name in (row[0], *re.findall(r'"(\w+)"', row[1]))]
    tally.equal('every row is seen', len(rows),
                len(re.findall(r'^    \{"', source, re.M)))
    tally.equal('every activation is documented',
                document.schemas['ActivationName']['enum'], known)
    schema = document.schemas['Activation']
    for name, _, parameter, _, low, high in rows:
        values = [(name, True), ({'name': name}, True),
                  ({'name': name, 'x': 1}, False)]
        if parameter:
            low, high = float(low), float(high)
            values += [({'name': name, parameter: value}, fits)
                       for value, fits in [(low, True), (high, True),
                                           (low - 1, False), ('1', False)]]
        for value, fits in values:
            answer = post(url, {'widths': [2, 2], 'scheme': 'normal',
                                'activation': value}, '/v1/analysis')
            tally.equal(f'the activation {value} is accepted or not',
                        (answer.status == 200,
                         document.validator.valid(schema, value)),
                        (fits, fits))


def json_answers_fit_their_schemas(document, url):
    targets = ['/v1/schemes', '/v1/layers', '/v1/profiles', '/v1/recipes',
               '/v1/generators', '/v1/generators/torch', '/v1/version',
               '/openapi.json']
    targets += [f'/v1/recipes/{row["name"]}'
                for row in ask(url, 'GET', '/v1/recipes').json['recipes']]
    for kind in ('layers', 'profiles'):
        targets += [f'/v1/{kind}/{row["name"]}'
                    for row in ask(url, 'GET', f'/v1/{kind}').json[kind]]
    rows = ask(url, 'GET', '/v1/schemes').json['schemes']
    for row in rows:
        targets += [f'/v1/schemes/{name}'
                    for name in [row['name'], *row['aliases']]]
        targets += [row['example'].replace('512,256', '8,4') + end
                    for end in ('&format=json', '&format=manifest')
                    if row['example']]
    targets += [f'/v1/weights?shape={shape}&scheme=normal&format=json'
                for shape in ('()', '0', '3', '2x0x3', '1,1,1,1,1,1,1,1')]
    for target in targets:
        answer = ask(url, 'GET', target)
        tally.equal(f'{target} is 200', answer.status, 200)
        errors = document.errors('GET', target, answer)
        tally.check(f'{target} answers as documented', not errors, errors)
        head = ask(url, 'HEAD', target)
        tally.equal(f'HEAD {target} has the header of GET',
                    sorted(set(head.headers.keys()) - FRAMING),
                    sorted(set(answer.headers.keys()) - FRAMING))
    nameless = {'scheme': 'zeros', 'layers': [{'shape': [1]}] * 2}
    for query in ('', '?format=manifest', '?format=raw'):
        answer = post(url, nameless, '/v1/weights' + query)
        errors = document.errors('POST', '/v1/weights', answer)
        tally.check(f'a POST{query} answers as documented', not errors, errors)
    tally.equal('a request without names says that order matters',
                post(url, nameless).json.get('order_matters'), True)


# ----------------------------------------------------------------------------
# Problems

def get_of(target, **headers):
    headers = {name.replace('_', '-'): value for name, value in headers.items()}
    return 'GET', target, headers, None


def post_of(body, **headers):
    return 'POST', '/v1/weights', dict(
        {'Content-Type': 'application/json'}, **headers), body


def put_of(name, **headers):
    return 'PUT', '/v1/recipes/' + name, dict(
        {'Content-Type': 'application/json'}, **headers), RECIPE


RECIPE = {'scheme': 'zeros', 'layers': [{'name': 'w', 'shape': [1]}]}

# The limits of the daemon that is to refuse.
LIMITS = ['--max-layers', '3', '--max-json-elements', '100',
          '--digest-wait-max-bytes', '8GiB', '--max-body-bytes', '4096',
          '--queue', '1', '--workers', '1', '--cache-bytes', '64MiB']

HUGE = {'shape': [2 ** 61 - 1]}

PROVOKING = {
    'BAD_PATH': [get_of('/%zz'), get_of('/%00'), get_of('/v1/../v1/version')],
    'BAD_QUERY': [get_of(WEIGHTS + '&shape=1'), get_of(WEIGHTS + '&name=%zz'),
                  get_of(WEIGHTS + '&name=%ff'), get_of(WEIGHTS + '&=1')],
    'BAD_JSON': [post_of(''), post_of('{'), post_of([]), post_of('{"a":NaN}')],
    'BAD_FIELD': [get_of('/v1/weights?scheme=zeros&shape=2,-3'),
                  get_of(WEIGHTS + '&seed=1e3'), get_of(WEIGHTS + '&a=nan'),
                  get_of(WEIGHTS + '&seed=18446744073709551616'),
                  post_of({'seed': 2 ** 53, 'layers': []}),
                  post_of('{"seed":1,"seed":1}'), post_of({'layers': []})],
    'UNKNOWN_FIELD': [get_of(WEIGHTS + '&sede=1'), get_of('/healthz?x'),
                      post_of({'lauers': []})],
    'MISSING_FIELD': [get_of('/v1/weights?shape=2,3'),
                      get_of('/v1/weights?scheme=zeros'), post_of({}),
                      get_of('/v1/weights?shape=2&scheme=constant'),
                      get_of(WEIGHTS + '&in_axes=0')],
    'NOT_FOUND': [get_of('/v2'), get_of('/v1/schemes/none_such')],
    'STORE_READ_ONLY': [put_of('init/gpt2'),
                        ('DELETE', '/v1/recipes/init/gpt2', {}, None)],
    'UNKNOWN_RECIPE': [get_of('/v1/recipes/lab/none-such'),
                       get_of('/v1/recipes/init/gpt2?version=' + 64 * '0'),
                       ('DELETE', '/v1/recipes/lab/none-such', {}, None)],
    'RECIPE_EXISTS': [put_of('lab/there', **{'If-None-Match': '*'})],
    'STORE_FAILED': [get_of('/v1/recipes/lab/broken')],
    'REPO_NOT_FOUND': [get_of('/none/such/resolve/main/config.json'),
                       get_of('/api/models/none/such')],
    'REVISION_NOT_FOUND': [get_of('/api/models/lab/there/tree/dev')],
    'ENTRY_NOT_FOUND': [get_of('/lab/there/resolve/main/none.json')],
    'METHOD_NOT_ALLOWED': [('DELETE', '/v1/weights', {}, None),
                           ('POST', '/healthz', {}, None)],
    'NOT_ACCEPTABLE': [get_of(WEIGHTS, Accept='image/png')],
    'PRECONDITION_FAILED': [get_of(WEIGHTS, If_Match='"none such"'),
                            post_of({'scheme': 'zeros',
                                     'layers': [{'shape': [1]}]},
                                    **{'If-None-Match': '*'})],
    'BODY_TOO_LARGE': [post_of(' ' * 4097),
                       post_of(iter([b' ' * 2048] * 3))],
    'URI_TOO_LONG': [get_of('/v1/version?' + 'a' * 9000),
                     get_of('/' + 'a' * 9000)],
    'UNSUPPORTED_MEDIA_TYPE': [('POST', '/v1/weights', {}, '{}'),
                               ('POST', '/v1/weights',
                                {'Content-Type': 'text/plain'}, '{}')],
    'RANGE_NOT_SATISFIABLE': [get_of(WEIGHTS, Range='bytes=24-'),
                              get_of(WEIGHTS, Range='bytes=-0')],
    'UNKNOWN_SCHEME': [get_of('/v1/weights?shape=2,3&scheme=he_norml')],
    'UNKNOWN_VALUE': [get_of(WEIGHTS + '&dtype=int8'),
                      get_of(WEIGHTS + '&mode=fan_up')],
    'BAD_PARAMETER': [get_of('/v1/weights?shape=2&scheme=normal&std=-1'),
                      get_of('/v1/weights?shape=2&scheme=ones&multiplier=-1')],
    'BAD_SHAPE': [get_of('/v1/weights?scheme=zeros&shape=1,1,1,1,1,1,1,1,1'),
                  get_of(f'/v1/weights?scheme=zeros&shape={2 ** 63 - 1}')],
    'BAD_AXES': [get_of(WEIGHTS + '&in_axes=2&out_axes=0')],
    'BAD_SCHEME': [get_of('/v1/weights?shape=2&scheme=he_normal')],
    'BAD_GENERATOR': [get_of(WEIGHTS + '&key=fold_in(1)'),
                      post_of({'scheme': 'zeros', 'layers': [
                          {'shape': [1], 'generator': 'torch'}]})],
    'BAD_SLICE': [get_of(WEIGHTS + '&slice=2:1'), get_of(WEIGHTS + '&slice=:4'),
                  get_of(WEIGHTS + '&slice=:,:,:')],
    'UNKNOWN_TENSOR': [post_of({'scheme': 'zeros', 'tensors': ['b'],
                                'layers': [{'shape': [1], 'name': 'a'}]})],
    'DUPLICATE_NAME': [post_of({'scheme': 'zeros', 'layers': [
        {'shape': [1], 'name': 'a'}] * 2})],
    'TOO_MANY_LAYERS': [post_of({'scheme': 'zeros',
                                 'layers': [{'shape': [1]}] * 4})],
    'TOO_MANY_ELEMENTS': [get_of('/v1/weights?shape=101&scheme=zeros'
                                 '&format=json')],
    'TOO_LARGE': [post_of({'scheme': 'zeros', 'layers': [HUGE] * 2})],
    'DIGEST_TOO_LARGE': [get_of('/v1/weights?shape=2147483649&scheme=zeros'
                                '&digest=wait')],
    'NOT_FINITE': [get_of('/v1/weights?shape=2&scheme=constant&value=1e6'
                          '&dtype=float16&format=json')],
    'COST_LIMIT': [get_of('/v1/weights?shape=200000,200000'
                          '&scheme=orthogonal')],
    'WHOLE_TOO_LARGE': [get_of('/v1/weights?shape=3000,3000'
                               '&scheme=orthogonal')],
}

# The fields of the head that go with a problem.
HINTS = {'METHOD_NOT_ALLOWED': 'Allow', 'UNSUPPORTED_MEDIA_TYPE': 'Accept-Post',
         'RANGE_NOT_SATISFIABLE': 'Content-Range', 'BUSY': 'Retry-After',
         'TOKEN_REQUIRED': 'WWW-Authenticate',
         'TOKEN_UNKNOWN': 'WWW-Authenticate',
         'SCOPE_MISSING': 'WWW-Authenticate'}

# With header fields that no client library sends; libmicrohttpd 1.0 refuses
# some of them itself, in words of its own.
PROVOKING_FIELDS = {
    'BAD_REQUEST': [
        [],
        [('Host', 'a'), ('Host', 'b')],
        [('Host', 'a'), ('Content-Length', '1'), ('Content-Length', '2')],
        [('Host', 'a'), ('Content-Length', '0'),
         ('Transfer-Encoding', 'chunked')]],
    'NOT_IMPLEMENTED': [[('Host', 'a'), ('Transfer-Encoding', 'gzip')]],
}

# What only a fault of the server brings about, or a full disk, and who sees to
# it: without memory every request gives it, or none.
UNPROVOKED = {'INTERNAL': ('tests/fault/test_api.c', '== 500'),
              'STORE_FULL': ('tests/clients/test_faults.py', "'STORE_FULL')")}


def check_problem(document, code, method, target, answer):
    row = next(row for row in document.problems if row['code'] == code)
    expected = dict(row, type='/problems/' + code.lower().replace('_', '-'))
    what = f'{method} {target:.60} is {code}'
    got = answer.json or {}
    tally.equal(what, (answer.status, {key: got.get(key) for key in expected}),
                (row['status'], expected))
    if code in HINTS:
        tally.check(f'{what} with {HINTS[code]}', HINTS[code] in answer.headers)
    errors = document.errors(method, target, answer)
    tally.check(f'{what} as documented', not errors, errors)


def prepare(document, url, folder):
    """A recipe that is there, and one that is damaged."""
    for name in ('lab/there', 'lab/broken'):
        method, target, headers, body = put_of(name)
        answer = ask(url, method, target, headers, body)
        tally.equal(f'{name} is kept', answer.status, 201)
        errors = document.errors(method, target, answer)
        tally.check(f'{name} is kept as documented', not errors, errors)
    answer = ask(url, *put_of('lab/there'))
    errors = document.errors('PUT', '/v1/recipes/lab/there', answer)
    tally.check('a new version is as documented',
                answer.status == 200 and not errors, errors)
    (pathlib.Path(folder) / 'lab/broken/current').write_text('none')


def problems_come_as_documented(document, url):
    for code, requests in PROVOKING.items():
        for method, target, headers, body in requests:
            answer = ask(url, method, target, headers, body)
            check_problem(document, code, method, target, answer)
    for code, heads in PROVOKING_FIELDS.items():
        for fields in heads:
            answer = ask(url, 'GET', WEIGHTS, fields=fields or [('X', 'y')])
            if answer.json is None and answer.status == 400:
                tally.check(f'{fields} is refused by the HTTP library', True)
            else:
                check_problem(document, code, 'GET', WEIGHTS, answer)
    for code, (file, text) in UNPROVOKED.items():
        tally.check(f'{file} provokes {code}',
                    text in (daemon.ROOT / file).read_text())
    tally.equal('every code is provoked',
                {row['code'] for row in document.problems},
                {*PROVOKING, *PROVOKING_FIELDS, *UNPROVOKED, *TOKENLESS,
                 'BUSY'})
    tally.equal('the daemon lives on', ask(url, 'GET', '/healthz').status, 200)


def long_work_over_the_queue_is_busy(document, url):
    """The queue has room for one: of two requests the later is refused."""
    target = '/v1/weights?shape=2147483648&scheme=normal&digest=wait&seed='
    with sent(url, 'GET', target + '1') as first, \
            sent(url, 'GET', target + '2') as second:
        ready, _, _ = select.select([first.sock, second.sock], [], [], 30)
        if not tally.equal('one of two is answered at once', len(ready), 1):
            return
        refused = first if ready[0] is first.sock else second
        answer = Answer(refused.getresponse())
        check_problem(document, 'BUSY', 'GET', target, answer)
    target = '/v1/weights?shape=1048576&scheme=normal&digest=wait'
    for attempt in range(100):
        answer = ask(url, 'GET', target)
        if answer.status == 200:
            break
        time.sleep(0.1)
    tally.equal('the queue empties when nobody waits', answer.status, 200)


# Of a server that takes tokens; the second request has one, for reading.
TOKENLESS = {
    'TOKEN_REQUIRED': [get_of(WEIGHTS), get_of('/api/whoami-v2')],
    'TOKEN_UNKNOWN': [get_of(WEIGHTS, Authorization='Bearer sow_x'),
                      get_of('/api/models', Authorization='Basic eDp5')],
    'SCOPE_MISSING': [('DELETE', '/v1/recipes/lab/there', {}, None)],
}


def tokens_are_asked_for_as_documented(document, url, token):
    for code, requests in TOKENLESS.items():
        for method, target, headers, body in requests:
            if code == 'SCOPE_MISSING':
                headers = {'Authorization': f'Bearer {token}'}
            answer = ask(url, method, target, headers, body)
            check_problem(document, code, method, target, answer)
    for path, method, operation in document.operations():
        if '{' in path or method not in ('get', 'options'):
            continue
        answer = ask(url, method.upper(), path)
        tally.equal(f'{method} {path} takes a token if it says so',
                    answer.status == 401, 'security' not in operation)
    answer = ask(url, 'GET', WEIGHTS, {'Authorization': f'Bearer {token}'})
    errors = document.errors('GET', WEIGHTS, answer)
    tally.check('an answer to a token is as documented', not errors, errors)


def main():
    with daemon.running() as url:
        served = ask(url, 'GET', '/openapi.json')
        tally.equal('/openapi.json is served as JSON', served.type,
                    'application/json')
        document = Document(served.json)
        of_the_document = [
            references_resolve, nothing_is_left_over,
            structure_is_openapi_3_1, examples_fit_their_schemas,
            schemas_refuse, codes_are_the_codes_of_the_program,
            responses_name_their_codes,
            raw_examples_have_the_digest_they_show,
        ]
        of_the_daemon = [
            routes_are_as_documented, rows_are_documented,
            other_paths_are_404, examples_work,
            request_examples_work, every_parameter_works,
            choices_are_complete, generators_are_complete,
            activations_are_complete,
            fields_are_complete, json_answers_fit_their_schemas,
        ]
        for test in of_the_document:
            tally.run(test, document)
        for test in of_the_daemon:
            tally.run(test, document, url)
    with tempfile.TemporaryDirectory() as folder, \
            daemon.running(*LIMITS, '--recipes', folder) as url:
        tally.run(prepare, document, url, folder)
        tally.run(problems_come_as_documented, document, url)
        tally.run(long_work_over_the_queue_is_busy, document, url)
    made = subprocess.run([daemon.ROOT / daemon.PROGRAM, 'token', 'new', 'x'],
                          check=True, capture_output=True, text=True)
    with tempfile.NamedTemporaryFile('w') as file:
        print(made.stdout, file=file, flush=True)
        with daemon.running('--auth-tokens-file', file.name) as url:
            tally.run(tokens_are_asked_for_as_documented, document, url,
                      made.stderr.strip())


if __name__ == '__main__':
    tally.run(main)
    tally.finish()
