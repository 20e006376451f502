# SPDX-License-Identifier: MIT
"""Counting what passed and what failed, and waiting for it."""
import sys
import time

_counts = {True: 0, False: 0}


def check(statement, holds, detail=''):
    """Count 'statement', and print it with 'detail' when it does not hold."""
    _counts[bool(holds)] += 1
    if not holds:
        print(f'FAILED: {statement}' + (f': {detail}' if detail else ''))
    return bool(holds)


def equal(statement, got, expected):
    """Count 'statement', which holds when 'got' is 'expected'."""
    return check(statement, got == expected,
                 f'got {got!r}, expected {expected!r}')


def within(seconds, holds, pause=0.02):
    """Whether it comes to hold; the last that 'holds' said."""
    end = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(pause)
    return held


def run(test, *arguments):
    """Run a function that counts; if it raises it has failed."""
    try:
        test(*arguments)
    except Exception as problem:
        check(test.__name__, False, f'{type(problem).__name__}: {problem}')


def finish():
    """Print the sums and end the program."""
    print(f'{_counts[True]} passed, {_counts[False]} failed')
    sys.exit(1 if _counts[False] or not _counts[True] else 0)
