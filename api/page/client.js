// SPDX-License-Identifier: MIT
// Talking to the API of the origin that served this page.

// What the API answers when it refuses (RFC 9457): 'detail' says what is wrong
// and how to mend it, 'at' which field: a JSON pointer, or a query's name.
export class Problem extends Error {
    constructor(status, body) {
        super(body.detail || body.title || `The answer was ${status}.`);
        this.name = 'Problem';
        this.status = status;
        this.code = body.code || '';
        this.title = body.title || '';
        this.detail = this.message;
        this.at = body.at || '';
    }
}

// The absolute address of a path of the API, such as 'v1/schemes'.
export function url(path) {
    return new URL(path.replace(/^\//, ''), document.baseURI).href;
}

// Text of a query or a fragment, 'a=1&b=2', from an object; null and undefined
// are left out.  Commas, colons and slashes stay legible.
export function query(values) {
    const encode = (text) => encodeURIComponent(text)
        .replace(/%2C/g, ',').replace(/%3A/g, ':').replace(/%2F/g, '/')
        .replace(/%40/g, '@');
    return Object.entries(values)
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([key, value]) => `${encode(key)}=${encode(String(value))}`)
        .join('&');
}

// The token that requests carry, where the server wants one: kept until this
// tab of the browser is closed, and never in an address.
const KEY = 'sow-token';

export function token() {
    return sessionStorage.getItem(KEY) || '';
}

export function setToken(text) {
    sessionStorage.setItem(KEY, text);
}

function withToken(headers) {
    return token() ? { ...headers, Authorization: `Bearer ${token()}` }
        : headers;
}

async function problemOf(response) {
    const text = await response.text();
    try {
        return new Problem(response.status, JSON.parse(text));
    } catch {
        return new Problem(response.status, { detail: text.slice(0, 200) });
    }
}

// The answer, with its body still to be read.  Throws a Problem for an answer
// that is an error, and one of status 0 when there was no answer.  A 401 also
// makes the event 'tokenwanted' on the window, with the Problem as its detail.
export async function ask(path, options = {}) {
    let response;
    try {
        response = await fetch(url(path),
            { ...options, headers: withToken(options.headers) });
    } catch (error) {
        if (error.name === 'AbortError')
            throw error;
        throw new Problem(0, { detail: 'The server does not answer.' });
    }
    if (response.ok)
        return response;
    const problem = await problemOf(response);
    if (problem.status === 401)
        window.dispatchEvent(new CustomEvent('tokenwanted',
            { detail: problem }));
    throw problem;
}

export async function getJson(path, signal) {
    return (await ask(path, { signal })).json();
}

export async function postJson(path, body, signal) {
    const response = await ask(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        signal,
    });
    return response.json();
}

// Read a body as it comes: onProgress(received, total) with each piece, 'total'
// being what Content-Length says, or null.  Returns the pieces.
export async function receive(response, onProgress) {
    const length = response.headers.get('Content-Length');
    const total = length === null ? null : Number(length);
    const reader = response.body.getReader();
    const pieces = [];
    let received = 0;
    for (;;) {
        const { done, value } = await reader.read();
        if (done)
            return pieces;
        pieces.push(value);
        received += value.length;
        onProgress(received, total);
    }
}

// Was this thrown because somebody cancelled?
export function cancelled(error) {
    return error.name === 'AbortError';
}
