/* SPDX-License-Identifier: MIT */
/* States in JSON. */
#include "state_json.h"

#include "base64.h"
#include "state_numpy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static enum problem_code refuse(const struct value *value, const char *why,
                                struct problem *problem)
{
    return problem_set(problem, PROBLEM_BAD_GENERATOR,
                       place_text(value->place).text, "'state' must be %s.",
                       why);
}

/* ------------------------------------------------------------------------
 * Base64
 */

static bool decode(const char *text, uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const int byte = base64_byte(text, i);
        if (byte < 0)
            return false;
        bytes[i] = (uint8_t)byte;
    }
    return base64_is_padded(text, size);
}

static enum problem_code read_base64(const struct sow_generator *generator,
                                     const struct value *value, uint8_t *bytes,
                                     struct problem *problem)
{
    const size_t size = sow_state_size(generator);
    char why[160];

    if (json_string_length(value->json) == base64_characters(size) &&
        decode(json_string_value(value->json), bytes, size))
        return PROBLEM_NONE;
    snprintf(why, sizeof why,
             "the %zu bytes of torch.get_rng_state() in base64, %zu "
             "characters: base64.b64encode(bytes(torch.get_rng_state()))",
             size, base64_characters(size));
    return refuse(value, why, problem);
}

static void put_base64(struct text *text, const struct sow_generator *generator,
                       const uint8_t *bytes)
{
    const size_t size = sow_state_size(generator);

    text_put(text, "\"");
    for (size_t i = 0; i < size; i += 3) {
        char four[4];
        base64_write(bytes + i, size - i < 3 ? size - i : 3, four);
        text_add(text, four, sizeof four);
    }
    text_put(text, "\"");
}

/* ------------------------------------------------------------------------
 * Keys
 */

static enum problem_code read_key(const struct sow_generator *generator,
                                  const struct value *value, uint8_t *bytes,
                                  struct problem *problem)
{
    (void)generator;
    for (size_t i = 0; i < 2; i++) {
        uint64_t word;
        if (json_array_size(value->json) != 2 ||
            !state_integer(json_array_get(value->json, i), UINT32_MAX, &word))
            return refuse(value,
                          "the two words of a key, as in [0, 42]: "
                          "jax.random.key_data(key).tolist()",
                          problem);
        state_store(bytes + 4 * i, word, 4);
    }
    return PROBLEM_NONE;
}

static void put_key(struct text *text, const struct sow_generator *generator,
                    const uint8_t *bytes)
{
    (void)generator;
    text_put(text, "[");
    text_put_integer(text, state_load(bytes, 4));
    text_put(text, ",");
    text_put_integer(text, state_load(bytes + 4, 4));
    text_put(text, "]");
}

/* ------------------------------------------------------------------------
 * The forms
 */

static enum problem_code read_generator(const struct sow_generator *generator,
                                        const struct value *value,
                                        uint8_t *bytes, struct problem *problem)
{
    char why[160];

    if (state_read_pcg64(generator, value->json, bytes))
        return PROBLEM_NONE;
    snprintf(why, sizeof why,
             "the dict that bit_generator.state of a %s is, with its numbers "
             "of 128 bits as decimal strings",
             state_pcg64_name(generator));
    return refuse(value, why, problem);
}

static enum problem_code read_random(const struct sow_generator *generator,
                                     const struct value *value, uint8_t *bytes,
                                     struct problem *problem)
{
    (void)generator;
    if (state_read_mt19937(value->json, bytes))
        return PROBLEM_NONE;
    return refuse(value,
                  "the dict that get_state(legacy=False) of a RandomState "
                  "gives, with its key as a list",
                  problem);
}

/* The form of generators whose names begin so. */
static const struct {
    const char *name;
    enum problem_code (*read)(const struct sow_generator *generator,
                              const struct value *value, uint8_t *bytes,
                              struct problem *problem);
    void (*put)(struct text *text, const struct sow_generator *generator,
                const uint8_t *bytes);
} forms[] = {
    {"torch/", read_base64, put_base64},
    {"numpy/randomstate", read_random, state_put_mt19937},
    {"numpy/", read_generator, state_put_pcg64},
    {"", read_key, put_key},
};

static size_t find(const struct sow_generator *generator)
{
    size_t i = 0;

    while (strncmp(generator->name, forms[i].name, strlen(forms[i].name)) != 0)
        i++;
    return i;
}

enum problem_code state_read(const struct sow_generator *generator,
                             const struct value *value,
                             uint8_t bytes[STATE_BYTES],
                             struct problem *problem)
{
    return forms[find(generator)].read(generator, value, bytes, problem);
}

void state_put(struct text *text, const struct sow_generator *generator,
               const uint8_t *bytes)
{
    forms[find(generator)].put(text, generator, bytes);
}
