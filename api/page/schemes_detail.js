// SPDX-License-Identifier: MIT
// What there is to say of one scheme: parameters, where it comes from, what it
// costs, and how to have it.
import { getJson, url } from './client.js';
import { copyButton, h, number, size } from './dom.js';

// The limits of a parameter, from the scheme's JSON schema.
function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }) {
    const low = minimum ?? exclusiveMinimum;
    const high = maximum === Number.MAX_SAFE_INTEGER + 1 ? undefined
        : maximum ?? exclusiveMaximum;
    const [from, to] = [exclusiveMinimum, exclusiveMaximum].map(
        (bound, i) => bound === undefined ? ['from', 'to'][i]
            : ['above', 'below'][i]);
    return [low !== undefined && `${from} ${number(low)}`,
        high !== undefined && `${to} ${number(high)}`].filter(Boolean)
        .join(' ');
}

function values({ type, choices }) {
    return choices ? choices.map((choice, i) => [i > 0 && ' ',
        h('code', null, choice)]) : h('span', null, type);
}

function usual({ required, default: value }) {
    return required ? h('em', null, 'required')
        : value === null ? 'by the shape' : h('code', null, String(value));
}

function parameters(entry) {
    if (!entry.parameters.length)
        return h('p', { class: 'muted' }, 'It takes no parameters.');
    return h('div', { class: 'scroll-x', tabindex: '0', role: 'region',
        'aria-label': `Parameters of ${entry.name}` },
    h('table', { class: 'numbers scheme-parameters' },
        h('caption', { class: 'visually-hidden' },
            `Parameters of ${entry.name}`),
        h('thead', null, h('tr', null, ['parameter', 'default', 'values', '']
            .map((text) => text ? h('th', { scope: 'col' }, text)
                : h('th', { scope: 'col' }, 'what it is')))),
        h('tbody', null, entry.parameters.map((each) => h('tr',
            { 'data-parameter': each.name },
            h('th', { scope: 'row' }, h('code', null, each.name)),
            h('td', null, usual(each)),
            h('td', { class: 'scheme-values' }, values(each)),
            h('td', null, each.help))))));
}

// Limits stand in the answer about one scheme alone: they come when they come.
async function addRanges(table, entry) {
    const { schema } = await getJson(`v1/schemes/${entry.name}`);
    for (const line of table.querySelectorAll('[data-parameter]')) {
        const text = range(schema.properties[line.dataset.parameter] || {});
        if (text)
            line.querySelector('.scheme-values').append(' ', text);
    }
}

const ACCESS = {
    random: 'any element by itself',
    rows: 'row by row',
    whole: 'the whole matrix at once',
};

function cost({ flops, bytes }) {
    return flops === 0 ? '' : `; a 512 × 256 tensor takes ${number(flops, 3)} `
        + `operations and ${size(bytes)} of memory`;
}

function facts(entry) {
    const { tags } = entry;
    return [
        ['Source', h('cite', { 'data-test': 'scheme-source' }, entry.source)],
        ['Evidence', entry.evidence === 'source' ? 'checked at the source'
            : `${entry.evidence}: not checked at the source`],
        ['Library', entry.library && h('code', null, entry.library)],
        ['Layout', entry.layout && h('code', null, entry.layout)],
        ['Scale', entry.fans ? 'by the fans of the shape'
            : 'the same for every shape'],
        ['Made', `${ACCESS[tags.access] || tags.access}${cost(tags.cost)}`],
        ['Data', tags.data_free ? null : 'looks at a batch first'],
    ].filter(([, value]) => value);
}

function links(entry) {
    const query = entry.example && entry.example.split('?')[1];
    return h('p', { class: 'scheme-links' },
        query && h('a', { href: `#tensor?${query}`,
            'data-test': 'scheme-tensor' }, 'Open in Tensor'),
        h('a', { href: `#network?${new URLSearchParams(
            { schemes: entry.name })}`, 'data-test': 'scheme-network' },
        'Analyse in Network'),
        h('a', { href: `#schemes?${new URLSearchParams(
            { name: entry.name })}` }, 'Link to this'));
}

// A command line that makes such a tensor; one that looks at data first needs
// more than an address says.
function example({ example: path }) {
    if (!path)
        return null;
    const command = `curl -o w.bin '${url(path)}'`;
    return h('div', { class: 'scheme-example' },
        h('pre', { class: 'listing', tabindex: '0',
            'data-test': 'scheme-curl' }, command),
        copyButton('Copy', () => command));
}

// The elements of a scheme's detail.
export function detail(entry) {
    const table = parameters(entry);
    addRanges(table, entry).catch(() => {});
    return [table,
        h('dl', { class: 'scheme-facts' }, facts(entry).map(([term, value]) =>
            h('div', null, h('dt', null, term), h('dd', null, value)))),
        example(entry), links(entry)].filter(Boolean);
}
