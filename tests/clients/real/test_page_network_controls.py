#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Runs alone: it types faster than the page asks, and on a busy machine not.
"""The controls of the page's Network tab in chromium: what they ask of the
API, what it refuses, and what an address keeps of them.
"""
import json
import re

import page
from network_tab import (
    analysis, at, bodies, change, error_beside, numbers, refusal, SMALL,
    unfold)

import tally


def every_control_changes_the_request(url, browser):
    """Name, what is entered, and the member of the request it comes out at."""
    small = [32] * 5
    changes = [
        ('net-depth', '6', 'widths', [32] * 7),
        ('net-width', '16', 'widths', [16] * 7),
        ('net-width', '8, 12*3 4', 'widths', [8, 12, 12, 12, 4]),
        ('net-width', '32', 'widths', [32] * 7),
        ('net-depth', '4', 'widths', small),
        ('net-activation', 'leaky_relu', 'activation', 'leaky_relu'),
        ('net-parameter', '0.2', 'activation',
         {'name': 'leaky_relu', 'slope': 0.2}),
        ('net-activation', 'tanh', 'activation', 'tanh'),
        ('net-norm', 'layer_norm', 'norm', 'layer_norm'),
        ('net-norm', 'none', 'norm', None),
        ('net-dropout', '0.25', 'dropout', 0.25),
        ('net-dropout', '', 'dropout', None),
        ('net-residual-on', True, 'residual', 1),
        ('net-residual', '0.5', 'residual', 0.5),
        ('net-branch', '2', 'residual', {'alpha': 0.5, 'layers': 2}),
        ('net-residual-on', False, 'residual', None),
        ('net-second_moment', '2.5', 'input', {'second_moment': 2.5}),
        ('net-correlation', '-0.5', 'input',
         {'second_moment': 2.5, 'correlation': -0.5}),
        ('net-dtype', 'float16', 'dtype', 'float16'),
        ('net-seed', '7', 'seed', 7),
        ('net-seed', '0xffffffffffffffff', 'seed', '0xffffffffffffffff'),
        ('net-seed', '18446744073709551615', 'seed', '18446744073709551615'),
        ('series-scheme', 'normal', 'schemes', ['normal', 'kaiming_normal']),
        ('parameter-std', '0.1', 'schemes',
         [{'name': 'normal', 'std': 0.1}, 'kaiming_normal']),
        ('parameter-std', '1', 'schemes', ['normal', 'kaiming_normal']),
    ]
    with page.view(browser, url, SMALL) as tab:
        asked = bodies(tab)
        unfold(tab)
        for name, text, member, right in changes:
            count = len(asked)
            change(tab, name, text)
            tally.check(f'{name} = {text} asks', len(asked) > count)
            tally.equal(f'{name} = {text} is asked', asked[-1].get(member),
                        right)
        change(tab, 'net-samples-on', True)
        tally.equal('ticked, it is measured', asked[-1].get('measure'),
                    {'samples': 64})
        change(tab, 'net-samples', '8')
        tally.equal('with so many', asked[-1].get('measure'), {'samples': 8})


def biases_are_of_one_series(url, browser):
    """Series with another bias are asked for by themselves."""
    with page.view(browser, url, SMALL, refusals=True) as tab:
        asked = bodies(tab)
        unfold(tab)
        change(tab, 'series-bias', 'constant', nth=1)
        message = error_beside(tab, tab.locator(at('parameter-value')))
        tally.check('a constant needs its value', message
                    and 'value' in message, message)
        count = len(asked)
        change(tab, 'parameter-value', '0.5')
        tally.equal('one request for each bias', sorted(
            (body['schemes'], body.get('bias')) for body in asked[count:]),
            [(['kaiming_normal'], {'name': 'constant', 'value': 0.5}),
             (['xavier_normal'], None)])
        right = analysis(url, widths=[32] * 5, activation='relu',
                         scheme='kaiming_normal',
                         bias={'name': 'constant', 'value': 0.5})
        tally.equal('and its numbers are those', numbers(
            tab, 'summary-number', series=1, member='log10_forward'),
            [right['analyses'][0]['summary']['log10_forward']])


def activations_are_the_api_s(url, browser):
    detail = refusal(url, widths=[2, 2], scheme='zeros',
                     activation='none such')['detail']
    known = re.search(r'It is one of (.*)\.$', detail)[1].split(', ')
    with page.view(browser, url, SMALL) as tab:
        offered = tab.locator(at('net-activation') + ' option').evaluate_all(
            '(list) => list.map((e) => e.value)')
        tally.equal('all activations can be chosen', offered, known)
        for name in known:
            change(tab, 'net-activation', name)
            answer = analysis(url, widths=[2, 2, 2], scheme='zeros',
                              activation=name)
            kind = answer['analyses'][0]['layers'][0]['activation']
            parameter = tab.locator(at('net-parameter'))
            shown = {}
            if parameter.is_visible():
                label = parameter.evaluate('(e) => e.labels[0].textContent')
                shown = {label: float(parameter.get_attribute('placeholder'))}
            tally.equal(f'{name} has its parameter and default', shown,
                        {key: value for key, value in kind.items()
                         if key != 'name'} if isinstance(kind, dict) else {})


def several_schemes_are_told_apart(url, browser):
    with page.view(browser, url, SMALL) as tab:
        asked = bodies(tab)
        while tab.locator(at('series-add')).is_visible():
            tab.click(at('series-add'))
            page.settle(tab)
        tally.equal('six at most', tab.locator(at('series')).count(), 6)
        tally.equal('all in one request', len(asked[-1]['schemes']), 6)
        lines = tab.evaluate('''() => Chart.getChart(document.querySelector(
            '[data-test=chart-forward] canvas')).data.datasets.map((d) =>
            [d.borderColor, JSON.stringify(d.borderDash)])''')
        for i, what in enumerate(['colour', 'dash']):
            tally.equal(f'each has its {what}',
                        len({line[i] for line in lines}), 6)
        tab.locator(at('series-remove')).nth(0).click()
        page.settle(tab)
        tally.equal('one less', tab.locator(at('series')).count(), 5)
        tally.equal('the first is gone', asked[-1]['schemes'][0],
                    'kaiming_normal')


def what_is_typed_last_counts(url, browser):
    """Typed by the page itself: on a busy machine a driver is too slow."""
    with page.view(browser, url, SMALL) as tab:
        asked = bodies(tab)
        tab.evaluate('''(selector) => {
            const input = document.querySelector(selector);
            for (const text of ['1', '12', '123', '12', '1', '17']) {
                input.value = text;
                input.dispatchEvent(new Event('input', { bubbles: true }));
            }
        }''', at('net-depth'))
        page.settle(tab)
        tally.equal('the last is asked', len(asked[-1]['widths']), 18)
        tally.check('not every key asks', len(asked) < 6, len(asked))
        unfold(tab)
        tally.equal('and shown', len(numbers(
            tab, 'layer-number', kind='log10_forward', series=0)), 17)


def refusals_stand_beside_their_field(url, browser):
    small = {'widths': [32] * 5, 'activation': 'relu',
             'schemes': ['xavier_normal', 'kaiming_normal']}
    cases = [
        ('net-width', '-5', {'widths': [-5] * 5}),
        ('net-width', 'wide', {'widths': ['wide'] * 5}),
        ('net-width', '8, 2.5, 8', {'widths': [8, 2.5, 8]}),
        ('net-width', '8, 0', {'widths': [8, 0]}),
        ('net-dropout', '2', {'dropout': 2}),
        ('net-seed', 'none', {'seed': 'none'}),
        ('net-second_moment', '-1', {'input': {'second_moment': -1}}),
        ('net-correlation', '1.5', {'input': {'correlation': 1.5}}),
        ('net-correlation', '∞', {'input': {'correlation': '∞'}}),
        ('parameter-gain', 'big', {'schemes': [
            {'name': 'xavier_normal', 'gain': 'big'}, 'kaiming_normal']}),
    ]
    for name, text, wrong in cases:
        detail = refusal(url, **{**small, **wrong})['detail']
        with page.view(browser, url, SMALL, refusals=True) as tab:
            unfold(tab)
            control = tab.locator(at(name)).first
            right = control.input_value()
            change(tab, name, text)
            tally.equal(f'{name} = {text}: the API’s own words',
                        error_beside(tab, control), detail)
            tally.check(f'{name} = {text}: the last picture stays',
                        tab.locator('#panel-network canvas').count() > 0)
            change(tab, name, right)
            tally.equal(f'{name}: mended, it has no error',
                        error_beside(tab, control), None)


def a_strange_depth_is_refused_here(url, browser):
    with page.view(browser, url, SMALL, refusals=True) as tab:
        asked = bodies(tab)
        for text in ['0', '-1', '2.5', 'deep', '1e9', '']:
            change(tab, 'net-depth', text)
            message = error_beside(tab, tab.locator(at('net-depth')))
            tally.check(f'depth {text!r} has an error', message
                        and 'whole number' in message, message)
        tally.equal('and asks nothing', asked, [])


def strange_addresses_are_survived(url, browser):
    for query in ['schemes=', 'schemes=;;', 'schemes=none_such',
                  'schemes=normal:std', 'activation=none_such', 'before=9~x~y',
                  'before=~~', 'view=none_such', 'depth=&width=', 'width=,',
                  'norm=constructor', 'schemes=constructor',
                  'residual=x&branch=y', 'samples=odd', 'samples=3',
                  'before=abc~dirac~', 'before=-1~ones~', 'before=0.5~ones~',
                  'width=1*10000,1*10000', 'width=1*1e9',
                  'schemes=' + ';'.join(['ones'] * 70)]:
        with page.view(browser, url, f'#network?depth=3&{query}',
                       refusals=True) as tab:
            shown = tab.locator('#panel-network ' + at('network'))
            tally.check(f'{query}: there is a state', shown.get_attribute(
                'data-state') in ('done', 'failed'))
            if shown.get_attribute('data-state') == 'failed':
                tally.check(f'{query}: it says why', tab.locator(
                    '#panel-network .field-error:visible, #panel-network '
                    '.notice:visible').count() > 0)


def an_address_restores_everything(url, browser):
    with page.view(browser, url, SMALL) as tab:
        unfold(tab)
        for name, text in [('net-depth', '6'), ('net-activation', 'elu'),
                           ('net-parameter', '0.7'), ('net-norm', 'rms_norm'),
                           ('net-dropout', '0.1'), ('net-residual-on', True),
                           ('net-residual', '0.25'), ('net-branch', '3'),
                           ('net-second_moment', '2'), ('net-seed', '99'),
                           ('net-correlation', '0.1'),
                           ('net-dtype', 'bfloat16'),
                           ('series-scheme', 'normal'),
                           ('parameter-std', '0.25')]:
            change(tab, name, text)
        tab.locator(at('view-gradient')).check(force=True)
        command = page.text(tab, 'net-command')
        fragment = tab.evaluate('location.hash')
    with page.view(browser, url, fragment) as tab:
        tally.equal('the same request', page.text(tab, 'net-command'),
                    command)
        tally.check('the same view', tab.locator(
            at('view-gradient')).is_checked())
        tally.equal('the same controls', [
            tab.locator(at(name)).first.input_value() for name in
            ('net-depth', 'net-parameter', 'net-residual', 'net-branch',
             'net-seed', 'series-scheme', 'parameter-std')],
            ['6', '0.7', '0.25', '3', '99', 'normal', '0.25'])
        tally.equal('the same address', tab.evaluate('location.hash'),
                    fragment)
    with page.view(browser, url, '#network?schemes=he_normal') as tab:
        tally.equal('an alias is understood', tab.locator(
            at('series-scheme')).input_value(), 'kaiming_normal')


def the_request_can_be_copied(url, browser):
    with page.view(browser, url, SMALL) as tab:
        body, address = re.fullmatch(r"curl -s --json '(.*)' (\S+)",
                                     page.text(tab, 'net-command')).groups()
        tally.equal('it goes to the API', address, url + '/v1/analysis')
        answer = analysis(url, **json.loads(body))
        tally.equal('and gives what is shown', numbers(
            tab, 'summary-number', series=1, member='jacobian'),
            [answer['analyses'][1]['summary']['jacobian']])


TESTS = [
    every_control_changes_the_request, biases_are_of_one_series,
    activations_are_the_api_s, several_schemes_are_told_apart,
    what_is_typed_last_counts, refusals_stand_beside_their_field,
    a_strange_depth_is_refused_here, strange_addresses_are_survived,
    an_address_restores_everything, the_request_can_be_copied,
]


def main():
    with page.opened() as (url, browser):
        for test in TESTS:
            tally.run(test, url, browser)
    tally.finish()


if __name__ == '__main__':
    main()
