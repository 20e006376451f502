# SPDX-License-Identifier: MIT
"""Recipes of torch modules against what the modules do themselves."""
import math

import pytest

import sow

torch = pytest.importorskip('torch')
nn = torch.nn

# Wide enough for one comparison in 10⁹ to fail by chance.
SIGMAS = 6.1


class Tied(nn.Module):
    """The embedding is the head, as in GPT-2."""

    def __init__(self):
        super().__init__()
        self.wte = nn.Embedding(50, 24)
        self.norm = nn.LayerNorm(24)
        self.head = nn.Linear(24, 50, bias=False)
        self.head.weight = self.wte.weight


class Plain(nn.Linear):
    """A class of one's own, with torch's initialization."""


class Special(nn.Linear):
    def reset_parameters(self):
        nn.init.constant_(self.weight, 7)


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 4)
        self.gain = nn.Parameter(torch.ones(4))


class Rotary(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.register_buffer('inv_freq', 1 / 10 ** torch.arange(4.0),
                             persistent=False)


class Rope(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer('cache', torch.empty(3), persistent=False)
        self.register_buffer('steps', torch.zeros((), dtype=torch.long))
        self.reset_parameters()

    def reset_parameters(self):
        self.cache = torch.arange(3.0)
        self.steps = torch.ones((), dtype=torch.long)


MODULES = {
    'Linear': lambda: nn.Linear(60, 50),
    'Linear without inputs': lambda: nn.Linear(0, 5),
    'Linear without bias': lambda: nn.Linear(60, 50, bias=False),
    'Bilinear': lambda: nn.Bilinear(20, 6, 9),
    'Conv1d': lambda: nn.Conv1d(8, 12, 5, groups=4),
    'Conv2d': lambda: nn.Conv2d(6, 20, (3, 2)),
    'Conv3d': lambda: nn.Conv3d(3, 9, 2, bias=False),
    'ConvTranspose1d': lambda: nn.ConvTranspose1d(9, 30, 3),
    'ConvTranspose2d': lambda: nn.ConvTranspose2d(8, 12, 3, groups=2),
    'ConvTranspose3d': lambda: nn.ConvTranspose3d(3, 12, 2),
    'Embedding': lambda: nn.Embedding(40, 30, padding_idx=-3),
    'EmbeddingBag': lambda: nn.EmbeddingBag(40, 30),
    'PReLU': lambda: nn.PReLU(5, init=0.1),
    'norms': lambda: nn.ModuleDict({
        'layer': nn.LayerNorm([3, 4]), 'rms': nn.RMSNorm(7),
        'group': nn.GroupNorm(2, 8), 'batch': nn.BatchNorm2d(6),
        'instance': nn.InstanceNorm1d(5, affine=True,
                                      track_running_stats=True),
        'sync': nn.SyncBatchNorm(4), 'none': nn.LayerNorm(
            3, elementwise_affine=False)}),
    'RNN': lambda: nn.RNN(20, 25, 2, bidirectional=True),
    'LSTM': lambda: nn.LSTM(20, 25, proj_size=10),
    'GRU': lambda: nn.GRU(20, 25),
    'cells': lambda: nn.ModuleList([
        nn.RNNCell(20, 30), nn.LSTMCell(20, 30), nn.GRUCell(20, 30)]),
    'MultiheadAttention': lambda: nn.MultiheadAttention(
        36, 3, add_bias_kv=True),
    'MultiheadAttention of others': lambda: nn.MultiheadAttention(
        36, 3, kdim=20, vdim=10),
    'TransformerEncoder': lambda: nn.TransformerEncoder(
        nn.TransformerEncoderLayer(32, 4, 48, batch_first=True), 2),
    'Transformer': lambda: nn.Transformer(32, 4, 1, 2, 48,
                                          batch_first=True),
    'AdaptiveLogSoftmaxWithLoss': lambda: nn.AdaptiveLogSoftmaxWithLoss(
        32, 60, [20, 40]),
    'Sequential': lambda: nn.Sequential(
        nn.Linear(9, 30), nn.ReLU(), nn.Sequential(nn.Conv1d(3, 9, 2))),
    'a subclass': lambda: Plain(30, 40),
    'ties': Tied,
}


def on_meta(make):
    with torch.device('meta'):
        return make()


def same_law(name, mine, theirs):
    """Equal constants, or samples with equal mean, std and bounds."""
    if len(theirs.unique()) <= 1:
        assert torch.equal(mine, theirs), name
        return
    n = theirs.numel()
    mine, theirs = mine.double(), theirs.double()
    zero = theirs.reshape(theirs.shape[0], -1).abs().sum(1) == 0
    assert torch.equal(
        mine.reshape(mine.shape[0], -1).abs().sum(1) == 0, zero), name
    ratio = float(mine.std() / theirs.std())
    assert abs(math.log(ratio)) < SIGMAS / math.sqrt(n), (name, ratio)
    off = float(mine.mean() - theirs.mean()) / float(theirs.std())
    assert abs(off) < SIGMAS * math.sqrt(2 / n), (name, off)
    most, expected = float(mine.abs().max()), float(theirs.abs().max())
    flat = float(theirs.std()) > 0.55 * expected  # uniform, not normal
    if flat:
        assert abs(most / expected - 1) < 40 / n, (name, most, expected)


def samples(make, count):
    """The state of 'count' modules, each tensor stacked along dimension 1."""
    states = [make().state_dict() for _ in range(count)]
    return {name: torch.stack([state[name] for state in states], -1)
            for name in states[0]}


@pytest.mark.parametrize('kind', MODULES)
def test_recipes_have_the_modules_own_laws(client, kind):
    torch.manual_seed(1)
    make, count = MODULES[kind], 16
    theirs = samples(make, count)
    recipe = sow.recipe_from_module(on_meta(make))
    mine = [client.state_dict(recipe, seed, 'torch') for seed in range(count)]
    drawn = list(mine[0])
    expected = [name for name in theirs
                if not name.endswith('num_batches_tracked')
                and (kind != 'ties' or name != 'head.weight')]
    assert drawn == expected
    for name in drawn:
        same_law(name, torch.stack([state[name] for state in mine], -1),
                 theirs[name])


def test_an_explicit_recipe_is_that_of_the_daemons_layers(client):
    """The same bits: the module's tensors spelled out, or by their type."""
    for module, layer in [
            (nn.LSTM(3, 5), {'type': 'lstm', 'input_size': 3,
                             'hidden_size': 5}),
            (nn.Conv2d(4, 6, 3, groups=2), {
                'type': 'conv2d', 'in_channels': 4, 'out_channels': 6,
                'kernel_size': 3, 'groups': 2}),
            (nn.Transformer(8, 2, 1, 1, 12, batch_first=True), {
                'type': 'transformer', 'd_model': 8, 'nhead': 2,
                'num_encoder_layers': 1, 'num_decoder_layers': 1,
                'dim_feedforward': 12})]:
        whole = nn.ModuleDict({'x': module})
        mine = client.manifest(sow.recipe_from_module(whole, 3))
        theirs = client.manifest({'seed': 3, 'layers': [
            {'name': 'x', **layer}]})
        assert mine['recipe'] == theirs['recipe'], layer


def test_dtypes_are_the_modules_or_the_callers():
    module = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 4).bfloat16())
    recipe = sow.recipe_from_module(module)
    assert [layer['dtype'] for layer in recipe['layers']] == [
        'float32', 'float32', 'bfloat16', 'bfloat16']
    recipe = sow.recipe_from_module(module, dtype='float16')
    assert recipe['dtype'] == 'float16'
    assert 'dtype' not in recipe['layers'][0]


def test_unknown_modules_are_named_with_the_mend(client):
    for module, where in [(Scaled(), 'the module, a Scaled'),
                          (nn.Sequential(Scaled()), "'0', a Scaled"),
                          (nn.Sequential(Special(2, 3)), "'0', a Special")]:
        with pytest.raises(sow.RecipeError, match=where) as caught:
            sow.recipe_from_module(module)
        assert 'rules={' in str(caught.value)
    with pytest.raises(sow.RecipeError, match='lazy'):
        sow.recipe_from_module(nn.LazyLinear(3))
    with pytest.raises(sow.RecipeError, match='no parameters'):
        sow.recipe_from_module(nn.ReLU())


@pytest.mark.parametrize('rules', [
    {'Scaled': {'gain': {'name': 'constant', 'value': 2}}},
    {Scaled: {'gain': {'name': 'constant', 'value': 2}}},
    {'*.gain': {'name': 'constant', 'value': 2}, '*': 'zeros'},
    {Scaled: lambda part, name, tensor: {'name': 'constant', 'value': 2}}])
def test_rules_say_what_is_not_known(client, rules):
    module = nn.Sequential(Scaled(), nn.Linear(4, 2))
    state = client.state_dict(sow.recipe_from_module(module, 1, rules))
    assert bool((state['0.gain'] == 2).all())
    assert bool((state['1.weight'] == 0).all()) == ('*' in rules)


# ---- materialize ---------------------------------------------------------

@pytest.mark.parametrize('kind', MODULES)
def test_a_materialized_module_is_the_recipe(client, kind):
    module = on_meta(MODULES[kind])
    trainable = {name: p.requires_grad for name, p
                 in module.named_parameters()}
    assert client.materialize(module, seed=9) is module
    assert not any(t.is_meta for t in module.state_dict().values())
    manifest = client.manifest(sow.recipe_from_module(module), 9)
    assert sow.verify(module, manifest) == []
    assert trainable == {name: p.requires_grad for name, p
                         in module.named_parameters()}
    for name, buffer in module.named_buffers():
        if name.endswith('num_batches_tracked'):
            assert buffer == 0 and buffer.dtype == torch.int64


def test_ties_stay_and_are_trained_together(client):
    module = client.materialize(on_meta(Tied), seed=2)
    assert module.head.weight is module.wte.weight
    module.head(module.norm(module.wte(torch.arange(4)))).sum().backward()
    assert module.wte.weight.grad is not None
    with pytest.raises(sow.RecipeError, match='tied'):
        client.materialize(on_meta(Tied), {'layers': [
            {'name': name, 'shape': [50, 24], 'scheme': 'normal'}
            for name in ('wte.weight', 'head.weight')]})


def test_recurrent_layers_work_afterwards(client):
    module = client.materialize(on_meta(lambda: nn.LSTM(3, 4, 2)), seed=1)
    out, _ = module(torch.ones(2, 3))
    assert torch.isfinite(out).all() and out.abs().max() > 0


def test_what_does_not_fit_is_refused_and_changes_nothing(client):
    def layer(name, *shape):
        return {'name': name, 'shape': list(shape), 'scheme': 'normal'}

    for layers, match in [
            ([layer('weight', 3, 2)], "has no 'bias'"),
            ([layer('weight', 3, 2), layer('bias', 4)], "'bias' is .4. in"),
            ([layer('weight', 3, 2), layer('bias', 3), layer('more', 1)],
             "module has no 'more'")]:
        module = on_meta(lambda: nn.Linear(2, 3))
        with pytest.raises(sow.RecipeError, match=match):
            client.materialize(module, {'layers': layers})
        assert module.weight.is_meta and module.bias.is_meta


def test_the_modules_dtype_is_asked_for(client):
    module = on_meta(lambda: nn.Linear(4, 4)).bfloat16()
    client.materialize(module, {'layers': [
        {'name': 'weight', 'shape': [4, 4], 'scheme': 'normal'},
        {'name': 'bias', 'shape': [4], 'scheme': 'zeros'}]}, seed=1)
    assert module.weight.dtype == module.bias.dtype == torch.bfloat16


def test_buffers_are_computed_given_or_refused(client):
    with pytest.raises(sow.RecipeError, match="'inv_freq', a buffer"):
        client.materialize(on_meta(Rotary), seed=1)
    expected = 1 / 10 ** torch.arange(4.0)
    for buffers in ({'inv_freq': expected}, lambda part, name: expected):
        module = client.materialize(on_meta(Rotary), buffers=buffers)
        assert torch.equal(module.inv_freq, expected)
    with sow.empty_parameters():
        module = Rotary()
    assert module.linear.weight.is_meta
    client.materialize(module, seed=1)
    assert torch.equal(module.inv_freq, expected)
    module = on_meta(lambda: nn.Sequential(nn.Linear(2, 2), Rope()))
    client.materialize(module, seed=1)
    assert torch.equal(module[1].cache, torch.arange(3.0))
    assert module[1].steps == 1


def test_param_init_fn_fills_one_submodule_at_a_time(client):
    def make():
        return nn.Sequential(Tied(), nn.LSTM(3, 4), nn.BatchNorm1d(3))

    module = on_meta(make)
    fill = client.param_init_fn(module, seed=4)
    for part in module.modules():
        fill(part)
    assert module[0].head.weight is module[0].wte.weight
    assert sow.verify(module, client.manifest(
        sow.recipe_from_module(module), 4)) == []
    assert module[2].num_batches_tracked == 0


# ---- transformers --------------------------------------------------------

@pytest.fixture(scope='module')
def transformers():
    """Without torchvision, whose wheel may not fit this torch."""
    import sys
    if 'torchvision' not in sys.modules:
        try:
            import torchvision  # noqa: F401
        except Exception:
            for name in [n for n in sys.modules
                         if n.split('.')[0] == 'torchvision']:
                del sys.modules[name]
            sys.modules['torchvision'] = None
    return pytest.importorskip('transformers')


@pytest.mark.parametrize('kind, config, head', [
    ('GPT2Config', {'n_layer': 2, 'n_head': 2, 'n_embd': 32,
                    'vocab_size': 64, 'n_positions': 16}, 'GPT2LMHeadModel'),
    ('LlamaConfig', {'num_hidden_layers': 2, 'hidden_size': 32,
                     'intermediate_size': 48, 'num_attention_heads': 4,
                     'vocab_size': 64}, 'LlamaForCausalLM'),
    ('BertConfig', {'num_hidden_layers': 2, 'hidden_size': 32,
                    'intermediate_size': 48, 'num_attention_heads': 4,
                    'vocab_size': 64}, 'BertForMaskedLM')])
def test_models_of_transformers_run(client, transformers, kind, config, head):
    config = getattr(transformers, kind)(**config)

    def make():
        return getattr(transformers, head)(config)

    module = client.materialize(on_meta(make), seed=3)
    real = make()
    for name, buffer in real.named_buffers():
        assert torch.equal(dict(module.named_buffers())[name], buffer), name
    for name, theirs in real.state_dict().items():
        mine = module.state_dict()[name]
        assert mine.shape == theirs.shape
        if theirs.numel() > 200 and theirs.std() > 0:
            ratio = float(mine.std() / theirs.std())
            assert abs(math.log(ratio)) < SIGMAS / math.sqrt(theirs.numel())
    tied = (real.get_input_embeddings().weight
            is real.get_output_embeddings().weight)
    assert tied == (module.get_input_embeddings().weight
                    is module.get_output_embeddings().weight)
    loss = module(torch.arange(8)[None], labels=torch.arange(8)[None]).loss
    loss.backward()
    assert abs(float(loss) - math.log(64)) < 0.5
