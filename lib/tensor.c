/* SPDX-License-Identifier: MIT */
/* From a spec to a resolved tensor. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "generators/drawing.h"
#include "generators/sow1.h"
#include "schemes/schemes.h"
#include "shape.h"
#include "sow.h"
#include "status.h"

/* Is 'value' the index of one of the parameter's choices? */
static bool is_choice(const struct sow_parameter *parameter, double value)
{
    for (int i = 0; parameter->choices[i] != NULL; i++)
        if (value == i)
            return true;
    return false;
}

static bool is_whole(double value)
{
    return value >= 0 && value <= 0x1p53 && value == (double)(uint64_t)value;
}

/* What is wrong with a parameter's value, or NULL. */
static const char *fault_of(const struct sow_parameter *parameter, double value)
{
    switch (parameter->kind) {
    case SOW_NUMBER:
        return NULL;
    case SOW_NON_NEGATIVE:
        return value >= 0 ? NULL : "must not be negative";
    case SOW_POSITIVE:
        return value > 0 ? NULL : "must be above 0";
    case SOW_PROBABILITY:
        return value >= 0 && value <= 1 ? NULL : "must be from 0 to 1";
    case SOW_COUNT:
        return is_whole(value) && value >= 1
                   ? NULL
                   : "must be a whole number of at least 1";
    case SOW_INDEX:
        return is_whole(value) ? NULL : "must be a whole number of at least 0";
    case SOW_CHOICE:
        return is_choice(parameter, value) ? NULL : "is none of its choices";
    case SOW_FLAG:
        return value == 0 || value == 1 ? NULL : "must be true or false";
    }
    return NULL;
}

static enum sow_status check_parameter(const struct sow_parameter *parameter,
                                       double value, struct sow_error *error)
{
    const char *fault = isfinite(value) ? fault_of(parameter, value)
                                        : "must be a finite number";

    if (fault == NULL)
        return SOW_OK;
    return sow_fail(error, SOW_BAD_PARAMETER, parameter->name, "%s %s",
                    parameter->name, fault);
}

static enum sow_status check_parameters(const struct sow_scheme *scheme,
                                        struct sow_error *error)
{
    for (uint32_t i = 0; i < scheme->info->parameter_count; i++) {
        enum sow_status status = check_parameter(&scheme->info->parameters[i],
                                                 scheme->values[i], error);

        if (status != SOW_OK)
            return status;
    }
    return SOW_OK;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* The largest magnitude among the numbers that the law computes with. */
static double law_magnitude(const struct sow_law *law)
{
    switch (law->kind) {
    case SOW_LAW_CONSTANT:
        return fabs(law->value);
    case SOW_LAW_UNIFORM:
        return larger(larger(fabs(law->uniform.low), fabs(law->uniform.high)),
                      law->uniform.high - law->uniform.low);
    case SOW_LAW_NORMAL:
    case SOW_LAW_TRUNCATED_NORMAL:
        return larger(fabs(law->normal.mean), law->normal.std);
    }
    return 0;
}

/* All but float64 compute in float32, and their parameters must fit there. */
static enum sow_status check_law(const struct sow_tensor *tensor,
                                 struct sow_error *error)
{
    double most = tensor->spec.dtype == SOW_FLOAT64 ? DBL_MAX : FLT_MAX;
    double made = tensor->law.make == NULL || isinf(tensor->law.most)
                      ? 0
                      : tensor->law.most * tensor->spec.multiplier;

    if (larger(law_magnitude(&tensor->law), made) <= most)
        return SOW_OK;
    return sow_fail(error, SOW_BAD_PARAMETER, "scheme",
                    "the scheme's numbers pass the largest %s, %.4g; use "
                    "smaller ones%s",
                    most == FLT_MAX ? "float32" : "float64", most,
                    most == FLT_MAX ? " or dtype float64" : "");
}

static enum sow_status set_fans(struct sow_tensor *tensor,
                                struct sow_error *error)
{
    const struct sow_scheme_info *info = tensor->spec.scheme.info;
    enum sow_status status;

    if (info->library != NULL &&
        (tensor->spec.layout != SOW_EXPLICIT || info->layout == SOW_TORCH))
        tensor->spec.layout = info->layout;
    status = sow_shape_axes(&tensor->spec.shape, tensor->spec.layout,
                            &tensor->spec.axes, error);
    if (status != SOW_OK)
        return status;
    tensor->has_fans =
        sow_shape_fans(&tensor->spec.shape, tensor->spec.layout,
                       tensor->spec.axes, &tensor->fan_in, &tensor->fan_out);
    if (info->fans && !tensor->has_fans)
        return sow_fail(error, SOW_BAD_SCHEME, "shape",
                        "%s needs fan_in and fan_out, so a shape of at least "
                        "2 dimensions; this one has %u",
                        info->name, tensor->spec.shape.rank);
    return SOW_OK;
}

/*
 * Scale the law's own numbers, unless its elements are made: those are
 * multiplied one by one.
 */
static enum sow_status multiply(struct sow_tensor *tensor,
                                struct sow_error *error)
{
    double by = tensor->spec.multiplier;
    struct sow_law *law = &tensor->law;

    if (!(by >= 0) || !isfinite(by))
        return sow_fail(error, SOW_BAD_PARAMETER, "multiplier",
                        "the multiplier must be a number of at least 0");
    tensor->std *= by;
    if (law->make != NULL)
        return SOW_OK;
    if (law->kind == SOW_LAW_CONSTANT) {
        law->value *= by;
    } else if (law->kind == SOW_LAW_UNIFORM) {
        law->uniform.low *= by;
        law->uniform.high *= by;
    } else {
        law->normal.mean *= by;
        law->normal.std *= by;
        law->normal.low *= by;
        law->normal.high *= by;
    }
    return SOW_OK;
}

enum sow_status sow_tensor_init(struct sow_tensor *tensor,
                                const struct sow_spec *spec,
                                struct sow_error *error)
{
    const struct sow_rule *rule = spec->scheme.info->rule;
    struct sow_tensor t = {
        .spec = *spec, .shape = spec->shape, .std = NAN, .law.most = INFINITY};
    enum sow_status status;

    status = sow_shape_size(&spec->shape, sow_dtype_size(spec->dtype),
                            &t.elements, &t.size, error);
    if (status != SOW_OK)
        return status;
    status = check_parameters(&spec->scheme, error);
    if (status != SOW_OK)
        return status;
    status = set_fans(&t, error);
    if (status != SOW_OK)
        return status;
    sow1_stream(spec->seed, "value", spec->name, &t.stream);
    status = rule->resolve(rule, &t, error);
    if (status != SOW_OK)
        return status;
    status = multiply(&t, error);
    if (status != SOW_OK)
        return status;
    status = check_law(&t, error);
    if (status == SOW_OK && spec->origin.start != NULL)
        status = sow_drawing_resolve(&t, error);
    if (status != SOW_OK)
        return status;
    *tensor = t;
    return SOW_OK;
}

struct sow_need sow_tensor_need(const struct sow_tensor *tensor)
{
    const struct sow_law *law = &tensor->law;

    return (struct sow_need){law->doubles, law->scratch, law->units, law->flops,
                             law->before};
}

enum sow_status sow_tensor_make_whole(const struct sow_engine *engine,
                                      const struct sow_tensor *tensor,
                                      uint32_t unit, double *whole,
                                      void *scratch,
                                      bool (*stop)(void *argument),
                                      void *argument)
{
    return tensor->law.prepare(engine, tensor, unit, whole, scratch, stop,
                               argument)
               ? SOW_OK
               : SOW_STOPPED;
}
