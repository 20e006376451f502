#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""HfApi and HfFileSystem: what there is, and what there isn't."""
import hashlib
import json
import random
import tempfile

import machine
import relay
import service

import daemon
import tally

TINY = 'init/tiny-bert'
FILE = 'model.safetensors'

# Three shards: 3000 + 900, 5000 alone, 1200.
SHARDED = {'scheme': 'normal', 'shard_bytes': 4000, 'layers': [
    {'name': 'a', 'shape': [750]}, {'name': 'b', 'shape': [1250]},
    {'name': 'c', 'shape': [225]}, {'name': 'd', 'shape': [2, 150]}],
    'files': {'config.json': {}}}


# ----------------------------------------------------------------------------
# What runs on the client's machine

def describe(repo):
    """model_info() in several ways."""
    from huggingface_hub import HfApi
    api = HfApi()
    main = api.model_info(repo)
    seed = api.model_info(repo, revision='seed-42', files_metadata=True)
    return {
        'id': main.id, 'sha': main.sha, 'private': main.private,
        'gated': main.gated, 'disabled': main.disabled,
        'files': [file.rfilename for file in main.siblings],
        'modified': str(main.last_modified),
        'parameters': main.safetensors and main.safetensors.total,
        'seed sha': seed.sha,
        'sizes': {file.rfilename: file.size for file in seed.siblings},
        'hashes': {file.rfilename: file.lfs and file.lfs.sha256
                   for file in seed.siblings}}


def listings(repo):
    """Every way to list files; all of them agree, or they are returned."""
    from huggingface_hub import HfApi
    api = HfApi()
    tree = list(api.list_repo_tree(repo, revision='seed-42'))
    asked = api.get_paths_info(repo, ['config.json', 'absent.json',
                                      'model.safetensors'],
                               revision='seed-42')
    return {
        'tree': {file.path: [file.size, file.lfs.sha256] for file in tree},
        'recursive': [file.path for file in api.list_repo_tree(
            repo, revision='seed-42', recursive=True)],
        'files': api.list_repo_files(repo, revision='seed-42'),
        'asked': {file.path: [file.size, file.lfs.sha256] for file in asked},
        'expanded': [file.path for file in api.get_paths_info(
            repo, 'config.json', expand=True)]}


def history(repo, revisions):
    from huggingface_hub import HfApi
    api = HfApi()
    refs = api.list_repo_refs(repo, include_pull_requests=True)
    return {
        'branches': {ref.name: [ref.ref, ref.target_commit]
                     for ref in refs.branches},
        'pulls': refs.pull_requests,
        'commits': [[commit.commit_id for commit in api.list_repo_commits(
            repo, revision=revision)] for revision in revisions],
        'resolved': [api.resolve_revision(repo, revision=revision).resolved
                     for revision in revisions]}


def existence(repo):
    from huggingface_hub import HfApi
    api = HfApi()
    api.auth_check(repo)
    return {
        'repo': api.repo_exists(repo),
        'no repo': api.repo_exists('init/absent'),
        'other namespace': api.repo_exists('absent/tiny'),
        'bare name': api.repo_exists('gpt2'),
        'dataset': api.repo_exists(repo, repo_type='dataset'),
        'file': api.file_exists(repo, 'config.json', revision='seed-1'),
        'no file': api.file_exists(repo, 'pytorch_model.bin'),
        'seed': api.revision_exists(repo, 'seed-7'),
        'no revision': api.revision_exists(repo, 'v1.0'),
        'leading zero': api.revision_exists(repo, 'seed-07'),
        'too large': api.revision_exists(repo, f'seed-{2 ** 64}'),
        'no commit': api.revision_exists(repo, '0' * 40)}


def refusals(repo):
    """The error of each request that can't be met, by name."""
    import huggingface_hub as hub
    api = hub.HfApi()
    requests = {
        'repo': lambda: api.model_info('init/absent'),
        'revision': lambda: api.model_info(repo, revision='v1.0'),
        'file': lambda: hub.get_hf_file_metadata(
            hub.hf_hub_url(repo, 'absent.json')),
        'file of no repo': lambda: hub.get_hf_file_metadata(
            hub.hf_hub_url('init/absent', 'config.json')),
        'file of no revision': lambda: hub.get_hf_file_metadata(
            hub.hf_hub_url(repo, 'config.json', revision='v1/0')),
        'folder': lambda: list(api.list_repo_tree(repo, 'some/folder')),
        'auth': lambda: api.auth_check('init/absent'),
        'list': lambda: list(api.list_repo_tree('init/absent')),
        'paths': lambda: api.get_paths_info(repo, 'a', revision='v1.0'),
        'refs': lambda: api.list_repo_refs('init/absent'),
    }
    found = {}
    for name, request in requests.items():
        try:
            request()
        except hub.errors.HfHubHTTPError as problem:
            found[name] = type(problem).__name__
    return found


def people():
    """Who one is, and what models there are."""
    from huggingface_hub import HfApi
    api = HfApi()
    return {
        'whoami': api.whoami(token='hf_anything'),
        'models': [model.id for model in api.list_models()],
        'ours': [model.id for model in api.list_models(author='test')],
        'search': [model.id for model in api.list_models(search='bert')],
        'few': len(list(api.list_models(limit=2)))}


def headers(repo):
    """get_safetensors_metadata()."""
    from huggingface_hub import get_safetensors_metadata
    told = get_safetensors_metadata(repo)
    return {'sharded': told.sharded, 'map': told.weight_map,
            'count': told.parameter_count, 'metadata': told.metadata,
            'tensors': {name: [tensor.dtype, tensor.shape]
                        for file in told.files_metadata.values()
                        for name, tensor in file.tensors.items()}}


def split(sizes, limit):
    """The file of each tensor when huggingface_hub makes the shards."""
    from huggingface_hub import split_state_dict_into_shards_factory
    return split_state_dict_into_shards_factory(
        sizes, get_storage_size=lambda size: size,
        filename_pattern='model{suffix}.safetensors',
        max_shard_size=limit).tensor_to_filename


def file_system(root):
    """What fsspec sees at 'root', which has a model.safetensors."""
    import hashlib
    from huggingface_hub import HfFileSystem
    system = HfFileSystem()
    file = f'{root}/model.safetensors'
    with system.open(file) as opened:
        opened.seek(8)
        start = opened.read(2)
        opened.seek(-16, 2)
        end = opened.read()
    return {
        'ls': system.ls(root, detail=False),
        'size': system.info(file)['size'],
        'glob': system.glob(f'{root}/*.json'),
        'find': system.find(root),
        'start': start.decode(), 'end': end.hex(),
        'whole': hashlib.sha256(system.cat(file)).hexdigest(),
        'absent': system.exists(f'{root}/absent'),
        'no revision': system.exists('init/tiny-bert@v1.0/config.json'),
        'modified': str(system.modified(file))}


# ----------------------------------------------------------------------------

def expect(what, told, **expected):
    """Each field of 'told' is what is expected of it."""
    for name, value in expected.items():
        tally.equal(f'{what}: {name}', told[name.replace('_', ' ')], value)


def infos_are_told(url, here):
    told = here.run(describe, repo=TINY)
    body = service.weights(url, TINY, 42)
    expect('model_info', told, id=TINY, sha=service.commit(url, TINY),
           private=False, gated=False, disabled=False,
           seed_sha=service.commit(url, TINY, 'seed-42'))
    header = json.loads(body[8:8 + int.from_bytes(body[:8], 'little')])
    count = sum((t['data_offsets'][1] - t['data_offsets'][0]) // 4
                for name, t in header.items() if name != '__metadata__')
    tally.check('model_info counts the parameters, or is silent',
                told['parameters'] in (None, count), told['parameters'])
    tally.check('model_info lists the files', {'config.json', FILE} <=
                set(told['files']), told['files'])
    tally.equal('files_metadata has the size', told['sizes'][FILE], len(body))
    tally.equal('files_metadata has the hash', told['hashes'][FILE],
                service.sha256(body))


def listings_agree(url, here):
    told = here.run(listings, repo=TINY)
    names = list(told['tree'])
    expect('listing', told, recursive=names, files=names,
           expanded=['config.json'],
           asked={name: told['tree'][name] for name in
                  sorted(['config.json', FILE])})
    for name, (size, digest) in told['tree'].items():
        body = service.get(url, f'/{TINY}/resolve/seed-42/{name}')
        tally.equal(f'tree: size and hash of {name}', (size, digest),
                    (len(body), service.sha256(body)))


def revisions_have_commits(url, here):
    revisions = ['main', 'seed-42', 'seed-43']
    commits = [service.commit(url, TINY, name) for name in revisions]
    told = here.run(history, repo=TINY, revisions=revisions)
    tally.equal('each seed has a commit of its own', len(set(commits)), 3)
    expect('history', told, pulls=[], resolved=commits,
           branches={'main': ['refs/heads/main', commits[0]]})
    tally.equal('list_repo_commits begins with the revision',
                [ids[0] for ids in told['commits']], commits)


def existence_is_told(here):
    told = here.run(existence, repo=TINY)
    yes = {'repo', 'file', 'seed'}
    for name, exists in told.items():
        tally.equal(f'exists: {name}', exists, name in yes)


def refusals_have_their_errors(here):
    told = here.run(refusals, repo=TINY)
    expect('refusal', told, repo='RepositoryNotFoundError',
           revision='RevisionNotFoundError', file='RemoteEntryNotFoundError',
           file_of_no_repo='RepositoryNotFoundError',
           file_of_no_revision='RevisionNotFoundError',
           folder='RemoteEntryNotFoundError', auth='RepositoryNotFoundError',
           list='RepositoryNotFoundError', paths='RevisionNotFoundError',
           refs='RepositoryNotFoundError')


def models_are_listed(here):
    told = here.run(people)
    tally.equal('whoami has a type', told['whoami'].get('type'), 'user')
    tally.check('whoami has a name', told['whoami'].get('name'))
    tally.check('list_models has what is built in and what is stored',
                {TINY, 'test/sharded'} <= set(told['models']), told['models'])
    expect('list_models', told, ours=['test/sharded'], few=2)
    tally.check('list_models searches', TINY in told['search'] and
                all('bert' in name for name in told['search']),
                told['search'])


def headers_are_read(url, link, here):
    link.taken()
    told = here.run(headers, repo=TINY)
    path = f'/{TINY}/resolve/main/{FILE}'
    tally.equal('metadata takes a HEAD and a range', link.taken(),
                [f'HEAD {path} 200', f'GET {path} bytes=0-100000 206'])
    manifest = json.loads(service.get(url, '/v1/weights', recipe=TINY,
                                      format='manifest'))
    expect('metadata', told, sharded=False, tensors={
        tensor['name']: ['F32', tensor['shape']]
        for tensor in manifest['tensors']})


def headers_of_shards_are_read(here):
    told = here.run(headers, repo='test/sharded')
    shards = [f'model-{n:05d}-of-00003.safetensors' for n in (1, 2, 3)]
    expect('metadata of shards', told, sharded=True, count={'F32': 2525},
           map={'b': shards[0], 'a': shards[1], 'c': shards[1],
                'd': shards[2]},
           tensors={'a': ['F32', [750]], 'b': ['F32', [1250]],
                    'c': ['F32', [225]], 'd': ['F32', [2, 150]]})
    tally.equal('the index counts the bytes of tensors',
                told['metadata']['total_size'], 4 * 2525)


def shards_are_cut_as_the_client_cuts(url, here):
    limit = 8000
    sizes = {f'{i}.weight': 4 * random.choice(
        [0, random.randint(1, 500), random.randint(1, 2500), limit // 4])
        for i in range(60)}
    service.put(url, 'test/split', {
        'scheme': 'zeros', 'shard_bytes': limit, 'layers': [
            {'name': name, 'shape': [size // 4]}
            for name, size in sizes.items()]})
    index = json.loads(service.get(
        url, '/test/split/resolve/main/model.safetensors.index.json'))
    tally.equal(f'the shards of {sizes}', index['weight_map'],
                here.run(split, sizes=sizes, limit=limit))
    tally.equal('their bytes', index['metadata']['total_size'],
                sum(sizes.values()))


def file_system_reads(url, here):
    root = f'{TINY}@seed-42'
    body = service.weights(url, TINY, 42)
    told = here.run(file_system, root=root)
    expect('HfFileSystem', told, size=len(body), find=told['ls'],
           start='{"', end=body[-16:].hex(), absent=False, no_revision=False,
           whole=hashlib.sha256(body).hexdigest())
    tally.check('HfFileSystem lists', {f'{root}/config.json', f'{root}/{FILE}'}
                <= set(told['ls']), told['ls'])
    tally.equal('HfFileSystem globs', told['glob'], sorted(
        name for name in told['ls'] if name.endswith('.json')))


def ask_all(url, link):
    service.put(url, 'test/sharded', SHARDED)
    with machine.new(link.url) as here:
        tally.run(infos_are_told, url, here)
        tally.run(listings_agree, url, here)
        tally.run(revisions_have_commits, url, here)
        tally.run(existence_is_told, here)
        tally.run(refusals_have_their_errors, here)
        tally.run(models_are_listed, here)
        tally.run(headers_are_read, url, link, here)
        tally.run(headers_of_shards_are_read, here)
        tally.run(shards_are_cut_as_the_client_cuts, url, here)
        tally.run(file_system_reads, url, here)


def main():
    with tempfile.TemporaryDirectory() as recipes, \
            daemon.running('--recipes', recipes) as url, \
            relay.before(url) as link:
        ask_all(url, link)
    tally.finish()


if __name__ == '__main__':
    main()
