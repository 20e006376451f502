# SPDX-License-Identifier: MIT
"""Memory for tensors, and tensors of NumPy and torch over it."""
from __future__ import annotations

import contextlib
import ctypes
import mmap
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import RecipeError, SowError

ALIGN = 64
SMALL = 1 << 20

POPULATE = 23      # MADV_POPULATE_WRITE, which Linux has since 5.14
STRIDE = 32 << 20  # how much is populated in one go


@dataclass(frozen=True)
class Dtype:
    size: int
    numpy: str           # what numpy calls it, with or without ml_dtypes
    safetensors: str
    rank: int            # safetensors puts higher ones first


DTYPES = {
    'float64': Dtype(8, '<f8', 'F64', 6),
    'float32': Dtype(4, '<f4', 'F32', 5),
    'bfloat16': Dtype(2, 'bfloat16', 'BF16', 4),
    'float16': Dtype(2, '<f2', 'F16', 3),
    'float8_e4m3fn': Dtype(1, 'float8_e4m3fn', 'F8_E4M3', 2),
    'float8_e5m2': Dtype(1, 'float8_e5m2', 'F8_E5M2', 1),
}


def allocate(size: int) -> Any:
    """A writable buffer of 'size' bytes, in huge pages if it is large.

    4.4 GB in pages of 4 KiB would take a second to come into being.
    """
    if size < SMALL:
        return bytearray(size)
    if not hasattr(mmap, 'MAP_PRIVATE'):
        return mmap.mmap(-1, size)
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, 'MADV_HUGEPAGE'):
        try:
            pages.madvise(mmap.MADV_HUGEPAGE)
        except OSError:
            pass  # a kernel without them
    return pages


def _populate(pages: mmap.mmap, stop: threading.Event) -> None:
    size = len(pages)
    block = (ctypes.c_char * size).from_buffer(pages)
    begin = ctypes.addressof(block)
    # Not pages.madvise(), which lets no other thread run.
    advise = ctypes.CDLL(None).madvise
    for offset in range(0, size, STRIDE):
        if stop.is_set() or advise(
                ctypes.c_void_p(begin + offset),
                ctypes.c_size_t(min(STRIDE, size - offset)), POPULATE):
            return


@contextlib.contextmanager
def populated_ahead(buffer: Any) -> Iterator[None]:
    """Have the kernel make the pages of a large buffer meanwhile, on a thread
    that is ahead of those that receive into it: they need not wait then, and
    memory that was freed just before is had while it is at hand."""
    if not isinstance(buffer, mmap.mmap) or sys.platform != 'linux' \
            or len(buffer) <= STRIDE:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_populate, args=(buffer, stop),
                              daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


class Arena:
    """One buffer for tensors of the given sizes, each of them aligned."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.offsets: list[int] = []
        end = 0
        for size in sizes:
            self.offsets.append(end)
            end += -(-size // ALIGN) * ALIGN
        self.buffer = allocate(end)
        view = memoryview(self.buffer)
        self.views = [view[offset:offset + size]
                      for offset, size in zip(self.offsets, sizes)]


def _numpy(buffer: Any, offset: int, dtype: str, shape: Sequence[int]) -> Any:
    import numpy
    name = DTYPES[dtype].numpy
    if name == dtype:
        try:
            import ml_dtypes
        except ImportError:
            raise SowError(f'NumPy has no {dtype}: install ml_dtypes, or '
                           "take framework='torch'.") from None
        kind = numpy.dtype(getattr(ml_dtypes, dtype))
    else:
        kind = numpy.dtype(name)
    count = _count(shape)
    if not count:
        return numpy.empty(shape, kind)
    return numpy.frombuffer(buffer, kind, count, offset).reshape(shape)


def _torch(buffer: Any, offset: int, dtype: str, shape: Sequence[int]) -> Any:
    import torch
    kind, count = getattr(torch, dtype), _count(shape)
    if not count:
        return torch.empty(tuple(shape), dtype=kind)
    # A storage for each tensor: torch.save writes no more than it.
    return torch.frombuffer(buffer, dtype=kind, count=count,
                            offset=offset).reshape(tuple(shape))


def _count(shape: Sequence[int]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


FRAMEWORKS = {'numpy': _numpy, 'torch': _torch}


def check_framework(framework: str) -> None:
    """Raises before anything is fetched that could not be held."""
    if framework not in FRAMEWORKS:
        raise RecipeError(f'framework is {framework!r}; it can be '
                          f'{" or ".join(map(repr, FRAMEWORKS))}.')
    __import__(framework)


def tensor(framework: str, buffer: Any, offset: int, dtype: str,
           shape: Sequence[int]) -> Any:
    """A tensor over the buffer, which lives as long as any of its tensors."""
    return FRAMEWORKS[framework](buffer, offset, dtype, shape)


def bytes_of(array: Any) -> memoryview:
    """The bytes of an array or tensor, in order; a view where it can be."""
    if hasattr(array, 'untyped_storage'):
        return view_of(array.detach().cpu().contiguous())
    import numpy
    array = numpy.ascontiguousarray(numpy.asarray(array))
    return memoryview(array.reshape(-1).view(numpy.uint8))


def view_of(local: Any) -> memoryview:
    """The memory of a contiguous torch tensor on the CPU, which lives on as
    long as the view does."""
    size = local.numel() * local.element_size()
    if not size:
        return memoryview(b'')
    memory = (ctypes.c_ubyte * size).from_address(local.data_ptr())
    memory.tensor = local
    return memoryview(memory).cast('B')
