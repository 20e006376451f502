# SPDX-License-Identifier: MIT
"""Where and with what a run was made."""

import datetime
import os
import platform
import re
import subprocess

MEASURED = ('lib', 'api', 'server', 'Makefile')


def said(*command):
    """The first line that a command prints, or None."""
    try:
        run = subprocess.run(command, capture_output=True, text=True,
                             check=False)
    except OSError:
        return None
    lines = (run.stdout + run.stderr).splitlines()
    return lines[0].strip() if run.returncode == 0 and lines else None


def processor():
    """The model's name; with its numbers, if there are none in it."""
    facts = {}
    with open('/proc/cpuinfo', encoding='ascii') as file:
        for line in file:
            name, _, value = line.partition(':')
            facts.setdefault(name.strip(), value.strip())
    name = facts.get('model name') or platform.machine()
    if not re.search(r'\d', name) and 'cpu family' in facts:
        name += f" family {facts['cpu family']} model {facts['model']}"
    return name


def slug(name):
    """A processor's name, for the name of a file."""
    plain = re.sub(r'\((r|tm)\)|cpu|processor|@.*', ' ', name.lower())
    return re.sub(r'[^a-z0-9]+', '-', plain).strip('-')


def commit():
    """What was measured, if git knows."""
    found = said('git', 'rev-parse', '--short=12', 'HEAD')
    if found and said('git', 'status', '--porcelain', *MEASURED):
        found += ' and changes'
    return found


def facts():
    with open('/proc/meminfo', encoding='ascii') as file:
        memory = int(file.readline().split()[1]) * 1024
    return {
        'cpu': processor(),
        'cores': len(os.sched_getaffinity(0)),
        'memory_bytes': memory,
        'kernel': platform.system() + ' ' + platform.release(),
        'compiler': said(os.environ.get('CC', 'cc'), '--version'),
        'python': platform.python_version(),
        'nginx': (said('nginx', '-v') or '').rpartition(' ')[2] or None,
        'commit': commit(),
        'date': datetime.date.today().isoformat(),
        'load_at_start': round(os.getloadavg()[0], 2),
    }
