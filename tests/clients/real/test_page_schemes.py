#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The page's Schemes tab in chromium: the whole catalogue, its formulas to the
last symbol, and finding things.
"""
import re
import shlex
import urllib.request
import xml.etree.ElementTree

import playwright.sync_api

import audit
import page

import tally

# What a formula's names and operators are set as.
SET_AS = {
    'α': 'alpha', 'β': 'beta', 'γ': 'gamma', 'λ': 'lambda', 'μ': 'mu',
    'ν': 'nu', 'ω': 'omega', 'φ': 'phi', 'π': 'pi', 'ρ': 'rho', 'σ': 'sigma',
    'τ': 'tau', 'θ': 'theta', 'Φ': 'Phi', '≤': '<=', '≥': '>=', '→': '->',
    '±': '+-', '∼': '~', '−': '-', '∗': '*', '\u2061': ''}
INDEX = {'joined': '{}{}', 'at': '{}[{}]', 'bracketed': '{}_({})'}


def catalogue(url):
    return page.api(url, '/v1/schemes')['schemes']


def at(name):
    return f'[data-test="{name}"]'


def scheme(name):
    return f'[data-test="scheme"][data-name="{name}"]'


def shown(tab):
    """The names of the schemes that are shown."""
    return tab.evaluate('''() => [...document.querySelectorAll(
        '[data-test=scheme]')].filter((e) => e.getClientRects().length)
        .map((e) => e.dataset.name)''')


def found(tab, text):
    """What is shown once the address, too, says that this is searched for."""
    tab.wait_for_function('''(text) => new URLSearchParams(
        location.hash.split('?')[1]).get('q') === text''', arg=text)
    return shown(tab)


def search(tab, text):
    """Type into the search; what it finds."""
    tab.fill(at('schemes-search'), text)
    return found(tab, text)


def comes_into_sight(tab, element):
    try:
        tab.wait_for_function('''(e) => {
            const { top, bottom } = e.getBoundingClientRect();
            return top >= 0 && bottom <= innerHeight;
        }''', arg=element.element_handle())
    except playwright.sync_api.TimeoutError:
        return False
    return True


# ----------------------------------------------------------------------------
# Formulas

def source(element):
    """The text that an element of MathML, or around it, was set from."""
    kind = element.tag.split('}')[-1]
    parts = [source(child) for child in element]
    name = element.get('class') or ''
    if kind == 'mfrac':
        return '/'.join(parts)
    if kind == 'msqrt':
        return 'sqrt' + ''.join(parts)
    if kind == 'msup':
        return parts[0] + ("'" if parts[1] == '′' else '^' + parts[1])
    if kind in ('msub', 'msubsup'):
        base = INDEX.get(name, '{}_{}').format(*parts[:2])
        return '^'.join([base] + parts[2:])
    text = element.text or ''
    if not parts:
        text = SET_AS.get(text, text)
    for part, child in zip(parts, element):
        text += part + (child.tail or '')
    return f'({text})' if name == 'bracketed-row' else text


def solid(text):
    return re.sub(r'\s', '', text)


def formulas_keep_every_symbol(url, browser):
    right = {each['name']: each['formula'] for each in catalogue(url)}
    with page.view(browser, url, '#schemes') as tab:
        markup = tab.evaluate('''() => Object.fromEntries(
            [...document.querySelectorAll('[data-test=scheme]')].map((e) =>
            [e.dataset.name, new XMLSerializer().serializeToString(
            e.querySelector('[data-test=formula] > *'))]))''')
        tally.equal('every scheme has one', sorted(markup), sorted(right))
        plain = []
        for name, formula in right.items():
            element = xml.etree.ElementTree.fromstring(markup[name])
            tally.equal(f'the formula of {name}', solid(source(element)),
                        solid(formula))
            if 'formula-text' in element.get('class'):
                plain.append(name)
        tally.equal('all are set', plain, [])


def a_formula_that_is_none_stays_text(url, browser):
    strange = ['', '(', ')', 'a / ', '/ a', '^', 'a ^', 'f(x', 'x]', '|x',
               'a_(', 'a #b', '<script>alert(1)</script>', '"&amp;"', '[1)',
               'sqrt', 'sqrt(', '(' * 3000, '((x)', 'x^^2', 'ü = 1']
    with page.view(browser, url, '#schemes') as tab:
        got = tab.evaluate('''async (list) => {
            const { formula } = await import('/page/formula.js');
            return list.map((text) => formula(text).textContent);
        }''', strange)
        for text, kept in zip(strange, got):
            tally.equal(f'{text[:20]!r} is kept', solid(kept),
                        solid(text))
        nested = tab.evaluate('''async () => {
            const { formula } = await import('/page/formula.js');
            return formula('a / b c / (d + 1)^-2').outerHTML;
        }''')
        tally.equal('quotients are read from the left', solid(source(
            xml.etree.ElementTree.fromstring(nested))), 'a/bc/(d+1)^-2')


# ----------------------------------------------------------------------------
# Search

def all_schemes_are_there(url, browser):
    right = [each['name'] for each in catalogue(url)]
    with page.view(browser, url, '#schemes') as tab:
        tally.equal('all are shown', sorted(shown(tab)), sorted(right))
        tally.equal('and counted', page.text(tab, 'schemes-count'),
                    f'{len(right)} schemes')
        for each in catalogue(url)[::7]:
            row = tab.locator(scheme(each['name'])).inner_text()
            for text in [each['name'], each['summary'], *each['aliases']]:
                tally.check(f'{each["name"]} shows {text}', text in row, row)


def search_finds(url, browser):
    """By alias, paper, person, library, words, parameter; several words."""
    entries = catalogue(url)
    with page.view(browser, url, '#schemes') as tab:
        for each in entries:
            for alias in each['aliases'][:1]:
                tally.check(f'{alias} finds {each["name"]}',
                            each['name'] in search(tab, alias))
        for text, name in [
                ('1502.01852', 'kaiming_normal'), ('arXiv:2203', 'mup'),
                ('Glorot and Bengio', 'xavier_uniform'), ('GLOROT 2010',
                                                          'xavier_normal'),
                ('second moment rectifier', 'kaiming_normal'),
                ('pytorch', 'torch.linear'), ('sparsity', 'sparse'),
                ('hessian', 'sparse'), ('xav', 'xavier_normal')]:
            names = search(tab, text)
            tally.check(f'{text!r} finds {name}', name in names, names)
            tally.check(f'{text!r} leaves most out',
                        len(names) < len(entries) / 3, len(names))
        tally.check('words are not found inside of words',
                    'constant' not in search(tab, 'he'))
        tally.equal('nothing is said to be nothing',
                    search(tab, 'no such scheme'), [])
        tally.check('in words',
                    tab.locator(at('schemes-nothing')).is_visible())
        tab.keyboard.press('Escape')
        tally.equal('Escape shows all', len(shown(tab)), len(entries))


def filters_are_those_of_the_catalogue(url, browser):
    entries = catalogue(url)
    traits = {
        'random': lambda e: e['tags']['access'] == 'random',
        'rows': lambda e: e['tags']['access'] == 'rows',
        'whole': lambda e: e['tags']['access'] == 'whole',
        'data': lambda e: not e['tags']['data_free'],
        'fans': lambda e: e['fans'], 'free': lambda e: not e['parameters'],
        'provisional': lambda e: e['evidence'] == 'provisional'}
    with page.view(browser, url, '#schemes') as tab:
        for library in {each['library'] for each in entries}:
            tab.select_option(at('schemes-library'), library or 'sow')
            tally.equal(f'those of {library}', sorted(shown(tab)), sorted(
                e['name'] for e in entries if e['library'] == library))
        tab.select_option(at('schemes-library'), '')
        offered = tab.locator(at('schemes-tag') + ' option').evaluate_all(
            '(list) => list.map((e) => e.value)')
        tally.equal('kinds', sorted(offered), sorted(['', *traits]))
        for tag, holds in traits.items():
            tab.select_option(at('schemes-tag'), tag)
            tally.equal(f'kind {tag}', sorted(shown(tab)), sorted(
                e['name'] for e in entries if holds(e)))
        fragment = tab.evaluate('location.hash')
        last = shown(tab)
    with page.view(browser, url, fragment + '&library=sow') as tab:
        tally.equal('an address restores it', shown(tab), [
            name for name in last if '.' not in name])


# ----------------------------------------------------------------------------
# One scheme

def details_are_the_api_s(url, browser):
    """Parameters, defaults, choices, help, limits, source; the example runs."""
    with page.view(browser, url, '#schemes') as tab:
        for name in ['kaiming_normal', 'sparse', 'mup', 'orthogonal', 'zeros',
                     'keras.lecun_normal', 'lora_a', 'weightnorm_data']:
            entry = page.api(url, f'/v1/schemes/{name}')
            row = tab.locator(scheme(name))
            row.locator(at('scheme-open')).click()
            if name == 'sparse':  # its limits come a moment later
                row.get_by_text('from 0 to 1').first.wait_for()
            text = row.inner_text()
            for parameter in entry['parameters']:
                details_of_parameter(row, name, parameter)
            tally.equal(f'the source of {name}', row.locator(
                at('scheme-source')).inner_text(), entry['source'])
            tally.check(f'{name}: a limit of the schema is shown',
                        name != 'sparse' or 'from 0 to 1' in text, text)
            commands = row.locator(at('scheme-curl'))
            tally.equal(f'{name}: an example where the API has one',
                        commands.count(), 1 if entry['example'] else 0)
            if entry['example']:
                address = shlex.split(commands.inner_text())[-1]
                with urllib.request.urlopen(address) as answer:
                    tally.check(f'the example of {name} gives weights',
                                len(answer.read()) > 0)
            row.locator(at('scheme-open')).click()
            tally.check(f'{name} closes', not row.locator(
                at('scheme-source')).is_visible())


def details_of_parameter(row, name, parameter):
    line = row.locator(f'[data-parameter="{parameter["name"]}"]').inner_text()
    words = [parameter['name'], parameter['help'],
             *(parameter['choices'] or [parameter['type']])]
    if parameter['required']:
        words.append('required')
    for word in words:
        tally.check(f'{name}: {parameter["name"]} shows {word}',
                    word in line, line)


def a_link_opens_one(url, browser):
    """By name or alias, also when the search would hide it."""
    for fragment, name in [('name=kaiming_normal', 'kaiming_normal'),
                           ('name=he_normal', 'kaiming_normal'),
                           ('name=numpy.normal', 'numpy.normal'),
                           ('name=sparse&q=xavier', 'sparse')]:
        with page.view(browser, url, f'#schemes?{fragment}') as tab:
            button = tab.locator(scheme(name)).locator(at('scheme-open'))
            tally.equal(f'{fragment} opens {name}',
                        button.get_attribute('aria-expanded'), 'true')
            tally.check(f'{fragment} is in sight',
                        comes_into_sight(tab, button))
    with page.view(browser, url, '#schemes?name=none.such') as tab:
        tally.check('a strange name opens none',
                    tab.locator('[aria-expanded=true]').count() == 0)


def opening_is_in_the_address(url, browser):
    with page.view(browser, url, '#schemes') as tab:
        tab.locator(scheme('sparse')).locator(at('scheme-open')).click()
        tally.equal('it says which', tab.evaluate('location.hash'),
                    '#schemes?name=sparse')
        search(tab, 'sparse')
        tally.equal('and the search', tab.evaluate('location.hash'),
                    '#schemes?name=sparse&q=sparse')


def other_tabs_take_a_scheme(url, browser):
    for name in ['sparse', 'kaiming_normal', 'torch.linear']:
        with page.view(browser, url, f'#schemes?name={name}') as tab:
            tab.locator(scheme(name)).locator(at('scheme-tensor')).click()
            page.settle(tab)
            tally.equal(f'Tensor shows {name}', tab.locator(
                '#panel-tensor ' + at('scheme')).input_value(), name)
            tally.equal('without a complaint', tab.locator(
                '#panel-tensor .field-error:visible').count(), 0)
            tab.go_back()
            page.settle(tab)
            tally.check('Back comes back', tab.locator(
                scheme(name)).is_visible())
    with page.view(browser, url, '#schemes?name=kaiming_normal') as tab:
        tab.locator(scheme('kaiming_normal')).locator(
            at('scheme-network')).click()
        page.settle(tab)
        tally.equal('Network analyses it', tab.locator(
            at('series-scheme')).input_value(), 'kaiming_normal')


# ----------------------------------------------------------------------------
# Everyone

def it_works_by_keyboard(url, browser):
    with page.view(browser, url, '#schemes') as tab:
        def focused():
            return tab.evaluate('document.activeElement.textContent')
        tab.focus(at('tab-schemes'))
        tab.keyboard.press('/')
        tally.check('a slash leads to the search', tab.evaluate(
            'document.activeElement.dataset.test') == 'schemes-search')
        tab.keyboard.type('xavier_')
        first, second = found(tab, 'xavier_')[:2]
        tab.keyboard.press('ArrowDown')
        tally.equal('an arrow to the first', focused(), first)
        tab.keyboard.press('ArrowDown')
        tally.equal('another to the second', focused(), second)
        tab.keyboard.press('Enter')
        tally.equal('Enter opens it', tab.locator(scheme(second)).locator(
            at('scheme-open')).get_attribute('aria-expanded'), 'true')
        tab.keyboard.press('ArrowUp')
        tab.keyboard.press('ArrowUp')
        tally.equal('and back to the search', tab.evaluate(
            'document.activeElement.dataset.test'), 'schemes-search')


def it_is_for_everyone(url, browser):
    for light in ('light', 'dark'):
        for size in (page.WIDE, page.NARROW):
            for fragment in ('#schemes', '#schemes?name=sinusoidal'):
                with page.view(browser, url, fragment, size, light) as tab:
                    tab.wait_for_timeout(200)
                    what = f'{fragment}, {light}, {size["width"]} wide'
                    tally.equal(f'{what}: nothing is in the way',
                                audit.findings(tab), [])
                    tally.equal(f'{what}: nothing hangs over', tab.evaluate(
                        'document.documentElement.scrollWidth'),
                        size['width'])


TESTS = [
    formulas_keep_every_symbol, a_formula_that_is_none_stays_text,
    all_schemes_are_there, search_finds, filters_are_those_of_the_catalogue,
    details_are_the_api_s, a_link_opens_one, opening_is_in_the_address,
    other_tabs_take_a_scheme, it_works_by_keyboard, it_is_for_everyone,
]


def main():
    with page.opened() as (url, browser):
        for test in TESTS:
            tally.run(test, url, browser)
    tally.finish()


if __name__ == '__main__':
    main()
