/* SPDX-License-Identifier: MIT */
/* States of NumPy's generators in JSON; the bytes are lib/generator.h's. */
#include "state_numpy.h"

#include <math.h>
#include <string.h>

void state_store(uint8_t *bytes, uint64_t number, size_t size)
{
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(number >> 8 * i);
}

uint64_t state_load(const uint8_t *bytes, size_t size)
{
    uint64_t number = 0;

    for (size_t i = 0; i < size; i++)
        number |= (uint64_t)bytes[i] << 8 * i;
    return number;
}

bool state_integer(const json_t *json, uint64_t most, uint64_t *number)
{
    const json_int_t value = json_integer_value(json);

    if (!json_is_integer(json) || value < 0 || (uint64_t)value > most)
        return false;
    *number = (uint64_t)value;
    return true;
}

/* Does member 'key' say 'text'? */
static bool says(const json_t *json, const char *key, const char *text)
{
    const char *string = json_string_value(json_object_get(json, key));

    return string && strcmp(string, text) == 0;
}

/* Store member 'key', a number of 'size' bytes, at 'bytes'. */
static bool read_member(const json_t *json, const char *key, uint64_t most,
                        uint8_t *bytes, size_t size)
{
    uint64_t number;

    if (!state_integer(json_object_get(json, key), most, &number))
        return false;
    state_store(bytes, number, size);
    return true;
}

/* ------------------------------------------------------------------------
 * Numbers of 128 bits
 */

#define WORDS 4

/* words = words * factor + add; what passes 128 bits is returned. */
static uint32_t multiply(uint32_t words[WORDS], uint32_t factor, uint32_t add)
{
    uint64_t carry = add;

    for (size_t i = 0; i < WORDS; i++) {
        carry += (uint64_t)words[i] * factor;
        words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return (uint32_t)carry;
}

/* words = words / 10; the remainder is returned. */
static uint32_t divide(uint32_t words[WORDS])
{
    uint64_t rest = 0;

    for (size_t i = WORDS; i-- > 0;) {
        rest = rest << 32 | words[i];
        words[i] = (uint32_t)(rest / 10);
        rest %= 10;
    }
    return (uint32_t)rest;
}

/* Read the digits of a number of up to 128 bits. */
static bool read_digits(const char *text, uint8_t bytes[16])
{
    uint32_t words[WORDS] = {0};
    const size_t n = strspn(text, "0123456789");

    if (n == 0 || n > 39 || text[n] != '\0')
        return false;
    for (size_t i = 0; i < n; i++)
        if (multiply(words, 10, (uint32_t)(text[i] - '0')) != 0)
            return false;
    for (size_t i = 0; i < WORDS; i++)
        state_store(bytes + 4 * i, words[i], 4);
    return true;
}

static bool read_wide(const json_t *json, uint8_t bytes[16])
{
    uint64_t number;

    if (json_is_string(json))
        return read_digits(json_string_value(json), bytes);
    if (!state_integer(json, INT64_MAX, &number))
        return false;
    memset(bytes, 0, 16);
    state_store(bytes, number, 8);
    return true;
}

static void put_wide(struct text *text, const char *key,
                     const uint8_t bytes[16])
{
    char digits[40] = {0};
    size_t at = sizeof digits - 1;
    uint32_t words[WORDS];

    for (size_t i = 0; i < WORDS; i++)
        words[i] = (uint32_t)state_load(bytes + 4 * i, 4);
    do
        digits[--at] = (char)('0' + divide(words));
    while (words[0] || words[1] || words[2] || words[3]);
    text_put_member(text, key, digits + at);
}

/* ------------------------------------------------------------------------
 * Generators
 */

const char *state_pcg64_name(const struct sow_generator *generator)
{
    return strstr(generator->name, "dxsm") ? "PCG64DXSM" : "PCG64";
}

bool state_read_pcg64(const struct sow_generator *generator, const json_t *json,
                      uint8_t *bytes)
{
    const json_t *state = json_object_get(json, "state");

    memset(bytes, 0, 48);
    return says(json, "bit_generator", state_pcg64_name(generator)) &&
           read_wide(json_object_get(state, "state"), bytes) &&
           read_wide(json_object_get(state, "inc"), bytes + 16) &&
           read_member(json, "has_uint32", 1, bytes + 32, 4) &&
           read_member(json, "uinteger", UINT32_MAX, bytes + 36, 4);
}

void state_put_pcg64(struct text *text, const struct sow_generator *generator,
                     const uint8_t *bytes)
{
    text_put(text, "{");
    text_put_member(text, "bit_generator", state_pcg64_name(generator));
    text_put_key(text, "state");
    text_put(text, "{");
    put_wide(text, "state", bytes);
    put_wide(text, "inc", bytes + 16);
    text_put(text, "}");
    text_put_key(text, "has_uint32");
    text_put_integer(text, state_load(bytes + 32, 4));
    text_put_key(text, "uinteger");
    text_put_integer(text, state_load(bytes + 36, 4));
    text_put(text, "}");
}

/* ------------------------------------------------------------------------
 * RandomState
 */

#define KEY 624

static bool read_gauss(const json_t *json, uint8_t bytes[8])
{
    const double gauss = json_number_value(json);

    if (!json_is_number(json) || !isfinite(gauss))
        return false;
    memcpy(bytes, &gauss, sizeof gauss);
    return true;
}

bool state_read_mt19937(const json_t *json, uint8_t *bytes)
{
    const json_t *state = json_object_get(json, "state");
    const json_t *key = json_object_get(state, "key");

    memset(bytes, 0, 2520);
    if (!says(json, "bit_generator", "MT19937") || json_array_size(key) != KEY)
        return false;
    for (size_t i = 0; i < KEY; i++) {
        uint64_t word;
        if (!state_integer(json_array_get(key, i), UINT32_MAX, &word))
            return false;
        state_store(bytes + 4 * i, word, 4);
    }
    return read_member(state, "pos", KEY, bytes + 2496, 4) &&
           read_member(json, "has_gauss", 1, bytes + 2500, 4) &&
           read_gauss(json_object_get(json, "gauss"), bytes + 2504);
}

void state_put_mt19937(struct text *text, const struct sow_generator *generator,
                       const uint8_t *bytes)
{
    double gauss;

    (void)generator;
    memcpy(&gauss, bytes + 2504, sizeof gauss);
    text_put(text, "{\"bit_generator\":\"MT19937\",\"state\":{\"key\":[");
    for (size_t i = 0; i < KEY; i++) {
        text_put_entry(text);
        text_put_integer(text, state_load(bytes + 4 * i, 4));
    }
    text_put(text, "],\"pos\":");
    text_put_integer(text, state_load(bytes + 2496, 4));
    text_put(text, "},\"has_gauss\":");
    text_put_integer(text, state_load(bytes + 2500, 4));
    text_put(text, ",\"gauss\":");
    text_put_number(text, gauss);
    text_put(text, "}");
}
