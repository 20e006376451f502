// SPDX-License-Identifier: MIT
// The controls of the Network tab.
import { clearErrors, field, h, options, showError } from './dom.js';
import { EXAMPLES } from './network_examples.js';
import { ACTIVATIONS, NORMS, activation } from './network_options.js';
import { seriesList } from './network_series.js';
import { isList, read } from './network_state.js';

const DTYPES = ['float32', 'float64', 'float16', 'bfloat16', 'float8_e4m3fn',
    'float8_e5m2'];

// What an empty field says where a box above it is ticked.
const SWITCHED = { residual: '1', samples: '64' };

// A field for the model's text 'key'.  'refresh' sets it from the model.
function text(panel, key, label, attributes, help) {
    const { model, onChange } = panel;
    const input = h('input', { type: 'text', autocomplete: 'off',
        spellcheck: 'false', inputmode: 'decimal', 'data-test': `net-${key}`,
        ...attributes });
    input.addEventListener('input', () => {
        model[key] = input.value.trim() || SWITCHED[key] || '';
        panel.settle();
        onChange();
    });
    panel.refreshers.push(() => { input.value = model[key]; });
    return field(label, input, help);
}

function choice(panel, key, label, list, help) {
    const { model, onChange } = panel;
    const select = h('select', { 'data-test': `net-${key}` }, options(list));
    select.addEventListener('change', () => {
        model[key] = select.value;
        panel.settle(key);
        onChange();
    });
    panel.refreshers.push(() => {
        // An unknown one from the address is the API's to judge.
        if (![...select.options].some((o) => o.value === model[key]))
            select.append(h('option', { value: model[key] }, model[key]));
        select.value = model[key];
    });
    return field(label, select, help);
}

// A box that gives the model's text 'key' a value, or ''.
function box(panel, key, label) {
    const { model, onChange } = panel;
    const input = h('input', { type: 'checkbox',
        'data-test': `net-${key}-on` });
    input.addEventListener('change', () => {
        model[key] = input.checked ? SWITCHED[key] : '';
        panel.refresh();
        onChange();
    });
    panel.refreshers.push(() => { input.checked = model[key] !== ''; });
    return h('label', { class: 'tick' }, input, label);
}

// Controls that can be folded; on a phone, where they stand before what they
// make, they are so at first unless 'always' open.
function group(title, always, ...children) {
    const wide = window.matchMedia('(min-width: 60.01rem)').matches;
    return h('details', { class: 'group', open: always || wide },
        h('summary', null, title), h('div', { class: 'group-body' }, children));
}

function examples(panel) {
    const select = h('select', { 'data-test': 'net-example' },
        h('option', { value: '' }, 'choose one …'),
        EXAMPLES.map((each, i) => h('option', { value: String(i) },
            each.title)));
    const element = field('Example', select, ' ');
    const say = (note) => { element.hint.textContent = note; };
    select.addEventListener('change', () => {
        const example = EXAMPLES[select.value];
        if (!example)
            return;
        Object.assign(panel.model, read(example.state),
            { samples: panel.model.samples });
        panel.list.fill();
        panel.refresh();
        select.value = String(EXAMPLES.indexOf(example));
        say(example.note);
        panel.onChange(true);
    });
    panel.forget = () => {
        select.value = '';
        say('From lectures and papers.');
    };
    panel.forget();
    return element;
}

function shape(panel) {
    const fields = panel.fields;
    fields.depth = text(panel, 'depth', 'Depth', { inputmode: 'numeric' });
    fields.width = text(panel, 'width', 'Width', { inputmode: 'text' },
        'one for all layers, or a list: 784, 512*8, 10');
    fields.activation = choice(panel, 'activation', 'Activation',
        ACTIVATIONS.map((each) => each.name));
    fields.parameter = text(panel, 'parameter', 'slope', {});
    fields.norm = choice(panel, 'norm', 'Norm', NORMS);
    fields.dropout = text(panel, 'dropout', 'Dropout', { placeholder: '0' });
    return group('Network', true,
        h('div', { class: 'row depth-row' }, fields.depth, fields.width),
        h('div', { class: 'row' }, fields.activation, fields.parameter),
        h('div', { class: 'row' }, fields.norm, fields.dropout),
        branches(panel));
}

function branches(panel) {
    const fields = panel.fields;
    fields.residual = text(panel, 'residual', 'Factor α', { placeholder: '1' });
    fields.branch = text(panel, 'branch', 'Layers in a branch',
        { placeholder: '1', inputmode: 'numeric' });
    panel.residualRow = h('div', { class: 'row' }, fields.residual,
        fields.branch);
    return h('div', { class: 'stack' },
        box(panel, 'residual', 'Residual branches, x + α f(x)'),
        panel.residualRow);
}

function signals(panel) {
    const fields = panel.fields;
    fields.second_moment = text(panel, 'second_moment', 'Input’s mean square',
        { placeholder: '1' });
    fields.correlation = text(panel, 'correlation', 'Correlation of two',
        { placeholder: '0.5' });
    fields.dtype = choice(panel, 'dtype', 'Number format', DTYPES);
    panel.more = group('Input and number format', false,
        h('div', { class: 'row' }, fields.second_moment, fields.correlation),
        fields.dtype);
    panel.more.open = false;
    panel.more.dataset.test = 'net-more';
    return panel.more;
}

function measuring(panel) {
    const { fields } = panel;
    fields.samples = text(panel, 'samples', 'Samples',
        { inputmode: 'numeric', placeholder: '64' });
    fields.seed = text(panel, 'seed', 'Seed', { placeholder: '0',
        inputmode: 'text' });
    return group('Measurement', false,
        box(panel, 'samples', 'Measure the actual weights too'),
        h('div', { class: 'row' }, fields.samples, fields.seed));
}

// What is out of sight as long as it is as usual.
const MORE = ['second_moment', 'correlation', 'dtype'];

// Show what there is to choose: a parameter only where the activation has one.
function settle(panel, key) {
    const { model, fields } = panel;
    const chosen = activation(model.activation);
    if (key === 'activation') {
        model.parameter = '';
        fields.parameter.control.value = '';
    }
    fields.parameter.hidden = !chosen.parameter;
    fields.parameter.querySelector('label').textContent =
        chosen.parameter || '';
    fields.parameter.control.placeholder = chosen.usual || '';
    panel.residualRow.hidden = model.residual === '';
    fields.samples.hidden = model.samples === '';
    panel.more.open = panel.more.open || MORE.some((name) =>
        !['', 'float32'].includes(model[name]));
    fields.depth.control.disabled = isList(model);
    panel.forget();
}

// The field that an error at a JSON pointer into a request of 'members', the
// positions of its schemes among the series, belongs to; null for none.
const PLACES = [
    [/^\/widths/, 'width'], [/^\/activation\/./, 'parameter'],
    [/^\/activation/, 'activation'], [/^\/norm/, 'norm'],
    [/^\/dropout/, 'dropout'], [/^\/residual\/layers/, 'branch'],
    [/^\/residual/, 'residual'], [/^\/input\/second_moment/, 'second_moment'],
    [/^\/input\/correlation/, 'correlation'], [/^\/seed/, 'seed'],
    [/^\/dtype/, 'dtype'], [/^\/measure/, 'samples'],
];

function blamed(panel, problem, members) {
    const [, at, name] = /^\/schemes\/([0-9]+)\/?(.*)$/.exec(problem.at) || [];
    const [bias, biasName] = /^\/bias\/?(.*)$/.exec(problem.at) || [];
    const last = panel.model.series.length - 1;
    if (at !== undefined)
        return panel.list.field(Math.min(members[at], last), 'weights', name);
    if (bias !== undefined)
        return panel.list.field(Math.min(members[0], last), 'biases', biasName);
    if (problem.code === 'TOO_MANY_LAYERS' && !isList(panel.model))
        return panel.fields.depth;
    const place = PLACES.find(([pattern]) => pattern.test(problem.at));
    return place ? panel.fields[place[1]] : null;
}

// The controls of 'model', which they change; onChange() hears of it, and that
// it is a whole example if so.  .refresh() makes them say what the model says,
// .blame(problem, members) shows a problem beside its field and returns whether
// it has one, .clear() takes such away.
export function controls(model, catalogue, onChange) {
    const panel = { model, onChange, fields: {}, refreshers: [] };
    panel.settle = (key) => settle(panel, key);
    panel.list = seriesList(model, catalogue, () => {
        panel.forget();
        onChange();
    });
    panel.refresh = () => {
        panel.refreshers.forEach((refresh) => refresh());
        settle(panel);
    };
    const element = h('form', { class: 'stack controls', novalidate: true,
        'aria-label': 'The network', onsubmit: (e) => e.preventDefault() },
    examples(panel), shape(panel), group('Schemes', false, panel.list),
    measuring(panel), signals(panel));
    element.refresh = () => {
        panel.list.fill();
        panel.refresh();
    };
    element.clear = () => clearErrors(element);
    element.blame = (problem, members) => {
        const place = blamed(panel, problem, members);
        for (let at = place; at && at !== element; at = at.parentElement) {
            if (at.localName === 'details')
                at.open = true;
        }
        // One that isn't there to be seen can say nothing.
        if (!place || !place.getClientRects().length)
            return false;
        showError(place, problem.detail);
        return true;
    };
    element.fields = panel.fields;
    panel.refresh();
    return element;
}
