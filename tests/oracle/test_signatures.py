#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The daemon signs its answers so that a stranger can verify them."""
import contextlib
import http.client
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import signatures
from signatures import Bad

sys.path.append(str(pathlib.Path(__file__).parents[1] / 'clients'))

import daemon  # noqa: E402
import tally  # noqa: E402

PROGRAM = daemon.ROOT / daemon.PROGRAM
WEIGHTS = '/v1/weights?shape=64,32&scheme=he_normal&seed=42'
MANY = {'scheme': 'ones', 'layers': [{'name': 'a', 'shape': [3]}]}
HUB = '/init/tiny-bert/resolve/main/'

# RFC 9421, B.1.4 and B.2.6.
TEST_KEY = {'kty': 'OKP', 'crv': 'Ed25519', 'kid': 'test-key-ed25519',
            'x': 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs'}
B_2_6 = {
    'method': 'POST', 'path': '/foo', 'query': 'param=Value&Pet=dog',
    'fields': [
        ('Host', 'example.com'), ('Date', 'Tue, 20 Apr 2021 02:07:55 GMT'),
        ('Content-Type', 'application/json'), ('Content-Length', '18'),
        ('Signature-Input',
         'sig-b26=("date" "@method" "@path" "@authority" "content-type" '
         '"content-length");created=1618884473;keyid="test-key-ed25519"'),
        ('Signature',
         'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1'
         'u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:')]}


def ask(url, method, target, body=None, **fields):
    """A response as signatures.py has it, and the body."""
    fields = {key.replace('_', '-'): value for key, value in fields.items()}
    if body is not None:
        body = json.dumps(body).encode()
        fields['Content-Type'] = 'application/json'
    connection = http.client.HTTPConnection(url.host, url.port, timeout=60)
    with contextlib.closing(connection):
        connection.request(method, target, body, fields)
        answer = connection.getresponse()
        content = answer.read()
    path, _, query = target.partition('?')
    request = {'method': method, 'path': path, 'fields': list(fields.items()),
               'query': query}
    return {'status': answer.status, 'fields': answer.headers.items(),
            'request': request}, content


def refuses(statement, function, *arguments):
    try:
        function(*arguments)
    except Bad:
        tally.check(statement, True)
    else:
        tally.check(statement, False, 'it was taken')


# ---- the oracle itself ------------------------------------------------------

def the_oracle_verifies_what_the_rfc_has():
    def key_of(keyid):
        tally.equal('the keyid is read', keyid, TEST_KEY['kid'])
        return signatures.public_key(TEST_KEY)

    covered, parameters = signatures.verify(B_2_6, 'sig-b26', key_of)
    tally.equal('created is read', parameters['created'], 1618884473)
    tally.equal('six components are covered', len(covered), 6)
    refuses('another path has another signature', signatures.verify,
            B_2_6 | {'path': '/fox'}, 'sig-b26', key_of)
    # RFC 8037, A.3.
    tally.equal('a thumbprint is the published one', signatures.thumbprint(
        TEST_KEY | {'x': '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'}),
        'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
    # RFC 9530, appendix D.
    signatures.check_digest(
        'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:',
        b'{"hello": "world"}')
    refuses('another body has another digest', signatures.check_digest,
            'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:', b'')


# ---- the daemon -------------------------------------------------------------

# Method, target, body, fields; the status; what is covered beside what is
# always.
SIGNED = [
    ('GET', WEIGHTS, None, {}, 200,
     {'content-length', 'content-type', 'etag', 'sow-recipe', 'sow-digest',
      'sow-shape', 'sow-dtype'}),
    ('HEAD', WEIGHTS, None, {}, 200,
     {'content-length', 'content-type', 'etag', 'sow-recipe', 'sow-digest',
      'sow-shape', 'sow-dtype'}),
    ('GET', WEIGHTS, None, {'Range': 'bytes=100-199'}, 206,
     {'content-length', 'content-type', 'content-range', 'etag',
      'sow-recipe', 'sow-digest', 'sow-shape', 'sow-dtype'}),
    ('GET', WEIGHTS, None, {'Want_Repr_Digest': 'sha-256=1'}, 200,
     {'content-length', 'content-type', 'repr-digest', 'etag', 'sow-recipe',
      'sow-digest', 'sow-shape', 'sow-dtype'}),
    ('GET', WEIGHTS + '&slice=0:3,:', None, {}, 200,
     {'content-length', 'content-type', 'etag', 'sow-recipe', 'sow-digest',
      'sow-shape', 'sow-slice', 'sow-dtype'}),
    ('GET', WEIGHTS, None, {'If_None_Match': '*'}, 304, {'etag'}),
    ('POST', '/v1/weights', MANY, {}, 200,
     {'content-type', 'etag', 'sow-recipe', 'sow-digest', 'sow-shape',
      'sow-dtype'}),
    ('GET', '/v1/schemes/he_normal', None, {}, 200,
     {'content-length', 'content-type', 'repr-digest'}),
    ('GET', '/v1/weights?shape=3&scheme=he', None, {}, 422,
     {'content-length', 'content-type', 'repr-digest'}),
    ('GET', '/no%20such', None, {}, 404,
     {'content-length', 'content-type', 'repr-digest'}),
    ('DELETE', '/healthz', None, {}, 405,
     {'content-length', 'content-type', 'repr-digest'}),
    ('OPTIONS', '/v1/weights', None, {}, 204, set()),
    ('GET', HUB + 'config.json', None, {}, 200,
     {'content-length', 'content-type', 'etag', 'x-repo-commit'}),
    ('HEAD', HUB + 'model.safetensors', None, {}, 200,
     {'content-length', 'content-type', 'etag', 'x-repo-commit'}),
]
ALWAYS = [('@status', {}), ('@method', {'req': True}),
          ('@path', {'req': True}), ('@query', {'req': True})]


def answers_are_signed(url, key_of):
    for method, target, body, fields, status, covers in SIGNED:
        what = f'{method} {target} {fields}'
        response, content = ask(url, method, target, body, **fields)
        tally.equal(f'{what} has its status', response['status'], status)
        covered, parameters = signatures.verify(response, 'sow', key_of)
        names = {name for name, flags in covered if not flags}
        tally.equal(f'{what} has signed what it is', names - {'@status'},
                    covers)
        tally.check(f'{what} has signed what was asked',
                    all(item in covered for item in ALWAYS), covered)
        tally.check(f'{what} says when', abs(time.time()
                                             - parameters['created']) < 60)
        tally.equal(f'{what} says what for', parameters['tag'], 'sow')
        if 'repr-digest' in covers:
            signatures.check_digest(
                signatures.field(response, 'repr-digest'), content)


def changes_are_seen(url, key_of):
    """By whoever stands between: another answer, or one to another request."""
    response, _ = ask(url, 'GET', WEIGHTS)
    signatures.verify(response, 'sow', key_of)
    for change in ({'method': 'HEAD'}, {'path': '/v1/weight'},
                   {'query': 'shape=64,32&scheme=he_normal&seed=43'}):
        refuses(f'{change} is seen', signatures.verify, response | {
            'request': response['request'] | change}, 'sow', key_of)
    refuses('another status is seen', signatures.verify,
            response | {'status': 206}, 'sow', key_of)
    for name in ('ETag', 'Sow-Digest', 'Sow-Recipe', 'Content-Type',
                 'Content-Length', 'Sow-Shape'):
        changed = [(key, value + ('0' if key == name else ''))
                   for key, value in response['fields']]
        tally.check(f'{name} is there', changed != response['fields'])
        refuses(f'another {name} is seen', signatures.verify,
                response | {'fields': changed}, 'sow', key_of)


def keys_of(url):
    response, body = ask(url, 'GET', '/.well-known/jwks.json')
    keys = json.loads(body)['keys']
    for key in keys:
        tally.equal('a key is named by its thumbprint', key['kid'],
                    signatures.thumbprint(key))
    tally.equal('the keys have their type',
                signatures.field(response, 'content-type'),
                'application/jwk-set+json')
    return {key['kid']: signatures.public_key(key) for key in keys}


def new_key(path):
    path.write_bytes(subprocess.run([PROGRAM, 'key', 'new'], check=True,
                                    stdout=subprocess.PIPE).stdout)
    path.chmod(0o600)
    return path


def a_key_can_be_replaced(folder, old):
    """The next key signs; who has an old answer still finds its key."""
    both = folder / 'both.pem'
    both.write_text(new_key(folder / 'new.pem').read_text()
                    + old['pem'].read_text())
    with daemon.running('--signing-key-file', str(both)) as url:
        keys = keys_of(url)
        tally.equal('both keys are published', len(keys), 2)
        signatures.verify(old['answer'], 'sow', keys.__getitem__)
        response, _ = ask(url, 'GET', WEIGHTS)
        _, parameters = signatures.verify(response, 'sow', keys.__getitem__)
        tally.equal('the first key signs', parameters['keyid'],
                    next(iter(keys)))
        tally.check('it is another one', keys.keys() - old['keys'].keys())


def main():
    tally.run(the_oracle_verifies_what_the_rfc_has)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        old = {'pem': new_key(folder / 'old.pem')}
        with daemon.running('--signing-key-file', str(old['pem'])) as url:
            old['keys'] = keys_of(url)
            tally.equal('there is one key', len(old['keys']), 1)
            tally.run(answers_are_signed, url, old['keys'].__getitem__)
            tally.run(changes_are_seen, url, old['keys'].__getitem__)
            old['answer'], _ = ask(url, 'GET', WEIGHTS)
            tally.check('the log has nothing of the key', not any(
                line in text for line in old['pem'].read_text().split('\n')[1:2]
                for text in url.seen))
        tally.run(a_key_can_be_replaced, folder, old)
    tally.finish()


if __name__ == '__main__':
    main()
