# SPDX-License-Identifier: MIT
"""Receiving tensors: over several connections, straight into their memory,
hashed on other threads while the rest arrives."""
from __future__ import annotations

import bisect
import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from .errors import DigestError, SowError, Trouble
from .request import Extent
from .transport import Answer, Patience

# A connection takes a piece at a time; a view is what is read in one go.
PIECE = 64 << 20
MOST_PIECES = 32
VIEW = 8 << 20
HASH = 'blake2b-256'
SMALL = 1 << 15  # what is hashed sooner than handed over
HASHERS = max(1, min(4, os.cpu_count() or 1))


class Source(Protocol):
    def open(self, begin: int, end: int) -> Answer: ...


def digest(view: memoryview) -> str:
    """The digest of bytes, as manifests write it."""
    return f'{HASH}:{hashlib.blake2b(view, digest_size=32).hexdigest()}'


def pieces(extents: Sequence[Extent]) -> Iterator[tuple[int, int]]:
    """Cut the run of bytes between tensors, or rows of one that is large."""
    total = extents[-1].end if extents else 0
    least = max(PIECE, total // MOST_PIECES)
    begin = 0
    for extent in extents:
        if extent.size > 2 * least and extent.row < extent.size:
            if begin < extent.begin:
                yield begin, extent.begin
            step = -(-least // extent.row) * extent.row
            for begin in range(extent.begin, extent.end, step):
                yield begin, min(begin + step, extent.end)
            begin = extent.end
        elif extent.end - begin >= least:
            yield begin, extent.end
            begin = extent.end
    if begin < total:
        yield begin, total


def one_piece(extents: Sequence[Extent]) -> Iterator[tuple[int, int]]:
    if extents and extents[-1].end:
        yield 0, extents[-1].end


class Digests:
    """Hashes tensors as they are done, and compares in the end."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(HASHERS, 'sow-hash')
        self._found: dict[str, Future[str]] = {}
        self._known: dict[str, str] = {}

    def add(self, name: str, view: memoryview) -> None:
        if len(view) > SMALL:
            self._found[name] = self._pool.submit(digest, view)
        else:
            self._known[name] = digest(view)

    def compare(self, promised: Mapping[str, str | None]) -> None:
        """Raises DigestError for the first tensor that differs."""
        for name, expected in promised.items():
            if expected is None:
                raise SowError(f'The daemon has no digest of {name!r}: take '
                               'verify=None to do without.')
            found = (self._known.get(name)
                     or self._found[name].result())
            if found != expected:
                raise DigestError(name, expected, found)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


class Transfer:
    """One run of bytes on its way into memory.

    'targets' has the memory of each extent.  progress(n) is told of n more
    bytes, done(extent) of each tensor that has arrived; both on any thread.
    """

    def __init__(self, source: Source, extents: Sequence[Extent],
                 targets: Sequence[memoryview], retries: int,
                 connections: int, progress: Callable[[int], None],
                 done: Callable[[int], None]) -> None:
        self._source = source
        self._extents = extents
        self._begins = [extent.begin for extent in extents]
        self._targets = targets
        self._retries = retries
        self._progress = progress
        self._done = done
        self._left = [extent.size for extent in extents]
        self._lock = threading.Lock()
        self._pieces = list(pieces(extents) if connections > 1
                            else one_piece(extents))[::-1]
        self._connections = min(connections, len(self._pieces))
        self._failed: BaseException | None = None

    def run(self) -> None:
        """Receive everything, or raise what went wrong."""
        for i, extent in enumerate(self._extents):
            if not extent.size:
                self._done(i)
        threads = [threading.Thread(target=self._work, daemon=True)
                   for _ in range(self._connections - 1)]
        for thread in threads:
            thread.start()
        self._work()
        try:
            for thread in threads:
                thread.join()
        except BaseException as error:
            self._failed = error
        if self._failed is not None:
            raise self._failed

    def _next(self) -> tuple[int, int] | None:
        with self._lock:
            if self._failed is not None or not self._pieces:
                return None
            return self._pieces.pop()

    def _work(self) -> None:
        try:
            while piece := self._next():
                self._receive(*piece)
        except BaseException as error:  # also KeyboardInterrupt: all stop
            self._failed = self._failed or error

    def _receive(self, begin: int, end: int) -> None:
        patience = Patience(self._retries)
        while begin < end:
            try:
                with self._source.open(begin, end) as answer:
                    for i, view in self._views(begin, end):
                        while view:
                            got = answer.readinto(view)
                            if not got:
                                raise Trouble('The answer was cut.')
                            view = view[got:]
                            begin += got
                            patience.progress()
                            self._arrived(i, got)
            except Trouble as trouble:
                patience.wait(trouble)

    def _views(self, begin: int, end: int) -> Iterator[tuple[int, memoryview]]:
        """The memory of those bytes, with the index of its tensor."""
        i = bisect.bisect_right(self._begins, begin) - 1
        while begin < end:
            extent = self._extents[i]
            while begin < min(extent.end, end) and self._failed is None:
                stop = min(begin + VIEW, extent.end, end)
                yield i, self._targets[i][begin - extent.begin:
                                          stop - extent.begin]
                begin = stop
            if self._failed is not None:
                raise SowError('Another connection failed.')
            i += 1

    def _arrived(self, i: int, count: int) -> None:
        self._progress(count)
        with self._lock:
            self._left[i] -= count
            whole = self._left[i] == 0
        if whole:
            self._done(i)
