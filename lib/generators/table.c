/* SPDX-License-Identifier: MIT */
/* The table of generators, sow1 first. */
#include <string.h>

#include "generators/drawing.h"
#include "generators/jax.h"
#include "generators/numpy.h"
#include "generators/torch.h"

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct sow_generator generators[] = {
    {.name = "sow1",
     .last_seed = UINT64_MAX,
     .certified = true,
     .summary = "sow's own: a value depends on the seed, the tensor's name and "
                "its position",
     .versions = "every version of sow"},
    {.name = "torch/linux-x86_64-avx2@2.13",
     .aliases = NAMES("torch"),
     .library = "torch",
     .sequential = true,
     .negative = true,
     .last_seed = UINT64_MAX,
     .certified = true,
     .summary = "torch on a CPU: torch.manual_seed, then torch.nn.init and "
                "the modules' own parameters",
     .versions = "PyTorch 2.13 for Linux, x86-64 with AVX2; float64 normals as "
                 "glibc 2.36 has log, sin and cos",
     .drawing = &sow_torch_drawing,
     .variant = SOW_TORCH_2_13},
    {.name = "torch/linux-x86_64-avx2@2.12",
     .library = "torch",
     .sequential = true,
     .negative = true,
     .last_seed = UINT64_MAX,
     .summary = "the same but for normals in bfloat16 and float16, which 2.12 "
                "drew with the C library",
     .versions = "PyTorch 2.12 for Linux, x86-64 with AVX2; float64 normals as "
                 "glibc 2.36 has log, sin and cos",
     .drawing = &sow_torch_drawing,
     .variant = SOW_TORCH_2_12},
    {.name = "torch/linux-x86_64-avx2@2.11",
     .library = "torch",
     .sequential = true,
     .negative = true,
     .last_seed = UINT64_MAX,
     .summary = "the same before 2.12, which drew narrow types with few bits "
                "and trunc_normal by MKL's erfinv",
     .versions = "PyTorch 1.13 to 2.11 for Linux, x86-64 with AVX2; float64 "
                 "normals as glibc 2.36 has log, sin and cos",
     .drawing = &sow_torch_drawing,
     .variant = SOW_TORCH_1_13},
    {.name = "jax/threefry@0.10",
     .aliases = NAMES("jax", "jax/threefry"),
     .library = "jax",
     .negative = true,
     .last_seed = INT64_MAX,
     .certified = true,
     .summary = "jax.random and jax.nn.initializers on a CPU, a key for each "
                "tensor",
     .versions = "jax and jaxlib 0.10.2, x86-64 with AVX2 and FMA; "
                 "float64 normals with glibc 2.36",
     .drawing = &sow_jax_drawing,
     .variant = SOW_JAX_PARTITIONABLE},
    {.name = "jax/threefry-original@0.10",
     .aliases = NAMES("jax/threefry-original"),
     .library = "jax",
     .negative = true,
     .last_seed = INT64_MAX,
     .certified = true,
     .summary = "the same with jax_threefry_partitionable off, as it was "
                "until 0.4",
     .versions = "jax and jaxlib 0.10.2, x86-64 with AVX2 and FMA; "
                 "float64 normals with glibc 2.36",
     .drawing = &sow_jax_drawing,
     .variant = SOW_JAX_ORIGINAL},
    {.name = "flax/linen",
     .aliases = NAMES("flax", "flax/linen@0.12"),
     .library = "jax",
     .negative = true,
     .last_seed = INT64_MAX,
     .certified = true,
     .summary = "parameters of a flax.linen module's init: a key from each "
                "one's scope and its place there",
     .versions = "flax 0.12.8 with jax and jaxlib 0.10.2, as jax",
     .drawing = &sow_jax_drawing,
     .variant = SOW_JAX_PARTITIONABLE},
    {.name = "flax/nnx",
     .aliases = NAMES("flax/nnx@0.12"),
     .library = "jax",
     .negative = true,
     .last_seed = INT64_MAX,
     .certified = true,
     .summary = "parameters of flax.nnx modules made with nnx.Rngs(seed), in "
                "order",
     .versions = "flax 0.12.8 with jax and jaxlib 0.10.2, as jax",
     .drawing = &sow_jax_drawing,
     .variant = SOW_JAX_PARTITIONABLE},
    {.name = "numpy/pcg64",
     .aliases = NAMES("numpy"),
     .library = "numpy",
     .sequential = true,
     .last_seed = UINT64_MAX,
     .certified = true,
     .summary = "numpy.random.default_rng(seed), a Generator with PCG64",
     .versions = "numpy 1.24 to 2.3, x86-64 with FMA; the tails of its normals "
                 "as on glibc 2.36 of Debian 12, float32's up to glibc 2.40",
     .drawing = &sow_numpy_drawing,
     .variant = SOW_NUMPY_PCG64},
    {.name = "numpy/pcg64@glibc2.41",
     .library = "numpy",
     .sequential = true,
     .last_seed = UINT64_MAX,
     .certified = true,
     .summary = "the same on newer systems: a few float32 normals in a million "
                "differ",
     .versions = "numpy 1.24 to 2.3, x86-64 with FMA, glibc 2.41",
     .drawing = &sow_numpy_drawing,
     .variant = SOW_NUMPY_PCG64 | SOW_NUMPY_ROUNDED},
    {.name = "numpy/pcg64dxsm",
     .library = "numpy",
     .sequential = true,
     .last_seed = UINT64_MAX,
     .certified = true,
     .summary = "numpy.random.Generator(PCG64DXSM(seed))",
     .versions = "numpy 1.24 to 2.3, x86-64 with FMA; the tails of its normals "
                 "as on glibc 2.36 of Debian 12, float32's up to glibc 2.40",
     .drawing = &sow_numpy_drawing,
     .variant = SOW_NUMPY_DXSM},
    {.name = "numpy/pcg64dxsm@glibc2.41",
     .library = "numpy",
     .sequential = true,
     .last_seed = UINT64_MAX,
     .certified = true,
     .summary = "the same on newer systems: a few float32 normals in a million "
                "differ",
     .versions = "numpy 1.24 to 2.3, x86-64 with FMA, glibc 2.41",
     .drawing = &sow_numpy_drawing,
     .variant = SOW_NUMPY_DXSM | SOW_NUMPY_ROUNDED},
    {.name = "numpy/randomstate",
     .library = "numpy",
     .sequential = true,
     .last_seed = UINT32_MAX,
     .certified = true,
     .summary = "numpy.random.RandomState(seed), and numpy.random.seed(seed) "
                "with its functions",
     .versions = "every version of numpy, x86-64 with FMA; normals as on glibc "
                 "2.28 or newer",
     .drawing = &sow_randomstate_drawing,
     .variant = SOW_NUMPY_RANDOMSTATE},
};

#define GENERATORS (sizeof generators / sizeof generators[0])

const struct sow_generator *sow_generator_at(size_t i)
{
    return i < GENERATORS ? &generators[i] : NULL;
}

static bool is_called(const struct sow_generator *generator, const char *name)
{
    const char *const *alias = generator->aliases;

    if (strcmp(generator->name, name) == 0)
        return true;
    while (alias != NULL && *alias != NULL)
        if (strcmp(*alias++, name) == 0)
            return true;
    return false;
}

const struct sow_generator *sow_generator_find(const char *name)
{
    for (size_t i = 0; i < GENERATORS; i++)
        if (is_called(&generators[i], name))
            return &generators[i];
    return NULL;
}
