# SPDX-License-Identifier: MIT
"""Parts of tensors, as the daemon writes them: '0:128,:'."""
from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, Union

from .errors import RecipeError

Cut = Union[str, slice, Sequence[slice], None]


def _bound(number: Any) -> str:
    return '' if number is None else str(operator.index(number))


def _written(part: object) -> str:
    if part is Ellipsis:
        return '...'
    if not isinstance(part, slice):
        raise RecipeError(f'{part!r} cannot cut a tensor: give slices such '
                          'as slice(0, 128), which keep every dimension.')
    if part.step not in (None, 1):
        raise RecipeError(f'{part!r} has a step: slices here have none.')
    return f'{_bound(part.start)}:{_bound(part.stop)}'


def written(cut: Cut) -> str | None:
    """A slice as the daemon reads it, or None for the whole.

    Dimensions that are left out at the end are whole, and so is what an
    Ellipsis at the end stands for.
    """
    if cut is None or isinstance(cut, str):
        return cut
    parts = [_written(part) for part in
             ([cut] if isinstance(cut, slice) or cut is Ellipsis else cut)]
    if parts and parts[-1] == '...':
        parts.pop()
    if '...' in parts:
        raise RecipeError('An Ellipsis can only be the last of a slice.')
    return ','.join(parts) or None


def rows(cut: str | None, begin: int, end: int) -> str:
    """The slice of rows 'begin' to 'end' of what 'cut', which has numbers
    everywhere as in a manifest, leaves of a tensor."""
    if cut is None:
        return f'{begin}:{end}'
    first, _, rest = cut.partition(',')
    start = int(first.partition(':')[0])
    return f'{start + begin}:{start + end}' + (f',{rest}' if rest else '')
