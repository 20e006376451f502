// SPDX-License-Identifier: MIT
// The state of the Network tab: what its controls say, as texts; what of it
// stands in the address; and the requests that it makes.
//
// A series is {scheme, bias}, each {name, values}, bias null for none.  In the
// address it is  normal:std=0.02+constant:value=0.1  and a semicolon parts it
// from the next.
import { find } from './catalogue.js';
import { activation, MOST_SERIES } from './network_options.js';

// What every control says when the address says nothing.
const USUAL = {
    depth: '30', width: '256', activation: 'relu', parameter: '',
    norm: 'none', dropout: '', residual: '', branch: '', second_moment: '',
    correlation: '', seed: '', dtype: 'float32', view: 'gains', samples: '64',
};
const USUAL_SERIES = 'xavier_normal;kaiming_normal';

// More layers than a chart can show, or a text for them be worth sending.
const MOST_LAYERS = 10000;

// Floating-point operations that are measured without being asked twice.
const CHEAP = 2e10;

function readScheme(text) {
    const [name, list] = text.split(':');
    const values = {};
    for (const pair of (list || '').split(',').filter(Boolean)) {
        const [key, ...value] = pair.split('=');
        values[key] = value.join('=');
    }
    return { name, values };
}

function writeScheme({ name, values }) {
    const list = Object.entries(values).map(
        ([key, value]) => `${key}=${value}`);
    return list.length ? `${name}:${list.join(',')}` : name;
}

function readOne(text) {
    // A plus also stands in numbers, such as 1e+3.
    const [scheme, bias] = text.split(/\+(?=[a-z])/i);
    return { scheme: readScheme(scheme),
        bias: bias ? readScheme(bias) : null };
}

export function writeOne(series) {
    return writeScheme(series.scheme) +
        (series.bias ? `+${writeScheme(series.bias)}` : '');
}

export function readSeries(text) {
    return text.split(';').filter(Boolean).slice(0, MOST_SERIES).map(readOne);
}

// The model of a fragment's texts.  'before' is what "mend it" has replaced:
// {at, series, residual}, of the series at that place.
export function read(state) {
    const model = {};
    for (const [key, usual] of Object.entries(USUAL))
        model[key] = state[key] ?? usual;
    model.series = readSeries(state.schemes || USUAL_SERIES);
    if (!model.series.length)
        model.series = readSeries(USUAL_SERIES);
    const [at, series, residual] = (state.before || '').split('~');
    model.before = series && Number(at) in model.series
        ? { at: Number(at), series: readOne(series),
            residual: residual || '' } : null;
    return model;
}

// What the fragment must say, for setState(): null for what is usual.
export function write(model) {
    const state = {};
    for (const [key, usual] of Object.entries(USUAL))
        state[key] = model[key] === usual ? null : model[key];
    const schemes = model.series.map(writeOne).join(';');
    const before = model.before;
    state.schemes = schemes === USUAL_SERIES ? null : schemes;
    state.before = !before ? null
        : [before.at, writeOne(before.series), before.residual].join('~');
    return state;
}

// A number if it reads as one, or else the text, so that the API says what is
// wrong with it.
function value(text) {
    return /^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?$/i.test(text)
        ? Number(text) : text;
}

function seed(text) {
    const number = value(text);
    return Number.isSafeInteger(number) ? number : text;
}

// Does 'width' list the widths, so that there is no depth to choose?
export function isList(model) {
    return /[0-9a-z][\s,]+\S/i.test(model.width) || /[*x]/.test(model.width);
}

// What is wrong with the depth, which the API doesn't know; or ''.
export function depthError(model) {
    const depth = Number(model.depth);
    if (isList(model))
        return widths(model).length <= MOST_LAYERS + 1 ? ''
            : `There can be ${MOST_LAYERS} layers at most.`;
    return Number.isInteger(depth) && depth >= 1 && depth <= MOST_LAYERS ? ''
        : `The depth must be a whole number from 1 to ${MOST_LAYERS}.`;
}

// The widths: 784, 512*8, 10 names eight of 512.  Of a list that is too long
// some more than there may be.
export function widths(model) {
    const words = model.width.split(/[\s,]+/).filter(Boolean);
    if (!isList(model))
        return Array(Number(model.depth) + 1).fill(value(model.width));
    const list = [];
    for (const word of words) {
        const [, width, times] = /^([0-9]+)[*x]([0-9]+)$/.exec(word) || [];
        if (list.length <= MOST_LAYERS + 1)
            list.push(...(width ? Array(Math.min(Number(times),
                MOST_LAYERS + 2)).fill(Number(width)) : [value(word)]));
    }
    return list;
}

// A scheme as a request has it.
function asked(scheme, catalogue) {
    const entry = find(catalogue, scheme.name);
    const typed = Object.entries(scheme.values).map(([key, text]) => {
        const parameter = entry && entry.parameters.find((p) => p.name === key);
        const type = parameter ? parameter.type : 'number';
        return [key, type === 'choice' ? text
            : type === 'boolean' ? text === 'true' : value(text)];
    });
    return typed.length ? { name: scheme.name, ...Object.fromEntries(typed) }
        : scheme.name;
}

// What a request says beside the schemes, by its members.
function common(model, residual) {
    const body = { widths: widths(model), activation: model.activation };
    const input = {};
    if (model.parameter)
        body.activation = { name: model.activation,
            [activation(model.activation).parameter]: value(model.parameter) };
    if (model.norm !== 'none')
        body.norm = model.norm;
    if (model.dropout)
        body.dropout = value(model.dropout);
    if (residual)
        body.residual = model.branch ? { alpha: value(residual),
            layers: value(model.branch) } : value(residual);
    for (const key of ['second_moment', 'correlation']) {
        if (model[key])
            input[key] = value(model[key]);
    }
    if (Object.keys(input).length)
        body.input = input;
    if (model.seed)
        body.seed = seed(model.seed);
    if (model.dtype !== 'float32')
        body.dtype = model.dtype;
    return body;
}

// The requests that 'entries' need, {series, residual, before} each: one for
// all that have the same bias and branches, and one for what was before.  Each
// is {body, members, before}, the members being the positions of its schemes
// among the entries.
export function requests(model, entries, catalogue) {
    const groups = new Map();
    entries.forEach(({ series, residual, before }, i) => {
        const bias = series.bias ? asked(series.bias, catalogue) : null;
        const key = JSON.stringify([bias, residual, before]);
        const group = groups.get(key) || { members: [], before,
            body: { ...common(model, residual), ...(bias && { bias }),
                schemes: [] } };
        group.members.push(i);
        group.body.schemes.push(asked(series.scheme, catalogue));
        groups.set(key, group);
    });
    return [...groups.values()];
}

// What measuring is asked for, or null for nothing.
export function measure(model) {
    return model.samples ? { samples: value(model.samples) } : null;
}

// About how many operations measuring takes: each weight is met once on the
// way forward and twice on the way back.
export function cost(model) {
    const list = widths(model);
    const weights = list.slice(1).reduce((sum, w, i) => sum + w * list[i], 0);
    return 6 * weights * Number(model.samples) * model.series.length;
}

export function isCheap(model) {
    return !(cost(model) > CHEAP);
}
