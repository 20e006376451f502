# SPDX-License-Identifier: MIT
"""Prometheus's text format, read as its specification has it."""
import re

_SAMPLE = re.compile(r'([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$')
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)",?')


def read(text):
    """The samples: {(name, frozenset of (label, value)): number}."""
    samples = {}
    for line in text.splitlines():
        if line.startswith('#'):
            continue
        name, labels, value = _SAMPLE.match(line).groups()
        pairs = _LABEL.findall(labels or '')
        if len(_LABEL.sub('', labels or '')):
            raise AssertionError(f'labels of {line}')
        key = (name, frozenset(pairs))
        if key in samples:
            raise AssertionError(f'twice: {line}')
        samples[key] = float(value)
    return samples


def value(samples, name, **labels):
    """One sample's number, or 0 when it isn't there."""
    return samples.get((name, frozenset(labels.items())), 0)
