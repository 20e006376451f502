/* SPDX-License-Identifier: MIT */
/* States of NumPy's generators in JSON; for state_json.c. */
#ifndef STATE_NUMPY_H
#define STATE_NUMPY_H

#include "formats/text.h"

#include <jansson.h>

/* Little-endian numbers of up to 8 bytes. */
void state_store(uint8_t *bytes, uint64_t number, size_t size);
uint64_t state_load(const uint8_t *bytes, size_t size);

/* Read a whole number from 0 to 'most'; false when 'json' is none. */
bool state_integer(const json_t *json, uint64_t most, uint64_t *number);

/* The bit generator that 'generator' is: "PCG64" or "PCG64DXSM". */
const char *state_pcg64_name(const struct sow_generator *generator);

/* Read the dict of a Generator, or of a RandomState; false for others. */
bool state_read_pcg64(const struct sow_generator *generator, const json_t *json,
                      uint8_t *bytes);
bool state_read_mt19937(const json_t *json, uint8_t *bytes);

/* Add such a dict. */
void state_put_pcg64(struct text *text, const struct sow_generator *generator,
                     const uint8_t *bytes);
void state_put_mt19937(struct text *text, const struct sow_generator *generator,
                       const uint8_t *bytes);

#endif
