# SPDX-License-Identifier: MIT
"""Prometheus's own tool finds nothing wrong with /metrics."""
import pathlib
import subprocess
import sys
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import daemon  # noqa: E402
import tally  # noqa: E402

TARGETS = ['/v1/weights?shape=64,64&scheme=orthogonal', '/v1/schemes',
           '/v1/weights?shape=bad', '/no/such/path', '/readyz', '/metrics']


def fetch(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.read()
    except urllib.error.HTTPError as problem:
        return problem.read()


def test_promtool_finds_nothing():
    with daemon.running() as url:
        for target in TARGETS:
            fetch(url + target)
        text = fetch(url + '/metrics')
    done = subprocess.run(['promtool', 'check', 'metrics'], input=text,
                          capture_output=True)
    tally.equal('promtool check metrics',
                (done.returncode, done.stdout + done.stderr), (0, b''))


def test_promtool_would_find_something():
    done = subprocess.run(['promtool', 'check', 'metrics'],
                          input=b'# TYPE a_total gauge\na_total 1\n',
                          capture_output=True)
    tally.check('it is not content with anything', done.returncode != 0)


for test in (test_promtool_finds_nothing, test_promtool_would_find_something):
    tally.run(test)
tally.finish()
