/* SPDX-License-Identifier: MIT */
/* Tests of matrices in closed form: isometries, identities, known matrices. */
#include <math.h>
#include <stdlib.h>

#include "fitting.h"

Suite *basis_suite(void);

/* Rows of outputs, columns of (inputs, taps), of torch's layout. */
static double *matrix_of(const struct sow_tensor *tensor, uint64_t *rows,
                         uint64_t *columns)
{
    *rows = tensor->spec.shape.dims[0];
    *columns = tensor->elements / *rows;
    return tensor_values(tensor);
}

/* The shorter side's vectors must be orthogonal and of the length 'gain'. */
static void check_isometry(const struct sow_tensor *tensor, double gain,
                           double tolerance)
{
    uint64_t rows, columns;
    double *w = matrix_of(tensor, &rows, &columns);
    bool wide = rows <= columns;
    uint64_t vectors = wide ? rows : columns;
    uint64_t length = wide ? columns : rows;
    uint64_t step = wide ? 1 : columns;
    uint64_t next = wide ? columns : 1;

    for (uint64_t a = 0; a < vectors; a++)
        for (uint64_t b = 0; b <= a; b++) {
            double dot = 0;

            for (uint64_t i = 0; i < length; i++)
                dot += w[a * next + i * step] * w[b * next + i * step];
            MUST(fabs(dot - (a == b ? gain * gain : 0)) <= tolerance,
                 "%s %ux%u: vectors %u and %u have the product %g",
                 tensor->spec.scheme.info->name, (unsigned)rows,
                 (unsigned)columns, (unsigned)a, (unsigned)b, dot);
        }
    free(w);
}

START_TEST(signed_bases_are_isometries)
{
    static const struct {
        const char *scheme;
        struct sow_shape shape;
        double gain;
    } cases[] = {
        {"hadamard_signed", {2, {64, 64}}, 1},
        {"hadamard_signed", {2, {64, 37}}, 1},
        {"hadamard_signed", {2, {5, 128}}, 1.5},
        {"hadamard_signed", {2, {1, 1}}, 1},
        {"hadamard_signed", {4, {3, 4, 4, 4}}, 1},
        {"dct_signed", {2, {64, 64}}, 1},
        {"dct_signed", {2, {61, 61}}, 1},
        {"dct_signed", {2, {37, 61}}, 1},
        {"dct_signed", {2, {61, 37}}, -2},
        {"dct_signed", {2, {1, 1}}, 1},
        {"dct_signed", {4, {10, 4, 3, 3}}, 1},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sow_spec spec =
            spec_make(cases[i].scheme, SOW_FLOAT64, cases[i].shape);
        struct sow_tensor t;

        spec_set(&spec, "gain", cases[i].gain);
        t = tensor_make(&spec);
        check_isometry(&t, cases[i].gain, 1e-14);
        spec.dtype = SOW_FLOAT32;
        t = tensor_make(&spec);
        check_isometry(&t, cases[i].gain, 2e-6);
    }
}
END_TEST

/* Sylvester's construction: H(2n) = [[H, H], [H, -H]]. */
static double sylvester(uint64_t row, uint64_t column, uint64_t side)
{
    uint64_t half = side / 2;

    if (side == 1)
        return 1;
    if (row >= half && column >= half)
        return -sylvester(row - half, column - half, half);
    return sylvester(row % half, column % half, half);
}

/* w[i, j] / w[0, j] must be 'want', each column with a sign of its own. */
static void check_signed(const char *scheme, uint64_t side,
                         double (*want)(uint64_t i, uint64_t j, uint64_t n))
{
    struct sow_spec spec = spec_make(scheme, SOW_FLOAT64, SHAPE(side, side));
    struct sow_tensor t = tensor_make(&spec);
    double *w = tensor_values(&t);
    double minus = 0;

    for (uint64_t j = 0; j < side; j++) {
        double sign = w[j] > 0 ? 1 : -1;

        minus += sign < 0;
        for (uint64_t i = 0; i < side; i++)
            MUST(fabs(w[i * side + j] - sign * want(i, j, side)) <= 1e-15,
                 "%s[%u, %u] is %.17g, not +-%.17g", scheme, (unsigned)i,
                 (unsigned)j, w[i * side + j], want(i, j, side));
    }
    ck_assert_double_le(fabs(minus - (double)side / 2), 3 * sqrt((double)side));
    free(w);
}

static double want_hadamard(uint64_t i, uint64_t j, uint64_t n)
{
    return sylvester(i, j, n) / sqrt((double)n);
}

static double want_dct(uint64_t i, uint64_t j, uint64_t n)
{
    /* Less whole turns, which the product may have many of. */
    double angle =
        acos(-1) * (double)((2 * j + 1) * i % (4 * n)) / (double)(2 * n);

    return sqrt((i == 0 ? 1.0 : 2.0) / (double)n) * cos(angle);
}

START_TEST(signed_bases_are_the_known_matrices)
{
    check_signed("hadamard_signed", 1, want_hadamard);
    check_signed("hadamard_signed", 64, want_hadamard);
    check_signed("hadamard_signed", 256, want_hadamard);
    check_signed("dct_signed", 2, want_dct);
    check_signed("dct_signed", 30, want_dct);
    check_signed("dct_signed", 101, want_dct);
}
END_TEST

/* The same matrix in JAX's layout is the transpose. */
START_TEST(layouts_agree)
{
    static const char *const names[] = {"hadamard_signed", "dct_signed",
                                        "zero_hadamard", "idinit", "identity"};

    for (size_t n = 0; n < COUNT(names); n++) {
        struct sow_spec spec = spec_make(names[n], SOW_FLOAT32, SHAPE(64, 24));
        struct sow_tensor t = tensor_make(&spec);
        double *torch = tensor_values(&t);
        double *jax;

        spec.shape = SHAPE(24, 64);
        spec.layout = SOW_JAX;
        t = tensor_make(&spec);
        jax = tensor_values(&t);
        for (size_t i = 0; i < 64; i++)
            for (size_t j = 0; j < 24; j++)
                MUST(torch[i * 24 + j] == jax[j * 64 + i], "%s[%zu, %zu]",
                     names[n], i, j);
        free(torch);
        free(jax);
    }
}
END_TEST

/* The product I H I / 2^(c/2) of the paper's first algorithm, spelt out. */
static double want_zero(uint64_t i, uint64_t j, uint64_t rows, uint64_t columns)
{
    uint64_t side = 1;

    if (rows <= columns)
        return i == j;
    while (side < rows)
        side *= 2;
    return sylvester(i, j, side) / sqrt((double)side);
}

static double want_idinit(uint64_t i, uint64_t j, uint64_t rows,
                          uint64_t columns)
{
    uint64_t period = rows < columns ? rows : columns;

    return i % period == j % period;
}

static double want_identity(uint64_t i, uint64_t j, uint64_t rows,
                            uint64_t columns)
{
    (void)rows;
    (void)columns;
    return i == j;
}

static const struct {
    const char *scheme;
    double (*want)(uint64_t i, uint64_t j, uint64_t rows, uint64_t columns);
} centred[] = {
    {"zero_hadamard", want_zero},
    {"idinit", want_idinit},
    {"identity", want_identity},
    {"irnn", want_identity},
};

START_TEST(centred_matrices_are_as_defined)
{
    static const struct sow_shape shapes[] = {
        {2, {4, 4}},       {2, {5, 3}},          {2, {3, 5}},
        {2, {20, 7}},      {2, {1, 1}},          {2, {6, 13}},
        {3, {6, 4, 3}},    {3, {4, 6, 4}},       {4, {5, 3, 3, 3}},
        {4, {3, 3, 5, 4}}, {5, {7, 2, 1, 2, 3}},
    };

    for (size_t n = 0; n < COUNT(centred); n++)
        for (size_t s = 0; s < COUNT(shapes); s++) {
            struct sow_spec spec =
                spec_make(centred[n].scheme, SOW_FLOAT64, shapes[s]);
            struct sow_tensor t = tensor_make(&spec);
            const uint64_t *dims = shapes[s].dims;
            double *w = tensor_values(&t);

            for (uint64_t e = 0; e < t.elements; e++) {
                uint64_t rest = e;
                bool centre = true;
                double want;

                for (uint32_t axis = shapes[s].rank; axis-- > 2;) {
                    centre = centre && rest % dims[axis] == dims[axis] / 2;
                    rest /= dims[axis];
                }
                want = centre ? centred[n].want(rest / dims[1], rest % dims[1],
                                                dims[0], dims[1])
                              : 0;
                MUST(fabs(w[e] - want) <= 1e-16, "%s: element %u is %g, not %g",
                     centred[n].scheme, (unsigned)e, w[e], want);
            }
            free(w);
        }
}
END_TEST

START_TEST(other_shapes_are_refused)
{
    struct sow_spec spec =
        spec_make("hadamard_signed", SOW_FLOAT32, SHAPE(12, 4));

    spec_refused(&spec, SOW_BAD_SCHEME, "shape");
    spec.shape = SHAPE(4, 2, 3);
    spec_refused(&spec, SOW_BAD_SCHEME, "shape");
    spec.shape = SHAPE(8);
    spec_refused(&spec, SOW_BAD_SCHEME, "shape");
    spec.shape = SHAPE(2, 4, 4);
    spec.layout = SOW_EXPLICIT;
    spec.axes = (struct sow_axes){.in = 2, .out = 4, .batch = 1};
    spec_refused(&spec, SOW_BAD_AXES, "batch_axes");
    spec =
        spec_make("dct_signed", SOW_FLOAT32, SHAPE((UINT64_C(1) << 31) + 1, 4));
    spec_refused(&spec, SOW_BAD_SCHEME, "shape");
    spec = spec_make("identity", SOW_FLOAT32, SHAPE(5));
    spec_refused(&spec, SOW_BAD_SCHEME, "shape");
}
END_TEST

Suite *basis_suite(void)
{
    Suite *suite = suite_create("basis");
    TCase *cases = tcase_create("basis");

    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, signed_bases_are_isometries);
    tcase_add_test(cases, signed_bases_are_the_known_matrices);
    tcase_add_test(cases, layouts_agree);
    tcase_add_test(cases, centred_matrices_are_as_defined);
    tcase_add_test(cases, other_shapes_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
