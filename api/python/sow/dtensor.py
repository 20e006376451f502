# SPDX-License-Identifier: MIT
"""Shards of weights, fetched by the rank that holds them."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import buffers as own
from . import memory, ties
from .errors import RecipeError
from .materialize import recipe_for
from .modules import Rules

if TYPE_CHECKING:
    from .client import Client
    from .request import Recipe


def shard(tensor: Any) -> tuple[tuple[slice, ...], Any]:
    """Which part of the whole this rank holds, and the local tensor."""
    from torch.distributed.tensor import DTensor
    from torch.distributed.tensor._utils import (
        compute_local_shape_and_global_offset)
    if not isinstance(tensor, DTensor):
        return tuple(slice(0, size) for size in tensor.shape), tensor
    if any(placement.is_partial() for placement in tensor.placements):
        raise RecipeError(f'A DTensor of the placements {tensor.placements} '
                          'is a sum over ranks, and not a shard.')
    local = tensor._local_tensor
    shape, offset = compute_local_shape_and_global_offset(
        tensor.shape, tensor.device_mesh, tensor.placements)
    if 0 in shape or not local.numel():
        return tuple(slice(0, 0) for _ in tensor.shape), local
    if tuple(shape) != tuple(local.shape) or not _in_one_run(tensor):
        raise RecipeError(f'A DTensor of the placements {tensor.placements} '
                          f'over {tuple(tensor.device_mesh.shape)} is not '
                          'one block of the whole: it cannot be cut.')
    return tuple(slice(begin, begin + size)
                 for begin, size in zip(offset, shape)), local


def _in_one_run(tensor: Any) -> bool:
    """Is the shard a block?  With strides, its end shows whether it is."""
    strided = {placement.dim for placement in tensor.placements
               if type(placement).__name__ == '_StridedShard'}
    return all(len(set(steps)) <= 1 for steps in
               (_steps(tensor, dimension) for dimension in strided))


def _steps(tensor: Any, dimension: int) -> Sequence[int]:
    """From each index of a dimension that this rank holds to the next."""
    import torch
    held = torch.arange(tensor.shape[dimension])
    coordinate = tensor.device_mesh.get_coordinate()
    for mesh_dimension, placement in enumerate(tensor.placements):
        if not placement.is_shard() and type(
                placement).__name__ != '_StridedShard':
            continue
        if placement.dim != dimension:
            continue
        parts, _ = placement._split_tensor(
            held, tensor.device_mesh.size(mesh_dimension),
            with_padding=False, contiguous=True)
        held = parts[coordinate[mesh_dimension]]
    steps = held.diff().tolist()
    return steps if all(step == 1 for step in steps) else [1, 2]


def fill_dtensor_(client: Client, module: Any, recipe: Recipe | None = None,
                  seed: int | None = None, *, rules: Rules | None = None,
                  dtype: str | None = None, device: Any = None,
                  buffers: own.Given = None) -> Any:
    """Give every parameter of 'module' this rank's part of its weights, and
    return the module.

    Each rank fetches what it holds and nothing else, and speaks to no other
    rank; so the values are those of the whole model, whatever the mesh.  For
    modules after fully_shard(), parallelize_module() or both, on the meta
    device or after to_empty(); tensors that are no DTensors are filled whole.

    On the meta device, parameters are made on 'device' (by default that of
    the mesh, or the CPU), and buffers as materialize() does.  After
    to_empty() buffers that no recipe has hold garbage that cannot be told
    from values: they are left alone, but for counters.
    """
    recipe, dtype = recipe_for(module, recipe, rules, dtype)
    groups = ties.groups(module)
    _make_real(module, groups, device, buffers)
    drawn = {entry['name']: entry for entry in client.manifest(
        recipe, seed, dtype, digest='off')['tensors']}
    targets, copies = _targets(module, groups, drawn)
    client.receive_into(recipe, targets, seed, dtype)
    import torch
    with torch.no_grad():
        for local, staged in copies:
            local.copy_(staged)
    return module


def _make_real(module: Any, groups: list[list[str]], device: Any,
               buffers: own.Given) -> None:
    """Memory for what is on the meta device; tied tensors stay tied."""
    import torch
    meta = {name for name, tensor, _ in ties.buffers(module)
            if tensor.is_meta}
    if not meta and not any(p.is_meta for p in module.parameters()):
        return
    made: dict[int, Any] = {}

    def real(tensor: Any) -> Any:
        if not tensor.is_meta:
            return tensor
        if id(tensor) not in made:
            made[id(tensor)] = tensor, torch.empty_like(
                tensor, device=device or _device(tensor))
        return made[id(tensor)][1]

    module._apply(real)
    for names in groups:
        if len(names) > 1:
            ties.tie(module, names)
    drawn = {name for name, tensor, persistent in ties.buffers(module)
             if persistent and tensor.is_floating_point()}
    own.refill(module, meta - drawn, buffers, device or 'cpu')


def _device(tensor: Any) -> Any:
    mesh = getattr(tensor, 'device_mesh', None)
    return mesh.device_type if mesh is not None else 'cpu'


def _check(tensor: Any, entry: dict[str, Any]) -> None:
    for what, mine in [('shape', list(tensor.shape)),
                       ('dtype', str(tensor.dtype).removeprefix('torch.'))]:
        if entry[what] != mine:
            raise RecipeError(f'{entry["name"]!r} has the {what} '
                              f'{entry[what]} in the recipe and {mine} in '
                              'the module.')


def _targets(module: Any, groups: list[list[str]],
             drawn: dict[str, Any]
             ) -> tuple[dict[str, Any], list[tuple[Any, Any]]]:
    """Slices and memory by name, and what is to be copied afterwards: what
    does not lie in a row on the CPU."""
    import torch
    targets, copies, left = {}, [], set(drawn)
    for names in groups:
        part, local_name = ties.owner(module, names[0])
        tensor = getattr(part, local_name)
        name = next((name for name in names if name in drawn), None)
        if name is None:
            if isinstance(tensor, torch.nn.Parameter):
                raise RecipeError(f'The recipe has no {names[0]!r}.')
            if local_name in own.COUNTERS:
                tensor.zero_()
            continue
        left.difference_update(names)
        _check(tensor, drawn[name])
        cut, local = shard(tensor)
        if not local.numel():
            continue
        staged = local
        if not local.is_cpu or not local.is_contiguous():
            staged = torch.empty(local.shape, dtype=local.dtype)
            copies.append((local, staged))
        targets[name] = cut, memory.view_of(staged.detach())
    if left:
        raise RecipeError(f'The module has no {min(left)!r}, which is in the '
                          'recipe.')
    return targets, copies
