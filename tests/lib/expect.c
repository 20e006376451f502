/* SPDX-License-Identifier: MIT */
/* What tests of one family of schemes after another expect. */
#include "expect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "whole.h"

double *spec_values(const struct sow_spec *spec)
{
    struct sow_tensor tensor = tensor_make(spec);
    double *values;

    whole_make(engine_at(0), &tensor, false);
    values = tensor_values(&tensor);
    whole_free(&tensor);
    return values;
}

double *scheme_values(const char *scheme, struct sow_shape shape)
{
    struct sow_spec spec = spec_make(scheme, SOW_FLOAT64, shape);

    return spec_values(&spec);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* What rounding to float32 may add to a bound. */
#define ROUNDING 1e-6

void expect_uniform(double *x, size_t n, double low, double high)
{
    double d = 0;

    qsort(x, n, sizeof *x, ascending);
    for (size_t i = 0; i < n; i++) {
        double p = (x[i] - low) / (high - low);

        MUST(p >= -ROUNDING && p <= 1 + ROUNDING, "%g is not in [%g, %g]", x[i],
             low, high);
        d = fmax(d, fmax(p - (double)i / (double)n,
                         (double)(i + 1) / (double)n - p));
    }
    MUST(d < sqrt(log(2e6) / 2 / (double)n), "D is %g of %zu numbers", d, n);
}

void expect_refusals(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sow_spec spec =
            spec_make(refusals[i].scheme, SOW_FLOAT64, refusals[i].shape);

        if (refusals[i].parameter != NULL)
            spec_set(&spec, refusals[i].parameter, refusals[i].value);
        spec_refused(&spec, refusals[i].status, refusals[i].at);
    }
}

void expect_digest(struct sow_sha256 *hash, const char *what, const char *want)
{
    uint8_t digest[SOW_DIGEST_BYTES];
    char hex[2 * SOW_DIGEST_BYTES + 1];

    sow_sha256_finish(hash, digest);
    sow_digest_hex(digest, hex);
    ck_assert_msg(strcmp(hex, want) == 0, "%s: %s, not %s", what, hex, want);
}
