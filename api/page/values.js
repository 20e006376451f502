// SPDX-License-Identifier: MIT
// Raw bytes of a tensor → numbers, and what can be said of them.

// ---- numbers from bytes ----------------------------------------------------

// A float of 'exponent' and 'mantissa' bits behind its sign, biased as IEEE 754
// has it.  'finite' is for float8_e4m3fn, which has no infinity and a NaN only
// where all bits are set.
function narrow(bits, exponent, mantissa, finite) {
    const fraction = bits & ((1 << mantissa) - 1);
    const power = (bits >> mantissa) & ((1 << exponent) - 1);
    const sign = bits >> (exponent + mantissa) ? -1 : 1;
    const bias = (1 << (exponent - 1)) - 1;
    const top = power === (1 << exponent) - 1;
    if (finite && top && fraction === (1 << mantissa) - 1)
        return NaN;
    if (!finite && top)
        return fraction ? NaN : sign * Infinity;
    if (power === 0)
        return sign * fraction * 2 ** (1 - bias - mantissa);
    return sign * (1 + fraction * 2 ** -mantissa) * 2 ** (power - bias);
}

// What each of the 2^bits patterns stands for.
function patterns(bits, ...layout) {
    return Float64Array.from({ length: 1 << bits },
        (_, i) => narrow(i, ...layout));
}

function looked(view, width, list) {
    const read = width === 1 ? (i) => view.getUint8(i)
        : (i) => view.getUint16(2 * i, true);
    return Float64Array.from({ length: view.byteLength / width },
        (_, i) => list[read(i)]);
}

function widened(view) {
    const out = new Float32Array(view.byteLength / 2);
    const bits = new Uint32Array(out.buffer);
    for (let i = 0; i < out.length; i++)
        bits[i] = view.getUint16(2 * i, true) << 16;
    return out;
}

const DECODERS = {
    float64: (view) => Float64Array.from({ length: view.byteLength / 8 },
        (_, i) => view.getFloat64(8 * i, true)),
    float32: (view) => Float32Array.from({ length: view.byteLength / 4 },
        (_, i) => view.getFloat32(4 * i, true)),
    float16: (view) => looked(view, 2, patterns(16, 5, 10, false)),
    bfloat16: widened,
    float8_e4m3fn: (view) => looked(view, 1, patterns(8, 4, 3, true)),
    float8_e5m2: (view) => looked(view, 1, patterns(8, 5, 2, false)),
};

export const DTYPES = ['float32', 'float64', 'float16', 'bfloat16',
    'float8_e4m3fn', 'float8_e5m2'];

// The numbers that an ArrayBuffer of raw bytes holds.
export function decode(buffer, dtype) {
    return DECODERS[dtype](new DataView(buffer));
}

// ---- which part to fetch ---------------------------------------------------

// The longest run of elements from the first on that is a slice and has at most
// 'budget' elements: how many of each dimension.
export function head(shape, budget) {
    const taken = new Array(shape.length);
    let count = 1;
    for (let i = shape.length - 1; i >= 0; i--) {
        taken[i] = Math.min(shape[i], Math.max(1, Math.floor(budget / count)));
        count *= Math.max(1, taken[i]);
    }
    return taken;
}

// The top left block of the tensor as a matrix of the first dimension by all
// others: how many of each dimension, at most 'rows' and 'columns' of the
// matrix (more columns only if the last dimensions alone are more).
export function corner(shape, rows, columns) {
    if (shape.length < 2)
        return head(shape, columns);
    return [Math.min(shape[0], rows), ...head(shape.slice(1), columns)];
}

// Such counts as the API's 'slice'; null when they are all of the tensor.
export function slice(shape, taken) {
    if (taken.every((n, i) => n === shape[i]))
        return null;
    return taken.map((n, i) => n === shape[i] ? ':' : `0:${n}`).join(',');
}

export function product(list) {
    return list.reduce((all, n) => all * n, 1);
}

// ---- what can be said of them -----------------------------------------------

// {count, mean, std, low, high, infinite}: of the finite ones, and how many
// aren't.  The deviation is that of the values at hand (divided by n).
export function moments(values) {
    const finite = values.filter(Number.isFinite);
    const count = finite.length;
    let sum = 0;
    let low = Infinity;
    let high = -Infinity;
    for (const value of finite) {
        sum += value;
        low = Math.min(low, value);
        high = Math.max(high, value);
    }
    const mean = sum / count;
    let square = 0;
    for (const value of finite)
        square += (value - mean) ** 2;
    return { count, mean, std: Math.sqrt(square / count), low, high,
        infinite: values.length - count };
}

// The share of 'values' that are exactly 'value'.
export function share(values, value) {
    let count = 0;
    for (const each of values)
        count += each === value;
    return count / values.length;
}

// A density by counting: {edges, heights}, one edge more than heights.  Values
// that are among 'atoms' are left out, but count in the whole, so that the area
// is the share of the others.  Null when there is no interval to divide.
export function histogram(values, atoms, bins) {
    const aside = new Set(atoms.map(Math.fround).concat(atoms));
    const rest = values.filter((v) => Number.isFinite(v) && !aside.has(v));
    const { low, high } = moments(rest);
    if (!(high > low))
        return null;
    const width = (high - low) / bins;
    const heights = new Float64Array(bins);
    const unit = 1 / (values.length * width);
    for (const value of rest)
        heights[Math.min(bins - 1, Math.floor((value - low) / width))] += unit;
    return { heights,
        edges: Array.from({ length: bins + 1 }, (_, i) => low + i * width) };
}
