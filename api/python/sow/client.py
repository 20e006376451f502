# SPDX-License-Identifier: MIT
"""The client: recipes in, tensors out."""
from __future__ import annotations

import os
import threading
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from . import files, memory, slices
from .errors import RecipeError, SowError
from .progress import Meter, Progress
from .request import Chosen, Extent, Recipe, Request, extent
from .transfer import HASH, Digests, Transfer
from .transport import Transport

URL = 'http://127.0.0.1:8080'

# Bytes a second that the daemon hashes at the very least, and what is too
# little for a second connection.
SLOW_HASH = 50e6
ONE_CONNECTION = 8 << 20


class _Promised(threading.Thread):
    """The digests of a manifest, asked for while the bytes arrive."""

    def __init__(self, request: Request, timeout: float) -> None:
        super().__init__(daemon=True)
        self._request, self._timeout = request, timeout
        self._error: BaseException | None = None
        self._manifest: dict[str, Any] = {}
        self.start()

    def run(self) -> None:
        try:
            self._manifest = self._request.manifest('wait', self._timeout)
        except BaseException as error:
            self._error = error

    def result(self) -> dict[str, str | None]:
        self.join()
        if self._error is not None:
            raise self._error
        return {tensor['name']: tensor['digest']
                for tensor in self._manifest['tensors']}


class Client:
    """A daemon's weights.  Threads may share a client.

    base_url     None: the variable SOW_URL, or http://127.0.0.1:8080
    token        sent as 'Authorization: Bearer'; None: the variable SOW_TOKEN
    timeout      seconds that the daemon may keep silent
    verify       'blake2b-256' compares every tensor with the digest that the
                 daemon's manifest has of it; None does not
    retries      tries after the first, in a row without a byte of progress
    progress     True, False, None (a bar on stderr for long transfers, if
                 that is a terminal), or a function of (done, total) bytes
    connections  that large transfers are spread over
    generator    whose draws to ask for, such as 'torch' (with the seed of
                 torch.manual_seed); None leaves it to the recipe
    """

    def __init__(self, base_url: str | None = None, token: str | None = None,
                 timeout: float = 60.0, verify: str | None = HASH,
                 retries: int = 5, progress: Progress = None,
                 connections: int = 2,
                 generator: str | None = None) -> None:
        if verify not in (None, HASH):
            raise RecipeError(f'verify is {verify!r}; it can be {HASH!r}, or '
                              'None to trust the connection.')
        self._transport = Transport(
            base_url or os.environ.get('SOW_URL') or URL,
            token or os.environ.get('SOW_TOKEN'), timeout, retries)
        self.verify = verify
        self.progress = progress
        self.connections = connections
        self.generator = generator

    @property
    def base_url(self) -> str:
        return self._transport.base_url

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close idle connections; the client can still be used."""
        self._transport.close()

    def __repr__(self) -> str:
        return f'Client({self.base_url!r})'

    # ---- weights ----------------------------------------------------------

    def tensor(self, recipe: Recipe, name: str | None = None,
               seed: int | None = None, slice: slices.Cut = None,
               dtype: str | None = None,
               framework: Literal['numpy', 'torch'] = 'numpy') -> Any:
        """One tensor, or a slice of it: '0:128,:' or a tuple of slices.

        'name' may be left out where the recipe has a single tensor.
        """
        if name is None:
            name = self._only(recipe, seed, dtype)
        found = self.tensors(recipe, {name: slice}, seed, dtype, framework)
        return found[name]

    def tensors(self, recipe: Recipe, tensors: Chosen = None,
                seed: int | None = None, dtype: str | None = None,
                framework: Literal['numpy', 'torch'] = 'numpy'
                ) -> dict[str, Any]:
        """Tensors by name: those in 'tensors', a list of names or a dict from
        names to slices, or all of them."""
        memory.check_framework(framework)
        if tensors is not None and not len(tensors):
            return {}
        request = self._request(recipe, seed, dtype, tensors)
        manifest = request.manifest('off')
        entries, extents = _extents(manifest)
        arena = memory.Arena([extent.size for extent in extents])
        with memory.populated_ahead(arena.buffer):
            self._receive(request, manifest, extents, arena.views)
        return {entry['name']: memory.tensor(framework, arena.buffer, offset,
                                             entry['dtype'], entry['shape'])
                for entry, offset in zip(entries, arena.offsets)}

    def state_dict(self, recipe: Recipe, seed: int | None = None,
                   framework: Literal['numpy', 'torch'] = 'torch',
                   device: Any = 'cpu', dtype: str | None = None,
                   tensors: Chosen = None) -> dict[str, Any]:
        """All tensors of a recipe, for load_state_dict().

        They lie in one buffer, which is freed with the last of them.
        """
        state = self.tensors(recipe, tensors, seed, dtype, framework)
        if framework == 'torch' and str(device) != 'cpu':
            for name in state:
                state[name] = state[name].to(device)
        return state

    def manifest(self, recipe: Recipe, seed: int | None = None,
                 dtype: str | None = None, tensors: Chosen = None,
                 digest: Literal['auto', 'wait', 'off'] | None = None
                 ) -> dict[str, Any]:
        """What a recipe is: its hash, and each tensor's name, shape, scheme,
        std, offset and digest.

        'digest' is 'wait' (have them made), 'auto' (those that are known
        already) or 'off'; by default 'wait' if the client verifies.
        """
        request = self._request(recipe, seed, dtype, tensors)
        if digest is None:
            digest = 'wait' if self.verify else 'auto'
        return request.manifest(digest, None if digest != 'wait' else
                                self._hashing(_size(request.manifest('off'))))

    def save(self, recipe: Recipe, path: str | os.PathLike[str],
             seed: int | None = None, format: str = 'safetensors',
             dtype: str | None = None, tensors: Chosen = None) -> None:
        """Write a recipe's tensors to a file: 'safetensors', 'raw' (end to
        end), or 'npy' for one tensor.

        The file appears under its name when it is whole and verified.
        """
        request = self._request(recipe, seed, dtype, tensors)
        manifest = request.manifest('off')
        _, extents = _extents(manifest)
        with files.create(path, format, manifest['tensors']) as views:
            self._receive(request, manifest, extents, views)

    def receive_into(self, recipe: Recipe,
                     targets: Mapping[str, tuple[slices.Cut, memoryview]],
                     seed: int | None = None, dtype: str | None = None
                     ) -> dict[str, dict[str, Any]]:
        """Fetch slices of tensors into memory that is there already.

        Returns the manifest's entries by name.  A view of another size than
        the slice has is a RecipeError, and nothing is written.
        """
        if not targets:
            return {}
        request = self._request(
            recipe, seed, dtype,
            {name: cut for name, (cut, _) in targets.items()})
        manifest = request.manifest('off')
        entries, extents = _extents(manifest)
        views = [targets[entry['name']][1] for entry in entries]
        for entry, view in zip(entries, views):
            if view.nbytes != int(entry['bytes']):
                raise RecipeError(
                    f'{entry["name"]!r} is {entry["dtype"]} of the shape '
                    f'{entry["shape"]} in the recipe, {entry["bytes"]} bytes; '
                    f'there is room for {view.nbytes}.')
        self._receive(request, manifest, extents, views)
        return {entry['name']: entry for entry in entries}

    # ---- recipes ----------------------------------------------------------

    def put_recipe(self, name: str, recipe: Mapping[str, Any] | bytes,
                   new: bool = False) -> dict[str, Any]:
        """Store a document as 'ns/name'; tells its version and its size.

        new=True refuses to replace one that is there.  bytes are stored as
        they are.
        """
        headers = {'If-None-Match': '*'} if new else {}
        body = recipe if isinstance(recipe, bytes) else dict(recipe)
        _, text = self._transport.send('PUT', _recipe_path(name), body,
                                       headers)
        return files.json_object(text)

    def get_recipe(self, name: str, version: str | None = None
                   ) -> dict[str, Any]:
        """The document of 'ns/name', as it is or as it was at 'version'."""
        base, _, pinned = name.partition('@')
        version = version or pinned
        query = f'?version={version}' if version else ''
        _, text = self._transport.send('GET', _recipe_path(base) + query)
        return files.json_object(text)

    def delete_recipe(self, name: str) -> None:
        """Take a name away; its pinned versions can still be read."""
        self._transport.send('DELETE', _recipe_path(name))

    def recipes(self) -> list[dict[str, Any]]:
        """Every recipe: its name, its version, and whether it is built in."""
        return self._transport.json('GET', '/v1/recipes')['recipes']

    # ---- modules, trees ---------------------------------------------------

    def materialize(self, module: Any, recipe: Recipe | None = None,
                    seed: int | None = None, **options: Any) -> Any:
        """Give a torch module, on the meta device or not, its weights; see
        sow.materialize.materialize()."""
        from .materialize import materialize
        return materialize(self, module, recipe, seed, **options)

    def fill_dtensor_(self, module: Any, recipe: Recipe | None = None,
                      seed: int | None = None, **options: Any) -> Any:
        """Give every DTensor of a module this rank's shard of its weights;
        see sow.dtensor.fill_dtensor_()."""
        from .dtensor import fill_dtensor_
        return fill_dtensor_(self, module, recipe, seed, **options)

    def param_init_fn(self, module: Any, recipe: Recipe | None = None,
                      seed: int | None = None, **options: Any) -> Any:
        """A param_init_fn for FSDP1 over 'module'; see
        sow.materialize.param_init_fn()."""
        from .materialize import param_init_fn
        return param_init_fn(self, module, recipe, seed, **options)

    def jax_tree(self, abstract_tree: Any, recipe: Recipe,
                 seed: int | None = None, sharding: Any = None,
                 **options: Any) -> Any:
        """Arrays for a tree of jax.ShapeDtypeStruct; see
        sow.jax_tree.jax_tree()."""
        from .jax_tree import jax_tree
        return jax_tree(self, abstract_tree, recipe, seed, sharding,
                        **options)

    # ---- within -----------------------------------------------------------

    def _request(self, recipe: Recipe, seed: int | None, dtype: str | None,
                 tensors: Chosen = None) -> Request:
        return Request(self._transport, recipe, seed, dtype, tensors,
                       self.generator)

    def _only(self, recipe: Recipe, seed: int | None,
              dtype: str | None) -> str:
        request = self._request(recipe, seed, dtype)
        entries = request.manifest('off')['tensors']
        if len(entries) != 1:
            raise RecipeError(f'The recipe has {len(entries)} tensors: give '
                              'the name of one.')
        return entries[0]['name']

    def _hashing(self, size: int) -> float:
        """Seconds that a manifest with digests may take."""
        return self._transport.timeout + size / SLOW_HASH

    def _receive(self, request: Request, manifest: Mapping[str, Any],
                 extents: Sequence[Extent], views: Sequence[memoryview]
                 ) -> None:
        size = sum(extent.size for extent in extents)
        source = request.source(manifest, extents)
        meter = Meter(self.progress, size, 'weights')
        digests = promised = None
        if self.verify:
            digests = Digests()
            promised = _Promised(request, self._hashing(size))

        def done(i: int) -> None:
            if digests is not None:
                digests.add(extents[i].name, views[i])

        try:
            Transfer(source, extents, views, self._transport.retries,
                     self.connections if size > ONE_CONNECTION else 1,
                     meter.add, done).run()
            if digests is not None and promised is not None:
                digests.compare(promised.result())
        finally:
            meter.close()
            if digests is not None:
                digests.close()


def _extents(manifest: Mapping[str, Any]
             ) -> tuple[list[dict[str, Any]], list[Extent]]:
    """A manifest's entries, and where each lies when they are end to end."""
    entries, extents, begin = manifest['tensors'], [], 0
    for entry in entries:
        if entry['dtype'] not in memory.DTYPES:
            raise SowError(f'{entry["name"]!r} is {entry["dtype"]}, which '
                           'this client does not know.')
        extents.append(extent(entry, begin))
        begin = extents[-1].end
    return entries, extents


def _size(manifest: Mapping[str, Any]) -> int:
    return sum(int(entry['bytes']) for entry in manifest['tensors'])


def _recipe_path(name: str) -> str:
    parts = name.split('/')
    if len(parts) != 2 or not all(parts):
        raise RecipeError(f"{name!r} does not name a recipe: give one such "
                          "as 'team/model'.")
    return '/v1/recipes/' + '/'.join(
        urllib.parse.quote(part, safe='') for part in parts)
