# SPDX-License-Identifier: MIT
"""A run as Markdown: all of it, and in short for the README."""

import textwrap

import goals

BEGIN = '<!-- written by make bench RESULTS=tests/bench/results -->'
END = '<!-- end of performance -->'
RESULTS = 'tests/bench/results'
LIBRARIES = ('torch', 'numpy', 'jax', 'MKL')
MIB = 1 << 20


def table(head, rows):
    lines = [head, ['---'] * len(head), *rows]
    return '\n'.join('| ' + ' | '.join(map(str, line)) + ' |'
                     for line in lines) + '\n'


def millions(rate):
    return f'{rate / 1e6:,.0f}'


def gigabytes(rate):
    return f'{rate / 1e9:.2f}'


def size_name(size):
    return f'{size // MIB} MiB' if size >= MIB else f'{size >> 10} KiB'


def engines(result):
    return goals.engines(result['parts'])


# ---- the whole page --------------------------------------------------------


def machine_lines(result):
    machine = result['machine']
    versions = result['parts'].get('peers', {}).get('versions', {})
    peers = ', '.join(f'{name} {version}'
                      for name, version in versions.items())
    lines = [
        f"processor: {machine['cpu']}, {machine['cores']} cores used, "
        f"{machine['memory_bytes'] / (1 << 30):.0f} GiB",
        f"system: {machine['kernel']}, {machine['compiler']}",
        f"beside: {peers or 'no libraries'}, {machine['nginx'] or 'no nginx'},"
        f" Python {machine['python']}",
        f"date: {machine['date']}, commit {machine['commit'] or 'unknown'}, "
        f"load {machine['load_at_start']} at the start, "
        f"{result['seconds']:.0f} s in all",
    ]
    return ''.join(f'- {line}\n' for line in lines)


def goals_table(result):
    return table(['what', 'asked', 'seen', ''],
                 [[row['what'], row['asked'], row['seen'] or '',
                   row['verdict']] for row in result['goals']])


def peers_table(part):
    return table(
        ['sow', 'engine', 'million/s', 'peer', 'million/s', 'ratio',
         'least to most'],
        [[row['scheme'], row['engine'], millions(row['elements_per_s']),
          row['peer'], millions(row['peer_elements_per_s']),
          f"{row['ratio']:.2f}", f"{row['least']:.2f} to {row['most']:.2f}"]
         for row in part['rows'] if row['engine'] != 'portable'])


def kernels_table(part, names, figure):
    """A row for each scheme and type, a column for each engine."""
    found = {}
    for case in part['rows' if 'rows' in part else 'cases']:
        if case['name'] in ('clock', 'vectors'):
            continue
        key = (case['name'], case['dtype'])
        found.setdefault(key, {})[case['engine']] = figure(case)
    rows = []
    for (name, dtype), cells in found.items():
        columns = ['-'] if '-' in cells else names
        row = [cells.get(engine, '') for engine in columns]
        rows.append([name, dtype, *row, *[''] * (len(names) - len(row))])
    return table(['what', 'type', *names], rows)


def limits_table(parts):
    """What an element takes of a core, and of what its words take."""
    cases = parts['kernels']['cases']
    counts = parts.get('instructions', {}).get('rows', [])
    clock = goals.row_of(cases, name='clock')['bytes_per_s']
    most = next((case['bytes_per_s'] / clock for case in cases
                 if case['name'] == 'vectors'), None)
    rows = []
    for case in cases:
        if case['dtype'] not in ('words', 'float32') or (
                '[' in case['name'] or '.' in case['name']):
            continue
        cycles = clock / case['elements_per_s']
        count = next((row['instructions'] for row in counts if all(
            row[key] == case[key] for key in ('engine', 'name', 'dtype'))),
            None)
        rows.append([
            case['name'], case['engine'], f'{cycles:.2f}',
            f'{count:.2f}' if count else '',
            f'{count / cycles:.2f}' if count else '',
            f'{count / cycles / most:.2f}' if count and most else '',
            f"{case['of_philox']:.2f}" if case['of_philox'] else '',
            f"{case['of_memset']:.3f}"])
    words = f'At {clock / 1e9:.2f} GHz, as dependent additions tell.'
    if most:
        words += (f' A core begins {most:.2f} vector\nadditions a cycle; '
                  'nearly all that kernels of vectors do is that, or dearer.')
    return (words + '\n\n'
            + table(['float32', 'engine', 'cycles an element', 'instructions',
                     'a cycle', 'of what can begin', 'of bare Philox',
                     'of memset()'], rows))


def scaling_table(part, kind, first):
    amounts = sorted({row['amount'] for row in part['rows']
                      if row['kind'] == kind})
    found = {}
    for row in part['rows']:
        if row['kind'] == kind:
            found.setdefault((row['name'], row['engine']), {})[
                row['amount']] = gigabytes(row['bytes_per_s'])
    head = [size_name(a) if kind == 'bytes' else a for a in amounts]
    return table([first, 'engine', *head],
                 [[*key, *(cells[a] for a in amounts)]
                  for key, cells in found.items()])


def streams_table(part):
    return table(['one stream', 'by', 'from', 'GB/s', 'of nginx',
                  'least to most'],
                 [[row['scheme'], row['by'], row['who'],
                   gigabytes(row['bytes_per_s']), f"{row['of_nginx']:.2f}",
                   f"{row['least']:.2f} to {row['most']:.2f}"]
                  for row in part['streams']])


def parcel_line(part):
    row, many = part['parcel'], part['resident']
    line = (f"{row['bytes'] // MIB} MiB of he_normal by curl: "
            f"{row['curl_s'] * 1e3:.0f} ms to /dev/null, "
            f"{row['file_s'] * 1e3:.0f} ms to a file")
    if 'torch_s' in row:
        line += f"; torch makes as many in {row['torch_s'] * 1e3:.0f} ms"
    return (f"{line}. {many['clients']} clients reading 100 GB each get "
            f"{gigabytes(many['bytes_per_s'])} GB/s together from a daemon "
            f"of {many['resident_bytes'] / MIB:.0f} MiB.\n")


def loopback_table(part):
    names = list(part['rows'][0]['servers'])
    rows = []
    for row in part['rows']:
        stream = row['what'] == 'bytes_per_s'
        cells = [size_name(row['bytes']),
                 'MB/s' if stream else 'requests/s, 32 clients']
        for name in names:
            cell = row['servers'][name]
            value = (f"{cell['median'] / 1e6:,.0f}" if stream
                     else f"{cell['median']:,.0f}")
            cells.append(f"{value} ({cell['of_nginx']:.2f})")
        rows.append(cells)
    return table(['he_normal', 'in', *names], rows)


def text_table(part):
    return table(
        ['JSON', 'type', 'MB/s', 'million/s', 'json.dumps, million/s',
         'ratio'],
        [[row['scheme'], row['dtype'], millions(row['bytes_per_s']),
          f"{row['elements_per_s'] / 1e6:.1f}",
          f"{row['dumps_elements_per_s'] / 1e6:.2f}",
          f"{row['ratio']:.1f}"] for row in part['rows']])


def clients_table(part):
    rows = []
    for row in part['rows']:
        seen = (f"{row['bytes'] / MIB:.0f} MiB" if 'bytes' in row
                else f"{row['seconds'] * 1e3:,.1f} ms")
        torch = (f"{row['of_torch']:.2f} of torch's "
                 f"{row['torch_seconds'] * 1e3:,.0f} ms"
                 if 'of_torch' in row else '')
        rows.append([row['what'], seen, torch])
    return table(['what', 'seen', ''], rows)


def sizing_table(part):
    return table(['replicas', 'ranks', 'MiB each', 'predicted, s', 'seen, s'],
                 [[row['replicas'], row['ranks'], row['bytes_each'] // MIB,
                   f"{row['predicted_seconds']:.3f}",
                   f"{row['seconds']:.3f}"] for row in part['rows']])


def analysis_line(part):
    line = (f"{part['layers']} layers of {part['width']}: by theory "
            f"{part['theory_s'] * 1e3:.1f} ms, measured with "
            f"{part['samples']} samples {part['measure_s'] * 1e3:.0f} ms")
    if 'torch_s' in part:
        line += (f"; torch draws such weights and runs a batch through them, "
                 f"forward and backward, in {part['torch_s'] * 1e3:.0f} ms")
    return f'{line}.\n'


def matrices_table(part):
    return table(
        ['orthogonal', 'threads', 'sow, s', 'torch, s', 'ratio'],
        [['x'.join(map(str, row['shape'])), row['threads'],
          f"{row['make_s']:.3f}", f"{row['peer_s']:.3f}",
          f"{row['of_peer']:.2f}"] for row in part['matrices']])


def sections(result):
    """(title, the part it is of, its text), where there is such a part."""
    makers = (
        ('Beside libraries, one core', 'peers', peers_table),
        ('Orthogonal matrices', 'peers', matrices_table),
        ('Kernels, one core, GB/s', 'kernels',
         lambda part: kernels_table(
             part, engines(result),
             lambda case: gigabytes(case['bytes_per_s']))),
        ('What an element takes', 'kernels',
         lambda _: limits_table(result['parts'])),
        ('Instructions for an element', 'instructions',
         lambda part: kernels_table(
             part, engines(result),
             lambda case: f"{case['instructions']:.2f}")),
        ('Sizes, one core, GB/s', 'scaling',
         lambda part: scaling_table(part, 'bytes', 'filling')),
        ('Threads, filling 256 MiB, GB/s', 'scaling',
         lambda part: scaling_table(part, 'threads', 'threads')),
        ('Over loopback', 'streams',
         lambda part: streams_table(part) + '\n' + parcel_line(part)),
        ('Sizes over loopback (of nginx)', 'loopback', loopback_table),
        ('JSON', 'text', text_table),
        ('What a training job waits for', 'clients', clients_table),
        ('Analysis', 'analysis', analysis_line),
        ('Replicas', 'sizing', sizing_table),
    )
    for title, name, make in makers:
        if name in result['parts']:
            yield title, make(result['parts'][name])


def page(result):
    text = f"# Speed: {result['machine']['cpu']}\n\n"
    text += ('By `make bench`; figures are medians over rounds in which all '
             'take turns,\nbut for kernels, whose fastest turn counts.\n\n')
    text += machine_lines(result)
    if result['quick']:
        text += '- **a quick run, whose figures are not to be believed**\n'
    text += f"\n![The figures as a plot]({result['slug']}.svg)\n"
    text += '\n## To reach\n\n' + goals_table(result)
    for title, body in sections(result):
        text += f'\n## {title}\n\n{body}'
    return text


# ---- the README's ----------------------------------------------------------


def library_cell(rows, library):
    """The library's fastest, and how many times as fast we are."""
    found = [row for row in rows if row['peer'].startswith(library + ' ')]
    if not found:
        return '–'
    best = max(found, key=lambda row: row['peer_elements_per_s'])
    return f"{millions(best['peer_elements_per_s'])} (×{best['ratio']:.1f})"


def short_peers(result):
    engine, rows = engines(result)[0], []
    for scheme in ('uniform', 'normal', 'truncated_normal'):
        found = [row for row in result['parts']['peers']['rows']
                 if (row['scheme'], row['engine']) == (scheme, engine)]
        if not found:
            continue
        rows.append([scheme, millions(found[0]['elements_per_s']),
                     *(library_cell(found, name) for name in LIBRARIES)])
    return table(['million float32 a second, one core', f'sow, {engine}',
                  *(f'{name} (ratio)' for name in LIBRARIES)], rows)


def stream_words(parts):
    """One stream of each scheme, by the fastest engine."""
    streams = parts['streams']['streams']
    best = [next(row for row in streams
                 if (row['scheme'], row['by']) == (scheme, 'curl'))
            for scheme in ('uniform', 'he_normal')]
    rates = ' and '.join(f"{row['scheme']} {gigabytes(row['bytes_per_s'])} "
                         f"GB/s ({row['of_nginx']:.2f} of nginx)"
                         for row in best)
    requests = next(row for row in parts['loopback']['rows']
                    if row['what'] == 'requests_per_s')['servers']
    one, both = requests['sowd --threads 1'], requests['sowd']
    return (f"Over loopback, `digest=off`, one curl: {rates}, whose one "
            "worker sends the same bytes from memory; 1 KiB tensors, 32 "
            f"connections: {one['median']:,.0f} requests/s of one thread "
            f"({one['of_nginx']:.2f}), {both['median']:,.0f} of a thread a "
            f"core ({both['of_nginx']:.2f}). ")


def client_words(rows):
    """A model in memory: as the client does it by default, and in haste."""
    state = {what: row['of_torch'] for row in rows if 'of_torch' in row
             for what in ('verify=None', 'verified')
             if row['what'].endswith(f', {what}')}
    if len(state) < 2:
        return ''
    return (' The Python client has TinyLlama 1.1B (4.4 GB) in memory in '
            f"{state['verified']:.2f} of torch's time, verifying first "
            'digests as it does by default, or '
            f"{state['verify=None']:.2f} with `verify=None`.")


def other_words(parts):
    digests, text = parts['streams']['digests'], parts['text']['rows'][0]
    resident = parts['streams']['resident']
    return (
        f"A first digest leaves {digests['wait_of_off']:.2f} of the speed, a "
        f"remembered one {digests['remembered_of_off']:.2f}. JSON: "
        f"{millions(text['bytes_per_s'])} MB/s of one core, "
        f"{text['ratio']:.0f} times `json.dumps`. {resident['clients']} "
        'clients reading 100 GB tensors: '
        f"{resident['resident_bytes'] / MIB:.0f} MiB of memory."
        + client_words(parts['clients']['rows']))


def goal_words(rows):
    """How many goals are reached, and each that is not."""
    asked = [row for row in rows if row['asked'] != 'told']
    reached = sum(row['reached'] is True for row in asked)
    missed, before = [], ''
    for row in rows:
        name = row['what']
        if name.startswith('the same'):
            name = f'{before} ({name})'
        else:
            before = name
        if row['reached'] is False:
            missed.append(f"{name}, {row['seen']} ({row['asked']} asked)")
    words = f' Goals: {reached} of {len(asked)} reached'
    if missed:
        words += '; missed: ' + '; '.join(missed)
    for why in goals.ABSENT, goals.UNMEASURED:
        count = sum(row['verdict'] == why for row in asked)
        if count:
            words += f'; {why}: {count}'
    return words + '.'


def wrap(words):
    return textwrap.fill(words, 80, break_long_words=False,
                         break_on_hyphens=False) + '\n'


def short(result):
    """What stands in the README, between its marks."""
    machine, path = result['machine'], f"{RESULTS}/{result['slug']}"
    place = (f"{machine['cpu']}, {machine['cores']} cores, "
             f"{machine['date']}: [all figures]({path}.md).")
    words = (stream_words(result['parts']) + other_words(result['parts'])
             + goal_words(result['goals']))
    return (f'{place}\n\n{short_peers(result)}\n{wrap(words)}\n'
            f'![GB/s beside other things]({path}.svg)\n')


def between(text):
    """The part of a README that is ours, without its marks; or None."""
    _, found, rest = text.partition(BEGIN + '\n')
    ours, end, _ = rest.partition(END)
    return ours if found and end else None


def replace(text, result):
    """A README with this run's figures."""
    ours = between(text)
    if ours is None:
        raise ValueError(f'there is no {BEGIN} … {END}')
    marked = BEGIN + '\n{}' + END
    return text.replace(marked.format(ours), marked.format(short(result)))
