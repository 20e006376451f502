#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Runs alone: it measures time.
"""Requests that nobody means well: names that climb, documents that explode,
slices of nothing, crowds at one name.  Each gets a clear problem, soon; the
daemon lives on, stays small, and writes nowhere but in its folder.
"""
import concurrent.futures
import hashlib
import http.client
import json
import pathlib
import random
import re
import select
import socket
import tempfile
import threading
import time

import daemon
import tally

MIB = 1 << 20

# Seconds for what should be at once: sanitizers and busy machines are slow.
SOON = 20

# What the daemon may hold in memory at any moment of this: its caches, a
# document of 8 MiB as a tree, and a model of 200000 tensors.
MEMORY = 400 * MIB

JSON = {'Content-Type': 'application/json'}
LAYERS = [{'name': 'a', 'shape': [4, 6], 'scheme': 'normal'},
          {'name': 'b', 'shape': [3], 'scheme': 'ones'}]
SMALL = {'layers': LAYERS, 'files': {'note.txt': 'a note'}}


class Answer:
    """An answer to the end; 'code' is the problem's, or None."""

    def __init__(self, response, seconds):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()
        self.seconds = seconds
        self.json = None
        if self.headers.get_content_type().endswith('json') and self.body:
            self.json = json.loads(self.body)
        self.code = self.json.get('code') if isinstance(
            self.json, dict) else None


def ask(url, method, target, body=None, headers=JSON):
    """Send a request; an object is sent as JSON."""
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    connection = http.client.HTTPConnection(url.host, url.port, timeout=120)
    start = time.monotonic()
    try:
        connection.request(method, target, body,
                           {} if body is None else headers)
        response = connection.getresponse()
        return Answer(response, time.monotonic() - start)
    finally:
        connection.close()


def raw(url, head):
    """Send bytes as they are; the answer, or None when there is none."""
    with socket.create_connection((url.host, url.port), 60) as link:
        link.sendall(head)
        response = http.client.HTTPResponse(link)
        start = time.monotonic()
        try:
            response.begin()
        except (http.client.BadStatusLine, ConnectionError):
            return None
        return Answer(response, time.monotonic() - start)


def request_line(target, method='GET'):
    return (method.encode() + b' ' + target
            + b' HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')


def refused(what, answer, *statuses):
    """Count whether an answer is a problem with one of the statuses."""
    fine = answer is not None and answer.status in statuses
    if fine and answer.body:
        fine = (answer.headers.get_content_type() == 'application/problem+json'
                and answer.json['status'] == answer.status
                and len(answer.body) < 4096)
    got = answer and (answer.status, answer.body[:300])
    tally.check(f'{what:.120} is refused', fine, f'got {got}')
    if answer:
        tally.check(f'{what:.120} is refused soon', answer.seconds < SOON,
                    f'{answer.seconds:.1f} s')
    return answer


def memory(url, kind='VmRSS'):
    """Bytes of the daemon's memory."""
    status = pathlib.Path(f'/proc/{url.pid}/status').read_text()
    return int(re.search(rf'{kind}:\s+(\d+) kB', status)[1]) << 10


def put(url, name, document=None):
    answer = ask(url, 'PUT', f'/v1/recipes/{name}', document or SMALL)
    if answer.status not in (200, 201):
        raise AssertionError(f'PUT {name}: {answer.status} {answer.body}')
    return answer


# ---- names ----------------------------------------------------------------

# As they stand in a URL: no part of a name of a recipe, nor one of its own.
PARTS = [
    '.', '..', '...', '%2e', '%2e%2e', '%2E.', '..%2f..', '..%2fetc',
    '%2fetc%2fpasswd', 'a%2fb', 'a%5cb', '..%5c..', '%00', 'a%00', 'a%00.json',
    'a%0d%0aSet-Cookie:x', '%0a', '%7f', '%ff', '%c0%ae%c0%ae', '%c3%a4',
    '%e2%80%ae', '%25%32%65', 'a%20b', '+', 'a+b', '%2B', '~', '~root',
    '$HOME',
    '%24%28id%29', 'a;b', 'a:b', 'a*', '%3f', '%23', '-a', 'a-', '.a', 'a.',
    'a--b', 'a..b', 'a.git', 'a.ipynb', 'a' * 97, 'a' * 127, 'a' * 128,
    'a' * 500, 'a' * 4000, '%61' * 97, '%', '%z', '%4', 'a%', '{name}', '%7B',
    'a,b', 'a=b', 'a&b', "a'b", 'a"b', '<a>', 'a|b', 'a^b', '[a]', 'con:',
]
# Good parts, but words that our own paths begin with.
RESERVED = ['v1', 'api', 'healthz', 'readyz', 'livez', 'metrics', 'datasets',
            'spaces', 'models', 'kernels']


def targets_of(part):
    """Every path in which a part of a name stands."""
    for pattern in ['/v1/recipes/{}/x', '/v1/recipes/x/{}', '/v1/recipes/{}',
                    '/{}/x/resolve/main/config.json',
                    '/x/{}/resolve/main/config.json', '/x/{}/raw/main/a',
                    '/api/models/{}/x', '/api/models/x/{}',
                    '/api/models/{}/x/tree/main', '/api/models/x/{}/refs',
                    '/v1/weights?recipe={}/x', '/v1/weights?recipe=x/{}',
                    '/v1/weights?recipe={}']:
        yield pattern.replace('{}', part)


def hostile_names_are_refused(url, folder):
    before = files_of(folder)
    for part in PARTS:
        for target in targets_of(part):
            answer = raw(url, request_line(target.encode()))
            refused(f'GET {target}', answer, 400, 404, 405, 414, 422)
        for target in [f'/v1/recipes/{part}/x', f'/v1/recipes/x/{part}']:
            for method, body in [('PUT', json.dumps(SMALL).encode()),
                                 ('DELETE', b'')]:
                head = (f'{method} {target} HTTP/1.1\r\nHost: a\r\n'
                        'Content-Type: application/json\r\n'
                        f'Content-Length: {len(body)}\r\n\r\n')
                refused(f'{method} {target}', raw(url, head.encode() + body),
                        400, 404, 405, 414, 422)
    for word in RESERVED:
        refused(f'PUT {word}/x',
                ask(url, 'PUT', f'/v1/recipes/{word}/x', SMALL), 400, 422)
    tally.equal('nothing was written', files_of(folder), before)


def files_of(folder):
    """Every file beside and in the daemon's folder."""
    return sorted(str(path.relative_to(folder.parent))
                  for path in folder.parent.rglob('*'))


def names_stay_within_their_characters(url, folder):
    """What a good name makes on the disk is called by that name."""
    name = 'A' * 96 + '/' + 'z._-9' * 19 + 'z'
    put(url, name)
    tally.equal('a name of 193 characters is served',
                ask(url, 'GET', f'/v1/recipes/{name}').json, SMALL)
    tally.equal('by the Hub as well',
                ask(url, 'GET', f'/{name}/resolve/main/note.txt').body,
                b'a note')
    tally.check('in the folder', all(
        path.resolve().is_relative_to(folder) for path in folder.rglob('*')))
    tally.equal('and is deleted',
                ask(url, 'DELETE', f'/v1/recipes/{name}').status, 204)


# ---- revisions, paths and targets -----------------------------------------

REVISIONS = [
    'seed-', 'seed--1', 'seed-01', 'seed-18446744073709551616', 'seed-1e3',
    'seed-0x10', 'seed-%31%00', 'seed-' + '9' * 100, 'Main', 'MAIN', 'main%20',
    'main%00', '%20main', '..', '%2e%2e', '..%2f..%2fmain', 'refs%2fpr%2f1',
    'refs/heads/main', 'a' * 40, 'F' * 40, '0' * 39, '0' * 41, 'g' * 40,
    '0' * 64, 'a' * 127, 'a' * 128, 'a' * 2000, '%0d%0aX-Evil:%201', '%ff%fe',
    '-', '@', 'HEAD', 'main%0a',
]
PATHS = [
    '..', '../..', '%2e%2e/%2e%2e/etc/passwd', '..%2f..%2fetc%2fpasswd',
    '%2fetc%2fpasswd', '/etc/passwd', './config.json', 'note.txt/',
    '/note.txt',
    'note.txt%00', 'note.txt%00.json', 'note.txt%20', 'NOTE.TXT',
    'note%2etxt/x',
    'a//b', 'current', 'x' * 96, 'x' * 97, 'x' * 511, 'x' * 512, 'x' * 4000,
    'a/' * 62 + 'a', 'a/' * 63 + 'a', 'a/' * 200 + 'a',
    '%0d%0aX-Evil:%201%0d%0a%0d%0a<script>', '%ff', '%c0%af', '~', '*', '?',
    'model-00002-of-00001.safetensors', 'model-00001-of-00002.safetensors',
    'model-1-of-1.safetensors', 'model.safetensors.index.json.json',
    'model-99999999999999999999-of-99999999999999999999.safetensors', '%',
    '%g',
]


def hostile_revisions_and_paths_are_refused(url):
    put(url, 'h/ok')
    for revision in REVISIONS:
        for target in [f'/h/ok/resolve/{revision}/note.txt',
                       f'/api/models/h/ok/revision/{revision}',
                       f'/api/models/h/ok/tree/{revision}',
                       f'/api/models/h/ok/commits/{revision}']:
            answer = refused(f'GET {target}',
                             raw(url, request_line(target.encode())),
                             400, 404, 414)
            if answer:
                tally.check(f'{target:.80} adds no field',
                            'X-Evil' not in answer.headers)
    for path in PATHS:
        for target in [f'/h/ok/resolve/main/{path}', f'/h/ok/raw/main/{path}',
                       f'/h/ok/resolve/seed-1/{path}']:
            answer = refused(f'GET {target}',
                             raw(url, request_line(target.encode())),
                             400, 404, 414)
            if answer:
                tally.check(f'{target:.80} adds no field',
                            'X-Evil' not in answer.headers)
    tally.equal('the file is still there',
                ask(url, 'GET', '/h/ok/resolve/main/note.txt').body, b'a note')


def problems_of_the_hub_are_told_its_way(url):
    for target, code in [
            ('/h/none/resolve/main/note.txt', 'RepoNotFound'),
            ('/api/models/h/none', 'RepoNotFound'),
            ('/none/resolve/main/note.txt', 'RepoNotFound'),
            ('/h/ok/resolve/none/note.txt', 'RevisionNotFound'),
            ('/h/ok/resolve/' + '0' * 40 + '/note.txt', 'RevisionNotFound'),
            ('/h/ok/resolve/main/none', 'EntryNotFound'),
            ('/h/ok/resolve/main/%3Cscript%3E%0d%0aa', 'EntryNotFound')]:
        for method in ['GET', 'HEAD']:
            answer = ask(url, method, target)
            tally.equal(f'{method} {target:.60} is {code}',
                        (answer.status, answer.headers['X-Error-Code']),
                        (404, code))
            message = answer.headers['X-Error-Message'] or ''
            tally.check('it says why, in one line of ASCII',
                        20 < len(message) < 600 and message.isascii()
                        and message.isprintable(), message)


def other_forms_of_a_target_lead_nowhere_else(url):
    put(url, 'h/ok')
    for target, status in [
            (b'http://elsewhere/h/ok/resolve/main/note.txt', 200),
            (b'HTTPS://[::1]:1/v1/recipes/h/ok', 200),
            (b'http://a/../v1/recipes', 400), (b'http://a/%2e%2e/x', 400),
            (b'http://', 200), (b'http:///v1/recipes', 200),
            (b'file:///etc/passwd', 400), (b'ftp://a/v1/recipes', 400),
            (b'h/ok/resolve/main/note.txt', 400), (b'//h/ok', 404),
            (b'//etc/passwd', 404), (b'\\\\host\\share', 400),
            (b'*', 405), (b'*/v1/recipes', 400), (b'a:80', 400),
            (b'/' * 300, 404), (b'/' + b'a/' * 3000, 404),
            (b'/v1/recipes/\xff\xfe/x', 400), (b'/v1/recipes\x01', 400),
            (b'/v1/recipes#x', 404), (b'/v1/recipes;x=1', 404)]:
        answer = raw(url, request_line(target))
        tally.equal(f'{target[:60]} is {status}', answer and answer.status,
                    status)
    for method in ['CONNECT', 'TRACE', 'PATCH', 'put', 'G' * 100]:
        answer = raw(url, request_line(b'/v1/recipes/h/ok', method))
        tally.check(f'{method:.10} is refused',
                    answer is None or answer.status in (400, 405),
                    answer and answer.status)


# ---- documents ------------------------------------------------------------

FILE_NAMES = [
    '', '.', '..', '../a', '/etc/passwd', 'a/b', 'a\\b', '.a', '-a', '_a',
    'a..b', 'a b', 'a\n', 'a\r\nX: y', 'a\u0000', 'ä', '\u202e', 'a"', "a'",
    'a' * 97, 'a' * 9000, 'model.safetensors', 'model.safetensors.index.json',
    'model-00001-of-00002.safetensors', '%2e%2e', 'a?b', 'a#b', 'a%00', 'a:b',
]
CONTENTS = [None, 1, True, 1.5, {'base64': 'a'}, {'base64': '****'},
            {'base64': 'AA=A'}]


def hostile_documents_are_refused(url, folder):
    before = files_of(folder)

    def document(what, body, *statuses):
        answer = ask(url, 'PUT', '/v1/recipes/h/bad', body)
        refused(f'PUT of {what}', answer, *(statuses or (400, 422)))

    for name in FILE_NAMES:
        document(f'the file {name!r}', {'layers': LAYERS,
                                        'files': {name: 'x'}})
    for content in CONTENTS:
        document(f'a file that is {content!r}', {'layers': LAYERS,
                                                 'files': {'a': content}})
    document('65 files', {'layers': LAYERS,
                          'files': {f'f{i}': '' for i in range(65)}})
    document('files that are a list', {'layers': LAYERS, 'files': []})
    for shard in [0, -1, 1.5, '1', 50000000001, 2 ** 64, None, True]:
        document(f'shards of {shard!r}', {'layers': LAYERS,
                                          'shard_bytes': shard})
    for more in [{'format': 'raw'}, {'recipe': 'init/gpt2'}, {'digest': 'off'},
                 {'tensors': ['a']}, {'data': {}}, {'fils': {}}, {'seed': -1},
                 {'seed': 2 ** 64}, {'scheme': 'none_such'}]:
        document(f'{more}', dict({'layers': LAYERS}, **more))
    document('a name twice', {'layers': [LAYERS[0]] * 2})
    document('a key twice', '{"seed":1,"seed":2,"layers":[]}')
    for text in ['', ' ', '{', '[]', 'null', '1', '"a"', '{"layers":NaN}',
                 '\ufeff{}', '{}x', '{"a":"\\ud800"}', '[' * 100000,
                 '{"a":' * 5000, '{"layers":[' * 3000]:
        document(f'the text {text[:20]!r}', text)
    document('bytes that are no UTF-8', b'{"layers":"\xff"}')
    document('nothing at all', {})
    tally.equal('nothing was written', files_of(folder), before)
    refused('it', ask(url, 'GET', '/v1/recipes/h/bad'), 404)


def long_strings_are_refused_briefly(url):
    """Strings of 8 KiB and more, wherever one can stand."""
    for size in [8191, 8192, 8193, 20000, 300000]:
        long = 'x' * size
        for body in [{'layers': [dict(LAYERS[0], name=long)]},
                     {'layers': [dict(LAYERS[0], scheme=long)]},
                     {'layers': [dict(LAYERS[0], **{long: 1})]},
                     {'layers': [dict(LAYERS[0], dtype=long)]},
                     {'layers': LAYERS, 'seed': long},
                     {'layers': LAYERS, 'seed': '9' * size},
                     {'layers': LAYERS, 'layout': long},
                     {'config': {'model_type': long}},
                     {'config': {'model_type': 'gpt2'}, 'profile': long},
                     {'layers': LAYERS, long: long}]:
            text = json.dumps(body)[:60]
            refused(f'POST of {text} … {size} bytes',
                    ask(url, 'POST', '/v1/weights', body), 400, 422)
            refused(f'PUT of {text} … {size} bytes',
                    ask(url, 'PUT', '/v1/recipes/h/long', body), 400, 422)
        for body in [{'recipe': long}, {'recipe': 'h/' + long},
                     {'recipe': 'h/ok', 'tensors': [long]},
                     {'recipe': 'h/ok', 'tensors': [
                         {'name': 'a', 'slice': long}]},
                     {'recipe': 'h/ok', 'tensors': [
                         {'name': 'a', 'slice': '0:' + '9' * size}]},
                     {'recipe': 'h/ok@' + '0' * size}]:
            text = json.dumps(body)[:60]
            refused(f'POST of {text} … {size} bytes',
                    ask(url, 'POST', '/v1/weights', body), 400, 404, 422)


def documents_that_explode_are_refused(url):
    """A million tensors, a thousandfold text: a problem, and soon."""
    million = {'model_type': 'gpt2', 'n_layer': 1000000, 'n_embd': 4,
               'n_head': 1, 'vocab_size': 5, 'n_positions': 3}
    for body in [{'config': million},
                 {'layers': [{'type': 'transformer_encoder',
                              'num_layers': 1000000, 'd_model': 4, 'nhead': 1,
                              'dim_feedforward': 4}]}]:
        for method, target in [('PUT', '/v1/recipes/h/million'),
                               ('POST', '/v1/weights?format=manifest')]:
            answer = refused(f'{method} of a million tensors',
                             ask(url, method, target, body), 400, 422)
            if answer.code == 'TOO_MANY_LAYERS':
                tally.check('the option is named', '--max-layers'
                            in answer.json['detail'], answer.json)
    answer = refused('200001 tensors', ask(
        url, 'POST', '/v1/weights',
        {'layers': [{'shape': [1], 'scheme': 'ones'}] * 200001}), 422)
    tally.equal('200001 tensors are too many', answer.code, 'TOO_MANY_LAYERS')
    for depth in [500, 2000]:
        nested = '[' * depth + '1' + ',1' * 50000 + ']' * depth
        text = json.dumps({'layers': LAYERS})[:-1]
        answer = refused(
            f'a file of depth {depth}', ask(
                url, 'PUT', '/v1/recipes/h/deep',
                f'{text},"files":{{"a.json":{nested}}}}}'), 400, 413, 422)
        if depth == 500:
            tally.check('it says what is too large', 'files'
                        in answer.json['at'], answer.json)


def bodies_over_the_cap_are_413(url):
    large = json.dumps(dict(SMALL, files={'a.txt': 'x' * (2 * MIB)}))
    for body in [large, iter([large.encode()])]:
        refused('a body over the cap',
                ask(url, 'PUT', '/v1/recipes/h/large', body), 413)
    head = (b'PUT /v1/recipes/h/large HTTP/1.1\r\nHost: a\r\n'
            b'Content-Type: application/json\r\nExpect: 100-continue\r\n'
            b'Content-Length: 99999999\r\n\r\n')
    refused('one that waits to be asked for', raw(url, head), 413)
    refused('one without a type', ask(url, 'PUT', '/v1/recipes/h/large', '{}',
                                      {'Content-Type': 'text/plain'}), 415)
    head = (b'PUT /v1/recipes/h/ok HTTP/1.1\r\nHost: a\r\n'
            b'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{')
    with socket.create_connection((url.host, url.port), 60) as link:
        link.sendall(head)
    tally.equal('one that is cut changes nothing',
                ask(url, 'GET', '/v1/recipes/h/ok').json, SMALL)


# ---- slices and choices ---------------------------------------------------

SLICES = [
    '1:0', '3:2', '4:5', '0:5', '-5:', ':-5', '5', '0', '::', '0:4:1', '0:1,2',
    '0:1,0:1,0:1', ',', ':,', ',:', ':,:,', ':,,:', 'a', 'a:b', '0x1:2',
    '1e0:',
    '0.5:1', ' 0:1', '0 :1', '+0:1', '--1:', '0:99999999999999999999',
    '-99999999999999999999:', '18446744073709551616:', '[0:1]', '(0,1)', '...',
    'None', '0:1%00', '%ff', '9' * 3000 + ':', ',' * 1000, ':,' * 1000,
    '0:-0,', '-0:', '4:3', '-1:-2', '0:1,6:7',
]


def hostile_slices_are_refused(url):
    put(url, 'h/ok')
    fine = {'-0:': 200}
    for text in SLICES:
        for target in [
                f'/v1/weights?recipe=h/ok&name=a&slice={text}',
                f'/v1/weights?shape=4,6&scheme=normal&slice={text}']:
            answer = raw(url, request_line(
                target.replace(' ', '%20').encode()))
            if text in fine and answer and answer.status == fine[text]:
                continue
            refused(f'GET {target}', answer, 400, 414, 422)
    for part in ['1:0', [[0, 1], [0, 1], [0, 1]], [[1, 0]], [[0, 5]],
                 [[0]], [[0, 1, 1]], [[0.5, 1]], [['0', '1']], [0, 1], 1, {},
                 True, [[0, 2 ** 63]], [[-2 ** 63, 0]], [[None, 9]], [[[]]],
                 [None] * 9, [[0, 1]] * 1000]:
        body = {'recipe': 'h/ok', 'tensors': [{'name': 'a', 'slice': part}]}
        refused(f'the slice {part!r:.60}',
                ask(url, 'POST', '/v1/weights', body), 400, 422)
    answer = ask(url, 'GET', '/v1/weights?recipe=h/ok&name=a&slice=9:1')
    tally.check('a bad slice says what may be cut',
                answer.code == 'BAD_SLICE' and answer.json['at'] == 'slice',
                answer.json)


def hostile_choices_are_refused(url):
    put(url, 'h/ok')
    for tensors in [[], 'a', {}, [1], [None], [[]], [{}], [{'nam': 'a'}],
                    [{'name': 'a', 'shape': [1]}], ['c'], ['a', 'a'],
                    ['a', {'name': 'a', 'slice': '0:1'}], [''], ['A'],
                    ['a\n'], ['a'] * 100000, [{'slice': '0:1'}]]:
        refused(f'the choice {str(tensors):.60}',
                ask(url, 'POST', '/v1/weights',
                    {'recipe': 'h/ok', 'tensors': tensors}), 400, 404, 422)
    for query in ['recipe=', 'recipe=/', 'recipe=h', 'recipe=h/', 'recipe=/ok',
                  'recipe=h/ok/x', 'recipe=h/ok@', 'recipe=h/ok@main',
                  'recipe=h/ok@' + 'g' * 64, 'recipe=h/ok@' + '0' * 64,
                  'recipe=../../etc/passwd', 'recipe=h/..', 'recipe=h%00/ok',
                  'recipe=h/ok&shape=2', 'recipe=h/ok&scheme=ones',
                  'recipe=h/ok&recipe=h/ok', 'recipe=h/ok&name=c',
                  'recipe=h/ok&slice=0:1', 'recipe=h/ok&format=npy',
                  'recipe=h/ok&seed=-1', 'recipe=h/ok&dtype=int8',
                  'recipe=h/ok&bias=zeros', 'recipe=h/ok&name=a&x=1']:
        refused(query, ask(url, 'GET', f'/v1/weights?{query}'),
                400, 404, 406, 422)
    for body in [{'recipe': 'h/ok', 'layers': LAYERS}, {'recipe': 1},
                 {'recipe': 'h/ok', 'config': {}}, {'recipe': None},
                 {'recipe': 'h/ok', 'scheme': 'ones'}, {'recipe': ['h/ok']},
                 {'recipe': 'h/ok', 'files': {}}, {'recipe': 'h/none'}]:
        refused(f'{body}', ask(url, 'POST', '/v1/weights', body),
                400, 404, 422)


# ---- crowds ---------------------------------------------------------------

def documents_are_whole_in_a_crowd(url):
    """Writers, a deleter and readers at one name: each read is one document
    that somebody wrote, under the tag of its bytes."""
    name = 'h/crowd'
    texts = [json.dumps({'seed': i, 'layers': LAYERS,
                         'files': {'note.txt': str(i) * 20000}})
             for i in range(6)]
    tags = {hashlib.blake2b(text.encode(), digest_size=32).hexdigest(): text
            for text in texts}
    over = threading.Event()
    wrong, reads = [], []

    def write(text):
        while not over.is_set():
            status = ask(url, 'PUT', f'/v1/recipes/{name}', text).status
            if status not in (200, 201):
                wrong.append(f'PUT gives {status}')

    def delete():
        while not over.is_set():
            status = ask(url, 'DELETE', f'/v1/recipes/{name}').status
            if status not in (204, 404):
                wrong.append(f'DELETE gives {status}')
            time.sleep(0.02)

    def read():
        while not over.is_set():
            answer = ask(url, 'GET', f'/v1/recipes/{name}')
            tag = (answer.headers['ETag'] or '').strip('"')
            if answer.status == 404:
                continue
            if answer.status != 200 or tags.get(tag) != answer.body.decode():
                wrong.append(f'GET gives {answer.status} {tag}')
            reads.append(tag)

    def read_files():
        while not over.is_set():
            answer = ask(url, 'GET', f'/{name}/resolve/main/note.txt')
            if answer.status == 404:
                continue
            text = answer.body.decode()
            if answer.status != 200 or text != text[0] * 20000:
                wrong.append(f'the file is {answer.status} {text[:20]}')

    with concurrent.futures.ThreadPoolExecutor(12) as crowd:
        done = [crowd.submit(write, text) for text in texts]
        done += [crowd.submit(each) for each in
                 (delete, read, read, read_files, read_files)]
        time.sleep(4)
        tally.within(56, lambda: len(reads) > 20 and len(set(reads)) > 1)
        over.set()
        for each in done:
            each.result(60)
    tally.equal('each read is whole', wrong[:3], [])
    tally.check('something was read', len(reads) > 20, len(reads))
    tally.check('of several writers', len(set(reads)) > 1, len(set(reads)))


def one_of_many_creates(url):
    """Of those who would make a new name, one does."""
    for attempt in range(5):
        name = f'h/new{attempt}'
        texts = [json.dumps({'seed': i, 'layers': LAYERS}) for i in range(8)]

        def create(text):
            return ask(url, 'PUT', f'/v1/recipes/{name}', text,
                       dict(JSON, **{'If-None-Match': '*'})).status

        with concurrent.futures.ThreadPoolExecutor(8) as crowd:
            statuses = sorted(crowd.map(create, texts))
        tally.equal('one of eight makes a name', statuses, [201] + [412] * 7)


def commits_nobody_made_cost_little(url):
    """Each version of a name is compared with a commit that is asked for."""
    for i in range(60):
        put(url, 'h/versions', {'layers': LAYERS + [
            {'name': f'l{k}', 'shape': [i + 1], 'scheme': 'ones'}
            for k in range(300)]})
    dice = random.Random(5)
    for _ in range(5):
        commit = '%040x' % dice.getrandbits(160)
        refused('a commit that nobody made',
                ask(url, 'HEAD', f'/h/versions/resolve/{commit}/a'), 404)


def memory_stays_bounded(url):
    """Hundreds of hostile requests more leave no trace."""
    def rounds(n):
        for i in range(n):
            ask(url, 'GET', f'/h/ok/resolve/seed-{i}/note.txt')
            ask(url, 'GET', f'/h/ok/resolve/none{i}/{"x" * 400}')
            ask(url, 'GET', f'/v1/weights?recipe=h/none{i}')
            ask(url, 'POST', '/v1/weights', {'recipe': 'h/ok', 'seed': i,
                                             'tensors': ['c']})
            ask(url, 'PUT', '/v1/recipes/h/bad',
                {'layers': LAYERS, 'files': {'a': 'x' * 100000, '..': ''}})
    if daemon.instrumented(url):
        print('memory is not measured: a sanitizer holds most of it')
        return
    rounds(40)
    before = memory(url)
    rounds(160)
    grown = memory(url) - before
    tally.check('hundreds of requests more take no memory', grown < 24 * MIB,
                f'{grown / MIB:.1f} MiB')
    tally.check('all of it stays small', memory(url, 'VmHWM') < MEMORY,
                f'{memory(url, "VmHWM") / MIB:.0f} MiB')


# ---- lanes ----------------------------------------------------------------

def busy(url, count):
    """As many requests for digests that take minutes."""
    links = []
    for i in range(count):
        link = socket.create_connection((url.host, url.port), 60)
        link.sendall(request_line(
            b'/v1/weights?shape=4294967296&scheme=normal&digest=wait&seed=%d'
            % i))
        links.append(link)
    return links


def a_full_queue_leaves_heads_alone(url):
    """With one worker, one place and a digest of 16 GiB in it, what is brief
    is answered, and what isn't refused."""
    put(url, 'h/ok')
    links = busy(url, 2)
    try:
        ready, _, _ = select.select(links, [], [], 60)
        tally.equal('one of two is refused', len(ready), 1)
        for method, target, status in [
                ('HEAD', '/h/ok/resolve/main/model.safetensors', 200),
                ('GET', '/h/ok/resolve/seed-7/model.safetensors', 200),
                ('HEAD', '/init/gpt2/resolve/seed-3/model.safetensors', 200),
                ('GET', '/v1/weights?recipe=h/ok&name=a', 200),
                ('GET', '/v1/recipes/h/ok', 200), ('GET', '/v1/recipes', 200),
                ('GET', '/healthz', 200)]:
            answer = ask(url, method, target)
            tally.equal(f'{method} {target} is answered', answer.status,
                        status)
            tally.check(f'{method} {target} is answered soon',
                        answer.seconds < SOON, answer.seconds)
        tally.equal('a recipe is stored',
                    ask(url, 'PUT', '/v1/recipes/h/ok', SMALL).status, 200)
        answer = ask(url, 'GET', '/v1/weights?recipe=init/gpt2&digest=wait'
                     '&format=manifest')
        tally.equal('more long work is refused, and when to come back told',
                    (answer.status, answer.headers['Retry-After']),
                    (429, '1'))
    finally:
        for link in links:
            link.close()


def read_only_is_said(url):
    for method in ['PUT', 'DELETE']:
        refused(f'{method} without a store',
                ask(url, method, '/v1/recipes/h/ok', SMALL), 403, 404)
    refused('PUT of what is built in',
            ask(url, 'PUT', '/v1/recipes/init/gpt2', SMALL), 403)


def main():
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place).resolve() / 'recipes'
        with daemon.running('--recipes', str(folder), '--max-body-bytes',
                            '8MiB') as url:
            for test in [hostile_names_are_refused,
                         names_stay_within_their_characters,
                         hostile_documents_are_refused]:
                tally.run(test, url, folder)
            for test in [hostile_revisions_and_paths_are_refused,
                         problems_of_the_hub_are_told_its_way,
                         other_forms_of_a_target_lead_nowhere_else,
                         hostile_slices_are_refused,
                         hostile_choices_are_refused,
                         long_strings_are_refused_briefly,
                         documents_that_explode_are_refused,
                         documents_are_whole_in_a_crowd, one_of_many_creates,
                         commits_nobody_made_cost_little,
                         memory_stays_bounded]:
                tally.run(test, url)
        with daemon.running('--recipes', str(folder), '--max-body-bytes',
                            '1MiB') as url:
            tally.run(bodies_over_the_cap_are_413, url)
        with daemon.running('--recipes', str(folder), '--workers', '1',
                            '--queue', '1') as url:
            tally.run(a_full_queue_leaves_heads_alone, url)
    with daemon.running() as url:
        tally.run(read_only_is_said, url)


if __name__ == '__main__':
    tally.run(main)
    tally.finish()
