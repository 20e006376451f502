# SPDX-License-Identifier: MIT
"""What a page must have so that everyone can use it: a short reading of WCAG
2.2, on the elements that are shown.

    tally.equal('the page is for everyone', audit.findings(tab), [])
"""

# Each finding is a sentence.  'shown' is what has a box and is not hidden.
SCRIPT = r'''() => {
const found = [];
const say = (element, what) => {
    const name = element.id ? '#' + element.id
        : element.dataset.test ? '[' + element.dataset.test + ']'
        : element.outerHTML.slice(0, 60);
    found.push(`${name}: ${what}`);
};
const shown = (element) => element.getClientRects().length > 0
    && getComputedStyle(element).visibility !== 'hidden';
const all = (selector) => [...document.querySelectorAll(selector)]
    .filter(shown);

// ---- names
const byIds = (ids) => (ids || '').split(/\s+/).filter(Boolean)
    .map((id) => document.getElementById(id));
const nameOf = (element) => {
    const labelled = byIds(element.getAttribute('aria-labelledby'));
    if (labelled.length)
        return labelled.map((each) => each ? each.textContent : '').join(' ');
    const labels = element.labels ? [...element.labels] : [];
    return element.getAttribute('aria-label')
        || labels.map((label) => label.textContent).join(' ')
        || (['INPUT', 'SELECT', 'TEXTAREA'].includes(element.tagName) ? ''
            : element.textContent);
};
const controls = 'a[href], button, input, select, textarea, summary, canvas,'
    + ' progress, [role=tab], [role=region], [role=tablist], [tabindex="0"]';
for (const element of all(controls))
    if (element.getAttribute('aria-hidden') !== 'true'
        && !nameOf(element).trim())
        say(element, 'has no name');
for (const element of document.querySelectorAll('[aria-labelledby],'
    + ' [aria-describedby], [aria-controls]'))
    for (const key of ['aria-labelledby', 'aria-describedby', 'aria-controls'])
        if (byIds(element.getAttribute(key)).includes(null))
            say(element, `${key} names what is not there`);
for (const label of all('label[for]'))
    if (!document.getElementById(label.htmlFor))
        say(label, 'labels what is not there');
const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i)))
    found.push(`the id ${id} is there more than once`);

// ---- structure
for (const [selector, count] of [['main', 1], ['h1', 1], ['header', 1]])
    if (all(selector).length !== count)
        found.push(`there are ${all(selector).length} ${selector}`);
if (!document.documentElement.lang || !document.title)
    found.push('language or title is missing');
let before = 0;
for (const heading of all('h1, h2, h3, h4, h5, h6')) {
    const level = Number(heading.tagName[1]);
    if (level > before + 1)
        say(heading, `h${level} follows h${before}`);
    before = level;
}
for (const table of all('table'))
    if (!table.querySelector('caption') || !table.querySelector('th[scope]'))
        say(table, 'a table without caption or heads');
for (const element of document.querySelectorAll('[tabindex]'))
    if (element.tabIndex > 0)
        say(element, 'disturbs the order of focus');

// ---- contrast
const parse = (text) => {
    const c = text.match(/[\d.]+/g).map(Number);
    return c.length === 3 ? [...c, 1] : c;
};
const over = (top, under) => top.slice(0, 3)
    .map((c, i) => c * top[3] + under[i] * (1 - top[3])).concat(1);
const ground = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement)
        layers.push(parse(getComputedStyle(e).backgroundColor));
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    return layers.reverse().reduce((under, top) => over(top, under),
        dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
};
const light = (colour) => {
    const [r, g, b] = colour.map((c) => c / 255)
        .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
};
const seen = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (seen.has(element) || !walker.currentNode.data.trim()
        || !shown(element) || element.closest('.visually-hidden, :disabled'))
        continue;
    seen.add(element);
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
    const under = ground(element);
    const got = ratio(over(parse(style.color), under), under);
    if (got < (large ? 3 : 4.5))
        say(element, `text contrast ${got.toFixed(2)}: `
            + element.textContent.slice(0, 30));
}
for (const element of all('input:not([type=checkbox]):not([type=radio])'
    + ':not([type=range]), select, textarea')) {
    const got = ratio(parse(getComputedStyle(element).borderTopColor),
        ground(element.parentElement));
    if (got < 3)
        say(element, `border contrast ${got.toFixed(2)}`);
}

// ---- targets: 24 by 24 pixels but for links in text
for (const element of all('button, select, input, [role=tab]')) {
    const box = element.getBoundingClientRect();
    const label = element.labels && element.labels[0];
    const high = label && ['checkbox', 'radio'].includes(element.type)
        ? Math.max(box.height, label.getBoundingClientRect().height)
        : box.height;
    if (high < 24)
        say(element, `is ${high} pixels high`);
}
return found;
}'''


def findings(tab):
    """Sentences, one for each thing that stands in somebody's way."""
    return tab.evaluate(SCRIPT)


def overflow(tab):
    """By how many pixels the page is wider than the window, and whose fault
    that is."""
    return tab.evaluate(r'''() => {
        const wide = document.documentElement.clientWidth;
        const over = document.documentElement.scrollWidth - wide;
        const guilty = [...document.querySelectorAll('body *')]
            .filter((e) => e.getBoundingClientRect().right > wide + 1)
            .map((e) => e.outerHTML.slice(0, 60)).slice(0, 3);
        return over > 0 ? [over, ...guilty] : [];
    }''')


def focus_order(tab, limit=200):
    """What Tab reaches, in order, from the top: 'data-test', id or tag; with
    whether the focus could be seen."""
    tab.evaluate('document.activeElement.blur()')
    order = []
    for _ in range(limit):
        tab.keyboard.press('Tab')
        name, seen, top = tab.evaluate(r'''() => {
            const e = document.activeElement;
            const style = getComputedStyle(e);
            const box = e.getBoundingClientRect();
            return [e.dataset.test || e.id || e.tagName.toLowerCase(),
                style.outlineStyle !== 'none'
                && parseFloat(style.outlineWidth) >= 2
                && box.width > 0 && box.height > 0,
                e === document.body];
        }''')
        if top:
            break
        order.append((name, seen))
    return order
