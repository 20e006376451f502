#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The page in chromium: its frame, and its Tensor tab against the API."""
import hashlib
import io
import json
import math
import pathlib
import struct
import sys
import urllib.error
import urllib.parse
import urllib.request

import audit
import page

import tally

import numpy

ROOT = pathlib.Path(__file__).resolve().parents[3]

DTYPES = {'float32': '<f4', 'float64': '<f8', 'float16': '<f2'}

# What may be loaded before Chart.js, so that something is seen at once.
FIRST_PAINT = 100_000


def fetch(url, **query):
    """The body of GET /v1/weights."""
    pairs = '&'.join(f'{key}={value}' for key, value in query.items())
    with urllib.request.urlopen(f'{url}/v1/weights?{pairs}') as answer:
        return answer.read()


def change(tab, name, text):
    """Type into a field, or choose, and wait for what follows."""
    element = tab.locator(f'[data-test="{name}"]')
    if element.evaluate('(e) => e.tagName') == 'SELECT':
        element.select_option(text)
    else:
        element.fill(text)
    page.settle(tab)


def error_beside(tab, name):
    """What stands beside a field as its error, as screen readers find it."""
    return tab.evaluate('''(name) => {
        const control = document.querySelector(`[data-test="${name}"]`);
        const [id] = (control.getAttribute('aria-describedby') || '')
            .split(' ');
        const error = document.getElementById(id);
        return control.getAttribute('aria-invalid') === 'true' && error
            && error.getClientRects().length ? error.textContent : null;
    }''', name)


# ----------------------------------------------------------------------------
# The frame

def tabs_work_by_keyboard_and_history(url, browser):
    with page.view(browser, url) as tab:
        def selected():
            return tab.locator('[role=tab][aria-selected=true]').inner_text()
        tally.equal('it begins with Tensor', selected(), 'Tensor')
        tab.focus('[data-test=tab-tensor]')
        for key, title in [('ArrowRight', 'Network'),
                           ('ArrowRight', 'Schemes'),
                           ('ArrowRight', 'Tensor'), ('ArrowLeft', 'Schemes'),
                           ('Home', 'Tensor'), ('End', 'Schemes')]:
            tab.keyboard.press(key)
            page.settle(tab)
            tally.equal(f'{key} leads to {title}', selected(), title)
            tally.equal(f'{title} has the focus',
                        tab.evaluate('document.activeElement.textContent'),
                        title)
            tally.equal(f'{title} is in the address',
                        tab.evaluate('location.hash').split('?')[0],
                        '#' + title.lower())
        tab.go_back()
        page.settle(tab)
        tally.equal('Back goes to the tab before', selected(), 'Tensor')
        shown = tab.locator('[role=tabpanel]:visible')
        tally.equal('one panel is shown', shown.count(), 1)
        tally.equal('it is labelled by its tab',
                    shown.get_attribute('aria-labelledby'), 'tab-tensor')


def a_strange_address_shows_the_first_tab(url, browser):
    for fragment in ['#', '#nothing?a=1', '#%', '#tensor?%ff=%', '#?&&=']:
        # what nobody knows of a tensor is the API's to refuse
        with page.view(browser, url, fragment, refusals='%ff' in fragment
                       ) as tab:
            tally.equal(f'{fragment} shows Tensor',
                        tab.locator('[role=tabpanel]:visible').get_attribute(
                            'id'), 'panel-tensor')


def an_address_typed_in_changes_the_view(url, browser):
    with page.view(browser, url) as tab:
        tab.evaluate("location.hash = '#tensor?shape=3,5&scheme=ones&seed=1'")
        page.settle(tab)
        tally.equal('it shows that tensor', page.text(tab, 'heading'),
                    'ones, 3 × 5')
        tab.go_back()
        page.settle(tab)
        tally.equal('Back shows the one before', page.text(tab, 'heading'),
                    'kaiming_normal, 512 × 256')


def the_policy_is_sent_and_holds(url, browser):
    with page.view(browser, url,
                   accepted=['Executing inline script violates']) as tab:
        sent = tab.evaluate('''async () => (await fetch('/')).headers
            .get('Content-Security-Policy')''')
        tally.check('nothing is allowed by default',
                    sent.startswith("default-src 'none'; script-src 'self'; "),
                    sent)
        tab.evaluate('''() => {
            const script = document.createElement('script');
            script.textContent = 'window.injected = true';
            document.body.append(script);
        }''')
        tally.equal('a script in the text does not run',
                    tab.evaluate('window.injected === undefined'), True)
        tally.equal('that was a violation',
                    tab.evaluate('window.violations.splice(0).length'), 1)


def first_paint_is_light(url, browser):
    with page.view(browser, url) as tab:
        sizes = tab.evaluate('''() =>
            [...performance.getEntriesByType('navigation'),
             ...performance.getEntriesByType('resource')]
            .filter((e) => !e.name.includes('/v1/'))
            .map((e) => [new URL(e.name).pathname, e.transferSize,
                e.decodedBodySize])''')
        before = [size for name, size, _ in sizes if name != '/page/chart.js']
        tally.check('it has a page, styles and scripts', len(before) > 8,
                    sizes)
        tally.check(f'what comes before Chart.js is below {FIRST_PAINT} bytes',
                    0 < sum(before) < FIRST_PAINT, sorted(sizes))
        tally.check('Chart.js comes from the daemon', any(
            name == '/page/chart.js' for name, _, _ in sizes), sizes)


def it_is_for_everyone(url, browser):
    long = ('#tensor?shape=64,32&scheme=torch.sparse&sparsity=0.5&seed=7'
            '&dtype=bfloat16&name=fc.weight')
    for fragment in ['', long]:
        for scheme in ['light', 'dark']:
            for size in [page.WIDE, page.NARROW]:
                with page.view(browser, url, fragment, size, scheme) as tab:
                    for summary in tab.locator('summary:visible').all():
                        summary.click()
                    where = f'{scheme}, {size["width"]} wide, {fragment}'
                    tally.equal(f'{where}: nothing in the way',
                                audit.findings(tab), [])
                    tally.equal(f'{where}: no sideways scrolling',
                                audit.overflow(tab), [])


def what_is_refused_can_be_read(url, browser):
    for scheme in ['light', 'dark']:
        with page.view(browser, url, '#tensor?shape=x', None, scheme,
                       refusals=True) as tab:
            tally.equal(f'{scheme}: nothing in the way of an error',
                        audit.findings(tab), [])


def the_order_of_focus_is_that_of_reading(url, browser):
    with page.view(browser, url) as tab:
        order = audit.focus_order(tab)
        names = [name for name, _ in order]
        expected = ['tab-tensor', 'shape', 'scheme', 'parameter-a',
                    'parameter-mode', 'parameter-nonlinearity', 'seed',
                    'next-seed', 'name', 'dtype', 'layout', 'generator',
                    'download-raw', 'download-npy', 'download-safetensors',
                    'copy-curl', 'copy-client', 'copy-torch', 'copy-numpy']
        tally.equal('Tab goes through the controls in order',
                    [name for name in names if name in expected], expected)
        tally.equal('only the chosen tab is in the order',
                    [name for name in names if name.startswith('tab-')],
                    ['tab-tensor'])
        tally.equal('the focus can always be seen',
                    [name for name, seen in order if not seen], [])
        tally.equal('the first is the way past the head',
                    tab.evaluate('''() => document.querySelector("a").hash'''),
                    '#main')


# ----------------------------------------------------------------------------
# The Tensor tab against the API

def moments(values):
    values = values.astype('f8')
    return {'mean': values.mean(), 'measured-std': values.std(),
            'low': values.min(), 'high': values.max()}


def numbers_are_the_api_s(url, browser):
    for query in [{'shape': '512,256', 'scheme': 'kaiming_normal', 'seed': 42},
                  {'shape': '64,16,3,3', 'scheme': 'torch.kaiming_uniform',
                   'seed': 18446744073709551615, 'dtype': 'float64'},
                  {'shape': '40,30', 'scheme': 'normal', 'std': 0.5, 'seed': 3,
                   'dtype': 'float16', 'layout': 'jax', 'name': 'a b/é&c'},
                  {'shape': '33', 'scheme': 'uniform', 'low': -2, 'seed': 0},
                  {'shape': '30,20', 'scheme': 'torch.xavier_normal',
                   'seed': 5, 'generator': 'torch/linux-x86_64-avx2@2.13'}]:
        pairs = urllib.parse.urlencode(query)
        manifest = page.api(url, '/v1/weights', **query, format='manifest',
                            digest='wait')
        entry = manifest['tensors'][0]
        kind = DTYPES[query.get('dtype', 'float32')]
        raw = fetch(url, **{k: urllib.parse.quote(str(v))
                            for k, v in query.items()})
        array = numpy.frombuffer(raw, kind)
        with page.view(browser, url, '#tensor?' + pairs) as tab:
            for name in ['fan_in', 'fan_out', 'std', 'bytes']:
                tally.equal(f'{pairs}: {name}', page.value(tab, name),
                            entry[name])
            tally.equal(f'{pairs}: elements', page.value(tab, 'elements'),
                        array.size)
            tally.equal(f'{pairs}: digest', page.text(tab, 'digest'),
                        entry['digest'])
            tally.equal(f'{pairs}: recipe', page.text(tab, 'recipe'),
                        manifest['recipe'])
            for name, right in moments(array).items():
                got = page.value(tab, name)
                tally.check(f'{pairs}: {name}',
                            math.isclose(got, right, rel_tol=1e-9,
                                         abs_tol=1e-12), (got, right))
            corner_is_the_api_s(tab, pairs, array.reshape(entry['shape']))


def corner_is_the_api_s(tab, pairs, array):
    """The first cells of the heat map, read with the arrow keys."""
    matrix = array.reshape(array.shape[0] if array.ndim > 1 else 1, -1)
    cells = tab.locator('canvas.heatmap')
    cells.focus()
    at = [0, 0]
    for i, key in enumerate(['ArrowRight', 'ArrowRight', 'ArrowDown',
                             'ArrowLeft']):
        cells.press(key)
        if i > 0:
            at = {'ArrowRight': [at[0], at[1] + 1],
                  'ArrowLeft': [at[0], at[1] - 1],
                  'ArrowDown': [min(at[0] + 1, len(matrix) - 1),
                                at[1]]}[key]
        tally.equal(f'{pairs}: cell {at}', page.value(tab, 'cell'),
                    float(matrix[tuple(at)]))


def law_stands_beside_what_is_measured(url, browser):
    query = {'shape': '512,256', 'scheme': 'torch.sparse', 'sparsity': 0.75,
             'seed': 1}
    law = page.api(url, '/v1/analysis', **query)
    with page.view(browser, url, '#tensor?' + urllib.parse.urlencode(query)
                   ) as tab:
        for name, right in [('law-mean', law['mean']), ('law-std', law['std']),
                            ('atom-probability',
                             law['atoms'][0]['probability'])]:
            tally.equal(f'{name} is the API\'s', page.value(tab, name), right)
        drawn = tab.evaluate('''() => {
            const { datasets } = Chart.getChart(document.querySelector(
                'figure canvas')).data;
            return datasets.map((set) => [set.label, set.data]);
        }''')
        tally.equal('density and values are drawn',
                    [label for label, _ in drawn], ['exact density', 'values'])
        peak = max(point['y'] for point in drawn[0][1])
        tally.check('the bars are as high as the density', 0.7 < max(
            point['y'] for point in drawn[1][1]) / peak < 1.4, peak)
        measured = page.value(tab, 'atom-share')
        tally.check('the share of zeros is measured',
                    abs(measured - law['atoms'][0]['probability']) < 0.01,
                    measured)


def every_scheme_is_shown(url, browser):
    """The catalogue's examples, one after the other in one view."""
    with page.view(browser, url) as tab:
        for entry in page.api(url, '/v1/schemes')['schemes']:
            if not entry['example']:
                continue
            pairs = entry['example'].split('?')[1]
            tab.evaluate("(pairs) => { location.hash = '#tensor?' + pairs; }",
                         pairs)
            tab.wait_for_function('''(name) => {
                const heading = document.querySelector('[data-test=heading]');
                return heading && heading.textContent.startsWith(name + ',');
            }''', arg=entry['name'])
            page.settle(tab)
            tally.equal(f'{pairs}: no error', [
                each.inner_text() for each in tab.locator(
                    '.field-error:visible, [data-test=refusal]:visible').all()
            ], [])


def narrow_types_are_decoded(url, browser):
    for dtype in ['bfloat16', 'float8_e4m3fn', 'float8_e5m2']:
        query = {'shape': '6,40', 'scheme': 'normal', 'seed': 9,
                 'dtype': dtype}
        answer = page.api(url, '/v1/weights', **query, format='json')
        right = moments(numpy.array(answer['tensors'][0]['data'], 'f4'))
        with page.view(browser, url, '#tensor?'
                       + urllib.parse.urlencode(query)) as tab:
            for name, value in right.items():
                tally.check(f'{dtype}: {name}', math.isclose(
                    page.value(tab, name), value, rel_tol=1e-9,
                    abs_tol=1e-12), (page.value(tab, name), value))


def a_part_stands_for_a_large_tensor(url, browser):
    query = {'shape': '4096,4096', 'scheme': 'normal', 'seed': 2}
    part = fetch(url, **query, slice='0:64,:')
    array = numpy.frombuffer(part, '<f4')
    with page.view(browser, url, '#tensor?' + urllib.parse.urlencode(query)
                   ) as tab:
        tally.check('it says so', 'the first 262,144 of 16,777,216 values'
                    in page.text(tab, 'time'), page.text(tab, 'time'))
        for name, right in moments(array).items():
            tally.check(f'a part\'s {name}', math.isclose(
                page.value(tab, name), right, rel_tol=1e-9), right)
        tally.check('no request was for all of it', not any(
            '/v1/weights' in each and 'slice' not in each
            and 'format=' not in each for each in tab.asked), tab.asked)


def digests_of_large_tensors_are_asked_for(url, browser):
    fragment = '#tensor?shape=5000,4096&scheme=ones&seed=0'
    with page.view(browser, url, fragment) as tab:
        tally.equal('80 MB are not hashed unasked', page.text(tab, 'digest'),
                    'not computed')
        tab.click('[data-test=compute-digest]')
        tab.wait_for_selector('[data-test=compute-digest]', state='hidden')
        right = hashlib.blake2b(numpy.ones(5000 * 4096, '<f4').tobytes(),
                                digest_size=32).hexdigest()
        tally.equal('the digest is that of all ones',
                    page.text(tab, 'digest'), f'blake2b-256:{right}')


EDGES = [
    ('shape=()&scheme=normal&seed=1', 'a scalar'),
    ('shape=0,4&scheme=normal&seed=1', '0 × 4'),
    ('shape=1&scheme=ones', '1'),
    ('shape=2,0,3&scheme=zeros', '2 × 0 × 3'),
    ('shape=3,3&scheme=identity', '3 × 3'),
    ('shape=65536,65536,65536&scheme=normal', '65536 × 65536 × 65536'),
    ('shape=16,16&scheme=normal&std=1e30&dtype=float16', '16 × 16'),
]


def strange_tensors_are_shown(url, browser):
    for pairs, title in EDGES:
        with page.view(browser, url, '#tensor?' + pairs) as tab:
            tally.check(f'{pairs} is shown',
                        page.text(tab, 'heading').endswith(', ' + title),
                        page.text(tab, 'heading'))
            tally.equal(f'{pairs}: nothing in the way', audit.findings(tab),
                        [])


def warnings_are_the_api_s(url, browser):
    manifest = page.api(url, '/v1/weights', shape='8,0', scheme='he_normal',
                        format='manifest')
    with page.view(browser, url, '#tensor?shape=8,0&scheme=he_normal') as tab:
        said = tab.locator('[data-test=warning]').all_inner_texts()
        tally.check('there is a warning', len(manifest['warnings']) > 0)
        tally.equal('the reasons are there', [
            text.split(' ', len(each['warning'].split('_')))[-1]
            for text, each in zip(said, manifest['warnings'])],
            [each['why'] for each in manifest['warnings']])


# ----------------------------------------------------------------------------
# Its controls

def every_control_is_in_the_address(url, browser):
    with page.view(browser, url) as tab:
        for name, text, pair in [
                ('shape', '12, 8', 'shape=12,8'),
                ('scheme', 'truncated_normal', 'scheme=truncated_normal'),
                ('parameter-std', '0.25', 'std=0.25'),
                ('seed', '0x10', 'seed=0x10'),
                ('name', 'fc é', 'name=fc%20%C3'),
                ('dtype', 'bfloat16', 'dtype=bfloat16'),
                ('layout', 'jax', 'layout=jax')]:
            change(tab, name, text)
            tally.check(f'{pair} is in the address',
                        pair in tab.evaluate('location.hash'),
                        tab.evaluate('location.hash'))
        tab.click('[data-test=next-seed]')
        page.settle(tab)
        tally.equal('the next seed is one more',
                    tab.input_value('[data-test=seed]'), '17')
        same_again(url, browser, tab)
        change(tab, 'layout', 'torch')
        tally.check('what is usual is not in the address',
                    'layout' not in tab.evaluate('location.hash'))


def an_address_may_say_what_has_no_control(url, browser):
    query = {'shape': '4,6,3,3', 'scheme': 'he_normal', 'in_axes': '0',
             'out_axes': '1', 'multiplier': '2'}
    right = page.api(url, '/v1/weights', **query, seed=42, format='manifest',
                     digest='wait')['tensors'][0]
    with page.view(browser, url, '#tensor?' + urllib.parse.urlencode(query)
                   ) as tab:
        tally.equal('axes and multiplier count', page.text(tab, 'digest'),
                    right['digest'])
        change(tab, 'scheme', 'normal')
        tally.check('they stay with another scheme', all(
            f'{name}={query[name]}' in tab.evaluate('location.hash')
            for name in ['in_axes', 'out_axes', 'multiplier']),
            tab.evaluate('location.hash'))
    with page.view(browser, url, '#tensor?scheme=kaiming_uniform&a=2&slice=0:1'
                   ) as tab:
        tally.equal('a slice is not of the tensor',
                    page.value(tab, 'elements'), 512 * 256)
        change(tab, 'scheme', 'normal')
        tally.check('parameters go with their scheme',
                    '&a=' not in tab.evaluate('location.hash'),
                    tab.evaluate('location.hash'))


def the_last_address_counts(url, browser):
    with page.view(browser, url, '#network?depth=3&width=8') as tab:
        tab.evaluate('''() => {
            location.hash = '#network?depth=4&width=8';
            location.hash = '#network?depth=5&width=8';
        }''')
        page.settle(tab)
        tally.equal('the view is the last one\'s',
                    tab.input_value('[data-test=net-depth]'), '5')
        tally.equal('so is the address', tab.evaluate('location.hash'),
                    '#network?depth=5&width=8')


def same_again(url, browser, tab):
    """The link shows a colleague the same."""
    names = ['shape', 'scheme', 'parameter-std', 'parameter-mean', 'seed',
             'name', 'dtype', 'layout', 'generator']

    def read(view):
        return ([view.input_value(f'[data-test={name}]').replace(' ', '')
                 for name in names],
                page.text(view, 'digest'), page.value(view, 'mean'))
    with page.view(browser, url, tab.evaluate('location.hash')) as other:
        tally.equal('a link shows the same', read(other), read(tab))


def parameters_are_those_of_the_scheme(url, browser):
    with page.view(browser, url, '#tensor?shape=8,8&scheme=ones') as tab:
        for name in ['variance_scaling', 'truncated_normal', 'ones',
                     'orthogonal']:
            entry = page.api(url, f'/v1/schemes/{name}')
            change(tab, 'scheme', name)
            shown = tab.locator('[data-parameter]')
            tally.equal(f'{name}: its parameters',
                        [each.get_attribute('data-parameter')
                         for each in shown.all()],
                        [each['name'] for each in entry['parameters']])
            for each in entry['parameters']:
                control = tab.locator(f'[data-parameter={each["name"]}]')
                helped = tab.locator('#' + control.get_attribute(
                    'aria-describedby')).inner_text()
                tally.equal(f'{name}: help of {each["name"]}', helped,
                            each['help'])
                if each['choices']:
                    tally.equal(
                        f'{name}: choices of {each["name"]}',
                        control.locator('option').all_inner_texts(),
                        each['choices'])
            tally.equal(f'{name}: its formula',
                        tab.locator('.formula').inner_text(),
                        entry['formula'])


def all_schemes_and_generators_can_be_chosen(url, browser):
    with page.view(browser, url) as tab:
        for name, path, member in [('scheme', '/v1/schemes', 'schemes'),
                                   ('generator', '/v1/generators',
                                    'generators')]:
            shown = tab.locator(f'[data-test={name}] option').evaluate_all(
                '(all) => all.map((option) => option.value)')
            right = [each['name'] for each in page.api(url, path)[member]]
            tally.equal(f'every {name} is there', sorted(shown),
                        sorted(right))
        change(tab, 'generator', 'torch/linux-x86_64-avx2@2.13')
        tally.equal('a generator takes its own scheme along',
                    tab.input_value('[data-test=scheme]'),
                    'torch.kaiming_normal')
        tally.equal('so that there is no error',
                    tab.locator('.field.is-bad').count(), 0)


REFUSALS = [
    ('shape', 'shape=512,x'),
    ('shape', 'shape=512&scheme=he_normal'),
    ('seed', 'seed=twelve'),
    ('parameter-std', 'scheme=normal&std=-1'),
    ('parameter-value', 'scheme=constant'),
    ('parameter-a', 'scheme=kaiming_normal&a=x'),
    ('dtype', 'dtype=float128'),
    ('layout', 'layout=tensorflow'),
    ('generator', 'generator=torhc'),
    ('scheme', 'scheme=he_normla'),
    ('name', 'name=' + 'n' * 300),
]


def problem_of(url, pairs):
    query = dict(part.split('=', 1) for part in
                 ['shape=512,256', 'scheme=kaiming_normal', 'seed=42',
                  *pairs.split('&')])
    try:
        urllib.request.urlopen(
            f'{url}/v1/weights?{urllib.parse.urlencode(query)}'
            '&format=manifest')
    except urllib.error.HTTPError as answer:
        return json.load(answer)
    raise AssertionError(f'{pairs} is no problem')


def refusals_stand_beside_their_field(url, browser):
    for name, pairs in REFUSALS:
        problem = problem_of(url, pairs)
        with page.view(browser, url, '#tensor?' + pairs, refusals=True) as tab:
            shown = tab.evaluate('''(name) => document.querySelector(
                `[data-test="${name}"]`) !== null''', name)
            if not tally.check(f'{pairs}: there is {name}', shown):
                continue
            tally.equal(f'{pairs}: the API\'s own words beside {name}',
                        error_beside(tab, name), problem['detail'])


def a_mended_field_has_no_error(url, browser):
    with page.view(browser, url, refusals=True) as tab:
        change(tab, 'shape', '512,256,')
        tally.equal('a wrong shape says so', error_beside(tab, 'shape'),
                    problem_of(url, 'shape=512,256,')['detail'])
        change(tab, 'shape', '512,128')
        tally.equal('a mended one is silent', error_beside(tab, 'shape'), None)
        tally.equal('and the tensor is shown', page.text(tab, 'heading'),
                    'kaiming_normal, 512 × 128')


# ----------------------------------------------------------------------------
# Saving and copying

def downloads_are_the_api_s(url, browser):
    query = {'shape': '300,200', 'scheme': 'kaiming_normal', 'seed': 11,
             'name': 'fc.weight'}
    digest = page.api(url, '/v1/weights', **query, format='manifest',
                      digest='wait')['tensors'][0]['digest']
    with page.view(browser, url, '#tensor?' + urllib.parse.urlencode(query)
                   ) as tab:
        for form, suffix in [('raw', 'bin'), ('npy', 'npy'),
                             ('safetensors', 'safetensors')]:
            with tab.expect_download() as started:
                tab.click(f'[data-test=download-{form}]')
            path = started.value.path()
            data = pathlib.Path(path).read_bytes()
            tally.equal(f'{form}: its name', started.value.suggested_filename,
                        f'fc.weight.{suffix}')
            tally.check(f'{form}: its bytes',
                        data == fetch(url, **query, format=form), len(data))
            raw = tensor_bytes(form, data)
            tally.equal(f'{form}: the manifest\'s digest', 'blake2b-256:'
                        + hashlib.blake2b(raw, digest_size=32).hexdigest(),
                        digest)
            tab.wait_for_selector('[data-state=done]')
            said = page.text(tab, 'download-said')
            tally.check(f'{form}: it says what was compared',
                        'The SHA-256 of what came is the answer\'s.' in said
                        and 'Its Sow-Digest is the manifest\'s.' in said, said)


def tensor_bytes(form, data):
    if form == 'raw':
        return data
    if form == 'npy':
        return numpy.load(io.BytesIO(data)).tobytes()
    size, = struct.unpack('<Q', data[:8])
    return data[8 + size:]


def a_wrong_byte_is_noticed(url, browser):
    fragment = '#tensor?shape=64,64&scheme=normal&seed=1'
    with page.view(browser, url, fragment) as tab:
        def meddle(route):
            answer = route.fetch()
            body = bytearray(answer.body())
            body[100] ^= 1
            route.fulfill(response=answer, body=bytes(body))
        tab.route('**/v1/weights?*format=raw*', meddle)
        tab.click('[data-test=download-raw]')
        tab.wait_for_selector('[data-state=failed]')
        tally.check('it is not saved', 'It was not saved.' in page.text(
            tab, 'download-said'), page.text(tab, 'download-said'))


def what_is_typed_meanwhile_is_not_what_comes(url, browser):
    fragment = '#tensor?shape=64,64&scheme=normal&seed=1&name=first'
    with page.view(browser, url, fragment) as tab:
        first = page.Held(tab, '**/v1/weights?*format=raw*')
        tab.click('[data-test=download-raw]')
        change(tab, 'name', 'second')
        with tab.expect_download() as started:
            first.release()
        tally.equal('it is saved under its own name',
                    started.value.suggested_filename, 'first.bin')
        tab.wait_for_selector('[data-state=done]')


def cancel_stops_a_download(url, browser):
    fragment = '#tensor?shape=16384,15000&scheme=kaiming_normal&seed=1'
    with page.view(browser, url, fragment) as tab:
        ended = []
        tab.on('requestfailed', lambda request: ended.append(request.url))
        tab.click('[data-test=download-raw]')
        tab.wait_for_function('''() => document.querySelector('progress').value
            > 0''')
        tally.equal('the bar has a name', tab.locator('progress')
                    .get_attribute('aria-label'), 'Download')
        tally.equal('no second one meanwhile', tab.is_disabled(
            '[data-test=download-npy]'), True)
        tab.click('[data-test=cancel]')
        tab.wait_for_selector('[data-state=cancelled]')
        tally.equal('it says so', page.text(tab, 'download-said'),
                    'Cancelled.')
        page.wait_until(tab, lambda: ended)
        tally.check('the request has ended', len(ended) == 1
                    and 'format=raw' in ended[0], ended)
        tally.equal('another may begin', tab.is_disabled(
            '[data-test=download-npy]'), False)


def what_no_browser_holds_is_left_to_curl(url, browser):
    fragment = '#tensor?shape=65536,65536&scheme=normal&seed=1'
    with page.view(browser, url, fragment) as tab:
        tab.click('[data-test=download-raw]')
        tally.check('it says so', 'take the command below'
                    in page.text(tab, 'download-said'))
        tally.check('nothing was asked for', not any(
            'format=raw' in each for each in tab.asked), tab.asked)


def lines_to_copy_give_the_same_tensor(url, browser):
    sys.path.insert(0, str(ROOT / 'api/python'))
    query = {'shape': '24,16', 'scheme': 'kaiming_uniform', 'seed': 6,
             'name': "it's", 'dtype': 'float64', 'layout': 'jax'}
    right = fetch(url, **{key: urllib.parse.quote(str(each))
                          for key, each in query.items()})
    with page.view(browser, url, '#tensor?' + urllib.parse.urlencode(query)
                   ) as tab:
        for name in ['client', 'torch', 'numpy']:
            tab.click(f'[data-test=copy-{name}]')
            copied = tab.evaluate('navigator.clipboard.readText()')
            tally.equal(f'{name}: what is copied is what is shown', copied,
                        tab.locator(f'[data-test=snippet-{name}]')
                        .text_content())
            names = {}
            exec(copied, names)
            weight = numpy.asarray(names['weight'])
            tally.check(f'{name}: it runs, and gives the same bytes',
                        weight.tobytes() == right, weight.dtype)
        tab.click('[data-test=copy-curl]')
        command = tab.evaluate('navigator.clipboard.readText()')
        tally.check('curl: the same bytes', run_shell(command) == right,
                    command)


def run_shell(command):
    import subprocess
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(['sh', '-ec', command], cwd=folder, check=True,
                       capture_output=True)
        return (pathlib.Path(folder) / 'w.bin').read_bytes()


def a_cancelled_look_leaves_the_last(url, browser):
    """Typing fast: what is shown at the end is what was typed last."""
    with page.view(browser, url, refusals=True) as tab:
        for text in ['5', '51', '512', '512,', '512,6', '512,64']:
            tab.fill('[data-test=shape]', text)
            tab.wait_for_timeout(40)
        page.settle(tab)
        tally.equal('the last shape is shown', page.text(tab, 'heading'),
                    'kaiming_normal, 512 × 64')
        tally.equal('and no error', tab.locator('.field.is-bad').count(), 0)


def an_answer_to_what_was_typed_before_is_not_the_end(url, browser):
    with page.view(browser, url, '#tensor?shape=2,2') as tab:
        first = page.Held(
            tab, lambda target: '=512,6&' in urllib.parse.unquote(target))
        tab.fill('[data-test=shape]', '512,6')
        page.wait_until(tab, lambda: first.routes)
        tab.fill('[data-test=shape]', '512,64')
        first.release()
        page.settle(tab)
        tally.equal('what was typed last is shown', page.text(tab, 'heading'),
                    'kaiming_normal, 512 × 64')


def a_token_is_asked_for_and_sent(url, browser):
    """A server that wants a token, which is played here."""
    with page.view(browser, url, '#tensor?shape=4,4&scheme=ones',
                   refusals=True) as tab:
        sent = []

        def guard(route):
            sent.append(route.request.headers.get('authorization'))
            if sent[-1] == 'Bearer right':
                return route.continue_()
            return route.fulfill(status=401, json={
                'status': 401, 'code': 'TOKEN_REQUIRED', 'at': '',
                'detail': f'{sent[-1]} will not do.'})
        tab.route('**/v1/**', guard)
        tab.reload()
        tab.wait_for_selector('[data-test=token]')
        tally.equal('a first time is no error', error_beside(tab, 'token'),
                    None)
        tally.equal('nothing in the way of a token', audit.findings(tab), [])
        for token in ['wrong', 'right']:
            tab.fill('[data-test=token]', token)
            with tab.expect_navigation():
                tab.click('[data-test=use-token]')
            page.settle(tab)
            if token == 'wrong':
                tab.wait_for_selector('.is-bad [data-test=token]')
                tally.equal('what is wrong with it stands beside it',
                            error_beside(tab, 'token'),
                            'Bearer wrong will not do.')
        tally.equal('the tensor is there', page.text(tab, 'heading'),
                    'ones, 4 × 4')
        tally.equal('the token is not asked for any more',
                    tab.locator('[data-test=token]').count(), 0)
        tally.check('the token is in no address', not any(
            'right' in each for each in tab.asked), tab.asked)
        tally.check('the lines to copy name the variable',
                    '$SOW_TOKEN' in page.text(tab, 'snippet-curl'))


def colours_follow_the_light(url, browser):
    with page.view(browser, url) as tab:
        for scheme in ['dark', 'light']:
            tab.emulate_media(color_scheme=scheme)
            tab.wait_for_function('''() => {
                const accent = getComputedStyle(document.documentElement)
                    .getPropertyValue('--accent').trim();
                return Chart.getChart(document.querySelector('figure canvas'))
                    .data.datasets.at(-1).borderColor === accent;
            }''')
            tally.equal(f'the text of a chart is that of {scheme}',
                        *tab.evaluate('''() => [Chart.defaults.color,
                getComputedStyle(document.documentElement)
                    .getPropertyValue('--muted').trim()]'''))


TESTS = [
    tabs_work_by_keyboard_and_history, a_strange_address_shows_the_first_tab,
    an_address_typed_in_changes_the_view, the_policy_is_sent_and_holds,
    first_paint_is_light, it_is_for_everyone, what_is_refused_can_be_read,
    the_order_of_focus_is_that_of_reading, numbers_are_the_api_s,
    law_stands_beside_what_is_measured, every_scheme_is_shown,
    narrow_types_are_decoded,
    a_part_stands_for_a_large_tensor, digests_of_large_tensors_are_asked_for,
    strange_tensors_are_shown, warnings_are_the_api_s,
    every_control_is_in_the_address, an_address_may_say_what_has_no_control,
    the_last_address_counts, parameters_are_those_of_the_scheme,
    all_schemes_and_generators_can_be_chosen,
    refusals_stand_beside_their_field, a_mended_field_has_no_error,
    downloads_are_the_api_s, a_wrong_byte_is_noticed,
    what_is_typed_meanwhile_is_not_what_comes, cancel_stops_a_download,
    what_no_browser_holds_is_left_to_curl, lines_to_copy_give_the_same_tensor,
    a_cancelled_look_leaves_the_last,
    an_answer_to_what_was_typed_before_is_not_the_end,
    a_token_is_asked_for_and_sent,
    colours_follow_the_light,
]


def main():
    with page.opened() as (url, browser):
        for test in TESTS:
            tally.run(test, url, browser)
    tally.finish()


if __name__ == '__main__':
    main()
