// SPDX-License-Identifier: MIT
// The frame: three tabs, and the state in the URL's fragment,
//     #network?depth=50&activation=relu
// so that a link shows a colleague the same picture.
//
// A tab is a module that exports { id, title, mount(root, state, setState) }.
// mount() fills 'root', an empty element.  'state' is what the fragment says,
// an object of strings; setState({key: value}) writes to it, null takes a key
// out.  It changes the address alone and calls nobody.  mount() may return a
// function, which is called when the tab's content is about to be replaced:
// because the address was changed by hand or by the browser's Back.  A tab that
// is merely hidden stays as it is.  What of a tab waits or draws says so with
// aria-busy="true"; its root does until mount() is done.
import { field, h, showError } from './dom.js';
import { getJson, Problem, query, setToken, token, url } from './client.js';

const TABS = [
    { id: 'tensor', title: 'Tensor', load: () => import('./tensor.js') },
    { id: 'network', title: 'Network', load: () => import('./network.js') },
    { id: 'schemes', title: 'Schemes', load: () => import('./schemes.js') },
];

// A tab's style sheet, ID.css, comes with its module.
function dress(tab) {
    return new Promise((resolve, reject) => {
        document.head.append(h('link', { rel: 'stylesheet',
            href: url(`page/${tab.id}.css`), onload: resolve,
            onerror: () => reject(new Error('Its style did not load.')) }));
    });
}

function load(tab) {
    tab.loading = tab.loading || Promise.all([tab.load(), dress(tab)])
        .then(([module]) => module);
    return tab.loading;
}

// What a tab's panel was last filled from, and how to leave it; 'turn' is of
// the latest that fills it.
for (const tab of TABS) {
    tab.loading = null;
    tab.query = '';
    tab.mounted = null;
    tab.leave = null;
    tab.turn = null;
}

let current = null;

function fragment(tab) {
    return tab.query ? `#${tab.id}?${tab.query}` : `#${tab.id}`;
}

// The tab and the query that the address names; the first tab if none.
function parse(hash) {
    const [id, ...rest] = hash.replace(/^#/, '').split('?');
    const tab = TABS.find((each) => each.id === id);
    return { tab: tab || TABS[0], text: tab ? rest.join('?') : '' };
}

function setter(tab, turn) {
    return (changes) => {
        if (tab.turn !== turn)
            return;
        const state = Object.fromEntries(new URLSearchParams(tab.query));
        tab.query = query({ ...state, ...changes });
        tab.mounted = tab.query;
        if (tab === current)
            history.replaceState(null, '', fragment(tab));
    };
}

function fail(tab, error) {
    tab.mounted = null;
    tab.loading = null;
    tab.panel.replaceChildren(h('p', { class: 'notice notice-bad',
        role: 'alert' }, `This part did not load: ${error.message}`));
}

async function mount(tab) {
    if (tab.mounted === tab.query)
        return;
    if (tab.leave)
        tab.leave();
    tab.leave = null;
    tab.mounted = tab.query;
    const turn = {};
    tab.turn = turn;
    try {
        const module = await load(tab);
        if (tab.turn !== turn)
            return;
        const state = Object.fromEntries(new URLSearchParams(tab.query));
        const root = h('div', { class: 'view', 'aria-busy': 'true' });
        tab.panel.replaceChildren(root);
        const leave = await module.mount(root, state, setter(tab, turn));
        if (tab.turn !== turn) {
            if (leave)
                leave();
            return;
        }
        tab.leave = leave || null;
        root.removeAttribute('aria-busy');
    } catch (error) {
        if (tab.turn !== turn)
            return;
        fail(tab, error);
        if (!(error instanceof Problem))
            throw error;
    }
}

function show(tab) {
    current = tab;
    document.title = `sow · ${tab.title}`;
    for (const each of TABS) {
        const selected = each === tab;
        each.button.setAttribute('aria-selected', String(selected));
        each.button.tabIndex = selected ? 0 : -1;
        each.panel.hidden = !selected;
    }
    return mount(tab);
}

// Go to a tab as a step that Back undoes; what did not load is tried again.
function go(tab) {
    if (tab === current) {
        mount(tab);
        return;
    }
    history.pushState(null, '', fragment(tab));
    show(tab);
}

function onKey(event) {
    const at = TABS.indexOf(current);
    const to = {
        ArrowRight: (at + 1) % TABS.length,
        ArrowLeft: (at + TABS.length - 1) % TABS.length,
        Home: 0,
        End: TABS.length - 1,
    }[event.key];
    if (to === undefined)
        return;
    event.preventDefault();
    go(TABS[to]);
    TABS[to].button.focus();
}

function onAddress() {
    if (location.hash === '#main')
        return;
    const { tab, text } = parse(location.hash);
    tab.query = text;
    show(tab);
}

function build() {
    const list = document.getElementById('tabs');
    const main = document.getElementById('main');
    for (const tab of TABS) {
        tab.button = h('button', { type: 'button', role: 'tab', class: 'tab',
            id: `tab-${tab.id}`, 'aria-controls': `panel-${tab.id}`,
            'data-test': `tab-${tab.id}`, onclick: () => go(tab) }, tab.title);
        tab.panel = h('section', { role: 'tabpanel', id: `panel-${tab.id}`,
            'aria-labelledby': `tab-${tab.id}`, hidden: true });
        list.append(tab.button);
        main.append(tab.panel);
    }
    list.addEventListener('keydown', onKey);
    window.addEventListener('popstate', onAddress);
    window.addEventListener('tokenwanted', askToken);
}

// Ask for a token above the tabs, once, and begin again with it.
function askToken(event) {
    if (document.getElementById('token-form'))
        return;
    const secret = field('Token', h('input', { type: 'password', id: 'token',
        autocomplete: 'off', 'data-test': 'token' }),
    'kept until this tab of the browser is closed');
    const form = h('form', { id: 'token-form', class: 'card token-form',
        'aria-label': 'Token' }, secret, h('button', { class: 'button',
        type: 'submit', 'data-test': 'use-token' }, 'Use it'));
    form.addEventListener('submit', (submitted) => {
        submitted.preventDefault();
        setToken(secret.control.value.trim());
        location.reload();
    });
    document.getElementById('main').prepend(form);
    if (token())
        showError(secret, event.detail.detail);
}

async function sign() {
    const version = await getJson('v1/version');
    document.getElementById('build').textContent =
        `sowd ${version.version} · engine ${version.engine}`;
}

build();
onAddress();
sign().catch(() => {});
