# SPDX-License-Identifier: MIT
"""HTTP: connections that are kept, problems, and patience."""
from __future__ import annotations

import email.utils
import http.client
import json
import os
import random
import threading
import time
import urllib.parse
from collections.abc import Mapping
from typing import Any

from .errors import SowError, Trouble

# What a request may be sent again for: every request here can be repeated.
PASSING = {408, 425, 429, 502, 503, 504}
LONGEST_WAIT = 120.0


def _seconds(text: str | None) -> float | None:
    """Retry-After, which is a number of seconds or a date."""
    if text is None:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        when = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, when.timestamp() - time.time())


class Patience:
    """How often one tries again, and how long one waits before it."""

    def __init__(self, retries: int) -> None:
        self.retries = retries
        self.failures = 0

    def progress(self) -> None:
        """There was some: only failures in a row are counted."""
        self.failures = 0

    def wait(self, trouble: Trouble) -> None:
        """Wait before the next try, or raise 'trouble' if it was the last."""
        if self.failures >= self.retries:
            raise trouble
        pause = min(30.0, 0.25 * 2 ** self.failures) * random.uniform(0.5, 1)
        if trouble.wait is not None:
            pause += min(trouble.wait, LONGEST_WAIT)
        self.failures += 1
        time.sleep(pause)


class Answer:
    """An answer that can be read; as a context it cleans up after itself."""

    def __init__(self, transport: Transport,
                 connection: http.client.HTTPConnection,
                 response: http.client.HTTPResponse) -> None:
        self._transport = transport
        self._connection = connection
        self._response = response
        self.status = response.status
        self.headers = response.headers

    def readinto(self, view: memoryview) -> int:
        """Fill 'view' as far as the answer goes; 0 at its end."""
        try:
            return self._response.readinto(view)
        except (OSError, http.client.HTTPException) as error:
            raise Trouble(f'The answer was cut: {error!r}.') from error

    def read(self) -> bytes:
        try:
            return self._response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Trouble(f'The answer was cut: {error!r}.') from error

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        if self._response.isclosed():
            self._transport._keep(self._connection)
        else:
            self._connection.close()


class Transport:
    """Requests to one daemon; any number of threads may share it."""

    def __init__(self, base_url: str, token: str | None, timeout: float,
                 retries: int) -> None:
        parts = urllib.parse.urlsplit(base_url)
        if parts.scheme not in ('http', 'https') or not parts.hostname:
            raise SowError(f'{base_url!r} is not the URL of a daemon: give '
                           "one such as 'http://127.0.0.1:8080'.")
        self.base_url = base_url.rstrip('/')
        self.timeout = timeout
        self.retries = retries
        self._secure = parts.scheme == 'https'
        self._host, self._port = parts.hostname, parts.port
        self._prefix = parts.path.rstrip('/')
        self._headers = {'User-Agent': 'sow-client/0.1'}
        if token:
            self._headers['Authorization'] = f'Bearer {token}'
        self._lock = threading.Lock()
        self._kept: list[http.client.HTTPConnection] = []
        self._process = os.getpid()

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__, _kept=[])
        del state['_lock']
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=threading.Lock())

    def _keep(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            self._kept.append(connection)

    def _kept_one(self) -> http.client.HTTPConnection | None:
        with self._lock:
            if self._process != os.getpid():
                # A forked child must not speak on its parent's connections.
                self._kept, self._process = [], os.getpid()
            return self._kept.pop() if self._kept else None

    def close(self) -> None:
        while connection := self._kept_one():
            connection.close()

    def _new(self) -> http.client.HTTPConnection:
        kind = (http.client.HTTPSConnection if self._secure
                else http.client.HTTPConnection)
        return kind(self._host, self._port, timeout=self.timeout)

    def _ask(self, connection: http.client.HTTPConnection, timeout: float,
             method: str, target: str, body: bytes | None,
             headers: Mapping[str, str]) -> http.client.HTTPResponse:
        connection.timeout = timeout
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        connection.request(method, self._prefix + target, body,
                           {**self._headers, **headers})
        return connection.getresponse()

    def once(self, method: str, target: str, body: Any = None,
             headers: Mapping[str, str] | None = None,
             timeout: float | None = None) -> Answer:
        """Send a request, once.  Raises Trouble for what may pass, SowError
        for every other status of 400 and more.  bytes are sent as they are,
        anything else as JSON; 'timeout' is for the answer's first byte."""
        headers = dict(headers or {})
        if body is not None:
            headers['Content-Type'] = 'application/json'
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
        timeout = timeout or self.timeout
        connection = self._kept_one()
        while True:
            fresh = connection is None
            connection = connection or self._new()
            try:
                response = self._ask(connection, timeout, method, target,
                                     body, headers)
                break
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                if not fresh and not isinstance(error, TimeoutError):
                    # It was closed while it was idle.
                    connection = None
                    continue
                raise Trouble(f'{self.base_url} does not answer: '
                              f'{error!r}.') from error
        if connection.sock is not None:
            connection.sock.settimeout(self.timeout)
        answer = Answer(self, connection, response)
        if response.status >= 400:
            with answer:
                raise _refusal(answer)
        return answer

    def send(self, method: str, target: str, body: Any = None,
             headers: Mapping[str, str] | None = None,
             timeout: float | None = None
             ) -> tuple[Mapping[str, str], bytes]:
        """A whole answer, headers and body, after as many tries as needed."""
        patience = Patience(self.retries)
        while True:
            try:
                with self.once(method, target, body, headers,
                               timeout) as answer:
                    return dict(answer.headers), answer.read()
            except Trouble as trouble:
                patience.wait(trouble)

    def json(self, method: str, target: str, body: Any = None,
             timeout: float | None = None) -> Any:
        _, text = self.send(method, target, body, timeout=timeout)
        try:
            return json.loads(text) if text else None
        except ValueError:
            raise SowError(f'{self.base_url} is not a sow daemon: its answer '
                           f'to {target} is not JSON.') from None


def _refusal(answer: Answer) -> SowError:
    try:
        problem = json.loads(answer.read())
        problem = problem if isinstance(problem, dict) else {}
    except (ValueError, Trouble):
        problem = {}
    kind = Trouble if answer.status in PASSING else SowError
    error = kind(problem.get('detail') or 'The daemon gave no reason.',
                 status=answer.status, problem=problem)
    if isinstance(error, Trouble):
        error.wait = _seconds(answer.headers.get('Retry-After'))
    return error
