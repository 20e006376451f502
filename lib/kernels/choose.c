/* SPDX-License-Identifier: MIT */
/*
 * Choosing an engine: one list, fastest first.  AVX-512 stands above AVX2 since
 * it takes less than half the instructions; on processors that lower their
 * clock by more for wide vectors, name the other.  The bits are the same.
 */
#include <string.h>

#include "kernels/kernels.h"

static const struct sow_engine *const engines[] = {
#ifdef __x86_64__
    &sow_engine_avx512,
    &sow_engine_avx2,
#endif
    &sow_engine_portable,
};

#define ENGINES (sizeof engines / sizeof engines[0])

enum sow_status sow_engine_choose(const char *name,
                                  const struct sow_engine **engine)
{
    for (size_t i = 0; i < ENGINES; i++) {
        if (name != NULL && strcmp(name, engines[i]->name) != 0)
            continue;
        if (!engines[i]->runs_here())
            continue;
        *engine = engines[i];
        return SOW_OK;
    }
    return SOW_NO_ENGINE;
}

const char *sow_engine_name(const struct sow_engine *engine)
{
    return engine->name;
}

const char *sow_engine_at(size_t i)
{
    return i < ENGINES ? engines[i]->name : NULL;
}
