# SPDX-License-Identifier: MIT
"""Buffers that no recipe has: constants, and what a module computes itself.

On the meta device they have no values.  Known are counters, which are 0;
others come from the caller, or from the module: its reset_buffers() or
init_buffers(), its reset_parameters() or rope_init() if it has no parameters,
or the _init_weights() of a transformers model around it.  Whether a method
computed all of a buffer is seen: it was filled with a mark before.  Parameters
get their values afterwards, so that a method may touch them.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Union

from .errors import RecipeError
from .modules import COUNTERS, clean

Given = Union[Mapping[str, Any], Callable[[Any, str], Any], None]

OWN = 'reset_buffers', 'init_buffers', '_init_buffers'
WITHOUT_PARAMETERS = 'rope_init', 'reset_parameters', '_reset_parameters'


def _mark(tensor: Any) -> Any:
    import torch
    if tensor.dtype.is_floating_point or tensor.dtype.is_complex:
        return float('nan')
    return (False if tensor.dtype is torch.bool
            else torch.iinfo(tensor.dtype).max)


def _marked(tensor: Any) -> bool:
    mark = _mark(tensor)
    found = tensor.isnan() if mark != mark else tensor == mark
    return bool(found.any())


def _methods(part: Any, around: list[Any]) -> Iterator[Callable[[], Any]]:
    for name in OWN:
        if hasattr(part, name):
            yield getattr(part, name)
    if not any(True for _ in part.parameters()):
        for name in WITHOUT_PARAMETERS:
            if hasattr(part, name):
                yield getattr(part, name)
    for outer in reversed(around):
        if hasattr(outer, '_init_weights'):
            yield lambda: outer._init_weights(part)


def _computed(part: Any, locals_: list[str], around: list[Any]) -> None:
    """Let the module compute what it can of the buffers that are marked."""
    import torch
    for method in _methods(part, around):
        with torch.no_grad():
            try:
                method()
            except TypeError:
                continue  # it wants arguments
        if not any(_marked(getattr(part, local)) for local in locals_):
            return


def _refuse(name: str, part: Any) -> RecipeError:
    return RecipeError(
        f'{name!r}, a buffer of a {type(part).__name__}, is on the meta '
        'device, and only the module knows its values.  Give them, as '
        f"buffers={{'{name}': tensor}}; or give the module a reset_buffers() "
        'method; or make it under sow.empty_parameters(), which leaves '
        'buffers real.')


def refill(module: Any, names: set[str], given: Given, device: Any) -> None:
    """Give real values to the buffers called 'names', or raise RecipeError
    for one that cannot be had."""
    parts = dict(module.named_modules())
    for prefix, part in parts.items():
        left = {}
        for local, tensor in list(part.named_buffers(recurse=False)):
            name = clean(f'{prefix}.{local}' if prefix else local)
            if name in names:
                value = _known(part, name, local, tensor, given, device)
                if value is None:
                    left[local] = name
                    value = _blank(tensor, device)
                setattr(part, local, value)
        if left:
            _computed(part, list(left), [
                outer for path, outer in parts.items()
                if not path or f'{prefix}.'.startswith(path + '.')])
        for local, name in left.items():
            tensor = getattr(part, local)
            if tensor.is_meta or _marked(tensor):
                raise _refuse(name, part)


def _known(part: Any, name: str, local: str, tensor: Any, given: Given,
           device: Any) -> Any:
    """The value that is given or constant, or None."""
    import torch
    value = given(part, name) if callable(given) else (given or {}).get(name)
    if value is not None:
        value = torch.as_tensor(value).to(device, tensor.dtype)
        return value.reshape(tensor.shape)
    if local in COUNTERS:
        return torch.zeros_like(tensor, device=device)
    return None


def _blank(tensor: Any, device: Any) -> Any:
    import torch
    return torch.empty_like(tensor, device=device).fill_(_mark(tensor))
