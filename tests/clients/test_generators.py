#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Other libraries' generators over HTTP: known answers of torch and NumPy, the
order of draws, parts, states, keys, revisions, and what is refused.
"""
import base64
import hashlib
import json
import urllib.error
import urllib.parse
import urllib.request

import numpy as np

import daemon
import tally

TORCH = 'torch/linux-x86_64-avx2@2.13'
NORMAL = 'torch.normal'

# SHA-256 of what torch draws after torch.manual_seed(seed).
KNOWN = [
    ('shape=1000&scheme=torch.uniform&a=0&b=1', 0,
     '20221bec9830215c3bfa32cbadc455cd97654c065939b1b4a842e67b80bf549f'),
    ('shape=1000&scheme=torch.uniform&a=0&b=1', 42,
     '80ff065ee30ad7acb95600ff85f860554eef3d2696f85c54fb49b43a318947c7'),
    ('shape=1000&scheme=torch.uniform&a=0&b=1', 2 ** 32 + 42,
     '80ff065ee30ad7acb95600ff85f860554eef3d2696f85c54fb49b43a318947c7'),
    ('shape=1000&scheme=torch.uniform&a=0&b=1', -1,
     'd78fe33996caf9a85f1389ce42772c821bcbce5f50d1a02415420fafdddfba9b'),
    ('shape=1000&scheme=torch.uniform&a=0&b=1', 2 ** 63 + 5,
     '1252ad5dbddfdf5ceaf340bcbeed90c2ec6c99e9e2bd191088917a6d9702566d'),
    ('shape=100000&scheme=torch.uniform&a=-0.1&b=0.3', 42,
     '0aab01aeb12e841679eceb97b9c597a771b2b0a3ce1ba9c346c139abeec7aedc'),
    ('shape=5&scheme=torch.normal', 42,
     'af33577995d9ae23a3bed3a80bfb2c79db2803eb7e55c090eca9e39fafc79a60'),
    ('shape=15&scheme=torch.normal', 42,
     '8db9a5331024e1ef6641fb105e2cef40e44a0fc808368674795ee3b09096fe02'),
    ('shape=16&scheme=torch.normal', 42,
     'fc34b516db1204ac5504e9a714274f1068e6342fdddd0b2cde67221932271d34'),
    ('shape=17&scheme=torch.normal', 42,
     '2ae700cddb7c7bef2727381a13feed04c35ad67793a9695d51da507ac5c359f2'),
    ('shape=100&scheme=torch.normal&mean=0.5&std=0.02', 42,
     'c8f4198d504b12c198b6d6730c68574678c5fd13d37f734a488fcffa612e487e'),
    ('shape=1048576&scheme=torch.normal', 42,
     'bc00ca174f73a1aa37ed9a252b5ed12b4ae9410209515e6420c8e28a35489562'),
    ('shape=1000,100&scheme=torch.trunc_normal&std=0.02&a=-0.04&b=0.04', 42,
     'e91d55c739df8bdcb9b44d70ecd96ecfe2835aab1bd7dfb46fd4a9fa3e7502b8'),
    ('shape=512,256&scheme=torch.kaiming_uniform&a=2.23606797749979', 42,
     'd8936e9c748fd9b519c9c397f7102be496093914348132867e66e38f07efef10'),
    ('shape=512,256&scheme=torch.xavier_normal', 42,
     'd640dc2125575d74fa48e526906ccbd380dad2c07a809adba725a57c7e663105'),
]

LINEARS = [
    {'name': 'a', 'type': 'linear', 'in_features': 20, 'out_features': 30},
    {'name': 'b', 'type': 'linear', 'in_features': 30, 'out_features': 5}]
LINEAR_DIGESTS = {
    'a.weight':
        '633fff4e03ddf335940d49f50ee929c167233bd5f7dfe492831be80dc3f74926',
    'a.bias':
        '95467b11bf36811b7863fae6547f87c8cb5c01bd23b0a842f3fea19a624839a7',
    'b.weight':
        '4700868ba7c807dae446b06f1534956f956ff07196ae1c589c8470cc74c5b11d',
    'b.bias':
        '96bf61de960bef2b3e736d70addd6a5f855c0fb03c6ad98feec687f5533e0df0'}

# torch.randn(5), then (20), then (4): the first leaves a value to the last.
CARRY = [
    'af33577995d9ae23a3bed3a80bfb2c79db2803eb7e55c090eca9e39fafc79a60',
    'bbac21040eb537d49055372d972e58afb08285c2a7b3d9023c073bd20c4b5a8a',
    'aa4ffeffb99fb143b98587ca6071fa81ba5c30af700cf3fef2f99c8418e1bf77']


class Answer:
    """Status, headers and body, whatever the status."""

    def __init__(self, answer):
        self.status = answer.status
        self.headers = answer.headers
        self.body = answer.read()

    @property
    def json(self):
        return json.loads(self.body)


def ask(url, target, body=None, method=None, **headers):
    request = urllib.request.Request(url + target, method=method)
    for name, value in headers.items():
        request.add_header(name.replace('_', '-'), value)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header('Content-Type', 'application/json')
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return Answer(answer)
    except urllib.error.HTTPError as refusal:
        return Answer(refusal)


def get(url, query, seed=42, generator='torch', **headers):
    target = f'/v1/weights?generator={generator}&seed={seed}&{query}'
    return ask(url, target, **headers)


def tensors(url, body):
    """The bytes of each tensor of a model, by name, and the manifest."""
    listed = ask(url, '/v1/weights', dict(body, format='manifest'))
    body = {k: v for k, v in body.items() if k != 'final_state'}
    raw = ask(url, '/v1/weights', dict(body, format='raw'))
    what = f'{str(body):.90} is accepted'
    tally.equal(what, (listed.status, raw.status, listed.body[:300]
                       if listed.status != 200 else b''), (200, 200, b''))
    manifest = listed.json
    return {row['name']: raw.body[row['offset']:row['offset'] + row['bytes']]
            for row in manifest['tensors']}, manifest


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# ----------------------------------------------------------------------------

def tensors_are_those_that_torch_draws(url):
    for query, seed, digest in KNOWN:
        answer = get(url, query, seed)
        tally.equal(f'{query} of seed {seed}',
                    (answer.status, sha256(answer.body)), (200, digest))


def numpy_is_that_of_this_machine(url):
    size = 10007
    for dtype in ('float32', 'float64'):
        made = np.random.default_rng(7)
        first = made.standard_normal(size, dtype=dtype)
        second = made.random(5, dtype=dtype)
        got, _ = tensors(url, {
            'generator': 'numpy', 'seed': 7, 'dtype': dtype, 'layers': [
                {'shape': [size], 'scheme': 'numpy.standard_normal'},
                {'shape': [5], 'scheme': 'numpy.random'}]})
        tally.equal(f'default_rng(7) in {dtype}',
                    (got['0'] == first.tobytes(), got['1'] == second.tobytes()),
                    (True, True))


def layers_are_drawn_in_order(url):
    got, manifest = tensors(url, {'generator': 'torch', 'seed': 42,
                                  'layers': LINEARS})
    tally.equal('Linear(20, 30), then Linear(30, 5)',
                {name: sha256(data) for name, data in got.items()},
                LINEAR_DIGESTS)
    tally.equal('the full name is told', manifest['generator'], TORCH)
    got, _ = tensors(url, {
        'generator': 'torch', 'seed': 42, 'scheme': NORMAL,
        'layers': [{'shape': [5]}, {'shape': [20]}, {'shape': [4]}]})
    tally.equal('normal numbers 5, 20, 4',
                [sha256(data) for data in got.values()], CARRY)


def a_type_draws_as_its_constructor_does(url):
    """MultiheadAttention: out_proj, then what it discards, then in_proj."""
    typed, _ = tensors(url, {'generator': 'torch', 'seed': 42, 'layers': [
        {'name': 'm', 'type': 'multihead_attention', 'embed_dim': 16,
         'num_heads': 4}]})
    spelled, _ = tensors(url, {'generator': 'torch', 'seed': 42, 'layers': [
        {'name': 'm.out_proj.weight', 'shape': [16, 16],
         'scheme': 'torch.linear'},
        {'draw': {'shape': [16], 'scheme': {'name': 'torch.uniform',
                                            'a': -0.25, 'b': 0.25}}},
        {'name': 'm.in_proj_weight', 'shape': [48, 16],
         'scheme': 'torch.xavier_uniform'}]})
    for name, data in spelled.items():
        tally.check(f'{name} is drawn in its turn', typed[name] == data)
    for name in ('m.in_proj_bias', 'm.out_proj.bias'):
        tally.check(f'{name} is zero', not any(typed[name]))


def steps_move_on(url):
    """Skipped, discarded and seeded: the rest of the sequence follows."""
    first = {'shape': [600], 'scheme': {'name': 'torch.uniform'}}
    last = {'name': 'w', 'shape': [99], 'scheme': NORMAL}
    other = {'type': 'linear', 'in_features': 24, 'out_features': 24}
    head = {'generator': 'torch', 'seed': 42}
    wanted, _ = tensors(url, {**head, 'layers': [first, last]})
    for step in ({'skip': 600}, {'draw': first}, {'draw': other}):
        got, _ = tensors(url, {**head, 'layers': [step, last]})
        tally.check(f'{step} takes 600 words', got['w'] == wanted['w'])
    got, _ = tensors(url, {'generator': 'torch', 'seed': 9, 'layers': [
        first, {'seed': 42}, {'skip': 600}, last]})
    tally.check('an entry seeds anew', got['w'] == wanted['w'])
    far = [{'skip': 2 ** 40}, {'name': 'w', 'shape': [64], 'scheme': NORMAL}]
    one, _ = tensors(url, {**head, 'layers': far})
    two, _ = tensors(url, {**head, 'layers': [
        {'skip': 2 ** 40 - 5}, {'skip': 5}, far[1]]})
    tally.check('far steps are steps', one['w'] == two['w'])


def what_is_drawn_over_comes_after_the_constructor(url):
    layer = dict(LINEARS[0], scheme='torch.xavier_normal')
    got, _ = tensors(url, {'generator': 'torch', 'seed': 42,
                           'layers': [layer]})
    wanted, _ = tensors(url, {'generator': 'torch', 'seed': 42, 'layers': [
        {'draw': {'shape': [30, 20], 'scheme': 'torch.linear'}},
        {'skip': 30},
        {'name': 'a.weight', 'shape': [30, 20],
         'scheme': 'torch.xavier_normal'}]})
    tally.check('the weight is drawn again',
                got['a.weight'] == wanted['a.weight'])
    tally.equal('the bias is the constructor\'s', sha256(got['a.bias']),
                LINEAR_DIGESTS['a.bias'])


def parts_are_parts_of_the_whole(url):
    for query in ('shape=1000,1000&scheme=torch.normal&std=0.02',
                  'shape=1000,1000&scheme=torch.trunc_normal',
                  'shape=1000,1000&scheme=torch.kaiming_uniform'):
        whole = get(url, query)
        part = get(url, query, Range='bytes=1234567-1300002')
        tally.equal(f'Range in {query}', (part.status, part.body),
                    (206, whole.body[1234567:1300003]))
        table = np.frombuffer(whole.body, 'float32').reshape(1000, 1000)
        slice_ = get(url, query + '&slice=700:702,10:500')
        tally.check(f'slice of {query}',
                    slice_.body == table[700:702, 10:500].tobytes())
        head = get(url, query, method='HEAD')
        tally.equal(f'HEAD of {query}',
                    (head.status, head.headers['Content-Length'],
                     head.headers['ETag'], head.body),
                    (200, '4000000', whole.headers['ETag'], b''))
        same = get(url, query, If_None_Match=whole.headers['ETag'])
        tally.equal(f'ETag of {query}', same.status, 304)


def an_alias_is_its_full_name(url):
    query = 'shape=100&scheme=torch.normal'
    told = [get(url, query, generator=urllib.parse.quote(name, safe=''))
            for name in ('torch', TORCH)]
    for header in ('Sow-Recipe', 'ETag', 'Sow-Digest'):
        tally.equal(f'one {header} for all names',
                    len({answer.headers[header] for answer in told}), 1)
    other = get(url, query.replace('torch.', ''), generator='sow1')
    tally.check('sow1 has another recipe',
                other.headers['Sow-Recipe'] != told[0].headers['Sow-Recipe'])


# ----------------------------------------------------------------------------

def states_lead_on(url):
    """Where one request ends another one goes on, in each library's form."""
    table = [
        ('torch', NORMAL, 'float32'), ('torch', 'torch.trunc_normal', 'float32'),
        ('numpy', 'numpy.standard_normal', 'float32'),
        ('numpy/pcg64dxsm', 'numpy.random', 'float32'),
        ('numpy/randomstate', 'numpy.randn', 'float64')]
    for generator, scheme, dtype in table:
        head = {'generator': generator, 'scheme': scheme, 'dtype': dtype}
        first, second = {'shape': [7]}, {'name': 'w', 'shape': [50]}
        whole, end = tensors(url, {**head, 'seed': 3, 'final_state': True,
                                   'layers': [first, second]})
        _, middle = tensors(url, {**head, 'seed': 3, 'final_state': True,
                                  'layers': [first]})
        rest, after = tensors(url, {**head, 'state': middle['state'],
                                    'final_state': True, 'layers': [second]})
        tally.check(f'{generator} goes on with {scheme}',
                    rest['w'] == whole['w'])
        if generator != 'torch':
            tally.equal(f'{generator} ends with {scheme}', after['state'],
                        end['state'])


def states_are_the_librarys_own(url):
    made = np.random.default_rng(11)
    made.standard_normal(33, dtype=np.float32)
    state = made.bit_generator.state
    state['state'] = {k: str(v) for k, v in state['state'].items()}
    _, manifest = tensors(url, {
        'generator': 'numpy', 'seed': 11, 'final_state': True, 'layers': [
            {'shape': [33], 'scheme': 'numpy.standard_normal'}]})
    tally.equal('bit_generator.state', manifest['state'], state)
    got, _ = tensors(url, {'generator': 'numpy', 'state': state, 'layers': [
        {'shape': [5], 'scheme': 'numpy.random'}]})
    tally.check('a Generator goes on here',
                got['0'] == made.random(5, dtype=np.float32).tobytes())
    old = np.random.RandomState(11)
    old.randn(3)
    state = old.get_state(legacy=False)
    state['state']['key'] = state['state']['key'].tolist()
    got, _ = tensors(url, {
        'generator': 'numpy/randomstate', 'state': state, 'dtype': 'float64',
        'layers': [{'shape': [9], 'scheme': 'numpy.randn'}]})
    tally.check('a RandomState goes on here',
                got['0'] == old.randn(9).tobytes())


def a_state_names_the_answer(url):
    """Steps at the end change the state, and so the ETag, not the recipe."""
    layers = [{'shape': [9], 'scheme': NORMAL}]
    body = {'generator': 'torch', 'seed': 1, 'layers': layers,
            'final_state': True, 'format': 'manifest'}
    one = ask(url, '/v1/weights', body)
    two = ask(url, '/v1/weights', dict(body, layers=layers + [{'skip': 1}]))
    none = ask(url, '/v1/weights', dict(body, final_state=False))
    tally.equal('three answers with one recipe',
                len({a.headers['Sow-Recipe'] for a in (one, two, none)}), 1)
    tally.equal('and three tags',
                len({a.headers['ETag'] for a in (one, two, none)}), 3)
    blob = base64.b64decode(one.json['state'])
    tally.equal('the blob begins with the seed',
                (len(blob), int.from_bytes(blob[:8], 'little')), (5056, 1))
    tally.check('no state unless asked', 'state' not in none.json)


# ----------------------------------------------------------------------------

def keys_are_jaxs(url):
    """jax.random.key_data() of what the documentation of JAX splits."""
    head = {'generator': 'jax', 'seed': 42, 'layers': [
        {'shape': [8], 'scheme': 'jax.normal', 'name': 'w'}]}
    _, root = tensors(url, {**head, 'final_state': True})
    tally.equal('the state is the root key', root['state'], [0, 42])
    split, _ = tensors(url, {**head, 'key': 'split(3)[1]'})
    words = [0x03d7b32d, 0xadd083f4]
    direct, _ = tensors(url, {'generator': 'jax', 'state': words,
                              'layers': head['layers']})
    tally.check('split(key(42), 3)[1]', split == direct)
    own = dict(head['layers'][0], seed=42, key='split(3)[1]')
    layer, _ = tensors(url, {'generator': 'jax', 'layers': [own]})
    tally.check('a layer has a seed and a key', layer == split)
    query = get(url, 'shape=8&scheme=jax.normal&key=split(3)%5B1%5D',
                generator='jax')
    tally.check('a query has a key', query.body == split['w'])
    two, _ = tensors(url, {'generator': 'jax', 'key': 'split(9)[0]/fold_in(7)',
                           'layers': head['layers']})
    tally.check('keys differ', two != split)


def flax_counts_by_scope(url):
    """The keys of Dense_0 of key(0), in linen and in nnx."""
    words = {'flax/linen': ([0xb5672c9f, 0xda530980], [0xad93e90a, 0xd97750f8]),
             'flax/nnx': ([0x6b200159, 0x99ba4efe], [0x375f238f, 0xcddb151d])}
    layers = [{'name': 'Dense_0.kernel', 'shape': [4, 5]},
              {'name': 'Dense_0.bias', 'shape': [1, 5]}]
    for generator, keys in words.items():
        got, _ = tensors(url, {'generator': generator, 'layers': layers,
                               'scheme': 'jax.lecun_normal'})
        for layer, key in zip(layers, keys):
            want, _ = tensors(url, {'generator': 'jax', 'state': key,
                                    'scheme': 'jax.lecun_normal',
                                    'layers': [layer]})
            name = layer['name']
            tally.check(f'{generator}: {name}', got[name] == want[name])


# ----------------------------------------------------------------------------

def revisions_name_generators(url):
    """torch-seed-42 of a recipe is the recipe drawn so, by its commit too."""
    name = 'init/tiny-gpt2'
    body = ask(url, '/v1/weights', {'recipe': name, 'generator': 'torch',
                                    'seed': 42, 'format': 'raw'})
    info = ask(url, f'/api/models/{name}/revision/torch-seed-42').json
    commit = info['sha']
    for revision in ('torch-seed-42', commit):
        file = ask(url, f'/{name}/resolve/{revision}/model.safetensors')
        tally.equal(f'{revision} is served',
                    (file.status, file.headers['X-Repo-Commit']),
                    (200, commit))
        tally.check(f'{revision} holds what torch draws', len(body.body) > 1000
                    and len(file.body) > len(body.body))
    again = ask(url, f'/{name}/resolve/torch-seed-42/model.safetensors')
    by_commit = ask(url, f'/{name}/resolve/{commit}/model.safetensors')
    tally.check('both are the same', again.body == by_commit.body)
    plain = ask(url, f'/api/models/{name}/revision/seed-42').json['sha']
    signed = ask(url, f'/api/models/{name}/revision/torch-seed--1')
    tally.check('other draws, other commits', len({
        commit, plain, signed.json['sha']}) == 3)
    for bad in ('sow2-seed-1', 'numpy-seed--1', 'torch-seed-', 'seed--1'):
        answer = ask(url, f'/api/models/{name}/revision/{bad}')
        tally.equal(f'{bad} is no revision', answer.status, 404)
    tally.run(a_commit_is_known_to_who_never_made_it, commit)


def a_commit_is_known_to_who_never_made_it(commit):
    with daemon.running() as url:
        file = ask(url, f'/init/tiny-gpt2/resolve/{commit}/model.safetensors',
                   method='HEAD')
        tally.equal('the commit says generator and seed',
                    (file.status, file.headers['X-Repo-Commit']),
                    (200, commit))


def generators_are_listed(url):
    rows = ask(url, '/v1/generators').json['generators']
    names = [row['name'] for row in rows]
    tally.equal('sow1 is the first', names[0], 'sow1')
    tally.equal('/v1/version has their full names',
                ask(url, '/v1/version').json['generators'], names)
    for row in rows:
        for name in [row['name'], *row['aliases']]:
            one = ask(url, '/v1/generators/' + name)
            tally.equal(f'{name} is found', (one.status, one.json['name']),
                        (200, row['name']))
            tally.check(f'{name} says the same and more',
                        row.items() <= one.json.items()
                        and 'schemes' in one.json)
        tally.check(f'{row["name"]} says how sure it is',
                    row['status'] in ('certified', 'candidate'))
    none = ask(url, '/v1/generators/trch')
    tally.check('a slip is seen', none.status == 404
                and "'torch'" in none.json['detail'])
    probe = ask(url, '/v1/generators/torch/probe')
    tally.equal('the probe is a script',
                (probe.status, probe.headers['Content-Type'].split(';')[0]),
                (200, 'text/x-python'))
    compile(probe.body, 'probe.py', 'exec')


# ----------------------------------------------------------------------------

def layers_of(*layers, **more):
    return {'generator': 'torch', 'scheme': NORMAL, 'layers': list(layers),
            **more}


W = {'shape': [4]}
PCG = {'bit_generator': 'PCG64', 'state': {'state': '1', 'inc': '3'},
       'has_uint32': 0, 'uinteger': 0}
BLOB = base64.b64encode(bytes(5056)).decode()

BAD = [
    (layers_of(W, generator='torhc'), '/generator', "'torch'"),
    (layers_of(W, generator='torch/linux-x86_64-avx2@9.9'), '/generator',
     'torch'),
    (layers_of({**W, 'generator': 'numpy'}), '/layers/0/generator', 'top'),
    (layers_of({**W, 'seed': 3}), '/layers/0/seed', '{"seed": n}'),
    (layers_of({**W, 'key': 'split(2)[0]'}), '/layers/0/key', 'jax'),
    (layers_of(W, key='split(2)[0]'), '/key', 'jax'),
    (layers_of({'skip': 5}), '/layers', 'not one tensor'),
    (layers_of({'draw': W}), '/layers', 'not one tensor'),
    (layers_of({'skip': 5, 'name': 'a'}, W), '/layers/0/skip', 'itself'),
    (layers_of({'skip': 2 ** 44 + 1}, W), '/layers/0/skip', '2^44'),
    (layers_of({'skip': 2 ** 44}, {'skip': 1}, W), '/layers/1/skip', '2^44'),
    (layers_of({'draw': {**W, 'name': 'a'}}, W), '/layers/0/draw/name',
     'no name'),
    (layers_of(*[W, {'draw': W}] * 3), None, 'max_layers'),
    (layers_of(*[{'seed': 1}] * 6, W), None, 'max_layers'),
    (layers_of(W, state='AAAA'), '/state', '5056'),
    (layers_of(W, state=5), '/state', '5056'),
    (layers_of(W, state='!' * 6744), '/state', 'base64'),
    (layers_of(W, state=BLOB), '/state', ''),
    (layers_of(W, state=BLOB, seed=1), '/state', 'exclude'),
    (layers_of(W, generator='sow1', scheme='normal', state=BLOB), '/state',
     'torch'),
    (layers_of(W, generator='sow1', scheme='normal', final_state=True),
     '/final_state', 'torch'),
    (layers_of({'skip': 5}, W, generator='sow1', scheme='normal'),
     '/layers/0/skip', 'torch'),
    (layers_of(W, final_state=True, format='raw'), 'final_state', 'manifest'),
    (layers_of(W, generator='numpy', scheme='numpy.random', state=dict(
        PCG, bit_generator='MT19937')), '/state', 'PCG64'),
    (layers_of(W, generator='numpy', scheme='numpy.random', state=dict(
        PCG, state={'state': '1', 'inc': '-3'})), '/state', '128'),
    (layers_of(W, generator='numpy', scheme='numpy.random', state=dict(
        PCG, state={'state': '9' * 39, 'inc': '3'})), '/state', '128'),
    (layers_of(W, generator='numpy', scheme='numpy.random', state=dict(
        PCG, state={'state': '1', 'inc': '2'})), '/state', ''),
    (layers_of(W, generator='jax', scheme='jax.normal', state=[1]), '/state',
     'words'),
    (layers_of(W, generator='jax', scheme='jax.normal', state=[1, 2 ** 32]),
     '/state', 'words'),
    (layers_of(W, generator='jax', scheme='jax.normal', key='split(3)[3]'),
     '/key', 'split'),
    (layers_of(W, generator='jax', scheme='jax.normal', key='fold_in(-1)'),
     '/key', 'fold_in'),
    (layers_of(W, generator='jax', scheme='jax.normal', key=''), '/key',
     'split'),
    (layers_of({**W, 'key': 'split(0)[0]'}, generator='jax',
               scheme='jax.normal'), '/layers/0/key', 'split'),
    (layers_of({'shape': [4, 4]}, scheme='he_normal'), None, 'torch.'),
    (layers_of(W, generator='jax', scheme='jax.normal', seed='9' * 19),
     '/seed', '9223372036854775807'),
    (layers_of(W, scheme='torch.orthogonal'), None, ''),
    (layers_of(W, multiplier=0.5), '/layers/0', 'multiplier'),
    (layers_of({**W, 'dtype': 'float8_e5m2'}), '/layers/0/dtype', ''),
    (layers_of({**W, 'type': 'keras.dense', 'units': 2, 'input_dim': 2}),
     None, ''),
    (layers_of({'type': 'keras.dense', 'units': 2, 'input_dim': 2}),
     '/layers/0/type', 'torch'),
    (layers_of({'type': 'linear', 'in_features': 2, 'out_features': 2},
               generator='numpy', scheme='numpy.random'), '/layers/0/type',
     'shape'),
    (layers_of({'type': 'linear', 'in_features': 2, 'out_features': 2},
               data={'synthetic': True, 'shape': [4, 2]}), '/data', 'sow1'),
]


def bad_input_is_refused(url):
    for body, at, word in BAD:
        answer = ask(url, '/v1/weights', body)
        what = f'{str(body["layers"]):.60} {str(body)[-80:]}'
        got = answer.json
        malformed = at == '/seed' or 'units' in str(body)
        tally.check(f'{what} is 422', answer.status == (
            422 if not malformed or at == '/layers/0/type' else 400), got)
        if at is not None:
            tally.equal(f'{what}: where', got.get('at'), at)
        tally.check(f'{what} says {word!r}', word in got.get('detail', ''), got)


def bad_queries_are_refused(url):
    for query, at in [('seed=-1', 'seed'), ('generator=numpy&seed=-1', 'seed'),
                      ('generator=torch&seed=-9223372036854775809', 'seed'),
                      ('generator=torch&key=split(2)[0]', 'key'),
                      ('key=split(2)[0]', 'key'), ('state=AAAA', 'state'),
                      ('generator=torch&final_state=yes', 'final_state'),
                      ('generator=torch&final_state=true', 'final_state')]:
        scheme = 'torch.normal' if 'torch' in query else 'normal'
        answer = ask(url, f'/v1/weights?shape=4&scheme={scheme}&'
                     + query.replace('[', '%5B').replace(']', '%5D'))
        tally.equal(f'{query} is refused', (answer.status in (400, 422),
                                            answer.json.get('at')), (True, at))


def main():
    with daemon.running() as url:
        for test in [tensors_are_those_that_torch_draws,
                     numpy_is_that_of_this_machine, layers_are_drawn_in_order,
                     a_type_draws_as_its_constructor_does, steps_move_on,
                     what_is_drawn_over_comes_after_the_constructor,
                     parts_are_parts_of_the_whole, an_alias_is_its_full_name,
                     states_lead_on, states_are_the_librarys_own,
                     a_state_names_the_answer, keys_are_jaxs,
                     flax_counts_by_scope, revisions_name_generators,
                     generators_are_listed]:
            tally.run(test, url)
    with daemon.running('--max-layers', '5') as url:
        for test in [bad_input_is_refused, bad_queries_are_refused]:
            tally.run(test, url)


if __name__ == '__main__':
    tally.run(main)
    tally.finish()
