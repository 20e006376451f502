# SPDX-License-Identifier: MIT
"""The daemon's page in a real browser, Debian's chromium without a window.

    with page.opened() as (url, browser):
        with page.view(browser, url, '#tensor?shape=4,4') as tab:
            tab.click('[data-test=tab-network]')

view() counts as failures what no page may do: errors on the console, errors
that nobody caught, requests to anywhere but the daemon, violations of the
policy.  Everything is playwright's; PLAYWRIGHT_CHROMIUM names the browser.
"""
import contextlib
import json
import os
import pathlib
import sys
import urllib.parse
import urllib.request

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import daemon
import tally

CHROMIUM = os.environ.get('PLAYWRIGHT_CHROMIUM', '/usr/bin/chromium')

# Milliseconds: the machine may be busy.
PATIENCE = 180000

WIDE = {'width': 1280, 'height': 900}
NARROW = {'width': 360, 'height': 740}

# The log line of a request that was refused.  A page that shows a refusal has
# asked for what is refused, so that those that it provokes are no failures.
REFUSED = 'Failed to load resource: the server responded with a status of 4'


@contextlib.contextmanager
def opened(*options):
    """Start a daemon with more options, and a browser: yields (url, browser).
    """
    flags = ['--disable-dev-shm-usage', '--disable-gpu']
    if os.geteuid() == 0:
        flags.append('--no-sandbox')
    with daemon.running(*options) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM,
                                             args=flags)
        try:
            yield url, browser
        finally:
            browser.close()


def _watch(tab, accepted):
    """Lists that fill with what 'tab' says and asks for."""
    said, asked = [], []

    def console(message):
        text = message.text
        if message.type not in ('error', 'warning'):
            return
        if not text.startswith(accepted):
            said.append(f'{message.type}: {text}')

    tab.on('console', console)
    tab.on('pageerror', lambda error: said.append(f'uncaught: {error}'))
    tab.on('request', lambda request: asked.append(request.url))
    return said, asked


def _elsewhere(url, asked):
    return [each for each in asked
            if not each.startswith((url + '/', 'blob:' + url, 'data:'))]


@contextlib.contextmanager
def view(browser, url, fragment='', viewport=None, scheme='light',
         refusals=False, accepted=()):
    """Open the page, as at url + '/' + fragment: yields playwright's page.

    Its .asked lists the URLs that it has asked for.  'refusals' says that the
    test makes the API refuse, which browsers log; 'accepted' are beginnings of
    other lines on the console that it provokes.  'scheme' is light or dark.
    """
    context = browser.new_context(viewport=viewport or WIDE,
                                  color_scheme=scheme, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    context.grant_permissions(['clipboard-read', 'clipboard-write'],
                              origin=url)
    context.add_init_script(
        'window.violations = [];'
        'document.addEventListener("securitypolicyviolation", (event) =>'
        ' window.violations.push(event.violatedDirective + " "'
        ' + event.blockedURI));')
    tab = context.new_page()
    if refusals:
        accepted = (*accepted, REFUSED)
    said, tab.asked = _watch(tab, tuple(accepted))
    try:
        tab.goto(url + '/' + fragment)
        settle(tab)
        yield tab
        where = fragment or '/'
        tally.equal(f'{where}: the policy is kept',
                    tab.evaluate('window.violations'), [])
        tally.equal(f'{where}: nothing on the console', said, [])
        tally.equal(f'{where}: nothing leaves the origin',
                    _elsewhere(url, tab.asked), [])
    finally:
        context.close()


def settle(tab):
    """Wait until the tab that is shown says that it is done.

    A view is busy while it waits for the API or draws: its root has
    aria-busy="true" then.
    """
    tab.wait_for_function(
        '''() => {
            const panel = document.querySelector(
                '[role=tabpanel]:not([hidden])');
            return panel && panel.childElementCount > 0
                && !panel.querySelector('[aria-busy=true]');
        }''')


class Held:
    """Requests for 'target', as playwright takes it, which wait until they
    are released."""

    def __init__(self, tab, target):
        self.routes = []
        self._released = False
        tab.route(target, self._come)

    def _come(self, route):
        self.routes.append(route)
        if self._released:
            route.continue_()

    def release(self):
        self._released = True
        for route in self.routes:
            route.continue_()


def wait_until(tab, holds):
    """Let the page go on until 'holds', for five seconds at most."""
    for _ in range(100):
        if holds():
            break
        tab.wait_for_timeout(50)


def text(tab, name):
    """The text of the element whose data-test is 'name'."""
    return tab.inner_text(f'[data-test="{name}"]').strip()


def value(tab, name):
    """The number that the element whose data-test is 'name' stands for, as
    the API gave it."""
    return json.loads(tab.get_attribute(f'[data-test="{name}"]',
                                        'data-value'))


def api(url, path, body=None, **query):
    """The JSON that the API answers to GET, or with a body POST."""
    pairs = urllib.parse.urlencode(query)
    request = urllib.request.Request(
        url + path + ('?' + pairs if pairs else ''),
        None if body is None else json.dumps(body).encode(),
        {} if body is None else {'Content-Type': 'application/json'})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)
