# SPDX-License-Identifier: MIT
"""Prometheus's own tool finds nothing wrong with /metrics, nor with alerts."""
import pathlib
import re
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


def test_alerts_are_of_what_there_is():
    rules = daemon.ROOT / 'docker/prometheus/alerts.yml'
    for words in (['rules', rules], ['config', rules.with_name(
            'prometheus.yml')]):
        done = subprocess.run(['promtool', 'check', *words],
                              capture_output=True, text=True)
        tally.check(f'promtool check {words[0]}', done.returncode == 0,
                    done.stdout + done.stderr)
    with daemon.running() as url:
        told = fetch(url + '/metrics').decode()
    names = set(re.findall(r'\b(?:sow|process)_\w+', rules.read_text()))
    tally.check('they ask for much', len(names) > 8, names)
    for name in sorted(names):
        tally.check(f'{name} is told', f'# TYPE {name} ' in told)


for test in (test_promtool_finds_nothing, test_promtool_would_find_something,
             test_alerts_are_of_what_there_is):
    tally.run(test)
tally.finish()
