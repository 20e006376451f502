# SPDX-License-Identifier: MIT
"""The READMEs' examples give the output that stands there, options included.

Those in Python need more than Debian has: tests/clients/real/test_readme.py.
"""
import re
import subprocess
import tempfile

import daemon
import readme
import tally

OPTIONS = (daemon.ROOT / 'server/README.md').read_text()


def test_examples():
    with daemon.running() as url, tempfile.TemporaryDirectory() as folder:
        for file in readme.FILES:
            for command, output in readme.examples(file):
                if 'python3' not in command:
                    readme.check(file, command, output, url, folder)


def test_there_are_enough():
    tally.check('README.md has four examples',
                len(readme.examples('README.md')) >= 4)


def test_help_and_readme_agree():
    """Each option of --help stands in the README, and the other way round."""
    text = subprocess.run([daemon.ROOT / daemon.PROGRAM, '--help'],
                          capture_output=True, text=True).stdout
    known = set(re.findall(r'^ +(--[a-z-]+)', text, re.M))
    named = set(re.findall(r'`(--[a-z]+(?:-[a-z]+)*)', OPTIONS))
    tally.equal('options in --help that server/README.md lacks',
                known - named - {'--help', '--version'}, set())
    tally.equal('options in server/README.md that --help lacks', named - known, set())


for test in (test_examples, test_there_are_enough,
             test_help_and_readme_agree):
    tally.run(test)
tally.finish()
