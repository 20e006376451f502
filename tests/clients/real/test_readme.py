#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The READMEs' examples, those in Python too, give what stands there."""
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import daemon  # noqa: E402
import machine  # noqa: E402
import readme  # noqa: E402
import tally  # noqa: E402


def test_python_examples():
    """With this interpreter as python3, and the client as if installed."""
    ran = 0
    with daemon.running() as url, tempfile.TemporaryDirectory() as folder:
        bin = pathlib.Path(folder, 'bin')
        bin.mkdir()
        (bin / 'python3').write_text(
            f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        (bin / 'python3').chmod(0o755)
        # See there: transformers looks at torchvision.
        pathlib.Path(folder, 'sitecustomize.py').write_text(
            f'import sys\nsys.path.append({str(machine.CONFORMANCE)!r})\n'
            'import vision\n')
        for file in readme.FILES:
            for command, output in readme.examples(file):
                readme.check(
                    file, command, output, url, folder,
                    PATH=f'{bin}:{os.environ["PATH"]}',
                    PYTHONPATH=f'{folder}:{daemon.ROOT}/api/python',
                    HF_HOME=folder + '/hf')
                ran += 'python3' in command
    tally.check('README.md shows three ways from a training job, two '
                'libraries, and an analysis', ran >= 6, ran)


tally.run(test_python_examples)
tally.finish()
