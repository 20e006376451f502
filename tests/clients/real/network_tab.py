# SPDX-License-Identifier: MIT
"""The page's Network tab as its tests see it: what it asks, says and shows."""
import json
import urllib.error

import page

WIDTHS = [256] * 31
USUAL = {'widths': WIDTHS, 'activation': 'relu',
         'schemes': ['xavier_normal', 'kaiming_normal']}

# A small network, for what needs no large one.
SMALL = '#network?depth=4&width=32&samples='


def analysis(url, **body):
    return page.api(url, '/v1/analysis', body)


def refusal(url, **body):
    """What the API says when it refuses."""
    try:
        analysis(url, **body)
    except urllib.error.HTTPError as problem:
        return json.load(problem)
    raise AssertionError(f'{body} is not refused')


def bodies(tab):
    """A list that fills with what the page asks to be analysed."""
    asked = []
    tab.on('request', lambda request: asked.append(request.post_data_json)
           if request.url.endswith('/v1/analysis') else None)
    return asked


def at(name):
    return f'[data-test="{name}"]'


def change(tab, name, text, nth=0):
    """Type into a field, choose or tick, and wait for what follows."""
    element = tab.locator(at(name)).nth(nth)
    if element.evaluate('(e) => e.tagName') == 'SELECT':
        element.select_option(text)
    elif isinstance(text, bool):
        element.set_checked(text)
    else:
        element.fill(text)
    page.settle(tab)


def unfold(tab):
    """Open all that is folded."""
    tab.evaluate('''() => document.querySelectorAll(
        '#panel-network details').forEach((e) => { e.open = true; })''')
    tab.wait_for_timeout(50)


def numbers(tab, name, **data):
    """The numbers of elements by their place, as the DOM has them."""
    wanted = ''.join(f'[data-{key}="{text}"]' for key, text in data.items())
    return tab.evaluate('''(selector) => [...document.querySelectorAll(
        selector)].map((e) => JSON.parse(e.dataset.value))''',
                        at(name) + wanted)


def texts(tab, name, within=''):
    return tab.locator(f'{within} {at(name)}').all_inner_texts()


def error_beside(tab, control):
    """The text that a control is described by as its error, or None."""
    return control.evaluate('''(control) => {
        const [id] = (control.getAttribute('aria-describedby') || '')
            .split(' ');
        const error = document.getElementById(id);
        return control.getAttribute('aria-invalid') === 'true' && error
            && error.getClientRects().length ? error.textContent : null;
    }''')
