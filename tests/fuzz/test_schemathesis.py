#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""schemathesis: requests made from /openapi.json, all its checks, a minute.

It imports this file, too, for the hooks below.
"""
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

# A slow machine is cut off before it is through; it gets twice as many, so
# many times at most.
SECONDS = int(os.environ.get('SCHEMATHESIS_SECONDS', '60'))
DOUBLED = 3
SEED = os.environ.get('SCHEMATHESIS_SEED', '1')

# The least number of requests.
ENOUGH = 500

# Refusals that depend on what is there or on several fields together, which no
# schema tells, count as answers to what is valid; so does 412 to what isn't.
CONFIGURATION = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "403", "404", "412", "416", "422", "429"]
[checks.negative_data_rejection]
expected-statuses = ["400", "403", "404", "405", "406", "409", "412", "413",
                     "414", "415", "416", "422"]
# OPTIONS tells what a path takes, not whether anything is there.
[[operations]]
include-method = "OPTIONS"
checks.negative_data_rejection.enabled = false
# As the Hub does, its routes pass over what they don't know.
[[operations]]
include-path-regex = "^/api/models/"
checks.negative_data_rejection.enabled = false
"""

# Among the refusals with 400, by code and detail: fields that exclude or need
# each other from afar, parameters that another scheme has, seeds that another
# generator takes, and whole numbers, which to JSON Schema include 2.0.
UNSAID = [('BAD_FIELD', 'goes? with|exclude each other|leave .* out'),
          ('BAD_QUERY', 'in the query and in the body'),
          ('UNKNOWN_FIELD', 'takes no|has no parameter'),
          ('BAD_FIELD', "^'seed' must be"),
          ('BAD_FIELD', r'not \[?-?[0-9.,-]*\.0')]

# A query for one tensor says what it is or names a recipe, and a fan rule of
# one's own needs both axes.
TENSOR = {'shape': '6,4', 'scheme': 'he_normal'}
BESIDE = [('seed',), ('dtype',), ('layout',), ('multiplier',), ('generator',),
          ('name',), ('slice',), ('format',), ('digest',), ('mode',), ('a',),
          ('in_axes', 'out_axes')]


def is_valid(case):
    """Is it made to fit the schema?"""
    return case.meta and case.meta.generation.mode.is_positive


def hooks():
    """Let what schemathesis makes be what a schema can't say."""
    import requests
    import schemathesis
    turns = itertools.cycle(BESIDE)

    @schemathesis.hook
    def before_call(context, case, kwargs):
        """Of a valid query, what fits together; files as a whole."""
        if case.operation.path in ('/v1/weights', '/v1/analysis') \
                and is_valid(case) and case.method in ('GET', 'HEAD'):
            kept = next(turns)
            given = {name: case.query[name] for name in kept
                     if name in (case.query or {})}
            case.query = TENSOR | (given if len(given) == len(kept) else {})
        if case.operation.path.endswith('/{path}') and case.headers:
            case.headers.pop('Range', None)

    @schemathesis.hook
    def after_call(context, case, response):
        """A refusal that no schema tells of is one that may come.

        GET says what HEAD is refused for.
        """
        if response.status_code != 400 or not is_valid(case):
            return
        body = response.content
        if case.method == 'HEAD':
            body = requests.get(response.request.url,
                                headers=response.request.headers).content
        problem = json.loads(body)
        if any(problem['code'] == code and re.search(detail, problem['detail'])
               for code, detail in UNSAID):
            response.status_code = 422


def ask(url, folder, seconds):
    """Run the tool: what it says, and its report, None if it makes none."""
    report = folder / 'report.json'
    report.unlink(missing_ok=True)
    run = subprocess.run(
        [pathlib.Path(sys.executable).parent / 'schemathesis',
         '--config-file', folder / 'schemathesis.toml', 'run',
         f'{url}/openapi.json', '--url', url, '--max-time', str(seconds),
         '--continue-on-failure', '--phases', 'examples,coverage,fuzzing',
         '--no-color', '--warnings', 'off', '--seed', SEED, '--report', 'json',
         '--report-json-path', report],
        cwd=folder, capture_output=True, text=True,
        env=os.environ | {'SCHEMATHESIS_HOOKS': __file__})
    return run, json.loads(report.read_text()) if report.exists() else None


def is_cut_off(result):
    """Is it good as far as it goes, which isn't far enough?"""
    tested = result['operations']
    return not result['failures'] and not result['errors'] and (
        tested['tested'] < tested['total'] or
        result['test_cases']['generated'] <= ENOUGH)


def main(daemon, tally, folder):
    """A daemon, the tool, and what its report says."""
    (folder / 'schemathesis.toml').write_text(CONFIGURATION)
    (folder / 'recipes').mkdir()
    with daemon.running('--recipes', str(folder / 'recipes')) as url:
        for doubled in range(DOUBLED + 1):
            run, result = ask(url, folder, SECONDS << doubled)
            if not result or not is_cut_off(result):
                break
    if not tally.check('schemathesis reports', result,
                       run.stdout[-2000:] + run.stderr[-2000:]):
        return
    tested = result['operations']
    tally.equal('every operation is tested', tested['tested'], tested['total'])
    tally.check('it asks often', result['test_cases']['generated'] > ENOUGH,
                result['test_cases'])
    tally.equal('there is no error', result['errors'], [])
    rates = result['valid_rates'].get('GET /v1/weights', {})
    tally.check('weights are sent',
                sum(phase['accepted'] for phase in rates.values()) > 0, rates)
    for failure in result['failures']:
        for operation in failure['operations']:
            tally.check(f'{operation}: {failure["title"]}', False)
    if result['failures']:
        print(run.stdout[run.stdout.find('FAILURES'):][:20000])


if __name__ == '__main__':
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] /
                           'clients'))
    import daemon
    import tally
    with tempfile.TemporaryDirectory() as scratch:
        tally.run(main, daemon, tally, pathlib.Path(scratch))
    tally.finish()
else:
    hooks()
