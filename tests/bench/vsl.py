# SPDX-License-Identifier: MIT
"""The generators of Intel's MKL (VSL), by ctypes, from PyPI's package mkl.

Sequential: one thread.  On processors of other makers MKL chooses its code by
itself, too; it is measured as it is.
"""

import ctypes
import glob
import os
import sys

# mkl_vsl_defines.h
PHILOX, MT2203 = 16 << 20, 9 << 20
SOURCES = {'Philox': PHILOX, 'MT2203': MT2203}
GAUSSIANS = {'Box-Muller': 0, 'Box-Muller 2': 1, 'ICDF': 2}
UNIFORM = 0
SEED = 42


def load():
    """The library; ImportError where it isn't."""
    found = glob.glob(os.path.join(sys.prefix, 'lib', 'libmkl_rt.so.*'))
    if not found:
        raise ImportError('no libmkl_rt: see tests/bench/requirements.txt')
    os.environ['MKL_THREADING_LAYER'] = 'SEQUENTIAL'
    os.environ['MKL_NUM_THREADS'] = '1'
    return ctypes.CDLL(found[0])


def version(library):
    text = ctypes.create_string_buffer(200)
    library.mkl_get_version_string(text, len(text))
    words = text.value.decode().split()
    return words[words.index('Version') + 1]


def new_stream(library, source):
    stream = ctypes.c_void_p()
    if library.vslNewStream(ctypes.byref(stream), source, SEED) != 0:
        raise RuntimeError('vslNewStream')
    return stream


def filler(function, method, stream, out, low, high):
    """A call that fills 'out' once."""
    arguments = (method, stream, len(out), out, ctypes.c_float(low),
                 ctypes.c_float(high))

    def fill():
        if function(*arguments) != 0:
            raise RuntimeError(f'{function.__name__} fails')

    return fill


def calls(elements):
    """The version, and a call that makes 'elements' float32 for each name."""
    library = load()
    out = (ctypes.c_float * elements)()
    found = {}
    for name, source in SOURCES.items():
        stream = new_stream(library, source)
        found[f'MKL {name} uniform'] = filler(
            library.vsRngUniform, UNIFORM, stream, out, 0, 1)
        for method, number in GAUSSIANS.items():
            found[f'MKL {name} {method}'] = filler(
                library.vsRngGaussian, number, stream, out, 0, 1)
    return version(library), found
