/* SPDX-License-Identifier: MIT */
/* Reading the known answers of tests/vectors/. */
#include "vectors.h"

#include <check.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void vectors_open(struct vectors *vectors, const char *name)
{
    const char *folder = getenv("VECTORS");
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s",
                     folder ? folder : "tests/vectors", name);

    ck_assert(n > 0 && (size_t)n < sizeof path);
    *vectors = (struct vectors){.file = fopen(path, "r"), .name = name};
    ck_assert_msg(vectors->file != NULL, "%s: %s", path, strerror(errno));
}

void vectors_close(struct vectors *vectors)
{
    fclose(vectors->file);
    free(vectors->text);
    ck_assert_msg(vectors->line > 1, "%s holds no vectors", vectors->name);
    ck_assert_msg(vectors->failures == 0, "%u failures in %u lines of %s",
                  vectors->failures, vectors->line, vectors->name);
}

void vectors_complain(struct vectors *vectors, const char *format, ...)
{
    va_list arguments;

    vectors->failures++;
    fprintf(stderr, "%s:%u: ", vectors->name, vectors->line);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

/* ---- the values of keys ------------------------------------------------- */

static bool take_u64(const char *text, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(text, &end, 10);
    return end != text && *end == '\0' && errno == 0;
}

/* "64,33" into at most 'room' numbers; "" and "()" are none of them. */
static bool take_list(const char *text, int base, uint64_t *values,
                      uint32_t room, uint32_t *count)
{
    *count = 0;
    if (*text == '\0' || strcmp(text, "()") == 0)
        return true;
    for (;;) {
        char *end;

        if (*count == room)
            return false;
        values[(*count)++] = strtoull(text, &end, base);
        if (end == text || (*end != ',' && *end != '\0'))
            return false;
        if (*end == '\0')
            return true;
        text = end + 1;
    }
}

static bool take_words(const char *text, uint32_t words[VECTOR_WORDS])
{
    uint64_t values[VECTOR_WORDS];
    uint32_t count;

    if (!take_list(text, 16, values, VECTOR_WORDS, &count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        words[i] = (uint32_t)values[i];
    return true;
}

static bool take_axes(struct vector *v, const char *text, uint8_t *mask)
{
    uint64_t axes[SOW_MAX_RANK];
    uint32_t count;

    v->spec.layout = SOW_EXPLICIT;
    if (!take_list(text, 10, axes, SOW_MAX_RANK, &count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (axes[i] >= SOW_MAX_RANK)
            return false;
        *mask = (uint8_t)(*mask | 1u << axes[i]);
    }
    return true;
}

static bool take_scheme(struct vector *v, const char *text)
{
    const struct sow_scheme_info *info = sow_scheme_find(text);

    if (info == NULL)
        return false;
    v->scheme = text;
    sow_scheme_init(&v->spec.scheme, info);
    return true;
}

static bool take_choice(const char *const *choices, const char *text,
                        double *value)
{
    for (int i = 0; choices[i] != NULL; i++) {
        if (strcmp(choices[i], text) == 0) {
            *value = i;
            return true;
        }
    }
    return false;
}

static bool take_number(const char *text, double *value)
{
    char *end;

    *value = strtod(text, &end);
    return end != text && *end == '\0';
}

/* A key that is none of the format's own is a parameter of the scheme. */
static bool take_parameter(struct vector *v, const char *key, const char *text)
{
    static const char *const flags[] = {"false", "true", NULL};
    const struct sow_scheme_info *info = v->spec.scheme.info;
    int i = info ? sow_scheme_parameter(info, key) : -1;
    double *value;

    if (i < 0)
        return false;
    value = &v->spec.scheme.values[i];
    if (info->parameters[i].kind == SOW_CHOICE)
        return take_choice(info->parameters[i].choices, text, value);
    if (info->parameters[i].kind == SOW_FLAG)
        return take_choice(flags, text, value);
    return take_number(text, value);
}

/* The keys whose value is the text itself. */
static const char **text_of(struct vector *v, const char *key)
{
    const struct {
        const char *key;
        const char **text;
    } texts[] = {
        {"name", &v->spec.name},  {"label", &v->label}, {"id", &v->id},
        {"blake2b", &v->blake2b}, {"head", &v->head},   {"sha256", &v->sha256},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(texts[i].key, key) == 0)
            return texts[i].text;
    return NULL;
}

enum value_kind { U64, NUMBER, WORDS, AXES, SHAPE, DTYPE, LAYOUT, SCHEME };

static bool take_kind(struct vector *v, enum value_kind kind, const char *text,
                      void *into)
{
    struct sow_shape *shape = &v->spec.shape;

    switch (kind) {
    case U64:
        return take_u64(text, into);
    case NUMBER:
        return take_number(text, into);
    case WORDS:
        return take_words(text, into);
    case AXES:
        return take_axes(v, text, into);
    case SHAPE:
        return take_list(text, 10, shape->dims, SOW_MAX_RANK, &shape->rank);
    case DTYPE:
        return sow_dtype_find(text, &v->spec.dtype);
    case LAYOUT:
        return sow_layout_find(text, &v->spec.layout);
    case SCHEME:
        return take_scheme(v, text);
    }
    return false;
}

static bool take(struct vector *v, const char *key, const char *text)
{
    const struct {
        const char *key;
        enum value_kind kind;
        void *into;
    } keys[] = {
        {"seed", U64, &v->spec.seed},
        {"start", U64, &v->start},
        {"count", U64, &v->count},
        {"multiplier", NUMBER, &v->spec.multiplier},
        {"counter", WORDS, v->counter},
        {"key", WORDS, v->key},
        {"out", WORDS, v->out},
        {"in_axes", AXES, &v->spec.axes.in},
        {"out_axes", AXES, &v->spec.axes.out},
        {"batch_axes", AXES, &v->spec.axes.batch},
        {"shape", SHAPE, NULL},
        {"dtype", DTYPE, NULL},
        {"layout", LAYOUT, NULL},
        {"scheme", SCHEME, NULL},
    };
    const char **plain = text_of(v, key);

    if (plain != NULL) {
        *plain = text;
        return true;
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(keys[i].key, key) == 0)
            return take_kind(v, keys[i].kind, text, keys[i].into);
    return take_parameter(v, key, text);
}

/* Read the pairs of the current line, which is cut up. */
static bool vector_parse(struct vectors *vectors, struct vector *v)
{
    char *rest = vectors->text;
    char *pair;

    *v = (struct vector){.spec.name = "", .spec.multiplier = 1};
    while ((pair = strsep(&rest, " ")) != NULL) {
        char *value = strchr(pair, '=');

        if (value != NULL)
            *value++ = '\0';
        if (value == NULL || !take(v, pair, value)) {
            vectors_complain(vectors, "cannot be understood: %s", pair);
            return false;
        }
    }
    return true;
}

bool vectors_next(struct vectors *vectors, struct vector *v)
{
    while (getline(&vectors->text, &vectors->room, vectors->file) > 0) {
        vectors->line++;
        vectors->text[strcspn(vectors->text, "\n")] = '\0';
        if (vectors->text[0] != '#' && vector_parse(vectors, v))
            return true;
    }
    return false;
}
