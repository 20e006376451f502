// SPDX-License-Identifier: MIT
// What an analysis found: verdicts in the API's own sentences, what would mend
// them, and the summary.
import { h, number } from './dom.js';
import { swatch } from './network_series.js';

const CLASSES = { fault: 'verdict-bad', warning: 'verdict-warn', note: '' };
const GOOD = new Set(['critical', 'isometric', 'zero_layer_ok']);

// Members of a summary with what they are, in words.
const SUMMARY = [
    ['log10_forward', 'Signal, whole network', 'log₁₀'],
    ['forward_rate', 'Signal, each layer', 'log₁₀'],
    ['log10_backward', 'Gradient, whole network', 'log₁₀'],
    ['backward_rate', 'Gradient, each layer', 'log₁₀'],
    ['finite_width', 'Spread from draw to draw', 'of the mean'],
    ['death', 'An input dies', 'probability'],
    ['jacobian', 'Jacobian’s singular values', 'relative variance'],
    ['chi_1', 'χ₁', 'growth of distances'],
    ['slope', 'Slope of the length map', ''],
    ['q_star', 'q*', 'fixed mean square'],
    ['c_star', 'c*', 'fixed correlation'],
    ['xi_c', 'ξ of correlation', 'layers'],
    ['xi_q', 'ξ of length', 'layers'],
    ['xi_gradient', 'ξ of gradients', 'layers'],
    ['trainable_depth', 'Trainable depth', 'layers, about'],
];

export function worst(verdicts) {
    return ['fault', 'warning'].find((severity) =>
        verdicts.some((each) => each.severity === severity)) || 'note';
}

const HEADLINES = { fault: 'will not train', warning: 'may train badly',
    note: 'nothing against it' };

function called({ text, before }) {
    return before ? `before: ${text}` : text;
}

// The series as the charts' legend, each with what is to be said of it in a
// word or two.
export function legend(results) {
    return results.map(({ at, text, before, analysis: { verdicts } }) =>
        h('li', { class: `legend-item ${before ? 'is-before' : ''}` },
            swatch(at), h('span', { class: 'legend-name' },
                called({ text, before })),
            h('span', { class: `legend-word is-${worst(verdicts)}` },
                HEADLINES[worst(verdicts)])));
}

function where({ first, last }) {
    return first === last ? `layer ${first}` : `layers ${first} to ${last}`;
}

function verdict(each) {
    const kind = GOOD.has(each.verdict) ? 'verdict-good'
        : CLASSES[each.severity];
    return h('li', { class: `verdict ${kind}`, 'data-test': 'verdict',
        'data-verdict': each.verdict, 'data-severity': each.severity },
    h('p', { class: 'verdict-why', 'data-test': 'verdict-why' }, each.why),
    h('p', { class: 'verdict-facts' },
        h('span', { class: 'verdict-name' }, each.verdict.replace(/_/g, ' ')),
        h('span', null, each.severity), h('span', null, where(each)),
        h('span', { class: 'mono', 'data-value': String(each.value) },
            `${each.quantity} = ${number(each.value, 4)}`),
        h('cite', { 'data-test': 'verdict-source' }, each.source)));
}

// Suggestions, each once.
function suggestions(verdicts) {
    const known = new Map();
    for (const { suggestion } of verdicts) {
        if (suggestion)
            known.set(JSON.stringify(suggestion), suggestion);
    }
    return [...known.values()];
}

function canMend({ scheme, bias, alpha }) {
    return scheme !== null || bias !== null || alpha !== null;
}

function mending(suggestion, mend) {
    return h('div', { class: 'mending', 'data-test': 'suggestion' },
        h('p', null, suggestion.text),
        canMend(suggestion) && h('button', { type: 'button', class: 'button',
            'data-test': 'mend', onclick: () => mend(suggestion) }, 'Mend it'));
}

// What was found of each series; mend(at, suggestion) is for its button.
export function findings(results, mend) {
    return results.filter((result) => !result.before).map(
        ({ at, text, analysis: { verdicts } }) => h('section',
            { class: 'finding', 'data-test': 'finding', 'data-series': at },
            h('h3', { class: 'finding-head' }, swatch(at), text),
            h('ul', { class: 'verdicts' }, verdicts.length
                ? verdicts.map(verdict)
                : h('li', { class: 'verdict muted' },
                    'Theory finds nothing against it.')),
            suggestions(verdicts).map((each) => mending(each,
                (suggestion) => mend(at, suggestion)))));
}

function summaryCell(member, series, summary) {
    const value = (of, from) => h('span', { 'data-test': 'summary-number',
        'data-of': of, 'data-member': member, 'data-series': series,
        'data-value': String(from[member]),
        class: of }, number(from[member], 5));
    return h('td', null, value('theory', summary),
        summary.measured && member in summary.measured &&
        value('measured', summary.measured));
}

// The summaries side by side, as elements.
export function summaries(results) {
    const measured = results.some(({ analysis }) => analysis.summary.measured);
    const caption = measured ? 'Theory, and below it in italics what was '
        + 'measured.' : 'By theory.';
    const table = h('table', { class: 'numbers summary' },
        h('caption', { class: 'visually-hidden' }, 'Summary'),
        h('thead', null, h('tr', null, h('td'),
            results.map((result) => h('th', { scope: 'col',
                class: result.before && 'is-before' }, swatch(result.at),
            called(result))))),
        h('tbody', null, SUMMARY.map(([member, label, unit]) => h('tr', null,
            h('th', { scope: 'row' }, label,
                unit && h('span', { class: 'unit' }, unit)),
            results.map(({ analysis }, i) =>
                summaryCell(member, i, analysis.summary))))));
    return [h('p', { class: 'summary-caption' }, caption),
        h('div', { class: 'scroll-x', tabindex: '0', role: 'region',
            'aria-label': 'Summary' }, table)];
}
