# SPDX-License-Identifier: MIT
"""What stands in the README about speed is what was measured: the committed
results, of which each table and plot is made from the figures beside it."""
import json
import sys
import xml.etree.ElementTree

import daemon
import tally

sys.path.insert(0, str(daemon.ROOT / 'tests/bench'))

import goals  # noqa: E402
import plot  # noqa: E402
import table  # noqa: E402

README = (daemon.ROOT / 'README.md').read_text()


def results():
    """The committed runs, by the names of their files."""
    found = {}
    for path in sorted((daemon.ROOT / table.RESULTS).glob('*.json')):
        found[path] = json.loads(path.read_text())
    return found


def test_tables_and_plots_are_of_their_figures():
    found = results()
    tally.check('a run is committed', len(found) > 0)
    for path, result in found.items():
        tally.equal(f'{path.name} is called by its processor', path.stem,
                    result['slug'])
        tally.equal(f'{path.stem}.md is its table',
                    path.with_suffix('.md').read_text(), table.page(result))
        text = path.with_suffix('.svg').read_text()
        tally.equal(f'{path.stem}.svg is its plot', text,
                    plot.picture(result))
        xml.etree.ElementTree.fromstring(text)


def test_verdicts_follow_from_the_figures():
    for path, result in results().items():
        parts = result['parts'] | {'machine': result['machine']}
        tally.equal(f'the goals in {path.name}', result['goals'],
                    goals.check(parts))
        tally.check(f'{path.name} is no quick run', not result['quick'])


def test_readme_has_a_committed_run():
    ours = table.between(README)
    tally.check('README.md has its marks', ours is not None)
    tally.check('README.md has the figures of a committed run',
                ours in [table.short(run) for run in results().values()],
                ours)


def test_engines_that_are_lacking_are_no_failures():
    rows = goals.check({'machine': {'cores': 1}, 'kernels': {'cases': [
        {'engine': 'portable', 'name': 'philox', 'dtype': 'words'}]},
        'peers': {'rows': []}})
    tally.equal('verdicts without an engine or a second core',
                {row['verdict'] for row in rows},
                {goals.ABSENT, goals.UNMEASURED})
    tally.equal('nothing is reached or missed',
                {row['reached'] for row in rows}, {None})


def test_goals_that_are_not_reached_are_told():
    rows = [{'what': what, 'seen': seen, 'asked': asked, 'reached': reached,
             'verdict': verdict} for what, seen, asked, reached, verdict in (
        ('speed', '5 ×', '≥ 4 ×', True, 'reached'),
        ('the same again', '3 ×', '≥ 4 ×', False, 'missed'),
        ('size', '9 MiB', 'told', None, ''),
        ('time', None, '≤ 2 s', None, goals.ABSENT),
        ('calm', None, '≤ 2 s', None, goals.UNMEASURED))]
    tally.equal('a line of goals', table.goal_words(rows),
                ' Goals: 1 of 4 reached; missed: speed (the same again), 3 × '
                '(≥ 4 × asked); not on this machine: 1; not measured: 1.')
    tally.equal('all reached', table.goal_words(rows[:1]),
                ' Goals: 1 of 1 reached.')


for test in (test_tables_and_plots_are_of_their_figures,
             test_verdicts_follow_from_the_figures,
             test_readme_has_a_committed_run,
             test_engines_that_are_lacking_are_no_failures,
             test_goals_that_are_not_reached_are_told):
    tally.run(test)
tally.finish()
