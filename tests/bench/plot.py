# SPDX-License-Identifier: MIT
"""A run as one SVG, readable on light and on dark: GB/s of the kernels beside
memset(), memcpy(), loopback and the peers; by size; and by threads.

Usage: plot.py JSON >SVG
"""

import json
import math
import sys
from xml.sax.saxutils import escape

import goals

WIDTH, TOP = 960, 72
LEFT, BARS = 190, 250  # the names' end, and the longest bar
ROW = 17
RIGHT, PLOT = 560, 290  # where the curves are, and how wide

STYLE = """
svg { --ground: #ffffff; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0;
  --limit: #818b98; --avx512: #8250df; --avx2: #0969da; --portable: #1a7f37;
  --peer: #bc4c00; font: 12px system-ui, -apple-system, "Segoe UI",
  Helvetica, Arial, sans-serif; }
@media (prefers-color-scheme: dark) { svg { --ground: #0d1117;
  --ink: #f0f6fc; --soft: #9198a1; --line: #3d444d; --limit: #9198a1;
  --avx512: #ab7df8; --avx2: #4493f8; --portable: #3fb950;
  --peer: #f0883e; } }
.ground { fill: var(--ground); } text { fill: var(--ink); }
.soft { fill: var(--soft); } .title { font-weight: 600; font-size: 14px; }
.head { font-weight: 600; } .grid { stroke: var(--line); stroke-width: 1; }
.end { text-anchor: end; } .mid { text-anchor: middle; }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
.dash { stroke-dasharray: 5 4; } .small { font-size: 11px; }
"""
for kind in ('limit', 'avx512', 'avx2', 'portable', 'peer'):
    STYLE += f'.f-{kind} {{ fill: var(--{kind}); }} '
    STYLE += f'.s-{kind} {{ stroke: var(--{kind}); }}\n'


class Picture:
    """SVG elements, collected."""

    def __init__(self):
        self.lines = []

    def put(self, tag, text=None, **attributes):
        words = ''.join(f' {key.rstrip("_").replace("_", "-")}="{value}"'
                        for key, value in attributes.items())
        body = '/>' if text is None else f'>{escape(text)}</{tag}>'
        self.lines.append(f'<{tag}{words}{body}')

    def text(self, x, y, text, kind=''):
        self.put('text', text, x=round(x, 1), y=round(y, 1), class_=kind)

    def line(self, x1, y1, x2, y2, kind='grid'):
        self.put('line', x1=round(x1, 1), y1=round(y1, 1), x2=round(x2, 1),
                 y2=round(y2, 1), class_=kind)

    def curve(self, points, kind):
        path = ' '.join(f'{x:.1f},{y:.1f}' for x, y in points)
        self.put('polyline', points=path, class_=f'curve s-{kind}')
        for x, y in points:
            self.put('circle', cx=f'{x:.1f}', cy=f'{y:.1f}', r=2.5,
                     class_=f'f-{kind.split()[0]}')


class Decades:
    """A logarithmic axis from 'low' to 'high', 'begin' to 'end' on paper."""

    def __init__(self, low, high, begin, end):
        self.low, self.high = low, high
        self.begin, self.end = begin, end

    def at(self, value):
        part = math.log(value / self.low) / math.log(self.high / self.low)
        return self.begin + part * (self.end - self.begin)

    def ticks(self):
        """1, 2, 5, 10, 20 … that lie inside."""
        found = []
        for power in range(-4, 5):
            for digit in (1, 2, 5):
                value = digit * 10.0 ** power
                if self.low <= value <= self.high:
                    found.append(value)
        return found


def figure(value):
    return f'{value:.0f}' if value >= 20 else f'{value:.3g}'


# ---- the bars --------------------------------------------------------------


def kernel_bars(parts):
    """(name, kind, GB/s) of limits, then of each engine."""
    cases = parts['kernels']['cases']
    for case in cases:
        if case['name'] in ('memset', 'memcpy'):
            yield case['name'] + '()', 'limit', case['bytes_per_s']
    for engine in goals.engines(parts):
        for case in cases:
            if (case['engine'], case['dtype']) == (engine, 'words'):
                yield f'{engine}: Philox alone', engine, case['bytes_per_s']
        for name in ('uniform', 'normal', 'truncated_normal'):
            case = goals.row_of(cases, engine=engine, name=name,
                                dtype='float32')
            title = name.replace('_', ' ')
            yield f'{engine}: {title}', engine, case['bytes_per_s']


def stream_bars(parts):
    for row in parts.get('streams', {}).get('streams', []):
        if row['by'] != 'curl':
            continue
        if row['who'] in ('nginx', 'cat'):
            if row['scheme'] == 'he_normal':
                name = {'nginx': 'nginx, by curl',
                        'cat': 'cat, /dev/null'}[row['who']]
                yield name, 'limit', row['bytes_per_s']
        else:
            yield (f"sowd {row['who']}: {row['scheme']} by curl", row['who'],
                   row['bytes_per_s'])


def peer_bars(parts):
    """Each library's fastest of a kind."""
    rows = parts.get('peers', {}).get('rows', [])
    for scheme in ('uniform', 'normal', 'truncated_normal'):
        for library in ('torch', 'numpy', 'jax', 'MKL'):
            found = [row for row in rows if row['scheme'] == scheme
                     and row['peer'].startswith(library + ' ')]
            if found:
                rate = max(row['peer_elements_per_s'] for row in found)
                yield (f"{library}: {scheme.replace('_', ' ')}", 'peer',
                       4 * rate)


def draw_bars(picture, parts):
    groups = [('In a core\'s cache, float32, one thread', kernel_bars(parts)),
              ('One stream over loopback', stream_bars(parts)),
              ('Libraries, float32, one thread', peer_bars(parts))]
    groups = [(title, list(bars)) for title, bars in groups]
    groups = [group for group in groups if group[1]]
    rates = [rate / 1e9 for _, bars in groups for _, _, rate in bars]
    axis = Decades(min(rates) / 1.5, max(rates), LEFT, LEFT + BARS)
    y = TOP
    for title, bars in groups:
        picture.text(20, y, title + ', GB/s', 'head')
        y += ROW
        for name, kind, rate in bars:
            end = axis.at(rate / 1e9)
            picture.text(LEFT - 8, y, name, 'end')
            picture.put('rect', x=LEFT, y=round(y - 10, 1), rx=2, height=11,
                        width=round(end - LEFT, 1), class_=f'f-{kind}')
            picture.text(end + 6, y, figure(rate / 1e9), 'soft small')
            y += ROW
        y += ROW / 2
    picture.text(20, y + 2, 'Bars are logarithmic.', 'soft small')
    return y + 14


# ---- the curves ------------------------------------------------------------


def kind_of(row):
    return 'limit' if row['engine'] == '-' else row['engine']


def series(parts, kind):
    """(name, colour, [(amount, GB/s)]) of each thing that fills."""
    found = {}
    for row in parts['scaling']['rows']:
        if row['kind'] == kind:
            key = (row['name'], kind_of(row))
            found.setdefault(key, []).append(
                (row['amount'], row['bytes_per_s'] / 1e9))
    return [(*key, points) for key, points in found.items()]


def spread(places, gap=13):
    """Heights for labels that want to be at 'places', not on each other."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    found, last = [0.0] * len(places), -math.inf
    for i in order:
        last = found[i] = max(places[i], last + gap)
    over = max(0.0, last - max(places) - gap / 2)
    return [y - over for y in found]


def draw_frame(picture, axis, across, labels, top, bottom):
    for value in axis.ticks():
        y = axis.at(value)
        picture.line(RIGHT, y, RIGHT + PLOT, y)
        picture.text(RIGHT - 6, y + 4, f'{value:g}', 'end soft small')
    for amount, name in labels:
        x = across(amount)
        picture.line(x, bottom, x, bottom + 4)
        picture.text(x, bottom + 17, name, 'mid soft small')
    picture.line(RIGHT, top, RIGHT, bottom)


def draw_curves(picture, curves, across, labels, top, bottom):
    rates = [rate for *_, points in curves for _, rate in points]
    axis = Decades(min(rates) / 1.3, max(rates) * 1.1, bottom, top)
    draw_frame(picture, axis, across, labels, top, bottom)
    heights = spread([axis.at(points[-1][1]) + 4 for *_, points in curves])
    for (name, kind, points), y in zip(curves, heights):
        dash = ' dash' if name in ('memcpy', 'normal') else ''
        picture.curve([(across(a), axis.at(r)) for a, r in points],
                      kind + dash)
        label = name if kind == 'limit' else f'{name} {kind}'
        picture.text(RIGHT + PLOT + 8, y, label, f'small f-{kind}')


def size_name(size):
    if size >= 1 << 20:
        return f'{size >> 20} MiB'
    return f'{size >> 10} KiB'


def draw_sizes(picture, parts, top, bottom):
    curves = series(parts, 'bytes')
    sizes = [size for size, _ in curves[0][2]]
    axis = Decades(sizes[0], sizes[-1], RIGHT + 8, RIGHT + PLOT - 6)
    picture.text(RIGHT - 30, top - 14,
                 'One thread, by the size of what is filled, GB/s', 'head')
    labels = [(size, size_name(size)) for size in sizes[::2]]
    draw_curves(picture, curves, axis.at, labels, top, bottom)


def draw_threads(picture, parts, top, bottom):
    curves = series(parts, 'threads')
    counts = [count for count, _ in curves[0][2]]
    most = max(counts[-1], 2)

    def across(count):
        return RIGHT + 24 + (count - 1) / (most - 1) * (PLOT - 48)

    picture.text(RIGHT - 30, top - 14,
                 'Filling 256 MiB, by the number of threads, GB/s', 'head')
    labels = [(count, f"{count} thread{'s' * (count > 1)}")
              for count in counts]
    draw_curves(picture, curves, across, labels, top, bottom)


# ---- the whole -------------------------------------------------------------


def picture(result):
    """The text of the SVG."""
    made, machine = Picture(), result['machine']
    made.text(20, 26, f"sow on {machine['cpu']}", 'title')
    made.text(20, 43, f"{machine['cores']} cores, {machine['date']}, "
              f"{machine['compiler']}", 'soft small')
    height = 420
    if 'kernels' in result['parts']:
        height = max(height, draw_bars(made, result['parts']))
    if 'scaling' in result['parts']:
        half = (height - TOP) / 2
        draw_sizes(made, result['parts'], TOP + 14, TOP + half - 40)
        draw_threads(made, result['parts'], TOP + half + 14, height - 34)
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
            f'height="{height:.0f}" viewBox="0 0 {WIDTH} {height:.0f}" '
            'role="img">')
    title = escape(f"Speed of sow on {machine['cpu']}, GB/s")
    ground = '<rect class="ground" width="100%" height="100%"/>'
    return '\n'.join([head, f'<title>{title}</title>',
                      f'<style>{STYLE}</style>', ground, *made.lines,
                      '</svg>', ''])


if __name__ == '__main__':
    with open(sys.argv[1], encoding='utf-8') as file:
        sys.stdout.write(picture(json.load(file)))
