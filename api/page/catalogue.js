// SPDX-License-Identifier: MIT
// The catalogues of schemes and generators, fetched once and shared, and the
// controls that choose a scheme and its parameters.
import { field, h, openOptions, options } from './dom.js';
import { getJson } from './client.js';

const known = new Map();

function once(path, member) {
    if (!known.has(path)) {
        const answer = getJson(path).then((body) => body[member]);
        known.set(path, answer);
        answer.catch(() => known.delete(path));
    }
    return known.get(path);
}

// The schemes, as GET /v1/schemes lists them.
export function schemes() {
    return once('v1/schemes', 'schemes');
}

// The generators, as GET /v1/generators lists them.
export function generators() {
    return once('v1/generators', 'generators');
}

// The entry that goes by 'name', an alias or not; undefined for none.
export function find(list, name) {
    return list.find((entry) =>
        entry.name === name || (entry.aliases || []).includes(name));
}

// Options of a <select> of schemes, grouped by the library they are of.
export function schemeOptions(list, selected) {
    const groups = new Map();
    for (const entry of list) {
        const group = entry.library || 'sow';
        groups.set(group, [...(groups.get(group) || []), entry]);
    }
    return [...groups].map(([library, entries]) =>
        h('optgroup', { label: library },
            options(entries.map((entry) => entry.name), selected)));
}

// What a parameter is when nobody says: as the API takes it in a query.
function usual(parameter) {
    return parameter.default === null ? '' : String(parameter.default);
}

function control(parameter, value) {
    const common = { 'data-parameter': parameter.name, name: parameter.name,
        'data-test': `parameter-${parameter.name}`,
        required: parameter.required };
    if (parameter.type === 'choice')
        return h('select', common,
            openOptions(parameter.choices, value));
    if (parameter.type === 'boolean')
        return h('select', common, openOptions(['false', 'true'], value));
    return h('input', { ...common, type: 'text', autocomplete: 'off',
        inputmode: parameter.type === 'integer' ? 'numeric' : 'decimal',
        spellcheck: 'false', value,
        placeholder: parameter.required ? 'required' : usual(parameter) });
}

function parameterField(parameter, values, onChange) {
    const value = values[parameter.name];
    const chooses = ['choice', 'boolean'].includes(parameter.type);
    const made = control(parameter,
        value === undefined ? (chooses ? usual(parameter) : '') : value);
    made.addEventListener(chooses ? 'change' : 'input', () => {
        const text = made.value.trim();
        const same = text === '' || text === usual(parameter);
        onChange(parameter.name, same && !parameter.required ? null
            : text === '' ? null : text);
    });
    const element = field(parameter.name, made, parameter.help);
    element.classList.add('field-parameter');
    element.dataset.at = parameter.name;
    return element;
}

// Controls for the parameters of 'scheme', an entry of schemes(), which stand
// at 'values', an object of strings; what is not in it stands at its default.
// onChange(name, text) tells of a change, text being null for the default.
// Every field has its parameter's name as data-at.
export function schemeControls(scheme, values, onChange) {
    return h('div', { class: 'parameters' }, scheme.parameters.map(
        (parameter) => parameterField(parameter, values, onChange)));
}
