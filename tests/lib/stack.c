/* SPDX-License-Identifier: MIT */
/* Stacks of layers for the suites of lib/analysis. */
#include "stack.h"

#include <math.h>
#include <string.h>

void stack_init(struct stack *stack, size_t count, uint64_t n,
                const char *activation, double sigma_w2, double sigma_b2)
{
    sow_analysis_input_init(&stack->input);
    stack->count = count;
    for (size_t i = 0; i < count; i++) {
        struct sow_analysis_layer *layer = &stack->layers[i];

        sow_analysis_layer_init(layer, n, n);
        layer->weight.variance = sigma_w2 / (double)n;
        layer->bias_variance = sigma_b2;
        layer->activation = sow_analysis_activation_find(activation);
        ck_assert_msg(layer->activation != NULL, "there is no %s", activation);
        layer->parameter = layer->activation->value;
    }
}

void stack_run(struct stack *stack)
{
    struct sow_error error;

    ck_assert_msg(sow_analysis_run(&stack->input, stack->layers, stack->count,
                                   stack->results, &stack->summary, NULL, NULL,
                                   &error) == SOW_OK,
                  "refused: %s", error.text);
    stack->verdict_count =
        sow_analysis_verdicts(&stack->input, stack->layers, stack->count,
                              stack->results, &stack->summary, stack->verdicts);
    ck_assert_uint_le(stack->verdict_count, SOW_VERDICTS);
}

const struct sow_verdict *stack_verdict(const struct stack *stack,
                                        const char *name)
{
    for (size_t i = 0; i < stack->verdict_count; i++)
        if (strcmp(sow_verdict_name(stack->verdicts[i].kind), name) == 0)
            return &stack->verdicts[i];
    return NULL;
}

const struct sow_verdict *stack_expect(const struct stack *stack,
                                       const char *name)
{
    const struct sow_verdict *v = stack_verdict(stack, name);

    ck_assert_msg(v != NULL, "no verdict %s", name);
    ck_assert_uint_gt(strlen(v->text), 30);
    ck_assert_uint_lt(strlen(v->text), sizeof v->text - 1);
    ck_assert_uint_lt(strlen(v->advice.text), sizeof v->advice.text - 1);
    ck_assert_uint_gt(strlen(v->source), 5);
    ck_assert(!isnan(v->number));
    ck_assert(v->first <= v->layer && v->layer <= v->last);
    return v;
}

void stack_expect_none(const struct stack *stack, const char *name)
{
    const struct sow_verdict *v = stack_verdict(stack, name);

    ck_assert_msg(v == NULL, "%s: %s", name, v == NULL ? "" : v->text);
}

void expect_close(const char *what, double a, double b, double tolerance)
{
    ck_assert_msg(fabs(a - b) <= tolerance * fabs(b),
                  "%s is %.15g, not %.15g within %g of it", what, a, b,
                  tolerance);
}
