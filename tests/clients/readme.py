# SPDX-License-Identifier: MIT
"""The examples of the READMEs, run as they stand.

A line that begins with "    $ " is a command, which goes on while a quote is
open or the line ends with a backslash; what follows up to the next command or
paragraph is its output.
"""
import os
import re
import subprocess

import daemon
import tally

FILES = ('README.md', 'api/README.md')
WRITTEN_FOR = 'http://127.0.0.1:8080'


def open_ended(command):
    return command.count("'") % 2 == 1 or command.endswith('\\')


def examples(file):
    """The (command, output) pairs in a file."""
    found = []
    text = (daemon.ROOT / file).read_text()
    for block in re.findall(r'(?:^    .*\n)+', text, re.M):
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


def check(file, command, output, url, folder, **environment):
    """Run an example in 'folder' against the daemon at 'url'."""
    run = subprocess.run(
        ['bash', '-c', command.replace(WRITTEN_FOR, url)], cwd=folder,
        env=os.environ | environment, capture_output=True, text=True,
        timeout=300)
    tally.check(f'{command!r} succeeds', run.returncode == 0, run.stderr)
    tally.equal(f'{command!r} prints what {file} says', normal(run.stdout),
                normal(output))
