// SPDX-License-Identifier: MIT
// Finding schemes: by words and by what they are.

// Libraries in the order of the catalogue, with a heading each.
export const LIBRARIES = [
    [null, 'Schemes of papers, by sow'], ['torch', 'PyTorch'], ['jax', 'JAX'],
    ['flax', 'Flax'], ['keras', 'Keras'], ['timm', 'timm'],
    ['haiku', 'Haiku'], ['sonnet', 'Sonnet'], ['numpy', 'NumPy'],
];

// What a scheme is, by its tags: a key for the address, words, and the test.
export const TRAITS = [
    ['random', 'any part alone, at once', ({ tags }) =>
        tags.access === 'random'],
    ['rows', 'row by row', ({ tags }) => tags.access === 'rows'],
    ['whole', 'needs the whole matrix', ({ tags }) => tags.access === 'whole'],
    ['data', 'looks at data', ({ tags }) => !tags.data_free],
    ['fans', 'scales with the fans', ({ fans }) => fans],
    ['free', 'takes no parameter', ({ parameters }) => !parameters.length],
    ['provisional', 'not checked at the source', ({ evidence }) =>
        evidence === 'provisional'],
];

function plain(text) {
    return text.normalize('NFKD').replace(/[\u0300-\u036f]/g, '')
        .toLowerCase();
}

// All of an entry's text that is searched.
function texts(entry) {
    const { name, library, summary, source, evidence } = entry;
    const heading = LIBRARIES.find(([key]) => key === library);
    return plain([name, ...entry.aliases, library || 'sow', heading
        ? heading[1] : '', summary, source, evidence,
    ...entry.parameters.map((parameter) => parameter.name)].join(' \n '));
}

const known = new WeakMap();

function searched(entry) {
    if (!known.has(entry)) {
        const text = texts(entry);
        known.set(entry, { text, words: text.split(/[^a-z0-9]+/) });
    }
    return known.get(entry);
}

// Does a word of the query stand in an entry: as the beginning of one of its
// words, or, with marks in it such as he_normal or 1502.01852, as it is?
function has({ text, words }, word) {
    return /^[a-z0-9]+$/.test(word)
        ? words.some((each) => each.startsWith(word)) : text.includes(word);
}

// A function that tells whether an entry is wanted.
export function matcher({ q, library, tag }) {
    const words = plain(q).split(/\s+/).filter(Boolean);
    const trait = TRAITS.find(([key]) => key === tag);
    return (entry) => (!library || (entry.library || 'sow') === library)
        && (!trait || trait[2](entry))
        && words.every((word) => has(searched(entry), word));
}
