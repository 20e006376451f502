# SPDX-License-Identifier: MIT
"""From a torch module to a recipe of its own default initialization."""
from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Union

from . import defaults
from .defaults import Scheme
from .errors import RecipeError
from .memory import DTYPES

Rule = Union[Scheme, Mapping[str, Scheme], Callable[..., Any]]
Rules = Mapping[Union[str, type], Rule]

# Integer buffers that start as 0: what the recipe leaves to the module.
COUNTERS = 'num_batches_tracked',


def recipe_from_module(module: Any, seed: int | None = None,
                       rules: Rules | None = None, dtype: str | None = None
                       ) -> dict[str, Any]:
    """A document that gives every tensor of 'module' the distribution that
    the module's classes give it themselves.

    The module may be on the meta device: only types, names, shapes and
    dtypes are looked at.  Tied tensors are in the recipe once, by the first
    of their names.  Buffers are in it if they are running statistics; others
    are the module's own to compute.

    rules  what is to be otherwise, or is not known; the first that matches
           counts.  A key is a pattern of tensors' names ('*.bias'), a class,
           or a class's name; a value is a scheme, for a class also a dict
           from its parameters' names to schemes.
    dtype  instead of each tensor's own

    A model of transformers becomes a recipe of its configuration, with the
    library's initialization, unless there are rules.  Raises RecipeError,
    naming the module, for parameters that nothing is known of.
    """
    document: dict[str, Any] = {}
    if seed is not None:
        document['seed'] = str(seed)
    if rules is None and _pretrained(module):
        document.update(_of_config(module, dtype))
        return document
    layers = [_layer(name, tensor, scheme, dtype)
              for name, tensor, scheme in _walk(module, rules or {})]
    if not layers:
        raise RecipeError(f'{type(module).__name__} has no parameters.')
    kinds = {layer['dtype'] for layer in layers}
    if len(kinds) == 1:
        document['dtype'] = kinds.pop()
        for layer in layers:
            del layer['dtype']
    document['layers'] = layers
    return document


def clean(name: str) -> str:
    """A name without what wrappers have put into it."""
    for wrapper in ('_orig_mod.', '_fsdp_wrapped_module.',
                    '_checkpoint_wrapped_module.'):
        name = name.replace(wrapper, '')
    return name


def _layer(name: str, tensor: Any, scheme: Scheme,
           dtype: str | None) -> dict[str, Any]:
    dtype = dtype or str(tensor.dtype).removeprefix('torch.')
    if dtype not in DTYPES:
        raise RecipeError(f'{name!r} is {dtype}, which has no weights: give '
                          'the dtype that it is to have.')
    return {'name': name, 'shape': list(tensor.shape), 'scheme': scheme,
            'dtype': dtype}


# ---- transformers --------------------------------------------------------

def _pretrained(module: Any) -> bool:
    return any(kind.__name__ == 'PreTrainedModel'
               and kind.__module__.startswith('transformers.')
               for kind in type(module).__mro__)


def _of_config(module: Any, dtype: str | None) -> dict[str, Any]:
    config = module.config.to_dict()
    config['architectures'] = [type(module).__name__]
    kinds = {str(p.dtype).removeprefix('torch.') for p in module.parameters()}
    if dtype is None and len(kinds) == 1:
        dtype = kinds.pop()
    document: dict[str, Any] = {'config': config}
    if dtype is not None:
        document['dtype'] = dtype
    return document


# ---- the walk ------------------------------------------------------------

def _walk(module: Any, rules: Rules
          ) -> Iterator[tuple[str, Any, Scheme]]:
    """Every tensor that is drawn, once, with its scheme."""
    seen: set[int] = set()
    inherited: dict[str, Scheme] = {}
    for prefix, part in module.named_modules():
        schemes = defaults.schemes_of(part)
        for name, scheme in (schemes or {}).items():
            if '.' in name:
                inherited[_join(prefix, name)] = scheme
        matrices = _matrices_around(module, prefix)
        for local, tensor, is_parameter in _own(part):
            name = clean(_join(prefix, local))
            if id(tensor) in seen:
                continue
            seen.add(id(tensor))
            found = [_ruled(rules, name, local, part, tensor),
                     inherited.get(_join(prefix, local)),
                     matrices if tensor.dim() > 1 else None,
                     (schemes or {}).get(local)]
            drawn = next((one for one in found if one is not None), None)
            if drawn is not None:
                yield name, tensor, drawn
            elif is_parameter:
                raise _unknown(prefix, local, part)


def _own(part: Any) -> Iterator[tuple[str, Any, bool]]:
    for name, tensor in part.named_parameters(recurse=False):
        if 'Uninitialized' in type(tensor).__name__:
            raise RecipeError(f'{type(part).__name__} is lazy, and has no '
                              'shape before its first forward().')
        yield name, tensor, True
    for name, tensor in part.named_buffers(recurse=False):
        if name not in part._non_persistent_buffers_set:
            if tensor.is_floating_point():
                yield name, tensor, False


def _join(prefix: str, name: str) -> str:
    return f'{prefix}.{name}' if prefix else name


def _matrices_around(module: Any, prefix: str) -> Scheme | None:
    """The scheme of all matrices within the innermost module that has one."""
    found, path = defaults.all_matrices(module), ''
    for step in prefix.split('.') if prefix else []:
        path = _join(path, step)
        found = defaults.all_matrices(module.get_submodule(path)) or found
    return found


def _ruled(rules: Rules, name: str, local: str, part: Any,
           tensor: Any) -> Scheme | None:
    for key, rule in rules.items():
        if isinstance(key, type):
            matches = isinstance(part, key)
        else:
            matches = (key == type(part).__name__
                       or fnmatch.fnmatchcase(name, key))
        if not matches:
            continue
        found: Any = rule
        if callable(rule):
            found = rule(part, name, tensor)
        elif isinstance(rule, Mapping) and 'name' not in rule:
            found = rule.get(local)
        if found is not None:
            return found
    return None


def _unknown(prefix: str, local: str, part: Any) -> RecipeError:
    kind = type(part).__name__
    where = f'{prefix!r}, a {kind}' if prefix else f'the module, a {kind}'
    return RecipeError(
        f'How {where}, initializes {local!r} is not known here: give a rule '
        f"for it, such as rules={{'{kind}': {{'{local}': 'zeros'}}}}, or "
        f"rules={{'{clean(_join(prefix, local))}': {{'name': 'normal', "
        "'std': 0.02}}.")
