// SPDX-License-Identifier: MIT
// Formulas of the catalogue, such as  b = gain sqrt(6 / (fan_in + fan_out)),
// set as MathML: fractions, roots, indices, Greek.
//
// A formula is a row of factors, operators and words.  Factors that stand side
// by side are multiplied; "/" divides the product before it by the one factor
// after it, "^" raises the factor before it.  Nothing is taken away but marks
// that the setting itself says: the "/", "^", "_", "sqrt" and brackets of a
// fraction, power, index or root; such a row of the source in brackets has the
// class "group".  What stands in none of these is kept as it is, and a formula
// that makes no sense as a whole stays text.
import { h } from './dom.js';

const GREEK = {
    alpha: 'α', beta: 'β', gamma: 'γ', lambda: 'λ', mu: 'μ', nu: 'ν',
    omega: 'ω', phi: 'φ', pi: 'π', rho: 'ρ', sigma: 'σ', tau: 'τ', theta: 'θ',
    Phi: 'Φ',
};

const FUNCTIONS = new Set(['sqrt', 'log', 'log2', 'ln', 'exp', 'sin', 'cos',
    'tanh', 'erf', 'max', 'min', 'ceil', 'floor', 'popcount', 'Var', 'std']);

// Names that stand in formulas without being parameters.
const NAMES = ['gain', 'fan', 'dt', 'outputs', 'inputs', 'branches'];

// Operators as they are written and as they are set.
const OPERATORS = {
    '<=': '≤', '>=': '≥', '->': '→', '+-': '±', '/=': '/=', '~': '∼',
    '-': '−', '*': '∗', '=': '=', '<': '<', '>': '>', '+': '+', '&': '&',
    '…': '…',
};

const CLOSING = { '(': [')'], '[': [']', ')'] };

const TOKEN = new RegExp([
    '(?<word>[A-Za-z]+\'s(?![A-Za-z]))',
    '(?<name>[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*\'?)',
    '(?<number>[0-9]+(?:\\.[0-9]+)?)',
    '(?<operator><=|>=|->|\\+-|/=|[-~*=<>+&…])',
    '(?<mark>[()[\\]|,;:/^_])',
].join('|'), 'y');

// The text as tokens {kind, text, spaced}; 'spaced' says that white space is
// before it.  Throws when there is something else in it.
function tokens(text) {
    const list = [];
    let at = 0;
    for (;;) {
        const rest = text.slice(at);
        const space = rest.length - rest.trimStart().length;
        at += space;
        if (at === text.length)
            return list;
        TOKEN.lastIndex = at;
        const match = TOKEN.exec(text);
        if (!match)
            throw new Error(`no formula has '${text[at]}'`);
        const kind = Object.keys(match.groups).find((k) => match.groups[k]);
        list.push({ kind, text: match[0], spaced: space > 0 });
        at = TOKEN.lastIndex;
    }
}

function row(children, group) {
    return h('math:mrow', group ? { class: 'bracketed-row' } : null, children);
}

function operator(text, attributes) {
    return h('math:mo', attributes || null, text);
}

// A name without an index: one letter slanted, longer ones upright.
function letter(name) {
    const upright = /^[A-Z]$/.test(name) && 'NUE'.includes(name);
    return h('math:mi', upright ? { mathvariant: 'normal' } : null,
        GREEK[name] || name);
}

// Should what follows the first "_" of a name stand below the line?
function hasIndex(base, rest) {
    return rest && !rest.includes('_') &&
        (base in GREEK || base.length === 1 ||
        ['fan', 'std', 'dt'].includes(base));
}

function setName(text) {
    if (text.endsWith('\'')) {
        return h('math:msup', null, setName(text.slice(0, -1)),
            operator('′', { lspace: '0', rspace: '0' }));
    }
    const joined = /^([A-Za-z])([0-9]+)$/.exec(text);
    if (joined) {
        return h('math:msub', { class: 'joined' }, letter(joined[1]),
            h('math:mn', null, joined[2]));
    }
    const cut = text.indexOf('_');
    const base = cut < 0 ? text : text.slice(0, cut);
    const rest = cut < 0 ? '' : text.slice(cut + 1);
    if (!hasIndex(base, rest))
        return letter(text);
    return h('math:msub', null, letter(base),
        /^[0-9]+$/.test(rest) ? h('math:mn', null, rest) : letter(rest));
}

// 'base' to a power, which stands above its index if it has one.
function raise(base, power) {
    return base.localName !== 'msub' ? h('math:msup', null, base, power)
        : h('math:msubsup', { class: base.getAttribute('class') },
            ...base.children, power);
}

// Reads tokens into items {node, kind}: a 'factor' that may be divided, an
// 'operator', a 'stop' (punctuation) or a 'word' of prose, with its 'text'.
class Reader {
    constructor(text, names) {
        this.list = tokens(text);
        this.at = 0;
        this.names = new Set([...NAMES, ...names]);
        this.bars = 0;
        this.small = 0;
    }

    peek(ahead = 0) {
        return this.list[this.at + ahead] || { kind: 'end', text: '' };
    }

    next() {
        return this.list[this.at++];
    }

    expect(texts) {
        const token = this.next();
        if (!token || !texts.includes(token.text))
            throw new Error(`expected one of ${texts}`);
        return token.text;
    }

    // A word of a sentence, which is no name of the formula's?
    isWord(token) {
        if (token.kind === 'word')
            return true;
        if (token.kind !== 'name' || /[_0-9']/.test(token.text))
            return false;
        if (token.text === 'a')
            return this.isWord(this.peek(1)) && !this.peek(1).text.match(/^.$/);
        return token.text.length > 1 && !(token.text in GREEK) &&
            !'/^('.includes(this.peek(1).text || ' ') &&
            !FUNCTIONS.has(token.text) && !this.names.has(token.text);
    }

    // The items up to a closing mark, which is left.
    items() {
        const list = [];
        for (;;) {
            const { kind, text, spaced } = this.peek();
            if (kind === 'end' || text === ')' || text === ']' ||
                (text === '|' && this.bars > 0 && list.length > 0 &&
                 list[list.length - 1].kind === 'factor'))
                return list;
            const item = this.item(list);
            item.spaced = item.spaced ?? spaced;
            list.push(item);
        }
    }

    item(before) {
        const token = this.peek();
        if (token.text === '/' && !this.small)
            return this.fraction(before);
        if (token.kind === 'operator' || token.text === '/') {
            this.next();
            return { kind: 'operator', text: token.text };
        }
        if (',;:'.includes(token.text)) {
            this.next();
            return { kind: 'stop', text: token.text };
        }
        if (this.isWord(token)) {
            this.next();
            return { kind: 'word', text: token.text };
        }
        return this.factor();
    }

    // What "/" divides, taken from 'before', over the next factor.
    fraction(before) {
        const over = [];
        while (before.length && before[before.length - 1].kind === 'factor')
            over.unshift(before.pop());
        if (!over.length)
            throw new Error('nothing to divide');
        this.next();
        const spaced = over[0].spaced;
        const under = this.factor();
        return { kind: 'factor', spaced, node: h('math:mfrac', null,
            over.length > 1 ? row(this.set(over)) : over[0].bare ||
            over[0].node, under.bare || under.node) };
    }

    // One factor with its power.
    factor() {
        const base = this.base();
        if (this.peek().text !== '^')
            return base;
        this.next();
        this.small += 1;
        const minus = this.peek().text === '-' ? [this.next()] : [];
        const power = this.base();
        this.small -= 1;
        const raised = power.bare || power.node;
        return { kind: 'factor', node: raise(base.node,
            minus.length ? row([operator('−'), raised]) : raised) };
    }

    base() {
        const token = this.next();
        if (!token)
            throw new Error('it ends too early');
        if (token.kind === 'number')
            return { kind: 'factor', node: h('math:mn', null, token.text) };
        if (token.kind === 'name' || token.kind === 'word')
            return this.named(token);
        if (token.text === '|')
            return this.magnitude();
        if (token.text === '(' || token.text === '[')
            return this.bracketed(token.text);
        throw new Error(`'${token.text}' is out of place`);
    }

    // A name with what is attached to it: an index, or arguments.
    named(token) {
        const mark = this.peek();
        const node = setName(token.text);
        if (mark.spaced || !'([_'.includes(mark.text) || mark.text === '')
            return { kind: 'factor', node };
        this.next();
        if (mark.text === '_') {
            this.expect(['(']);
            return this.index(node, ')', 'bracketed');
        }
        if (mark.text === '[' && /^[a-zA-Z]$/.test(token.text) &&
            !'UE'.includes(token.text))
            return this.index(node, ']', 'at');
        const inside = this.bracketed(mark.text);
        if (token.text === 'sqrt') {
            return { kind: 'factor',
                node: h('math:msqrt', null, inside.bare) };
        }
        return { kind: 'factor', node: row([node,
            operator('\u2061'), inside.node]) };
    }

    index(node, closing, name) {
        this.small += 1;
        const inside = row(this.set(this.items()));
        this.small -= 1;
        this.expect([closing]);
        return { kind: 'factor',
            node: h('math:msub', { class: name }, node, inside) };
    }

    magnitude() {
        this.bars += 1;
        const inside = this.set(this.items());
        this.bars -= 1;
        this.expect(['|']);
        const bar = () => operator('|', { stretchy: 'false', lspace: '0',
            rspace: '0' });
        return { kind: 'factor', node: row([bar(), ...inside, bar()]) };
    }

    // Brackets; 'bare' is the row without them, for where it needs none.
    bracketed(open) {
        const bars = this.bars;
        this.bars = 0;
        const inside = this.set(this.items());
        const close = this.expect(CLOSING[open]);
        this.bars = bars;
        const tall = inside.some((node) => node.matches('mfrac, :has(mfrac)'));
        const fence = (text) => operator(text, { stretchy: String(tall) });
        return { kind: 'factor',
            get node() { return row([fence(open), inside, fence(close)]); },
            get bare() {
                return open === '(' ? row(inside, true) : this.node;
            } };
    }

    // Items as nodes, with room between factors side by side.
    set(items) {
        const nodes = [];
        items.forEach((item, i) => {
            const last = items[i - 1];
            if (last && gap(last, item))
                nodes.push(h('math:mspace', { width: gap(last, item) }));
            nodes.push(...setItem(item, last));
        });
        return nodes;
    }
}

// The room between two items, besides that which operators have themselves.
function gap(last, item) {
    const solid = (each) => each.kind === 'factor' || each.kind === 'word';
    if (last.kind === 'word' || item.kind === 'word')
        return item.kind === 'stop' ? '' : '0.3em';
    return solid(last) && solid(item) && item.spaced ? '0.17em' : '';
}

// Does an operator here stand before one factor, as the minus of -x?
function isPrefix(last) {
    return !last || last.kind !== 'factor';
}

function setItem(item, last) {
    if (item.kind === 'factor')
        return [item.node];
    if (item.kind === 'word')
        return [h('math:mtext', null, item.text)];
    if (item.kind === 'stop')
        return [operator(item.text, { separator: 'true' })];
    const attributes = item.text === '/' ? { lspace: '0', rspace: '0' }
        : isPrefix(last) && '-+'.includes(item.text[0]) ? { form: 'prefix' }
        : null;
    return [operator(OPERATORS[item.text] || item.text, attributes)];
}

// At the top words are of the sentence around, and a line may break at them
// and behind commas: items as runs of text and of mathematics.
function runs(reader, items) {
    const list = [];
    let math = [];
    const flush = () => {
        if (math.length)
            list.push(h('math:math', null, row(reader.set(math))));
        math = [];
    };
    items.forEach((item, i) => {
        if (item.kind !== 'word' && item.kind !== 'stop') {
            if (!math.length && i > 0)
                list.push(' ');
            math.push(item);
            return;
        }
        flush();
        list.push(item.kind === 'word' && i > 0 ? ` ${item.text}` : item.text);
    });
    flush();
    return list;
}

function parse(text, names) {
    const reader = new Reader(text, names);
    const items = reader.items();
    if (reader.at < reader.list.length)
        throw new Error(`'${reader.peek().text}' closes nothing`);
    return runs(reader, items);
}

// An element that shows the formula 'text'; 'names' are those of the scheme's
// parameters.  Of class "formula", or "formula formula-text" when it could not
// be set.
export function formula(text, names = []) {
    try {
        return h('span', { class: 'formula' }, parse(text, names));
    } catch {
        return h('code', { class: 'formula formula-text' }, text);
    }
}
