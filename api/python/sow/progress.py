# SPDX-License-Identifier: MIT
"""How far a long transfer is."""
from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Union

Progress = Union[None, bool, Callable[[int, int], Any]]

# None shows a bar for what is longer than this, to those who see it.
LONG = 128 << 20


class _Plain:
    """A line on stderr, written over and over."""

    def __init__(self, total: int, what: str) -> None:
        self.total, self.what = total, what
        self.done, self.start, self.shown = 0, time.monotonic(), 0.0

    def update(self, count: int) -> None:
        self.done += count
        now = time.monotonic()
        if now - self.shown > 0.2 or self.done == self.total:
            self.shown = now
            self._show(now)

    def _show(self, now: float) -> None:
        rate = self.done / max(now - self.start, 1e-3)
        sys.stderr.write(
            f'\r{self.what}: {100 * self.done // max(self.total, 1):3d} % of '
            f'{self.total / 1e9:.2f} GB, {rate / 1e6:.0f} MB/s ')
        sys.stderr.flush()

    def close(self) -> None:
        sys.stderr.write('\n')


def _bar(total: int, what: str) -> Any:
    try:
        from tqdm import tqdm
    except ImportError:
        return _Plain(total, what)
    return tqdm(total=total, desc=what, unit='B', unit_scale=True)


class _Told:
    """A function of the caller's, called with bytes done and bytes in all."""

    def __init__(self, total: int, function: Callable[[int, int], Any]):
        self.total, self.done, self.function = total, 0, function

    def update(self, count: int) -> None:
        self.done += count
        self.function(self.done, self.total)

    def close(self) -> None:
        pass


class Meter:
    """A bar, a function or nothing; any thread may add."""

    def __init__(self, progress: Progress, total: int, what: str) -> None:
        self._lock = threading.Lock()
        self._shown: Any = None
        if callable(progress):
            self._shown = _Told(total, progress)
        elif progress or (progress is None and total >= LONG
                          and sys.stderr.isatty()):
            self._shown = _bar(total, what)

    def add(self, count: int) -> None:
        if self._shown is not None:
            with self._lock:
                self._shown.update(count)

    def close(self) -> None:
        if self._shown is not None:
            self._shown.close()
