# SPDX-License-Identifier: MIT
"""Trees of JAX arrays, each shard fetched as it is wanted."""
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .errors import RecipeError

if TYPE_CHECKING:
    from .client import Client
    from .request import Recipe


def name_of(path: Any) -> str:
    """A leaf's name: the keys to it with dots between them, without the
    'params' that Flax has around all."""
    keys = [str(getattr(key, 'key', getattr(key, 'name', getattr(
        key, 'idx', key)))) for key in path]
    return '.'.join(keys[1:] if len(keys) > 1 and keys[0] == 'params'
                    else keys)


def jax_tree(client: Client, abstract_tree: Any, recipe: Recipe,
             seed: int | None = None, sharding: Any = None,
             name: Callable[[Any], str] = name_of,
             dtype: str | None = None) -> Any:
    """Arrays in the place of the leaves of 'abstract_tree', which have a
    shape and a dtype, as jax.eval_shape() gives them.

    sharding  one for all leaves, or a tree of them; by default that of each
              leaf if it has one, else the first device
    name      what a leaf is called in the recipe, from its path
    dtype     asked of the daemon; by default that of the leaves, if they
              have one dtype

    A process fetches the shards of its own devices and nothing else, each
    of them once.
    """
    import jax
    treedef: Any
    leaves, treedef = jax.tree_util.tree_flatten_with_path(abstract_tree)
    shardings = _shardings(leaves, treedef, sharding)
    if dtype is None:
        kinds = {str(leaf.dtype) for _, leaf in leaves}
        dtype = kinds.pop() if len(kinds) == 1 else None
    drawn = {entry['name']: entry for entry in client.manifest(
        recipe, seed, dtype, digest='off')['tensors']}
    wanted: dict[str, list[tuple[slice, ...]]] = {}
    for (path, leaf), placed in zip(leaves, shardings):
        _check(name(path), leaf, drawn)
        cuts = wanted.setdefault(name(path), [])
        if cuts:
            raise RecipeError(f'Two leaves have the name {name(path)!r}.')
        for cut in placed.addressable_devices_indices_map(
                leaf.shape).values():
            cut = _full(cut, leaf.shape)
            if cut not in cuts:
                cuts.append(cut)
    shards = _fetch(client, recipe, seed, dtype, wanted)
    return treedef.unflatten([
        _array(leaf, placed, shards[name(path)])
        for (path, leaf), placed in zip(leaves, shardings)])


def _check(name: str, leaf: Any, drawn: dict[str, Any]) -> None:
    if name not in drawn:
        raise RecipeError(f'The recipe has no {name!r}: name= can say what '
                          'leaves are called in it.')
    for what, mine in [('shape', list(leaf.shape)),
                       ('dtype', str(leaf.dtype))]:
        if drawn[name][what] != mine:
            raise RecipeError(f'{name!r} has the {what} {drawn[name][what]} '
                              f'in the recipe and {mine} in the tree.')


def _shardings(leaves: Any, treedef: Any, sharding: Any) -> list[Any]:
    import jax
    if sharding is None:
        first = jax.sharding.SingleDeviceSharding(jax.local_devices()[0])
        return [getattr(leaf, 'sharding', None) or first
                for _, leaf in leaves]
    if isinstance(sharding, jax.sharding.Sharding):
        return [sharding] * len(leaves)
    return treedef.flatten_up_to(sharding)


def _full(cut: tuple[slice, ...], shape: tuple[int, ...]
          ) -> tuple[slice, ...]:
    """With numbers everywhere, so that equal cuts are equal."""
    return tuple(slice(*part.indices(size)[:2])
                 for part, size in zip(cut, shape))


def _fetch(client: Client, recipe: Recipe, seed: int | None,
           dtype: str | None, wanted: dict[str, list[tuple[slice, ...]]]
           ) -> dict[str, list[tuple[tuple[slice, ...], Any]]]:
    """The shards of each tensor.  A request has one slice of a tensor, so
    the first of all come together, then the second, and so on."""
    shards: dict[str, list[Any]] = {name: [] for name in wanted}
    for i in range(max((len(cuts) for cuts in wanted.values()), default=0)):
        turn = {name: cuts[i] for name, cuts in wanted.items()
                if i < len(cuts)}
        for name, array in client.tensors(recipe, turn, seed, dtype).items():
            shards[name].append((turn[name], array))
    return shards


def _array(leaf: Any, placed: Any, shards: list[Any]) -> Any:
    import jax

    def callback(index: Any) -> Any:
        cut = _full(index, leaf.shape)
        return next(array for mine, array in shards if mine == cut)

    return jax.make_array_from_callback(leaf.shape, placed, callback)
