/* SPDX-License-Identifier: MIT */
/* Stacks of layers for the suites of lib/analysis. */
#ifndef STACK_H
#define STACK_H

#include "analysis/analysis.h"
#include "help.h"

#define STACK 256

struct stack {
    struct sow_analysis_input input;
    struct sow_analysis_layer layers[STACK];
    size_t count;
    struct sow_analysis_result results[STACK];
    struct sow_analysis_summary summary;
    struct sow_verdict verdicts[SOW_VERDICTS];
    size_t verdict_count;
};

/*
 * 'count' equal layers, n wide, with weights of variance sigma_w2 / n and
 * biases of variance sigma_b2, in front of 'activation'.
 */
void stack_init(struct stack *stack, size_t count, uint64_t n,
                const char *activation, double sigma_w2, double sigma_b2);

/* Run it, and its verdicts; it must succeed. */
void stack_run(struct stack *stack);

/* The verdict of that name, or NULL. */
const struct sow_verdict *stack_verdict(const struct stack *stack,
                                        const char *name);

/* The same; there must be one, whole and with its numbers, or none. */
const struct sow_verdict *stack_expect(const struct stack *stack,
                                       const char *name);
void stack_expect_none(const struct stack *stack, const char *name);

/* |a - b| <= tolerance |b|, with both in the message. */
void expect_close(const char *what, double a, double b, double tolerance);

#endif
