#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tests of the Python client, by pytest, counted as all others are."""
import sys

import pytest

import machine  # noqa: F401

import daemon
import tally

TESTS = daemon.ROOT / 'api' / 'python' / 'tests'


class Counter:
    """Counts each test; here all is installed, so that none is skipped."""

    def pytest_runtest_logreport(self, report):
        if report.when == 'call' or not report.passed:
            tally.check(report.nodeid, report.passed, report.longreprtext)

    def pytest_collectreport(self, report):
        if not report.passed:
            tally.check(report.nodeid, False, report.longreprtext)


def main():
    sys.dont_write_bytecode = True
    pytest.main(['-q', '-p', 'no:cacheprovider', str(TESTS)],
                plugins=[Counter()])
    tally.finish()


if __name__ == '__main__':
    main()
