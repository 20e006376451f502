# SPDX-License-Identifier: MIT
"""Three daemons that share one folder of recipes, behind Debian's HAProxy.

    with fleet.running(folder) as replicas:
        replicas.url             where HAProxy listens
        replicas.members[0].kill()
"""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / os.environ.get('SOWD', 'build/release/sowd')
CONFIG = pathlib.Path(__file__).with_name('haproxy.cfg')
COUNT = 3

# Seconds within which what was started must answer.
PATIENCE = 30


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as listener:
        return listener.getsockname()[1]


def wait_ready(url):
    """Return when 'url' is ready; TimeoutError when that takes too long."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(url + '/readyz', timeout=1) as answer:
                if answer.status == 200:
                    return
        time.sleep(0.05)
    raise TimeoutError(f'{url} does not get ready')


class Member:
    """A replica: always at the same port, of one build or another."""

    def __init__(self, folder, number, *options, program=PROGRAM):
        self._options = options
        self._builds = [folder / f'sowd-{number}-{name}' for name in 'ab']
        for build in self._builds:
            shutil.copy(program, build)
        self.log = folder / f'sowd-{number}.log'
        self._log = self.log.open('ab')
        self.address = f'127.0.0.1:{free_port()}'
        self.url = 'http://' + self.address
        self.start()

    def start(self):
        """Run it, and wait until it is ready."""
        self._process = subprocess.Popen(
            [self._builds[0], '--listen', self.address, *self._options],
            stdin=subprocess.DEVNULL, stderr=self._log)
        wait_ready(self.url)

    def kill(self):
        """End it as a machine does that loses its power, and start again."""
        self._process.kill()
        self._process.wait()
        self.start()

    def freeze(self, seconds):
        """Let it do nothing for a while, connections open."""
        self._process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)
        wait_ready(self.url)

    def restart(self):
        """End it in order, and start again.  Returns its exit status."""
        self._process.terminate()
        status = self._process.wait(PATIENCE)
        self.start()
        return status

    def roll(self):
        """The same, to the other build."""
        self._builds.reverse()
        return self.restart()

    def close(self):
        self._process.kill()
        self._process.wait()
        self._log.close()


class Proxy:
    """HAProxy in front of up to three addresses."""

    def __init__(self, folder, addresses):
        port = free_port()
        self.url = f'http://127.0.0.1:{port}'
        replicas = {f'REPLICA_{i + 1}': addresses[i % len(addresses)]
                    for i in range(COUNT)}
        program = shutil.which('haproxy', path='/usr/sbin:/usr/bin')
        self._log = (folder / 'haproxy.log').open('ab')
        self._process = subprocess.Popen(
            [program, '-db', '-f', CONFIG], stdin=subprocess.DEVNULL,
            stdout=self._log, stderr=self._log,
            env={**os.environ, **replicas, 'PORT': str(port)})
        wait_ready(self.url)

    def close(self):
        self._process.kill()
        self._process.wait()
        self._log.close()


class Fleet:
    """Members, and the proxy in front of them."""

    def __init__(self, folder):
        recipes = folder / 'recipes'
        recipes.mkdir()
        self.members = [Member(folder, i, '--recipes', recipes,
                               '--drain-seconds', '20') for i in range(COUNT)]
        self._proxy = Proxy(folder, [m.address for m in self.members])
        self.url = self._proxy.url

    def close(self):
        self._proxy.close()
        for member in self.members:
            member.close()


@contextlib.contextmanager
def running(folder):
    """Start a Fleet that keeps its files in 'folder', a pathlib.Path."""
    fleet = Fleet(folder)
    try:
        yield fleet
    finally:
        fleet.close()
