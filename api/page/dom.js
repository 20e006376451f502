// SPDX-License-Identifier: MIT
// Making elements.  What comes from outside goes in as text, never as markup.

const SPACES = {
    svg: 'http://www.w3.org/2000/svg',
    math: 'http://www.w3.org/1998/Math/MathML',
};

function create(tag) {
    const [space, name] = tag.split(':');
    return name ? document.createElementNS(SPACES[space], name)
        : document.createElement(tag);
}

// An element.  'tag' may be 'svg:path' or 'math:mi'.  Of the attributes, on…
// are listeners, true is an empty attribute, and false, null and undefined are
// left out.  Children are nodes, or become text; null and false are left out;
// arrays are taken apart.
export function h(tag, attributes, ...children) {
    const element = create(tag);
    for (const [key, value] of Object.entries(attributes || {})) {
        if (value === false || value === null || value === undefined)
            continue;
        if (key.startsWith('on'))
            element.addEventListener(key.slice(2), value);
        else
            element.setAttribute(key, value === true ? '' : value);
    }
    element.append(...children.flat(Infinity).filter(
        (child) => child !== null && child !== undefined && child !== false));
    return element;
}

let ids = 0;

// An id that no other element has.
export function freshId(prefix) {
    ids += 1;
    return `${prefix}-${ids}`;
}

function describe(control, ids_) {
    const list = ids_.filter(Boolean).join(' ');
    if (list)
        control.setAttribute('aria-describedby', list);
    else
        control.removeAttribute('aria-describedby');
}

// A labelled control with room for help and for an error beside it:
// field('Seed', h('input', …), 'any number').  The control is .control of what
// is returned.
export function field(label, control, help) {
    if (!control.id)
        control.id = freshId('field');
    const error = h('p', { class: 'field-error', id: `${control.id}-error`,
        'aria-live': 'polite', hidden: true });
    const hint = help ? h('p', { class: 'field-help',
        id: `${control.id}-help` }, help) : null;
    const element = h('div', { class: 'field' },
        h('label', { for: control.id }, label), control, hint, error);
    element.control = control;
    element.errorSlot = error;
    element.hint = hint;
    describe(control, [hint && hint.id]);
    return element;
}

// Show 'text' beside a field that field() made.
export function showError(element, text) {
    element.errorSlot.textContent = text;
    element.errorSlot.hidden = false;
    element.classList.add('is-bad');
    element.control.setAttribute('aria-invalid', 'true');
    describe(element.control,
        [element.errorSlot.id, element.hint && element.hint.id]);
}

function clearError(element) {
    element.errorSlot.textContent = '';
    element.errorSlot.hidden = true;
    element.classList.remove('is-bad');
    element.control.removeAttribute('aria-invalid');
    describe(element.control, [element.hint && element.hint.id]);
}

// Take the errors away from every field below 'root', and 'root' itself.
export function clearErrors(root) {
    for (const element of [root, ...root.querySelectorAll('.field.is-bad')]) {
        if (element.errorSlot)
            clearError(element);
    }
}

// 'fn', called once calls have stopped for 'ms' milliseconds; .cancel() forgets
// a call that waits, .flush() makes it now.
export function debounce(fn, ms) {
    let timer = null;
    let waiting = null;
    const fire = () => {
        const args = waiting;
        clearTimeout(timer);
        waiting = null;
        if (args)
            fn(...args);
    };
    const call = (...args) => {
        clearTimeout(timer);
        waiting = args;
        timer = setTimeout(fire, ms);
    };
    call.cancel = () => { waiting = null; clearTimeout(timer); };
    call.flush = fire;
    return call;
}

// Options of a <select>: strings, or [value, text].
export function options(list, selected) {
    return list.map((entry) => {
        const [value, text] = Array.isArray(entry) ? entry : [entry, entry];
        return h('option', { value, selected: value === selected }, text);
    });
}

// The same where 'selected' may be something else, from a link: then that is an
// option too, for the API to say what is wrong with it.
export function openOptions(list, selected) {
    const known = list.some((entry) => [entry].flat()[0] === selected);
    return options(known || !selected ? list : [...list, selected], selected);
}

// A button that copies what text() gives and says so.
export function copyButton(label, text) {
    const button = h('button', { type: 'button', class: 'button button-quiet' },
        label);
    button.addEventListener('click', async () => {
        try {
            await navigator.clipboard.writeText(text());
            button.textContent = 'Copied';
        } catch {
            button.textContent = 'Select it by hand';
        }
        setTimeout(() => { button.textContent = label; }, 1600);
    });
    return button;
}

// A number for people: at most 'digits' significant ones.
export function number(value, digits = 5) {
    if (value === null || value === undefined)
        return '—';
    if (value === 0 || !Number.isFinite(value))
        return String(value).replace('Infinity', '∞').replace('-', '−');
    const size = Math.abs(value);
    const text = size >= 1e6 || size < 1e-4
        ? value.toExponential(digits - 1).replace(/\.?0+e/, 'e')
            .replace('e+', 'e')
        : String(Number(value.toPrecision(digits)));
    return text.replace(/-/g, '−');
}

// A size in bytes for people.
export function size(bytes) {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
    let at = 0;
    let value = bytes;
    while (value >= 1024 && at < units.length - 1) {
        value /= 1024;
        at += 1;
    }
    return `${Number(value.toPrecision(4))} ${units[at]}`;
}
