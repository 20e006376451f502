# SPDX-License-Identifier: MIT
"""The daemon as certify.py asks it, and the table of what was compared."""
import http.client
import io
import json
import re
import urllib.parse

import numpy as np

CHUNK = 1 << 22
SIZES = {'float64': 8, 'float32': 4, 'float16': 2, 'bfloat16': 2,
         'float8_e4m3fn': 1, 'float8_e5m2': 1}
DTYPES = list(SIZES)
COLUMNS = ('generator', 'what', 'dtype', 'library', 'cases', 'values',
           'differing', 'refused', 'verdict')
REASON = 60


class Refused(Exception):
    """The daemon's answer is a 4xx, with this reason."""


class Client:
    """One connection to a daemon."""

    def __init__(self, url):
        self.address = urllib.parse.urlsplit(url)
        self.connection = None

    def open(self, method, target, body=None, **headers):
        """An answer whose body is to be read; raises Refused."""
        if body is not None:
            headers['Content-Type'] = 'application/json'
            body = json.dumps(body)
        try:
            answer = self.once(method, target, body, headers)
        except ConnectionError:      # it was silent for too long
            self.connection = None
            answer = self.once(method, target, body, headers)
        if answer.status < 400:
            return answer
        problem = answer.read().decode()
        if answer.status not in (400, 422):
            raise RuntimeError(f'{method} {target} {str(body)[:300]}: '
                               f'{problem}')
        raise Refused(json.loads(problem)['detail'])

    def once(self, *request):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                self.address.hostname, self.address.port, timeout=900)
        self.connection.request(*request)
        return self.connection.getresponse()

    def json(self, target):
        return json.loads(self.open('GET', target).read())

    def generators(self):
        return self.json('/v1/generators')['generators']

    def schemes(self, generator):
        """The names of its library's schemes."""
        return self.json('/v1/generators/' + generator)['schemes'] or []

    def weights(self, document, form):
        return self.open('POST', f'/v1/weights?format={form}&digest=off',
                         document)

    def part(self, query, **headers):
        """The body of a GET of one tensor."""
        pairs = urllib.parse.urlencode(query | {'digest': 'off'})
        return self.open('GET', f'/v1/weights?{pairs}', **headers).read()


def bits(array):
    """An array's elements in order, as unsigned integers."""
    flat = np.ascontiguousarray(array).reshape(-1)
    return flat.view(f'<u{flat.dtype.itemsize}')


def ordered(words):
    """Integers that are as far apart as the floats with these bits."""
    signed = words.view(words.dtype.str.replace('u', 'i'))
    wide = signed.astype(np.int64)
    least = np.int64(np.iinfo(signed.dtype).min)
    return np.where(wide < 0, least - wide, wide)


class Cell:
    """What was compared of a generator, a scheme and an element type."""

    def __init__(self, library):
        self.library = library
        self.cases = self.values = self.differing = self.refused = 0
        self.ulps = 0
        self.reason = ''

    def compare(self, mine, theirs):
        self.values += theirs.size
        if np.array_equal(mine, theirs):
            return
        wrong = mine != theirs
        self.differing += int(wrong.sum())
        apart = ordered(mine[wrong]).astype(float) - ordered(theirs[wrong])
        self.ulps = max(self.ulps, int(np.abs(apart).max()))

    def refuse(self, reason):
        self.refused += 1
        self.reason = self.reason or reason

    def verdict(self):
        if self.differing:
            return 'differs' + (self.ulps > 0) * f' by {self.ulps} ulp at most'
        if self.values:
            return 'exact'
        return f'refused: {shortened(self.reason)}'

    def row(self, key):
        counts = self.cases, self.values, self.differing, self.refused
        return (*key, self.library, *map(str, counts), self.verdict())


def shortened(reason):
    """Its first words."""
    if len(reason) <= REASON:
        return reason
    return reason[:REASON].rsplit(' ', 1)[0] + ' …'


class Table:
    """Cells by generator, what is drawn, and element type, in order."""

    def __init__(self, client):
        self.client = client
        self.cells = {}
        self.generators = client.generators()
        self.order = {}
        for generator in self.generators:
            self.order[generator['name']] = len(self.order)
            for scheme in client.schemes(generator['name']):
                self.order.setdefault(scheme, len(self.order))

    def cell(self, key, library):
        """The two float8 share a row."""
        key = (*key[:2], key[2].split('_')[0])
        return self.cells.setdefault(key, Cell(library))

    def check(self, document, parts, library):
        """Compare the tensors of a request with 'parts', which are pairs of a
        cell's key and bits in order.  Returns whether it was taken."""
        try:
            if len(parts) == 1:
                starts = [0]
            else:
                starts = [int(tensor['offset']) for tensor in json.loads(
                    self.client.weights(document, 'manifest').read()
                    )['tensors']]
            answer = self.client.weights(document, 'raw')
        except Refused as refusal:
            for key in dict(parts):
                self.cell(key, library).refuse(str(refusal))
            return False
        assert len(starts) == len(parts), (document, len(starts), len(parts))
        at = 0
        for start, (key, theirs) in zip(starts, parts):
            answer.read(start - at)
            at = start + theirs.nbytes
            self.cell(key, library).cases += 1
            self.stream(answer, self.cell(key, library), theirs, document)
        assert not answer.read(), f'{document}: longer than it should be'
        return True

    def check_named(self, document, key, theirs, library):
        """Compare the tensors that 'theirs' has by name, and no others."""
        try:
            told = json.loads(self.client.weights(document, 'manifest').read())
            body = self.client.weights(document, 'raw').read()
        except Refused as refusal:
            self.cell(key, library).refuse(str(refusal))
            return
        assert theirs, f'{document} should have been refused'
        mine = {tensor['name']: body[int(tensor['offset']):][:tensor['bytes']]
                for tensor in told['tensors']}
        for name, words in theirs.items():
            cell = self.cell(key, library)
            cell.cases += 1
            self.stream(io.BytesIO(mine[name]), cell, words, document)

    @staticmethod
    def stream(answer, cell, theirs, document):
        """Compare piece by piece."""
        before = cell.differing
        for first in range(0, theirs.size, CHUNK // theirs.itemsize):
            piece = theirs[first:first + CHUNK // theirs.itemsize]
            mine = answer.read(piece.nbytes)
            assert len(mine) == piece.nbytes, f'{document}: too short'
            cell.compare(np.frombuffer(mine, piece.dtype), piece)
        if cell.differing > before:
            print(f'differs: {str(document)[:600]}', flush=True)

    def equal(self, key, library, mine, theirs, what):
        """Compare what isn't numbers, such as a state."""
        cell = self.cell(key, library)
        cell.cases += 1
        cell.values += 1
        if mine != theirs:
            cell.differing += 1
            print(f'differs: {key}: {str(what)[:600]}', flush=True)

    def part(self, key, library, rng, query, theirs):
        """Compare a range of bytes, and a slice, of a tensor of rank 2."""
        first = rng.randrange(theirs.nbytes)
        last = rng.randrange(first, theirs.nbytes)
        body = self.client.part(query, Range=f'bytes={first}-{last}')
        self.equal(key, library, body, theirs.tobytes()[first:last + 1], query)
        (a, b), (c, d) = (sorted(rng.sample(range(n + 1), 2))
                          for n in theirs.shape)
        body = self.client.part(query | {'slice': f'{a}:{b},{c}:{d}'})
        self.equal(key, library, body, theirs[a:b, c:d].tobytes(), query)

    def state_after(self, document):
        """As the manifest has it."""
        return json.loads(self.client.weights(
            document | {'final_state': True}, 'manifest').read())['state']

    def name_the_rest(self):
        """Generators whose library, or era of it, isn't here, have a row."""
        seen = {generator for generator, *_ in self.cells}
        for row in self.generators:
            if row['library'] and row['name'] not in seen:
                self.cell((row['name'], '-', '-'), row['library']).refuse(
                    'not compared: another version or system')

    def rows(self):
        """By generator, then schemes as the daemon lists them, the rest as
        it came, and by element type."""
        order = dict(self.order)
        for _, what, _ in self.cells:
            order.setdefault(what, order.get(
                what.split(',')[0], len(order)) + 0.5)
        dtypes = [*DTYPES[:4], 'float8', '-']
        return [self.cells[key].row(key) for key in sorted(
            self.cells, key=lambda key: (order[key[0]], order[key[1]],
                                         dtypes.index(key[2])))]

    def differing(self):
        return sum(cell.differing for cell in self.cells.values())


# ---- the file --------------------------------------------------------------

def text(rows):
    """Lines of columns, and a line with the sums."""
    rows = [COLUMNS, *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    lines = []
    for row in rows:
        cells = [value.rjust(width) if COLUMNS[i] in (
            'cases', 'values', 'differing', 'refused') else value.ljust(width)
            for i, (value, width) in enumerate(zip(row, widths))]
        lines.append('  '.join(cells).rstrip())
    cases, values, differing = (
        sum(int(row[i]) for row in rows[1:]) for i in (4, 5, 6))
    return '\n'.join(lines) + (
        f'\n\n# {cases} cases, {values} values, {differing} differing\n')


def read(path):
    """The rows of a file by generator, what and dtype."""
    rows = {}
    for line in path.read_text(encoding='utf-8').splitlines():
        row = tuple(re.split(r'\s{2,}', line))
        if len(row) == len(COLUMNS) and row != COLUMNS:
            rows[row[:3]] = row
    return rows


def is_compared(row):
    return 'not compared' not in row[-1]


def merged(old, new, generators):
    """Rows in the order of the generators, new ones instead of old ones."""
    fresh = {row[0] for row in new if is_compared(row)}
    rows = []
    for generator in generators:
        name = generator['name']
        kept = [row for key, row in old.items() if key[0] == name]
        made = [row for row in new if row[0] == name]
        rows += made if name in fresh or not kept else kept
    return rows
