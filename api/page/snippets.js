// SPDX-License-Identifier: MIT
// The same tensor without this page: lines to copy.
import { copyButton, h } from './dom.js';
import { token, url } from './client.js';

// Text as a shell's word, and as a Python string.
export function shell(text) {
    return `'${text.replace(/'/g, "'\\''")}'`;
}

function python(text) {
    return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
}

function literal(value) {
    if (value === true)
        return 'True';
    if (value === false)
        return 'False';
    if (value === null)
        return 'None';
    if (Array.isArray(value))
        return `[${value.map(literal).join(', ')}]`;
    if (typeof value === 'object')
        return `{${Object.entries(value).map(
            ([key, each]) => `${python(key)}: ${literal(each)}`).join(', ')}}`;
    return typeof value === 'string' ? python(value) : String(value);
}

// Where the server wants a token, it comes from the environment, from where
// the client takes it too.
function curl({ target }) {
    const secret = token() ? '-H "Authorization: Bearer $SOW_TOKEN" ' : '';
    return `curl -o w.bin ${secret}${shell(url(target()))}\n`
        + 'b2sum -l 256 w.bin';
}

// Lines that import what opens 'address', the opening, and what reads it.
function reading(address, load) {
    const opening = token() ? 'from os import environ\n'
        + 'from urllib.request import Request, urlopen\n'
        : 'from urllib.request import urlopen\n';
    const asked = token() ? 'Request(url, headers={\n'
        + "    'Authorization': 'Bearer ' + environ['SOW_TOKEN']})" : 'url';
    return [opening, `url = ${python(url(address))}\n`
        + `${load(`urlopen(${asked}).read()`)}`];
}

// Members of a dict, a line each; null and undefined are left out.
function lines(members, indent) {
    return Object.entries(members)
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([key, value]) => `${' '.repeat(indent)}${python(key)}: ${
            literal(value)},`).join('\n');
}

// Axes as a list.
function axes(text) {
    return text ? text.split(',').map(Number) : null;
}

// The name is part of what a value follows from, and layers without one go by
// their index: so the name has to be there.
function client({ entry, state }) {
    const layer = lines({ name: entry.name || '0', shape: entry.shape,
        scheme: entry.scheme, dtype: entry.dtype, layout: state.layout,
        in_axes: axes(state.in_axes), out_axes: axes(state.out_axes),
        batch_axes: axes(state.batch_axes), key: state.key,
        multiplier: state.multiplier ? Number(state.multiplier) : null }, 8);
    const rest = lines({ seed: entry.seed, generator: state.generator }, 4);
    const remark = entry.name ? '' : '# Other values than above: a layer '
        + 'without a name goes by its index.\n# Name the tensor to have the '
        + 'same.\n';
    return `${remark}import sow\n\nclient = sow.Client(${
        python(url('').replace(/\/$/, ''))})\nweight = client.tensor({\n${
        rest}\n    'layers': [{\n${layer}\n    }],\n}, framework='torch')`;
}

function torch({ entry, target }) {
    const name = entry.name || 'tensor';
    const [opening, rest] = reading(target('safetensors'),
        (bytes) => `weight = load(${bytes})[${python(name)}]`);
    return `${opening}from safetensors.torch import load\n\n${rest}`;
}

function numpy({ target }) {
    const [opening, rest] = reading(target('npy'),
        (bytes) => `weight = numpy.load(io.BytesIO(${bytes}))`);
    return `import io\n${opening}import numpy\n\n${rest}`;
}

const SNIPPETS = [
    { id: 'curl', title: 'curl', make: curl },
    { id: 'client', title: 'Python, the client', make: client },
    { id: 'torch', title: 'Python, torch and safetensors', make: torch },
    { id: 'numpy', title: 'Python, NumPy', make: numpy },
];

// The element; show({entry, state, target}) fills it: a manifest's entry, the
// tab's state, and a function from a format to a path of the API.
export function snippets() {
    const blocks = SNIPPETS.map(({ id, title, make }) => {
        const code = h('code', { 'data-test': `snippet-${id}` });
        const copy = copyButton('Copy', () => code.textContent);
        copy.setAttribute('aria-label', `Copy: ${title}`);
        copy.dataset.test = `copy-${id}`;
        const block = h('div', null,
            h('div', { class: 'snippet-head' }, h('h3', null, title), copy),
            h('pre', { class: 'listing', tabindex: '0', 'aria-label': title,
                role: 'region' }, code));
        block.show = (what) => { code.textContent = make(what); };
        return block;
    });
    const element = h('div', { class: 'stack' }, blocks);
    element.show = (what) => blocks.forEach((block) => block.show(what));
    return element;
}
