/* SPDX-License-Identifier: MIT */
/*
 * How fast tensors become JSON text: nested_write() into one buffer, with the
 * values generated as it goes, as answers are written; in processor time of one
 * thread.
 *
 * Usage: text SCHEME DTYPE ELEMENTS SECONDS [FILE]; FILE gets the values as
 * raw bytes, for others to write the same.  Prints JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "formats/nested.h"

#define COLUMNS 64
#define TEXT 16384

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "text: %s\n", what);
    exit(1);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void tensor_make(struct sow_tensor *tensor, char **arguments)
{
    const struct sow_scheme_info *info = sow_scheme_find(arguments[1]);
    struct sow_spec spec = {.name = "bench", .seed = 42, .multiplier = 1};
    uint64_t elements = strtoull(arguments[3], NULL, 10);
    struct sow_error error;

    if (info == NULL || !sow_dtype_find(arguments[2], &spec.dtype))
        fail("no such scheme, or no such type");
    spec.shape =
        (struct sow_shape){.rank = 2, .dims = {elements / COLUMNS, COLUMNS}};
    sow_scheme_init(&spec.scheme, info);
    if (sow_tensor_init(tensor, &spec, &error) != SOW_OK)
        fail(error.text);
}

/* Bytes of text. */
static double write_text(const struct sow_engine *engine,
                         const struct sow_tensor *tensor)
{
    static struct nested nested;
    static char text[TEXT];
    double bytes = 0;
    long n;

    nested_begin(&nested, engine, tensor);
    while ((n = nested_write(&nested, text, sizeof text)) > 0)
        bytes += (double)n;
    if (n < 0)
        fail("the tensor can't be written");
    return bytes;
}

static void save(const struct sow_engine *engine,
                 const struct sow_tensor *tensor, const char *path)
{
    FILE *out = fopen(path, "w");
    void *values = malloc((size_t)tensor->size);

    if (out == NULL || values == NULL ||
        sow_tensor_read(engine, tensor, 0, values, (size_t)tensor->size) !=
            SOW_OK ||
        fwrite(values, 1, (size_t)tensor->size, out) != tensor->size ||
        fclose(out) != 0)
        fail("the values can't be saved");
    free(values);
}

int main(int count, char **arguments)
{
    const struct sow_engine *engine;
    struct sow_tensor tensor;
    double begin, bytes, passed, total = 0, times = 0;

    if (count < 5)
        fail("usage: text SCHEME DTYPE ELEMENTS SECONDS [FILE]");
    if (sow_init() != SOW_OK || sow_engine_choose(NULL, &engine) != SOW_OK)
        fail("the library can't start");
    tensor_make(&tensor, arguments);
    if (count > 5)
        save(engine, &tensor, arguments[5]);
    begin = now();
    do {
        bytes = write_text(engine, &tensor);
        total += bytes;
        times++;
        passed = now() - begin;
    } while (passed < strtod(arguments[4], NULL));
    printf("{\"bench\":\"text\",\"text_bytes\":%.0f,\"bytes_per_s\":%.6g,"
           "\"elements_per_s\":%.6g}\n",
           bytes, total / passed,
           times * (double)(tensor.size / sow_dtype_size(tensor.spec.dtype)) /
               passed);
    return 0;
}
