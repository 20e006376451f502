# SPDX-License-Identifier: MIT
"""README.md's examples, run as they stand, give the output that stands there.

A line that begins with "    $ " is a command, which goes on while a quote is
open or the line ends with a backslash; what follows up to the next command or
paragraph is its output.
"""
import re
import subprocess
import tempfile

import daemon
import tally

README = (daemon.ROOT / 'README.md').read_text()
WRITTEN_FOR = 'http://127.0.0.1:8080'


def open_ended(command):
    return command.count("'") % 2 == 1 or command.endswith('\\')


def examples():
    """The (command, output) pairs in README.md."""
    found = []
    for block in re.findall(r'(?:^    .*\n)+', README, re.M):
        lines = [line[4:] for line in block.splitlines()]
        if not lines[0].startswith('$ '):
            continue
        for line in lines:
            if line.startswith('$ '):
                found.append([line[2:], ''])
            elif open_ended(found[-1][0]):
                found[-1][0] += '\n' + line
            else:
                found[-1][1] += line + '\n'
    return found


def normal(text):
    """Without what may differ: the date, and how lines end."""
    lines = text.replace('\r', '').strip().splitlines()
    return [line for line in lines if not line.startswith('Date: ')]


def test_examples():
    with daemon.running() as url, tempfile.TemporaryDirectory() as folder:
        for command, output in examples():
            run = subprocess.run(
                ['bash', '-c', command.replace(WRITTEN_FOR, url)], cwd=folder,
                capture_output=True, text=True, timeout=60)
            tally.check(f'{command!r} succeeds', run.returncode == 0,
                        run.stderr)
            tally.equal(f'{command!r} prints what README.md says',
                        normal(run.stdout), normal(output))


def test_there_are_enough():
    tally.check('README.md has five examples', len(examples()) >= 5)


def test_help_and_readme_agree():
    """Each option of --help stands in README.md, and the other way round."""
    text = subprocess.run([daemon.ROOT / daemon.PROGRAM, '--help'],
                          capture_output=True, text=True).stdout
    known = set(re.findall(r'^ +(--[a-z-]+)', text, re.M))
    named = set(re.findall(r'`(--[a-z]+(?:-[a-z]+)*)', README))
    tally.equal('options in --help that README.md lacks',
                known - named - {'--help', '--version'}, set())
    tally.equal('options in README.md that --help lacks', named - known, set())


for test in (test_examples, test_there_are_enough,
             test_help_and_readme_agree):
    tally.run(test)
tally.finish()
