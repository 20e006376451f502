// SPDX-License-Identifier: MIT
// Networks worth a look, from lectures and papers; 'state' is what the address
// would say.

const gelu = 'exact_gain:activation=gelu';
const edge = 'edge_of_chaos:activation=tanh,q_star=0.5'
    + '+edge_of_chaos_bias:activation=tanh,q_star=0.5';

export const EXAMPLES = [
    {
        title: 'All weights zero',
        note: 'The lecture’s first mistake: no weight ever gets a gradient.',
        state: { depth: '5', width: '256', activation: 'tanh',
            schemes: 'zeros' },
    },
    {
        title: 'All weights equal',
        note: 'Every unit computes the same, and goes on doing so.',
        state: { depth: '5', width: '256', activation: 'sigmoid',
            schemes: 'constant:value=0.01' },
    },
    {
        title: 'Too small: N(0, 0.01²) and tanh',
        note: 'Ten layers of 500, as lectures have it: the signal fades.',
        state: { depth: '10', width: '500', activation: 'tanh',
            schemes: 'normal:std=0.01' },
    },
    {
        title: 'Too large: N(0, 1) and tanh',
        note: 'The same network, saturated: gradients explode through it.',
        state: { depth: '10', width: '500', activation: 'tanh',
            schemes: 'normal' },
    },
    {
        title: 'Xavier and tanh',
        note: 'Glorot and Bengio 2010: the signal stays, and slowly shrinks.',
        state: { depth: '10', width: '500', activation: 'tanh',
            schemes: 'xavier_normal;normal:std=0.01;normal' },
    },
    {
        title: 'He and ReLU',
        note: 'He et al. 2015, thirty layers: Xavier stalls, He learns.',
        state: { depth: '30', width: '256', activation: 'relu',
            schemes: 'kaiming_normal;xavier_normal' },
    },
    {
        title: 'PyTorch’s default and ReLU',
        note: 'A linear layer’s own weights leave a sixth of the mean square, '
            + 'layer by layer.',
        state: { depth: '20', width: '256', activation: 'relu',
            schemes: 'torch.linear;kaiming_normal' },
    },
    {
        title: 'GELU with its gain',
        note: 'The gain keeps a mean square of 1, and of nothing else: a '
            + 'little less fades, a little more explodes.',
        state: { depth: '100', width: '256', activation: 'gelu',
            second_moment: '0.4', schemes: `${gelu};kaiming_normal` },
    },
    {
        title: 'The edge of chaos, tanh',
        note: 'Schoenholz et al. 2017: order, the edge, chaos. See the '
            + 'correlation.',
        state: { depth: '60', width: '300', activation: 'tanh',
            view: 'correlation', schemes: 'variance_scaling:distribution=normal'
            + `+normal:std=0.22;${edge};`
            + 'variance_scaling:scale=3,distribution=normal+normal:std=0.22' },
    },
    {
        title: 'Deep residual',
        note: 'Each branch of two layers doubles the mean square unless it is '
            + 'scaled down (Zhang et al. 2019).',
        state: { depth: '48', width: '256', activation: 'relu', residual: '1',
            branch: '2', schemes: 'kaiming_normal' },
    },
    {
        title: 'Orthogonal, mirrored',
        note: 'Burkholz and Dubatovka 2019: mirrored weights keep inputs '
            + 'apart, at any depth.',
        state: { depth: '50', width: '256', activation: 'relu',
            view: 'correlation',
            schemes: 'mirrored;orthogonal:gain=1.41421356;kaiming_normal' },
    },
    {
        title: 'Deep and narrow',
        note: 'Hanin and Rolnick 2018: right on average is not right for one '
            + 'draw of the weights. Change the seed.',
        state: { depth: '50', width: '20', activation: 'relu',
            schemes: 'kaiming_normal;orthogonal:gain=1.41421356' },
    },
];
