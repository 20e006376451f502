# SPDX-License-Identifier: MIT
"""Files of tensors: safetensors, npy and raw, written by header and mapped
into memory; safetensors also read."""
from __future__ import annotations

import contextlib
import json
import mmap
import os
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .errors import RecipeError, SowError
from .memory import DTYPES

NAMELESS = 'tensor'
LONGEST_HEADER = 100_000_000
GROWTH = 21  # digits that NumPy leaves room for in the first dimension


def json_object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SowError('The answer is not a JSON object.')
    return found


def _by_rank(entry: Mapping[str, Any]) -> tuple[int, bytes]:
    return -DTYPES[entry['dtype']].rank, entry['name'].encode()


def safetensors(entries: Sequence[Mapping[str, Any]]
                ) -> tuple[bytes, list[int]]:
    """The header, and where each tensor begins: the bytes and the order of
    the reference implementation, wider element types first, then by name."""
    header: dict[str, Any] = {'__metadata__': {'format': 'pt'}}
    begins, end = {}, 0
    for entry in sorted(entries, key=_by_rank):
        begin, end = end, end + int(entry['bytes'])
        header[entry['name'] or NAMELESS] = {
            'dtype': DTYPES[entry['dtype']].safetensors,
            'shape': entry['shape'], 'data_offsets': [begin, end]}
        begins[entry['name']] = begin
    text = json.dumps(header, ensure_ascii=False,
                      separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    head = struct.pack('<Q', len(text)) + text
    return head, [len(head) + begins[entry['name']] for entry in entries]


def npy(entries: Sequence[Mapping[str, Any]]) -> tuple[bytes, list[int]]:
    """The header that np.save writes."""
    if len(entries) != 1:
        raise RecipeError(f'An npy file holds one tensor, not {len(entries)}: '
                          'choose one, or take safetensors.')
    dtype, shape = entries[0]['dtype'], tuple(entries[0]['shape'])
    name = DTYPES[dtype].numpy
    if name == dtype:
        raise RecipeError(f'An npy file cannot hold {dtype}: take float32, '
                          'or safetensors.')
    text = (f"{{'descr': '{name}', 'fortran_order': False, "
            f"'shape': {shape}, }}")
    if shape:
        text += ' ' * (GROWTH - len(str(shape[0])))
    length = len(text) + 1
    length += 64 - (10 + length) % 64
    head = b'\x93NUMPY\x01\x00' + struct.pack('<H', length)
    return head + text.ljust(length - 1).encode() + b'\n', [10 + length]


def raw(entries: Sequence[Mapping[str, Any]]) -> tuple[bytes, list[int]]:
    """No header: the tensors end to end."""
    begins, end = [], 0
    for entry in entries:
        begins.append(end)
        end += int(entry['bytes'])
    return b'', begins


FORMATS = {'safetensors': safetensors, 'npy': npy, 'raw': raw}


@contextlib.contextmanager
def create(path: str | os.PathLike[str], format: str,
           entries: Sequence[Mapping[str, Any]]
           ) -> Iterator[list[memoryview]]:
    """The memory of each tensor in a new file.

    It is another file, beside it, until the body ends; then it takes the
    place of 'path', or goes if the body raised.
    """
    if format not in FORMATS:
        raise RecipeError(f'format is {format!r}; it can be '
                          f'{", ".join(map(repr, FORMATS))}.')
    head, begins = FORMATS[format](entries)
    sizes = [int(entry['bytes']) for entry in entries]
    part = f'{os.fspath(path)}.{os.getpid()}.part'
    try:
        with open(part, 'wb+') as file:
            file.write(head)
            views = _mapped(file, len(head) + sum(sizes), begins, sizes)
            yield views
            _sync(file, views)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part)
        raise


def _mapped(file: Any, size: int, begins: Sequence[int],
            sizes: Sequence[int]) -> list[memoryview]:
    file.flush()
    if hasattr(os, 'posix_fallocate') and size:
        # A full disk is an error here, and a fault when it is mapped.
        os.posix_fallocate(file.fileno(), 0, size)
    file.truncate(size)
    if not size:
        return [memoryview(bytearray()) for _ in sizes]
    mapped = memoryview(mmap.mmap(file.fileno(), size))
    return [mapped[begin:begin + length]
            for begin, length in zip(begins, sizes)]


def _sync(file: Any, views: list[memoryview]) -> None:
    for view in views:
        view.release()
    os.fsync(file.fileno())


def read(path: str | os.PathLike[str]) -> dict[str, dict[str, Any]]:
    """The tensors of a safetensors file: 'dtype' as the daemon calls it,
    'shape', and 'data', their bytes."""
    names = {dtype.safetensors: name for name, dtype in DTYPES.items()}
    with open(path, 'rb') as file:
        size = os.fstat(file.fileno()).st_size
        length = struct.unpack('<Q', file.read(8).ljust(8, b'\xff'))[0]
        if length > min(LONGEST_HEADER, size - 8):
            raise SowError(f'{os.fspath(path)} is not a safetensors file.')
        header = json_object(file.read(length))
        mapped = memoryview(mmap.mmap(file.fileno(), size,
                                      access=mmap.ACCESS_READ))
    found = {}
    for name, entry in header.items():
        if name == '__metadata__':
            continue
        begin, end = (8 + length + offset for offset in entry['data_offsets'])
        found[name] = {'dtype': names.get(entry['dtype'], entry['dtype']),
                       'shape': entry['shape'], 'data': mapped[begin:end]}
    return found
