# SPDX-License-Identifier: MIT
"""A machine with the real clients: an empty home, HF_ENDPOINT, nothing else.

    with machine.new(url) as here:
        path = here.run(fetch, repo='init/tiny-llama', revision='seed-42')

HF_ENDPOINT is read when huggingface_hub is imported, so a function runs in a
process of its own, and imports what it needs itself.  Arguments and result
are what JSON can say.  It fails if it reaches for another host.
"""
import contextlib
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import traceback

HERE = pathlib.Path(__file__).resolve().parent
CONFORMANCE = HERE.parents[1] / 'conformance'
sys.path.insert(0, str(HERE.parent))

# Seconds for one function; importing torch alone can take ten.
PATIENCE = 600

# And for an answer to a client, which by itself gives up after ten.
ANSWER = '120'

LOOPBACK = ('127.0.0.1', '::1', 'localhost', None)


class Machine:
    """A home folder, and what is asked from there."""

    def __init__(self, home, url):
        self.home = pathlib.Path(home)
        self.cache = self.home / 'huggingface'
        self.environment = {
            'PATH': os.environ['PATH'], 'HOME': str(home),
            'HF_HOME': str(self.cache), 'HF_ENDPOINT': str(url),
            'HF_HUB_ETAG_TIMEOUT': ANSWER, 'HF_HUB_DOWNLOAD_TIMEOUT': ANSWER}

    def _run(self, command, **options):
        return subprocess.run(command, cwd=self.home, capture_output=True,
                              text=True, timeout=PATIENCE, **options)

    def run(self, function, **arguments):
        """The result of a function, which runs in a process of its own."""
        done = self._run(
            [sys.executable, __file__, function.__code__.co_filename,
             function.__name__],
            env=self.environment, input=json.dumps(arguments))
        if done.returncode != 0:
            raise AssertionError(f'{function.__name__}({arguments}): '
                                 f'{done.stderr[-2000:]}')
        return json.loads(done.stdout)

    def hf(self, *words):
        """Run the command line client; a CompletedProcess with its texts."""
        # It asks PyPI for newer versions of itself, which is no one's test.
        environment = self.environment | {'HF_HUB_DISABLE_UPDATE_CHECK': '1'}
        program = pathlib.Path(sys.executable).parent / 'hf'
        return self._run([program, *words], env=environment)

    def files(self, folder='.'):
        """Every file below a folder of the home by its path from there."""
        root = self.home / folder
        return {str(path.relative_to(root)): path
                for path in sorted(root.rglob('*')) if path.is_file()}


@contextlib.contextmanager
def new(url):
    """A machine with an empty home, for a while."""
    with tempfile.TemporaryDirectory(prefix='sow-') as home:
        yield Machine(home, url)


# ----------------------------------------------------------------------------
# The process of a function

def _watch(strayed):
    """Note each host but this one that anything asks for."""
    def hook(event, arguments):
        if event == 'socket.getaddrinfo' and arguments[0] not in LOOPBACK:
            strayed.append(arguments[0])
        if event == 'socket.connect' and isinstance(arguments[1], tuple) \
                and arguments[1][0] not in LOOPBACK:
            strayed.append(arguments[1][0])
    sys.addaudithook(hook)


def _function(path, name):
    sys.path[:0] = [str(pathlib.Path(path).parent), str(CONFORMANCE)]
    spec = importlib.util.spec_from_file_location('client', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


def main():
    # Libraries print; only the result goes to the standard output.
    answer = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)
    strayed = []
    _watch(strayed)
    try:
        result = _function(*sys.argv[1:])(**json.load(sys.stdin))
    except Exception:
        traceback.print_exc()
        sys.exit(1)
    if strayed:
        sys.exit(f'asked for other hosts: {strayed}')
    json.dump(result, answer)
    answer.close()


if __name__ == '__main__':
    main()
