// SPDX-License-Identifier: MIT
// The Tensor tab: one tensor, what it holds and what it should hold, and how to
// have it.  Its state is the query of GET /v1/weights, so that all that the API
// takes can be in a link.
import { clearErrors, debounce, field, h, number, openOptions, options,
    showError, size } from './dom.js';
import { ask, cancelled, getJson, query, Problem } from './client.js';
import { find, generators, schemeControls, schemeOptions, schemes }
    from './catalogue.js';
import { chart, faded, figure, table } from './plot.js';
import { downloads } from './download.js';
import { heatmap } from './heatmap.js';
import { snippets } from './snippets.js';
import { corner, decode, DTYPES, head, histogram, moments, product, share,
    slice } from './values.js';

export const id = 'tensor';
export const title = 'Tensor';

const START = { shape: '512,256', scheme: 'kaiming_normal', seed: '42' };
const USUAL = { name: '', dtype: 'float32', layout: 'torch',
    generator: 'sow1' };

// What says which tensor it is, beside the controls and the parameters of the
// scheme; and what of the API's query is the tab's own to choose.
const BESIDE = ['in_axes', 'out_axes', 'batch_axes', 'multiplier', 'key'];
const CHOSEN = ['slice', 'format', 'digest', 'final_state', 'points', 'recipe'];

const SAMPLE = 2 ** 18; // values to look at
const BLOCK = [24, 48]; // rows and columns of the heat map
const BINS = 72;
const DIGEST_AT_ONCE = 2 ** 26; // bytes that are hashed unasked

// ---- the controls -----------------------------------------------------------

function textField(label, name, value, help, attributes) {
    const element = field(label, h('input', { type: 'text', name, value,
        autocomplete: 'off', spellcheck: 'false', 'data-test': name,
        ...attributes }), help);
    element.dataset.at = name;
    return element;
}

function selectField(label, name, choices, help) {
    const element = field(label, h('select', { name, 'data-test': name },
        choices), help);
    element.dataset.at = name;
    return element;
}

// All the schemes that a generator draws: all, unless it lists its own.
async function schemesOf(generator) {
    const list = await schemes();
    if (generator === USUAL.generator)
        return list;
    try {
        const about = await getJson(`v1/generators/${generator}`);
        return list.filter((entry) => about.schemes.includes(entry.name));
    } catch {
        return list;
    }
}

// The scheme of 'list' that is most like the one called 'name'.
function counterpart(list, name) {
    const bare = (text) => text.replace(/^[a-z]+\./, '');
    return list.find((entry) => entry.name === name)
        || list.find((entry) => bare(entry.name) === bare(name)) || list[0];
}

function generatorOptions(list, selected) {
    const found = find(list, selected);
    return openOptions(list.map((entry) => entry.name),
        found ? found.name : selected);
}

// The form: .state is what it says, changed() is called when that changes.
async function form(state, changed) {
    const [list, all] = await Promise.all([schemesOf(state.generator
        || USUAL.generator), generators()]);
    const own = find(await schemes(), state.scheme || START.scheme);
    const shape = textField('Shape', 'shape', state.shape || START.shape,
        'outputs first, as torch has it; () is a scalar');
    const generator = selectField('Generator', 'generator',
        generatorOptions(all, state.generator || USUAL.generator));
    const scheme = selectField('Scheme', 'scheme', []);
    const about = h('p', { class: 'field-help', 'data-test': 'formula' });
    const parameters = h('div', { class: 'parameters-slot' });
    const seed = textField('Seed', 'seed', state.seed || START.seed, null,
        { inputmode: 'numeric' });
    const name = textField('Name', 'name', state.name || '',
        'part of what the values follow from; may be empty');
    const dtype = selectField('dtype', 'dtype',
        openOptions(DTYPES, state.dtype || USUAL.dtype));
    const layout = selectField('Layout', 'layout',
        openOptions(['torch', 'jax', 'keras'],
            state.layout || USUAL.layout));
    const next = h('button', { type: 'button', class: 'button button-quiet',
        'data-test': 'next-seed' }, 'Next seed');
    const element = h('form', { class: 'stack tensor-controls',
        'aria-label': 'What to make', onsubmit: (e) => e.preventDefault() },
    shape, scheme, about, parameters,
    h('div', { class: 'row row-seed' }, seed, next), name,
    h('div', { class: 'row' }, dtype, layout), generator);
    const controlled = Object.keys({ ...START, ...USUAL }).concat(CHOSEN);
    // What else the address says, for the API to judge; and what it must not
    // say any more.
    let values = Object.fromEntries(Object.entries(state).filter(
        ([key]) => !controlled.includes(key)));
    const gone = {};

    // Another scheme has parameters of its own.
    function forget() {
        for (const key of Object.keys(values)) {
            if (!BESIDE.includes(key))
                gone[key] = null;
        }
        values = Object.fromEntries(Object.entries(values).filter(
            ([key]) => BESIDE.includes(key)));
    }

    function fillSchemes(entries, chosen) {
        const shown = entries.some((entry) => entry.name === chosen)
            ? [] : options([chosen], chosen);
        scheme.control.replaceChildren(...shown,
            ...schemeOptions(entries, chosen));
    }

    async function choose(entry) {
        about.replaceChildren(entry ? h('span', null, entry.summary) : '',
            entry ? h('code', { class: 'formula' }, entry.formula) : '');
        parameters.replaceChildren(entry
            ? schemeControls(entry, values, (key, value) => {
                values[key] = value;
                changed();
            }) : '');
    }

    scheme.control.addEventListener('change', async () => {
        forget();
        await choose(find(await schemes(), scheme.control.value));
        changed();
    });
    generator.control.addEventListener('change', async () => {
        const chosen = generator.control.value;
        element.setAttribute('aria-busy', 'true');
        const drawn = await schemesOf(chosen);
        if (generator.control.value !== chosen)
            return;
        element.removeAttribute('aria-busy');
        const entry = counterpart(drawn, scheme.control.value);
        fillSchemes(drawn, entry.name);
        forget();
        await choose(entry);
        changed();
    });
    next.addEventListener('click', () => {
        try {
            seed.control.value = String(BigInt(seed.control.value.trim()) + 1n);
        } catch {
            seed.control.value = '0';
        }
        changed();
    });
    for (const each of [shape, seed, name])
        each.control.addEventListener('input', changed);
    for (const each of [dtype, layout])
        each.control.addEventListener('change', changed);

    fillSchemes(list, own ? own.name : state.scheme);
    await choose(own);
    element.read = () => {
        const at = { name, dtype, layout, generator };
        const said = { shape: shape.control.value.replace(/\s+/g, ''),
            scheme: scheme.control.value, ...gone, ...values,
            seed: seed.control.value.trim() };
        for (const [key, each] of Object.entries(at)) {
            const value = each.control.value;
            said[key] = value === USUAL[key] ? null : value;
        }
        return said;
    };
    return element;
}

// ---- asking -----------------------------------------------------------------

function path(state, more) {
    return `v1/weights?${query({ ...state, ...more })}`;
}

async function values(state, entry, taken, signal) {
    const begun = performance.now();
    const response = await ask(path(state, { digest: 'off',
        slice: slice(entry.shape, taken) }), { signal });
    const numbers = decode(await response.arrayBuffer(), entry.dtype);
    return { numbers, ms: performance.now() - begun };
}

// The exact law, or null where the server has none.
async function lawOf(state, signal) {
    try {
        return await getJson(`v1/analysis?${query({ ...state, points: 401 })}`,
            signal);
    } catch (error) {
        if (cancelled(error) || !(error instanceof Problem))
            throw error;
        return null;
    }
}

// ---- showing ----------------------------------------------------------------

function fact(name, label, text, value) {
    return h('div', { class: 'fact' }, h('dt', null, label),
        h('dd', { 'data-test': name,
            'data-value': value === undefined ? null : JSON.stringify(value) },
        text));
}

function facts(entry, manifest) {
    const count = product(entry.shape);
    return [
        fact('elements', 'values', count.toLocaleString('en'), count),
        fact('bytes', 'size', size(entry.bytes), entry.bytes),
        fact('fan_in', 'fan in', number(entry.fan_in, 12), entry.fan_in),
        fact('fan_out', 'fan out', number(entry.fan_out, 12), entry.fan_out),
        fact('std', 'std', number(entry.std, 6), entry.std),
        h('div', { class: 'fact fact-wide' }, h('dt', null, 'digest'),
            h('dd', { class: 'mono', 'data-test': 'digest' },
                entry.digest || 'not computed')),
        h('div', { class: 'fact fact-wide' }, h('dt', null, 'recipe'),
            h('dd', { class: 'mono', 'data-test': 'recipe' },
                manifest.recipe)),
    ];
}

function cell(name, value) {
    return h('span', { 'data-test': name,
        'data-value': JSON.stringify(value ?? null) }, number(value, 6));
}

function momentTable(measured, law, entry) {
    const exact = law || { mean: null, std: entry.std, low: null, high: null };
    const unbounded = (bound, sign) => exact.exact && bound === null
        ? `${sign}∞` : cell(sign === '−' ? 'law-low' : 'law-high', bound);
    const told = exact.exact === false ? 'estimated' : 'exact';
    return table('Moments', ['', 'measured', told], [
        ['mean', cell('mean', measured.mean), cell('law-mean', exact.mean)],
        ['standard deviation', cell('measured-std', measured.std),
            cell('law-std', exact.std)],
        ['smallest', cell('low', measured.low), unbounded(exact.low, '−')],
        ['largest', cell('high', measured.high), unbounded(exact.high, '+')],
    ]);
}

function atomsOf(numbers, law) {
    return (law ? law.atoms : []).map(({ value, probability }) =>
        h('li', null, `Exactly ${number(value)}: `,
            cell('atom-share', share(numbers, value)),
            ' of the values; by the law ',
            cell('atom-probability', probability), '.'));
}

// The density's curve; where the law has a bound it falls to 0 there.
function outline({ density: { x, y }, low, high }) {
    const points = x.map((at, i) => ({ x: at, y: y[i] }));
    const last = x[x.length - 1];
    return [...(x[0] === low ? [{ x: low, y: 0 }] : []), ...points,
        ...(last === high ? [{ x: high, y: 0 }] : [])];
}

function densityLine(law, colours) {
    return { type: 'line', label: 'exact density', pointRadius: 0,
        borderColor: colours.fg, borderWidth: 1.5,
        data: outline(law) };
}

function histogramData(bars, law, colours) {
    const steps = Array.from(bars.heights,
        (y, i) => ({ x: bars.edges[i], y }));
    const sets = [{ type: 'line', label: 'values', pointRadius: 0,
        stepped: 'before', fill: 'origin', borderWidth: 1,
        borderColor: colours.accent,
        backgroundColor: faded(colours.accent, 0.2),
        data: [{ x: bars.edges[0], y: 0 }, ...steps,
            { x: bars.edges[bars.heights.length], y: 0 }] }];
    if (law && law.density)
        sets.unshift(densityLine(law, colours));
    return sets;
}

function histogramConfig(bars, law) {
    return (colours) => ({
        type: 'line',
        data: { datasets: histogramData(bars, law, colours) },
        options: {
            interaction: { mode: 'nearest', axis: 'x', intersect: false },
            scales: {
                x: { type: 'linear', grid: { display: false },
                    ticks: { maxTicksLimit: 9, maxRotation: 0 } },
                y: { beginAtZero: true, border: { display: false },
                    title: { display: true, text: 'density' },
                    ticks: { maxTicksLimit: 5 } },
            },
            plugins: { legend: { position: 'top', align: 'end',
                reverse: true } },
        },
    });
}

function taken(count, all) {
    return count === all ? `all ${all.toLocaleString('en')} values`
        : `the first ${count.toLocaleString('en')} of ${
            all.toLocaleString('en')} values`;
}

// The results: show(what) fills them, refuse(problem, at) empties them.
function results(current) {
    const heading = h('h2', { 'data-test': 'heading' });
    const warned = h('div', { class: 'stack' });
    const list = h('dl', { class: 'facts' });
    const hash = h('button', { type: 'button', class: 'button button-quiet',
        'data-test': 'compute-digest', hidden: true }, 'Compute the digest');
    const plot = figure('Values', 240);
    const single = h('p', { class: 'muted', hidden: true });
    const atoms = h('ul', { class: 'atoms' });
    const table_ = h('div', { class: 'scroll' });
    const time = h('p', { class: 'muted small', 'data-test': 'time' });
    const map = heatmap();
    const mapTitle = h('h3', null, 'Top left');
    const lines = snippets();
    const save = downloads(
        (format) => path(current().state, { format }),
        () => current().entry, () => current().title);
    const content = h('div', { class: 'stack', hidden: true },
        h('section', { class: 'card', 'aria-labelledby': 'about' },
            Object.assign(heading, { id: 'about' }), warned, list, hash),
        h('section', { class: 'card', 'aria-label': 'Distribution' }, plot,
            single, atoms, table_, time),
        h('section', { class: 'card', 'aria-label': 'Top left block' },
            mapTitle, map),
        h('section', { class: 'card', 'aria-labelledby': 'save' },
            h('h3', { id: 'save' }, 'Save'), save),
        h('section', { class: 'card', 'aria-label': 'Without this page' },
            lines));
    const refusal = h('p', { class: 'notice notice-bad', role: 'alert',
        hidden: true, 'data-test': 'refusal' });
    const nothing = h('p', { class: 'muted', hidden: true },
        'There is nothing to show until the field is mended.');
    const element = h('div', { class: 'results' }, refusal, nothing, content);

    function showManifest({ entry, manifest, state }) {
        heading.textContent = `${entry.scheme.name}, ${
            entry.shape.join(' × ') || 'a scalar'}`;
        warned.replaceChildren(...(manifest.warnings || []).map((each) =>
            h('p', { class: 'notice notice-warn', 'data-test': 'warning' },
                h('strong', null, each.warning.replace(/_/g, ' ')),
                ` ${each.why}`)));
        list.replaceChildren(...facts(entry, manifest));
        hash.hidden = Boolean(entry.digest);
        lines.show({ entry, state,
            target: (format) => path(state, { format }) });
    }

    async function showValues({ entry, law, sample, whole }) {
        const measured = moments(sample.numbers);
        const values_ = (law ? law.atoms : []).map((atom) => atom.value);
        const bars = histogram(sample.numbers, values_, BINS);
        plot.hidden = !bars;
        single.hidden = Boolean(bars);
        single.textContent = sample.numbers.length === 0 ? 'It has no values.'
            : 'Nothing to divide into a histogram.';
        atoms.replaceChildren(...atomsOf(sample.numbers, law));
        table_.replaceChildren(momentTable(measured, law, entry));
        time.textContent = `From ${taken(sample.numbers.length, whole)}, `
            + `which took ${number(sample.ms, 3)} ms to fetch.`
            + (law && !law.exact ? ' The law is an estimate.' : '');
        time.dataset.value = sample.ms;
        if (!bars)
            return;
        plot.say(`Histogram of ${taken(sample.numbers.length, whole)}: mean ${
            number(measured.mean)}, standard deviation ${
            number(measured.std)}`);
        plot.numbers(['from', 'to', 'density'], Array.from(bars.heights,
            (y, i) => [number(bars.edges[i]), number(bars.edges[i + 1]),
                number(y)]));
        await chart(plot.canvas, histogramConfig(bars, law));
    }

    function showBlock({ entry, block }) {
        const [rows, ...rest] = entry.shape.length < 2
            ? [1, ...block.taken] : block.taken;
        map.show(block.numbers, rows, product(rest),
            `Top left block of ${entry.shape.join(' by ')}`);
        mapTitle.textContent = `Top left, ${rows} × ${product(rest)}`;
    }

    element.show = async (what) => {
        refusal.hidden = true;
        nothing.hidden = true;
        content.hidden = false;
        showManifest(what);
        const some = what.block.numbers.length > 0;
        map.parentElement.hidden = !some;
        if (some)
            showBlock(what);
        await showValues(what);
    };
    element.showManifest = showManifest;
    element.refuse = (text) => {
        content.hidden = true;
        nothing.hidden = Boolean(text);
        refusal.hidden = !text;
        refusal.textContent = text || '';
    };
    element.hash = hash;
    element.end = () => {
        map.end();
        save.end();
    };
    return element;
}

// ---- the tab ----------------------------------------------------------------

async function look(state, signal) {
    const manifest = await getJson(path(state, { format: 'manifest' }), signal);
    const [entry] = manifest.tensors;
    const wide = head(entry.shape, SAMPLE);
    const corner_ = corner(entry.shape, ...BLOCK);
    const [law, sample, block, hashed] = await Promise.all([
        lawOf(state, signal), values(state, entry, wide, signal),
        values(state, entry, corner_, signal),
        entry.digest || entry.bytes > DIGEST_AT_ONCE ? null
            : getJson(path(state, { format: 'manifest', digest: 'wait' }),
                signal),
    ]);
    return { state, manifest, law, sample, whole: product(entry.shape),
        entry: hashed ? hashed.tensors[0] : entry,
        block: { ...block, taken: corner_ } };
}

// Show a problem beside the field that it names, or above the results.
function refuse(controls, shown, error) {
    const named = controls.querySelector(
        `[data-at="${CSS.escape(error.at || '')}"]`);
    if (named)
        showError(named, error.detail);
    shown.refuse(named ? '' : error.detail || error.message);
}

export async function mount(root, state, setState) {
    let current = null;
    let abort = null;
    const shown = results(() => current);
    const controls = await form(state, () => later());
    root.append(h('div', { class: 'split' }, controls, shown));

    async function update() {
        const said = controls.read();
        if (abort)
            abort.abort();
        abort = new AbortController();
        setState(said);
        shown.setAttribute('aria-busy', 'true');
        const { signal } = abort;
        try {
            const what = await look(said, signal);
            current = { ...what, title: said.name || said.scheme };
            clearErrors(controls);
            await shown.show(what);
        } catch (error) {
            if (cancelled(error))
                return;
            clearErrors(controls);
            refuse(controls, shown, error);
        }
        if (!signal.aborted)
            shown.removeAttribute('aria-busy');
    }

    shown.hash.addEventListener('click', async () => {
        shown.hash.disabled = true;
        try {
            const manifest = await getJson(path(current.state,
                { format: 'manifest', digest: 'wait' }), abort.signal);
            current.entry = manifest.tensors[0];
            shown.showManifest(current);
        } catch (error) {
            if (!cancelled(error))
                refuse(controls, shown, error);
        }
        shown.hash.disabled = false;
    });
    const debounced = debounce(update, 250);
    // What is on its way answers what was said before: it isn't the end.
    const later = () => {
        if (abort)
            abort.abort();
        shown.setAttribute('aria-busy', 'true');
        debounced();
    };
    await update();
    return () => {
        debounced.cancel();
        if (abort)
            abort.abort();
        shown.end();
    };
}
