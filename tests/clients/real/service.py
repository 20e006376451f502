# SPDX-License-Identifier: MIT
"""What the daemon says when asked directly, without the clients' help."""
import hashlib
import json
import urllib.error
import urllib.parse
import urllib.request


def ask(url, path, method='GET', body=None, **fields):
    """An answer as status, fields and body, whatever the status is."""
    request = urllib.request.Request(url + path, body, fields, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as problem:
        return problem.code, problem.headers, problem.read()


def get(url, path, **query):
    """The body of a 200."""
    pairs = urllib.parse.urlencode(query)
    status, _, body = ask(url, path + ('?' + pairs if pairs else ''))
    if status != 200:
        raise AssertionError(f'GET {path} {query}: {status} {body.decode()}')
    return body


def put(url, name, document):
    """Store a recipe; returns what the daemon says of it."""
    status, _, body = ask(url, f'/v1/recipes/{name}', 'PUT',
                          json.dumps(document).encode(),
                          **{'Content-Type': 'application/json'})
    if status not in (200, 201):
        raise AssertionError(f'PUT {name}: {status} {body.decode()}')
    return json.loads(body)


def weights(url, recipe, seed=None, **query):
    """All weights of a recipe as one safetensors file."""
    if seed is not None:
        query['seed'] = seed
    return get(url, '/v1/weights', recipe=recipe, format='safetensors',
               **query)


def commit(url, recipe, revision='main'):
    """The commit of a revision."""
    path = f'/api/models/{recipe}/revision/{revision}'
    return json.loads(get(url, path))['sha']


def sha256(data):
    return hashlib.sha256(data).hexdigest()
