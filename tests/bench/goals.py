# SPDX-License-Identifier: MIT
"""What a run should reach, and what it did."""

import statistics

MIB = 1 << 20
ABSENT = 'not on this machine'
UNMEASURED = 'not measured'


class Missing(Exception):
    """Why there is no figure."""


def part(parts, name):
    if name not in parts:
        raise Missing(UNMEASURED)
    return parts[name]


def engines(parts):
    """The engines of the run, the fastest first."""
    names = [case['engine'] for case in part(parts, 'kernels')['cases']
             if case['engine'] != '-']
    return list(dict.fromkeys(names))


def row_of(rows, **wanted):
    for row in rows:
        if all(row[key] == value for key, value in wanted.items()):
            return row
    raise Missing(UNMEASURED)


def needs(parts, engine):
    if engine not in engines(parts):
        raise Missing(ABSENT)


# ---- finders ---------------------------------------------------------------


def of_peer(scheme, engine, peer):
    def find(parts):
        rows = part(parts, 'peers')['rows']
        needs(parts, engine or engines(parts)[0])
        return row_of(rows, scheme=scheme, peer=peer,
                      engine=engine or engines(parts)[0])['ratio']
    return find


def of_fastest_mkl(parts):
    rows = [row for row in part(parts, 'peers')['rows']
            if row['scheme'] == 'normal' and row['peer'].startswith('MKL')
            and row['engine'] == engines(parts)[0]]
    if not rows:
        raise Missing(UNMEASURED)
    return max(rows, key=lambda row: row['peer_elements_per_s'])['ratio']


def narrow_of_float32(parts):
    def turns(dtype):
        case = row_of(part(parts, 'kernels')['cases'], name='normal',
                      dtype=dtype, engine=engines(parts)[0])
        return [rate / case['itemsize'] for rate in case['turns']]
    return statistics.median(
        a / b for a, b in zip(turns('bfloat16'), turns('float32')))


def two_cores(parts):
    if parts['machine']['cores'] < 2:
        raise Missing(ABSENT)
    return row_of(part(parts, 'scaling')['rows'], name='normal',
                  kind='threads', amount=2,
                  engine=engines(parts)[0])['of_one']


def of_nginx(scheme, engine):
    def find(parts):
        needs(parts, engine)
        return row_of(part(parts, 'streams')['streams'], scheme=scheme,
                      by='curl', who=engine)['of_nginx']
    return find


def digest(kind):
    return lambda parts: part(parts, 'streams')['digests'][kind]


def parcel(kind):
    def find(parts):
        row = part(parts, 'streams')['parcel']
        if kind not in row:
            raise Missing(UNMEASURED)
        return row[kind]
    return find


def resident(parts):
    return part(parts, 'streams')['resident']['resident_bytes'] / MIB


def text(kind, unit=1):
    return lambda parts: row_of(part(parts, 'text')['rows'],
                                scheme='he_normal',
                                dtype='float32')[kind] / unit


def small_requests(parts):
    row = row_of(part(parts, 'loopback')['rows'], what='requests_per_s')
    return row['servers']['sowd --threads 1']['of_nginx']


def manifest(parts):
    for row in part(parts, 'clients')['rows']:
        if 'manifest of' in row['what'] and 'entries' in row['what']:
            return row['seconds'] * 1e3
    raise Missing(UNMEASURED)


def analysis(kind, unit=1):
    def find(parts):
        row = part(parts, 'analysis')
        if kind not in row:
            raise Missing(UNMEASURED)
        return row[kind] / unit
    return find


# (what, whether at least or at most, the figure, its unit, how to find it);
# a figure of None is only reported.
GOALS = [
    ('uniform float32, one core, avx2, of torch `uniform_`', '≥', 4, '×',
     of_peer('uniform', 'avx2', 'torch uniform_')),
    ('the same with avx512', '≥', 6, '×',
     of_peer('uniform', 'avx512', 'torch uniform_')),
    ('normal float32, one core, avx2, of torch `normal_`', '≥', 2.2, '×',
     of_peer('normal', 'avx2', 'torch normal_')),
    ('the same with avx512', '≥', 3.5, '×',
     of_peer('normal', 'avx512', 'torch normal_')),
    ('normal float32, one core, best engine, of MKL\'s fastest Gaussian',
     '≥', 0.7, '×', of_fastest_mkl),
    ('truncated normal, best engine, of torch `trunc_normal_`', '≥', 25, '×',
     of_peer('truncated_normal', None, 'torch trunc_normal_')),
    ('normal bfloat16, best engine, of the same elements in float32', '≥',
     1.0, '×', narrow_of_float32),
    ('two cores, filling 256 MiB of normal, of one', '≥', 1.9, '×',
     two_cores),
    ('one stream by curl, uniform, avx512, of nginx', '≥', 0.8, '×',
     of_nginx('uniform', 'avx512')),
    ('one stream by curl, he_normal, avx512, of nginx', '≥', 0.6, '×',
     of_nginx('he_normal', 'avx512')),
    ('one stream by curl, uniform, avx2, of nginx', '≥', 0.6, '×',
     of_nginx('uniform', 'avx2')),
    ('one stream by curl, he_normal, avx2, of nginx', '≥', 0.5, '×',
     of_nginx('he_normal', 'avx2')),
    ('he_normal, `digest=wait`, first request, of `digest=off`', '≥', 0.25,
     '×', digest('wait_of_off')),
    ('the same when the digest is remembered', '≥', 0.95, '×',
     digest('remembered_of_off')),
    ('64 MiB of he_normal by curl to /dev/null, time of warm torch\'s', '≤',
     1.0, '×', parcel('of_torch')),
    ('the same to a file', '≤', None, '×', parcel('file_of_torch')),
    ('resident, 64 clients reading 100 GB each', '≤', 128, 'MiB', resident),
    ('1 KiB tensors a second, one thread, of nginx\'s files', '≥', 0.9, '×',
     small_requests),
    ('JSON, he_normal float32, of Python\'s `json.dumps`', '≥', 5, '×',
     text('ratio')),
    ('JSON, he_normal float32', '≥', 300, 'MB/s', text('bytes_per_s', 1e6)),
    ('manifest of 100,000 layers, the whole request', '≤', 300, 'ms',
     manifest),
    ('analysis of 50 layers of 1024 by theory', '≤', 20, 'ms',
     analysis('theory_s', 1e-3)),
    ('the same measured, too, with 64 samples', '≤', 3, 's',
     analysis('measure_s')),
    ('the same, time of torch\'s for such weights and passes', '≤', 1.2, '×',
     analysis('of_torch')),
]


def number(value):
    return f'{value:.0f}' if value >= 20 else f'{value:.2f}'


def check(parts):
    """A row for each goal; 'reached' is None where nothing can be said."""
    rows = []
    for what, sense, asked, unit, find in GOALS:
        row = {'what': what, 'seen': None, 'reached': None,
               'asked': 'told' if asked is None
               else f'{sense} {asked:g} {unit}'}
        try:
            seen = find(parts)
        except Missing as why:
            row['verdict'] = str(why)
        else:
            row['seen'] = f'{number(seen)} {unit}'
            if asked is not None:
                reached = seen >= asked if sense == '≥' else seen <= asked
                row['reached'] = reached
            row['verdict'] = {None: '', True: 'reached',
                              False: 'missed'}[row['reached']]
        rows.append(row)
    return rows
