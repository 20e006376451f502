/* SPDX-License-Identifier: MIT */
/*
 * Minimax in the relative error, by tests/oracle/bfloat16_rows.py.  The last
 * coefficient's high half is the low half of the one before it, so that one
 * lookup fetches both.
 */
#include "kernels/bfloat16.h"

#include <math.h>

/* clang-format off */
const float sow_bfloat16_table[SOW_BFLOAT16_ROWS][SOW_BFLOAT16_TERMS] = {
{0x0p+0, 0x1.40d934p-1, 0x1.4ff2a6p-5, 0x1.747dbap-8,
 0x1.b27346p-11, 0x1.46p-12},
{0x1.595674p-1, 0x1.92f8a4p-2, 0x1.9b75c2p-5, 0x1.be9bdep-6,
 -0x1.c67882p-8, 0x1.82p-7},
{0x1.267d2p+0, 0x1.3716bp-2, 0x1.a1dc14p-5, 0x1.972c5p-6,
 -0x1.ca786cp-8, 0x1.6cp-7},
{0x1.88bbf4p+0, 0x1.046096p-2, 0x1.860cc6p-5, 0x1.78f08cp-6,
 -0x1.b47854p-8, 0x1.54p-7},
{0x1.dcdbd4p+0, 0x1.c702bcp-3, 0x1.6916ep-5, 0x1.606e42p-6,
 -0x1.a2784p-8, 0x1.4p-7},
{0x1.13b216p+1, 0x1.9845b4p-3, 0x1.4fc704p-5, 0x1.4b1554p-6,
 -0x1.8e782ep-8, 0x1.2ep-7},
{0x1.357284p+1, 0x1.74f5a6p-3, 0x1.3ab7cap-5, 0x1.374026p-6,
 -0x1.78781ep-8, 0x1.1ep-7},
{0x1.547d06p+1, 0x1.592f32p-3, 0x1.280a34p-5, 0x1.29416cp-6,
 -0x1.707812p-8, 0x1.12p-7},
{0x1.715c6ap+1, 0x1.429bfep-3, 0x1.18373ep-5, 0x1.1bb8eep-6,
 -0x1.627806p-8, 0x1.06p-7},
{0x1.8c734p+1, 0x1.2fccf2p-3, 0x1.0ad942p-5, 0x1.0e91aep-6,
 -0x1.5277f6p-8, 0x1.f6p-8},
{0x1.a60a5ep+1, 0x1.1fdd46p-3, 0x1.fd24acp-6, 0x1.058e24p-6,
 -0x1.4e77e6p-8, 0x1.e6p-8},
{0x1.be596p+1, 0x1.121bcep-3, 0x1.e888f6p-6, 0x1.f5cefp-7,
 -0x1.4077d4p-8, 0x1.d4p-8},
{0x1.d58bcp+1, 0x1.061e1p-3, 0x1.d56252p-6, 0x1.e6294cp-7,
 -0x1.3a77c6p-8, 0x1.c6p-8},
{0x1.ebc456p+1, 0x1.f70918p-4, 0x1.c503bcp-6, 0x1.d3fd08p-7,
 -0x1.2c77b6p-8, 0x1.b6p-8},
{0x1.008fb4p+2, 0x1.e42de8p-4, 0x1.b590ecp-6, 0x1.c6a6cp-7,
 -0x1.2677aap-8, 0x1.aap-8},
};
/* clang-format on */

bool sow_bfloat16_takes(const struct sow_normal_f32 *law)
{
    float std = fabsf(law->std);

    return law->mean == 0 && std >= 0x1p-60f && std <= 0x1p60f;
}
