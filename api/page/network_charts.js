// SPDX-License-Identifier: MIT
// The charts of the Network tab: theory as lines, measurement as points.
import { h, number } from './dom.js';
import { KINDS, kindsOf } from './network_options.js';
import { STYLES } from './network_series.js';
import { chart, faded, figure } from './plot.js';

const HEIGHT = 300;

// Layers whose points crowd a chart.
const MANY = 40;

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';

// Powers of ten: 10⁻⁴, and plain numbers between them.
export function power(decades) {
    if (decades === null || decades === undefined)
        return '—';
    if (!Number.isInteger(decades))
        return number(10 ** decades, 3);
    if (decades >= -1 && decades <= 2)
        return number(10 ** decades);
    return `10${decades < 0 ? '⁻' : ''}` +
        String(Math.abs(decades)).replace(/[0-9]/g, (d) => RAISED[d]);
}

function shown(kind, value) {
    return kind.decades && value !== null ? `10^${number(value, 4)}`
        : number(value, 4);
}

// The points of a kind: of each layer, and of what goes in or comes out.
function points(kind, layers, input) {
    const list = layers.map((layer, x) => ({ x, y: layer[kind.member] }));
    if (kind.start)
        list.unshift({ x: -1, y: kind.start(input) });
    if (kind.end)
        list.push({ x: layers.length, y: kind.end(input) });
    return list;
}

function theoryLine(theme, kind, result, answer) {
    const at = result.at % STYLES.length;
    const colour = theme.series[at];
    return {
        label: result.text, kind: 'theory', data:
            points(kind, result.analysis.layers, answer.input),
        borderColor: result.before ? faded(colour, 0.45) : colour,
        borderWidth: result.before ? 1.5 : 2, borderDash: STYLES[at].dash,
        pointRadius: 0, pointHitRadius: 8, clip: 8, order: 1,
    };
}

function measuredPoints(theme, kind, result) {
    const layers = result.analysis.layers.filter((l) => l.measured);
    const at = result.at % STYLES.length;
    return {
        label: result.text, kind: 'measured', showLine: false, data:
            layers.map((l, x) => ({ x, y: l.measured[kind.member] })),
        borderColor: theme.series[at],
        backgroundColor: faded(theme.series[at], 0.55),
        pointStyle: STYLES[at].mark, pointBorderWidth: 1.25,
        pointRadius: layers.length > MANY ? 2.25 : 3.5, clip: 8, order: 0,
    };
}

function datasets(theme, kind, answer) {
    return answer.results.flatMap((result) => {
        const measured = measuredPoints(theme, kind, result);
        const line = theoryLine(theme, kind, result, answer);
        return measured.data.length ? [line, measured] : [line];
    });
}

function place(x, count) {
    return x < 0 ? 'input' : x >= count ? 'output' : `layer ${x}`;
}

function axes(kind, count) {
    const short = (x) => x < 0 ? 'in' : x >= count ? 'out'
        : Number.isInteger(x) ? String(x) : '';
    const wide = kind.decades ? { suggestedMin: -1, suggestedMax: 1 }
        : { suggestedMin: 0, suggestedMax: 1 };
    return {
        x: { type: 'linear', min: kind.start ? -1 : 0,
            max: kind.end ? count : Math.max(count - 1, 1),
            title: { display: true, text: 'layer' },
            grid: { display: false },
            ticks: { callback: short, maxRotation: 0, autoSkipPadding: 12 } },
        y: { ...wide,
            ticks: { maxTicksLimit: 8, callback: kind.decades
                ? (y) => power(Number(y.toFixed(9))) : (y) => number(y, 3) } },
    };
}

function tooltip(kind, count) {
    return {
        callbacks: {
            title: (items) => items.length
                ? place(items[0].parsed.x, count) : '',
            label: ({ dataset, raw }) => ` ${dataset.label}` +
                `${dataset.kind === 'measured' ? ', measured' : ''}: ` +
                shown(kind, raw.y),
        },
    };
}

function configuration(kind, answer) {
    const count = answer.results[0].analysis.layers.length;
    return (theme) => ({
        type: 'line',
        data: { datasets: datasets(theme, kind, answer) },
        options: {
            parsing: false, normalized: true, spanGaps: false,
            interaction: { mode: 'x', intersect: false },
            plugins: { legend: { display: false },
                tooltip: tooltip(kind, count) },
            scales: axes(kind, count),
        },
    });
}

// ---- the same in words and numbers ------------------------------------------

function sentence(kind, answer) {
    const ends = answer.results.map(({ text, analysis: { layers } }) => {
        const last = layers.length - 1;
        return `${text}: ${shown(kind, layers[0][kind.member])} at layer 0, ` +
            `${shown(kind, layers[last][kind.member])} at layer ${last}`;
    });
    return `${kind.title}, ${kind.help}. ${ends.join('; ')}.`;
}

function cell(kind, of, layer, series, from) {
    const value = from ? from[kind.member] : null;
    return h('span', { 'data-test': 'layer-number', 'data-kind': kind.member,
        'data-of': of, 'data-layer': layer, 'data-series': series,
        'data-value': value === null ? 'null' : value },
    value === null ? '—' : number(value, 6));
}

// Head and rows, when they are wanted, of the numbers that a chart shows.
function numbers(kind, answer) {
    const measured = answer.results.filter(
        ({ analysis: { layers } }) => layers[0].measured);
    const unit = kind.decades ? ', log₁₀' : '';
    const head = ['layer',
        ...answer.results.map(({ text }) => `${text}${unit}`),
        ...measured.map(({ text }) => `${text}, measured${unit}`)];
    const rows = () => answer.results[0].analysis.layers.map((_, i) => [
        String(i), ...answer.results.map((result, s) => cell(kind, 'theory', i, s,
            result.analysis.layers[i])),
        ...measured.map((result) => cell(kind, 'measured', i,
            answer.results.indexOf(result),
            result.analysis.layers[i].measured))]);
    return [head, rows];
}

// Where charts are drawn: .show(view, answer), the answer being {input,
// results}, each result {at, text, before, analysis}: the series it is of, in
// words, and whether it is the one that was mended.
export function charts() {
    const element = h('div', { class: 'charts' });
    const figures = new Map();
    for (const [id, kind] of Object.entries(KINDS)) {
        const made = figure(kind.title, HEIGHT);
        made.querySelector('figcaption').append(h('span',
            { class: 'figure-help' }, kind.help));
        made.dataset.test = `chart-${id}`;
        figures.set(id, made);
    }
    element.show = async (view, answer) => {
        const ids = kindsOf(view);
        const wanted = ids.map((id) => figures.get(id));
        element.classList.toggle('charts-two', ids.length > 1);
        if (wanted.some((f, i) => element.children[i] !== f) ||
            element.children.length !== wanted.length)
            element.replaceChildren(...wanted);
        await Promise.all(ids.map((id) => {
            const made = figures.get(id);
            made.say(sentence(KINDS[id], answer));
            made.numbers(...numbers(KINDS[id], answer));
            return chart(made.canvas, configuration(KINDS[id], answer));
        }));
    };
    return element;
}
