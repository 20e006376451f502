// SPDX-License-Identifier: MIT
// What a network may be made of, and what can be drawn of it.

// The activations of POST /v1/analysis: those that have a parameter with its
// name and default.
export const ACTIVATIONS = [
    ['linear'], ['relu'], ['leaky_relu', 'slope', '0.01'],
    ['prelu', 'slope', '0.25'], ['relu6'], ['tanh'], ['sigmoid'], ['erf'],
    ['gelu'], ['gelu_tanh'], ['quick_gelu'], ['silu'], ['elu', 'alpha', '1'],
    ['selu'], ['celu', 'alpha', '1'], ['softplus'], ['softsign'], ['mish'],
    ['hardswish'], ['hardtanh'], ['hardsigmoid'], ['logsigmoid'],
    ['tanhshrink'], ['softshrink', 'lambda', '0.5'],
    ['hardshrink', 'lambda', '0.5'], ['sin', 'omega', '1'], ['relu_squared'],
    ['abs'], ['gaussian'],
].map(([name, parameter, usual]) => ({ name, parameter, usual }));

export function activation(name) {
    return ACTIVATIONS.find((each) => each.name === name) || { name };
}

export const NORMS = [['none', 'none'], ['layer_norm', 'layer norm'],
    ['rms_norm', 'RMS norm'], ['batch_norm', 'batch norm']];

// Series that can be told apart by colour, dash and mark alone each.
export const MOST_SERIES = 6;

// What is drawn of a layer: the member of the answer that it is, in decades or
// plain, and where it belongs: what leaves layer i stands at i, what enters
// the first at -1, what leaves the last, seen from behind, at the count.
export const KINDS = {
    forward: {
        title: 'Forward',
        help: 'mean square of the signal that leaves each layer, over the '
            + 'input’s',
        member: 'log10_forward', decades: true, start: () => 0,
    },
    backward: {
        title: 'Backward',
        help: 'mean square of the gradient that enters each layer from above, '
            + 'over the output’s',
        member: 'log10_backward', decades: true, end: () => 0,
    },
    gradient: {
        title: 'Weight gradient',
        help: 'mean square of the gradient of a weight, for an output '
            + 'gradient of 1',
        member: 'log10_weight_gradient', decades: true,
    },
    correlation: {
        title: 'Correlation',
        help: 'of the signals of two inputs, as they leave each layer',
        member: 'c2', decades: false, start: (input) => input.correlation,
    },
};

// The views, each of some kinds.
export const VIEWS = [
    ['gains', 'Both ways', ['forward', 'backward']],
    ['forward', 'Forward', ['forward']],
    ['backward', 'Backward', ['backward']],
    ['gradient', 'Weight gradient', ['gradient']],
    ['correlation', 'Correlation', ['correlation']],
];

export function kindsOf(view) {
    return (VIEWS.find(([id]) => id === view) || VIEWS[0])[2];
}
