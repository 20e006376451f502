/* SPDX-License-Identifier: MIT */
/*
 * What lib's suites share: specs and tensors in a line, engines that run
 * here, the bits of floats.  What can't be made fails the running test.
 */
#ifndef HELP_H
#define HELP_H

#include <check.h>

#include "sow.h"
#include "count.h"

/* A shape of one or more dimensions. */
#define SHAPE(...)                                                            \
    ((struct sow_shape){sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), \
                        {__VA_ARGS__}})

/*
 * A spec with the scheme's defaults, seed 42, no name and torch's layout.
 * Required parameters are 0 until set.
 */
struct sow_spec spec_make(const char *scheme, enum sow_dtype dtype,
                          struct sow_shape shape);

void spec_set(struct sow_spec *spec, const char *parameter, double value);

struct sow_tensor tensor_make(const struct sow_spec *spec);

/*
 * The spec must be refused with 'status', the tensor be left alone, and the
 * error be filled in and name 'at'.
 */
void spec_refused(const struct sow_spec *spec, enum sow_status status,
                  const char *at);

/*
 * The i-th engine that this CPU runs, or NULL past the last.  There are at most
 * ENGINES.
 */
#define ENGINES 3
const struct sow_engine *engine_at(size_t i);

/* All of a tensor's bytes by the portable engine; to be freed. */
uint8_t *tensor_bytes(const struct sow_tensor *tensor);

/* All of its elements, widened; to be freed. */
double *tensor_values(const struct sow_tensor *tensor);

/* malloc() that fails the test. */
void *must_allocate(size_t size);

uint32_t f32_bits(float value);
float f32_of(uint32_t bits);
uint64_t f64_bits(double value);
double f64_of(uint64_t bits);

/* A well mixed 64-bit function of 'i', for samples. */
uint64_t mix(uint64_t i);

#endif
