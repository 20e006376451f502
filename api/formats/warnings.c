/* SPDX-License-Identifier: MIT */
/* Warnings of a manifest. */
#include "formats/warnings.h"

#include "exchange.h"

#include <math.h>

/* A kind of warning, its name, and why it is one. */
struct warning {
    const char *name;
    bool (*is)(const struct sow_engine *engine, const struct model *model,
               size_t i);
    const char *why;
};

/* ------------------------------------------------------------------------
 * What there is to see
 */

/* The least number above 0 of each element type. */
static double least(enum sow_dtype dtype)
{
    static const int exponents[SOW_DTYPES] = {
        [SOW_FLOAT32] = -149,     [SOW_FLOAT64] = -1074,
        [SOW_FLOAT16] = -24,      [SOW_BFLOAT16] = -133,
        [SOW_FLOAT8_E4M3FN] = -9, [SOW_FLOAT8_E5M2] = -16,
    };

    return ldexp(1, exponents[dtype]);
}

/* A matrix, or a kernel: what biases and norms are not. */
static bool is_weight(const struct sow_tensor *tensor)
{
    return tensor->spec.shape.rank >= 2;
}

/* Are all elements one number, which is then 'value'? */
static bool is_constant(const struct sow_engine *engine,
                        const struct sow_tensor *tensor, double *value)
{
    const enum sow_dtype dtype = tensor->spec.dtype;
    unsigned char element[sizeof(double)];

    if (tensor->std != 0 || tensor->size == 0 ||
        sow_tensor_read(engine, tensor, 0, element, sow_dtype_size(dtype)))
        return false;
    sow_widen(dtype, element, value, 1);
    return true;
}

static bool has_no_fan(const struct sow_engine *engine,
                       const struct model *model, size_t i)
{
    const struct sow_tensor *tensor = &model->tensors[i];

    (void)engine;
    return tensor->has_fans && (tensor->fan_in == 0 || tensor->fan_out == 0);
}

/* The last weight of a model may well be 0: it is the first to learn. */
static bool is_hidden_zero(const struct sow_engine *engine,
                           const struct model *model, size_t i)
{
    double value;

    if (!is_weight(&model->tensors[i]) ||
        !is_constant(engine, &model->tensors[i], &value) || value != 0)
        return false;
    while (++i < model->count)
        if (is_weight(&model->tensors[i]))
            return true;
    return false;
}

static bool has_constant_rows(const struct sow_engine *engine,
                              const struct model *model, size_t i)
{
    const struct sow_tensor *tensor = &model->tensors[i];
    uint64_t outputs = 1;
    double value;

    for (uint32_t axis = 0; axis < tensor->spec.shape.rank; axis++)
        if (tensor->spec.axes.out >> axis & 1)
            outputs *= tensor->spec.shape.dims[axis];
    return is_weight(tensor) && tensor->has_fans && outputs > 1 &&
           is_constant(engine, tensor, &value) && value != 0;
}

static bool underflows(const struct sow_engine *engine,
                       const struct model *model, size_t i)
{
    const struct sow_tensor *tensor = &model->tensors[i];

    (void)engine;
    return tensor->std > 0 && tensor->std < least(tensor->spec.dtype);
}

/* ------------------------------------------------------------------------
 * Warnings
 */

static const struct warning warnings[] = {
    {"zero_fan", has_no_fan,
     "It has no inputs or no outputs, so no signal passes."},
    {"zero_layer", is_hidden_zero,
     "All its weights are 0 and other layers come after it: it passes neither "
     "signals nor gradients at first, which is meant only where something "
     "runs beside it, as around a residual branch or an adapter."},
    {"constant_rows", has_constant_rows,
     "All its weights are equal, so that its units are equal too, and stay so "
     "in training."},
    {"std_underflow", underflows,
     "The standard deviation is below the least number of its dtype: most "
     "values are rounded to the mean."},
};

static const struct warning *warning_of(const struct sow_engine *engine,
                                        const struct model *model, size_t i)
{
    for (size_t k = 0; k < sizeof warnings / sizeof warnings[0]; k++)
        if (warnings[k].is(engine, model, i))
            return &warnings[k];
    return NULL;
}

size_t warnings_next(const struct sow_engine *engine, const struct model *model,
                     size_t from)
{
    while (from < model->count && !warning_of(engine, model, from))
        from++;
    return from;
}

bool warnings_any(const struct api_exchange *exchange)
{
    const struct weights *weights = &exchange->weights;

    return weights->format->warns &&
           warnings_next(exchange->api->engine, &weights->model, 0) <
               weights->model.count;
}

void warnings_put(const struct sow_engine *engine, const struct model *model,
                  size_t i, struct text *text)
{
    const struct warning *warning = warning_of(engine, model, i);

    text_put(text, "{");
    text_put_member(text, "warning", warning->name);
    text_put_member(text, "name", model->tensors[i].spec.name);
    text_put_member(text, "why", warning->why);
    text_put(text, "}");
}
