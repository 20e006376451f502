# SPDX-License-Identifier: MIT
"""A torch module's tensors by name: which are one and the same, and where
each of them hangs."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .modules import clean


def parameters(module: Any) -> Iterator[tuple[str, Any]]:
    """With a tied one under each of its names."""
    for name, tensor in module.named_parameters(remove_duplicate=False):
        yield clean(name), tensor


def buffers(module: Any) -> Iterator[tuple[str, Any, bool]]:
    """Names, buffers, and whether they are part of a state dict."""
    for prefix, part in module.named_modules(remove_duplicate=False):
        for local, tensor in part.named_buffers(recurse=False):
            name = f'{prefix}.{local}' if prefix else local
            yield (clean(name), tensor,
                   local not in part._non_persistent_buffers_set)


def groups(module: Any) -> list[list[str]]:
    """The names of each parameter and persistent buffer."""
    found: dict[int, list[str]] = {}
    for name, tensor in parameters(module):
        found.setdefault(id(tensor), []).append(name)
    for name, tensor, persistent in buffers(module):
        if persistent:
            found.setdefault(id(tensor), []).append(name)
    return list(found.values())


def owner(module: Any, name: str) -> tuple[Any, str]:
    """The module that a tensor hangs at, and what it is called there."""
    path, _, local = name.rpartition('.')
    part = module
    for step in path.split('.') if path else []:
        part = _child(part, step)
    return _unwrapped(part), local


def _unwrapped(part: Any) -> Any:
    for wrapper in ('_orig_mod', '_fsdp_wrapped_module',
                    '_checkpoint_wrapped_module'):
        while wrapper in part._modules:
            part = part._modules[wrapper]
    return part


def _child(part: Any, step: str) -> Any:
    return getattr(_unwrapped(part), step)


def tie(module: Any, names: list[str]) -> None:
    """Make all of these names the parameter that the first is."""
    part, local = owner(module, names[0])
    tensor = getattr(part, local)
    for name in names[1:]:
        part, local = owner(module, name)
        if getattr(part, local) is not tensor:
            setattr(part, local, tensor)
