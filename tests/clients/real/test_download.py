#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Downloads by huggingface_hub: fresh, cached, cut, changed, snapshots."""
import pathlib
import random
import tempfile

import machine
import relay
import service

import daemon
import tally

TINY = 'init/tiny-llama'
FILE = 'model.safetensors'

MIB = 1 << 20

# The client keeps what it got in pieces of so much.
PIECE = 10 * MIB

# A file of 32 MiB and a bit.
WIDE = {'scheme': 'he_normal', 'layers': [
    {'name': 'wide.weight', 'shape': [4096, 2048]},
    {'name': 'wide.bias', 'shape': [4096], 'scheme': 'uniform'}]}

LABELS = {'scheme': 'normal', 'layers': [{'name': 'w', 'shape': [64, 64]}],
          'files': {'labels.txt': 'cat\n', 'config.json': {'hidden': 64},
                    'a.model': {'base64': 'AAEC/w=='}}}


# ----------------------------------------------------------------------------
# What runs on the client's machine

def fetch(repo, file, **options):
    from huggingface_hub import hf_hub_download
    return hf_hub_download(repo, file, **options)


def snapshot(repo, **options):
    from huggingface_hub import snapshot_download
    return snapshot_download(repo, **options)


def look_for(repo, file, revision):
    """What is said of a file that isn't there; None if it is."""
    import huggingface_hub as hub
    try:
        hub.hf_hub_download(repo, file, revision=revision)
    except hub.errors.HfHubHTTPError as problem:
        known = hub.try_to_load_from_cache(repo, file, revision=revision)
        return {'raised': type(problem).__name__,
                'said': problem.server_message,
                'known': known is hub._CACHED_NO_EXIST}


# ----------------------------------------------------------------------------

def resolve(repo, revision, file):
    return f'/{repo}/resolve/{revision}/{file}'


def heads_and_gets(repo, files):
    """What fetching these files of a commit asks, in any order."""
    return sorted(f'{method} {resolve(repo, "COMMIT", file)} 200'
                  for method in ('HEAD', 'GET') for file in files)


def listing(repo, revision):
    return [f'GET /api/models/{repo}/revision/{revision} 200',
            f'GET /api/models/{repo}/tree/COMMIT'
            '?recursive=true&expand=false 200']


def fresh_cached_and_pinned(url, link, here):
    path = resolve(TINY, 'seed-42', FILE)
    saved = pathlib.Path(here.run(fetch, repo=TINY, file=FILE,
                                  revision='seed-42'))
    tally.equal('a fresh file takes a HEAD and a GET', link.taken(),
                [f'HEAD {path} 200', f'GET {path} 200'])
    tally.check('the file is what the API sends', saved.read_bytes() ==
                service.weights(url, TINY, 42))
    commit = saved.parent.name
    tally.equal('the snapshot has the name of the commit', commit,
                service.commit(url, TINY, 'seed-42'))
    again = here.run(fetch, repo=TINY, file=FILE, revision='seed-42')
    tally.equal('a cached file takes a HEAD', link.taken(),
                [f'HEAD {path} 200'])
    pinned = here.run(fetch, repo=TINY, file=FILE, revision=commit)
    tally.equal('a cached file of a commit takes nothing', link.taken(), [])
    tally.equal('and it is the same file', {again, pinned}, {str(saved)})


def seeds_differ(url, here):
    one, two = (pathlib.Path(here.run(fetch, repo=TINY, file=FILE,
                                      revision=revision)).read_bytes()
                for revision in ('seed-42', 'seed-43'))
    tally.equal('another seed has a file of the same size', len(one), len(two))
    tally.check('another seed has other weights', one != two)
    largest = f'seed-{2 ** 64 - 1}'
    last = here.run(fetch, repo=TINY, file=FILE, revision=largest)
    tally.check(f'{largest} is a revision', pathlib.Path(last).read_bytes() ==
                service.weights(url, TINY, 2 ** 64 - 1))


def into_a_folder(url, link, here):
    link.taken()
    saved = here.run(fetch, repo=TINY, file='config.json', revision='seed-42',
                     local_dir='here')
    path = resolve(TINY, 'seed-42', 'config.json')
    tally.equal('a file into a folder takes a HEAD and a GET', link.taken(),
                [f'HEAD {path} 200', f'GET {path} 200'])
    tally.check('a file into a folder is the file',
                pathlib.Path(saved).read_bytes() == service.get(url, path))
    here.run(fetch, repo=TINY, file='config.json', revision='seed-42',
             local_dir='here')
    tally.equal('a file that is in the folder takes a HEAD', link.taken(),
                [f'HEAD {path} 200'])


def missing_file_is_remembered(link, here):
    link.taken()
    found = here.run(look_for, repo=TINY, file='absent.json',
                     revision='seed-42')
    tally.equal('a missing file', found and found['raised'],
                'RemoteEntryNotFoundError')
    tally.check('a missing file is remembered', found and found['known'],
                found)
    tally.check('the user is told which', found and 'absent.json' in
                (found['said'] or ''), found)
    tally.equal('a missing file takes a HEAD', link.taken(),
                [f'HEAD {resolve(TINY, "seed-42", "absent.json")} 404'])


def cut_download_is_resumed(url, link, here, kept):
    """Cut somewhere behind 'kept' whole pieces."""
    path = resolve('test/wide', 'seed-1', FILE)
    size = random.randrange(kept * PIECE + MIB, (kept + 1) * PIECE - MIB)
    link.taken()
    link.cut('GET ' + path, size)
    saved = here.run(fetch, repo='test/wide', file=FILE, revision='seed-1',
                     force_download=True)
    second = f' bytes={kept * PIECE}- 206' if kept else ' 200'
    tally.equal(f'after {size} bytes it goes on', link.taken(),
                [f'HEAD {path} 200', f'GET {path} 200',
                 f'GET {path}{second}'])
    tally.check(f'cut after {size} bytes it is whole in the end',
                pathlib.Path(saved).read_bytes() ==
                service.weights(url, 'test/wide', 1))


def changed_recipe_is_fetched_again(url, link, here):
    old = service.put(url, 'test/labels', LABELS)
    first = pathlib.Path(here.run(fetch, repo='test/labels',
                                  file='labels.txt'))
    tally.equal('a side file', first.read_bytes(), b'cat\n')
    tally.equal('PUT says the commit', first.parent.name, old.get('commit'))
    new = service.put(url, 'test/labels', LABELS | {
        'files': {'labels.txt': 'dog\n'}})
    link.taken()
    second = pathlib.Path(here.run(fetch, repo='test/labels',
                                   file='labels.txt'))
    path = resolve('test/labels', 'main', 'labels.txt')
    tally.equal('a changed recipe is fetched again', link.taken(),
                [f'HEAD {path} 200', f'GET {path} 200'])
    tally.equal('and has the new bytes', second.read_bytes(), b'dog\n')
    tally.equal('of the new commit', second.parent.name, new.get('commit'))
    pinned = here.run(fetch, repo='test/labels', file='labels.txt',
                      revision=first.parent.name, local_dir='pinned')
    tally.equal('the old commit stays', pathlib.Path(pinned).read_bytes(),
                b'cat\n')


def whole_snapshot(url, link, here):
    link.taken()
    folder = here.run(snapshot, repo='test/labels', revision='seed-5')
    files = here.files(folder)
    tally.equal('a snapshot has every file', sorted(files),
                ['labels.txt', FILE])
    asked = link.taken()
    tally.equal('a snapshot takes two lists first', asked[:2],
                listing('test/labels', 'seed-5'))
    tally.equal('then a HEAD and a GET of each', sorted(asked[2:]),
                heads_and_gets('test/labels', files))
    tally.check('its weights are those of the seed',
                files[FILE].read_bytes() ==
                service.weights(url, 'test/labels', 5))
    here.run(snapshot, repo='test/labels', revision='seed-5')
    tally.equal('a snapshot that is cached takes one request', link.taken(),
                listing('test/labels', 'seed-5')[:1])
    here.run(snapshot, repo='test/labels',
             revision=pathlib.Path(folder).name)
    tally.equal('by its commit none', link.taken(), [])


def part_of_a_snapshot(url, link, here):
    service.put(url, 'test/labels', LABELS)
    link.taken()
    here.run(snapshot, repo='test/labels', local_dir='part',
             allow_patterns=['*.json', '*.model'])
    files = {name: path for name, path in here.files('part').items()
             if not name.startswith('.cache')}
    tally.equal('patterns choose files', sorted(files),
                ['a.model', 'config.json'])
    tally.equal('and nothing else is asked for', sorted(link.taken()[2:]),
                heads_and_gets('test/labels', files))
    tally.equal('JSON is sent as it was meant',
                files['config.json'].read_bytes(), b'{\n  "hidden": 64\n}\n')
    tally.equal('base64 is sent as bytes', files['a.model'].read_bytes(),
                bytes([0, 1, 2, 255]))


def download_all(url, link):
    with machine.new(link.url) as here:
        tally.run(fresh_cached_and_pinned, url, link, here)
        tally.run(seeds_differ, url, here)
        tally.run(into_a_folder, url, link, here)
        tally.run(missing_file_is_remembered, link, here)
        service.put(url, 'test/wide', WIDE)
        for kept in range(3):
            tally.run(cut_download_is_resumed, url, link, here, kept)
        tally.run(changed_recipe_is_fetched_again, url, link, here)
        tally.run(whole_snapshot, url, link, here)
        tally.run(part_of_a_snapshot, url, link, here)


def main():
    with tempfile.TemporaryDirectory() as recipes, \
            daemon.running('--recipes', recipes) as url, \
            relay.before(url) as link:
        download_all(url, link)
    tally.finish()


if __name__ == '__main__':
    main()
