# SPDX-License-Identifier: MIT
"""Real weights for torch modules that may be on the meta device."""
from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from . import buffers as own
from . import ties
from .errors import RecipeError
from .modules import Rules, recipe_from_module

if TYPE_CHECKING:
    from .client import Client
    from .request import Recipe


@contextlib.contextmanager
def empty_parameters(device: Any = 'meta') -> Iterator[None]:
    """Modules that are made in this context have their parameters on the
    meta device, and their buffers, computed, where they would be."""
    import torch
    register: Any = torch.nn.Module.register_parameter

    def register_empty(module: Any, name: str, parameter: Any) -> None:
        register(module, name, parameter)
        made = module._parameters.get(name)
        if made is not None and not made.is_meta:
            module._parameters[name] = torch.nn.Parameter(
                made.detach().to(device), requires_grad=made.requires_grad)

    kind: Any = torch.nn.Module
    kind.register_parameter = register_empty
    try:
        yield
    finally:
        kind.register_parameter = register


def recipe_for(module: Any, recipe: Recipe | None, rules: Rules | None,
               dtype: str | None) -> tuple[Recipe, str | None]:
    """The recipe, by default the module's own, and the dtype to ask for."""
    if recipe is None:
        return recipe_from_module(module, rules=rules, dtype=dtype), None
    if rules is not None:
        raise RecipeError('rules are for a recipe made from the module: give '
                          'either of the two.')
    if dtype is None:
        kinds = {parameter.dtype for parameter in module.parameters()
                 if parameter.is_floating_point()}
        if len(kinds) == 1:
            dtype = str(kinds.pop()).removeprefix('torch.')
    return recipe, dtype


def materialize(client: Client, module: Any, recipe: Recipe | None = None,
                seed: int | None = None, *, rules: Rules | None = None,
                dtype: str | None = None, device: Any = 'cpu',
                buffers: own.Given = None) -> Any:
    """Give 'module' the weights of 'recipe', and return it.

    recipe   by default that of recipe_from_module(module, rules=rules)
    dtype    by default that of the module's parameters
    buffers  values of buffers that are on the meta device and that the
             module cannot compute itself: a dict by name, or a function of
             (module, name)

    Strict: a parameter without a tensor in the recipe, a tensor without a
    place in the module, and another shape are errors, and then the module is
    as it was.  Tied tensors stay tied.  Nothing is left on the meta device.
    """
    recipe, asked = recipe_for(module, recipe, rules, dtype)
    state = client.state_dict(recipe, seed, device=device, dtype=asked)
    groups = ties.groups(module)
    _share(state, groups)
    _check(module, state, dtype)
    missing = {name for name, tensor, persistent in ties.buffers(module)
               if tensor.is_meta and name not in state}
    own.refill(module, missing, buffers, device)
    for name, tensor, persistent in ties.buffers(module):
        if persistent and name not in state:
            state[name] = tensor.to(device)
    module.load_state_dict(_as_it_says(module, state), strict=True,
                           assign=True)
    for names in groups:
        if len(names) > 1:
            ties.tie(module, names)
    _to(module, device)
    return module


def _share(state: dict[str, Any], groups: list[list[str]]) -> None:
    """Tensors that are tied are in a recipe by one of their names."""
    for names in groups:
        drawn = [name for name in names if name in state]
        if len(drawn) > 1:
            raise RecipeError(
                f'The recipe draws {" and ".join(map(repr, drawn))}, which '
                'are tied in the module: untie them, or leave one out.')
        if drawn:
            for name in names:
                state[name] = state[drawn[0]]


def _check(module: Any, state: dict[str, Any], dtype: str | None) -> None:
    """Raises RecipeError unless the state fits the module."""
    places = dict(ties.parameters(module))
    missing = [name for name in places if name not in state]
    places.update({name: tensor for name, tensor, persistent
                   in ties.buffers(module) if persistent})
    unexpected = [name for name in state if name not in places]
    wrong = [f'{name!r} is {list(tensor.shape)} in the recipe and '
             f'{list(places[name].shape)} in the module'
             for name, tensor in state.items()
             if name in places and tensor.shape != places[name].shape]
    wrong += [f'{name!r} is {tensor.dtype} in the recipe and '
              f'{places[name].dtype} in the module'
              for name, tensor in state.items() if dtype is None
              and name in places and tensor.dtype != places[name].dtype]
    if missing:
        wrong.append(f'the recipe has no {", ".join(map(repr, missing[:8]))}')
    if unexpected:
        wrong.append('the module has no '
                     f'{", ".join(map(repr, unexpected[:8]))}')
    if wrong:
        raise RecipeError(f'The recipe is not one of this module: '
                          f'{"; ".join(wrong[:8])}.')


def _as_it_says(module: Any, state: dict[str, Any]) -> dict[str, Any]:
    """The state by the names that load_state_dict() wants, which wrappers
    have a part in."""
    from .modules import clean
    return {name: state.get(clean(name), tensor)
            for name, tensor in module.state_dict().items()}


def _to(module: Any, device: Any) -> None:
    """Move buffers that were real already to where the weights are."""
    for name, tensor, _ in list(ties.buffers(module)):
        part, local = ties.owner(module, name)
        if tensor.device.type != 'meta' and str(device) != str(tensor.device):
            setattr(part, local, tensor.to(device))
    left = [name for name, tensor in ties.parameters(module)
            if tensor.is_meta]
    left += [name for name, tensor, _ in ties.buffers(module)
             if tensor.is_meta]
    if left:
        raise RecipeError(f'{left[0]!r} is still on the meta device.')


def param_init_fn(client: Client, module: Any, recipe: Recipe | None = None,
                  seed: int | None = None, *, rules: Rules | None = None,
                  dtype: str | None = None, device: Any = 'cpu',
                  buffers: own.Given = None) -> Callable[[Any], None]:
    """A function for FullyShardedDataParallel(module, param_init_fn=…).

    Call this before the module is wrapped: the names are taken now.  What is
    returned gives one submodule its own parameters and buffers.
    """
    recipe, dtype = recipe_for(module, recipe, rules, dtype)
    drawn = {entry['name'] for entry in client.manifest(
        recipe, seed, dtype, digest='off')['tensors']}
    names: dict[int, str] = {}
    for group in ties.groups(module):
        for name in group:
            part, local = ties.owner(module, name)
            tensor = getattr(part, local)
            names[id(tensor)] = next((n for n in group if n in drawn), name)
    keep = list(module.parameters()) + list(module.buffers())
    made: dict[int, Any] = {}

    def fill(part: Any) -> None:
        own_tensors = [*part.named_parameters(recurse=False),
                       *part.named_buffers(recurse=False)]
        wanted = {local: names[id(tensor)] for local, tensor in own_tensors
                  if names.get(id(tensor)) in drawn}
        state = client.state_dict(
            recipe, seed, device=device, dtype=dtype,
            tensors=sorted({name for local, name in wanted.items()}))
        own.refill(part, {local for local, tensor
                          in part.named_buffers(recurse=False)
                          if tensor.is_meta and local not in wanted},
                   buffers, device)
        _assign(part, own_tensors, wanted, state, made)

    fill.keep = keep  # type: ignore[attr-defined]
    return fill


def _assign(part: Any, own_tensors: list[tuple[str, Any]],
            wanted: dict[str, str], state: dict[str, Any],
            made: dict[int, Any]) -> None:
    import torch
    for local, tensor in own_tensors:
        if local not in wanted:
            if isinstance(tensor, torch.nn.Parameter):
                raise RecipeError(f'The recipe has no tensor for {local!r} '
                                  f'of a {type(part).__name__}.')
            continue
        value = state[wanted[local]]
        if value.shape != tensor.shape:
            raise RecipeError(f'{wanted[local]!r} is {list(value.shape)} in '
                              f'the recipe and {list(tensor.shape)} in the '
                              'module.')
        if isinstance(tensor, torch.nn.Parameter):
            value = made.setdefault(id(tensor), torch.nn.Parameter(
                value, requires_grad=tensor.requires_grad))
        setattr(part, local, value)
