# SPDX-License-Identifier: MIT
"""A recipe with all that is chosen of it, as requests for its weights.

What is wanted is one run of bytes: the chosen tensors end to end, in the
manifest's order.  open() answers from any position of it, so that a transfer
can be split and resumed: by Range where GET can ask, by choosing tensors and
rows of them where it takes a POST.
"""
from __future__ import annotations

import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

from . import slices
from .errors import RecipeError, SowError, Trouble
from .transport import Answer, Transport

Recipe = Union[str, Mapping[str, Any]]
Chosen = Union[Mapping[str, slices.Cut], Sequence[str], None]

# What a document has for a store, and what is the request's to say.
STORED_ONLY = ('files', 'shard_bytes')
NOT_IN_DOCUMENTS = ('format', 'digest', 'tensors')


@dataclass(frozen=True)
class Extent:
    """Where a tensor lies in the run of bytes."""
    name: str
    begin: int
    size: int
    row: int           # bytes of one index of the first dimension
    cut: str | None    # of which part the rows are, None for the whole

    @property
    def end(self) -> int:
        return self.begin + self.size


def extent(tensor: Mapping[str, Any], begin: int) -> Extent:
    """That of a manifest's entry."""
    shape, size = tensor['shape'], int(tensor['bytes'])
    row = size // shape[0] if shape and size else size
    return Extent(tensor['name'], begin, size, row, tensor.get('slice'))


def _chosen(tensors: Chosen) -> list[tuple[str, str | None]] | None:
    if tensors is None:
        return None
    if isinstance(tensors, str):
        raise RecipeError('tensors is a list of names, or a dict from names '
                          'to slices.')
    if isinstance(tensors, Mapping):
        return [(name, slices.written(cut)) for name, cut in tensors.items()]
    return [(name, None) for name in tensors]


class Request:
    """A recipe, its seed and dtype, and the tensors that are chosen of it."""

    def __init__(self, transport: Transport, recipe: Recipe,
                 seed: int | None = None, dtype: str | None = None,
                 tensors: Chosen = None,
                 generator: str | None = None) -> None:
        self._transport = transport
        self.chosen = _chosen(tensors)
        fields: dict[str, Any] = {}
        if seed is not None:
            fields['seed'] = str(seed)
        if dtype is not None:
            fields['dtype'] = dtype
        if generator is not None:
            fields['generator'] = generator
        self.named = isinstance(recipe, str)
        if isinstance(recipe, str):
            self._fields = {'recipe': recipe, **fields}
        else:
            self._fields = {**_document(recipe), **fields}

    @property
    def by_query(self) -> bool:
        """Can a GET ask for it?  Then bytes can be had by Range."""
        return self.named and (self.chosen is None or len(self.chosen) == 1)

    def _query(self, form: str, digest: str) -> str:
        fields = {**self._fields, 'format': form, 'digest': digest}
        if self.chosen:
            fields['name'], cut = self.chosen[0]
            if cut is not None:
                fields['slice'] = cut
        return '/v1/weights?' + urllib.parse.urlencode(fields)

    def _body(self, form: str, digest: str,
              chosen: list[tuple[str, str | None]] | None) -> dict[str, Any]:
        body = {**self._fields, 'format': form, 'digest': digest}
        if chosen is not None:
            body['tensors'] = [
                name if cut is None else {'name': name, 'slice': cut}
                for name, cut in chosen]
        return body

    def manifest(self, digest: str, timeout: float | None = None
                 ) -> dict[str, Any]:
        """What is chosen, with 'digest' as the daemon takes it."""
        if self.by_query:
            return self._transport.json(
                'GET', self._query('manifest', digest), timeout=timeout)
        return self._transport.json(
            'POST', '/v1/weights',
            self._body('manifest', digest, self.chosen), timeout)

    def source(self, manifest: Mapping[str, Any],
               extents: Sequence[Extent]) -> Ranges | Choices:
        """Where the bytes of that manifest come from."""
        if self.by_query:
            return Ranges(self._transport, self._query('raw', 'off'),
                          manifest['recipe'], sum(e.size for e in extents))
        return Choices(self, extents)

    def open(self, chosen: list[tuple[str, str | None]] | None) -> Answer:
        """The bytes of those tensors, from the first on."""
        return self._transport.once('POST', '/v1/weights',
                                    self._body('raw', 'off', chosen))


def _document(recipe: Mapping[str, Any]) -> dict[str, Any]:
    for field in NOT_IN_DOCUMENTS:
        if field in recipe:
            raise RecipeError(f'{field!r} is no part of a recipe: it is an '
                              'argument of what is done with one.')
    return {field: value for field, value in recipe.items()
            if field not in STORED_ONLY}


class Ranges:
    """Bytes of one answer to GET, by Range; If-Range keeps it the same one."""

    def __init__(self, transport: Transport, target: str, recipe: str,
                 size: int) -> None:
        self._transport = transport
        self._target = target
        self._recipe = recipe
        self._size = size
        self._etag: str | None = None

    def open(self, begin: int, end: int) -> Answer:
        headers = {}
        if (begin, end) != (0, self._size):
            headers['Range'] = f'bytes={begin}-{end - 1}'
            if self._etag:
                headers['If-Range'] = self._etag
        answer = self._transport.once('GET', self._target, headers=headers)
        try:
            self._check(answer, begin if headers else None)
        except SowError:
            answer.__exit__()
            raise
        self._etag = answer.headers.get('ETag')
        return answer

    def _check(self, answer: Answer, begin: int | None) -> None:
        mine = answer.headers.get('Sow-Recipe', self._recipe)
        if mine != self._recipe:
            raise SowError('The recipe was changed while it was fetched: '
                           "fetch it again, or pin it as 'ns/name@version'.")
        if begin is None:
            return
        where = answer.headers.get('Content-Range', '')
        if answer.status != 206 or not where.startswith(f'bytes {begin}-'):
            raise SowError(f'{self._transport.base_url} does not answer '
                           'ranges: is there a proxy that drops them?')


class Choices:
    """Bytes of answers to POST, which choose tensors and rows of them."""

    def __init__(self, request: Request, extents: Sequence[Extent]) -> None:
        self._request = request
        self._extents = [extent for extent in extents if extent.size]

    def open(self, begin: int, end: int) -> Answer:
        if begin == 0 and end == self._extents[-1].end:
            return self._request.open(self._request.chosen)
        chosen, skip = [], 0
        for extent in self._extents:
            if extent.end <= begin or extent.begin >= end:
                continue
            cut = extent.cut
            first = max(0, begin - extent.begin) // extent.row
            last = -(-(min(end, extent.end) - extent.begin) // extent.row)
            if extent.row < extent.size:
                cut = slices.rows(cut, first, last)
            if extent.begin < begin:
                skip = begin - extent.begin - first * extent.row
            chosen.append((extent.name, cut))
        answer = self._request.open(chosen)
        _skip(answer, skip)
        return answer


def _skip(answer: Answer, count: int) -> None:
    """Read what stands before the byte that is wanted."""
    sink = memoryview(bytearray(min(count, 1 << 20)))
    while count:
        got = answer.readinto(sink[:count])
        if not got:
            raise Trouble('The answer was cut.')
        count -= got
