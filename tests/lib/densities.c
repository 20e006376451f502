/* SPDX-License-Identifier: MIT */
/* Schemes whose elements have a law that is known. */
#include "densities.h"

#include <math.h>

#define PI 3.14159265358979323846

#define MILLION SIDES(1024, 1024)
#define MASK SIDES(1048576)

static const struct density_row rows[] = {
    {"uniform", MILLION, 0, 1, {{"low", -1}, {"high", 3}}},
    {"normal", MILLION, 0, 1, {{"mean", 0.25}, {"std", 1.5}}},
    {"truncated_normal", MILLION, 0, 1, {{"mean", 1}, {"std", 0.5}}},
    {"truncated_normal", MILLION, 0, 1, {{"low", 1}, {"high", 4}}},
    {"truncated_normal", MILLION, 0, 1, {{"low", -9}, {"high", 2}}},
    {"torch.trunc_normal", MILLION, 0, 1, {{"std", 3}, {"b", 1}}},
    {"kaiming_uniform", MILLION, 0, 1, {{NULL, 0}}},
    {"he_normal", MILLION, 0, 1, {{NULL, 0}}},
    {"jax.he_normal", MILLION, 0, 1, {{NULL, 0}}},
    {"keras.glorot_uniform", MILLION, 0, 1, {{NULL, 0}}},
    {"constant", MILLION, 0, 1, {{"value", -2}}},
    {"zeros", MILLION, 0, 1, {{NULL, 0}}},
    {"uniform", MILLION, 0, 1, {{"low", 2}, {"high", 2}}},
    {"normal", MILLION, 0, 1, {{"mean", 3}, {"std", 0}}},
    {"binary", MILLION, 0, 1, {{"value", 2}, {"p_plus", 0.3}}},
    {"binary", MILLION, 0, 1, {{"p_plus", 1}}},
    {"sign_constant", MILLION, 0, 1, {{NULL, 0}}},
    {"signed_constant", MILLION, 0, 1, {{NULL, 0}}},
    {"unsigned_constant", MILLION, 0, 1, {{NULL, 0}}},
    {"xavier_constant", MILLION, 0, 1, {{NULL, 0}}},
    {"bernoulli_mask", MASK, 0, 1, {{"p", 0.1}}},
    {"score_uniform", MASK, 0, 1, {{NULL, 0}}},
    {"sparse", MILLION, 0, 1, {{"sparsity", 0.9}, {"std", 0.5}}},
    {"torch.sparse", MILLION, 0, 1, {{"sparsity", 0.25}}},
    {"sparse", MILLION, 0, 1, {{"sparsity", 1}}},
    {"torch.embedding", SIDES(16, 65536), 0, 1, {{"padding_idx", 5}}},
    {"icnr", SIDES(128, 910, 3, 3), 0, 4, {{NULL, 0}}},
    {"mirrored", MILLION, 0, 4, {{NULL, 0}}},
    {"mirrored", SIDES(256, 456, 3, 3), 0, 4, {{"kernel", 1}}},
    {"looks_linear", MILLION, 0, 2, {{NULL, 0}}},
    {"hadamard_signed", MILLION, 0, 1024, {{"gain", 3}}},
    {"orthogonal", SIDES(1024, 256), 0, 1, {{"gain", 1.5}}},
    {"orthogonal", SIDES(64, 512), 0, 1, {{NULL, 0}}},
    {"orthogonal", SIDES(262144, 2, 2), 1, 4, {{"gain", 2}}},
    {"orthogonal", SIDES(116508, 3, 3), 1, 9, {{NULL, 0}}},
    {"orthogonal", SIDES(65536, 4, 4), 1, 16, {{NULL, 0}}},
    {"orthogonal", SIDES(1048576, 1, 1), 1, 1, {{NULL, 0}}},
    {"mirrored", SIDES(512, 512), 0, 4, {{"base", 1}}},
    {"scaled_orthogonal", SIDES(256, 512), 0, 1, {{"n_layers", 8}}},
    {"delta_orthogonal", SIDES(256, 128, 3, 3), 0, 1, {{NULL, 0}}},
    {"weightnorm_gaussian", SIDES(131072, 8), 0, 8, {{NULL, 0}}},
};

const struct density_row *density_row_at(size_t i)
{
    return i < COUNT(rows) ? &rows[i] : NULL;
}

static void give(struct sow_spec *spec, const struct density_given given[4])
{
    for (size_t i = 0; i < 4 && given[i].parameter != NULL; i++)
        spec_set(spec, given[i].parameter, given[i].value);
}

struct sow_tensor density_tensor(const struct density_row *row)
{
    struct sow_spec spec = spec_make(row->scheme, SOW_FLOAT64, row->shape);

    give(&spec, row->given);
    if (row->batch > 0) {
        spec.layout = SOW_EXPLICIT;
        spec.axes = (struct sow_axes){.batch = 1, .out = 2, .in = 4};
    }
    return tensor_make(&spec);
}

struct sow_density density_of(const struct sow_tensor *tensor)
{
    struct sow_density density;
    struct sow_error error;

    ck_assert_msg(
        sow_density_init(&density, engine_at(0), tensor, &error) == SOW_OK,
        "%s is refused: %s", tensor->spec.scheme.info->name, error.text);
    return density;
}

/*
 * Over [low, high] by x = middle + half sin(t), which takes away the infinite
 * ends that a density in two dimensions has.
 */
struct integral density_integral(const struct sow_density *d, double low,
                                 double high)
{
    enum { POINTS = 4000 };
    double half = (high - low) / 2, middle = low + half;
    struct integral sum = {0, 0, 0};

    for (int i = 0; i < POINTS; i++) {
        double t = PI * ((i + 0.5) / POINTS - 0.5);
        double x = middle + half * sin(t);
        double y = sow_density_at(d, x) * half * cos(t) * PI / POINTS;

        sum.mass += y;
        sum.first += y * x;
        sum.second += y * x * x;
    }
    return sum;
}
