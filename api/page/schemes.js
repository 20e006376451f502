// SPDX-License-Identifier: MIT
// The Schemes tab: the catalogue, to search and to read.
import { schemes } from './catalogue.js';
import { debounce, h, options } from './dom.js';
import { formula } from './formula.js';
import { detail } from './schemes_detail.js';
import { LIBRARIES, TRAITS, matcher } from './schemes_search.js';

export const id = 'schemes';
export const title = 'Schemes';

// Milliseconds after a key until the list is searched.
const QUIET = 60;

// ---- rows -------------------------------------------------------------------

function aliases({ aliases: list }) {
    return list.length > 0 && h('span', { class: 'scheme-aliases' },
        'also ', list.map((alias, i) => [i > 0 && ', ',
            h('span', { class: 'mono' }, alias)]));
}

function heading(entry, target, toggle) {
    return h('h3', { class: 'scheme-head' },
        h('button', { type: 'button', class: 'scheme-name',
            'aria-expanded': 'false', 'aria-controls': target,
            'data-test': 'scheme-open', onclick: toggle }, entry.name),
        aliases(entry),
        entry.evidence !== 'source' && h('span', { class: 'scheme-mark' },
            entry.evidence));
}

// A scheme's row; what is behind it is made when it is opened.  .open(yes)
// opens and closes it, .button is what has the focus.
function row(entry, opened) {
    const target = `scheme-${entry.name}`;
    const inside = h('div', { class: 'scheme-detail', id: target,
        hidden: true });
    const element = h('li', { class: 'scheme', 'data-test': 'scheme',
        'data-name': entry.name },
    heading(entry, target, () => {
        element.open(inside.hidden);
        opened(inside.hidden ? null : entry);
    }),
    h('p', { class: 'scheme-summary' }, entry.summary),
    h('div', { class: 'scheme-formula', 'data-test': 'formula',
        'data-formula': entry.formula }, formula(entry.formula,
        entry.parameters.map((parameter) => parameter.name))),
    inside);
    element.button = element.querySelector('button');
    element.entry = entry;
    element.open = (yes) => {
        if (yes && !inside.childElementCount)
            inside.append(...detail(entry));
        inside.hidden = !yes;
        element.classList.toggle('is-open', yes);
        element.button.setAttribute('aria-expanded', String(yes));
    };
    return element;
}

// Rows below the names of the libraries that they are of.
function groups(rows) {
    return LIBRARIES.concat([...new Set(rows.map(({ entry }) => entry.library))]
        .filter((name) => !LIBRARIES.some(([known]) => known === name))
        .map((name) => [name, name])).map(([name, text]) => {
        const own = rows.filter(({ entry }) => entry.library === name);
        return own.length > 0 && Object.assign(h('section',
            { class: 'scheme-group' },
            h('h2', null, text), h('ul', { class: 'scheme-list' }, own)),
        { rows: own });
    }).filter(Boolean);
}

// ---- the view ---------------------------------------------------------------

function bar(state, list, changed) {
    const search = h('input', { type: 'search', id: 'schemes-search',
        autocomplete: 'off', spellcheck: 'false', value: state.q || '',
        'aria-label': 'Search the schemes', 'data-test': 'schemes-search',
        placeholder: 'Search by name, alias, library, words or paper' });
    const names = [...new Set(list.map((each) => each.library || 'sow'))];
    const library = h('select', { 'aria-label': 'Library',
        'data-test': 'schemes-library' },
    options([['', 'all libraries'], ...names], state.library || ''));
    const trait = h('select', { 'aria-label': 'Kind',
        'data-test': 'schemes-tag' },
    options([['', 'all kinds'], ...TRAITS.map(([key, text]) => [key, text])],
        state.tag || ''));
    const soon = debounce(changed, QUIET);
    search.addEventListener('input', soon);
    library.addEventListener('change', changed);
    trait.addEventListener('change', changed);
    const element = h('div', { class: 'schemes-bar', role: 'search' }, search,
        library, trait);
    element.read = () => ({ q: search.value.trim(), library: library.value,
        tag: trait.value });
    element.search = search;
    element.clear = () => {
        search.value = library.value = trait.value = '';
    };
    return element;
}

function filter(view) {
    const wanted = view.bar.read();
    const matches = matcher(wanted);
    let count = 0;
    for (const each of view.groups) {
        let some = false;
        for (const one of each.rows) {
            one.hidden = !matches(one.entry);
            some = some || !one.hidden;
            count += one.hidden ? 0 : 1;
        }
        each.hidden = !some;
    }
    view.count.textContent = count === view.rows.length
        ? `${count} schemes` : `${count} of ${view.rows.length} schemes`;
    view.nothing.hidden = count > 0;
    view.setState({ q: wanted.q || null, library: wanted.library || null,
        tag: wanted.tag || null });
}

// Arrows go from name to name, a slash to the search, Escape empties it.
function onKey(view, event) {
    const buttons = view.rows.filter((each) => !each.hidden
        && !each.closest('section').hidden).map((each) => each.button);
    const at = buttons.indexOf(document.activeElement);
    const typing = document.activeElement === view.bar.search;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === '/' && !typing &&
        !event.target.closest('input, select, textarea')) {
        event.preventDefault();
        view.bar.search.focus();
    } else if (step && (at >= 0 || typing)) {
        const next = at + step;
        event.preventDefault();
        (next < 0 ? view.bar.search
            : buttons[Math.min(next, buttons.length - 1)])?.focus();
    } else if (event.key === 'Escape' && typing) {
        view.bar.clear();
        filter(view);
    }
}

function openNamed(view, name) {
    const one = view.rows.find(({ entry }) => entry.name === name
        || entry.aliases.includes(name));
    if (!one)
        return;
    one.open(true);
    if (one.hidden) {
        view.bar.clear();
        filter(view);
    }
    // Once the panel is laid out.
    requestAnimationFrame(() => one.scrollIntoView({ block: 'start' }));
}

export async function mount(root, state, setState) {
    const list = await schemes();
    const view = { setState };
    const keys = (event) => {
        if (root.isConnected && !root.closest('[hidden]'))
            onKey(view, event);
    };
    view.rows = list.map((entry) => row(entry, (opened) =>
        setState({ name: opened ? opened.name : null })));
    view.groups = groups(view.rows);
    view.bar = bar(state, list, () => filter(view));
    view.count = h('p', { class: 'muted schemes-count', role: 'status',
        'data-test': 'schemes-count' });
    view.nothing = h('p', { class: 'notice', hidden: true,
        'data-test': 'schemes-nothing' },
    'No scheme has all of these words. Escape empties the search.');
    root.classList.add('schemes');
    root.append(view.bar, view.count, view.nothing, ...view.groups);
    document.addEventListener('keydown', keys);
    filter(view);
    if (state.name)
        openNamed(view, state.name);
    return () => document.removeEventListener('keydown', keys);
}
