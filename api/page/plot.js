// SPDX-License-Identifier: MIT
// Charts, by Chart.js, which is loaded when the first one is drawn; coloured
// from the style sheet's variables, in light and in dark.
import { freshId, h } from './dom.js';
import { url } from './client.js';

const COLOURS = ['bg', 'panel', 'fg', 'muted', 'line', 'accent', 'bad', 'warn',
    'good'];
const SERIES = 6;

let loading = null;

// The global Chart of the classic script, once it is there.
function load() {
    loading = loading || new Promise((resolve, reject) => {
        document.head.append(h('script', {
            src: url('page/chart.js'),
            onload: () => resolve(window.Chart),
            onerror: () => {
                loading = null; // to be tried again
                reject(new Error('Chart.js did not load.'));
            },
        }));
    });
    return loading;
}

// The colours of now: {bg, panel, fg, muted, line, accent, bad, warn, good,
// series: […], font, mono}.
export function theme() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(`--${name}`).trim();
    const colours = Object.fromEntries(COLOURS.map((c) => [c, read(c)]));
    colours.series = Array.from({ length: SERIES },
        (_, i) => read(`series-${i + 1}`));
    colours.font = read('font');
    colours.mono = read('mono');
    return colours;
}

// A colour '#rrggbb' with an opacity from 0 to 1.
export function faded(colour, opacity) {
    const alpha = Math.round(opacity * 255).toString(16).padStart(2, '0');
    return colour + alpha;
}

// Draw 'config', Chart.js' configuration or a function of theme() that gives
// it, on a canvas that may have had a chart before.  A function is asked again
// when light turns to dark.  Returns the Chart.  No animation: the state of an
// instrument, not a show.
export async function chart(canvas, config) {
    const Chart = await load();
    const before = Chart.getChart(canvas);
    const fresh = dress(Chart, config);
    if (before)
        before.destroy();
    forget();
    const drawn = new Chart(canvas, fresh);
    live.set(drawn, config);
    return drawn;
}

// Charts that are on show, and what they were drawn from.
const live = new Map();

// Let go of those that are on show no more.
function forget() {
    for (const drawn of live.keys()) {
        if (drawn.canvas && drawn.canvas.isConnected)
            continue;
        live.delete(drawn);
        if (drawn.canvas)
            drawn.destroy();
    }
}

function dress(Chart, config) {
    const colours = theme();
    Chart.defaults.color = colours.muted;
    Chart.defaults.borderColor = colours.line;
    Chart.defaults.font.family = colours.font;
    Chart.defaults.font.size = 12;
    Chart.defaults.animation = false;
    Chart.defaults.maintainAspectRatio = false;
    Chart.defaults.plugins.legend.labels.boxWidth = 14;
    Chart.defaults.plugins.legend.labels.boxHeight = 2;
    return typeof config === 'function' ? config(colours) : config;
}

async function redraw() {
    const Chart = await load();
    forget();
    for (const [drawn, config] of live) {
        const fresh = dress(Chart, config);
        drawn.data = fresh.data;
        drawn.options = fresh.options || {};
        drawn.update('none');
    }
}

const dark = window.matchMedia('(prefers-color-scheme: dark)');
dark.addEventListener('change', () => {
    if (live.size)
        redraw();
});

// Call 'fn' whenever light turns to dark or back; returns a function that ends
// it.
export function onTheme(fn) {
    dark.addEventListener('change', fn);
    return () => dark.removeEventListener('change', fn);
}

// A table: 'head' names the columns, 'rows' are lists of texts or nodes.
export function table(caption, head, rows) {
    return h('table', { class: 'numbers' },
        h('caption', { class: 'visually-hidden' }, caption),
        h('thead', null, h('tr', null,
            head.map((text) => h('th', { scope: 'col' }, text)))),
        h('tbody', null, rows.map((row) => h('tr', null,
            row.map((cell) => h('td', null, cell))))));
}

// A figure: a canvas of 'height' CSS pixels, what it shows, and the numbers as
// a table for who can't see it or wants them.  Of what is returned, .canvas is
// for chart(), .say(text) tells screen readers what the picture shows, and
// .numbers(head, rows) fills the table, which is made when it is opened; 'rows'
// may be a function that gives them then.
export function figure(title, height) {
    const id = freshId('figure');
    const canvas = h('canvas', { role: 'img', 'aria-label': title });
    const frame = h('div', { class: 'plot' }, canvas);
    const body = h('div', { class: 'scroll', tabindex: '0', role: 'region',
        'aria-label': `${title}: numbers` });
    const details = h('details', { class: 'figure-numbers' },
        h('summary', null, 'Numbers'), body);
    const element = h('figure', { 'aria-labelledby': id },
        h('figcaption', { id }, title), frame, details);
    let content = null;
    const fill = () => {
        if (details.open && content)
            body.replaceChildren(table(title, content[0],
                typeof content[1] === 'function' ? content[1]()
                    : content[1]));
    };
    frame.style.height = `${height}px`;
    details.addEventListener('toggle', fill);
    element.canvas = canvas;
    element.say = (text) => canvas.setAttribute('aria-label', text);
    element.numbers = (head, rows) => {
        content = [head, rows];
        fill();
    };
    return element;
}
