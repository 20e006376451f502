# SPDX-License-Identifier: MIT
"""Initial weights from a sow daemon.

    client = sow.Client('http://127.0.0.1:8080')
    state = client.state_dict('init/gpt2', seed=42)

The standard library is all it needs; NumPy, torch and jax are for those who
want their tensors.
"""
from .client import Client
from .differences import Difference, verify
from .errors import DigestError, RecipeError, SowError
from .materialize import empty_parameters
from .modules import recipe_from_module

__all__ = ['Client', 'Difference', 'DigestError', 'RecipeError', 'SowError',
           'empty_parameters', 'recipe_from_module', 'verify']
__version__ = '0.1.0'
