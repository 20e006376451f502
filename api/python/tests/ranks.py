# SPDX-License-Identifier: MIT
"""What the ranks of test_dtensor.py do: a file of its own, so that they can
be spawned.  A collective while weights are filled is an error."""
import os
import sys

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, Replicate, Shard
from torch.distributed.tensor import distribute_tensor
from torch.distributed.tensor.parallel import (
    ColwiseParallel, RowwiseParallel, parallelize_module)
from torch.utils._python_dispatch import TorchDispatchMode


class Block(nn.Module):
    def __init__(self, size, inner):
        super().__init__()
        self.up = nn.Linear(size, inner)
        self.down = nn.Linear(inner, size)

    def forward(self, x):
        return x + self.down(self.up(x).relu())


class Model(nn.Module):
    """Odd sizes: with four ranks some shards are uneven and some empty."""

    def __init__(self, tied=False):
        super().__init__()
        self.embed = nn.Embedding(11, 8)
        self.blocks = nn.ModuleList(Block(8, 16) for _ in range(2))
        self.odd = nn.Linear(8, 3)
        self.norm = nn.BatchNorm1d(8)
        self.gain = nn.PReLU()
        self.head = nn.Linear(8, 11, bias=False)
        if tied:
            self.head.weight = self.embed.weight

    def forward(self, ids):
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x)
        return self.head(self.gain(self.norm(x)))


def make(kind):
    with torch.device('meta'):
        return Model(tied=kind == 'tied')


def fsdp(module, mesh=None):
    for block in module.blocks:
        fully_shard(block, mesh=mesh)
    fully_shard(module, mesh=mesh)


def tensor_parallel(module, mesh):
    for block in module.blocks:
        parallelize_module(block, mesh, {'up': ColwiseParallel(),
                                         'down': RowwiseParallel()})


def shard_fsdp(module, world):
    fsdp(module, init_device_mesh('cpu', (world,)))


def shard_emptied(module, world):
    shard_fsdp(module, world)
    module.to_empty(device='cpu')


def shard_tp(module, world):
    tensor_parallel(module, init_device_mesh('cpu', (world,)))


def shard_both(module, world):
    mesh = init_device_mesh('cpu', (world // 2, 2),
                            mesh_dim_names=('dp', 'tp'))
    tensor_parallel(module, mesh['tp'])
    fsdp(module, mesh['dp'])


def shard_hybrid(module, world):
    fsdp(module, init_device_mesh('cpu', (2, world // 2),
                                  mesh_dim_names=('replicate', 'shard')))


def shard_grid(module, world):
    """Two placements on each parameter, along other dimensions or along one
    and the same; and replicas."""
    mesh = init_device_mesh('cpu', (2, world // 2))
    for part in module.modules():
        for name, p in list(part.named_parameters(recurse=False)):
            where = [Shard(0), Shard(1 if p.dim() > 1 else 0)]
            if p.shape[0] == 11:
                where = [Shard(0), Shard(0)]
            if name == 'bias':
                where = [Replicate(), Shard(0)]
            setattr(part, name, nn.Parameter(
                distribute_tensor(p, mesh, where)))


class NoCollectives(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = str(func)
        if 'c10d' in name:
            raise AssertionError(f'{name} while weights are filled')
        return func(*args, **(kwargs or {}))


def fill(url, kind, world):
    """A module with this rank's shards, filled; and its whole state."""
    import sow
    module = make(kind)
    shard = 'fsdp' if kind == 'tied' else kind
    recipe = sow.recipe_from_module(make(kind), 5)
    globals()[f'shard_{shard}'](module, world)
    with NoCollectives(), sow.Client(url) as client:
        client.fill_dtensor_(module, recipe)
    if kind == 'tied':
        assert module.head.weight is module.embed.weight
    state = {}
    for name, tensor in module.state_dict().items():
        assert not tensor.is_meta, name
        state[name] = (tensor.full_tensor() if isinstance(tensor, DTensor)
                       else tensor.clone())
    return module, state


def scattered_rows_are_refused():
    """Strided so that a rank holds rows 0 and 2, or 1 and 3, of its four."""
    from torch.distributed.tensor.placement_types import _StridedShard
    import sow
    from sow.dtensor import shard
    mesh = init_device_mesh('cpu', (2, 2))
    tensor = DTensor.from_local(
        torch.empty(2, 3), mesh, [Shard(0), _StridedShard(0, split_factor=2)],
        run_check=False, shape=torch.Size((8, 3)), stride=(3, 1))
    try:
        raise AssertionError(f'{shard(tensor)[0]} is not what a rank holds')
    except sow.RecipeError as error:
        assert 'not one block' in str(error), error


def collectives_are_seen():
    try:
        with NoCollectives():
            dist.all_reduce(torch.ones(1))
    except AssertionError:
        return
    raise RuntimeError('a collective passed')


def gather(rank, world, url, kinds, folder):
    """One rank; the first saves the state of each kind."""
    sys.path.insert(0, os.path.dirname(os.path.dirname(__file__)))
    torch.set_num_threads(1)
    dist.init_process_group(
        'gloo', init_method=f'file://{folder}/rendezvous', rank=rank,
        world_size=world)
    collectives_are_seen()
    if world == 4:
        scattered_rows_are_refused()
    for kind in kinds:
        module, state = fill(url, kind, world)
        if kind in ('fsdp', 'emptied', 'both', 'hybrid', 'tied'):
            out = module(torch.arange(8))
            out.sum().backward()
            assert torch.isfinite(out).all()
        if rank == 0:
            torch.save(state, f'{folder}/{kind}')
    dist.barrier()
    dist.destroy_process_group()


def gather_fsdp1(rank, world, url, folder):
    """One rank of a FullyShardedDataParallel, made by param_init_fn."""
    import sow
    from torch.distributed.fsdp import FullyShardedDataParallel as FSDP
    from torch.distributed.fsdp.wrap import ModuleWrapPolicy
    torch.set_num_threads(1)
    dist.init_process_group(
        'gloo', init_method=f'file://{folder}/rendezvous', rank=rank,
        world_size=world)
    module = make('fsdp1')
    with sow.Client(url) as client:
        fill = client.param_init_fn(module, seed=5)
        module = FSDP(module, auto_wrap_policy=ModuleWrapPolicy({Block}),
                      param_init_fn=fill, device_id=torch.device('cpu'))
    with FSDP.summon_full_params(module):
        if rank == 0:
            torch.save({name: tensor.clone() for name, tensor
                        in module.module.state_dict().items()},
                       f'{folder}/fsdp1')
    dist.barrier()
    dist.destroy_process_group()
