// SPDX-License-Identifier: MIT
// The Network tab: what an initialization does to a network's signals and
// gradients, by theory and measured.
import { schemes } from './catalogue.js';
import { cancelled, postJson, url } from './client.js';
import { copyButton, debounce, h, number } from './dom.js';
import { charts } from './network_charts.js';
import { controls } from './network_controls.js';
import { findings, legend, summaries } from './network_findings.js';
import { VIEWS } from './network_options.js';
import { shell } from './snippets.js';
import { seriesText } from './network_series.js';
import * as State from './network_state.js';

export const id = 'network';
export const title = 'Network';

// Milliseconds of quiet before theory is asked, and before measurement is.
const QUIET = 120;
const LONG_QUIET = 350;

// ---- asking -----------------------------------------------------------------

// What is to be analysed: every series, and what was there before mending.
function entries({ series, before, residual }) {
    const list = series.map((each, at) => ({ at, series: each, residual }));
    return before ? [...list, { ...before, before: true }] : list;
}

// Ask all requests; 'what' is null or the member "measure", which is not for
// what was before.  Returns {input, measured, results}; a problem carries the
// places of its request's series.
async function ask(model, catalogue, what, signal) {
    const list = entries(model);
    const results = [];
    const one = async ({ body, members, before }) => {
        try {
            const answer = await postJson('v1/analysis',
                what && !before ? { ...body, measure: what } : body, signal);
            members.forEach((i, k) => {
                results[i] = { ...list[i], text: seriesText(list[i].series),
                    analysis: answer.analyses[k] };
            });
            return answer;
        } catch (error) {
            error.members = members.map((i) => list[i].at);
            throw error;
        }
    };
    const answers = await Promise.all(
        State.requests(model, list, catalogue).map(one));
    return { input: answers[0].input, measured: answers[0].measured, results };
}

// The requests as command lines.
function commands(model, catalogue) {
    const what = State.measure(model);
    return State.requests(model, entries({ ...model, before: null }), catalogue)
        .map(({ body }) => `curl -s --json ${shell(JSON.stringify(
            what ? { ...body, measure: what } : body))} ${url('v1/analysis')}`)
        .join('\n');
}

// A number of floating-point operations for people.
function operations(count) {
    const units = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
    const at = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3),
        units.length - 1);
    return `${number(count / 1000 ** at, 2)} ${units[at]}FLOP`;
}

// ---- showing ----------------------------------------------------------------

function viewSwitch(view) {
    const { model } = view;
    return h('fieldset', { class: 'switch' },
        h('legend', { class: 'visually-hidden' }, 'What the chart shows'),
        VIEWS.map(([name, text]) => h('label', null,
            h('input', { type: 'radio', name: 'network-view', value: name,
                'data-test': `view-${name}`, checked: model.view === name,
                onchange: () => {
                    model.view = name;
                    view.save();
                    view.draw();
                } }), h('span', null, text))));
}

function build(view) {
    const parts = {
        status: h('p', { class: 'status muted', role: 'status',
            'data-test': 'net-status' }),
        measure: h('button', { type: 'button', class: 'button button-quiet',
            hidden: true, 'data-test': 'net-measure',
            onclick: () => view.run(true) }),
        forget: h('button', { type: 'button', class: 'button button-quiet',
            hidden: true, 'data-test': 'net-forget', onclick: () => {
                view.model.before = null;
                view.changed();
            } }, 'Forget what was before'),
        notice: h('p', { class: 'notice notice-bad', role: 'alert',
            hidden: true, 'data-test': 'net-notice' }),
        legend: h('ul', { class: 'legend', 'data-test': 'net-legend' }),
        charts: charts(),
        findings: h('div', { class: 'findings' }),
        summary: h('div'),
        command: h('pre', { class: 'listing', 'data-test': 'net-command',
            tabindex: '0' }),
    };
    const results = h('div', { class: 'stack results', hidden: true },
        h('section', { class: 'card' }, viewSwitch(view), parts.legend,
            parts.charts),
        h('section', { class: 'card' }, h('h2', null, 'What theory says'),
            parts.findings),
        h('section', { class: 'card' }, h('h2', null, 'In numbers'),
            parts.summary),
        h('section', { class: 'card' }, h('h2', null, 'As a request'),
            parts.command,
            copyButton('Copy', () => parts.command.textContent)));
    parts.results = results;
    parts.element = h('div', { class: 'stack' },
        h('div', { class: 'status-row' }, parts.status, parts.forget,
            parts.measure), parts.notice, results);
    return parts;
}

function statusText({ answer, model }) {
    const { layers } = answer.results[0].analysis;
    const size = `${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}`;
    if (!answer.measured)
        return `${size}, by theory.`;
    return `${size}, by theory, and measured with ${answer.measured.samples} ` +
        `inputs through the weights of seed ${model.seed || 0}` +
        (answer.measured.flops ? `: ${operations(answer.measured.flops)}.`
            : '.');
}

function show(view) {
    const { parts, answer, model } = view;
    parts.results.hidden = false;
    parts.results.classList.remove('is-stale');
    parts.status.textContent = statusText(view);
    parts.forget.hidden = !model.before;
    parts.legend.replaceChildren(...legend(answer.results));
    parts.findings.replaceChildren(...findings(answer.results, view.mend));
    parts.summary.replaceChildren(...summaries(answer.results));
    parts.command.textContent = commands(model, view.catalogue);
    return view.draw();
}

function fail(view, error) {
    view.parts.results.classList.add('is-stale');
    view.parts.status.textContent = `Not done: ${error.message}`;
    if (view.panel.blame(error, error.members || []))
        return;
    view.parts.notice.textContent = error.message;
    view.parts.notice.hidden = false;
}

// ---- the round --------------------------------------------------------------

// Wait, unless it is called off before.
function pause(ms, signal) {
    return new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, ms);
        signal.addEventListener('abort', () => {
            clearTimeout(timer);
            reject(signal.reason);
        });
    });
}

function offer(view) {
    const button = view.parts.measure;
    const wanted = view.model.samples !== '' && !State.isCheap(view.model);
    button.hidden = !wanted;
    button.textContent = wanted
        ? `Measure: about ${operations(State.cost(view.model))}` : '';
}

// The answer to show, unless another is being asked for meanwhile.
async function renew(view, what, signal) {
    const answer = await ask(view.model, view.catalogue, what, signal);
    signal.throwIfAborted();
    view.answer = answer;
    await show(view);
    signal.throwIfAborted();
}

// Theory, then measurement where it is wanted and cheap, or 'forced'.
async function round(view, signal, forced) {
    const { model } = view;
    const what = State.measure(model);
    const wrong = State.depthError(model);
    if (wrong)
        throw Object.assign(new Error(wrong), { detail: wrong,
            at: '/widths', code: 'TOO_MANY_LAYERS' });
    offer(view);
    if (!forced)
        await renew(view, null, signal);
    if (!what || !(forced || State.isCheap(model)))
        return;
    view.parts.status.textContent = 'Measuring …';
    if (!forced)
        await pause(LONG_QUIET, signal);
    await renew(view, what, signal);
}

// Say how the view stands: 'busy', 'done' or 'failed'.
function settle(frame, state) {
    frame.dataset.state = state;
    frame.setAttribute('aria-busy', String(state === 'busy'));
}

async function run(view, forced) {
    if (view.request)
        view.request.abort();
    const request = new AbortController();
    view.request = request;
    settle(view.frame, 'busy');
    view.panel.clear();
    view.parts.notice.hidden = true;
    try {
        await round(view, request.signal, forced);
        settle(view.frame, 'done');
    } catch (error) {
        if (cancelled(error))
            return;
        request.abort();
        fail(view, error);
        settle(view.frame, 'failed');
    }
}

// A suggestion's scheme as a series has it.
function chosen(scheme) {
    const { name, ...values } = scheme;
    return { name, values: Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, String(value)])) };
}

// Do what is suggested for a series, and keep what it was for comparison.
// Weights that are suggested without a bias do without that of an edge of
// chaos, which is of other weights.
function mend(view, at, { scheme, bias, alpha }) {
    const { model } = view;
    const series = model.series[at];
    model.before = { at, residual: model.residual, series };
    const stale = scheme && series.bias &&
        series.bias.name === 'edge_of_chaos_bias';
    model.series[at] = {
        scheme: scheme ? chosen(scheme) : series.scheme,
        bias: bias ? chosen(bias) : stale ? null : series.bias,
    };
    if (alpha !== null)
        model.residual = String(alpha);
    view.panel.refresh();
    view.changed();
}

export async function mount(root, state, setState) {
    const catalogue = await schemes();
    const model = State.read(state);
    const view = { model, catalogue, answer: null };
    const soon = debounce(() => run(view, false), QUIET);
    view.save = () => setState(State.write(model));
    // What is on its way answers what was said before: it isn't the end.
    view.changed = () => {
        view.save();
        if (view.request)
            view.request.abort();
        settle(view.frame, 'busy');
        soon();
    };
    view.mend = (at, suggestion) => mend(view, at, suggestion);
    view.run = (forced) => {
        soon.cancel();
        run(view, forced);
    };
    view.draw = () => view.answer && view.parts.charts.show(model.view,
        view.answer);
    view.panel = controls(model, catalogue, (whole) => {
        view.changed();
        if (whole)
            root.querySelector(`[data-test="view-${model.view}"]`).checked =
                true;
    });
    view.parts = build(view);
    view.frame = h('div', { class: 'split', 'data-test': 'network' },
        view.panel, view.parts.element);
    root.append(view.frame);
    run(view, false);
    return () => {
        soon.cancel();
        if (view.request)
            view.request.abort();
    };
}
