// SPDX-License-Identifier: MIT
// A block of a matrix as coloured cells, which can be read one by one with the
// pointer or the arrow keys, and as a table.
import { freshId, h, number } from './dom.js';
import { faded, onTheme, table, theme } from './plot.js';

const LABELS = 8; // every so many rows and columns have a number
const MARGIN = 28; // for those, in CSS pixels

// Paint 'canvas' at the resolution of the screen; draw(context, width, height)
// is in CSS pixels.
function paint(canvas, draw) {
    const scale = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = canvas;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = canvas.getContext('2d');
    context.scale(scale, scale);
    draw(context, width, height);
}

// Blue below zero, orange above, as strong as the share of the largest.
function colour(value, top, colours) {
    if (!Number.isFinite(value))
        return colours.bad;
    const strength = top > 0 ? Math.min(1, Math.abs(value) / top) : 0;
    return faded(value < 0 ? colours.series[2] : colours.series[1], strength);
}

// The element; show(values, rows, columns, name) fills it with a row-major
// block.
export function heatmap() {
    const id = freshId('heatmap');
    const canvas = h('canvas', { class: 'heatmap', tabindex: '0', role: 'img',
        'aria-label': 'Heat map', 'aria-describedby': id });
    const said = h('output', { class: 'heatmap-value mono', id,
        'data-test': 'cell' }, ' ');
    const scale = h('canvas', { class: 'heatmap-scale',
        'aria-hidden': 'true' });
    const ends = h('div', { class: 'heatmap-ends mono',
        'aria-hidden': 'true' });
    const numbers = h('div', { class: 'scroll', tabindex: '0', role: 'region',
        'aria-label': 'The block as a table' });
    const details = h('details', null, h('summary', null, 'Numbers'), numbers);
    const element = h('div', null, canvas,
        h('div', { class: 'heatmap-foot' }, said,
            h('div', { class: 'heatmap-legend' }, scale, ends)), details);
    let block = null;
    let at = null;

    function sides() {
        const width = (canvas.clientWidth - MARGIN) / block.columns;
        return { width, height: block.height };
    }

    function draw(context) {
        const colours = theme();
        const { width, height } = sides();
        context.font = `11px ${colours.font}`;
        context.fillStyle = colours.muted;
        context.textBaseline = 'middle';
        for (let i = 0; i < block.rows; i += LABELS) {
            context.textAlign = 'right';
            context.fillText(i, MARGIN - 6, 18 + (i + 0.5) * height);
        }
        for (let j = 0; j < block.columns; j += LABELS) {
            context.textAlign = 'center';
            context.fillText(j, MARGIN + (j + 0.5) * width, 8);
        }
        block.values.forEach((value, i) => {
            context.fillStyle = colour(value, block.top, colours);
            context.fillRect(MARGIN + (i % block.columns) * width,
                18 + Math.floor(i / block.columns) * height,
                width + 0.25, height + 0.25);
        });
        context.strokeStyle = colours.line;
        context.strokeRect(MARGIN, 18, block.columns * width,
            block.rows * height);
        if (!at)
            return;
        context.strokeStyle = colours.fg;
        context.lineWidth = 2;
        context.strokeRect(MARGIN + at[1] * width, 18 + at[0] * height, width,
            height);
    }

    function drawScale(context, width, height) {
        const colours = theme();
        for (let x = 0; x < width; x++) {
            context.fillStyle = colour(2 * x / (width - 1) - 1, 1, colours);
            context.fillRect(x, 0, 1, height);
        }
    }

    function redraw() {
        if (!block || !canvas.clientWidth)
            return;
        paint(canvas, draw);
        paint(scale, drawScale);
    }

    function point(row, column) {
        at = [Math.max(0, Math.min(block.rows - 1, row)),
            Math.max(0, Math.min(block.columns - 1, column))];
        const value = block.values[at[0] * block.columns + at[1]];
        said.textContent = `[${at.join(', ')}]  ${number(value, 8)}`;
        said.dataset.value = value;
        redraw();
    }

    canvas.addEventListener('pointermove', (event) => {
        if (!block || !block.values.length)
            return;
        const box = canvas.getBoundingClientRect();
        const { width, height } = sides();
        point(Math.floor((event.clientY - box.top - 18) / height),
            Math.floor((event.clientX - box.left - MARGIN) / width));
    });
    canvas.addEventListener('keydown', (event) => {
        const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1],
            ArrowRight: [0, 1] }[event.key];
        if (!step || !block || !block.values.length)
            return;
        event.preventDefault();
        const [row, column] = at || [-step[0], -step[1]];
        point(row + step[0], column + step[1]);
    });

    function fill() {
        if (!details.open || !block)
            return;
        const rows = Array.from({ length: block.rows }, (_, i) => [String(i),
            ...Array.from(block.values.subarray(i * block.columns,
                (i + 1) * block.columns), (value) => number(value, 4))]);
        numbers.replaceChildren(table('The block', ['',
            ...Array.from({ length: block.columns }, (_, j) => String(j))],
        rows));
    }

    details.addEventListener('toggle', fill);
    const watch = new ResizeObserver(redraw);
    watch.observe(canvas);
    const forget = onTheme(redraw);

    element.show = (values, rows, columns, what) => {
        const finite = values.filter(Number.isFinite);
        const top = finite.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
        const height = Math.max(8, Math.min(28, Math.round(384 / rows)));
        block = { values, rows, columns, top, height };
        at = null;
        said.textContent = ' ';
        delete said.dataset.value;
        canvas.style.height = `${18 + rows * height + 1}px`;
        canvas.setAttribute('aria-label', `${what}, ${rows} by ${columns} `
            + 'values as colours; arrow keys read them');
        ends.replaceChildren(...[-top, 0, top].map(
            (value) => h('span', null, number(value, 3))));
        fill();
        redraw();
    };
    element.end = () => {
        watch.disconnect();
        forget();
    };
    return element;
}
