# SPDX-License-Identifier: MIT
"""Cut, refused and changed answers, over a proxy before the live daemon."""
import pickle
import random
import threading
import time

import numpy as np
import pytest

import proxy
import sow
from sow import request, transfer

# 42 MB in tensors of all sizes: more than one connection takes.
SIZES = [(1024, 1024), (7,), (3, 1000, 1000), (), (1, 999_999), (0,),
         (5_000_003,), (64, 3)]
BIG = {'seed': 5, 'layers': [
    {'name': f't{i}', 'shape': list(shape), 'scheme': 'uniform'}
    for i, shape in enumerate(SIZES)]}


@pytest.fixture(scope='module')
def expected(url):
    with sow.Client(url, verify=None, connections=1) as client:
        return client.state_dict(BIG, framework='numpy')


@pytest.fixture
def between(url):
    with proxy.before(url) as made:
        yield made


@pytest.fixture
def small_pieces(monkeypatch):
    monkeypatch.setattr(transfer, 'PIECE', 1 << 20)
    monkeypatch.setattr(transfer, 'VIEW', 1 << 18)
    monkeypatch.setattr('time.sleep', lambda seconds: None)


@pytest.fixture(scope='module')
def stored(url):
    with sow.Client(url) as client:
        client.put_recipe('test/big', BIG)
        yield 'test/big'
        client.delete_recipe('test/big')


def same(found, expected):
    assert list(found) == list(expected)
    for name in expected:
        assert np.array_equal(found[name], expected[name]), name


def test_pieces_are_the_whole_without_overlap():
    generator = random.Random(1)
    for _ in range(200):
        extents, begin = [], 0
        for i in range(generator.randrange(1, 30)):
            row = generator.choice([0, 1, 4, 1000, 40 << 20])
            size = row * generator.choice([1, 2, 77, 100_000])
            extents.append(request.Extent(str(i), begin, size, row, None))
            begin += size
        found = list(transfer.pieces(extents))
        assert sum(end - start for start, end in found) == begin
        assert [start for start, _ in found[1:]] == [
            end for _, end in found[:-1]]
        assert all(start < end for start, end in found)
        assert len(found) <= transfer.MOST_PIECES + 2 * len(extents) + 2


@pytest.mark.parametrize('connections', [1, 2, 5])
@pytest.mark.parametrize('kind', ['document', 'named'])
def test_cut_answers_are_resumed(between, stored, expected, small_pieces,
                                 kind, connections):
    generator = random.Random(connections)
    between.cuts = [generator.randrange(3 << 20) for _ in range(12)]
    with sow.Client(between.url, connections=connections) as client:
        recipe = BIG if kind == 'document' else stored
        same(client.state_dict(recipe, framework='numpy'), expected)
    assert between.cuts == []
    if kind == 'named':
        resumed = [headers for method, target, headers in between.seen
                   if 'If-Range' in headers]
        assert resumed and all('Range' in headers for headers in resumed)


def test_sliced_answers_are_resumed(between, expected, small_pieces):
    between.cuts = [100, 5_000_001, 3, 1_000_000]
    chosen = {'t2': '1:3,10:990,:', 't6': '17:', 't4': None}
    with sow.Client(between.url, connections=1) as client:
        found = client.tensors(BIG, chosen)
    same(found, {'t2': expected['t2'][1:3, 10:990], 't6': expected['t6'][17:],
                 't4': expected['t4']})
    assert between.cuts == []


def test_no_progress_ends_it(between, small_pieces):
    between.cuts = [0] * 100
    with sow.Client(between.url, retries=3, connections=1) as client:
        with pytest.raises(sow.SowError, match='cut'):
            client.state_dict(BIG, framework='numpy')
    assert len(between.cuts) == 100 - 4


def test_retry_after_is_honoured(between, expected, monkeypatch):
    slept = []
    monkeypatch.setattr(time, 'sleep', slept.append)
    between.refusals = [(429, {'Retry-After': '7'}), (408, {}), (503, {})]
    with sow.Client(between.url, verify=None) as client:
        assert np.array_equal(client.tensor(BIG, 't1'), expected['t1'])
    assert len(slept) == 3 and 7 < slept[0] < 8 and slept[1] < 2, slept


def test_other_refusals_are_final(between, monkeypatch):
    between.refusals = [(401, {}), (200, {})]
    with sow.Client(between.url, token='secret') as client:
        with pytest.raises(sow.SowError) as caught:
            client.recipes()
    assert caught.value.status == 401
    assert between.seen[0][2]['Authorization'] == 'Bearer secret'
    assert len(between.seen) == 1


def test_a_daemon_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr(time, 'sleep', lambda seconds: None)
    with sow.Client('http://127.0.0.1:9', retries=2) as client:
        with pytest.raises(sow.SowError, match='does not answer'):
            client.recipes()


def test_wrong_bytes_are_seen(between, url, monkeypatch):
    real = sow.client.Digests.add

    def spoil(self, name, view):
        if name == 't7':
            view[5] ^= 1
        real(self, name, view)

    monkeypatch.setattr(sow.client.Digests, 'add', spoil)
    with sow.Client(url) as client:
        with pytest.raises(sow.DigestError) as caught:
            client.state_dict(BIG, framework='numpy')
    assert caught.value.name == 't7'
    assert caught.value.expected != caught.value.found


def test_a_recipe_that_changes_on_the_way_is_seen(between, stored):
    between.edits = {'Sow-Recipe': '0' * 64}
    with sow.Client(between.url) as client:
        with pytest.raises(sow.SowError, match='changed'):
            client.state_dict(stored, framework='numpy')


def test_ranges_that_are_dropped_are_seen(between, stored, small_pieces):
    between.edits = {'Content-Range': 'bytes 1-2/3'}
    with sow.Client(between.url) as client:
        with pytest.raises(sow.SowError, match='ranges'):
            client.state_dict(stored, framework='numpy')


def test_progress_counts_every_byte_once(between, expected, small_pieces):
    between.cuts = [1_000_000, 2_000_000]
    told = []
    with sow.Client(between.url, progress=lambda done, total:
                    told.append((done, total))) as client:
        client.state_dict(BIG, framework='numpy')
    total = sum(array.nbytes for array in expected.values())
    assert told[-1] == (total, total)
    assert all(a[0] < b[0] for a, b in zip(told, told[1:]))


def test_a_bar_is_shown_to_who_asks(url, capsys):
    with sow.Client(url, progress=True) as client:
        client.state_dict(BIG, framework='numpy')
    assert '100' in capsys.readouterr().err


def test_threads_share_a_client(client, expected):
    found = [None] * 4

    def fetch(i):
        found[i] = client.tensor(BIG, f't{i}')

    threads = [threading.Thread(target=fetch, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, array in enumerate(found):
        assert np.array_equal(array, expected[f't{i}'])


def test_a_client_can_be_pickled(client, expected):
    other = pickle.loads(pickle.dumps(client))
    assert np.array_equal(other.tensor(BIG, 't1'), expected['t1'])
