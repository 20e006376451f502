# SPDX-License-Identifier: MIT
"""Is this what the daemon makes?  Tensors against a manifest's digests."""
from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from . import files, memory
from .errors import RecipeError
from .transfer import HASHERS, digest


@dataclass(frozen=True)
class Difference:
    """One tensor's: 'what' is 'missing', 'unexpected', 'shape', 'dtype' or
    'digest'."""
    name: str
    what: str
    expected: Any = None
    found: Any = None

    def __str__(self) -> str:
        if self.what in ('missing', 'unexpected'):
            return f'{self.name}: {self.what}'
        return (f'{self.name}: {self.what} is {self.found}, '
                f'not {self.expected}')


def _plain_dtype(array: Any) -> str:
    return str(array.dtype).removeprefix('torch.')


def _of_arrays(arrays: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: {'dtype': _plain_dtype(array), 'shape': list(array.shape),
                   'array': array} for name, array in arrays.items()}


def _place(array: Any) -> Any:
    """What tied tensors have in common; None where that is not known."""
    if not hasattr(array, 'untyped_storage') or array.is_meta:
        return None
    return (array.untyped_storage().data_ptr(), array.storage_offset(),
            tuple(array.shape))


def _entries(subject: Any) -> dict[str, dict[str, Any]]:
    if hasattr(subject, 'state_dict'):
        subject = subject.state_dict()
    if isinstance(subject, (str, os.PathLike)):
        return files.read(subject)
    if isinstance(subject, Mapping):
        return _of_arrays(subject)
    raise RecipeError(f'{type(subject).__name__} cannot be verified: give a '
                      'module, a state dict, or the path of a safetensors '
                      'file.')


def _ignored(name: str, entry: Mapping[str, Any], mine: Mapping[str, Any],
             promised: Mapping[str, Any]) -> bool:
    """Is that no difference?  Counters are not drawn, and a tied tensor is
    in a manifest by one of its names."""
    if not entry['dtype'].startswith(('float', 'bfloat')):
        return True
    place = _place(entry.get('array'))
    return place is not None and any(
        _place(mine[other].get('array')) == place
        for other in promised if other in mine)


def _difference(name: str, entry: Mapping[str, Any],
                promised: Mapping[str, Any]) -> Difference | None:
    for what in 'shape', 'dtype':
        if list(entry[what]) != list(promised[what]):
            return Difference(name, what, promised[what], entry[what])
    if promised.get('digest') is None:
        raise RecipeError(f"The manifest has no digest of {name!r}: take one "
                          "made with digest='wait'.")
    data = (entry['data'] if 'data' in entry
            else memory.bytes_of(entry['array']))
    found = digest(data)
    if found == promised['digest']:
        return None
    return Difference(name, 'digest', promised['digest'], found)


def verify(subject: Any, manifest: Mapping[str, Any]) -> list[Difference]:
    """Differences between a module, a state dict (of torch, NumPy or JAX) or
    a safetensors file, and a manifest with digests; none is an empty list.

    Each tensor's bytes are hashed with BLAKE2b-256.  Tensors of integers,
    which no recipe draws, are left out.
    """
    mine = _entries(subject)
    promised = {tensor['name'] or (files.NAMELESS if isinstance(
        subject, (str, os.PathLike)) else ''): tensor
        for tensor in manifest['tensors']}
    found = [Difference(name, 'missing') for name in promised
             if name not in mine]
    found += [Difference(name, 'unexpected') for name, entry in mine.items()
              if name not in promised
              and not _ignored(name, entry, mine, promised)]
    both = [name for name in promised if name in mine]
    with ThreadPoolExecutor(HASHERS, 'sow-hash') as pool:
        found += [one for one in pool.map(
            lambda name: _difference(name, mine[name], promised[name]), both)
            if one is not None]
    return found
