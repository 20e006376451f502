#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Runs alone: it loads the machine.
"""The daemon in valgrind, under the mixed load with small requests: no byte is
read that was not written, none beside its block, and none is lost at the end.

Without the sandbox: valgrind starts threads, opens files and makes memory
executable on behalf of the program, all of which the sandbox forbids.
VALGRIND_SECONDS is how long (40).
"""
import os
import pathlib
import re
import shutil
import tempfile

import load
import daemon
import soak
import tally

SECONDS = float(os.environ.get('VALGRIND_SECONDS', 40))
THREADS = 4

# How large requests are, beside those of a soak; all takes 30 times as long.
SIZE = 0.02
PATIENCE = 180

# Asked of valgrind; a program that breaks these ends with status 99.
RULES = ['--error-exitcode=99', '--leak-check=full',
         '--errors-for-leak-kinds=definite,indirect,possible',
         '--show-leak-kinds=definite,indirect,possible', '--fair-sched=yes']


def main(folder):
    daemon.START = daemon.STOP = PATIENCE
    said = folder / 'valgrind'
    try:
        with daemon.running(
                '--recipes', folder / 'recipes', '--sandbox', 'off',
                '--cache-bytes', '1MiB', '--max-flops', '1e10',
                launcher=['valgrind', f'--log-file={said}', *RULES],
                keep=soak.KEPT) as url:
            run = soak.Soak(url, load.Vitals(url.pid), seed=soak.SEED,
                            size=SIZE, patience=PATIENCE)
            run.run(SECONDS, THREADS)
            run.judge()
    finally:
        report = said.read_text() if said.exists() else ''
        summary = re.search('ERROR SUMMARY: ([0-9]+) errors', report)
        print(report[-6000:] if not summary or summary[1] != '0' else
              report.strip().splitlines()[-1])
        tally.equal('errors that valgrind found', summary and summary[1], '0')


def has_sanitizer():
    with daemon.running() as url:
        return daemon.instrumented(url)


if __name__ == '__main__':
    if not shutil.which('valgrind'):
        print('skipped: valgrind is not installed')
        tally.check('without valgrind nothing is tested', True)
    elif has_sanitizer():
        print('skipped: valgrind: the program has a sanitizer of its own')
        tally.check('a sanitizer looks for the same', True)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            tally.run(main, pathlib.Path(scratch))
    tally.finish()
