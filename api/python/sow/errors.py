# SPDX-License-Identifier: MIT
"""What can go wrong, as exceptions."""
from __future__ import annotations

from typing import Any


class SowError(Exception):
    """The daemon refused, did not answer, or cannot be understood.

    detail   one or two sentences: what is wrong, and the mend
    status   the HTTP status, or None when there was no answer
    code     the problem's stable code, such as 'UNKNOWN_SCHEME', or None
    at       the place in the request: a JSON pointer or a query name, or None
    problem  the whole problem document, or an empty dict
    """

    def __init__(self, detail: str, *, status: int | None = None,
                 problem: dict[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.problem = problem or {}
        self.code: str | None = self.problem.get('code')
        self.at: str | None = self.problem.get('at')

    def __str__(self) -> str:
        about = ' '.join(str(part) for part in (self.status, self.code)
                         if part is not None)
        place = f' at {self.at}' if self.at else ''
        return f'{about}{place}: {self.detail}' if about else self.detail


class DigestError(SowError):
    """A tensor, 'name', arrived with other bytes than its digest says."""

    def __init__(self, name: str, expected: str, found: str) -> None:
        super().__init__(f'{name!r} has the digest {found}, and the daemon '
                         f'promised {expected}: fetch it again.')
        self.name = name
        self.expected = expected
        self.found = found


class RecipeError(SowError, ValueError):
    """A module, tree or recipe cannot be used as it is; the text says why."""


class Trouble(SowError):
    """What may pass if one tries again; 'wait' is the daemon's Retry-After."""

    wait: float | None = None
