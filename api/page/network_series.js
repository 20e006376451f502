// SPDX-License-Identifier: MIT
// The series that are compared: how each is marked, and the controls of its
// scheme and bias.
import { find, schemeControls, schemeOptions } from './catalogue.js';
import { clearErrors, field, h } from './dom.js';
import { MOST_SERIES } from './network_options.js';
import { readSeries } from './network_state.js';

// What tells a series from others without colour: dashes of its line and the
// mark of its points, as Chart.js calls it and as a path around 0, 0.
export const STYLES = [
    { dash: [], mark: 'circle',
        path: 'M-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0 -6.4 0' },
    { dash: [7, 4], mark: 'rect', path: 'M-3 -3h6v6h-6z' },
    { dash: [2, 3], mark: 'triangle', path: 'M0 -3.6L3.6 3H-3.6z' },
    { dash: [9, 3, 2, 3], mark: 'rectRot', path: 'M0 -4L4 0L0 4L-4 0z' },
    { dash: [4, 2], mark: 'star', path: 'M-4 0H4M0 -4V4M-3 -3L3 3M-3 3L3 -3' },
    { dash: [12, 3], mark: 'crossRot', path: 'M-3 -3L3 3M-3 3L3 -3' },
];

// A piece of a series' line with a point on it.
export function swatch(i) {
    const { dash, path } = STYLES[i % STYLES.length];
    return h('svg:svg', { class: `swatch series-${i % STYLES.length + 1}`,
        viewBox: '-16 -6 32 12', width: '32', height: '12',
        'aria-hidden': 'true' },
    h('svg:path', { class: 'swatch-line', d: 'M-16 0H16',
        'stroke-dasharray': dash.join(' ') }),
    h('svg:path', { class: 'swatch-mark', d: path }));
}

// A scheme in a few words, as a call: normal(std=0.02).
export function schemeText({ name, values }) {
    const list = Object.entries(values).map(([key, text]) => `${key}=${text}`);
    return list.length ? `${name}(${list.join(', ')})` : name;
}

export function seriesText(series) {
    return schemeText(series.scheme) +
        (series.bias ? ` + bias ${schemeText(series.bias)}` : '');
}

// Controls for one scheme of a series: a field to choose it and its parameters,
// which change(name, values) hears of.  'none' is the text for having none.
function chooser(label, test, scheme, none, catalogue, change) {
    const entry = scheme && find(catalogue, scheme.name);
    const select = h('select', { 'data-test': test },
        none && h('option', { value: '' }, none),
        // A name that the catalogue doesn't know is the API's to judge.
        scheme && !entry && h('option', { value: scheme.name, selected: true },
            scheme.name),
        schemeOptions(catalogue, entry ? entry.name : ''));
    const parameters = h('div', { class: 'series-parameters' });
    const fill = (name, values) => {
        const chosen = find(catalogue, name);
        parameters.replaceChildren(...(chosen && chosen.parameters.length
            ? [schemeControls(chosen, values, (key, text) => {
                if (text === null)
                    delete values[key];
                else
                    values[key] = text;
                change(name, values);
            })] : []));
    };
    select.addEventListener('change', () => {
        const values = {};
        fill(select.value, values);
        change(select.value, values);
    });
    if (scheme)
        fill(scheme.name, scheme.values);
    return h('div', { class: 'chooser' }, field(label, select), parameters);
}

function card(list, i) {
    const { model, catalogue, onChange } = list;
    const series = model.series[i];
    const touched = () => {
        if (model.before && model.before.at === i)
            model.before = null;
        onChange();
    };
    const weights = chooser('Weights', 'series-scheme', series.scheme, '',
        catalogue, (name, values) => {
            series.scheme = { name, values };
            touched();
        });
    const biases = chooser('Biases', 'series-bias', series.bias, 'none',
        catalogue, (name, values) => {
            series.bias = name ? { name, values } : null;
            touched();
        });
    const remove = h('button', { type: 'button', class: 'button button-quiet',
        'aria-label': `Remove series ${i + 1}`, 'data-test': 'series-remove',
        disabled: model.series.length === 1,
        onclick: () => {
            model.series.splice(i, 1);
            model.before = null;
            list.fill();
            onChange();
        } }, 'Remove');
    const more = h('details', { class: 'series-more',
        open: series.bias !== null }, h('summary', null, 'Biases'), biases);
    const element = h('li', { class: 'series', 'data-test': 'series' },
        h('div', { class: 'series-head' }, swatch(i),
            h('span', { class: 'series-number' }, `Series ${i + 1}`), remove),
        weights, more);
    Object.assign(element, { weights, biases });
    return element;
}

// The field of a chooser that a rest of a JSON pointer names.
function within(chosen, name) {
    return [...chosen.querySelectorAll('.field-parameter')].find(
        (each) => each.dataset.at === name) || chosen.querySelector('.field');
}

// The list of series of 'model', which it changes.  .fill() makes it anew from
// the model, .field(i, part, name) is the field for a parameter of the
// 'weights' or 'biases' of one.
export function seriesList(model, catalogue, onChange) {
    const items = h('ol', { class: 'series-list' });
    const add = h('button', { type: 'button', class: 'button button-quiet',
        'data-test': 'series-add' }, 'Compare another scheme');
    const element = h('div', { class: 'stack' }, items, add);
    const list = { model, catalogue, onChange };
    list.fill = () => {
        items.replaceChildren(...model.series.map((_, i) => card(list, i)));
        add.hidden = model.series.length >= MOST_SERIES;
        clearErrors(element);
    };
    add.addEventListener('click', () => {
        model.series.push(...readSeries('lecun_normal'));
        list.fill();
        items.lastElementChild.querySelector('select').focus();
        onChange();
    });
    element.fill = list.fill;
    element.field = (i, part, name) => within(items.children[i][part], name);
    list.fill();
    return element;
}
