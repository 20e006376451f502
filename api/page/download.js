// SPDX-License-Identifier: MIT
// Saving a tensor to a file: with its progress, a way to stop, and a look at
// whether what came is what was sent.
import { h, size } from './dom.js';
import { ask, cancelled, receive } from './client.js';

const SUFFIX = { raw: 'bin', npy: 'npy', safetensors: 'safetensors' };
const LABEL = { raw: 'Raw bytes', npy: 'NumPy', safetensors: 'safetensors' };

// What the browser holds in memory until it is saved.
const MOST = 2 ** 30;

function save(blob, name) {
    const address = URL.createObjectURL(blob);
    const link = h('a', { href: address, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
}

// The value of 'algorithm' in a field such as "sha-256=:…:, x=:…:", or null.
function digestIn(field, algorithm) {
    const found = (field || '').split(',').map((part) => part.trim())
        .find((part) => part.startsWith(`${algorithm}=`));
    return found ? found.slice(algorithm.length + 1).replace(/:/g, '') : null;
}

async function sha256(blob) {
    const hash = await crypto.subtle.digest('SHA-256',
        await blob.arrayBuffer());
    return btoa(String.fromCharCode(...new Uint8Array(hash)));
}

// Compare what came with what the answer's fields say, and these with the
// manifest.  Returns [holds, text]; 'holds' is null when nothing could be
// compared.
async function verify(blob, headers, manifest) {
    const sent = digestIn(headers.get('Repr-Digest'), 'sha-256');
    const named = digestIn(headers.get('Sow-Digest'), 'blake2b-256');
    const known = (manifest.digest || '').replace('blake2b-256:', '');
    if (named && known && named !== known)
        return [false, 'The answer\'s Sow-Digest is not the manifest\'s.'];
    const about = named && known ? 'Its Sow-Digest is the manifest\'s.' : '';
    if (!sent || !globalThis.crypto || !crypto.subtle)
        return [null, `The SHA-256 was not compared here: ${sent
            ? 'browsers hash only for https and localhost.'
            : 'the answer has none.'} ${about}`.trim()];
    if (await sha256(blob) !== sent)
        return [false, 'The SHA-256 of what came is not the answer\'s.'];
    return [true, `The SHA-256 of what came is the answer's. ${about}`.trim()];
}

// Buttons for the formats, a bar and Cancel.  target(format) is the path to
// fetch, manifest() the tensor's entry, title() the file's name without suffix.
export function downloads(target, manifest, title) {
    const bar = h('progress', { max: '1', value: '0',
        'aria-label': 'Download' });
    const said = h('p', { class: 'download-said', role: 'status',
        'data-test': 'download-said' });
    const stop = h('button', { type: 'button', class: 'button button-quiet',
        'data-test': 'cancel' }, 'Cancel');
    const running = h('div', { class: 'download-running', hidden: true }, bar,
        stop);
    let abort = null;

    function progress(received, total) {
        if (total)
            bar.value = received / total;
        said.textContent = total ? `${size(received)} of ${size(total)}`
            : size(received);
    }

    async function fetchAll(format) {
        const response = await ask(target(format), { signal: abort.signal,
            headers: { 'Want-Repr-Digest': 'sha-256=10' } });
        const pieces = await receive(response, progress);
        return [new Blob(pieces), response.headers];
    }

    // The controls may say something else before all of it is here.
    async function run(format) {
        const [entry, name] = [manifest(), title()];
        const [blob, headers] = await fetchAll(format);
        const [holds, text] = await verify(blob, headers, entry);
        said.dataset.holds = String(holds);
        if (holds === false)
            throw new Error(`${text} It was not saved.`);
        save(blob, `${name}.${SUFFIX[format]}`);
        said.textContent = `Saved ${size(blob.size)}. ${text}`;
    }

    function refuse(error) {
        said.textContent = cancelled(error) ? 'Cancelled.'
            : error.message;
        said.dataset.state = cancelled(error) ? 'cancelled' : 'failed';
    }

    async function start(format) {
        if (manifest().bytes > MOST) {
            said.textContent = `The browser would hold all ${
                size(manifest().bytes)} in memory: take the command below.`;
            said.dataset.state = 'failed';
            return;
        }
        abort = new AbortController();
        said.dataset.state = 'running';
        said.dataset.holds = '';
        bar.removeAttribute('value');
        running.hidden = false;
        for (const button of buttons)
            button.disabled = true;
        try {
            await run(format);
            said.dataset.state = 'done';
        } catch (error) {
            refuse(error);
        }
        running.hidden = true;
        for (const button of buttons)
            button.disabled = false;
    }

    const buttons = Object.keys(SUFFIX).map((format) => h('button', {
        type: 'button', class: 'button', 'data-test': `download-${format}`,
        onclick: () => start(format) }, LABEL[format]));
    stop.addEventListener('click', () => abort.abort());
    const element = h('div', { class: 'stack' },
        h('div', { class: 'row' }, buttons), running, said);
    element.end = () => abort && abort.abort();
    return element;
}
