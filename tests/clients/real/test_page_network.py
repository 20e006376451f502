#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Runs alone: it types faster than the page asks, and on a busy machine not.
"""The page's Network tab in chromium: what it shows are the API's numbers and
sentences, and what is to mend them does.
"""
import audit
import page
from network_tab import (
    analysis, at, bodies, change, numbers, SMALL, texts, unfold, USUAL, WIDTHS)

import tally

MEMBERS = {'forward': 'log10_forward', 'backward': 'log10_backward',
           'gradient': 'log10_weight_gradient', 'correlation': 'c2'}
SUMMARY = ['log10_forward', 'forward_rate', 'log10_backward', 'backward_rate',
           'finite_width', 'death', 'jacobian', 'chi_1', 'slope', 'q_star',
           'c_star', 'xi_c', 'xi_q', 'xi_gradient', 'trainable_depth']


def numbers_are_the_api_s(url, browser):
    answer = analysis(url, **USUAL, measure={'samples': 64})
    with page.view(browser, url, '#network') as tab:
        for view, kinds in [('gains', ['forward', 'backward'])] + [
                (kind, [kind]) for kind in MEMBERS]:
            tab.locator(at(f'view-{view}')).check(force=True)
            unfold(tab)
            for kind in kinds:
                tables_are_equal(tab, MEMBERS[kind], answer, view)
            tally.equal(f'{view} shows so many charts', tab.locator(
                '#panel-network figure').count(), len(kinds))
        for i, result in enumerate(answer['analyses']):
            for member in SUMMARY:
                got = numbers(tab, 'summary-number', member=member, series=i,
                              of='theory')
                tally.equal(f'{member} of {i}', got,
                            [result['summary'][member]])
            for member, right in result['summary']['measured'].items():
                tally.equal(f'{member} of {i}, measured', numbers(
                    tab, 'summary-number', member=member, series=i,
                    of='measured'), [right])


def tables_are_equal(tab, member, answer, view):
    for i, result in enumerate(answer['analyses']):
        for of, right in [
                ('theory', [layer[member] for layer in result['layers']]),
                ('measured', [layer['measured'][member]
                              for layer in result['layers']])]:
            got = numbers(tab, 'layer-number', kind=member, series=i, of=of)
            tally.equal(f'{view}: {member} of {i}, {of}', got, right)


def charts_draw_these_numbers(url, browser):
    """Theory as lines without points, measurement as points without lines."""
    answer = analysis(url, **USUAL, measure={'samples': 64})
    with page.view(browser, url, '#network') as tab:
        for kind in ['forward', 'backward']:
            drawn = tab.evaluate('''(test) => Chart.getChart(
                document.querySelector(`[data-test="${test}"] canvas`))
                .data.datasets.map((d) => ({ kind: d.kind, data: d.data,
                    line: d.showLine !== false, radius: d.pointRadius }))''',
                                 f'chart-{kind}')
            tally.equal('a line and points for each scheme',
                        [(d['kind'], d['line'], d['radius'] > 0)
                         for d in drawn],
                        [('theory', True, False), ('measured', False, True)]
                        * 2)
            for i, result in enumerate(answer['analyses']):
                layers = result['layers']
                lines, points = drawn[2 * i:2 * i + 2]
                inner = {p['x']: p['y'] for p in lines['data']
                         if 0 <= p['x'] < len(layers)}
                tally.equal(f'the line of {kind}, {i}', inner, {
                    x: layer[MEMBERS[kind]] for x, layer in enumerate(layers)})
                tally.equal(f'the points of {kind}, {i}',
                            {p['x']: p['y'] for p in points['data']}, {
                                x: layer['measured'][MEMBERS[kind]]
                                for x, layer in enumerate(layers)})


def verdicts_are_the_api_s_sentences(url, browser):
    schemes = [{'name': 'normal', 'std': 0.01}, 'xavier_normal', 'normal',
               'zeros']
    answer = analysis(url, widths=[500] * 11, activation='tanh',
                      schemes=schemes)
    with page.view(browser, url, '#network?depth=10&width=500&activation=tanh'
                   '&samples=&schemes=normal:std%3D0.01;xavier_normal;normal;'
                   'zeros') as tab:
        tally.equal('a section for each scheme',
                    tab.locator(at('finding')).count(), 4)
        for i, result in enumerate(answer['analyses']):
            within = at('finding') + f'[data-series="{i}"]'
            found = result['verdicts']
            tally.equal(f'the sentences on {i}',
                        texts(tab, 'verdict-why', within),
                        [each['why'] for each in found])
            tally.equal(f'their sources, {i}',
                        texts(tab, 'verdict-source', within),
                        [each['source'] for each in found])
            tally.equal(f'their severities, {i}', tab.evaluate(
                '''(s) => [...document.querySelectorAll(s)].map((e) =>
                [e.dataset.verdict, e.dataset.severity])''',
                within + ' ' + at('verdict')),
                [[each['verdict'], each['severity']] for each in found])
            advice = {each['suggestion']['text'] for each in found
                      if each['suggestion']}
            tally.equal(f'what would mend {i}, once each', sorted(
                tab.locator(f'{within} {at("suggestion")} p')
                .all_inner_texts()), sorted(advice))


def mend_it_mends(url, browser):
    """A scheme with its bias, a scheme, and the factor of branches."""
    cases = [
        ('depth=10&width=500&activation=tanh&schemes=normal:std%3D0.01',
         'vanishing', [500] * 11, 'tanh', {}),
        ('depth=30&width=256&schemes=xavier_normal', 'vanishing', WIDTHS,
         'relu', {}),
        ('depth=48&width=256&residual=1&branch=2&schemes=kaiming_normal',
         'exploding', [256] * 49, 'relu', {'residual': 1}),
        ('depth=5&width=64&activation=tanh&schemes=zeros', 'dead', [64] * 6,
         'tanh', {}),
    ]
    for fragment, kind, widths, activation, more in cases:
        with page.view(browser, url, f'#network?samples=&{fragment}') as tab:
            asked = bodies(tab)
            before = numbers(tab, 'summary-number', series=0,
                             member='log10_forward')
            wrong = f'{at("verdict")}[data-verdict="{kind}"]'
            tally.check(f'{fragment}: {kind}', tab.locator(wrong).count() > 0)
            tab.locator(at('mend')).first.click()
            page.settle(tab)
            tally.equal(f'{fragment}: mended', tab.locator(wrong).count(), 0)
            tally.check(f'{fragment}: what was is shown beside', 'before: ' in
                        tab.locator(at('net-legend')).inner_text())
            tally.equal(f'{fragment}: with its numbers', numbers(
                tab, 'summary-number', series=1, member='log10_forward'),
                before)
            first = next(body for body in asked if 'schemes' in body)
            tally.equal(f'{fragment}: it is the same network',
                        (first['widths'], first['activation']),
                        (widths, activation))
            if more:
                tally.check(f'{fragment}: α is smaller',
                            0 < first['residual']['alpha'] < 1, first)
            tab.locator(at('net-forget')).click()
            page.settle(tab)
            tally.equal(f'{fragment}: and can be forgotten', len(numbers(
                tab, 'summary-number', member='log10_forward')), 1)


def what_is_mended_is_the_suggestion(url, browser):
    [found] = analysis(url, widths=[500] * 11, activation='tanh', schemes=[
        {'name': 'normal', 'std': 0.01}])['analyses']
    advice = found['verdicts'][0]['suggestion']
    with page.view(browser, url, '#network?samples=&depth=10&width=500'
                   '&activation=tanh&schemes=normal:std%3D0.01') as tab:
        asked = bodies(tab)
        tab.locator(at('mend')).first.click()
        page.settle(tab)
        mended = [body for body in asked if body.get('bias')]
        tally.equal('scheme and bias are those of the API',
                    [(body['schemes'], body['bias']) for body in mended],
                    [([advice['scheme']], advice['bias'])])
        tally.equal('the controls say so', [tab.locator(at(name))
                    .input_value() for name in
                    ('series-scheme', 'series-bias')],
                    [advice['scheme']['name'], advice['bias']['name']])


def a_link_shows_what_was_mended(url, browser):
    with page.view(browser, url, '#network?samples=&schemes=xavier_normal'
                   ) as tab:
        tab.locator(at('mend')).first.click()
        page.settle(tab)
        legend = tab.locator(at('net-legend')).inner_text()
        fragment = tab.evaluate('location.hash')
    with page.view(browser, url, fragment) as tab:
        tally.equal('before and after', tab.locator(
            at('net-legend')).inner_text(), legend)


def points(tab):
    """How many the first line of the first chart has: a layer each, and the
    input."""
    return tab.evaluate('''() => Chart.getChart(document.querySelector(
        '[data-test="chart-forward"] canvas')).data.datasets[0]
        .data.length''')


def measuring_much_is_asked_for(url, browser):
    """What takes long is measured when somebody says so."""
    with page.view(browser, url, '#network?depth=12&width=1024&samples=512'
                   '&schemes=kaiming_normal') as tab:
        asked = bodies(tab)
        tally.equal('nothing was measured', numbers(
            tab, 'summary-number', of='measured'), [])
        button = tab.locator(at('net-measure'))
        tally.check('it says what it takes',
                    'FLOP' in button.inner_text(), button.inner_text())
        button.click()
        page.settle(tab)
        tally.equal('then it is', asked[-1]['measure'], {'samples': 512})
        tally.check('and shown', len(numbers(
            tab, 'summary-number', of='measured')) > 0)


def an_answer_to_what_was_chosen_before_is_not_the_end(url, browser):
    with page.view(browser, url, SMALL) as tab:
        first = page.Held(tab, '**/v1/analysis')
        tab.fill(at('net-depth'), '6')
        page.wait_until(tab, lambda: first.routes)
        tab.fill(at('net-depth'), '7')
        first.release()
        page.settle(tab)
        tally.equal('what was chosen last is drawn', points(tab), 8)


def examples_show_what_they_say(url, browser):
    """By title: a verdict that theory must find for the first series."""
    right = {'All weights zero': 'dead', 'All weights equal': 'symmetric',
             'Too small': 'vanishing', 'Too large': 'exploding',
             'Deep residual': 'exploding', 'GELU': 'unstable_fixed_point',
             'PyTorch': 'vanishing', 'Deep and narrow': 'finite_width'}
    with page.view(browser, url, SMALL) as tab:
        titles = tab.locator(at('net-example') + ' option').all_inner_texts()
        for i, title in enumerate(titles[1:]):
            change(tab, 'net-example', str(i))
            tally.equal(f'{title}: it is shown', tab.locator(
                at('network')).get_attribute('data-state'), 'done')
            found = tab.evaluate('''() => [...document.querySelectorAll(
                '[data-series="0"] [data-test=verdict]')].map((e) =>
                e.dataset.verdict)''')
            wanted = [kind for start, kind in right.items()
                      if title.startswith(start)]
            for kind in wanted:
                right = {k: v for k, v in right.items() if v != kind
                         or not title.startswith(k)}
                tally.check(f'{title}: {kind}', kind in found, found)
        tally.equal('no example is missing', right, {})


def numbers_are_made_when_they_are_wanted(url, browser):
    """So that the deepest network there can be is drawn soon."""
    with page.view(browser, url, '#network?samples=&depth=10000&width=8'
                   '&schemes=kaiming_normal') as tab:
        tally.equal('every layer is drawn', points(tab), 10001)
        tally.equal('there is no table yet', tab.locator(
            at('layer-number')).count(), 0)
        tab.locator(at('chart-forward') + ' summary').click()
        tab.wait_for_selector(at('layer-number'))
        tally.equal('then all of it is', tab.locator(
            at('layer-number')).count(), 10000)


def it_is_for_everyone(url, browser):
    for scheme in ('light', 'dark'):
        for size in (page.WIDE, page.NARROW):
            with page.view(browser, url, '#network', size, scheme) as tab:
                unfold(tab)
                what = f'{scheme}, {size["width"]} wide'
                tally.equal(f'{what}: nothing is in the way',
                            audit.findings(tab), [])
                tally.equal(f'{what}: nothing hangs over', tab.evaluate(
                    'document.documentElement.scrollWidth'), size['width'])


def a_phone_comes_to_the_picture_soon(url, browser):
    with page.view(browser, url, '#network', page.NARROW) as tab:
        top = tab.locator('#panel-network canvas').first.evaluate(
            '(e) => e.getBoundingClientRect().top + scrollY')
        tally.check('within two screens', top < 2 * page.NARROW['height'], top)
        tab.locator(at('net-width')).fill('8, -1')
        tally.check('all of it can be reached', tab.locator(
            at('net-width')).is_visible())


TESTS = [
    numbers_are_the_api_s, charts_draw_these_numbers,
    verdicts_are_the_api_s_sentences, mend_it_mends,
    what_is_mended_is_the_suggestion, a_link_shows_what_was_mended,
    measuring_much_is_asked_for,
    an_answer_to_what_was_chosen_before_is_not_the_end,
    examples_show_what_they_say, numbers_are_made_when_they_are_wanted,
    it_is_for_everyone, a_phone_comes_to_the_picture_soon,
]


def main():
    with page.opened() as (url, browser):
        for test in TESTS:
            tally.run(test, url, browser)
    tally.finish()


if __name__ == '__main__':
    main()
